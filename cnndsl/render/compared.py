"""Networks compared: side by side, and what they come to, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.analysis.rows import receptive_field
from cnndsl.analysis.stages import Shares, shares
from cnndsl.network import Network
from cnndsl.render import summary
from cnndsl.render.beside import Grid, part_of, percent
from cnndsl.render.explained import wrapped
from cnndsl.render.markdown import escaped, table_head, table_row
from cnndsl.render.table import WIDEST, broken
from cnndsl.render.text import Line, aligned, cut, grouped, plain, width

if TYPE_CHECKING:
    from cnndsl.shape import Shape

#: Letters that names which have something in common share at their beginning.
ALIKE = 3
RATIOS = "×n  n times the least of the row"
#: Closed forms longer than this stand in `check` alone.
LONGEST = 30


#: What has ratios in a table with a row for each network.
WITH_RATIOS = {"parameters", "MACs"}


class Measure(NamedTuple):
    """A quantity of all networks: texts, and numbers where they can be compared."""

    name: str
    texts: list[str]
    numbers: list[int | None]

    @property
    def ratios(self) -> list[float | None]:
        """How many times the least each is; nothing where there is no least or all are equal."""
        known = [number for number in self.numbers if number]
        if not known or min(known) == max(known):
            return [None] * len(self.numbers)
        return [number / min(known) if number else None for number in self.numbers]

    @property
    def factors(self) -> list[str]:
        """The ratios as text, that of the least left out."""
        return ["" if ratio in (None, 1.0) else times(ratio or 0) for ratio in self.ratios]


def times(ratio: float) -> str:
    """`×2.2`, `×23.1`, `×136`: three digits."""
    if ratio >= 1000:
        return f"×{grouped(round(ratio))}"
    return f"×{ratio:.{2 if ratio < 10 else 1 if ratio < 100 else 0}f}"


def measures(networks: Sequence[Network]) -> list[Measure]:
    """What is compared of networks, shares of CONV and FC below what they are shares of."""
    each = [shares(network) for network in networks]
    totals = [network.totals for network in networks]
    fields = [receptive_field(network) if network.known else () for network in networks]
    return [
        _texts("input", [_shape(input_of(network)) for network in networks]),
        _texts("output", [_shape(network.output) for network in networks]),
        _numbers("layers", [total.layers for total in totals]),
        _numbers("learnt layers", [summary.learnt(network) for network in networks]),
        _numbers("parameters", [total.params for total in totals]),
        *_shares("params", each, networks),
        _numbers("neurons", [total.neurons for total in totals]),
        _numbers("MACs", [total.macs for total in totals]),
        *_shares("macs", each, networks),
        Measure(
            "receptive field",
            [summary.field(network) for network in networks],
            [max(reach.size for reach in field) if field else None for field in fields],
        ),
    ]


def _shares(cost: str, each: Sequence[Shares], networks: Sequence[Network]) -> Iterator[Measure]:
    """The shares of CONV (with TCONV), FC and, where they have some, of the others."""
    for name, place in (("CONV", "conv"), ("FC", "fc"), ("others", "other")):
        parts = [
            part_of(getattr(getattr(share, place), cost), getattr(network.totals, cost))
            for share, network in zip(each, networks, strict=True)
        ]
        if place != "other" or any(parts):
            open_ = ["–" if network.known else "?" for network in networks]  # that of a closed form
            texts = [percent(part) or sign for part, sign in zip(parts, open_, strict=True)]
            yield _texts(f"  in {name}", texts)


def _texts(name: str, texts: list[str]) -> Measure:
    return Measure(name, texts, [None] * len(texts))


def _numbers(name: str, numbers: Sequence[int]) -> Measure:
    known = [number if type(number) is int else None for number in numbers]
    return Measure(name, [cut(grouped(number), LONGEST) for number in numbers], known)


def input_of(network: Network) -> Shape | None:
    """The shape of the input at which the main chain begins."""
    node = network.main
    while node.inside:
        node = node.inside[0]
    return node.output


def _shape(shape: Shape | None) -> str:
    return str(shape) if shape else "?"


def names_of(networks: Sequence[Network]) -> list[str]:
    """The names of networks: `LeNet5:Digits`; those that are alike with their files, else with a number."""
    names = [_name(network) for network in networks]
    names = [
        f"{name} ({network.program.source.name})" if names.count(name) > 1 else name
        for name, network in zip(names, networks, strict=True)
    ]
    alike = [names[: number + 1].count(name) for number, name in enumerate(names)]
    return [
        f"{name} #{number}" if names.count(name) > 1 else name
        for name, number in zip(names, alike, strict=True)
    ]


def _name(network: Network) -> str:
    """The variant's name, behind the net's where they have nothing in common."""
    net, name = network.program.name, network.name
    alike = net[:ALIKE].lower() == name[:ALIKE].lower()
    return name if alike else f"{net}:{name}"


# ---- a terminal


def lines(networks: Sequence[Network], limit: int | None) -> Iterator[Line]:
    """The networks side by side where there is room for that, and what they come to."""
    room, names = limit or WIDEST, names_of(networks)
    grid = Grid(networks)
    beside = grid.lines(names, room)
    found = measures(networks)
    if beside is not None:
        yield from beside
        yield [("%  of the network's parameters", "faint")]
        yield from _blocks(grid, room)
        yield []
        yield from _below(names, found, room)
        return
    yield from _across(names, found, room)
    needed = f"side by side these {len(networks)} need a window of {grid.needed(names)} columns"
    yield []
    yield from ([(line, "hint")] for line in wrapped(f"{needed}; this has {room}", room))


def _blocks(grid: Grid, room: int) -> Iterator[Line]:
    """What is in each block, in the lines that it takes."""
    found = grid.blocks()
    space = max((width(use) for use, _ in found), default=0) + 2
    before = ""
    for use, inside in found:
        lead = "  or" if use == before else use
        for line in broken(inside, " → ", room - space - len(" →")):
            yield [(f"{lead:<{space}}", "group"), (line, "faint")]
            lead = ""
        before = use


def _below(names: Sequence[str], found: Sequence[Measure], room: int) -> Iterator[Line]:
    """A row for each measure; where there is no room, a row for each network."""
    rows = [["", *(cell for name in names for cell in (name, ""))]]
    for measure in found:
        cells = zip(measure.texts, measure.factors, strict=True)
        rows.append([measure.name, *(cell for pair in cells for cell in pair)])
    numbers = set(range(1, len(rows[0]), 2))
    table = aligned(rows, right=numbers, head=True, styles=("total",))
    if max(width(plain(line)) for line in table) > room:
        yield from _across(names, found, room)
        return
    yield from table
    yield [(RATIOS, "faint")]


#: Shares of MACs and of few parameters, which a table with a row for each network has no room for.
FEW = ("in CONV", "in others")
#: What else it leaves out in turn where it is too wide.
SPARED = ("input", "layers", "output", "neurons", "learnt layers", "in FC", "MACs")


def _across(names: Sequence[str], found: Sequence[Measure], room: int) -> Iterator[Line]:
    """A row for each network, in as many columns as there is room for."""
    by_name = {measure.name.strip(): measure for measure in reversed(found)}  # of the shares, the first
    kept = [measure for measure in found if by_name[measure.name.strip()] is measure]
    kept = [measure for measure in kept if measure.name.strip() not in FEW]
    left_out = []
    for name in ("", *SPARED):
        kept = [measure for measure in kept if measure.name.strip() != name]
        left_out += [name] if name else []
        table = _table(names, kept)
        if max(width(plain(line)) for line in table) <= room:
            break
    yield from table
    yield [(RATIOS.replace("row", "column"), "faint")]
    if left_out:
        told = f"no room for {', '.join(left_out)}: --format markdown has all"
        yield from ([(line, "hint")] for line in wrapped(told, room))


def _table(names: Sequence[str], found: Sequence[Measure]) -> list[Line]:
    heads, columns, right = ["network"], [[*names]], set[int]()
    for measure in found:
        right.add(len(heads))
        heads.append(measure.name.strip())
        columns.append(measure.texts)
        if measure.name in WITH_RATIOS and any(measure.factors):
            heads.append("")
            columns.append(measure.factors)
    return aligned([heads, *zip(*columns, strict=True)], right=right, head=True, styles=("total",))


# ---- Markdown


def markdown(networks: Sequence[Network]) -> Iterator[str]:
    """Two tables: the networks side by side, and what they come to."""
    names = names_of(networks)
    yield from table_head(["", *names], ())
    for line in Grid(networks).table(brief=False):
        cells = []
        for entry in line.entries:
            share = f" ({percent(entry.share)})" if entry and entry.share is not None else ""
            cells.append(f"{entry.text} → {entry.output}{share}" if entry else "")
        yield table_row([line.label, *cells])
    yield from ("", escaped("%: of the network's parameters"), "")
    blocks = Grid(networks).blocks()
    yield from (f"- {escaped(use)}: {escaped(inside)}" for use, inside in blocks)
    yield from [""] * bool(blocks)
    yield from table_head(["", *names], range(1, len(names) + 1))
    for measure in measures(networks):
        cells = [
            f"{text} {factor}".strip() for text, factor in zip(measure.texts, measure.factors, strict=True)
        ]
        yield table_row([measure.name.strip(), *cells])
    yield from ("", RATIOS.replace("×n ", "×n:"))
