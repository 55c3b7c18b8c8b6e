"""The values of the language beside Python's own int, float, bool, str and tuple."""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """Padding before and after on one axis: `1:2`."""

    before: int
    after: int

    def __str__(self) -> str:
        return f"{self.before}:{self.after}"


class Axes(tuple["int | Pair", ...]):
    """One number (or pair) per axis, as in `11x11`, `3x1`, `0:1x1:2`."""

    __slots__ = ()

    def __str__(self) -> str:
        return "x".join(map(str, self))


class Partial(NamedTuple):
    """A shape in which extents may be left open (None), as claims and RESHAPE write it.

    `slide` marks an order without `@`, such as the slides' `55x55x96`: extents hold all numbers.
    """

    channels: int | None
    extents: tuple[int | None, ...]
    slide: bool = False
