"""The graph as Mermaid, which code-hosting sites draw where it stands in a Markdown file.

>>> print(mermaid(load("linear")))
flowchart TB
  n1["INPUT(1@28x28)<br/>1@28x28"]:::input
  n2["FC(10)<br/>10"]:::dense
  n1 --> n2
…

The lines of the picture are Mermaid's own affair; what stands in the boxes is that of the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.graph.page import built
from cnndsl.drawing.graph.parallel import Parallel
from cnndsl.drawing.graph.parts import Frame, Joint, Leaf, Link, Part
from cnndsl.drawing.graph.sequence import Sequence as Steps
from cnndsl.drawing.look import FILLS, INKS, STROKES, Stroke
from cnndsl.render.text import counted, visible

if TYPE_CHECKING:
    from cnndsl.network import Network


_INDENT = "  "
_BOX, _CIRCLE = ("[", "]"), ("((", "))")


class Arrow(NamedTuple):
    """Where a value comes from; `skip` if it was taken up from further up."""

    node: str
    skip: bool = False


class Node(NamedTuple):
    """A box: its name in the file, the lines of its label, its style, what stands around the label.

    `sized` says that the last line is the size of what leaves it.
    """

    name: str
    lines: list[str]
    style: str
    shape: tuple[str, str]
    sized: bool
    depth: int
    holds: bool  # a layer that keeps the size can stand in the same box

    def __str__(self) -> str:
        start, end = self.shape
        label = "<br/>".join(map(_text, self.lines))
        return f'{_INDENT * (self.depth + 1)}{self.name}{start}"{label}"{end}:::{self.style}'


def mermaid(network: Network, *, expand: bool = False) -> str:
    """A network as a Mermaid flowchart; equal copies and blocks are drawn once unless `expand`."""
    graph = built(network, expand=expand)
    chart = _Chart()
    for part in (graph.main, *graph.others):
        chart.part(part, [])
    for aside in graph.asides:
        with chart.frame(f"{aside.title}: one drawing for {counted(aside.uses, 'use')}"):
            chart.part(aside.part, [chart.start()])
    return "\n".join(["flowchart TB", *chart.lines(), *_classes(chart.styles, chart.frames)]) + "\n"


def _classes(styles: Collection[str], frames: Collection[str]) -> Iterator[str]:
    """The colours of the styles that are there; the text on them is dark by day and by night."""
    ink, edge = INKS["ink"].light, INKS["edge"].light
    if frames:
        yield f"  class {','.join(frames)} frame"
        yield f"  classDef frame fill:none,stroke:{edge}"
    for style in (one for one in FILLS if one in styles):
        stroke = STROKES.get(style, Stroke())
        width = f",stroke-width:{stroke.width}px" * (stroke.width != 1)
        dash = f",stroke-dasharray:{' '.join(map(str, stroke.dash))}" * bool(stroke.dash)
        colours = f"fill:{FILLS[style].light},stroke:{INKS[stroke.ink].light},color:{ink}"
        yield f"  classDef {style} {colours}{width}{dash}"


class _Chart:
    """Nodes, arrows and frames, in the order in which they are met."""

    def __init__(self) -> None:
        self.styles: set[str] = set()
        self.frames: list[str] = []
        self._content: list[Node | str] = []
        self._arrows: list[str] = []
        self._sources: dict[Link, list[Arrow]] = {}
        self._depth = self._count = 0

    def lines(self) -> Iterator[str]:
        yield from (str(item) for item in self._content)
        yield from self._arrows

    def part(self, part: Part, arriving: list[Arrow]) -> list[Arrow]:
        """Write a part, to which values come along `arriving`; returns the arrows that leave it."""
        leaving = self._part(part, arriving)
        if part.link:
            self._sources[part.link] = [arrow._replace(skip=True) for arrow in leaving]
        return leaving

    def _part(self, part: Part, arriving: list[Arrow]) -> list[Arrow]:
        match part:
            case Steps():
                for each in part.parts:
                    arriving = self.part(each, arriving)
            case Parallel():
                ends = [end for branch in part.branches for end in self.part(branch, arriving)]
                return self._leaf(part.joint, ends)
            case Frame():
                with self.frame(_named(part.name, part.title)):
                    return self.part(part.body, arriving)
            case Leaf():
                return self._leaf(part, arriving)
        return arriving  # a line on which values pass as they are

    def _leaf(self, leaf: Leaf, arriving: list[Arrow]) -> list[Arrow]:
        if leaf.enters in self._sources:
            return self._sources[leaf.enters]
        above = self._content[-1] if self._content else None
        if leaf.fused and isinstance(above, Node) and above.holds and arriving == [Arrow(above.name)]:
            above.lines.insert(len(above.lines) - above.sized, leaf.cells.label)
            return arriving
        node = self._add(leaf)
        arriving = [] if leaf.rooted else arriving
        self._arrows += [
            f"  {arrow.node} {'-.->' if arrow.skip else '-->'} {node.name}" for arrow in arriving
        ]
        return [Arrow(node.name)]

    def _add(self, leaf: Leaf) -> Node:
        name, label, output, times = leaf.cells
        style, shape = leaf.style, _BOX
        if isinstance(leaf, Joint):
            label, style, shape = leaf.sign, "join", _CIRCLE
        lines = [_named(name, f"{label} {times}".strip()), *leaf.notes, *filter(None, [output])]
        return self._node(lines, style, shape, sized=bool(output), holds=leaf.holds)

    def start(self) -> Arrow:
        """The point at which what arrives enters a block."""
        return Arrow(self._node(["in"], "join", _CIRCLE).name)

    def _node(
        self,
        lines: list[str],
        style: str,
        shape: tuple[str, str] = _BOX,
        *,
        sized: bool = False,
        holds: bool = False,
    ) -> Node:
        self._count += 1
        self.styles.add(style)
        node = Node(f"n{self._count}", lines, style, shape, sized, self._depth, holds and shape == _BOX)
        self._content.append(node)
        return node

    @contextmanager
    def frame(self, title: str) -> Iterator[None]:
        """What is written meanwhile stands in a frame with that title."""
        indent, name = _INDENT * (self._depth + 1), f"f{len(self.frames) + 1}"
        self.frames.append(name)
        self._content.append(f'{indent}subgraph {name}["{_text(title)}"]')
        self._depth += 1
        yield
        self._depth -= 1
        self._content.append(f"{indent}end")


def _named(name: str, text: str) -> str:
    return f"{name}: {text}" if name else text


def _text(text: str) -> str:
    """A text inside quotes; Mermaid's own marks are written by their numbers."""
    return visible(text).translate({ord(sign): f"#{ord(sign)};" for sign in '"#;<>&`\\'})
