"""Receptive fields: what one output unit sees of the input.

After Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks"
(Distill, 2019): along each axis the first unit sees pixels `left` to `right` of the input, and the
next unit starts `jump` further on. Padding counts as pixels, so `left` may be negative.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.layers.base import Step

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


def after_copies(fields: list[Sights], copies: int) -> Sights:
    """The field after so many equal copies, from those after 0, 1 and 2 of them: it grows linearly.

    None where it does not: then the map is a single unit, which sees all there is.
    """
    if copies < len(fields):
        return fields[copies]
    first, second = fields[-2], fields[-1]
    if first is None or second is None:
        return None
    more = copies - len(fields) + 1
    if any(a.jump != b.jump for a, b in zip(first, second, strict=True)):
        return None
    return tuple(
        Sight(b.left + more * (b.left - a.left), b.right + more * (b.right - a.right), b.jump)
        for a, b in zip(first, second, strict=True)
    )
