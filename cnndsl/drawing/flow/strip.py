"""A picture of stages in a row: a figure each, captions above, what makes them below, the scale, a legend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.flow.placing import Number, Way, placed
from cnndsl.drawing.flow.spread import ENTRY, Extent, Words, broken, margins, spread
from cnndsl.drawing.look import style_of
from cnndsl.drawing.page import MARGIN, described, head, law_lines, legend
from cnndsl.drawing.scene import Bounds, Group, Item, Line, Point, Scene, moved

if TYPE_CHECKING:
    from cnndsl.drawing.faults import Faults
    from cnndsl.drawing.flow.stages import Stage
    from cnndsl.network import Network, Node

#: Between the captions, the figures and the words below them.
SPACE = 8
#: Between a row and the line that leads on from its end, and between that and the next row.
TURN = 10


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
    numbers: tuple[Number, ...] = ()  # where the lines between figures do not pass

    @property
    def height_in(self) -> float:
        """Half-way up the side that lines come to."""
        return _mean([y for port in self.ports for _, y in port.face])

    @property
    def height_out(self) -> float:
        """Half-way up the side that lines leave."""
        return _mean([y for port in self.ports for _, y in port.edge])


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
    lines: Callable[[Stage, Stage, Figure, Figure], Iterable[Way]]
    width: float
    line_style: str = "projection"
    gap: float = 34

    def scene(self) -> Scene:
        above = head(self.network, self.width, self.messages)
        tiers = self._tiers(above.bottom)
        items = above.items
        for tier in tiers:
            ways = self._ways(tier)
            around = [[*one, *other] for one, other in pairwise([[], *ways, []])]
            items += self._figures(tier)
            items += (Line(way, self.line_style) for each in ways for way in each)
            items += [*self._captions(tier, around), *self._words(tier)]
        right = max(tier.right for tier in tiers)
        items += [self._turn(one, other, right + TURN) for one, other in pairwise(tiers)]
        turned = TURN if len(tiers) > 1 else 0
        return self._finished(items, max(right + turned + MARGIN, above.width), tiers[-1].end + SPACE)

    def _tiers(self, y: float) -> list[_Tier]:
        """The rows, below each other."""
        extents = [
            Extent(-figure.bounds.left, figure.bounds.right, max(own.width, under.width), before.width)
            for figure, own, under, before in zip(
                self.figures, self.above, self.below, self.before, strict=True
            )
        ]
        found: list[_Tier] = []
        for part in broken(extents, self.gap, self.width - 2 * MARGIN - TURN):
            found.append(self._tier(part, extents[part.start : part.stop], y))
            y = found[-1].end + 2 * TURN
        return found

    def _tier(self, part: range, extents: Sequence[Extent], y: float) -> _Tier:
        there = [ENTRY, *extents] if part.start else extents
        xs = spread(there, self.gap)
        left, right = margins(there, xs)
        xs = [x + left + MARGIN for x in xs]
        figures = [self.figures[number].bounds for number in part]
        top = y + max(self.above[number].height for number in part) + SPACE
        middle = top - min(bounds.top for bounds in figures)
        low = middle + max(bounds.bottom for bounds in figures) + SPACE
        end = low + max(words[number].height for words in (self.below, self.before) for number in part)
        return _Tier(part, xs[-len(part) :], xs[0], left + right + MARGIN, top, middle, low, end)

    def _figures(self, tier: _Tier) -> list[Item]:
        return [
            _group(self.row[number], (moved(item, x, tier.middle) for item in self.figures[number].items))
            for number, x in tier.places
        ]

    def _captions(self, tier: _Tier, ways: Sequence[Sequence[Way]]) -> list[Item]:
        """What is written on figures and above them."""
        found: list[Item] = []
        for (number, x), lines in zip(tier.places, ways, strict=True):
            stage, words = self.row[number], self.above[number]
            said = words.items(x, tier.top - SPACE - words.height, "alarm" if stage.fault else "")
            numbers = placed((each.moved(x, tier.middle) for each in self.figures[number].numbers), lines)
            found.append(_group(stage, (*numbers, *said)))
        return found

    def _ways(self, tier: _Tier) -> list[list[Way]]:
        """The lines between each figure and the next one."""
        found: list[list[Way]] = []
        for (number, x), (after, x_after) in pairwise(tier.places):
            ways = self.lines(self.row[number], self.row[after], self.figures[number], self.figures[after])
            found.append(
                [
                    ((x + x0, tier.middle + y0), (x_after + x1, tier.middle + y1))
                    for (x0, y0), (x1, y1) in ways
                ]
            )
        return found

    def _turn(self, one: _Tier, other: _Tier, right: float) -> Line:
        """From the end of a row to the start of the next one."""
        last, first = self.figures[one.part[-1]], self.figures[other.part[0]]
        start, y0 = one.xs[-1] + last.bounds.right + 3, one.middle + last.height_out
        end, y1 = other.xs[0] + first.bounds.left - 2, other.middle + first.height_in
        between = one.end + TURN
        way = ((right, y0), (right, between), (other.start, between), (other.start, y1))
        return Line(((start, y0), *way, (end, y1)), "turn", arrow=True)

    def _words(self, tier: _Tier) -> list[Item]:
        found = [item for number, x in tier.places for item in self.below[number].items(x, tier.low)]
        xs = [tier.start, *tier.xs] if tier.part.start else tier.xs
        for number, (x, x_after) in zip(reversed(tier.part), pairwise(xs[::-1]), strict=False):
            found += self.before[number].items((x + x_after) / 2, tier.low)
        return found

    def _finished(self, items: list[Item], width: float, y: float) -> Scene:
        said = f"Scale: {'; '.join(self.laws)}" if self.laws else ""
        law, y = law_lines(said, y, width)
        below, end = legend(map(style, self.row), y + 6, width)
        return described(self.network, [*items, *law, *below], width, end)


class _Tier(NamedTuple):
    """A row of a strip: its figures and their middles, and where the line from the row above comes in."""

    part: range
    xs: Sequence[float]
    start: float
    right: float
    top: float
    middle: float
    low: float
    end: float

    @property
    def places(self) -> Iterable[tuple[int, float]]:
        return [*zip(self.part, self.xs, strict=True)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _group(stage: Stage, items: Iterable[Item]) -> Group:
    return Group(tuple(items), tuple(dict.fromkeys(stage.paths)), stage.tip)


def style(stage: Stage) -> str:
    """The style of a stage's figure."""
    if stage.fault:
        return "fault"
    if stage.lost or stage.behind:
        return "unknown"
    return style_of(type(stage.layer)) if stage.layer else "join"


def messages(faults: Faults) -> list[str]:
    """All errors: in these pictures they stand below the title."""
    at = [f"{name}: {said}" for node, each in faults.at.items() for said in each if (name := _name(node))]
    nameless = [said for node, each in faults.at.items() for said in each if not _name(node)]
    return [*faults.elsewhere, *at, *nameless]


def _name(node: Node) -> str:
    return getattr(node, "name", "")
