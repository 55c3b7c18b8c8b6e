"""What the fixture `golden` is: a module of its own, since each folder of tests can have a `conftest`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"

#: Compares a text with the golden file of a name.
Golden = Callable[[str, str], None]
