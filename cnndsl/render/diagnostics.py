"""Diagnostics for people at a terminal, and a line each for editors and scripts.

alexnet.cnn:5:26: error[claim]: this is 96@54x54, not 96@55x55 as claimed
 5 │ → CONV(96, 11x11, s=4) : 96@55x55 → ReLU
   │                          ^^^^^^^^
   help: its size is ⌊(224 − 11)/4⌋ + 1 = 54
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cnndsl.render.excerpt import Mark, excerpt
from cnndsl.render.text import Line, counted
from cnndsl.source import Source, Span

if TYPE_CHECKING:
    from cnndsl.diagnostics import Diagnostic, Fix


def concise(diagnostic: Diagnostic) -> Line:
    """A diagnostic in one line: `a.cnn:5:26: error[claim]: this is …`."""
    severity = diagnostic.severity
    message = " ".join(diagnostic.message.splitlines())
    return [
        (f"{place(diagnostic.span)}: ", "place"),
        (f"{severity}[{diagnostic.code}]", severity),
        (f": {message}", "place"),
    ]


def place(span: Span) -> str:
    """`a.cnn:5:26`, line and column from 1; what could not be read has a name alone."""
    source = span.source
    if not source.text and source.path is None:
        return source.name
    line, column = source.position(min(span.start, len(source.text)))
    return f"{source.name}:{line}:{column}"


def detailed(diagnostics: Iterable[Diagnostic], limit: int | None) -> Iterator[Line]:
    """All diagnostics with the lines of the source that they speak of, and how many there are."""
    seen: dict[str, int] = {}
    for diagnostic in diagnostics:
        yield from [[]] * bool(seen)
        seen[diagnostic.severity] = seen.get(diagnostic.severity, 0) + 1
        yield from _detailed(diagnostic, limit)
    if sum(seen.values()) > 1:
        yield []
        yield [(", ".join(counted(number, severity) for severity, number in seen.items()), "place")]


def closing(diagnostics: Sequence[Diagnostic], safe: int, unsafe: int) -> Iterator[Line]:
    """What can be done next: how many findings have a fix, safe or not, and where more is said."""
    if safe:
        yield [(f"{safe} fixable with --fix{f' ({unsafe} more with --unsafe-fixes)' * bool(unsafe)}", "")]
    elif unsafe:
        yield [(f"{unsafe} fixable with --fix --unsafe-fixes", "")]
    errors = [diagnostic.code for diagnostic in diagnostics if diagnostic.severity == "error"]
    if errors:
        yield [(f"`cnndsl explain {errors[0]}` tells more; warnings come once there are no errors", "")]


def _detailed(diagnostic: Diagnostic, limit: int | None) -> Iterator[Line]:
    yield concise(diagnostic)
    marks = [Mark(diagnostic.span, "^", diagnostic.severity)]
    marks += [Mark(label.span, "-", "note", label.text) for label in diagnostic.labels]
    edits = [edit.span for fix in diagnostic.fixes for edit in fix.edits]
    gutter = max(len(str(_line(span))) for span in [*(mark.span for mark in marks), *edits])
    for group in _by_line(marks):
        if group[0].span.source is not diagnostic.span.source:
            yield [(f" in {place(group[0].span)}", "place")]
        yield from excerpt(group, gutter, limit) if group[0].span.source.text.strip() else ()
    indent = " " * (gutter + 4)
    for hint in diagnostic.hints:
        yield [(f"{indent}help: ", "hint"), (hint, "")]
    for fix in diagnostic.fixes[:1]:
        yield [(f"{indent}{'fix' if fix.safe else 'fix (unsafe)'}: ", "hint"), (fix.title, "")]
        yield from _mended(fix, gutter, limit)
    if diagnostic.fixes[1:]:
        yield [(f"{indent}or: ", "hint"), ("; ".join(fix.title for fix in diagnostic.fixes[1:]), "")]


def _line(span: Span) -> int:
    return span.source.position(span.start)[0]


def _by_line(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Marks in the same line together; the lines of the first mark's source in order, then others."""
    source = marks[0].span.source
    groups: dict[tuple[Source, int], list[Mark]] = {}
    for mark in marks:
        groups.setdefault((mark.span.source, _line(mark.span)), []).append(mark)
    here = sorted(line for where, line in groups if where is source)
    return [
        *(groups[source, line] for line in here),
        *(m for (where, _), m in groups.items() if where is not source),
    ]


def _mended(fix: Fix, gutter: int, limit: int | None) -> Iterator[Line]:
    """The line as it would be, with what is new marked; nothing for a fix over several lines."""
    spans = [edit.span for edit in fix.edits]
    lines = {_line(span) for span in spans}
    if len(lines) != 1 or any("\n" in edit.text for edit in fix.edits):
        return
    number = lines.pop()
    source = spans[0].source
    start, text = source.line_starts[number - 1], source.line(number)
    places: list[tuple[int, int]] = []
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        before, after = edit.span.start - start, edit.span.end - start
        text = text[:before] + edit.text + text[after:]
        places = [(at + len(edit.text) - (after - before), size) for at, size in places]
        places.insert(0, (before, len(edit.text)))
    line = Source(source.name, text)
    marks = [Mark(Span(line, at, at + size), "+", "hint") for at, size in places if size]
    if marks:
        yield from excerpt(marks, gutter, limit, number - 1)
