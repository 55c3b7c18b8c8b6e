"""The page of a code for a terminal: the little Markdown that such pages are written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from cnndsl.diagnostics import CATALOGUE
from cnndsl.render.explained import INDENT, WIDEST, wrapped
from cnndsl.render.text import Line, aligned

if TYPE_CHECKING:
    from cnndsl.diagnostics import Code

#: What is set apart inside a line.
_CODE = re.compile(r"(`[^`]+`)")
_FENCE = "```"


def page(text: str, limit: int | None) -> Iterator[Line]:
    """The lines of a page."""
    room = min(limit or WIDEST, WIDEST)
    lines = iter(text.strip().splitlines())
    paragraph: list[str] = []
    code = ""
    for line in lines:
        if line.startswith((_FENCE, "# ", "- ")) or not line:
            yield from _paragraph(paragraph, room)
            paragraph = []
        if line.startswith("# "):
            code = line.removeprefix("# ")
            yield [(code, "title")]
        elif line.startswith(_FENCE):
            yield from _block(line.removeprefix(_FENCE), _until_fence(lines), code)
        elif line:
            paragraph.append(line.strip())
        else:
            yield []
    yield from _paragraph(paragraph, room)


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith(_FENCE):
            return
        yield line


def _block(info: str, lines: Iterable[str], code: str) -> Iterator[Line]:
    """An example, below what it gives."""
    language, _, rest = info.partition(" ")
    verdict, _, options = rest.partition(" ")
    if language == "cnn":
        said = (f"gives {code}", CATALOGUE[code].severity) if verdict == "bad" else ("is fine", "hint")
        yield [(INDENT, ""), said, (f", with {options}" if options else "", "faint")]
    yield from ([(INDENT * 2 + line, "size")] for line in lines)


def _paragraph(lines: list[str], room: int) -> Iterator[Line]:
    """Lines of the page as lines of the window; an item of a list has a bullet."""
    text = " ".join(lines)
    item = text.startswith("- ")
    for number, line in enumerate(wrapped(text.removeprefix("- "), room - 2 * item) if lines else ()):
        lead: Line = [("  " if number else "• ", "hint")] if item else []
        yield [*lead, *_styled(line)]


def _styled(line: str) -> Line:
    """Pieces of a line, its `code` in a colour."""
    return [(piece, "size" if number % 2 else "") for number, piece in enumerate(_CODE.split(line))]


def listing(codes: Mapping[str, Code], limit: int | None) -> Iterator[Line]:
    """All codes with what they mean."""
    kinds = {code: f"{entry.severity}{', pedantic' * entry.pedantic}" for code, entry in codes.items()}
    space = len(max(codes, key=len)) + len(max(kinds.values(), key=len)) + 2 * len(INDENT)
    rows = [("code", "severity", "what it means")]
    for code, entry in codes.items():
        first, *more = wrapped(entry.summary, (limit or WIDEST + space) - space)
        rows += [(code, kinds[code], first), *(("", "", text) for text in more)]
    yield from aligned(rows, head=True, styles=("title", "faint"))
    yield from ([], [("cnndsl explain CODE", "hint"), (" shows the page of one", "")])
