"""A picture of stages in a row: a figure each, captions above, what makes them below, the scale, a legend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.flow.spread import Extent, Words, margins, spread
from cnndsl.drawing.look import style_of
from cnndsl.drawing.page import MARGIN, described, head, legend
from cnndsl.drawing.scene import Bounds, Box, Group, Item, Line, Point, Polygon, Scene, Text

if TYPE_CHECKING:
    from cnndsl.drawing.faults import Faults
    from cnndsl.drawing.flow.stages import Stage
    from cnndsl.network import Network, Node

#: Between the captions, the figures and the words below them.
SPACE = 8


class Port(NamedTuple):
    """Where lines begin and end at a figure.

    They lead from the corners of its `window`, if it has one, to the `aim` of the next figure, else from
    the ends of its right `edge` to those of the next one's left `face`.
    """

    edge: tuple[Point, ...]
    face: tuple[Point, ...]
    aim: Point = (0, 0)
    window: tuple[Point, ...] = ()

    def lower(self, dy: float) -> Port:
        """The port of a figure that is drawn further down."""
        edge, face, window = (
            tuple((x, y + dy) for x, y in each) for each in (self.edge, self.face, self.window)
        )
        return Port(edge, face, (self.aim[0], self.aim[1] + dy), window)


class Figure(NamedTuple):
    """The drawing of a stage around (0, 0). Where it has two streams, it has a port for each."""

    items: tuple[Item, ...]
    bounds: Bounds
    ports: tuple[Port, ...]
    numbers: tuple[Item, ...] = ()  # above the lines between figures


class Strip(NamedTuple):
    """Stages with their figures and words. `lines` are those between two figures."""

    network: Network
    row: Sequence[Stage]
    figures: Sequence[Figure]
    above: Sequence[Words]
    below: Sequence[Words]  # under each figure
    before: Sequence[Words]  # half-way to it
    laws: Sequence[str]
    messages: Sequence[str]
    lines: Callable[[Stage, Figure, Figure], Iterable[tuple[Point, Point]]]
    line_style: str = "projection"
    gap: float = 34

    def scene(self) -> Scene:
        above = head(self.network, self.messages)
        extents = [
            Extent(-figure.bounds.left, figure.bounds.right, *words)
            for figure, *words in zip(self.figures, self.above, self.below, self.before, strict=True)
        ]
        xs = spread(extents, self.gap)
        left, right = margins(extents, xs)
        xs = [x + left + MARGIN for x in xs]
        top = above.bottom + max(words.height for words in self.above) + SPACE
        y = top - min(figure.bounds.top for figure in self.figures)
        low = y + max(figure.bounds.bottom for figure in self.figures) + SPACE
        items = [*above.items, *self._figures(xs, y), *self._lines(xs, y)]
        items += [*self._captions(xs, y, top), *self._words(xs, low)]
        end = low + max(words.height for words in (*self.below, *self.before)) + SPACE
        return self._finished(items, max(left + right + 2 * MARGIN, above.width), end)

    def _figures(self, xs: Sequence[float], y: float) -> list[Item]:
        each = zip(self.row, self.figures, xs, strict=True)
        return [_group(stage, (moved(item, x, y) for item in figure.items)) for stage, figure, x in each]

    def _captions(self, xs: Sequence[float], y: float, top: float) -> list[Item]:
        """What is written on figures and above them."""
        found: list[Item] = []
        for stage, figure, words, x in zip(self.row, self.figures, self.above, xs, strict=True):
            said = words.items(x, top - SPACE - words.height, "alarm" if stage.fault else "")
            found.append(_group(stage, (*(moved(item, x, y) for item in figure.numbers), *said)))
        return found

    def _lines(self, xs: Sequence[float], y: float) -> list[Item]:
        found: list[Item] = []
        for number in range(1, len(self.row)):
            before, after = self.figures[number - 1 : number + 1]
            for (x0, y0), (x1, y1) in self.lines(self.row[number], before, after):
                ends = (xs[number - 1] + x0, y + y0), (xs[number] + x1, y + y1)
                found.append(Line(ends, self.line_style))
        return found

    def _words(self, xs: Sequence[float], y: float) -> list[Item]:
        found = [item for words, x in zip(self.below, xs, strict=True) for item in words.items(x, y)]
        for number in range(1, len(xs)):
            found += self.before[number].items((xs[number - 1] + xs[number]) / 2, y)
        return found

    def _finished(self, items: list[Item], width: float, y: float) -> Scene:
        said = f"Scale: {'; '.join(self.laws)}" if self.laws else ""
        law = [Text(MARGIN, y + 10, said, 10, "muted")] if said else []
        width = max([width, *(text.bounds.right + MARGIN for text in law)])
        below, end = legend(map(style, self.row), y + (22 if law else 6), width)
        return described(self.network, [*items, *law, *below], width, end)


def _group(stage: Stage, items: Iterable[Item]) -> Group:
    return Group(tuple(items), tuple(dict.fromkeys(stage.paths)), stage.tip)


def lines(stage: Stage, before: Figure, after: Figure) -> list[tuple[Point, Point]]:
    """Between the ports of two figures: of each stream where a layer keeps them apart, else between all."""
    apart = len(before.ports) == len(after.ports) and (stage.kind != "FC" and keeps_apart(stage))
    pairs = zip(before.ports, after.ports, strict=True) if apart else product(before.ports, after.ports)
    found: list[tuple[Point, Point]] = []
    for one, other in pairs:
        if one.window:
            found += [(corner, other.aim) for corner in one.window]
        else:
            found += zip(one.edge, other.face, strict=False)
    return found


def keeps_apart(stage: Stage) -> bool:
    """Whether each half of the channels is made of one half of those that arrive."""
    return stage.kind != "CONV" or getattr(stage.layer, "groups", 1) > 1


def style(stage: Stage) -> str:
    """The style of a stage's figure."""
    if stage.fault:
        return "fault"
    if stage.lost:
        return "unknown"
    return style_of(type(stage.layer)) if stage.layer else "join"


def messages(faults: Faults) -> list[str]:
    """All errors: in these pictures they stand below the title."""
    at = [f"{name}: {said}" for node, each in faults.at.items() for said in each if (name := _name(node))]
    nameless = [said for node, each in faults.at.items() for said in each if not _name(node)]
    return [*faults.elsewhere, *at, *nameless]


def _name(node: Node) -> str:
    return getattr(node, "name", "")


def moved(item: Item, dx: float, dy: float) -> Item:
    """An item of a figure in its place in the picture."""
    match item:
        case Box() | Text():
            return item._replace(x=item.x + dx, y=item.y + dy)
        case Polygon() | Line():
            return item._replace(points=tuple((x + dx, y + dy) for x, y in item.points))
        case Group():
            return item._replace(items=tuple(moved(inner, dx, dy) for inner in item.items))
