"""What a network requires of an input of open size, read off its tree.

The layers and paths of an elaborated network are asked once more, with names for the input's
extents; expressions, arguments and blocks are not looked at again. That is right where none of
them depends on the extents; else `Reopened` sends back to elaboration.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostics import Problem
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.context import Labels
from cnndsl.elaborate.join import join
from cnndsl.layers import Input, Layer
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Network,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)
from cnndsl.shape import NOTHING, OpenSize, Shape

if TYPE_CHECKING:
    from cnndsl.elaborate.program import Program
    from cnndsl.shape.size import Domain

#: Parts that are walked through.
MAX_STEPS = 20_000
#: Equal copies that differ with an open input: so many halvings leave a single pixel of any map.
MAX_COPIES = 64

#: `in.H`, also with space or comments inside: an extent that arrives. `in.C` are the channels.
_ARRIVING = re.compile(r"\b[iI][nN](?:\s|#.*\n)*\.(?:\s|#.*\n)*(\w)")


class Reopened(Exception):
    """The tree may be another one for another input."""


class TooLarge(Exception):
    """There are too many different layers to go through."""


def reopen(network: Network, start: LayerNode, shape: Shape, domain: Domain) -> None:
    """Collect in `domain` what a network without errors requires of its INPUT `start`, given this shape.

    Raises Reopened where only elaboration can tell, TooLarge where it would take too long.
    """
    letters = _letters(network.program)
    lets = {chain.name: chain.node for chain in network.chains if chain.kind != "main"}
    if not network.ok or letters - {"C"} or lets.keys() != network.program.lets.keys():
        raise Reopened
    walk = _Walk(network.strict, start, shape, domain, by_channels="C" in letters)
    try:
        walk.chains(network.main, lets)
    except (Problem, Located, OpenSize) as error:
        raise Reopened from error


def _letters(program: Program) -> set[str]:
    """The letters of the arriving shape for which the network's files ask."""
    sources = {program.source, *(block.program.source for block in program.blocks.values())}
    return {letter.upper() for source in sources for letter in _ARRIVING.findall(source.text)}


class _Walk:
    """Walks a tree with the shapes that arrive in it."""

    def __init__(
        self, strict: bool, start: LayerNode, shape: Shape, domain: Domain, *, by_channels: bool
    ) -> None:
        self._strict, self._start, self._shape = strict, start, shape
        self._domain, self._by_channels = domain, by_channels
        self._labels, self._steps = Labels(), 0
        self._lets: dict[str, Node] = {}
        self._done: dict[str, Shape] = {}
        self._known: dict[tuple[Layer | Node, Shape], Shape] = {}

    def chains(self, main: Node, lets: dict[str, Node]) -> None:
        """All chains, the main output's first."""
        self._lets = lets
        self._after(main, NOTHING, self._labels)
        self._domain.main = len(self._domain.requirements)
        for name in lets:
            self._let(name)

    def _let(self, name: str) -> Shape:
        if name not in self._done:
            self._done[name] = self._after(self._lets[name], NOTHING, self._labels)
        return self._done[name]

    def _after(self, node: Node, x: Shape, labels: Labels) -> Shape:
        """The shape that leaves a node where `x` arrives."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooLarge
        return _RULES[type(node)](self, node, x, labels)

    def layer(self, node: LayerNode, x: Shape, labels: Labels) -> Shape:
        if node.kind is Input:
            y = self._input(node)
        else:
            self._need_same_tree(x)
            y = self._through(node.layer, x)
        labels.set(node.name, y, indexed=node.name.endswith("]"))
        return y

    def _input(self, node: LayerNode) -> Shape:
        assert node.output is not None
        return self._shape if node is self._start else node.output

    def _through(self, layer: Layer | None, x: Shape) -> Shape:
        if layer is None:
            raise Reopened
        if (layer, x) not in self._known:
            self._known[layer, x] = layer.output(x)
            sizes = (size for size in layer.built_in(x) if type(size) is not int)
            self._domain.built_in.update((size, None) for size in sizes)
            if self._strict:
                layer.need_no_remainder(x)
        return self._known[layer, x]

    def chain(self, node: ChainNode, x: Shape, labels: Labels) -> Shape:
        for part in node.parts:
            x = self._after(part, x, labels)
        return x

    def parallel(self, node: ParallelNode, x: Shape, labels: Labels) -> Shape:
        shapes = [self._after(branch, x, labels) for branch in node.branches]
        step: Any = node.syntax
        return join(step, shapes)

    def repeat(self, node: RepeatNode, x: Shape, labels: Labels) -> Shape:
        self._need_same_tree(x)
        for run in node.runs:
            for number in range(run.copies):
                y = self._after(run.body, x, Labels(outer=labels))
                if y == x:  # as will be all further copies
                    break
                if number == MAX_COPIES:
                    raise TooLarge
                x = y
        return x

    def choice(self, node: ChoiceNode, x: Shape, labels: Labels) -> Shape:
        self._need_same_tree(x)
        return self._after(node.body, x, labels) if node.body else x

    def block(self, node: BlockNode, x: Shape, labels: Labels) -> Shape:
        self._need_same_tree(x)
        if (node.body, x) not in self._known:
            self._known[node.body, x] = self._after(node.body, x, Labels())
        y = self._known[node.body, x]
        labels.set(node.name, y, indexed=node.name.endswith("]"))
        return y

    def labelled(self, node: LabelNode, x: Shape, labels: Labels) -> Shape:
        self._need_same_tree(x)
        y = self._after(node.body, x, labels)
        labels.set(node.name, y, indexed=node.name.endswith("]"))
        return y

    def tap(self, node: TapNode, x: Shape, labels: Labels) -> Shape:
        self._need_same_tree(x)
        found, shape = labels.find(node.name)
        if not found:
            return self._let(node.name)
        assert shape is not None
        return shape

    def _need_same_tree(self, x: Shape) -> None:
        """Raise where an expression may ask for channels whose number is open."""
        if self._by_channels and type(x.channels) is not int:
            raise Reopened


_RULES: dict[type[Node], Callable[[_Walk, Any, Shape, Labels], Shape]] = {
    LayerNode: _Walk.layer,
    ChainNode: _Walk.chain,
    ParallelNode: _Walk.parallel,
    RepeatNode: _Walk.repeat,
    ChoiceNode: _Walk.choice,
    BlockNode: _Walk.block,
    LabelNode: _Walk.labelled,
    TapNode: _Walk.tap,
}
