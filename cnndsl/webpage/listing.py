"""The source with its colours, and the diagnostics at the lines that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from cnndsl.render.text import visible

if TYPE_CHECKING:
    from cnndsl.diagnostics import Diagnostic
    from cnndsl.source import Source, Span


def listing(source: Source, diagnostics: Iterable[Diagnostic]) -> str:
    """The numbered lines; below a line what is wrong in it, with the place underlined."""
    here = [one for one in diagnostics if one.span.source is source]
    last = len(source.line_starts)
    if not source.line(last) and not _at(here, last):
        last -= 1  # what stands behind the newline that ends the file
    lines = (_line(source, number, _at(here, number)) for number in range(1, last + 1))
    return f'<ol class="listing">{"".join(lines)}</ol>'


def _at(diagnostics: Sequence[Diagnostic], number: int) -> list[Diagnostic]:
    return [one for one in diagnostics if one.span.source.position(one.span.start)[0] == number]


def _line(source: Source, number: int, found: Sequence[Diagnostic]) -> str:
    text = source.line(number)
    marks = sorted({_columns(one.span, number) for one in found})
    code = "".join(_marked(text, marks))
    said = "".join(f'<p class="{one.severity}">{_message(one)}</p>' for one in found)
    return f'<li id="line-{number}"><code>{code}</code>{said}</li>'


def _message(diagnostic: Diagnostic) -> str:
    told = [diagnostic.message, *diagnostic.hints]
    return f"{diagnostic.severity}[{diagnostic.code}]: {'<br>'.join(escape(visible(one)) for one in told)}"


def _columns(span: Span, number: int) -> tuple[int, int]:
    """The columns of a span within one line."""
    start = span.source.line_starts[number - 1]
    end = start + len(span.source.line(number))
    return span.start - start, max(span.start + 1, min(span.end, end)) - start


def _marked(text: str, marks: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The text with the places in `marks`; one inside another is part of it."""
    at = 0
    for start, end in marks:
        if start >= at:
            yield escape(visible(text[at:start]))
            yield f"<mark>{escape(visible(text[start:end]))}</mark>"
            at = max(end, at)
    yield escape(visible(text[at:]))
