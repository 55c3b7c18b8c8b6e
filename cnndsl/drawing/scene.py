"""What a picture is made of, in pixels, y downwards. Layouts make scenes, backends write them.

>>> Scene(200, 60, "A box", "", (Box(10, 10, 180, 40, "conv"), Text(20, 34, "CONV(96, 11x11)")))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cnndsl.drawing.fonts import ASCENT, DESCENT, text_width

Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle; `style` is one of the names in `cnndsl.drawing.look`."""

    x: float
    y: float
    width: float
    height: float
    style: str
    radius: float = 3

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.x, self.y, self.x + self.width, self.y + self.height)


class Polygon(NamedTuple):
    points: tuple[Point, ...]
    style: str


class Line(NamedTuple):
    """A line through points; with `arrow` a head at its end."""

    points: tuple[Point, ...]
    style: str = "wire"
    arrow: bool = False


class Text(NamedTuple):
    """One line of text. `y` is its baseline, `x` its start, middle or end, as `anchor` says."""

    x: float
    y: float
    text: str
    size: float = 12
    style: str = ""
    anchor: str = "start"
    bold: bool = False

    @property
    def width(self) -> float:
        return text_width(self.text, self.size, bold=self.bold)

    @property
    def bounds(self) -> Bounds:
        left = self.x - self.width * {"start": 0, "middle": 0.5, "end": 1}[self.anchor]
        return Bounds(left, self.y - ASCENT * self.size, left + self.width, self.y + DESCENT * self.size)


class Group(NamedTuple):
    """What belongs together: the parts of one layer, say.

    `paths` are those of the layers that it stands for, as the table has them: several where a block is
    drawn once for all its uses. `title` is shown when the pointer is on it. With `closed` the first
    item is a box that holds all the text. `around` is what stands around the network, such as a legend.
    """

    items: tuple[Item, ...]
    paths: tuple[str, ...] = ()
    title: str = ""
    closed: bool = False
    around: bool = False


Item: TypeAlias = Box | Polygon | Line | Text | Group


class Scene(NamedTuple):
    """A picture; `title` and `description` are for those who cannot see it."""

    width: float
    height: float
    title: str
    description: str
    items: tuple[Item, ...]


class Bounds(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


def flat(items: tuple[Item, ...]) -> Iterator[Box | Polygon | Line | Text]:
    """All there is to be drawn, in order, without groups."""
    for item in items:
        if isinstance(item, Group):
            yield from flat(item.items)
        else:
            yield item


def moved(item: Item, dx: float, dy: float) -> Item:
    """An item in another place."""
    match item:
        case Box() | Text():
            return item._replace(x=item.x + dx, y=item.y + dy)
        case Polygon() | Line():
            return item._replace(points=tuple((x + dx, y + dy) for x, y in item.points))
        case Group():
            return item._replace(items=tuple(moved(inner, dx, dy) for inner in item.items))


def bounds(item: Box | Polygon | Line | Text) -> Bounds:
    """The least upright rectangle around an item."""
    if isinstance(item, Box | Text):
        return item.bounds
    xs, ys = zip(*item.points, strict=True)
    return Bounds(min(xs), min(ys), max(xs), max(ys))


#: Half the width and the length of an arrow's head.
HEAD = (3.0, 6.5)


def shortened(points: tuple[Point, ...]) -> tuple[tuple[Point, ...], tuple[Point, Point]]:
    """A line that ends where its arrow's head begins, and the other two corners of the head."""
    (x0, y0), (x, y) = points[-2:]
    length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 or 1
    half, long = HEAD
    dx, dy = (x - x0) / length, (y - y0) / length
    foot = (x - dx * long, y - dy * long)
    corners = (foot[0] - dy * half, foot[1] + dx * half), (foot[0] + dy * half, foot[1] - dx * half)
    return (*points[:-1], foot), corners
