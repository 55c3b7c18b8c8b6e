"""Explanations of layers, blocks and networks for a terminal.

Output size
  channels       D = 96
  width, height  (W + 2p − w)/s + 1 = (227 + 2·0 − 11)/4 + 1 = 55
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnndsl.explain.trace import worked_size
from cnndsl.render.excerpt import Mark, excerpt
from cnndsl.render.outline import part_outline
from cnndsl.render.table import name_pieces
from cnndsl.render.text import Line, aligned, width

if TYPE_CHECKING:
    from cnndsl.explain.explanation import Explanation
    from cnndsl.explain.formula import Fact, Formula, Section
    from cnndsl.render.outline import Entry

#: Where no window limits the text, lines are still not longer than this.
WIDEST = 100
INDENT = "  "
_NO_BREAK = "\u00a0"
#: Spaces inside short code, formulas and numbers: `a + b`, `= 5`, `34 848`.
_BINDING = re.compile(r"`[^`]{1,40}`| [+−] (?=[\w(⌊⌈])|(?<= =) |(?<=\d) (?=\d{3}(?!\d))")


def explained(explanation: Explanation, limit: int | None) -> Iterator[Line]:
    """The lines of an explanation."""
    room = min(limit or WIDEST, WIDEST)
    yield [(explanation.title, "title")]
    for text in explanation.doc:
        yield from ([(line, "faint")] for line in wrapped(text, room))
    yield []
    yield from _place(explanation, room)
    yield from ([(remark, "")] for remark in explanation.remarks)
    yield [(explanation.shapes, "output")]
    yield from _arguments(explanation)
    yield from _way(explanation)
    yield from sections(explanation.sections, room)
    yield from _inside(explanation)


def sections(found: Sequence[Section], room: int) -> Iterator[Line]:
    """Headings with the lines below them."""
    for section in found:
        yield from _section(section, room)


def wrapped(text: str, room: int, indent: str = "") -> list[str]:
    """The text in lines; a formula is broken before `=` alone."""
    bound = _BINDING.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
    lines = textwrap.wrap(
        bound, max(room, 30), initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )
    return [line.replace(_NO_BREAK, " ") for line in lines] or [""]


def _place(explanation: Explanation, room: int) -> Iterator[Line]:
    """The line of the source in which the step stands."""
    span = explanation.span
    line, _ = span.source.position(span.start)
    yield [(f"{span.source.name}:{line}", "place")]
    yield from excerpt([Mark(span, "^", "size")], len(str(line)), room)


def _arguments(explanation: Explanation) -> Iterator[Line]:
    if explanation.arguments:
        yield from ([], [("Arguments", "head")])
        rows = [
            (INDENT + one.name, f"{one.letter} =" if one.letter else "", one.value, one.origin)
            for one in explanation.arguments
        ]
        yield from aligned(rows, styles=("", "", "size", "faint"))


def _way(explanation: Explanation) -> Iterator[Line]:
    if explanation.way:
        heading = ("What arrives, step by step", "head")
        yield from ([], [heading, (" (steps that keep the shape are left out)", "faint")])
        rows = [(f"{INDENT}{one.name}", one.step, one.size, one.output) for one in explanation.way]
        yield from aligned(rows, styles=("", "", "size", "output"))


def _section(section: Section, room: int) -> Iterator[Line]:
    yield []
    yield [(section.title, "head")]
    if section.legend:
        yield from ([(line, "faint")] for line in wrapped(section.legend, room, INDENT))
    space = max((width(fact.label) for fact in section.facts), default=0)
    for fact in section.facts:
        yield from _fact(fact, space, room)


def _fact(fact: Fact, space: int, room: int) -> Iterator[Line]:
    """A label and its formula, broken before `=` where it is too long, and the notes below."""
    label = f"{INDENT}{fact.label}{' ' * (space - width(fact.label))}{INDENT if space else ''}"
    indent = " " * width(label)
    rest = room - len(indent)
    lines = _formula(fact.formula, rest) if fact.formula else _text(fact.text, rest)
    for number, line in enumerate(lines):
        yield [(indent if number else label, ""), *line]
    for note in fact.notes:
        yield from ([(line, "faint")] for line in wrapped(note, room, indent))


def _text(text: str, room: int) -> list[Line]:
    return [[(line, "")] for line in wrapped(text, room)]


def _formula(formula: Formula, room: int) -> list[Line]:
    *parts, result = formula.parts
    if not parts:
        return [[(result, "output")]]
    first, *more = parts
    line: Line = [(first, ""), *((f" = {part}", "size") for part in more), (" = ", ""), (result, "output")]
    if sum(width(text) for text, _ in line) <= room:
        return [line]
    below: list[Line] = [[(f"= {part}", "size")] for part in more]
    return [[(first, "")], *below, [("= ", ""), (result, "output")]]


def _inside(explanation: Explanation) -> Iterator[Line]:
    """The layers of a block, with their structure."""
    if explanation.inside is None:
        return
    yield from ([], [("Inside", "head")])
    entries = [*part_outline(*explanation.inside)]
    names = [[(INDENT, ""), *name_pieces(entry)] for entry in entries]
    rows = [(entry.step, size(entry), str(entry.output or "")) for entry in entries]
    yield from _beside(names, rows)


def size(entry: Entry) -> str:
    """How the extents of a line's output follow from what arrives."""
    row = entry.row
    if row is None or row.layer is None or row.input is None or row.output is None:
        return entry.size
    if not row.known or row.kind == "FC":  # a line above an FC shows the flatten
        return ""
    return worked_size(row.layer, row.input, row.output)


def _beside(names: Sequence[Line], rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Names made of pieces in front of aligned columns."""
    space = max(sum(width(text) for text, _ in name) for name in names)
    for name, row in zip(names, aligned(rows, styles=("title", "size", "output")), strict=True):
        used = sum(width(text) for text, _ in name)
        yield [*name, (" " * (space - used) + INDENT, ""), *row]
