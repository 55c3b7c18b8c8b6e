"""A network as a table: as many columns as the window has room for, the rest beside or below.

Its lines are gone through twice, once for the widths of the columns and once to be printed. Of a
very long one (`--expand`) they are made twice instead of being kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.render.outline import Entry, outline
from cnndsl.render.text import Line, Piece, cut, field_size, grouped, width

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row
    from cnndsl.network import Network, Totals


class Column(NamedTuple):
    title: str
    right: bool = False
    style: str = ""


COLUMNS = {
    "name": Column("name"),
    "layer": Column("layer"),
    "size": Column("size", style="size"),
    "output": Column("output", style="output"),
    "weights": Column("weights", right=True),
    "biases": Column("biases", right=True),
    "neurons": Column("neurons", right=True),
    "macs": Column("MACs", right=True),
    "field": Column("receptive\nfield", right=True),
}
COSTS = ("weights", "biases", "neurons", "macs")
#: What is tried in turn until it fits the window.
LAYOUTS = (
    tuple(COLUMNS),
    tuple(name for name in COLUMNS if name != "size"),
    ("name", "layer", "output", "field"),
    ("name", "layer", "output"),
)
#: Where the last layout is too wide as well, longer layers than this stick out of their column.
LEAST_LAYER = 20
#: Where no window limits a table, in a file say, lines are still not longer than this.
WIDEST = 160
GAP = 2
FOLDED = "×n  n equal copies: sizes and costs of one, receptive field of the last"
GATED = "*   leaves out a gate, which sees the whole map"
LONGEST_SUM = 24
#: A table of more lines than this is not kept in memory.
KEPT = 20_000
#: A tree's last line drawn on to the next one.
_GOING_ON = str.maketrans({"┌": "│", "├": "│", "└": " "})

#: The texts of a line, by column.
Cells = dict[str, str]


def table(network: Network, *, expand: bool, limit: int | None) -> Iterator[Line]:
    """The table of a network, in at most `limit` characters a line if that can be."""
    kept = list(islice(_said(network, expand), KEPT + 1))
    if len(kept) > KEPT:
        kept.clear()
    needs = _measure(network, kept or _said(network, expand))
    grid = Grid(needs, limit)
    yield from grid.header()
    for entry, texts in kept or _said(network, expand):
        yield from grid.lines(entry, texts)
    yield grid.rule()
    if "weights" in grid.names:
        yield from (grid.total(texts) for texts in total_cells(network))
    yield from ([(FOLDED, "faint")],) * needs.folded
    yield from ([(GATED, "faint")],) * needs.gated


# ---- what a line says


def _said(network: Network, expand: bool) -> Iterator[tuple[Entry, Cells]]:
    """The entries of a table with the texts of their columns."""
    return ((entry, cells(entry)) for entry in outline(network, expand=expand))


def cells(entry: Entry) -> Cells:
    """The texts of one line beside its name; columns that say nothing of it are left out."""
    found = {"layer": entry.step}
    if entry.size:
        found["size"] = entry.size
    if entry.output or not entry.known:
        found["output"] = str(entry.output) if entry.output else "?"
    if entry.row:
        found |= costs(entry.row) | {"field": field(entry.row)}
    return found


def costs(row: Row) -> Cells:
    """What a layer costs; of a kind that learns nothing, zeros are not worth printing."""
    learnt = row.layer is not None and row.layer.learnt
    numbers = {name: getattr(row.totals, name) for name in COSTS}
    return {name: grouped(number) for name, number in numbers.items() if number != 0 or learnt}


def field(row: Row) -> str:
    """The receptive field; a star marks one beside a gate that sees the whole map."""
    if row.kind == "FLATTEN":  # moves values, each of which sees what it saw
        return ""
    return field_size(row.sights) + "*" * (row.gated and row.sights is not None)


def total_cells(network: Network, elsewhere: str = "see below") -> Iterator[Cells]:
    """The lines below the table; a sum that is a long formula stands `elsewhere` alone."""
    yield {"name": "total", **_sums(network.totals, elsewhere)}
    if any(not chain.counted for chain in network.chains):
        yield {"name": "with all outputs", **_sums(network.all_totals, elsewhere)}


def _sums(totals: Totals, elsewhere: str) -> Cells:
    """Sums by column; where a size is unknown, so are they."""
    sums = {name: grouped(getattr(totals, name)) for name in COSTS}
    return {name: text if len(text) <= LONGEST_SUM else elsewhere for name, text in sums.items()}


def name_pieces(entry: Entry) -> Line:
    """The name behind its tree, and the number of copies."""
    name: Piece = (entry.name, "" if entry.row else "group")
    copies: Line = [(f" ×{grouped(entry.copies)}", "note")] if entry.copies > 1 and entry.name else []
    return [(entry.tree, "faint"), name, *copies]


def _is_heading(entry: Entry) -> bool:
    """Whether a line has the columns of the layer and its size for itself."""
    return entry.row is None and not entry.size


# ---- widths


class Widths(NamedTuple):
    """What the lines need: each column, and the headings, which run over several columns."""

    columns: dict[str, int]
    headings: int = 0
    folded: bool = False  # the table has lines for several copies
    gated: bool = False  # the table has receptive fields that leave a gate out


def _measure(network: Network, entries: Iterable[tuple[Entry, Cells]]) -> Widths:
    columns = {name: max(map(len, column.title.split("\n"))) for name, column in COLUMNS.items()}
    headings: set[tuple[int, int]] = set()
    folded = gated = False
    for entry, texts in entries:
        name = line_width(name_pieces(entry))
        folded = folded or entry.copies > 1
        gated = gated or bool(entry.row and entry.row.gated and entry.row.sights)
        if _is_heading(entry):
            headings.add((name, width(entry.step)))
        else:
            columns["name"] = max(columns["name"], name)
            _widen(columns, texts)
    for total in total_cells(network):
        _widen(columns, total)
    longest = max((max(name, columns["name"]) + GAP + step for name, step in headings), default=0)
    return Widths(columns, longest, folded, gated)


def _widen(columns: dict[str, int], texts: Cells) -> None:
    for name, text in texts.items():
        columns[name] = max(columns[name], width(text))


def line_width(line: Line) -> int:
    return sum(width(text) for text, _ in line)


# ---- lines


class Grid:
    """The columns that fit a window, and lines set in them."""

    def __init__(self, widths: Widths, limit: int | None) -> None:
        self._limit = limit = WIDEST if limit is None else limit
        self._beside = False  # all sizes stand beside the columns; else all of them below
        for names in LAYOUTS:
            self.names = names
            self._columns = self._fitted(widths)
            if self.width <= limit:
                self._beside = "size" not in names and self.width + GAP + widths.columns["size"] <= limit
                return
        self._columns["layer"] = max(LEAST_LAYER, self._columns["layer"] - (self.width - limit))

    def _fitted(self, widths: Widths) -> dict[str, int]:
        """The widths of the columns, the last one before the output wide enough for headings."""
        columns = {name: widths.columns[name] for name in self.names}
        before = self.names[: self.names.index("output")]
        missing = widths.headings - sum(columns[name] for name in before) - GAP * (len(before) - 1)
        columns[before[-1]] += max(0, missing)
        return columns

    @property
    def width(self) -> int:
        return sum(self._columns.values()) + GAP * (len(self._columns) - 1)

    def header(self) -> Iterator[Line]:
        titles = {name: COLUMNS[name].title.split("\n") for name in self.names}
        for texts in _from_below(titles):
            yield self._row(texts, "head")
        yield self.rule()

    def rule(self) -> Line:
        """A line below the header or the last layer, over the whole window where sizes stand beside."""
        return [("─" * max(self.width, self._limit * self._beside), "faint")]

    def total(self, texts: Cells) -> Line:
        return self._row(texts, "total")

    def _row(self, texts: Cells, style: str) -> Line:
        return [(self._pad(name, texts.get(name, "")), style) for name in self.names]

    def _pad(self, name: str, text: str) -> str:
        space = " " * (self._columns[name] - width(text))
        return f"{space}{text}  " if COLUMNS[name].right else f"{text}{space}  "

    def lines(self, entry: Entry, texts: Cells) -> Iterator[Line]:
        """The lines of an entry: its columns, and below them what has no column."""
        if _is_heading(entry):
            yield from self._heading(entry, texts.get("output", ""))
            return
        line = [*self._name(entry), *(self._cell(entry, name, texts) for name in self.names[1:])]
        yield [*line, (entry.size, "size")] if self._beside else line
        if "size" not in self.names and not self._beside:
            yield from self._below(entry, entry.size, ", ", "size")
        if "weights" not in self.names:
            yield from self._below(entry, spelt(texts), ", ", "faint")
        if "field" not in self.names and texts.get("field"):
            yield from self._below(entry, f"receptive field {texts['field']}", ", ", "faint")

    def _below(self, entry: Entry, text: str, between: str, style: str) -> Iterator[Line]:
        """A text below the layer, in several lines where it is too long for one."""
        tree = entry.tree.translate(_GOING_ON)
        space = " " * (self._columns["name"] + GAP + GAP - len(tree))
        for line in broken(text, between, self._limit - len(tree) - len(space)):
            yield [(tree, "faint"), (space + line, style)]

    def _heading(self, entry: Entry, output: str) -> Iterator[Line]:
        """A heading and its output, which stands below where there is no room beside it."""
        name = self._name(entry)
        room = max(LEAST_LAYER, max(self.width, self._limit) - line_width(name))
        line = [*name, (cut(entry.step, room), "group")]
        before = self.names[: self.names.index("output")]
        left = sum(self._columns[name] + GAP for name in before)
        if output and line_width(line) + GAP + width(output) > max(self.width, self._limit):
            tree = entry.tree.translate(_GOING_ON)
            yield from (line, [(tree, "faint"), (" " * (left - len(tree)), ""), (output, "output")])
            return
        gap = " " * max(GAP, left - line_width(line))
        yield [*line, (gap, ""), (output, "output")] if output else line

    def _name(self, entry: Entry) -> Line:
        pieces = name_pieces(entry)
        space = max(0, self._columns["name"] - line_width(pieces)) if entry.step else 0
        return [*pieces, (" " * (space + GAP), "")]

    def _cell(self, entry: Entry, name: str, texts: Cells) -> Piece:
        text = texts.get(name, "")
        learnt = name == "layer" and entry.row and entry.row.layer and entry.row.layer.learnt
        style = "title" if learnt else "error" if text == "?" else COLUMNS[name].style
        return self._pad(name, text), style


def _from_below(titles: dict[str, list[str]]) -> Iterator[Cells]:
    """The header's lines; titles of one line stand in the last."""
    levels = max(map(len, titles.values()))
    for level in range(levels, 0, -1):
        yield {name: lines[-level] for name, lines in titles.items() if level <= len(lines)}


def broken(text: str, between: str, room: int) -> list[str]:
    """A text in lines of at most `room` characters if that can be, parted where `between` stands."""
    lines: list[str] = []
    for part in text.split(between) if text else ():
        if lines and width(f"{lines[-1]}{between}{part}") <= room:
            lines[-1] += between + part
        else:
            lines = [*lines[:-1], lines[-1] + between.rstrip(), part] if lines else [part]
    return lines


def spelt(texts: Cells) -> str:
    """Costs in words: `34 848 weights + 96 biases, 290 400 neurons, 105 415 200 MACs`."""
    said = {name: f"{texts[name]} {COLUMNS[name].title}" for name in COSTS if texts.get(name, "0") != "0"}
    if len(said) == len(COSTS) and texts["weights"] == "?":
        return "its weights, neurons and MACs are unknown"
    learnt = " + ".join(said[name] for name in ("weights", "biases") if name in said)
    return ", ".join(filter(None, (learnt, said.get("neurons"), said.get("macs"))))
