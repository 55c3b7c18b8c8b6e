"""The page of a layer kind for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnndsl.render.explained import INDENT, WIDEST, sections, wrapped
from cnndsl.render.text import Line, aligned, width

if TYPE_CHECKING:
    from cnndsl.explain.layers import Argument, KindPage


def kind(page: KindPage, limit: int | None) -> Iterator[Line]:
    """The lines of a page."""
    room = min(limit or WIDEST, WIDEST)
    yield [(page.name, "title"), (f", {page.said}" if page.said else "", "faint")]
    for text in page.doc:
        yield from ([(line, "faint")] for line in wrapped(text, room))
    yield from ([], [("Written", "head")])
    yield from ([(line, "size")] for line in wrapped(page.usage, room, INDENT))
    if page.arguments:
        yield from _arguments(page.arguments, room)
    yield from ([], [("Example", "head")])
    yield [(INDENT, ""), (page.example, "size"), (f"   {page.worked.shapes}", "output")]
    yield from sections(page.worked.sections, room)


def _arguments(arguments: list[Argument], room: int) -> Iterator[Line]:
    heads = ("argument", "short", "letters", "default")
    columns = [heads, *(tuple(one)[:4] for one in arguments)]
    space = sum(max(width(row[place]) for row in columns) + 2 for place in range(4))
    rows: list[tuple[str, ...]] = [(*heads, "what it is")]
    for one in arguments:
        first, *more = wrapped(one.meaning, room - space - len(INDENT))
        rows += [(*one[:4], first), *((*("",) * 4, text) for text in more)]
    yield []
    lines = aligned(rows, styles=("title", "", "", "size", "faint"), head=True)
    yield from ([(INDENT, ""), *line] for line in lines)
