"""Parts of a graph. Each measures itself around its spine, the line on which values run down through it.

A value that is taken up elsewhere leaves its part at the bottom (`exits`) and reaches the other at the top
(`entries`); who holds both of them draws the line between.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.scene import Box, Group, Item, Line, Point, Text
from cnndsl.record import Record, fresh

SIZE, SMALL = 12, 10
#: Heights of a layer's box, of one without sizes of its own, of a further line of text.
TALL, LOW, LINE = 26, 19, 14
#: Around the text of a box, between its columns, and around what stands in a frame.
PAD, COLUMN, FRAME = 8, 12, 10
#: Between a box and the next, between parallel lines, and on both sides of a line that stands alone.
GAP, ROW, LANE = 18, 7, 9


class Link(Record):
    """A value that is taken up `uses` times beside the way that it goes on; `drawn` of them are done."""

    uses: int = 0
    drawn: int = 0

    @property
    def open(self) -> bool:
        return self.drawn < self.uses


class Port(NamedTuple):
    """Where a link enters or leaves a part: the line within it, seen from the top of its spine."""

    link: Link
    points: tuple[Point, ...]

    def moved(self, dx: float, dy: float) -> Port:
        return Port(self.link, tuple((x + dx, y + dy) for x, y in self.points))


class Part(Record):
    """The base: a line on which values pass as they are. `rooted` says that nothing arrives from above."""

    left: float = LANE
    right: float = LANE
    height: float = 0
    entries: list[Port] = fresh(factory=list)
    exits: list[Port] = fresh(factory=list)
    link: Link | None = None
    rooted: bool = False
    #: Whether a line from above ends at a box, so that it has an arrow's head; whether it is but a line.
    boxed: ClassVar[bool] = False
    wire: ClassVar[bool] = True

    @property
    def ends_in_box(self) -> bool:
        return self.boxed

    def measure(self) -> None:
        """Set the sizes and ports."""
        self.leave()

    def leave(self) -> None:
        """Add the port of what leaves the part as a whole."""
        if self.link and self.link.open:
            self.exits.append(Port(self.link, ((0, self.height),)))

    def place(self, x: float, y: float, items: list[Item]) -> None:
        """Draw the part with the top of its spine at (x, y)."""
        if self.height:
            items.append(Line(((x, y), (x, y + self.height))))


class Wire(Part):
    """A layer that passes on what arrives: a piece of line."""

    paths: tuple[str, ...] = ()
    title: str = ""
    height: float = GAP

    def place(self, x: float, y: float, items: list[Item]) -> None:
        items.append(Group((Line(((x, y), (x, y + self.height))),), self.paths, self.title))


class Cells(NamedTuple):
    """What a box says: the name, the layer, the size that leaves it, the number of copies."""

    name: str
    label: str
    output: str
    times: str = ""


class Leaf(Part):
    """A box for a layer, for a use of a block, or for the joint of branches.

    `fused` boxes stick to the one above; `notes` are lines of their own below the label.
    """

    cells: Cells = Cells("", "", "")
    style: str = "conv"
    paths: tuple[str, ...] = ()
    title: str = ""
    fused: bool = False
    notes: tuple[str, ...] = ()
    enters: Link | None = None
    columns: tuple[float, ...] = ()
    least: float = 10
    boxed: ClassVar[bool] = True
    wire: ClassVar[bool] = False

    @property
    def holds(self) -> bool:
        """Whether a layer that keeps the size can stick to it and not seem repeated or at fault as well."""
        return not self.cells.times and not self.notes

    @property
    def plain_height(self) -> float:
        return LOW if self.fused else TALL

    def widths(self) -> tuple[float, ...]:
        """What each column needs."""
        name, label, output, times = self.cells
        return (
            text_width(name, SMALL),
            text_width(label, SIZE, bold=True),
            text_width(output, SIZE),
            text_width(times, SIZE, bold=True),
        )

    @property
    def noted(self) -> float:
        """The width of the notes."""
        return max((text_width(note, SMALL) for note in self.notes), default=0)

    def measure(self) -> None:
        self.columns = self.columns or self.widths()
        shown = [width for width in self.columns if width]
        width = max(sum(shown) + COLUMN * (len(shown) - 1), self.noted, self.least) + 2 * PAD
        self.left = self.right = width / 2
        self.height = self.plain_height + LINE * len(self.notes)
        if self.enters:
            self.entries.append(Port(self.enters, ((0, 0),)))
        self.leave()

    def place(self, x: float, y: float, items: list[Item]) -> None:
        left, width = x - self.left, self.left + self.right
        box = Box(left, y, width, self.height, self.style)
        base = y + self.plain_height / 2 + 4
        texts = [
            Text(left + PAD, base + LINE * n, note, SMALL, "alarm") for n, note in enumerate(self.notes, 1)
        ]
        group = Group((box, *self._cells(left + PAD, base), *texts), self.paths, self.title, closed=True)
        items.append(group)

    def _cells(self, x: float, base: float) -> list[Item]:
        """The texts: name and label start their columns, sizes end them."""
        found: list[Item] = []
        for number, (text, width) in enumerate(zip(self.cells, self.columns, strict=True)):
            end = x + width
            if text and number == 0:
                found.append(Text(x, base, text, SMALL, "muted"))
            elif text and number == 1:
                found.append(Text(x, base, text, SIZE, bold=True))
            elif text:
                found.append(Text(end, base, text, SIZE, anchor="end", bold=number == 3))
            x = end + COLUMN if width else x
        return found


class Joint(Leaf):
    """The circle in which branches are added or multiplied; wider where lines come to it from above."""

    sign: str = "+"

    def measure(self) -> None:
        self.left = self.right = 10
        self.height = 20
        self.leave()

    def place(self, x: float, y: float, items: list[Item]) -> None:
        sign = Text(x, y + 15, self.sign, 15, anchor="middle", bold=True)
        circle = Box(x - self.left, y, self.left + self.right, 20, "join", 10)
        items.append(Group((circle, sign), self.paths, self.title))


class Frame(Part):
    """A frame around a part: a repeat `×3`, a labelled part, a block that is drawn where it is used.

    `name` is what the table calls such a block.
    """

    body: Part = fresh(factory=Part)
    title: str = ""
    name: str = ""
    paths: tuple[str, ...] = ()
    tip: str = ""
    wire: ClassVar[bool] = False

    @property
    def top(self) -> float:
        return FRAME + (LINE if self.title else 0)

    @property
    def _indent(self) -> float:
        """Where the title starts, behind the name."""
        return PAD + (text_width(self.name, SMALL) + PAD if self.name else 0)

    def measure(self) -> None:
        body = self.body
        body.measure()
        self.rooted = body.rooted
        named = self._indent + text_width(self.title, SMALL, bold=True) + 6 if self.title else 0
        self.left, self.right = max(body.left + FRAME, named), body.right + FRAME
        self.height = body.height + self.top + FRAME
        self.entries = [port.moved(0, self.top) for port in body.entries]
        self.exits = [port.moved(0, self.top) for port in body.exits]
        self.leave()

    def place(self, x: float, y: float, items: list[Item]) -> None:
        left, inner = x - self.left, y + self.top
        found: list[Item] = [Box(left, y, self.left + self.right, self.height, "frame", 6)]
        if self.title:
            found += [Text(left + PAD, y + 15, self.name, SMALL, "muted")] if self.name else []
            found.append(Text(left + self._indent, y + 15, self.title, SMALL, bold=True))
        if not self.rooted:
            found.append(Line(((x, y), (x, inner)), arrow=self.body.ends_in_box))
        self.body.place(x, inner, found)
        bottom = inner + self.body.height
        found.append(Line(((x, bottom), (x, y + self.height))))
        items.append(Group(tuple(found), self.paths, self.tip))
