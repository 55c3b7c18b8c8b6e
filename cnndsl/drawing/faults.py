"""Where a network's errors stand: on the part of it that they are about, or on none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnndsl.network import ChainNode, ChoiceNode, Network, Node, RepeatNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnndsl.diagnostics import Diagnostic


class Faults(NamedTuple):
    """Messages by the node at fault, the nodes that hold one inside, and messages about no node."""

    at: dict[Node, list[str]]
    around: set[Node]
    elsewhere: list[str]


def faults(network: Network) -> Faults:
    """The errors of a network, each on the innermost part that its place is in.

    Where a block or a repeat has the place several times, the first one without a size is meant.
    """
    found = Faults({}, set(), [])
    errors = [one for one in network.diagnostics if one.severity == "error"]
    for error in errors:
        way = _way(network, error)
        if way:
            found.at.setdefault(way[-1], []).append(error.message)
            found.around.update(way[:-1])
        else:
            found.elsewhere.append(error.message)
    return found


def _way(network: Network, error: Diagnostic) -> list[Node]:
    """The nodes around an error, from outside to inside; those left unknown come first."""
    ways = [way for chain in network.chains for way in _ways(chain.node, error, set())]
    way = min(ways, key=lambda way: (way[-1].known, way[-1].span.end - way[-1].span.start), default=[])
    while way and (inside := _structure(way[-1])):  # a claim: it stands behind its step
        before = [inner for inner in inside if inner.span.start <= error.span.start]
        way = [*way, (before or inside)[-1]]
    return way


def _structure(node: Node) -> list[Node]:
    """What is inside a part that has no drawing of its own."""
    return node.inside if isinstance(node, ChainNode | RepeatNode | ChoiceNode) else []


def _ways(node: Node, error: Diagnostic, seen: set[Node]) -> Iterator[list[Node]]:
    """The ways to all nodes whose text holds that of the error; equal copies are looked at once."""
    if node in seen:
        return
    seen.add(node)
    if _holds(node, error):
        yield [node]
    for inner in node.inside:
        yield from ([node, *way] for way in _ways(inner, error, seen))


def _holds(node: Node, error: Diagnostic) -> bool:
    span, place = node.span, error.span
    return span.source is place.source and span.start <= place.start and place.end <= span.end
