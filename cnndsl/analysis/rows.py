"""The layers of a network in the order in which they run, with paths and receptive fields.

>>> for row in rows(network):
...     print(row.path, row.output)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from cnndsl.analysis.fields import UNSEEN, HasTap, Sights, after_copies, continued, field_of, through, union
from cnndsl.layers import Field, Flatten, Layer, Reach
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Network,
    Node,
    Output,
    ParallelNode,
    RepeatNode,
    Run,
    TapNode,
    Totals,
)
from cnndsl.record import Record
from cnndsl.shape import Shape
from cnndsl.source import Span


class Part(NamedTuple):
    """One component of a path: `block2[0]` or, for folded copies, `block2[1..3]`."""

    name: str
    copies: tuple[tuple[int, int], ...] = ()  # (first, count) for each repeat around it

    def __str__(self) -> str:
        shown = (
            f"[{first}]" if count == 1 else f"[{first}..{first + count - 1}]" for first, count in self.copies
        )
        return self.name + "".join(shown)


class Row(Record):
    """One layer, or with `count` above 1 so many equal copies of it.

    Sizes and costs are those of one copy, the receptive field is the last one's. `node` is None
    for the flatten that an FC implies, `layer` where an error left it unknown.
    """

    parts: tuple[Part, ...]
    node: Node | None
    kind: str
    layer: Layer | None
    input: Shape | None
    output: Shape | None
    totals: Totals
    known: bool
    count: int
    sights: Sights
    span: Span
    chain: Output
    gated: bool = False  # a whole-map gate (squeeze and excitation) stands before it
    before: Sights = None  # the field of what arrives

    @property
    def path(self) -> str:
        return ".".join(map(str, self.parts))

    def __repr__(self) -> str:
        """`<Row conv1: CONV(96, 11x11, s=4) → 96@55x55>`."""
        copies = f" ×{self.count}" if self.count > 1 else ""
        return f"<Row {self.path}{copies}: {self.layer or self.kind} → {self.output or '?'}>"


def rows(network: Network, *, expand: bool = False) -> Iterator[Row]:
    """The rows of all chains; equal copies of a repeat are one row each, unless `expand`."""
    return Walk(expand=expand).network(network) if expand else iter(walked(network).rows)


def receptive_field(network: Network) -> Sights:
    """The receptive field of the main chain's last map, before anything that sees the whole of it."""
    return walked(network).maps.get("")


class End(NamedTuple):
    """What leaves a block or a labelled part, and what its units see."""

    parts: tuple[Part, ...]
    output: Shape | None
    sights: Sights
    node: Node | None = None  # the block or the part; None of a whole chain

    @property
    def path(self) -> str:
        return ".".join(map(str, self.parts))


class Walked(NamedTuple):
    """All rows, the fields and shapes of the chains' last maps by chain, and the ends of named parts."""

    rows: list[Row]
    maps: dict[str, Sights]
    outputs: dict[str, Shape | None]
    ends: list[End]


_walked: WeakKeyDictionary[Network, Walked] = WeakKeyDictionary()


def walked(network: Network) -> Walked:
    """What a walk over a network finds, copies folded; each network is walked once."""
    if network not in _walked:
        walk = Walk()
        _walked[network] = Walked(list(walk.network(network)), walk.maps, walk.outputs, walk.ends)
    return _walked[network]


class Place(Record):
    """Where a node stands: the parts of its path, the repeats since the last of them, all its copies."""

    prefix: tuple[Part, ...] = ()
    copies: tuple[tuple[int, int], ...] = ()
    count: int = 1

    def parts(self, name: str) -> tuple[Part, ...]:
        """The path of a part; an indexed label `e[0]` says by itself which copy it is."""
        return (*self.prefix, Part(name) if name.endswith("]") else Part(name, self.copies))

    def path(self, name: str) -> str:
        """`stage2.block1[0].conv2`."""
        return ".".join(map(str, self.parts(name)))

    def inside(self, name: str) -> Place:
        return Place(self.parts(name), (), self.count)

    def repeated(self, first: int, copies: int) -> Place:
        return Place(self.prefix, (*self.copies, (first, copies)), self.count * copies)


class _State(Record):
    """What the walk knows at a point: the field there, labels of the block, whether gated."""

    sights: Sights
    labels: dict[str, Sights]
    gated: bool = False


#: Walks over repeated parts that take up labels, before their fields are given up as unknown.
MAX_REPLAYS = 10_000


