"""Maps as blocks in space, after the figure of the AlexNet paper, with windows and numbers along the edges.

Where layers have their channels in two groups, as AlexNet on its two GPUs, there are two rows of blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow import words
from cnndsl.drawing.flow.placing import Number, reach
from cnndsl.drawing.flow.scale import Scale, scale
from cnndsl.drawing.flow.spread import Words
from cnndsl.drawing.flow.stages import Stage, stages
from cnndsl.drawing.flow.streams import lines, notes, streams
from cnndsl.drawing.flow.strip import Figure, Port, Strip, messages, style
from cnndsl.drawing.flow.ushape import ushape
from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.page import PAGE_WIDTH
from cnndsl.drawing.scene import Bounds, Box, Item, Point, Polygon, Scene, Text, moved
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from cnndsl.network import Network

#: The largest height, thickness (channels) and vector; a height below which maps are not to scale.
HEIGHT, THICK, COLUMN, SMALL = 150.0, 48.0, 170.0, 10.0
#: How far a block goes back, as part of its width; the width of a vector.
BACK, BAR = 0.32, 12.0
#: The size of the numbers at edges, and the room between two streams.
NUMBER, STREAMS = 10.0, 30.0
#: The height of a signal; the widest number at an edge.
SIGNAL, LONG = 14.0, 46.0
#: The side of a map and the height of a vector of unknown size, and the thickness of so many channels.
UNKNOWN_SIDE, OPEN_DEPTH = 60.0, 8.0


class Scales(NamedTuple):
    """The scales of heights, of widths, which go to the back, of the number of channels, and of vectors."""

    high: Scale
    wide: Scale
    channels: Scale
    units: Scale


def blocks(network: Network, *, expand: bool = False, width: float = PAGE_WIDTH) -> Scene:
    """The maps of a network as blocks."""
    found = faults(network)
    row = stages(network, found)
    if any(stage.joined for stage in row):
        return ushape(network, row, messages(found), width)
    parts = streams(row)
    scales = _scales(row, parts)
    following = [stage.window for stage in row[1:]]
    strip = Strip(
        network,
        row,
        [_figure(*each, scales) for each in zip(row, [*following, None], parts, strict=True)],
        above=[Words(words.heading(stage), head=True) for stage in row],
        below=[Words(words.brief_action(stage), 10) for stage in row],
        before=[Words()] * len(row),
        laws=[*_laws(row, scales), *notes(row)],
        messages=messages(found),
        lines=lines,
        width=width,
        line_style="dashed",
        gap=24,
    )
    return strip.scene()


def _scales(row: Sequence[Stage], parts: Sequence[int]) -> Scales:
    """The scales. Of two streams each figure stands for a half."""
    low = 0.7 if max(parts) > 1 else 1
    high = scale(words.extents(row), HEIGHT * low, SMALL)
    halves = [one for one, part in zip(row, parts, strict=True) if part > 1]
    return Scales(
        high,
        high.times(BACK * 2**0.5),
        scale(words.depths(row), THICK, 6).down_to(size // 2 for size in words.depths(halves)),
        scale(words.units(row), COLUMN * low, 10).down_to(size // 2 for size in words.units(halves)),
    )


def _laws(row: Sequence[Stage], scales: Scales) -> list[str]:
    """The scales that are used, as the picture states them."""
    ranks = {len(words.drawn_sizes(stage)) for stage in row} - {0}
    said = [scales.high.words("height", "pixel")] if ranks - {1} else []
    side = "length" if ranks == {1} else "width"
    said += [scales.wide.words(f"{side}, to the back", "pixel")] if ranks else []
    said += [scales.channels.words("thickness", "channel")] if words.depths(row) else []
    said += [scales.units.words("bars", "unit")] if words.units(row) else []
    return said + words.undrawn(row, "the first extent of three is") + words.openness(row)


# ---- figures


def _figure(stage: Stage, window: tuple[int, ...] | None, parts: int, scales: Scales) -> Figure:
    """A block or a bar, or two of them with half of the channels each."""
    size = stage.output.channels // parts if stage.output else None
    one = _bar(stage, size, scales) if stage.is_vector else _block(stage, size, window, scales)
    if parts == 1:
        return one
    down = (one.bounds.bottom - one.bounds.top + STREAMS) / 2
    return _beside(_shifted(one, -down), _shifted(one, down))


def _shifted(figure: Figure, dy: float) -> Figure:
    left, top, right, bottom = figure.bounds
    return Figure(
        tuple(moved(item, 0, dy) for item in figure.items),
        Bounds(left, top + dy, right, bottom + dy),
        tuple(port.lower(dy) for port in figure.ports),
        tuple(number.moved(0, dy) for number in figure.numbers),
    )


def _beside(upper: Figure, lower: Figure) -> Figure:
    bounds = Bounds(upper.bounds.left, upper.bounds.top, upper.bounds.right, lower.bounds.bottom)
    numbers = (*upper.numbers, *lower.numbers)
    return Figure((*upper.items, *lower.items), bounds, (*upper.ports, *lower.ports), numbers)


def _block(stage: Stage, size: int | None, window: tuple[int, ...] | None, scales: Scales) -> Figure:
    """A block: channels to the right, the height downwards, the width to the back."""
    extents = words.drawn_sizes(stage)
    tall = scales.high.px(extents[-2]) if len(extents) > 1 else UNKNOWN_SIDE if not extents else SIGNAL
    back = scales.wide.px(extents[-1]) / 2**0.5 if extents else UNKNOWN_SIDE * BACK
    thick = OPEN_DEPTH if size is None or isinstance(size, Symbolic) else scales.channels.px(size)
    solid = _Solid(-(thick + back) / 2, -(tall - back) / 2, thick, tall, back)
    corners, drawn = solid.window(window, extents)
    numbers = _numbers(stage, size, solid)
    port = Port(solid.edge, solid.face, (solid.x, solid.y + tall * 0.5), corners)
    around = Bounds(solid.x, solid.y - back, solid.x + thick + back, solid.y + tall)
    return Figure((*solid.faces(style(stage)), *drawn), reach(numbers, around), (port,), numbers)


class _Solid(NamedTuple):
    """A block: the upper left corner of its front, its extents, and how far it goes back."""

    x: float
    y: float
    thick: float
    tall: float
    back: float

    @property
    def edge(self) -> tuple[Point, ...]:
        x = self.x + self.thick + self.back
        return (x, self.y - self.back), (x, self.y + self.tall - self.back)

    @property
    def face(self) -> tuple[Point, ...]:
        return (self.x, self.y), (self.x, self.y + self.tall)

    def faces(self, style: str) -> list[Item]:
        x, y, thick, tall, back = self
        right, bottom = x + thick, y + tall
        top = ((x, y), (x + back, y - back), (right + back, y - back), (right, y))
        side = ((right, y), (right + back, y - back), (right + back, bottom - back), (right, bottom))
        return [
            Box(x, y, thick, tall, style, 0),
            *(Polygon(top, one) for one in (style, "light")),
            *(Polygon(side, one) for one in (style, "shade")),
        ]

    def window(
        self, size: tuple[int, ...] | None, extents: Sequence[int]
    ) -> tuple[tuple[Point, ...], tuple[Item, ...]]:
        """The next layer's window on the side, in its middle, and its corners."""
        if not size or len(size) != len(extents):
            return (), ()
        part = [min(1.0, k / n) for k, n in zip(size, extents, strict=True)]
        high = max(2.0, self.tall * part[-2]) if len(part) > 1 else self.tall
        deep = max(1.5, self.back * part[-1])
        x = self.x + self.thick + (self.back - deep) / 2
        y = self.y + (self.tall - high) / 2 - (self.back - deep) / 2
        corners = ((x, y), (x + deep, y - deep), (x + deep, y + high - deep), (x, y + high))
        return (corners[1], corners[2]), (Polygon(corners, "window"),)


