"""Receptive fields: what one output unit sees of the input.

After Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks"
(Distill, 2019): along each axis the first unit sees pixels `left` to `right` of the input, and the
next unit starts `jump` further on. Padding counts as pixels, so `left` may be negative.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.layers import Step
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

if TYPE_CHECKING:
    from fractions import Fraction


class Sight(NamedTuple):
    """What the units of a map see along one axis."""

    left: int | Fraction = 0
    right: int | Fraction = 0
    jump: int | Fraction = 1

    @property
    def size(self) -> int | Fraction:
        return self.right - self.left + 1

    def through(self, step: Step) -> Sight:
        """After a layer whose units read this map as `step` says."""
        return Sight(
            self.left - step.before * self.jump, self.right + step.after * self.jump, self.jump * step.stride
        )


#: A Sight per axis; None where each unit sees the whole input.
Sights = tuple[Sight, ...] | None


def through(sights: Sights, steps: tuple[Step, ...] | None) -> Sights:
    """The fields after a layer."""
    if sights is None or steps is None or len(steps) != len(sights):
        return None
    return tuple(sight.through(step) for sight, step in zip(sights, steps, strict=True))


def union(paths: Iterable[Sights], *, gates: bool) -> Sights:
    """The fields where parallel paths meet; of a product (`gates`), whole-map factors are left out."""
    found = list(paths)
    seen = [sights for sights in found if sights is not None]
    if not seen or (len(seen) < len(found) and not gates):
        return None
    if len({len(sights) for sights in seen}) > 1:
        return None
    return tuple(
        Sight(min(s.left for s in axis), max(s.right for s in axis), max(s.jump for s in axis))
        for axis in zip(*seen, strict=True)
    )


def effect(node: Node, known: dict[Node, tuple[Step, ...] | None]) -> tuple[Step, ...] | None:
    """What a part as a whole does to the field, axis by axis: as if it were one layer.

    None where it sees the whole map. Raises HasTap where it takes up a label: then it depends on
    more than what arrives. `known` keeps results, so that nested repeats cost no more than once.
    """
    if node not in known:
        known[node] = _effect(node, known)
    return known[node]


class HasTap(Exception):
    """A part takes up a label."""


def _effect(node: Node, known: dict[Node, tuple[Step, ...] | None]) -> tuple[Step, ...] | None:
    match node:
        case TapNode():
            raise HasTap
        case LayerNode():
            return node.layer.field(node.input) if node.layer and node.input else None
        case ChainNode():
            return _in_turn(node, [effect(part, known) for part in node.parts])
        case RepeatNode():
            return _in_turn(node, [_copies(effect(run.body, known), run.copies) for run in node.runs])
        case ParallelNode():
            ends = [_sights(effect(branch, known)) for branch in node.branches]
            return _steps(union(ends, gates=node.operator == "⊙"))
        case ChoiceNode():
            return effect(node.body, known) if node.body else _nothing(node)
        case BlockNode() | LabelNode():
            return effect(node.body, known)
    return None


def _nothing(node: Node) -> tuple[Step, ...] | None:
    return (Step(),) * node.input.rank if node.input else None


def _in_turn(node: Node, effects: list[tuple[Step, ...] | None]) -> tuple[Step, ...] | None:
    sights = _sights(_nothing(node))
    for steps in effects:
        sights = through(sights, steps)
    return _steps(sights)


def _copies(steps: tuple[Step, ...] | None, count: int) -> tuple[Step, ...] | None:
    """The effect of `count` equal copies. Where the jump grows for ever, a single unit sees it all."""
    if steps is None or count == 1:
        return steps
    if all(step.stride == 1 for step in steps):
        return tuple(Step(count * step.before, count * step.after, 1) for step in steps)
    if count > 64:
        return None
    sights = _sights(steps)
    for _ in range(count - 1):
        sights = through(sights, steps)
    return _steps(sights)


def _sights(steps: tuple[Step, ...] | None) -> Sights:
    return None if steps is None else tuple(Sight().through(step) for step in steps)


def _steps(sights: Sights) -> tuple[Step, ...] | None:
    return None if sights is None else tuple(Step(-sight.left, sight.right, sight.jump) for sight in sights)


def after_copies(
    sights: Sights, body: Node, copies: int, known: dict[Node, tuple[Step, ...] | None]
) -> Sights:
    """The field after `copies` equal copies of `body`; raises HasTap like `effect`."""
    return through(sights, _copies(effect(body, known), copies)) if copies else sights


def continued(seen: list[Sights], copies: int) -> Sights:
    """The field after `copies` copies, of which the first are `seen`: then it grows by equal steps."""
    if copies < len(seen):
        return seen[copies]
    first, second = seen[-2], seen[-1]
    if first is None or second is None:
        return None
    more = copies - len(seen) + 1
    return tuple(
        Sight(b.left + more * (b.left - a.left), b.right + more * (b.right - a.right), b.jump)
        for a, b in zip(first, second, strict=True)
    )
