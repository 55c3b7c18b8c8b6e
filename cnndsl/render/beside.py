"""Networks beside each other, a column each: what corresponds stands in one row.

       AlexNet                                    VGG16
conv   CONV(96, 11x11, s=4)  96@55x55  <1 %       CONV(256, 3x3) ×3  256@56x56   1 %
pool   POOL(max, 3x3, s=2)   96@27x27             POOL(max, 2x2)     256@28x28
FC     FC(4096)              4096      61 % ████  FC(4096)           4096       74 % ████▌
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from cnndsl.analysis.alignment import Row, aligned_stages
from cnndsl.analysis.stages import Item, Stage, stages
from cnndsl.layers import FC
from cnndsl.network import LayerNode, Network
from cnndsl.render.items import BRIEF, USUAL, blocks_in, item_text
from cnndsl.render.text import Line, visible, width

#: A bar over the whole is so long; in a narrow window less.
LONGEST_BAR, SHORTEST_BAR = 12, 4
SHARE = 5  # `>99 %`
GAP, BETWEEN = 2, 3
_EIGHTHS = " ▏▎▍▌▋▊▉"
ROLES = {"input": "input", "stage": "conv", "head": "head", "chain": ""}


class Entry(NamedTuple):
    """A line of a column: an item with what it gives, and its share of the network's parameters."""

    text: str
    output: str
    share: float | None
    dense: bool  # an FC


class GridRow(NamedTuple):
    """Entries side by side, None where a network has nothing there."""

    label: str
    entries: tuple[Entry | None, ...]


class Grid:
    """Networks side by side, with the ways of setting them in a window."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self.networks = networks
        self.rows: list[Row] = aligned_stages([stages(network) for network in networks])

    def lines(self, names: Sequence[str], limit: int) -> list[Line] | None:
        """The lines in at most `limit` characters; None if that cannot be."""
        for levels in (1, 2, 3):
            for brief in (False, True):
                setting = Setting(names, self.table(brief=brief), levels)
                if setting.width(SHORTEST_BAR) <= limit:
                    return [*setting.lines(limit)]
        return None

    def needed(self, names: Sequence[str]) -> int:
        """The width of the narrowest setting."""
        return Setting(names, self.table(brief=True), 3).width(SHORTEST_BAR)

    def table(self, *, brief: bool) -> list[GridRow]:
        """The rows of all lines, from the inputs to the heads."""
        found: list[GridRow] = []
        for row in self.rows:
            label = _label(row)
            found += self._part(label, [_items(cell, brief) for cell in row.cells], row.role == "head", brief)
            pools = [cell.pools if cell else [] for cell in row.cells]
            found += self._part("pool", pools, False, brief)
        return found

    def blocks(self) -> list[tuple[str, str]]:
        """Uses of blocks that are shown, and what is in them."""
        return [*blocks_in(self.networks)]

    def _part(
        self, label: str, columns: Sequence[Sequence[Item]], below: bool, brief: bool
    ) -> Iterator[GridRow]:
        """Lists of items side by side; with `below` their last ones are level, else their first ones."""
        height = max(map(len, columns))
        filled: list[list[Item | None]] = []
        for items in columns:
            space: list[Item | None] = [None] * (height - len(items))
            filled.append([*space, *items] if below else [*items, *space])
        for number in range(height):
            entries = [
                self._entry(network, items[number], brief)
                for network, items in zip(self.networks, filled, strict=True)
            ]
            yield GridRow("" if number else label, tuple(entries))

    def _entry(self, network: Network, item: Item | None, brief: bool) -> Entry | None:
        if item is None:
            return None
        output = str(item.output) if item.output else "?"
        dense = isinstance(item.node, LayerNode) and item.node.kind is FC
        share = part_of(item.totals.params, network.totals.params) if item.totals.params != 0 else None
        return Entry(item_text(item, BRIEF if brief else USUAL), output, share, dense)


def part_of(number: int, whole: int) -> float | None:
    """A share; None where one of both is unknown or depends on the input's size."""
    return number / whole if type(number) is int and type(whole) is int and whole else None


def percent(share: float | None) -> str:
    """`61 %`; of a little `<1 %`, of all but a little `>99 %`."""
    if share is None:
        return ""
    rounded = round(100 * share)
    if share in (0, 1) or 0 < rounded < 100:
        return f"{rounded} %"
    return ">99 %" if rounded else "<1 %"


