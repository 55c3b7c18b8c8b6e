"""Which of the inputs that work is nearest to one that does not, and how these inputs are told."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, log

from cnndsl.analysis.inputs import Box, Inputs
from cnndsl.analysis.periodic import Sizes

#: So far the start of a run of sizes is looked for.
MAX_RUN = 4_096

#: The extents of an input by the letters of its axes.
Extents = dict[str, int]


def nearest(inputs: Inputs, given: Extents) -> Extents:
    """The input nearest to one that does not fit: of about its shape first of all, then of its size.

    Of a run of sizes that are all the same to the network the first is taken: it leaves no pixel unread.
    """
    each = [{name: _near(box[name], given[name]) for name in inputs.names} for box in inputs.boxes]

    def effort(found: Extents) -> tuple[float, int]:
        return distortion(found, given), sum(abs(found[name] - given[name]) for name in inputs.names)

    return min(each, key=effort)


def distortion(one: Extents, other: Extents) -> float:
    """How far the proportions of two inputs differ: 0 where they are alike."""
    ratios = [log(one[name] / other[name]) if one[name] else inf for name in other]
    return round(max(ratios) - min(ratios), 1)


def _near(sizes: Sizes, number: int) -> int:
    below, above = sizes.near(number)
    if above is not None and (below is None or above - number <= number - below or sizes.residues):
        return above
    first = below or 0
    while first < number and first - 1 in sizes and number - first < MAX_RUN:
        first -= 1
    return first


def when(inputs: Inputs) -> str:
    """`when the input is a multiple of 32`, or the sets."""
    found = {sizes for box in inputs.boxes for sizes in _plain(box)}
    if len(inputs.boxes) == 1 and len(found) == 1:
        (sizes,) = found
        if sizes.residues == {0} and sizes.period > 1:
            return f"when the input is a multiple of {sizes.period}"
    told = str(inputs)
    return f"for {told}" if len(told) < 60 else "for other inputs"


def _plain(box: Box) -> Iterator[Sizes]:
    for sizes in box.values():
        yield sizes.plain
