"""What comes before a layer: the way of the values from the input to it, also through what is broken.

>>> node, way = way_to(network, lambda node: not node.known)
>>> trace(way)
'49x74 → 47x72 (conv1) → 23x36 (pool1)'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from cnndsl.layers import Input
from cnndsl.network import (
    BlockNode,
    ChainNode,
    LabelNode,
    LayerNode,
    Network,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)
from cnndsl.shape import Shape

#: A longer trace is shown by its ends.
MAX_TRACE = 110


def nodes(network: Network) -> Iterator[Node]:
    """All nodes of a network, each before those in it."""
    waiting = [chain.node for chain in reversed(network.chains)]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += reversed(node.inside)


class Step(NamedTuple):
    """A part of a network on the way, by its name in the table: a layer, or a join of paths."""

    name: str
    node: Node


class _Place(NamedTuple):
    """What stands before a name in the table, and behind it: the blocks and the copies around it."""

    prefix: str = ""
    copies: str = ""

    def named(self, name: str) -> str:
        return f"{self.prefix}{name}{self.copies}"

    def into(self, node: Node, number: int) -> _Place:
        """The place of the part of that number in a node."""
        if isinstance(node, RepeatNode):
            return self._replace(copies=f"{self.copies}[{node.runs[number].first}]")
        if isinstance(node, BlockNode | LabelNode):
            indexed = node.name.endswith("]")  # the label `e[0]` says by itself which copy it is
            return _Place(f"{self.prefix}{node.name}." if indexed else f"{self.named(node.name)}.")
        return self


def way_to(network: Network, wanted: Callable[[Node], bool]) -> tuple[Node, list[Step]] | None:
    """The first node that is wanted, and what is passed before it; None if there is none."""
    for chain in network.chains:
        passed: list[Step] = []
        found = _search(chain.node, wanted, passed, _HERE)
        if found:
            return found, passed
    return None


def _search(node: Node, wanted: Callable[[Node], bool], passed: list[Step], place: _Place) -> Node | None:
    if wanted(node):
        return node
    before = len(passed)
    for number, part in enumerate(node.inside):
        here = place.into(node, number)
        found = _search(part, wanted, passed, here)
        if found:
            return found
        if isinstance(node, ChainNode | RepeatNode):
            passed += steps(part, here)
    del passed[before:]
    return None


_HERE = _Place()


def steps(node: Node, place: _Place = _HERE) -> Iterator[Step]:
    """The layers and joins in a node."""
    match node:
        case LayerNode():
            yield Step(place.named(node.name), node)
        case ParallelNode():
            yield Step("the paths", node)
        case TapNode():
            yield Step(node.name, node)
        case _:
            for number, part in enumerate(node.inside):
                yield from steps(part, place.into(node, number))


def sizes(way: Iterable[Step]) -> list[tuple[str, Shape]]:
    """The maps on a way, each time their extents change, with the step that made them."""
    found: list[tuple[str, Shape]] = []
    for name, node in way:
        shape = node.output
        if shape and shape.rank and shape.closed and (not found or found[-1][1].extents != shape.extents):
            found.append((name, shape))
    return found


def trace(way: Iterable[Step]) -> str:
    """How the map shrank: `49x74 → 47x72 (conv1) → … → 4x7 (pool3)`; "" if it did not."""
    found = sizes(way)
    if len(found) < 2:
        return ""
    parts = [_extents(found[0][1]), *(f"{_extents(shape)} ({name})" for name, shape in found[1:])]
    head, tail = parts[:1], parts[1:]
    while len(tail) > 1 and sum(map(len, [*head, *tail])) + 3 * len(tail) > MAX_TRACE:
        del tail[(len(tail) - 1) // 2]
    gap = [] if len(tail) == len(parts) - 1 else ["…"]
    middle = len(tail) // 2
    return " → ".join([*head, *tail[:middle], *gap, *tail[middle:]])


def _extents(shape: Shape) -> str:
    return "x".join(map(str, shape.extents))


def maker(way: Iterable[Step]) -> Step | None:
    """The step on a way that made the channels that leave it."""
    for step in reversed([*way]):
        node = step.node
        made = node.input is None or node.output is None or node.input.channels != node.output.channels
        made = made or (isinstance(node, LayerNode) and node.kind.learnt)  # 8 filters on 8 channels
        if made or isinstance(node, TapNode) or (isinstance(node, LayerNode) and node.kind is Input):
            return step
    return None
