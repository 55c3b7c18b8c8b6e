"""Which layer reads what another one makes, through block borders, repeats and branches.

Only what is certain counts: a maker whose output is taken up elsewhere as well (by a label, or by
a path of a branch that does something else with it) makes no pair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cnndsl.analysis.lints.survey import Survey
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)
from cnndsl.syntax import ast


class End(NamedTuple):
    """A layer at an end of a part, and the layers that what passes goes through on its way there."""

    node: LayerNode
    through: frozenset[str] = frozenset()

    def behind(self, through: frozenset[str]) -> End:
        return End(self.node, self.through | through) if through else self


class Flow(NamedTuple):
    """A part as seen from outside: who reads what arrives, and who makes what leaves.

    `clear`: what arrives leaves, having passed `through` some layers. `heads` is None where what
    arrives is put to another use; `deaf` is a path that starts from a label and reads nothing.
    """

    clear: bool = False
    heads: tuple[End, ...] | None = None
    tail: End | None = None
    through: frozenset[str] = frozenset()
    deaf: bool = False


class Pair(NamedTuple):
    """`reader` reads what `maker` makes; `seam` is where between them a step could stand."""

    maker: LayerNode
    reader: LayerNode
    through: frozenset[str]
    seam: tuple[ast.Chain, int] | None


#: What a layer is to a lint: (reads, makes, lets pass).
Role = Callable[[LayerNode], tuple[bool, bool, bool]]

_CLEAR = Flow(clear=True)
_STOP = Flow()


class Pairs:
    """Finds all pairs of a network: each part is looked at once, however often it stands in it."""

    def __init__(self, survey: Survey, role: Role) -> None:
        self.found: list[Pair] = []
        self._role, self._taps = role, survey.taps
        self._flows: dict[Node, Flow] = {}
        for chain in survey.network.chains:
            self._flow(chain.node)

    def _flow(self, node: Node) -> Flow:
        flow = self._flows.get(node)
        if flow is None:
            flow = self._inside(node)
            if self._taps and getattr(node, "name", None) in self._taps:
                flow = Flow(heads=flow.heads, deaf=flow.deaf)
            self._flows[node] = flow
        return flow

    def _inside(self, node: Node) -> Flow:
        if isinstance(node, LayerNode):  # as most are
            return self._layer(node)
        match node:
            case ChainNode():
                return self._chain(node)
            case BlockNode() | LabelNode():
                return self._flow(node.body)
            case ParallelNode():
                return self._parallel(node)
            case RepeatNode():
                return self._repeat(node)
            case ChoiceNode():
                return self._flow(node.body) if node.body else _CLEAR
            case TapNode():
                return Flow(deaf=True)
        return _STOP

    def _layer(self, node: LayerNode) -> Flow:
        if node.layer is None or node.output is None:
            return _STOP
        reads, makes, passes = self._role(node)
        if passes:
            return Flow(clear=True, through=frozenset({node.kind.kind}))
        if not reads and not makes:
            return _STOP
        end = End(node)
        return Flow(heads=(end,) if reads else None, tail=end if makes else None)

    def _chain(self, node: ChainNode) -> Flow:
        assert isinstance(node.syntax, ast.Chain)
        flow = _CLEAR
        for number, part in enumerate(node.parts):
            flow = self._joined(flow, self._flow(part), (node.syntax, number - 1))
        return flow

    def _repeat(self, node: RepeatNode) -> Flow:
        flow = _CLEAR
        for run in node.runs:
            body = self._flow(run.body)
            flow = self._joined(flow, body, None)
            if run.copies > 1:
                flow = self._joined(flow, body, None)
        return flow

    def _parallel(self, node: ParallelNode) -> Flow:
        heads: list[End] = []
        for branch in node.branches:
            flow = self._flow(branch)
            if flow.heads is None and not flow.deaf:
                return _STOP
            heads += flow.heads or ()
        return Flow(heads=tuple(heads))

    def _joined(self, first: Flow, then: Flow, seam: tuple[ast.Chain, int] | None) -> Flow:
        """One part after the other."""
        if first.clear and then.clear:
            return Flow(clear=True, through=first.through | then.through)
        if first.clear:
            if not first.through or not then.heads:
                return then
            return then._replace(heads=tuple(head.behind(first.through) for head in then.heads))
        if then.clear:
            if not then.through or not first.tail:
                return first
            return first._replace(tail=first.tail.behind(then.through))
        if first.tail:
            for head in then.heads or ():
                through = first.tail.through | head.through
                self.found.append(Pair(first.tail.node, head.node, through, seam))
        return Flow(heads=first.heads, tail=then.tail, deaf=first.deaf)
