"""Where the grammar and the shipped networks lie: inside the wheel, or beside a checkout's package."""

from __future__ import annotations

import os.path


def folder(name: str) -> str:
    """The folder `grammars` or `specs`."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, name)
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), name)
