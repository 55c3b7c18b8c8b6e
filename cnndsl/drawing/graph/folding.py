"""Which blocks are drawn aside: those that a network uses more than once, one drawing for each structure.

Two uses of a block have the same structure when they hold the same kinds of layers in the same places,
whatever the numbers: in a ResNet, blocks with and without a convolution on the skip differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from itertools import groupby
from typing import TYPE_CHECKING

from cnndsl.drawing import labels
from cnndsl.drawing.look import style_of
from cnndsl.layers import Elementwise, Identity
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
    bare,
)

if TYPE_CHECKING:
    from cnndsl.drawing.faults import Faults
    from cnndsl.layers import Layer

#: Blocks of fewer layers are drawn where they are used.
LEAST = 4
#: So many branches side by side that are uses of the same block are drawn as one.
MANY = 3


class Folding:
    """The structures of a network's blocks, and those that are drawn aside, outer ones first."""

    def __init__(self, network: Network, faults: Faults, *, expand: bool) -> None:
        self._faults, self._expand = faults, expand
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[Node, int] = {}
        self._uses: Counter[int] = Counter()
        self._blocks: dict[int, BlockNode] = {}
        self._inner_first: list[int] = []
        if not expand:
            for chain in network.chains:
                self._count(chain.node)
        self._variants = self._numbered()

    @property
    def outer_first(self) -> list[int]:
        """The structures drawn aside, each before those that it uses."""
        return [number for number in reversed(self._inner_first) if self._uses[number] > 1]

    @property
    def order(self) -> list[int]:
        """The structures drawn aside as a reader meets them."""
        return [number for number in self._blocks if self._uses[number] > 1]

    def aside(self, node: BlockNode) -> int | None:
        """The structure of a use of a block if it is drawn aside."""
        if self._expand or not self._can(node):
            return None
        number = self.structure(node)
        return number if self._uses[number] > 1 else None

    def branches(self, node: ParallelNode) -> list[list[int]]:
        """The numbers of the branches, those together that are many uses of one block."""
        found: list[list[int]] = []
        keys = map(self._together, node.branches)
        for _, group in groupby(enumerate(keys), lambda pair: pair[1]):
            numbers = [number for number, _ in group]
            found += [numbers] if len(numbers) >= MANY else [[number] for number in numbers]
        return found

    def _together(self, branch: Node) -> Hashable:
        """What branches share that are drawn as one."""
        block = bare(branch)
        folds = isinstance(block, BlockNode) and not self._expand and self.is_sound(block)
        return self.structure(block) if folds and not _takes_up(block) else branch

    def variant(self, number: int) -> str:
        """What tells the structures of one block apart: "" where there is one, else (a), (b), …"""
        return self._variants.get(number, "")

    def structure(self, node: Node) -> int:
        """A number that nodes of the same structure share."""
        if node not in self._known:
            key = (type(node), *self._key(node))
            self._known[node] = self._numbers.setdefault(key, len(self._numbers))
        return self._known[node]

    def _can(self, node: BlockNode) -> bool:
        """Whether a use may be folded: it is no mere handful of layers, and nothing in it is at fault."""
        return node.body.totals.layers >= LEAST and self.is_sound(node)

    def is_sound(self, node: Node) -> bool:
        """Whether nothing in it is at fault."""
        return node.known and node not in self._faults.around and node not in self._faults.at

    def _key(self, node: Node) -> tuple[Hashable, ...]:
        inside = tuple(self.structure(inner) for inner in node.inside)
        match node:
            case LayerNode():
                return (node.syntax, *_drawn_as(node.kind))
            case BlockNode():
                return (node.block, inside)
            case LabelNode() | TapNode():
                return (node.name, inside)
            case ParallelNode():
                return (node.operator, inside)
            case RepeatNode():
                return self._copies(node)
            case ChainNode() | ChoiceNode():
                return (inside,)
            case _:
                return (node,)

    def _copies(self, node: RepeatNode) -> tuple[Hashable, ...]:
        """The copies of a repeat: they are as one, but for their number, if no drawing tells them apart.

        The first convolution of some works on other channels than those behind it, which no box shows.
        """
        bodies = [self.structure(run.body) for run in node.runs]
        alike = len(set(bodies)) == 1 and len({labels.looks(run.body) for run in node.runs}) == 1
        return (node.count, bodies[0]) if alike else (tuple(run.copies for run in node.runs), tuple(bodies))

    def _count(self, node: Node) -> None:
        """Count the uses of each structure of a block, those inside others once."""
        if isinstance(node, BlockNode) and self._can(node):
            number = self.structure(node)
            self._uses[number] += 1
            if self._uses[number] > 1:
                return
            self._blocks[number] = node
            self._count(node.body)
            self._inner_first.append(number)
            return
        for inner in node.inside:
            self._count(inner)

    def _numbered(self) -> dict[int, str]:
        """Signs for the structures of blocks that have several."""
        by_block: dict[Hashable, list[int]] = {}
        for number, node in self._blocks.items():
            if self._uses[number] > 1:
                by_block.setdefault(node.block, []).append(number)
        several = [numbers for numbers in by_block.values() if len(numbers) > 1]
        return {number: f" ({_letter(place)})" for numbers in several for place, number in enumerate(numbers)}


def _drawn_as(kind: type[Layer]) -> tuple[Hashable, ...]:
    """What the drawing of a layer depends on, where its kind is a parameter of the block."""
    return style_of(kind), issubclass(kind, Identity), issubclass(kind, Elementwise)


def _takes_up(node: Node) -> bool:
    """Whether something inside takes up what was made elsewhere."""
    return isinstance(node, TapNode) or any(map(_takes_up, node.inside))


def _letter(number: int) -> str:
    """`a`, `b`, …; behind `z` numbers."""
    return "abcdefghijklmnopqrstuvwxyz"[number] if number < 26 else str(number + 1)
