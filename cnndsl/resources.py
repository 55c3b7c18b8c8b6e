"""Where the grammar and the shipped networks lie: inside the wheel, or beside a checkout's package."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """The folder `grammars` or `specs`."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
