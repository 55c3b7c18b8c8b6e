"""How a report is shown: a file per format. Only here is rich imported, and only for a terminal."""
