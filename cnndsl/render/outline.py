"""A network line by line, with its structure: what stands in a block, and which paths are parallel.

bottleneck1[0]   Bottleneck(64, s=1)
  ┌ conv1        CONV(64, 1x1, bias=no)
  │ bn1          BN
  ├ shortcut1    Shortcut(256, 1)
  │   conv1      CONV(256, 1x1, bias=no)
  └ +            sum of 2 paths
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.analysis.rows import Part, rows
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    Network,
    Node,
    Output,
    ParallelNode,
    RepeatNode,
    Run,
    TapNode,
)
from cnndsl.render.text import cut, shown

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row
    from cnndsl.elaborate.program import BlockDef
    from cnndsl.layers import Layer
    from cnndsl.shape import Shape

_IDENTITY = "passes on what arrives"
_JOINED = {"+": "sum", "|": "concatenation", "⊙": "product"}


class Entry(NamedTuple):
    """One line: a layer (`row`), or a heading, a join, a path that takes something up.

    `tree` draws the structure in front of the name. `copies` is the number of equal copies of a
    layer or heading; costs in `row` are those of one. `path` is that of a layer or a named part.
    """

    tree: str
    name: str
    step: str = ""
    output: Shape | None = None
    size: str = ""
    row: Row | None = None
    copies: int = 1
    path: str = ""

    @property
    def known(self) -> bool:
        return self.row is None or self.row.known


class _Place(NamedTuple):
    """How often a node stands below the last heading, the repeats since the last named part, its path."""

    times: int = 1
    repeats: tuple[tuple[int, int], ...] = ()
    around: str = ""

    def part(self, name: str) -> str:
        """The component of a path: `block2[0]`; an indexed label `e[0]` has its index already."""
        return name if name.endswith("]") else str(Part(name, self.repeats))

    def repeated(self, first: int, copies: int) -> _Place:
        return _Place(self.times * copies, (*self.repeats, (first, copies)), self.around)


def outline(network: Network, *, expand: bool = False) -> Iterator[Entry]:
    """The lines of a network, chain by chain."""
    walk = _Walk(rows(network, expand=expand), expand)
    several = len(network.chains) > 1
    for chain in network.chains:
        if several:
            yield Entry("", _heading(chain))
        yield from walk.nodes(chain.node, _Place())


def part_outline(node: Node, layers: Iterable[Row]) -> Iterator[Entry]:
    """The lines of a part of a network, whose layers are those."""
    return _Walk(iter(layers), expand=False).nodes(node, _Place())


def _heading(chain: Output) -> str:
    return f"{chain.kind} {chain.name}" if chain.name else "main output"


class _Walk:
    """Follows the tree beside `rows`, which has the sizes and receptive fields of its layers."""

    def __init__(self, layers: Iterator[Row], expand: bool) -> None:
        self._layers, self._expand = layers, expand
        self._stem = ""  # in front of each line here
        self._first: str | None = None  # instead of it, in front of the next one

    def nodes(self, node: Node, place: _Place) -> Iterator[Entry]:
        """The lines of a node."""
        match node:
            case BlockNode():
                yield from self._group(node, use(node), place)
            case LabelNode():
                yield from self._group(node, "", place)
            case TapNode():
                yield Entry(self._lead(), node.name, "taken up here", node.output)
            case ChainNode():
                for part in node.parts:
                    yield from self.nodes(part, place)
            case ChoiceNode():
                if node.body:
                    yield from self.nodes(node.body, place)
            case ParallelNode():
                yield from self._parallel(node, place)
            case RepeatNode():
                yield from self._repeat(node, place)
            case _:
                yield from self._leaf(node, place.times)

    def _lead(self) -> str:
        lead = self._stem if self._first is None else self._first
        self._first = None
        return lead

    def _leaf(self, node: Node, count: int) -> Iterator[Entry]:
        """The layer, and before an FC the flatten that it implies."""
        for row in self._layers:
            yield of_row(self._lead(), row, count)
            if row.node is node:
                return

    def _group(self, node: BlockNode | LabelNode, step: str, place: _Place) -> Iterator[Entry]:
        name = place.part(node.name)
        path = f"{place.around}{name}"
        heading = Entry(self._lead(), name, step, node.output, copies=place.times, path=path)
        stem = self._stem
        self._stem = f"{stem}  "
        inside = self.nodes(node.body, _Place(around=f"{path}."))
        first = next(inside, None)
        if first:
            yield heading
            yield first
            yield from inside
        else:
            yield heading._replace(step=f"{step} {_IDENTITY}")
        self._stem = stem

    def _parallel(self, node: ParallelNode, place: _Place) -> Iterator[Entry]:
        lead, stem = self._lead(), self._stem
        for number, branch in enumerate(node.branches):
            self._first = f"{stem}├ " if number else f"{lead}┌ "
            self._stem = f"{stem}│ "
            yield from self.nodes(branch, place)
            if self._first is not None:  # no line has taken it
                yield Entry(self._lead(), "", _IDENTITY, branch.output)
        self._stem = stem
        step = f"{_JOINED[node.operator]} of {len(node.branches)} paths"
        yield Entry(f"{stem}└ ", node.operator, step, node.output, _joined(node))

    def _repeat(self, node: RepeatNode, place: _Place) -> Iterator[Entry]:
        for run in node.runs:
            if run.copies == 1 or not self._expand:
                yield from self._copy(node, run, place.repeated(run.first, run.copies))
                continue
            for number in range(run.first, run.first + run.copies):
                yield from self._copy(node, run, place.repeated(number, 1))

    def _copy(self, node: RepeatNode, run: Run, place: _Place) -> Iterator[Entry]:
        """One copy, below a heading with the loop's values where it is more than one step."""
        if not run.values or not isinstance(run.body, ChainNode) or len(run.body.parts) < 2:
            yield from self.nodes(run.body, place)
            return
        yield Entry(self._lead(), ", ".join(f"{name} = {shown(value)}" for name, value in run.values.items()))
        stem = self._stem
        self._stem = f"{stem}  "
        yield from self.nodes(run.body, place)
        self._stem = stem


