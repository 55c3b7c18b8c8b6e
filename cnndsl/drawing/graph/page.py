"""The graph as a page: the main chain, further outputs beside it, then the blocks that are drawn aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.faults import faults
from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.graph.build import Aside, Builder
from cnndsl.drawing.graph.folding import Folding
from cnndsl.drawing.graph.parts import FRAME, GAP, SMALL, Frame, Link, Part, Port
from cnndsl.drawing.graph.sequence import skip
from cnndsl.drawing.page import MARGIN, described, head, legend
from cnndsl.drawing.scene import Box, Group, Item, Line, Scene, Text
from cnndsl.render.text import counted

if TYPE_CHECKING:
    from cnndsl.network import Network

#: Between columns of the page, and between what stands in one of them.
BESIDE, BELOW = 28, 20
HEADER = 38


def graph(network: Network, *, expand: bool = False) -> Scene:
    """The graph of a network; equal copies of a repeat and blocks are drawn once unless `expand`."""
    parts = built(network, expand=expand)
    above = head(network, parts.elsewhere)
    items = above.items
    right, bottom = _draw_chains(parts.main, parts.others, above.bottom, items)
    right, bottom = _draw_asides(parts.asides, right, above.bottom, bottom, items)
    width = max(right + MARGIN, above.width)
    below, end = legend(parts.styles, bottom + MARGIN, width)
    return described(network, [*items, *below], width, end)


class Built(NamedTuple):
    """The parts of a graph, the styles of its boxes, and errors that are about none of them."""

    main: Part
    others: list[Frame]
    asides: list[Aside]
    styles: set[str]
    elsewhere: list[str]


def built(network: Network, *, expand: bool) -> Built:
    """The parts of a network's graph, before they have places."""
    found = faults(network)
    builder = Builder(network, Folding(network, found, expand=expand), found, expand=expand)
    main, others = _chains(network, builder)
    asides = builder.asides()
    return Built(main, others, asides, builder.styles, found.elsewhere)


def _chains(network: Network, builder: Builder) -> tuple[Part, list[Frame]]:
    """The main chain, and those outputs that it does not take up itself."""
    main = next(chain for chain in network.chains if chain.kind == "main")
    parts = [builder.chain(main)]
    others = [
        Frame(body=builder.chain_inside(chain), title=f"{chain.kind} {chain.name}")
        for chain in network.chains
        if not builder.drawn(chain)
    ]
    return parts[0], others


# ---- the chains


class _Column(NamedTuple):
    part: Frame
    top: float


def _draw_chains(main: Part, others: list[Frame], y: float, items: list[Item]) -> tuple[float, float]:
    """Draw the main chain, and beside it the others, the last to begin nearest. Returns where they end."""
    for part in others:
        part.measure()
    main.measure()
    x = MARGIN + main.left
    right, bottom = x + main.right, y + main.height
    sources = {port.link: port for port in main.exits}
    columns = [_Column(part, _below(part, sources)) for part in others]
    main.place(x, y, items)
    for column in sorted(columns, key=lambda column: -column.top):
        spine = right + BESIDE + column.part.left
        top = y + column.top
        column.part.place(spine, top, items)
        items += [
            _across(sources[port.link].moved(x, y), port.moved(spine, top))
            for port in column.part.entries
            if port.link in sources
        ]
        right = spine + column.part.right
        bottom = max(bottom, top + column.part.height)
    return right, bottom


def _below(part: Part, sources: dict[Link, Port]) -> float:
    """Where a column can begin: below all that it takes up."""
    rows = [sources[port.link].points[-1][1] for port in part.entries if port.link in sources]
    return max(rows, default=-GAP) + GAP


def _across(source: Port, sink: Port) -> Line:
    """From a row of the main chain to a column beside it."""
    start, end = source.points, sink.points
    return skip((*start, (end[0][0], start[-1][1]), *end), 0, 0)


# ---- the blocks


def _draw_asides(
    asides: list[Aside], right: float, top: float, bottom: float, items: list[Item]
) -> tuple[float, float]:
    """Draw the blocks in columns that are about as high as the chains. Returns where all ends."""
    for aside in asides:
        aside.part.measure()
    limit = max([bottom, *(top + _extents(aside)[1] for aside in asides)])
    left, y, column = right + BESIDE, top, 0.0
    for aside in asides:
        width, height = _extents(aside)
        if y > top and y + height > limit:
            left, y, column = left + column + BESIDE, top, 0.0
        _draw_aside(aside, left, y, items)
        column, bottom = max(column, width), max(bottom, y + height)
        right, y = max(right, left + width), y + height + BELOW
    return right, bottom


def _extents(aside: Aside) -> tuple[float, float]:
    titles = (text_width(aside.title, SMALL + 2, bold=True), text_width(_uses(aside), SMALL))
    inner = aside.part.left + aside.part.right
    return max(inner, *titles) + 2 * FRAME, aside.part.height + HEADER + GAP + 2 * FRAME


def _uses(aside: Aside) -> str:
    return f"one drawing for {counted(aside.uses, 'use')}"


def _draw_aside(aside: Aside, left: float, y: float, items: list[Item]) -> None:
    width, height = _extents(aside)
    top = y + HEADER + FRAME
    slack = width - 2 * FRAME - aside.part.left - aside.part.right
    spine = left + FRAME + slack / 2 + aside.part.left
    found: list[Item] = [
        Box(left, y, width, height, "inset", 6),
        Text(left + FRAME, y + 18, aside.title, SMALL + 2, bold=True),
        Text(left + FRAME, y + 32, _uses(aside), SMALL, "muted"),
        Line(((spine, y + HEADER), (spine, top)), arrow=aside.part.ends_in_box),
    ]
    aside.part.place(spine, top, found)
    end = top + aside.part.height
    found.append(Line(((spine, end), (spine, end + GAP)), arrow=True))
    items.append(Group(tuple(found)))
