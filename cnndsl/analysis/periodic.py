"""Sets of whole numbers that repeat themselves: which extents an input may have.

>>> str(Sizes.from_(32).both(Sizes.every(16)))
'multiples of 16 from 32'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import lcm
from typing import NamedTuple

from cnndsl.shape.formula import Formula
from cnndsl.shape.size import ClosedForm, Relation, Size

#: Longer periods, more single numbers to try, and longer lists of them are given up.
MAX_PERIOD = 1 << 12
MAX_TRIED = 1 << 13
MAX_LIST = 1 << 16


class NotWorkedOut(Exception):
    """The set is too complicated to be told."""


class Sizes(NamedTuple):
    """`head`, which lie below `start`, and from `start` on the numbers n with n % period in `residues`."""

    head: frozenset[int]
    start: int
    period: int
    residues: frozenset[int]

    @staticmethod
    def from_(start: int) -> Sizes:
        """All numbers from `start` on."""
        return Sizes(frozenset(), start, 1, frozenset({0}))

    @staticmethod
    def every(period: int, residue: int = 0) -> Sizes:
        return Sizes(frozenset(), 1, period, frozenset({residue % period}))

    @staticmethod
    def only(numbers: Iterable[int]) -> Sizes:
        found = frozenset(number for number in numbers if number > 0)
        return Sizes(found, max(found, default=0) + 1, 1, frozenset())

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int) or number < self.start:
            return number in self.head
        return number % self.period in self.residues

    @property
    def empty(self) -> bool:
        return not self.head and not self.residues

    @property
    def least(self) -> int:
        """The least of the numbers; there must be one."""
        return min(self.head) if self.head else self.following(self.start)

    def following(self, number: int) -> int:
        """The least number from `number` on that repeats itself."""
        return min(number + (residue - number) % self.period for residue in self.residues)

    def near(self, number: int) -> tuple[int | None, int | None]:
        """The greatest of the numbers at most, and the least of them at least, as great as `number`."""
        below = [one for one in self.head if one <= number]
        above = [one for one in self.head if one >= number]
        if self.residues:
            above.append(self.following(max(number, self.start)))
            last = max(number - (number - residue) % self.period for residue in self.residues)
            below += [last] if last >= self.start else []
        return max(below, default=None), min(above, default=None)

    def both(self, other: Sizes) -> Sizes:
        """The numbers that are in this set and in the other."""
        first, second = sorted((self, other), key=lambda one: one.start)
        period = _common(first.period, second.period)
        residues = frozenset(_kept(first, second, period))
        early = {number for number in first.head if number in second}
        return Sizes(
            frozenset(early | {n for n in second.head if n in first}), second.start, period, residues
        )

    def within(self, other: Sizes) -> bool:
        """Whether all the numbers are in another set."""
        if not self.residues:
            return all(number in other for number in self.head)
        return self == other or self.both(other).plain == self.plain

    @property
    def plain(self) -> Sizes:
        """The same set with the shortest period, starting as early as it can."""
        if not self.residues:
            return Sizes.only(self.head)
        period = next(
            p
            for p in range(1, self.period + 1)
            if self.period % p == 0 and all((r + p) % self.period in self.residues for r in self.residues)
        )
        residues = frozenset(residue % period for residue in self.residues)
        head, start = set(self.head), self.start
        while start > 1 and ((start - 1) in head) == ((start - 1) % period in residues):
            start -= 1
            head.discard(start)
        return Sizes(frozenset(head), self.following(start) if not head else start, period, residues)

    def __str__(self) -> str:
        """`from 63`, `multiples of 32`, `3 modulo 4 from 7`, `227 to 258`."""
        found = self.plain
        parts = [f"{first} to {last}" if last > first else f"{first}" for first, last in _runs(found.head)]
        if found.residues:
            parts.append(_tail(found))
        if not parts:
            return "none"
        return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def _tail(sizes: Sizes) -> str:
    """What repeats itself, in words."""
    first = sizes.following(sizes.start)
    if sizes.period == 1:
        return f"from {first}"
    if sizes.residues == {0}:
        start = f" from {first}" if first > sizes.period else ""
        return f"{'even numbers' if sizes.period == 2 else f'multiples of {sizes.period}'}{start}"
    if sizes.period == 2:
        return f"odd numbers from {first}"
    listed = [str(residue) for residue in sorted(sizes.residues)]
    if len(listed) > 6:
        listed = [*listed[:5], "…"]
    shown = f"{', '.join(listed[:-1])} or {listed[-1]}" if len(listed) > 1 else listed[0]
    return f"{shown} modulo {sizes.period} from {first}"


ALL = Sizes.from_(1)


def _common(one: int, other: int) -> int:
    period = lcm(one, other)
    if period > MAX_PERIOD:
        raise NotWorkedOut
    return period


def _kept(first: Sizes, second: Sizes, period: int) -> Iterable[int]:
    """The residues modulo the common period that both sets have."""
    few, many = sorted((first, second), key=lambda one: len(one.residues) * (period // one.period))
    for residue in few.residues:
        for number in range(residue, period, few.period):
            if number % many.period in many.residues:
                yield number


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The numbers as stretches without a gap."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def solutions(relation: Relation) -> Sizes:
    """The extents for which a relation about one of them holds; raises NotWorkedOut."""
    size, (name,) = relation.size, relation.size.names
    start = _rising_from(size, name)
    return _repeating(relation, name) if start is None else _once(relation, name, start)


def _rising_from(size: ClosedForm, name: str) -> int | None:
    """An extent from which on a size never falls; None where there is none."""
    if isinstance(size, Size):
        return 1 if size.rising else None
    assert isinstance(size, Formula)
    factors = {factor for factors in size.products for factor in factors}
    if any(times < 0 for factors, times in size.products.items() if factors):
        return None
    if not all(factor.rising for factor in factors):
        return None
    start = max(_least(factor - 1, name) for factor in factors)
    if start > MAX_TRIED:
        raise NotWorkedOut
    return start


def _once(relation: Relation, name: str, start: int) -> Sizes:
    """The solutions where the size never falls from `start` on."""
    size, sign = relation.size, relation.sign
    first = _least(size, name, start)
    if sign == "≥":
        return Sizes(_held(relation, name, range(1, start)), first, 1, frozenset({0}))
    beyond = _least(size - 1, name, start)
    low, high = (first, beyond) if sign == "=" else (start, first)
    if high - low > MAX_LIST:
        raise NotWorkedOut
    head = _held(relation, name, range(1, start)) | frozenset(range(low, high))
    return Sizes.only(head) if sign == "=" else Sizes(head, beyond, 1, frozenset({0}))


def _least(size: ClosedForm, name: str, start: int = 1) -> int:
    """The least extent from `start` on with size ≥ 0, of a size that rises, by bisection."""
    low, high = start - 1, start
    while size.at({name: high}) < 0:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if size.at({name: middle}) >= 0 else (middle, high)
    return high


_HOLDS: dict[str, Callable[[int], bool]] = {
    "≥": lambda value: value >= 0,
    "=": lambda value: value == 0,
    "≠": lambda value: value != 0,
}


def _held(relation: Relation, name: str, extents: Iterable[int]) -> frozenset[int]:
    """Those of the extents for which a relation holds."""
    holds, at = _HOLDS[relation.sign], relation.size.at
    return frozenset(extent for extent in extents if holds(at({name: extent})))


def _repeating(relation: Relation, name: str) -> Sizes:
    """The solutions where the size falls as well.

    It grows by equal steps with each period of extents, so that the relation holds always or never
    in each class of remainders, once the size has left 0 behind.
    """
    start, period = _settled(relation.size, name)
    head = _held(relation, name, range(1, start))
    late = _held(relation, name, range(start, start + period))
    return Sizes(head, start, period, frozenset(extent % period for extent in late))


def _settled(size: ClosedForm, name: str) -> tuple[int, int]:
    """From which extent on, and with which period, a size is 0 always or never, and keeps its sign."""
    if not isinstance(size, Size):
        raise NotWorkedOut
    period, grown = size.growth
    if period > MAX_PERIOD:
        raise NotWorkedOut
    if not grown:
        return 1, period
    farthest = max(abs(size.at({name: first})) for first in range(1, period + 1))
    start = period * (farthest // abs(grown) + 1) + 1
    if start > MAX_TRIED:
        raise NotWorkedOut
    return start, period
