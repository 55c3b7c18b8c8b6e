"""Multilayer perceptrons as columns of neurons with their connections."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from cnndsl.drawing.flow import words
from cnndsl.drawing.flow.spread import Words
from cnndsl.drawing.flow.strip import Figure, Port, Strip, style
from cnndsl.drawing.scene import Bounds, Box, Item, Point, Scene
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from cnndsl.drawing.flow.stages import Stage
    from cnndsl.network import Network

#: Neurons of a layer that are all drawn; of more, so many before and behind the dots.
MOST, BEFORE, BEHIND = 16, 6, 3
RADIUS, STEP, GAP = 7.0, 20.0, 90.0


def neurons(network: Network, row: Sequence[Stage], messages: list[str], width: float) -> Scene:
    """The layers of a perceptron as columns, with a line for each weight between neurons that are drawn."""
    strip = Strip(
        network,
        row,
        [_column(stage) for stage in row],
        above=[Words(words.caption(row, number), head=True) for number in range(len(row))],
        below=[Words(each) for each in words.alone(row)],
        before=[Words(each) for each in words.actions(row)],
        laws=[f"{BEFORE + BEHIND} circles for more than {MOST} units"] if any(map(_hides, row)) else [],
        messages=messages,
        lines=lambda _, __, before, after: product(before.ports[0].edge, after.ports[0].face),
        width=width,
        line_style="weight",
        gap=GAP,
    )
    return strip.scene()


def _hides(stage: Stage) -> bool:
    """Whether units are left out, or their number is not known."""
    return stage.output is None or isinstance(stage.output.numel, Symbolic) or stage.output.numel > MOST


def _column(stage: Stage) -> Figure:
    hides = _hides(stage) or stage.output is None
    last = BEFORE + 1 + BEHIND if hides or stage.output is None else stage.output.numel - 1
    places = [n for n in range(last + 1) if not hides or n < BEFORE or n > BEFORE + 1]
    heights = [(place - last / 2) * STEP for place in places]
    items: list[Item] = [
        Box(-RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS, style(stage), RADIUS) for y in heights
    ]
    if hides:
        dots = (heights[BEFORE - 1] + heights[BEFORE]) / 2
        items += [Box(-1.5, dots + 8 * n - 1.5, 3, 3, "dot", 1.5) for n in (-1, 0, 1)]
    half = last / 2 * STEP + RADIUS
    return Figure(tuple(items), Bounds(-RADIUS, -half, RADIUS, half), (_port(heights),))


def _port(heights: Sequence[float]) -> Port:
    right: tuple[Point, ...] = tuple((RADIUS, y) for y in heights)
    return Port(right, tuple((-RADIUS, y) for y in heights))
