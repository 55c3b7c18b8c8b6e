"""The last map of a network and its receptive field, without the rows of all layers.

>>> last_map(network)
LastMap(output=Shape(256, (6, 6)), sights=(Reach(…), Reach(…)))

Parts that networks share are looked at once; a network in which a path takes up a label is walked whole.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

from cnndsl.analysis.fields import HasTap, Sights, after_copies, effect, through
from cnndsl.analysis.rows import walked
from cnndsl.layers import Field, Input, Reach
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Network,
    Node,
    RepeatNode,
    Run,
)
from cnndsl.shape import NOTHING, Shape


class LastMap(NamedTuple):
    """The shape of a network's last map and what its units see; None where it has no map."""

    output: Shape | None
    sights: Sights


class _Part(NamedTuple):
    """What a part does to the field (None: it sees the whole map), and the last map in it.

    `reach` is what that map's units see of what arrives at the part; None where there is no map.
    """

    field: Field
    reach: Field
    output: Shape | None


_parts: WeakKeyDictionary[Node, _Part] = WeakKeyDictionary()
_effects: WeakKeyDictionary[Node, Field] = WeakKeyDictionary()


def last_map(network: Network) -> LastMap:
    """The last map of the main chain, before anything that sees the whole of it."""
    try:
        part = _part(network.main)
    except HasTap:
        found = walked(network)
        return LastMap(found.outputs.get(""), found.maps.get(""))
    return LastMap(part.output, part.reach)


def _part(node: Node) -> _Part:
    if node not in _parts:
        _parts[node] = _look(node)
    return _parts[node]


def _look(node: Node) -> _Part:
    match node:
        case ChainNode():
            return _in_turn(node, [Run(0, 1, part, {}) for part in node.parts])
        case RepeatNode():
            return _in_turn(node, node.runs)
        case BlockNode() | LabelNode():
            return _part(node.body)
        case ChoiceNode(body=Node() as body):
            return _part(body)
    field = effect(node, _effects)
    if _starts(node):
        field = field or None  # a vector has no axes to see along
    return _Part(field, field, node.output if field is not None else None)


def _in_turn(node: Node, runs: list[Run]) -> _Part:
    """Parts one after the other, each in so many equal copies."""
    field: Field = (Reach(),) * node.input.rank if node.input else None
    reach, output = None, None
    for run in runs:
        part = _part(run.body)
        if _starts(run.body):
            field, reach, output = part
        elif field is not None:
            field = after_copies(field, run.body, run.copies - 1, _effects)
            before, field = field, through(field, part.field)
            seen = field if part.reach is part.field else through(before, part.reach)
            if seen is not None:
                reach, output = seen, part.output
    return _Part(field, reach, output)


def _starts(node: Node) -> bool:
    """Whether the network's INPUT stands at the start of a part."""
    return node.input == NOTHING or (isinstance(node, LayerNode) and node.kind is Input)