def _numbers(stage: Stage, size: int | None, solid: _Solid) -> tuple[Number, ...]:
    """The numbers along the edges: channels below, height on the left, width behind the side.

    Where lines pass there they stand in a row below, or above.
    """
    x, y, thick, tall, back = solid
    right, bottom, low, high = x + thick, y + tall, y + tall + NUMBER + 2, y - back - 4
    sizes = [_short(extent) for extent in (stage.output.extents if stage.output else ())][-2:]
    middle = x + thick / 2
    under = [(middle, low, "middle"), (x, low, "start"), (right, low, "end"), (middle + back, high, "middle")]
    found = [_number(words.count(size), under)]
    ends = found[0].places[0].bounds
    if len(sizes) > 1 and sizes[0]:
        left = [(x - 3, bottom - 2), (min(x, ends.left) - 6, low), (x - 3, y + NUMBER - 2)]
        over = [(x, high, "start"), (x, high - NUMBER, "start")]
        found.append(_number(sizes[0], [*((*place, "end") for place in left), *over]))
    if sizes and sizes[-1]:
        behind = [(right + min(back, NUMBER) + 4, bottom - 1), (max(right, ends.right) + 6, low)]
        over = [(right + back, high, "end"), (right + back, high - NUMBER, "end")]
        found.append(_number(sizes[-1], [*((*place, "start") for place in behind), *over]))
    return tuple(found)


def _short(extent: int) -> str:
    """An extent; nothing where it is a long formula, which stands above the figure."""
    text = words.count(extent)
    return text if text_width(text, NUMBER) <= LONG else ""


def _number(text: str, places: Iterable[tuple[float, float, str]]) -> Number:
    """A number that can stand in one of those places."""
    return Number(tuple(Text(x, y, text, NUMBER, "halo", anchor) for x, y, anchor in places))


def _bar(stage: Stage, units: int | None, scales: Scales) -> Figure:
    """A vector: an upright bar with its number below or, where lines pass there, above."""
    tall = UNKNOWN_SIDE if units is None or isinstance(units, Symbolic) else scales.units.px(units)
    x, y = BAR / 2, tall / 2
    text = words.count(units)
    low, high = y + NUMBER + 2, -y - 4
    places = [(0.0, low, "middle"), (0.0, high, "middle")]
    places += [(side, edge, way) for edge in (low, high) for side, way in ((3 - x, "start"), (x - 3, "end"))]
    places += [(0.0, low + 2 * NUMBER, "middle")] * (tall < COLUMN * 0.6)  # between lines that part below it
    number = _number(text, places)
    port = Port(((x, -y), (x, y)), ((-x, -y), (-x, y)), (-x, 0))
    bar = Box(-x, -y, BAR, tall, style(stage), 0)
    return Figure((bar,), reach([number], bar.bounds), (port,), (number,))
