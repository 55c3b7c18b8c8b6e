"""The layers of a network in the order in which they run, with paths and receptive fields.

>>> for row in rows(network):
...     print(row.path, row.output)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from cnndsl.analysis.fields import HasTap, Sight, Sights, after_copies, continued, through, union
from cnndsl.layers import Flatten, Layer, Step
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
from cnndsl.shape import Shape
from cnndsl.source import Span


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a path: `block2[0]` or, for folded copies, `block2[1..3]`."""

    name: str
    copies: tuple[tuple[int, int], ...] = ()  # (first, count) for each repeat around it

    def __str__(self) -> str:
        shown = (
            f"[{first}]" if count == 1 else f"[{first}..{first + count - 1}]" for first, count in self.copies
        )
        return self.name + "".join(shown)


@dataclass(frozen=True, slots=True)
class Row:
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

    @property
    def path(self) -> str:
        return ".".join(map(str, self.parts))


def rows(network: Network, *, expand: bool = False) -> Iterator[Row]:
    """The rows of all chains; equal copies of a repeat are one row each, unless `expand`."""
    walk = _Walk(expand)
    for chain in network.chains:
        yield from walk.chain(chain)


def receptive_field(network: Network) -> Sights:
    """The receptive field of the main chain's last map, before anything that sees the whole of it."""
    last: Sights = None
    for row in rows(network):
        if row.chain.kind == "main" and row.sights and row.output and row.output.rank:
            last = row.sights
    return last


@dataclass(slots=True)
class _State:
    """What the walk knows at a point: the field there, labels of the block, whether gated."""

    sights: Sights
    labels: dict[str, Sights]
    gated: bool = False


#: Walks over repeated parts that take up labels, before their fields are given up as unknown.
MAX_REPLAYS = 10_000


class _Walk:
    def __init__(self, expand: bool) -> None:
        self._expand = expand
        self._replays = 0
        self._labels: dict[str, Sights] = {}
        self._effects: dict[Node, tuple[Step, ...] | None] = {}
        self._chain: Output

    def chain(self, chain: Output) -> Iterator[Row]:
        self._chain = chain
        state = _State(None, self._labels)
        yield from self._rows(chain.node, (), (), 1, state)
        if chain.name:
            self._labels[chain.name] = state.sights

    def _rows(
        self,
        node: Node,
        prefix: tuple[Part, ...],
        copies: tuple[tuple[int, int], ...],
        count: int,
        state: _State,
    ) -> Iterator[Row]:
        """The rows of a node; `copies` are the repeats since the last named part. Moves the state on."""
        match node:
            case LayerNode():
                yield from self._layer(node, prefix, copies, count, state)
            case BlockNode():
                part = _part(node.name, copies)
                inner = _State(state.sights, {}, state.gated)
                yield from self._rows(node.body, (*prefix, part), (), count, inner)
                state.sights, state.gated = inner.sights, inner.gated
            case LabelNode():
                yield from self._rows(node.body, (*prefix, _part(node.name, copies)), (), count, state)
                state.labels[node.name] = state.sights
            case TapNode():
                state.sights = state.labels.get(node.name)
            case ChainNode():
                for part_node in node.parts:
                    yield from self._rows(part_node, prefix, copies, count, state)
            case ChoiceNode():
                if node.body:
                    yield from self._rows(node.body, prefix, copies, count, state)
            case ParallelNode():
                yield from self._parallel(node, prefix, copies, count, state)
            case RepeatNode():
                yield from self._repeat(node, prefix, copies, count, state)
            case _:
                yield self._unknown(node, prefix, copies, count)

    def _layer(
        self,
        node: LayerNode,
        prefix: tuple[Part, ...],
        copies: tuple[tuple[int, int], ...],
        count: int,
        state: _State,
    ) -> Iterator[Row]:
        part = _part(node.name, copies)
        if node.kind.kind == "INPUT" and node.output:
            state.sights = (Sight(),) * node.output.rank or None
        elif node.layer and node.input:
            if node.flattens:
                yield self._flatten(node, node.input, (*prefix, part), count, state)
            state.sights = through(state.sights, node.layer.field(node.input))
        else:
            state.sights = None
        state.labels[node.name] = state.sights
        yield Row(
            (*prefix, part),
            node,
            node.kind.kind,
            node.layer,
            node.input,
            node.output,
            node.totals,
            node.known,
            count,
            state.sights,
            node.span,
            self._chain,
            state.gated,
        )

    def _flatten(self, node: LayerNode, x: Shape, parts: tuple[Part, ...], count: int, state: _State) -> Row:
        layer, y = Flatten(rank=x.rank), Shape(x.numel)
        where = (*parts, Part("flatten"))
        return Row(
            where,
            None,
            "FLATTEN",
            layer,
            x,
            y,
            Totals(),
            True,
            count,
            None,
            node.span,
            self._chain,
            state.gated,
        )

    def _unknown(
        self, node: Node, prefix: tuple[Part, ...], copies: tuple[tuple[int, int], ...], count: int
    ) -> Row:
        part = _part(_first_words(node.span), copies)
        return Row(
            (*prefix, part),
            node,
            "?",
            None,
            node.input,
            None,
            node.totals,
            False,
            count,
            None,
            node.span,
            self._chain,
        )

    def _parallel(
        self,
        node: ParallelNode,
        prefix: tuple[Part, ...],
        copies: tuple[tuple[int, int], ...],
        count: int,
        state: _State,
    ) -> Iterator[Row]:
        start, ends, gated = state.sights, [], state.gated
        for branch in node.branches:
            state.sights = start
            yield from self._rows(branch, prefix, copies, count, state)
            ends.append(state.sights)
        gates = node.operator == "⊙"
        state.sights = union(ends, gates=gates)
        state.gated = gated or (gates and None in ends and state.sights is not None)

    def _repeat(
        self,
        node: RepeatNode,
        prefix: tuple[Part, ...],
        copies: tuple[tuple[int, int], ...],
        count: int,
        state: _State,
    ) -> Iterator[Row]:
        for run in node.runs:
            if self._expand or run.copies == 1:
                for number in range(run.first, run.first + run.copies):
                    yield from self._rows(run.body, prefix, (*copies, (number, 1)), count, state)
                continue
            try:
                state.sights = after_copies(state.sights, run.body, run.copies - 1, self._effects)
            except HasTap:  # its field does not follow from what arrives alone
                self._replay(run, prefix, copies, state)
            here = (*copies, (run.first, run.copies))
            yield from self._rows(run.body, prefix, here, count * run.copies, state)

    def _replay(
        self, run: Run, prefix: tuple[Part, ...], copies: tuple[tuple[int, int], ...], state: _State
    ) -> None:
        """Move the field on by all copies of a run but one, by walking the first few of them."""
        seen = [state.sights]
        for _ in range(min(run.copies - 1, 3)):
            self._replays += 1
            if self._replays > MAX_REPLAYS:
                state.sights = None
                return
            deque(self._rows(run.body, prefix, copies, 1, state), maxlen=0)
            seen.append(state.sights)
        state.sights = continued(seen, run.copies - 1)


def _part(name: str, copies: tuple[tuple[int, int], ...]) -> Part:
    """A path component; an indexed label `e[0]` says by itself which copy it is."""
    return Part(name) if name.endswith("]") else Part(name, copies)


def _first_words(span: Span) -> str:
    text = " ".join(span.text.split())
    return text if len(text) <= 24 else text[:23] + "…"
