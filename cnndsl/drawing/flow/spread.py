"""Figures in a row, so far apart that neither they nor what is written at them touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.scene import Item, Text

#: Between texts that stand side by side.
APART = 12
#: How finely the widths of rows are made even.
STEPS = 40


class Words(NamedTuple):
    """Lines of text below each other, around a middle; the first is bold if `head`."""

    lines: tuple[str, ...] = ()
    size: float = 11
    head: bool = False

    @property
    def width(self) -> float:
        return max((self._width(number, line) for number, line in enumerate(self.lines)), default=0)

    def _width(self, number: int, line: str) -> float:
        return text_width(line, self.size, bold=self.head and not number)

    @property
    def height(self) -> float:
        return (self.size + 3) * len(self.lines)

    def items(self, x: float, y: float, style: str = "") -> list[Item]:
        """The texts around x, below y."""
        step = self.size + 3
        return [
            Text(x, y + step * (number + 1) - 3, line, self.size, style, "middle", self.head and not number)
            for number, line in enumerate(self.lines)
            if line
        ]


class Extent(NamedTuple):
    """What a figure needs on both sides of its middle, and how wide its words are and those before it."""

    left: float
    right: float
    words: float = 0
    before: float = 0

    @property
    def lefts(self) -> float:
        return max(self.left, self.words / 2)

    @property
    def rights(self) -> float:
        return max(self.right, self.words / 2)


#: Where a row goes on that was broken: nothing is there, and a line comes in.
ENTRY = Extent(0, 0)


def spread(figures: Sequence[Extent], gap: float) -> list[float]:
    """The middles of figures in a row, from 0 on; `before` stands half-way to the figure on the left."""
    xs: list[float] = []
    for figure in figures:
        xs.append(_next(figures, xs, figure, gap))
    return xs


def _next(figures: Sequence[Extent], xs: Sequence[float], figure: Extent, gap: float) -> float:
    """Where a figure can be behind those that have their places."""
    number = len(xs)
    if not number:
        return 0.0
    last = figures[number - 1]
    x = xs[-1] + max(last.right + gap + figure.left, (last.words + figure.words) / 2 + APART)
    if number == 1:
        return x
    return max(x, xs[-2] + last.before + figure.before + 2 * APART)  # the words on both sides of the last


def margins(figures: Sequence[Extent], xs: Sequence[float]) -> tuple[float, float]:
    """How far a row reaches, with all its words: to the left of 0, and to the right of it."""
    lefts = [x - one.lefts for one, x in zip(figures, xs, strict=True)]
    rights = [x + one.rights for one, x in zip(figures, xs, strict=True)]
    for number in range(1, len(figures)):
        middle, half = (xs[number - 1] + xs[number]) / 2, figures[number].before / 2
        lefts.append(middle - half)
        rights.append(middle + half)
    return -min(lefts), max(rights)


def broken(figures: Sequence[Extent], gap: float, room: float) -> list[range]:
    """Rows no wider than `room` where that can be: as few as possible, and about as wide as each other."""
    rows = _filled(figures, gap, room)
    if len(rows) == 1:
        return rows
    for part in range(1, STEPS):
        tried = _filled(figures, gap, room * (1 - part / STEPS))
        if len(tried) > len(rows):
            break
        rows = tried
    return rows


def _filled(figures: Sequence[Extent], gap: float, room: float) -> list[range]:
    """Rows with as many figures as there is room for, one at least."""
    rows: list[range] = []
    first = 0
    while first < len(figures):
        there = figures[first:] if not first else [ENTRY, *figures[first:]]
        end = first + max(1, _fitting(there, gap, room) - (first > 0))
        rows.append(range(first, end))
        first = end
    return rows


def _fitting(figures: Sequence[Extent], gap: float, room: float) -> int:
    """How many figures fit into a row."""
    xs: list[float] = []
    left = right = 0.0
    for number, figure in enumerate(figures):
        xs.append(_next(figures, xs, figure, gap))
        left = max(left, figure.lefts - xs[-1])
        right = max(right, xs[-1] + figure.rights)
        if number:
            left = max(left, figure.before / 2 - (xs[-1] + xs[-2]) / 2)
        if left + right > room:
            return number
    return len(figures)
