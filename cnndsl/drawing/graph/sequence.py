"""Parts one below the other, with lanes on the right for what is taken up further down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnndsl.drawing.graph.lanes import lanes
from cnndsl.drawing.graph.parts import GAP, ROW, Leaf, Link, Part, Port
from cnndsl.drawing.scene import Item, Line, Point
from cnndsl.record import Record, fresh


class End(NamedTuple):
    """An end of a link in a sequence: the port of a part, and its row in the gap beside that part."""

    part: int
    gap: int
    row: int
    port: Port


class Bus(Record):
    """A link's way: from its source (None: from above) down a lane to its sinks (`out`: and on below)."""

    link: Link
    source: End | None = None
    sinks: list[End] = fresh(factory=list)
    out: bool = False
    lane: float = 0


class Sequence(Part):
    """Parts one after the other. In the `root` of a picture, links leave to the right at once."""

    parts: list[Part] = fresh(factory=list)
    root: bool = False
    tops: list[float] = fresh(factory=list)
    gaps: list[float] = fresh(factory=list)
    buses: list[Bus] = fresh(factory=list)
    rows: list[int] = fresh(factory=list)

    @property
    def wire(self) -> bool:  # type: ignore[override]
        return all(part.wire for part in self.parts)

    @property
    def ends_in_box(self) -> bool:
        return self.parts[0].ends_in_box

    def measure(self) -> None:
        _align(part for part in self.parts if type(part) is Leaf)
        for part in self.parts:
            part.measure()
        self.rooted = self.parts[0].rooted
        self.rows = [0] * (len(self.parts) + 1)
        self._connect()
        self._stack()
        inner = max(part.right for part in self.parts)
        self.left, self.right = max(part.left for part in self.parts), inner
        self._lay_lanes(inner)
        self._open_ports()
        self.leave()

    # ---- which links there are

    def _connect(self) -> None:
        """Find the links that need a lane or a row here, and which rows they take."""
        buses: dict[Link, Bus] = {}
        for number, part in enumerate(self.parts):
            for port in part.entries:
                self._enter(number, port, buses)
            for port in part.exits:
                buses[port.link] = Bus(port.link, End(number, number + 1, -1, port))
        for bus in buses.values():
            bus.out = bus.source is not None and bus.link.open
        self.buses = [bus for bus in buses.values() if bus.sinks or bus.out]
        leaving = [0] * len(self.rows)
        for bus in self.buses:
            source = bus.source
            if source and (bus.sinks or source.part < len(self.parts) - 1 or self.root):
                bus.source = source._replace(row=leaving[source.gap])
                leaving[source.gap] += 1
        self._put_below(leaving)

    def _enter(self, number: int, port: Port, buses: dict[Link, Bus]) -> None:
        """An entry of a part: from a source further up, or from above."""
        bus = buses.get(port.link)
        if bus is None and number == 0:
            return  # straight from above
        if bus is None:
            bus = buses[port.link] = Bus(port.link)
        if bus.source:
            port.link.drawn += 1
        bus.sinks.append(End(number, number, self._row(number), port))

    def _put_below(self, leaving: list[int]) -> None:
        """Let what enters a part do so below what leaves the one above, whose way down it would share."""
        for bus in self.buses:
            bus.sinks = [sink._replace(row=sink.row + leaving[sink.gap]) for sink in bus.sinks]
        self.rows = [entering + left for entering, left in zip(self.rows, leaving, strict=True)]

    def _row(self, gap: int) -> int:
        self.rows[gap] += 1
        return self.rows[gap] - 1

    # ---- where things are

    def _stack(self) -> None:
        y, before = 0.0, None
        self.tops, self.gaps = [], []
        for part, rows in zip(self.parts, self.rows, strict=False):
            gap = _gap(before, part, rows)
            self.gaps.append(y)
            self.tops.append(y + gap)
            y += gap + part.height
            before = part
        self.gaps.append(y)
        self.height = y + (ROW * self.rows[-1] + ROW if self.rows[-1] else 0)

    def _y(self, end: End) -> float:
        return self.gaps[end.gap] + ROW * (end.row + 1)

    def _lay_lanes(self, inner: float) -> None:
        """Give each bus that runs past a part its lane."""
        long = [bus for bus in self.buses if self._is_long(bus)]
        for bus, lane in zip(long, lanes([self._span(bus) for bus in long]), strict=True):
            bus.lane = inner + ROW * (lane + 1.5)
            self.right = max(self.right, bus.lane + ROW)

    def _is_long(self, bus: Bus) -> bool:
        source = bus.source
        if source is None:
            return True
        if source.row < 0:
            return False
        past = any(sink.gap != source.gap for sink in bus.sinks)
        return past or (bus.out and not self.root)

    def _span(self, bus: Bus) -> tuple[float, float]:
        top = self._y(bus.source) if bus.source else 0
        bottom = self.height if bus.out and not self.root else max(self._y(sink) for sink in bus.sinks)
        return top, bottom

    def _open_ports(self) -> None:
        """The ports through which links enter and leave the sequence itself."""
        self.entries += [port.moved(0, self.tops[0]) for port in self.parts[0].entries]
        for bus in self.buses:
            if bus.source is None:
                self.entries += [
                    Port(bus.link, ((bus.lane, 0), *self._into(bus.lane, sink))) for sink in bus.sinks
                ]
            elif bus.out:
                self.exits.append(Port(bus.link, self._out(bus, bus.source)))

    def _out(self, bus: Bus, source: End) -> tuple[Point, ...]:
        points = self._moved(source).points
        if source.row < 0:
            return points
        y = self._y(source)
        if self.root:
            return (*points, (points[-1][0], y))
        return (*points, (points[-1][0], y), (bus.lane, y), (bus.lane, self.height))

    def _into(self, lane: float, sink: End) -> tuple[Point, ...]:
        """From a lane to a sink."""
        points, y = self._moved(sink).points, self._y(sink)
        return ((lane, y), (points[0][0], y), *points)

    def _moved(self, end: End) -> Port:
        return end.port.moved(0, self.tops[end.part])

    # ---- drawing

    def place(self, x: float, y: float, items: list[Item]) -> None:
        self._draw_links(x, y, items)
        for number, (part, top) in enumerate(zip(self.parts, self.tops, strict=True)):
            if number and top > self.gaps[number] and not part.rooted:
                items.append(Line(((x, y + self.gaps[number]), (x, y + top)), arrow=part.ends_in_box))
            part.place(x, y + top, items)
        if self.height > self.gaps[-1]:
            items.append(Line(((x, y + self.gaps[-1]), (x, y + self.height))))

    def _draw_links(self, x: float, y: float, items: list[Item]) -> None:
        for bus in self.buses:
            if bus.source is None:
                continue
            start, row = self._moved(bus.source).points, self._y(bus.source)
            for sink in bus.sinks:
                if sink.gap == bus.source.gap:
                    end = self._moved(sink).points
                    points = (*start, (start[-1][0], row), (end[0][0], row), *end)
                else:
                    points = (*start, (start[-1][0], row), (bus.lane, row), *self._into(bus.lane, sink))
                items.append(skip(points, x, y))


def skip(points: Iterable[Point], x: float, y: float) -> Line:
    """The line of a link that arrives."""
    return Line(tuple((x + dx, y + dy) for dx, dy in points), "skip", arrow=True)


def _align(leaves: Iterable[Leaf]) -> None:
    """Boxes below each other get the same columns."""
    found = list(leaves)
    if found:
        columns = tuple(max(column) for column in zip(*(leaf.widths() for leaf in found), strict=True))
        noted = max((leaf.noted for leaf in found), default=0)
        for leaf in found:
            leaf.columns, leaf.least = columns, noted


def _gap(before: Part | None, part: Part, rows: int) -> float:
    """The room above a part: none at the top, nor above a box that sticks to another."""
    if before is None:
        return 0
    if rows:
        return GAP + ROW * rows
    fused = isinstance(part, Leaf) and part.fused and isinstance(before, Leaf) and before.holds
    return 0 if fused else GAP
