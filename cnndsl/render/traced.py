"""A network from its input to its output, a line a layer, with sizes and parameters worked.

conv1  CONV(96, 11x11, s=4)  (227 + 2·0 − 11)/4 + 1 = 55  96@55x55  96·11·11·3 + 96 = 34 944
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.explain.trace import worked_parameters
from cnndsl.render import summary
from cnndsl.render.explained import INDENT, size, wrapped
from cnndsl.render.outline import outline
from cnndsl.render.table import FOLDED, line_width, name_pieces
from cnndsl.render.text import Line, aligned, width

if TYPE_CHECKING:
    from cnndsl.network import Network
    from cnndsl.render.outline import Entry

HEAD = ("layer", "size", "output", "parameters")
#: Where no window limits the text, lines are still not longer than this.
WIDEST = 160
LETTERS = (
    "sizes: (W + 2p − w)/s + 1 for a window w with padding p and stride s; C·H·W where a map is flattened",
    "parameters: D·w·h·C weights for D filters over C channels, and D biases; m·n weights from n to m values",
)


class Row(NamedTuple):
    name: Line
    cells: tuple[str, str, str, str]
    copies: int


def traced(network: Network, limit: int | None) -> Iterator[Line]:
    """The lines of a network."""
    room = min(limit or WIDEST, WIDEST)
    yield [(summary.title(network), "title")]
    for text in summary.doc(network.program):
        yield from ([(line, "faint")] for line in wrapped(text, room))
    yield []
    found = [_row(entry) for entry in outline(network)]
    yield from _table(found, room)
    yield from ([(FOLDED, "faint")],) * any(row.copies > 1 for row in found)
    yield []
    for text in LETTERS:
        yield from ([(line, "faint")] for line in wrapped(text, room))
    yield []
    if network.known:
        yield from aligned(summary.facts(network), styles=("total",))
    else:
        yield [(summary.NO_TOTALS, "error")]


def _row(entry: Entry) -> Row:
    output = str(entry.output) if entry.output else "" if entry.known else "?"
    return Row(name_pieces(entry), (entry.step, size(entry), output, _learnt(entry)), entry.copies)


def _learnt(entry: Entry) -> str:
    row = entry.row
    if row is None or not row.known or row.layer is None or row.input is None or row.output is None:
        return ""
    return worked_parameters(row.layer, row.input, row.output)


def _table(found: Sequence[Row], room: int) -> Iterator[Line]:
    """As many columns as there is room for; sizes that have none stand below their layers."""
    names = max((line_width(row.name) for row in found), default=0)
    needed = 0
    for columns in ((0, 1, 2, 3), (0, 1, 2), (0, 2)):
        cells = [tuple(row.cells[column] for column in columns) for row in found]
        texts = [tuple(HEAD[column] for column in columns), *cells]
        space = names + sum(max(map(width, column)) + len(INDENT) for column in zip(*texts, strict=True))
        needed = needed or space
        if space <= room:
            break
    yield from _lines(found, names, 1 in columns, texts)
    if needed > room:
        yield [(f"a window of {needed} columns has room for the parameters of each layer", "hint")]


def _lines(found: Sequence[Row], names: int, sized: bool, texts: Sequence[Sequence[str]]) -> Iterator[Line]:
    styles = ("title", "size", "output", "faint") if sized else ("title", "output")
    head, *lines = aligned(texts, styles=styles)
    titles = "".join(text for text, _ in head).rstrip()
    yield [(f"name{' ' * (names - 4)}  {titles}", "head")]
    yield [("─" * max(names + len(INDENT) + line_width(line) for line in [head, *lines]), "faint")]
    for row, line in zip(found, lines, strict=True):
        yield [*row.name, (" " * (names - line_width(row.name)) + INDENT, ""), *line]
        parts = row.cells[1].split(", ") if row.cells[1] and not sized else ()
        yield from ([(" " * (names + 4) + part, "size")] for part in parts)
