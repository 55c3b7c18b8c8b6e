"""The line of a source that is spoken of, with marks below the place.

5 │ → CONV(96, 11x11, s=4) : 96@55x55 → ReLU
  │                          ^^^^^^^^
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnndsl.render.text import Line, visible, width
from cnndsl.source import Source, Span

TAB = "    "
ROOM = 100


class Mark(NamedTuple):
    """Signs such as `^` under a span, and what is said beside them."""

    span: Span
    sign: str
    style: str
    text: str = ""


class _Window(NamedTuple):
    """The part of a line that is shown: characters `start` to `end` of the source."""

    source: Source
    start: int
    end: int
    cut_before: bool
    cut_after: bool

    @property
    def text(self) -> str:
        return (
            f"{'…' * self.cut_before}{_safe(self.source.text[self.start : self.end])}{'…' * self.cut_after}"
        )

    def column(self, offset: int) -> int:
        """Where a character of the source stands in the text shown."""
        return self.cut_before + width(_safe(self.source.text[self.start : offset]))


def excerpt(marks: Sequence[Mark], gutter: int, limit: int | None, above: int = 0) -> Iterator[Line]:
    """One line of a source and the marks in it, the first of which is to be seen in any case.

    `above` counts lines that stand before the source's first one.
    """
    source = marks[0].span.source
    number, _ = source.position(marks[0].span.start)
    window = _window(source, number, marks[0].span, (limit or ROOM) - gutter - 4)
    yield [(f" {number + above:>{gutter}} │ ", "faint"), (window.text, "")]
    for mark in marks:
        yield [(f" {'':>{gutter}} │ ", "faint"), *_underline(mark, window)]


def _window(source: Source, number: int, span: Span, room: int) -> _Window:
    """As much of a line as there is room for, with the start of the span in it.

    Looks at no more of the line than that: it may be a megabyte long.
    """
    room = max(room, 40)
    first, last = source.line_starts[number - 1], _line_end(source, number)
    if last - first <= room and width(_safe(source.text[first:last])) <= room:
        return _Window(source, first, last, False, False)
    start = max(first, min(span.start, last) - room // 3)
    end, used = start, 2  # the columns of two ellipses
    while end < last and (used := used + width(_safe(source.text[end]))) <= room:
        end += 1
    return _Window(source, start, end, start > first, end < last)


def _line_end(source: Source, number: int) -> int:
    """The end of a line, without its line break."""
    starts = source.line_starts
    return starts[number] - 1 if number < len(starts) else len(source.text)


def _underline(mark: Mark, window: _Window) -> Line:
    start = window.column(min(mark.span.start, window.end))
    end = window.column(max(window.start, min(mark.span.end, window.end)))
    signs = mark.sign * max(1, end - start)
    return [(f"{' ' * start}{signs}{' ' * bool(mark.text)}{mark.text}", mark.style)]


def _safe(text: str) -> str:
    return visible(text.replace("\t", TAB))
