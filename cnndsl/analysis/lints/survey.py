"""What the lints look at: each distinct layer of a network once."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics import Diagnostic, Fix, Label
from cnndsl.layers import Layer, Windowed
from cnndsl.layers.windows import Axis
from cnndsl.network import (
    BlockNode,
    LayerNode,
    Network,
    Node,
    TapNode,
)
from cnndsl.shape import Shape
from cnndsl.syntax import ast

#: Places that a finding inside a block names: the innermost uses.
MAX_LABELS = 3


class Survey:
    """The layers of a network whose sizes are known numbers, each distinct node once.

    Equal copies of a repeat and equal uses of a block share their nodes, so this stays small.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        #: Names of labels, `let`s and outputs that are taken up somewhere.
        self.taps: set[str] = set()
        #: The kinds of all layers, those of open sizes among them.
        self.kinds: set[type[Layer]] = set()
        self._layers: dict[type[Layer], list[LayerNode]] = {}
        self._uses: dict[Node, tuple[BlockNode, ...]] = {}
        self._nodes: dict[ast.Step, int] = {}
        self._axes: dict[LayerNode, tuple[Axis, ...]] = {}
        for chain in network.chains:
            self._visit(chain.node, ())

    def _visit(self, node: Node, uses: tuple[BlockNode, ...]) -> None:
        if node in self._uses:
            return
        self._uses[node] = uses
        if isinstance(node, LayerNode):
            self.kinds.add(node.kind)
            self._nodes[node.syntax] = self._nodes.get(node.syntax, 0) + 1
            if node.layer is not None and is_known(node.input) and is_known(node.output):
                self._layers.setdefault(node.kind, []).append(node)
        elif isinstance(node, TapNode):
            self.taps.add(node.name)
        else:
            inner = (*uses, node) if isinstance(node, BlockNode) else uses
            for part in node.inside:
                self._visit(part, inner)

    def of(self, kind: type[Layer]) -> list[LayerNode]:
        """The layers of a kind whose sizes are known, in the order in which they first run."""
        return self._layers.get(kind, [])

    def axes(self, node: LayerNode) -> tuple[Axis, ...]:
        """The window on each axis of the map that arrives at a CONV or POOL."""
        if node not in self._axes:
            layer, x = known(node)
            assert isinstance(layer, Windowed)
            self._axes[node] = layer.axes(x)
        return self._axes[node]

    def alone(self, node: LayerNode) -> bool:
        """Whether the layer's text stands for this layer alone, so that a change of it is no other's."""
        return self._nodes[node.syntax] == 1

    def finding(
        self,
        code: str,
        node: Node,
        message: str,
        *hints: str,
        labels: Iterable[Label] = (),
        fixes: Iterable[Fix] = (),
    ) -> Diagnostic:
        """A diagnostic at a node; inside a block it says which use of the block it is about."""
        uses = [Label(use.span, f"in this use of {use.block.name}") for use in reversed(self._uses[node])]
        return Diagnostic(code, message, node.span, (*labels, *uses[:MAX_LABELS]), hints, tuple(fixes))


def is_known(shape: Shape | None) -> bool:
    """Whether all sizes are numbers: neither lost in an error nor open, as those of INPUT(3@H×W)."""
    return shape is not None and all(type(size) is int for size in (shape.channels, *shape.extents))


def known(node: LayerNode) -> tuple[Layer, Shape]:
    """The layer of a node that the survey lists, and the shape that arrives at it."""
    assert node.layer is not None
    assert node.input is not None
    return node.layer, node.input
