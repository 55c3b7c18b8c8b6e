"""A departure from a pattern as a diagnostic: where it is, what stands there, what was expected."""

from __future__ import annotations

import re

from cnndsl.analysis.pattern.follow import Departure, Match
from cnndsl.diagnostics import Diagnostic, Label
from cnndsl.layers import activation
from cnndsl.network import LayerNode, Node, ParallelNode, TapNode

#: Uses of blocks that are named: the innermost.
MAX_LABELS = 3
#: What paths come to by each operator.
JOINED = {"+": "a sum", "|": "a concatenation", "⊙": "a product"}


def diagnosed(match: Match) -> Diagnostic | None:
    """The departure of a match; None where the network follows the pattern."""
    departure = match.departure
    if departure is None:
        return None
    uses = departure.place.uses[-MAX_LABELS:][::-1]
    labels = tuple(Label(use.span, f"in this use of {use.block.name}") for use in uses)
    return Diagnostic("pattern", said(departure), departure.span, labels, tuple(_hints(match, departure)))


def said(departure: Departure) -> str:
    """What stands in the place of what: `the pattern has CONV or FC here, and not GAP`."""
    expected = either(departure.expected)
    if departure.found is None:
        return f"the network ends here, where the pattern goes on with {expected}"
    found = described(departure.found)
    if not expected:
        return f"the pattern ends before this, which is {found}"
    ends = "ends or " * departure.ends
    return f"the pattern {ends}goes on with {expected} here, and this is {found}"


def either(words: list[str]) -> str:
    """`CONV, POOL or FC`."""
    *others, last = words or [""]
    return f"{', '.join(others)} or {last}" if others else last


def described(node: Node) -> str:
    """A step as it is spoken of: `CONV(64, 3x3)`, `a sum of 2 paths`."""
    match node:
        case LayerNode():
            return str(node.layer or node.kind.kind)
        case ParallelNode():
            return f"{JOINED[node.operator]} of {len(node.branches)} paths"
        case TapNode():
            return f"the label `{node.name}`"
    return "not known"


def _hints(match: Match, departure: Departure) -> list[str]:
    hints = [f"up to here it follows: {match.derived.text}"] if match.derived.text else []
    hints += [f"in copy {number + 1} of {count}" for number, count in departure.place.copies if number]
    if departure.place.uses and isinstance(departure.found, ParallelNode):
        hints.append(f"a pattern can have the block as one step: {departure.place.uses[0].block.name}")
    if instead := _other_activation(match, departure):
        hints.append(f"with that for {departure.expected[0]} the pattern is {instead}")
    return hints


def _other_activation(match: Match, departure: Departure) -> str:
    """The pattern with the activation that the network has in the place of its own."""
    node, expected = departure.found, departure.expected
    acts = isinstance(node, LayerNode) and node.kind.__module__ == activation.__name__
    own = match.pattern.scope.find(expected[0]) if len(expected) == 1 else None
    if not acts or getattr(own, "__module__", "") != activation.__name__:
        return ""
    assert isinstance(node, LayerNode)
    return re.sub(rf"\b{re.escape(expected[0])}\b", node.kind.kind, match.pattern.text)
