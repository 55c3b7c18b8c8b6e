"""Lines on their way out: plain text, or colours where someone looks at a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

from cnndsl.render.text import Line, plain, visible

#: What rich makes of each style.
STYLES = {
    "": "",
    "title": "bold",
    "head": "bold",
    "faint": "dim",
    "size": "cyan",
    "output": "bold green",
    "group": "bold",
    "total": "bold",
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "hint": "bold green",
    "place": "bold",
}


def columns(stream: TextIO) -> int | None:
    """How wide the reader's window is; None where nobody's window limits the text."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and 0 < len(asked) < 6 and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


def in_colour(stream: TextIO, wish: str) -> bool:
    """Whether to use colours: `always`, `never`, or by what `stream` and NO_COLOR say."""
    if wish != "auto":
        return wish == "always"
    unwanted = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not unwanted


def write(lines: Iterable[Line], stream: TextIO, *, colour: bool) -> None:
    """Print lines; with `colour`, by way of rich."""
    if not colour:
        stream.writelines(f"{plain(line)}\n" for line in lines)
        return
    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    console = Console(
        file=stream,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        highlight=False,
        soft_wrap=True,
    )
    styles = {name: Style.parse(style) for name, style in STYLES.items()}
    for line in lines:
        text = Text.assemble(*((visible(text), styles[style]) for text, style in line))
        text.rstrip()  # spaces behind the last column would break the line in a narrow window
        console.print(text)