def bar(share: float | None, length: int) -> str:
    """A share as a bar of which the whole is `length` long, to an eighth."""
    full, eighths = divmod(round((share or 0) * length * 8), 8)
    return ("█" * full + _EIGHTHS[eighths]).rstrip()


def _label(row: Row) -> str:
    cells = [cell for cell in row.cells if cell]
    if row.role == "chain":
        return cells[0].name
    nodes = [item.node for cell in cells for item in cell.items]
    if row.role == "head" and any(isinstance(node, LayerNode) and node.kind is FC for node in nodes):
        return "FC"
    return ROLES[row.role]


def _items(cell: Stage | None, brief: bool) -> list[Item]:
    """The items of a stage; where blocks go by their name, those of one name in a row are one."""
    items = cell.items if cell else []
    if not brief or (cell and cell.role == "head"):
        return items
    found: list[Item] = []
    for _, alike in groupby(items, key=lambda item: item_text(item, BRIEF, counted=False)):
        first, *more = alike
        for item in more:
            totals = first.totals.plus(item.totals)
            first = Item(item.node, first.count + item.count, totals, item.output)
        found.append(first)
    return found


# ---- setting


class Setting:
    """Columns in one of three ways: an entry in one line, in two (the layer alone in its own), in three."""

    def __init__(self, names: Sequence[str], rows: Sequence[GridRow], levels: int) -> None:
        self._names, self._rows, self._levels = names, rows, levels
        self._label = max(width(row.label) for row in rows) + GAP
        columns = [[row.entries[number] for row in rows] for number in range(len(names))]
        self._texts = [_widest(entry.text for entry in column if entry) for column in columns]
        self._outputs = [_widest(entry.output for entry in column if entry) for column in columns]

    def width(self, bar_length: int) -> int:
        columns = [self._column(number, bar_length) for number in range(len(self._names))]
        return self._label + sum(columns) + BETWEEN * (len(columns) - 1)

    def _column(self, number: int, bar_length: int) -> int:
        text, output, share = self._texts[number], self._outputs[number], SHARE + 1 + bar_length
        needed = {
            1: text + GAP + output + GAP + share,
            2: max(text, GAP + output + GAP + share),
            3: max(text, GAP + output, GAP + share),
        }[self._levels]
        return max(needed, width(self._names[number]))

    def lines(self, limit: int) -> Iterator[Line]:
        length = LONGEST_BAR
        while self.width(length) > limit and length > SHORTEST_BAR:
            length -= 1
        widths = [self._column(number, length) for number in range(len(self._names))]
        cells: list[Line] = [[(visible(name), "title")] for name in self._names]
        yield self._joined("", cells, widths)
        yield [("─" * self.width(length), "faint")]
        for row in self._rows:
            each = [
                self._levels_of(number, entry, length) if entry else []
                for number, entry in enumerate(row.entries)
            ]
            for level in range(max(map(len, each))):
                parts = [lines[level] if level < len(lines) else [] for lines in each]
                yield self._joined("" if level else row.label, parts, widths)

    def _joined(self, label: str, cells: Sequence[Line], widths: Sequence[int]) -> Line:
        line: Line = [(label + " " * (self._label - width(label)), "faint")]
        for cell, space in zip(cells, widths, strict=True):
            line += [*cell, (" " * (space - sum(width(text) for text, _ in cell) + BETWEEN), "")]
        return line

    def _levels_of(self, number: int, entry: Entry, length: int) -> list[Line]:
        text, output = (entry.text, "title" if entry.share else ""), (entry.output, "output")
        share: Line = [
            (f"{percent(entry.share):>{SHARE}} ", "faint"),
            (bar(entry.share, length), "warning" if entry.dense else "size"),
        ]
        after = (" " * (self._outputs[number] - width(entry.output) + GAP), "")
        if self._levels == 1:
            fill = (" " * (self._texts[number] - width(entry.text) + GAP), "")
            return [[text, fill, output, after, *share]]
        indent = (" " * GAP, "")
        if self._levels == 2:
            return [[text], [indent, output, after, *share]]
        return [[text], [indent, output], *([[indent, *share]] if entry.share is not None else [])]


def _widest(texts: Iterator[str]) -> int:
    return max(map(width, texts), default=0)
