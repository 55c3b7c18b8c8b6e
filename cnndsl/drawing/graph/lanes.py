"""Lanes: vertical lines side by side, as few as will do, the short ones inside."""

from __future__ import annotations

from collections.abc import Sequence


def lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """The lane, counted from inside, of each span from its top to its bottom, so that none touch.

    >>> lanes([(0, 90), (10, 80), (20, 30), (40, 50)])
    [2, 1, 0, 0]
    """
    found = [0] * len(spans)
    tops: list[float] = []  # of the highest span in each lane, filled from the bottom up
    for number in sorted(range(len(spans)), key=lambda n: (-spans[n][0], spans[n][1])):
        top, bottom = spans[number]
        lane = next((lane for lane, used in enumerate(tops) if used > bottom), len(tops))
        tops[lane : lane + 1] = [top]
        found[number] = lane
    return found
