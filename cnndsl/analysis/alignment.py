"""Stages of several networks side by side: those of one scale in one row, in the order of each network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import log2
from typing import NamedTuple

from cnndsl.analysis.stages import Stage

#: Where there would be more pairs of stages than this to be weighed, no network of anybody's is meant.
MOST_PAIRS = 1_000_000


class Row(NamedTuple):
    """The stages that correspond, one for each network; None where it has none."""

    role: str
    cells: tuple[Stage | None, ...]


def aligned_stages(networks: Sequence[Sequence[Stage]]) -> list[Row]:
    """Rows of stages: inputs, the stages by scale, heads, and further chains.

    Stages are paired with one of about their scale in the network to the left: a network's first one
    need not stand beside another's first.
    """
    rows = [Row("input", _only(networks, "input"))]
    spine: list[tuple[Stage | None, ...]] = []
    for number, stages in enumerate(networks):
        spine = _merged(spine, [stage for stage in stages if stage.role == "stage"], number)
    rows += [Row("stage", cells) for cells in spine]
    rows.append(Row("head", _only(networks, "head")))
    chains = [[stage for stage in stages if stage.role == "chain"] for stages in networks]
    for place in range(max(map(len, chains), default=0)):
        rows.append(Row("chain", tuple(each[place] if place < len(each) else None for each in chains)))
    return [row for row in rows if any(row.cells)]


def _only(networks: Sequence[Sequence[Stage]], role: str) -> tuple[Stage | None, ...]:
    return tuple(next((stage for stage in stages if stage.role == role), None) for stages in networks)


def _merged(
    spine: Sequence[tuple[Stage | None, ...]], stages: Sequence[Stage], number: int
) -> list[tuple[Stage | None, ...]]:
    """The rows so far with the stages of one more network, the `number`th from 0."""
    if len(spine) * len(stages) > MOST_PAIRS:  # by order alone
        pairs = zip_longest(spine, stages, fillvalue=None)
        return [(*(cells or (None,) * number), stage) for cells, stage in pairs]
    best = _scores(spine, stages)
    rows: list[tuple[Stage | None, ...]] = []
    i, j = 0, 0
    while i < len(spine) or j < len(stages):
        here = best[i][j]
        if i < len(spine) and j < len(stages) and here == _alike(spine[i], stages[j]) + best[i + 1][j + 1]:
            rows.append((*spine[i], stages[j]))
            i, j = i + 1, j + 1
        elif i < len(spine) and here == best[i + 1][j]:
            rows.append((*spine[i], None))
            i += 1
        else:
            rows.append((*(None,) * number, stages[j]))
            j += 1
    return rows


def _scores(spine: Sequence[tuple[Stage | None, ...]], stages: Sequence[Stage]) -> list[list[float]]:
    """How well the rest of both can be paired, from each place on."""
    best = [[0.0] * (len(stages) + 1) for _ in range(len(spine) + 1)]
    for i in range(len(spine) - 1, -1, -1):
        for j in range(len(stages) - 1, -1, -1):
            paired = _alike(spine[i], stages[j]) + best[i + 1][j + 1]
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    return best


def _alike(cells: Sequence[Stage | None], stage: Stage) -> float:
    """1 for a stage of the scale of its neighbour's, less the further apart they are, never nothing."""
    neighbour = next(cell for cell in reversed(cells) if cell)
    return 1 / (1 + abs(log2(neighbour.scale) - log2(stage.scale)))
