"""Maps as blocks in space, after the figure of the AlexNet paper, with windows and numbers along the edges.

Where layers have their channels in two groups, as AlexNet on its two GPUs, there are two rows of blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow import words
from cnndsl.drawing.flow.scale import Scale, scale
from cnndsl.drawing.flow.spread import Words
from cnndsl.drawing.flow.stages import Stage, stages
from cnndsl.drawing.flow.strip import Figure, Port, Strip, lines, messages, moved, style
from cnndsl.drawing.flow.ushape import ushape
from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.page import PAGE_WIDTH
from cnndsl.drawing.scene import Bounds, Box, Item, Point, Polygon, Scene, Text
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from cnndsl.network import Network

#: The largest height, thickness (channels) and vector; a height below which maps are not to scale.
HEIGHT, THICK, COLUMN, SMALL = 150.0, 48.0, 170.0, 10.0
#: How far a block goes back, as part of its width; the width of a vector.
BACK, BAR = 0.32, 12.0
#: The size of the numbers at edges, and the room between two streams.
NUMBER, STREAMS = 10.0, 30.0
UNKNOWN_SIDE = 60.0


class Scales(NamedTuple):
    """The scales of the sides, of the number of channels, and of vectors."""

    sides: Scale
    channels: Scale
    units: Scale


def blocks(network: Network, *, expand: bool = False, width: float = PAGE_WIDTH) -> Scene:
    """The maps of a network as blocks."""
    found = faults(network)
    row = stages(network, found)
    if any(stage.joined for stage in row):
        return ushape(network, row, messages(found))
    split = _has_streams(row)
    scales = _scales(row, split)
    following = [stage.window for stage in row[1:]]
    strip = Strip(
        network,
        row,
        [
            _figure(stage, window, scales, 2 if split and _parts(row, number) else 1)
            for number, (stage, window) in enumerate(zip(row, [*following, None], strict=True))
        ],
        above=[Words(words.heading(row, number), head=True) for number in range(len(row))],
        below=[Words(words.brief_action(stage), 10) for stage in row],
        before=[Words()] * len(row),
        laws=_laws(row, scales),
        messages=messages(found),
        lines=lines,
        width=width,
        line_style="dashed",
        gap=24,
    )
    return strip.scene()


def _has_streams(row: Sequence[Stage]) -> bool:
    """Whether some layer works on two halves of its channels."""
    return any(stage.kind == "CONV" and getattr(stage.layer, "groups", 1) == 2 for stage in row)


def _parts(row: Sequence[Stage], number: int) -> bool:
    """Whether a stage is drawn as two halves: those between the input and the output, where they can be."""
    stage = row[number]
    channels = stage.output.channels if stage.output and not stage.lost else 1
    inner = 0 < number < len(row) - 1
    return inner and not isinstance(channels, Symbolic) and channels % 2 == 0


def _scales(row: Sequence[Stage], split: bool) -> Scales:
    channels = [
        stage.output.channels
        for stage in row
        if stage.output and not stage.is_vector and not isinstance(stage.output.channels, Symbolic)
    ]
    high = HEIGHT * (0.7 if split else 1)
    return Scales(
        scale(words.extents(row), high, SMALL),
        scale(channels, THICK, 6),
        scale(words.units(row), COLUMN * (0.7 if split else 1), 10),
    )


def _laws(row: Sequence[Stage], scales: Scales) -> list[str]:
    """The scales, as the picture states them."""
    said = [scales.sides.words("height", "pixel"), scales.channels.words("thickness", "channel")]
    said += [scales.units.words("bars", "unit")] if words.units(row) else []
    return said + words.openness(row)


# ---- figures


def _figure(stage: Stage, window: tuple[int, ...] | None, scales: Scales, streams: int) -> Figure:
    """A block or a bar, or two of them with half of the channels each."""
    channels = stage.output.channels if stage.output and not stage.lost else 1
    if not isinstance(channels, Symbolic):
        channels //= streams
    one = _bar(stage, channels, scales) if stage.is_vector else _block(stage, channels, window, scales)
    if streams == 1:
        return one
    down = (one.bounds.bottom - one.bounds.top + STREAMS) / 2
    return _beside(_shifted(one, -down), _shifted(one, down))


def _shifted(figure: Figure, dy: float) -> Figure:
    left, top, right, bottom = figure.bounds
    return Figure(
        tuple(moved(item, 0, dy) for item in figure.items),
        Bounds(left, top + dy, right, bottom + dy),
        tuple(port.lower(dy) for port in figure.ports),
        tuple(moved(item, 0, dy) for item in figure.numbers),
    )


def _beside(upper: Figure, lower: Figure) -> Figure:
    bounds = Bounds(upper.bounds.left, upper.bounds.top, upper.bounds.right, lower.bounds.bottom)
    numbers = (*upper.numbers, *lower.numbers)
    return Figure((*upper.items, *lower.items), bounds, (*upper.ports, *lower.ports), numbers)


def _block(stage: Stage, channels: int, window: tuple[int, ...] | None, scales: Scales) -> Figure:
    """A block: channels to the right, the height downwards, the width to the back."""
    extents = words.drawn_sizes(stage)
    tall = scales.sides.px(extents[-2]) if len(extents) > 1 else UNKNOWN_SIDE if not extents else SIGNAL
    back = (scales.sides.px(extents[-1]) if extents else UNKNOWN_SIDE) * BACK
    thick = 8.0 if isinstance(channels, Symbolic) else scales.channels.px(channels)
    solid = _Solid(-(thick + back) / 2, -(tall - back) / 2, thick, tall, back)
    corners, drawn = solid.window(window, extents)
    numbers, left, right = _numbers(stage, channels, solid)
    bounds = Bounds(left, solid.y - back, right, solid.y + tall + NUMBER + 4)
    aim = (solid.x, solid.y + tall * 0.5)
    port = Port(solid.edge, solid.face, aim, corners)
    return Figure((*solid.faces(style(stage)), *drawn), bounds, (port,), tuple(numbers))


SIGNAL = 14.0


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


def _numbers(stage: Stage, channels: int, solid: _Solid) -> tuple[list[Item], float, float]:
    """The numbers along the edges: height on the left, width behind the side, channels below.

    Returns how far all reaches to the left and the right as well.
    """
    x, y, thick, tall, back = solid
    bottom = y + tall
    sizes = [words.count(extent) for extent in (stage.output.extents if stage.output else ())][-2:]
    below = Text(x + thick / 2, bottom + NUMBER + 2, words.count(channels), NUMBER, "halo", "middle")
    height = [Text(x - 3, bottom - 2, sizes[0], NUMBER, "halo", "end")] if len(sizes) > 1 else []
    reach = x + thick + min(back, NUMBER) + 4
    width = [Text(max(reach, x + thick + 4), bottom - 1, sizes[-1], NUMBER, "halo")] if sizes else []
    texts = [below, *height, *width]
    left = min([x, *(text.bounds.left for text in texts)])
    right = max([x + thick + back, *(text.bounds.right for text in texts)])
    return [*texts], left, right


def _bar(stage: Stage, units: int, scales: Scales) -> Figure:
    """A vector: an upright bar with its number below."""
    tall = UNKNOWN_SIDE if isinstance(units, Symbolic) else scales.units.px(units)
    x, y = BAR / 2, tall / 2
    text = words.count(units)
    number = Text(0, y + NUMBER + 2, text, NUMBER, "halo", "middle")
    half = max(x, text_width(text, NUMBER) / 2)
    port = Port(((x, -y), (x, y)), ((-x, -y), (-x, y)), (-x, 0))
    bar = Box(-x, -y, BAR, tall, style(stage), 0)
    return Figure((bar,), Bounds(-half, -y, half, y + NUMBER + 4), (port,), (number,))
