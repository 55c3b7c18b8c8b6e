"""What the units of a map read of another map, along one axis: the stuff of receptive fields.

Exact also where maps grow: units of a transposed convolution read one unit or another according
to their phase, so a reach holds one period of them.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

#: A longer period than this is given up; no network has one.
MAX_PERIOD = 4096


class Reach(NamedTuple):
    """Unit o reads units `lefts[o]` to `rights[o]`; a period later, `advance` units further on.

    >>> sliding(before=1, after=1, stride=2)  # CONV(…, 3, s=2, p=1)
    Reach(lefts=(-1,), rights=(1,), advance=2)
    """

    lefts: tuple[int, ...] = (0,)
    rights: tuple[int, ...] = (0,)
    advance: int = 1

    @property
    def period(self) -> int:
        return len(self.lefts)

    @property
    def size(self) -> int:
        """How many units the unit that reads most of them reads: the receptive field's extent."""
        return max(right - left + 1 for left, right in zip(self.lefts, self.rights, strict=True))

    @property
    def start(self) -> int:
        """The first unit that unit 0 reads; negative where it reads padding."""
        return self.lefts[0]

    @property
    def jump(self) -> int | Fraction:
        """How far apart neighbours read, on average over a period."""
        if self.advance % self.period == 0:
            return self.advance // self.period
        from fractions import Fraction

        return Fraction(self.advance, self.period)

    def left(self, unit: int) -> int:
        periods, phase = divmod(unit, self.period)
        return self.lefts[phase] + periods * self.advance

    def right(self, unit: int) -> int:
        periods, phase = divmod(unit, self.period)
        return self.rights[phase] + periods * self.advance

    def through(self, layer: Reach) -> Reach | None:
        """What the units behind a layer read, where those before it read this much."""
        if layer == ITSELF:
            return self
        if self.period == 1:  # as everywhere but behind layers that make maps grow
            left, right, advance = self.lefts[0], self.rights[0], self.advance
            lefts = tuple(left + unit * advance for unit in layer.lefts)
            rights = tuple(right + unit * advance for unit in layer.rights)
            return Reach(lefts, rights, layer.advance * advance)
        times = self.period // gcd(self.period, layer.advance)
        period = times * layer.period
        if period > MAX_PERIOD:
            return None
        reads = [range(layer.left(unit), layer.right(unit) + 1) for unit in range(period)]
        lefts = tuple(self._leftmost(read) for read in reads)
        rights = tuple(self._rightmost(read) for read in reads)
        return Reach(lefts, rights, times * layer.advance // self.period * self.advance)

    def _leftmost(self, units: range) -> int:
        """The first unit that any of `units` reads: one within a period of the first of them."""
        return min((self.left(unit) for unit in units[: self.period]), default=self.left(units.start))

    def _rightmost(self, units: range) -> int:
        return max((self.right(unit) for unit in units[-self.period :]), default=self.right(units.stop - 1))

    def union(self, other: Reach) -> Reach | None:
        """The hull of what two paths read that meet unit by unit."""
        period = self.period * other.period // gcd(self.period, other.period)
        if period > MAX_PERIOD:
            return None
        units = range(period)
        lefts = tuple(min(self.left(unit), other.left(unit)) for unit in units)
        rights = tuple(max(self.right(unit), other.right(unit)) for unit in units)
        advance = max(one.advance * (period // one.period) for one in (self, other))
        return Reach(lefts, rights, advance)


#: What a layer reads that goes unit by unit.
ITSELF = Reach()


def sliding(before: int = 0, after: int = 0, stride: int = 1) -> Reach:
    """A window that slides: unit 0 reads units −before to after, the next one `stride` further on."""
    return Reach((-before,), (after,), stride)
