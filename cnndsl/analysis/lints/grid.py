"""Which pixels of a map its windows read, axis by axis; and how the words for them run."""

from __future__ import annotations

from math import gcd

from cnndsl.layers.windows import Axis

#: Taps of a window beyond which nobody counts what it reads.
MAX_TAPS = 10_000

#: What one step along an axis is called, by the number of axes, and where its end is.
_LINES = {1: ("value",), 2: ("row", "column"), 3: ("slice", "row", "column")}
PIXELS = {1: "values", 2: "pixels", 3: "voxels"}


def dropped(axis: Axis) -> int:
    """Pixels of the map itself, not of its padding, that lie behind the last window."""
    return 0 if axis.kernel == 1 else max(0, axis.remainder - axis.pad.after)


def skips(axis: Axis) -> bool:
    """Whether the windows step over pixels between them; a single tap that strides is meant to."""
    taps = axis.stride // gcd(axis.stride, axis.dilation)
    return 1 < axis.kernel <= MAX_TAPS and axis.outputs > 1 and min(axis.kernel, taps) < axis.stride


def read(axis: Axis) -> int:
    """How many pixels of the map some window reads.

    Tap t of window o reads pixel o·s + t·d − p. Taps that agree modulo s read runs of every s-th
    pixel, one run as long as there are windows.
    """
    starts: dict[int, list[int]] = {}
    for tap in range(axis.kernel):
        first, phase = divmod(tap * axis.dilation, axis.stride)
        starts.setdefault(phase, []).append(first)
    return sum(_covered(axis, phase, firsts) for phase, firsts in starts.items())


def _covered(axis: Axis, phase: int, firsts: list[int]) -> int:
    """Pixels at `phase` modulo the stride in the union of the runs that start at `firsts` (ascending)."""
    low = -((phase - axis.pad.before) // axis.stride)  # the first one in the map
    end = -((phase - axis.pad.before - axis.extent) // axis.stride)
    found = 0
    for first in firsts:
        low = max(low, first)
        stop = min(end, first + axis.outputs)
        found += max(0, stop - low)
        low = max(low, stop)
    return found


def last(lost: list[int]) -> str:
    """`the last row and column`, `the last 2 rows`, for the pixels lost at the end of each axis."""
    named = list(zip(_LINES[len(lost)], lost, strict=True))
    words = {line: f"{line}s" * (count > 1) or line for line, count in named}
    counts = {count for _, count in named if count}
    if len(counts) == 1:
        (count,) = counts
        many = f"{count} " if count > 1 else ""
        return f"the last {many}{' and '.join(words[line] for line, each in named if each)}"
    *some, final = (f"{each} {words[line]}" for line, each in named if each)
    return f"the last {', '.join(some)} and {final}"


def times(sizes: list[int]) -> str:
    return "x".join(map(str, sizes))
