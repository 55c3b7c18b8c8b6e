"""Figures in a row, so far apart that neither they nor what is written at them touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.scene import Item, Text

#: Between texts that stand side by side.
APART = 12


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
    """What a figure needs on both sides of its middle, and its words: above, below, half-way before it."""

    left: float
    right: float
    above: Words = Words()
    below: Words = Words()
    before: Words = Words()

    @property
    def words(self) -> float:
        """Half the width of its own words."""
        return max(self.above.width, self.below.width) / 2


def spread(figures: Sequence[Extent], gap: float) -> list[float]:
    """The middles of figures in a row, from 0 on; `before` stands half-way to the figure on the left."""
    xs: list[float] = []
    for number, figure in enumerate(figures):
        x = 0.0
        if number:
            last = figures[number - 1]
            x = xs[-1] + max(last.right + gap + figure.left, last.words + figure.words + APART)
        if number > 1:  # the words on both sides of the last figure
            x = max(x, xs[-2] + figures[number - 1].before.width + figure.before.width + 2 * APART)
        xs.append(x)
    return xs


def margins(figures: Sequence[Extent], xs: Sequence[float]) -> tuple[float, float]:
    """How far a row reaches, with all its words: to the left of 0, and to the right of it."""
    lefts = [x - max(one.left, one.words) for one, x in zip(figures, xs, strict=True)]
    rights = [x + max(one.right, one.words) for one, x in zip(figures, xs, strict=True)]
    for number in range(1, len(figures)):
        middle, half = (xs[number - 1] + xs[number]) / 2, figures[number].before.width / 2
        lefts.append(middle - half)
        rights.append(middle + half)
    return -min(lefts), max(rights)
