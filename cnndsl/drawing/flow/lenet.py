"""Feature maps as stacks of planes, after Figure 2 of the LeNet paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow import words
from cnndsl.drawing.flow.neurons import neurons
from cnndsl.drawing.flow.scale import Scale, scale
from cnndsl.drawing.flow.spread import Words
from cnndsl.drawing.flow.stages import Stage, Unfit, stages
from cnndsl.drawing.flow.streams import lines
from cnndsl.drawing.flow.strip import Figure, Port, Strip, messages, style
from cnndsl.drawing.page import PAGE_WIDTH
from cnndsl.drawing.scene import Bounds, Box, Item, Point, Polygon, Scene
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from cnndsl.network import Network

#: The largest side of a plane and the largest height of a vector; a side below which maps are not to scale.
SIDE, COLUMN, SMALL = 112.0, 150.0, 14.0
#: Planes drawn of a stack at most, the most that one sticks out behind the next, and all of them together.
PLANES, SHIFT, STACK = 16, 6.0, 60.0
#: The width of a vector, and how much it slants.
BAR, SLANT = 9.0, 24.0
#: The side of a map and the height of a vector of unknown size; the height of a signal.
UNKNOWN_SIDE, SIGNAL = 60.0, 12.0


def lenet(network: Network, *, expand: bool = False, width: float = PAGE_WIDTH) -> Scene:
    """The maps of a network as planes; where there are none, its neurons as columns."""
    found = faults(network)
    row = stages(network, found)
    if any(stage.joined for stage in row):
        raise Unfit("it takes up earlier maps, which planes in a row do not show")
    if {stage.kind for stage in row} in ({"FC"}, {"INPUT", "FC"}):
        return neurons(network, row, messages(found), width)
    sides = scale(words.extents(row), SIDE, SMALL)
    units = scale(words.units(row), COLUMN, 10)
    following = [stage.window for stage in row[1:]]
    strip = Strip(
        network,
        row,
        [_figure(stage, window, sides, units) for stage, window in zip(row, [*following, None], strict=True)],
        above=[Words(words.caption(row, number), head=True) for number in range(len(row))],
        below=[Words(each) for each in words.alone(row)],
        before=[Words(each) for each in words.actions(row)],
        laws=_laws(row, sides, units),
        messages=messages(found),
        lines=lines,
        width=width,
    )
    return strip.scene()


def _laws(row: Sequence[Stage], sides: Scale, units: Scale) -> list[str]:
    """The scales, as the picture states them."""
    said = [sides.words("planes", "pixel")] if words.extents(row) else []
    said += [units.words("columns", "unit")] if words.units(row) else []
    if any(not stage.is_vector and _planes(stage) < _channels(stage) for stage in row):
        said.append(f"at most {PLANES} planes of a stack")
    return said + words.undrawn(row, "the first extent of three is") + words.openness(row)


def _figure(stage: Stage, window: tuple[int, ...] | None, sides: Scale, units: Scale) -> Figure:
    return _column(stage, units) if stage.is_vector else _stack(stage, window, sides)


def _channels(stage: Stage) -> int:
    """The number of channels; 4 stand for an open number, one for an unknown one."""
    if stage.output is None:
        return 1
    return words.channels(stage) or (1 if stage.lost else 4)


def _planes(stage: Stage) -> int:
    return min(_channels(stage), PLANES)


def _stack(stage: Stage, window: tuple[int, ...] | None, sides: Scale) -> Figure:
    """Planes, the front one last."""
    width, height = _plane(stage, sides)
    count = _planes(stage)
    shift = min(SHIFT, STACK / max(count - 1, 1))
    right, bottom = (width + shift * (count - 1)) / 2, (height + shift * (count - 1)) / 2
    places = [(shift * n - right, shift * n - bottom) for n in range(count)]
    planes = [Box(x, y, width, height, style(stage), 0) for x, y in places]
    front = planes[-1].bounds
    edge = ((front.right, front.top), (front.right, front.bottom))
    face = ((-right, -bottom), (-right, height - bottom))
    aim = (front.left + width * 0.3, front.top + height * 0.62)
    corners, drawn = _window(front, window, stage)
    port = Port(edge, face, aim, corners)
    return Figure((*planes, *drawn), Bounds(-right, -bottom, right, bottom), (port,))


def _plane(stage: Stage, sides: Scale) -> tuple[float, float]:
    """The width and height of a map; of a signal, which has no height, a strip."""
    extents = words.drawn_sizes(stage)
    if not extents:
        return UNKNOWN_SIDE, UNKNOWN_SIDE
    width = sides.px(extents[-1])
    return width, sides.px(extents[-2]) if len(extents) > 1 else SIGNAL


def _window(
    front: Bounds, size: tuple[int, ...] | None, stage: Stage
) -> tuple[tuple[Point, ...], tuple[Item, ...]]:
    """The window that the next layer moves over the front plane, and its corners on the right."""
    extents = words.drawn_sizes(stage)
    if not size or len(size) != len(extents):
        return (), ()
    part = [min(1.0, k / n) for k, n in zip(size, extents, strict=True)]
    width, height = front.right - front.left, front.bottom - front.top
    wide = max(2.0, width * part[-1])
    high = max(2.0, height * part[-2]) if len(part) > 1 else height
    x = front.left + max(0.0, min(width * 0.5, width - wide))
    y = front.top + max(0.0, min(height * 0.55, height - high))
    box = Box(x, y, wide, high, "window", 0)
    return ((x + wide, y), (x + wide, y + high)), (box,)


def _column(stage: Stage, units: Scale) -> Figure:
    """A vector: a thin column that slants to the right."""
    count = stage.output.channels if stage.output else 1
    height = UNKNOWN_SIDE if isinstance(count, Symbolic) else units.px(count)
    slant = min(SLANT, height * 0.4)
    half, top, bottom = (BAR + slant) / 2, -height / 2, height / 2
    corners = ((-half, top), (BAR - half, top), (half, bottom), (half - BAR, bottom))
    port = Port((corners[1], corners[2]), (corners[0], corners[3]), corners[0])
    return Figure((Polygon(corners, style(stage)),), Bounds(-half, top, half, bottom), (port,))
