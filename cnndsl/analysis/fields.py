"""Receptive fields: what one output unit sees of the input.

After Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks"
(Distill, 2019), and exact where maps grow as well. Along each axis the first unit sees pixels from
`start` on; a field has a `size`, and the next unit's starts `jump` further on. Padding counts as
pixels, so `start` may be negative.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping

from cnndsl.diagnostics import Problem
from cnndsl.layers import Field, Layer, Reach
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
from cnndsl.shape import OpenSize, Shape

#: What the units of a map see of the input: a Reach per axis; None where each sees all of it.
Sights = Field

#: A field that cannot be told: it depends on the input's size.
UNSEEN: Sights = ()

#: Copies of a part whose jump grows with each of them, before its field is called the whole map:
#: so many halvings leave a single unit.
MAX_GROWING = 64


def through(sights: Sights, layer: Field) -> Sights:
    """The fields after a layer."""
    if sights is None or layer is None:
        return None
    if not sights or not layer:  # unseen; on vectors, which have no axes, there is nothing to see
        return UNSEEN
    if len(layer) != len(sights):
        return None
    if len(sights) > 1 and len({*sights}) == len({*layer}) == 1:  # as on square maps: once for all axes
        return _whole([sights[0].through(layer[0])] * len(sights))
    return _whole(sight.through(reach) for sight, reach in zip(sights, layer, strict=True))


def union(paths: Iterable[Sights], *, gates: bool) -> Sights:
    """The fields where parallel paths meet; of a product (`gates`), whole-map factors are left out."""
    found = list(paths)
    seen = [sights for sights in found if sights is not None]
    if not seen or (len(seen) < len(found) and not gates):
        return None
    if UNSEEN in seen:
        return UNSEEN
    if len({len(sights) for sights in seen}) > 1:
        return None
    first: Sights = seen[0]
    for other in seen[1:]:
        first = _whole(a.union(b) for a, b in zip(first or (), other, strict=True)) if first else None
    return first


def _whole(axes: Iterable[Reach | None]) -> Sights:
    """The axes, if all are known."""
    found = tuple(axes)
    known = tuple(axis for axis in found if axis is not None)
    return known if len(known) == len(found) else None


def field_of(layer: Layer, x: Shape) -> Field:
    """What a layer's output units read, where that can be told: also a refused layer has a field or not."""
    try:
        return layer.field(x)
    except (OpenSize, Problem):
        return UNSEEN


class HasTap(Exception):
    """A part takes up a label."""


def effect(node: Node, known: MutableMapping[Node, Field]) -> Field:
    """What a part as a whole does to the field, axis by axis: as if it were one layer.

    None where it sees the whole map. Raises HasTap where it takes up a label: then it depends on
    more than what arrives. `known` keeps results, so that nested repeats cost no more than once.
    """
    if node not in known:
        known[node] = _effect(node, known)
    return known[node]


def _effect(node: Node, known: MutableMapping[Node, Field]) -> Field:
    match node:
        case TapNode():
            raise HasTap
        case LayerNode():
            return field_of(node.layer, node.input) if node.layer and node.input and node.output else None
        case ChainNode():
            return _in_turn(node, [effect(part, known) for part in node.parts])
        case RepeatNode():
            return _in_turn(node, [_copies(effect(run.body, known), run.copies) for run in node.runs])
        case ParallelNode():
            return union([effect(branch, known) for branch in node.branches], gates=node.operator == "⊙")
        case ChoiceNode():
            return effect(node.body, known) if node.body else _nothing(node)
        case BlockNode() | LabelNode():
            return effect(node.body, known)
    return None


def _nothing(node: Node) -> Field:
    return (Reach(),) * node.input.rank if node.input else None


def _in_turn(node: Node, effects: list[Field]) -> Field:
    sights = _nothing(node)
    for reaches in effects:
        sights = through(sights, reaches)
    return sights


def _copies(reaches: Field, count: int) -> Field:
    """The effect of `count` equal copies, by doubling."""
    if reaches is None or count == 1:
        return reaches
    if count > MAX_GROWING and any(reach.advance != reach.period for reach in reaches):
        return None
    half = _copies(reaches, count // 2)
    twice = through(half, half)
    return through(twice, reaches) if count % 2 else twice


def after_copies(sights: Sights, body: Node, copies: int, known: MutableMapping[Node, Field]) -> Sights:
    """The field after `copies` equal copies of `body`; raises HasTap like `effect`."""
    return through(sights, _copies(effect(body, known), copies)) if copies else sights


def continued(seen: list[Sights], copies: int) -> Sights:
    """The field after `copies` copies, of which the first are `seen`: then it grows by equal steps."""
    if copies < len(seen):
        return seen[copies]
    before, last = seen[-2], seen[-1]
    if before is None or last is None:
        return None
    more = copies - len(seen) + 1
    return _whole(_grown(a, b, more) for a, b in zip(before, last, strict=True))


def _grown(before: Reach, last: Reach, more: int) -> Reach | None:
    if (before.period, before.advance) != (last.period, last.advance):
        return None
    lefts = (b + more * (b - a) for a, b in zip(before.lefts, last.lefts, strict=True))
    rights = (b + more * (b - a) for a, b in zip(before.rights, last.rights, strict=True))
    return Reach(tuple(lefts), tuple(rights), last.advance)
