"""The graph as a page: the main chain, further outputs beside it, then the blocks that are drawn aside."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.faults import faults
from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.graph.build import Aside, Builder
from cnndsl.drawing.graph.folding import Folding
from cnndsl.drawing.graph.parts import FRAME, GAP, SMALL, Frame, Link, Part, Port
from cnndsl.drawing.graph.sequence import skip
from cnndsl.drawing.page import MARGIN, PAGE_WIDTH, described, head, legend
from cnndsl.drawing.scene import Bounds, Box, Group, Item, Line, Scene, Text
from cnndsl.render.text import counted

if TYPE_CHECKING:
    from cnndsl.network import Network

#: Between columns of the page, and between what stands in one of them.
BESIDE, BELOW, SPACE = 28, 20, 10
HEADER = 38


def graph(network: Network, *, expand: bool = False, width: float = PAGE_WIDTH) -> Scene:
    """The graph of a network; equal copies of a repeat and blocks are drawn once unless `expand`."""
    parts = built(network, expand=expand)
    above = head(network, width, parts.elsewhere)
    items = above.items
    taken = _draw_chains(parts.main, parts.others, above.bottom, items)
    _draw_asides(parts.asides, taken, width, items)
    reach = max(place.right for place in taken)
    bottom = max(place.bottom for place in taken)
    wide = max(reach + MARGIN, above.width)
    below, end = legend(parts.styles, bottom + MARGIN, wide)
    return described(network, [*items, *below], wide, end)


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


def _draw_chains(main: Part, others: list[Frame], y: float, items: list[Item]) -> list[Bounds]:
    """Draw the main chain, and beside it the others. Returns the places that they take, lines and all."""
    for part in others:
        part.measure()
    main.measure()
    x = MARGIN + main.left
    taken = [Bounds(MARGIN, y, x + main.right, y + main.height)]
    sources = {port.link: port for port in main.exits}
    columns = [_Column(part, _below(part, sources)) for part in others]
    main.place(x, y, items)
    for column in sorted(columns, key=lambda column: -column.top):
        top = y + column.top
        bottom = top + column.part.height
        left = max(place.right for place in taken if place.top - SPACE < bottom) + BESIDE
        spine = left + column.part.left
        column.part.place(spine, top, items)
        items += [
            _across(sources[port.link].moved(x, y), port.moved(spine, top))
            for port in column.part.entries
            if port.link in sources
        ]
        taken.append(Bounds(taken[0].right, top - GAP, spine + column.part.right, bottom))
    return taken


def _below(part: Part, sources: dict[Link, Port]) -> float:
    """Where a column can begin: below all that it takes up."""
    rows = [sources[port.link].points[-1][1] for port in part.entries if port.link in sources]
    return max(rows, default=-GAP) + GAP


def _across(source: Port, sink: Port) -> Line:
    """From a row of the main chain to a column beside it."""
    start, end = source.points, sink.points
    return skip((*start, (end[0][0], start[-1][1]), *end), 0, 0)


# ---- the blocks

#: How much higher than wide a page is to be, how much wider than asked for it may be for that; a place for
#: a block is looked for beside so many others.
TALL, SLACK, NEAR = 1.1, 1.1, 16


def _draw_asides(asides: list[Aside], taken: list[Bounds], page: float, items: list[Item]) -> None:
    """Draw the blocks where there is room beside and below what is `taken`, to which they are added."""
    for aside in asides:
        aside.part.measure()
        place = _room(_extents(aside), taken, page)
        _draw_aside(aside, place.left, place.top, items)
        taken.append(place)


def _room(extents: tuple[float, float], taken: list[Bounds], page: float) -> Bounds:
    """The place with which all fits into the width, or goes least beyond it; of several the best filled."""
    width, height = extents
    reach, depth = max(place.right for place in taken), max(place.bottom for place in taken)
    near = [taken[0], *taken[1:][-NEAR:]]
    lefts = [taken[0].left, *(place.right + BESIDE for place in near)]
    tops = [taken[0].top, *(place.bottom + BELOW for place in near), depth + BELOW]
    places = {Bounds(x, y, x + width, y + height) for x, y in product(lefts, tops)}

    def cost(place: Bounds) -> tuple[float, ...]:
        right, bottom = max(reach, place.right), max(depth, place.bottom)
        over = max(0, right + MARGIN - SLACK * page)
        return over, max(right + MARGIN, bottom / TALL, page), place.top, place.left

    return next(place for place in sorted(places, key=cost) if not any(_touch(place, one) for one in taken))


def _touch(one: Bounds, other: Bounds) -> bool:
    return (
        one.left < other.right + BESIDE
        and other.left < one.right + BESIDE
        and one.top < other.bottom + BELOW
        and other.top < one.bottom + BELOW
    )


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