def of_row(tree: str, row: Row, count: int) -> Entry:
    name = str(row.parts[-1]) if row.node else ".".join(map(str, row.parts[-2:]))
    if row.layer is None:
        return Entry(tree, name, _written(row), row.output, row=row, copies=count, path=row.path)
    step, size = _sized(row)
    return Entry(tree, name, step, row.output, size, row, count, row.path)


def _sized(row: Row) -> tuple[str, str]:
    """A layer and its arithmetic, where its sizes are known."""
    assert row.layer is not None
    x = row.input if row.known and row.output and not row.output.unknown else None
    if x is None or x.closed:
        return _texts(row.layer, x)
    return str(row.layer), row.layer.sizes(x)


@lru_cache(maxsize=256)
def _texts(layer: Layer, x: Shape | None) -> tuple[str, str]:
    """A layer and its arithmetic in the language; in a long network many are alike."""
    return str(layer), layer.sizes(x) if x else ""


def _written(row: Row, limit: int = 40) -> str:
    """A layer as the text has it, where an error kept it from being understood."""
    return cut(" ".join(row.span.text[:1000].split()), limit)


def use(node: BlockNode) -> str:
    """A use of a block with the values it was given: `Bottleneck(64, s=2)`."""
    return use_of(node.block, {name: shown(value) for name, value in node.arguments.items()})


def use_of(block: BlockDef, values: Mapping[str, str]) -> str:
    """A use of a block with its values as text."""
    given = [param for param in block.syntax.params if param.name in values]
    parts = (f"{param.name}=" * bool(param.default) + values[param.name] for param in given)
    return f"{block.name}({', '.join(parts)})"


def _joined(node: ParallelNode) -> str:
    """Where paths are concatenated, the sum of their channels: `64 + 128 + 32 + 32 = 256`."""
    channels = [branch.output.channels for branch in node.branches if branch.output]
    if node.operator != "|" or node.output is None:
        return ""
    return f"{' + '.join(map(str, channels))} = {node.output.channels}"