class Walk:
    """Walks a network's tree.

    `maps` and `outputs` are the fields and shapes of the chains' last maps, `ends` those of named parts.
    """

    def __init__(self, *, expand: bool = False) -> None:
        self.maps: dict[str, Sights] = {}
        self.outputs: dict[str, Shape | None] = {}
        self.ends: list[End] = []
        self._expand = expand
        self._replays = self._paths = 0
        self._labels: dict[str, Sights] = {}
        self._effects: dict[Node, Field] = {}
        self._chain: Output

    def network(self, network: Network) -> Iterator[Row]:
        for chain in network.chains:
            self._chain = chain
            state = _State(None, self._labels)
            yield from self._rows(chain.node, Place(), state)
            if chain.name:
                self._labels[chain.name] = state.sights

    def _rows(self, node: Node, place: Place, state: _State) -> Iterator[Row]:
        """The rows of a node. Moves the state on."""
        match node:
            case LayerNode():
                yield from self._layer(node, place, state)
            case BlockNode() | LabelNode():
                yield from self._named(node, place, state)
            case TapNode():
                state.sights = state.labels.get(node.name)
            case ChainNode():
                for part in node.parts:
                    yield from self._rows(part, place, state)
            case ChoiceNode(body=Node() as body):
                yield from self._rows(body, place, state)
            case ChoiceNode():
                pass
            case ParallelNode():
                yield from self._parallel(node, place, state)
            case RepeatNode():
                yield from self._repeat(node, place, state)
            case _:
                state.sights = UNSEEN
                yield self._unknown(node, place)
        if state.sights is not None and not self._paths:
            self.maps[self._chain.name], self.outputs[self._chain.name] = state.sights, node.output

    def _named(self, node: BlockNode | LabelNode, place: Place, state: _State) -> Iterator[Row]:
        inner = state if isinstance(node, LabelNode) else _State(state.sights, {}, state.gated)
        here = place.inside(node.name)
        yield from self._rows(node.body, here, inner)
        state.sights, state.gated = inner.sights, inner.gated
        state.labels[node.name] = state.sights
        self.ends.append(End(here.prefix, node.output, state.sights, node))

    def _layer(self, node: LayerNode, place: Place, state: _State) -> Iterator[Row]:
        parts, before = place.parts(node.name), state.sights
        if node.kind.kind == "INPUT" and node.output:
            state.sights = (Reach(),) * node.output.rank or None
        elif node.layer and node.input and node.output:
            if node.flattens:
                yield self._flatten(node, node.input, (*parts, Part("flatten")), place.count, state)
            state.sights = through(state.sights, field_of(node.layer, node.input))
        else:
            state.sights = UNSEEN
        state.labels[node.name] = state.sights
        yield Row(
            parts=parts,
            node=node,
            kind=node.kind.kind,
            layer=node.layer,
            input=node.input,
            output=node.output,
            totals=node.totals,
            known=node.known,
            count=place.count,
            sights=state.sights,
            span=node.span,
            chain=self._chain,
            gated=state.gated,
            before=before,
        )

    def _flatten(self, node: LayerNode, x: Shape, parts: tuple[Part, ...], count: int, state: _State) -> Row:
        """The flatten that an FC implies."""
        return Row(
            parts=parts,
            node=None,
            kind="FLATTEN",
            layer=Flatten(rank=x.rank),
            input=x,
            output=Shape(x.numel),
            totals=Totals(),
            known=True,
            count=count,
            sights=None,
            span=node.span,
            chain=self._chain,
            gated=state.gated,
        )

    def _unknown(self, node: Node, place: Place) -> Row:
        """The row of a step that an error leaves without a kind; one of elsewhere can have a known output."""
        output = node.output if node.output and not node.output.unknown else None
        return Row(
            parts=place.parts(first_words(node.span)),
            node=node,
            kind="?",
            layer=None,
            input=node.input,
            output=output,
            totals=node.totals,
            known=False,
            count=place.count,
            sights=UNSEEN,
            span=node.span,
            chain=self._chain,
        )

    def _parallel(self, node: ParallelNode, place: Place, state: _State) -> Iterator[Row]:
        start, ends, gated = state.sights, [], state.gated
        self._paths += 1
        for branch in node.branches:
            state.sights = start
            yield from self._rows(branch, place, state)
            ends.append(state.sights)
        self._paths -= 1
        gates = node.operator == "⊙"
        state.sights = union(ends, gates=gates)
        state.gated = gated or (gates and None in ends and state.sights is not None)

    def _repeat(self, node: RepeatNode, place: Place, state: _State) -> Iterator[Row]:
        for run in node.runs:
            if self._expand or run.copies == 1:
                for number in range(run.first, run.first + run.copies):
                    yield from self._rows(run.body, place.repeated(number, 1), state)
                continue
            try:
                state.sights = after_copies(state.sights, run.body, run.copies - 1, self._effects)
            except HasTap:  # its field does not follow from what arrives alone
                self._replay(run, place, state)
            yield from self._rows(run.body, place.repeated(run.first, run.copies), state)

    def _replay(self, run: Run, place: Place, state: _State) -> None:
        """Move the field on by all copies of a run but one, by walking the first few of them."""
        seen = [state.sights]
        for _ in range(min(run.copies - 1, 3)):
            self._replays += 1
            if self._replays > MAX_REPLAYS:
                state.sights = None
                return
            deque(self._rows(run.body, place, state), maxlen=0)
            seen.append(state.sights)
        state.sights = continued(seen, run.copies - 1)


def first_words(span: Span) -> str:
    """What a step without a name is called in a path."""
    text = " ".join(span.text.split())
    return text if len(text) <= 24 else text[:23] + "…"
