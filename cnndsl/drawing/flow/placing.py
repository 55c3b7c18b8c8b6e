"""Numbers at figures, put where no line passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnndsl.drawing.scene import Bounds, Point, Text

#: From one point to another.
Way = tuple[Point, Point]
#: Between numbers, and between them and lines.
APART = 1.0


class Number(NamedTuple):
    """A number with the places where it can stand, the best one first."""

    places: tuple[Text, ...]

    def moved(self, dx: float, dy: float) -> Number:
        return Number(tuple(text._replace(x=text.x + dx, y=text.y + dy) for text in self.places))


def reach(numbers: Iterable[Number], around: Bounds) -> Bounds:
    """The bounds of a figure with all places of its numbers."""
    found = [around, *(text.bounds for number in numbers for text in number.places)]
    return Bounds(
        min(one.left for one in found),
        min(one.top for one in found),
        max(one.right for one in found),
        max(one.bottom for one in found),
    )


def placed(numbers: Iterable[Number], lines: Sequence[Way]) -> list[Text]:
    """Each number in the first of its places where neither a line nor another number is."""
    found: list[Text] = []
    for number in numbers:
        free = (
            text
            for text in number.places
            if not any(crosses(line, text.bounds) for line in lines)
            and not any(_near(text.bounds, other.bounds) for other in found)
        )
        found.append(next(free, number.places[0]))
    return found


def _near(one: Bounds, other: Bounds) -> bool:
    return (
        one.left < other.right + APART
        and other.left < one.right + APART
        and one.top < other.bottom
        and other.top < one.bottom
    )


def crosses(line: Way, box: Bounds) -> bool:
    """Whether a line passes through a box, or close by it (Liang and Barsky's clipping)."""
    (x0, y0), (x1, y1) = line
    first, last = 0.0, 1.0
    for start, step, low, high in (
        (x0, x1 - x0, box.left - APART, box.right + APART),
        (y0, y1 - y0, box.top, box.bottom),
    ):
        if step == 0:
            if not low < start < high:
                return False
            continue
        enters, leaves = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, enters), min(last, leaves)
    return first < last
