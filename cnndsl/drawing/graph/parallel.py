"""Branches side by side, from the fork above them to the joint below."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from cnndsl.drawing.graph.lanes import lanes
from cnndsl.drawing.graph.parts import GAP, LANE, ROW, Joint, Leaf, Link, Part, Port
from cnndsl.drawing.graph.sequence import skip
from cnndsl.drawing.scene import Item, Line, Point
from cnndsl.record import fresh

#: Between branches, and between a line into the joint and its corner.
BESIDE, CORNER = 22, 10
#: What sums of lengths are off by.
ROUNDING = 0.01


class Inner(NamedTuple):
    """A link from one branch to another."""

    source: Port
    sink: Port


class Parallel(Part):
    branches: list[Part] = fresh(factory=list)
    joint: Leaf = fresh(factory=Joint)
    centred: bool = True
    wire: ClassVar[bool] = False
    xs: list[float] = fresh(factory=list)
    inner: list[Inner] = fresh(factory=list)
    outer: list[Port] = fresh(factory=list)
    lane_xs: list[float] = fresh(factory=list)
    top: float = 0
    bottom: float = 0

    def measure(self) -> None:
        for branch in self.branches:
            branch.measure()
        self.joint.measure()
        self.rooted = all(branch.rooted for branch in self.branches)
        self._spread()
        self._connect()
        forked = len(self.inner)
        self.top = GAP + ROW * forked
        self.bottom = self.top + max(branch.height for branch in self.branches)
        rows = forked + len(self.outer)
        self.height = self.bottom + ROW * rows + GAP + self.joint.height
        self._lay_lanes()
        self._open_ports()
        self.leave()

    def _spread(self) -> None:
        """Put the branches side by side, and the spine in their middle or on the longest of them."""
        edge, xs = 0.0, []
        for branch in self.branches:
            xs.append(edge + max(branch.left, LANE))
            edge = xs[-1] + max(branch.right, LANE) + BESIDE
        solid = [n for n, branch in enumerate(self.branches) if not branch.wire and not branch.rooted]
        main = max(solid, key=lambda n: self.branches[n].height, default=None)
        straight = main is not None and (len(solid) == 1 or not self.centred)
        spine = xs[main] if straight and main is not None else (xs[0] + xs[-1]) / 2
        spine = spine if straight else self._free(spine, xs)
        self.xs = [x - spine for x in xs]
        self._widen_joint()
        self.left = max(spine, self.joint.left)
        self.right = max(edge - BESIDE - spine, self.joint.right)

    def _free(self, spine: float, xs: list[float]) -> float:
        """The place for the spine that is nearest to where nothing comes down that is taken up."""
        ends = [
            x + port.points[0][0]
            for branch, x in zip(self.branches, xs, strict=True)
            for port in branch.entries
        ]
        places = [spine + LANE * step for step in (0, -1, 1, -2, 2, -3, 3)] if not self.rooted else [spine]
        return next((x for x in places if all(abs(x - end) >= LANE for end in ends)), spine)

    def _widen_joint(self) -> None:
        """Make the joint reach over branches that would end beside its corner."""
        for dx in sorted(map(abs, self.xs)):
            if -CORNER < dx - self.joint.right < CORNER:
                self.joint.left = self.joint.right = dx + CORNER

    def _connect(self) -> None:
        sources: dict[Link, Port] = {}
        for branch, x in zip(self.branches, self.xs, strict=True):
            for port in branch.entries:
                if port.link in sources:
                    port.link.drawn += 1
                    self.inner.append(Inner(sources[port.link], port.moved(x, 0)))
                else:
                    self.entries.append(port.moved(x, 0))
            sources |= {port.link: port.moved(x, 0) for port in branch.exits}
        self.outer = [port for link, port in sources.items() if link.open]

    def _lay_lanes(self) -> None:
        spans: list[tuple[float, float]] = [
            (ROW * (row + 1), self._row(row)) for row in range(len(self.inner))
        ]
        spans += [(self._row(len(self.inner) + row), self.height) for row in range(len(self.outer))]
        found = lanes(spans)
        self.lane_xs = [self.right + ROW * (lane + 0.5) for lane in found]
        self.right += ROW * (max(found, default=-1) + 1.5) if found else 0

    def _row(self, number: int) -> float:
        """The y of a row below the branches."""
        return self.bottom + ROW * (number + 1)

    def _open_ports(self) -> None:
        entered = [port.moved(0, self.top) for port in self.entries]
        self.entries = [Port(link, ((points[0][0], 0), *points)) for link, points in entered]
        for number, port in enumerate(self.outer, len(self.inner)):
            points, y, lane = port.moved(0, self.top).points, self._row(number), self.lane_xs[number]
            way = ((points[-1][0], y), (lane, y), (lane, self.height))
            self.exits.append(Port(port.link, (*points, *way)))

    def place(self, x: float, y: float, items: list[Item]) -> None:
        joint = y + self.height - self.joint.height
        for branch, dx in zip(self.branches, self.xs, strict=True):
            if not branch.rooted:
                items.append(_fork(x, y, dx, y + self.top, branch.ends_in_box))
            branch.place(x + dx, y + self.top, items)
            self._join(x, dx, y + self.top + branch.height, joint, items)
        self.joint.place(x, joint, items)
        for number, (source, sink) in enumerate(self.inner):
            items.append(skip(self._across(number, source, sink), x, y))

    def _join(self, x: float, dx: float, start: float, joint: float, items: list[Item]) -> None:
        """The line from a branch to the joint: from above, or from its side."""
        if abs(dx) <= max(self.joint.right - CORNER, 0) + ROUNDING:
            points: tuple[Point, ...] = ((x + dx, start), (x + dx, joint))
        else:
            middle = joint + self.joint.height / 2
            side = x + (self.joint.right if dx > 0 else -self.joint.left)
            points = ((x + dx, start), (x + dx, middle), (side, middle))
        items.append(Line(points, arrow=True))

    def _across(self, number: int, source: Port, sink: Port) -> tuple[Point, ...]:
        """From one branch to another: below it, up a lane, and down from above."""
        start, end = source.moved(0, self.top).points, sink.moved(0, self.top).points
        below, above, lane = self._row(number), ROW * (number + 1), self.lane_xs[number]
        return (*start, (start[-1][0], below), (lane, below), (lane, above), (end[0][0], above), *end)


def _fork(x: float, y: float, dx: float, top: float, boxed: bool) -> Line:
    if not dx:
        return Line(((x, y), (x, top)), arrow=boxed)
    bar = y + ROW / 2
    return Line(((x, y), (x, bar), (x + dx, bar), (x + dx, top)), arrow=boxed)
