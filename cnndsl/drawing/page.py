"""What all pictures have around the network: a title, messages, a legend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.drawing.fonts import text_width, wrapped
from cnndsl.drawing.look import FILLS
from cnndsl.drawing.scene import Box, Group, Item, Scene, Text
from cnndsl.render.summary import title
from cnndsl.render.text import grouped, shown, visible
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from cnndsl.network import Free, Network, Totals

MARGIN = 16
TITLE, SMALL, LINE, LAW = 15, 11, 15, 10
#: What a picture's width is at most where its parts can be put below each other: that of a page, of a slide.
PAGE_WIDTH = 1120
#: What it is at least, and that of its title at most; the lines that it, a message, the scale take.
LEAST_WIDTH, MAX_WIDTH, MAX_TITLE, MAX_MESSAGE, MAX_LAWS = 320, 620, 2, 3, 12
SWATCH = 12


class Head(NamedTuple):
    """What stands above a network, and how much room that takes."""

    items: list[Item]
    width: float
    bottom: float


def head(network: Network, page: float, messages: Iterable[str] = ()) -> Head:
    """The title, the network's costs, and messages about no layer of it, on a page of that width."""
    room = min(MAX_WIDTH, page - 2 * MARGIN)
    lines = wrapped(visible(title(network)), TITLE, room, MAX_TITLE, bold=True)
    tops = [MARGIN + TITLE + (TITLE + 3) * number for number in range(len(lines))]
    names = [Text(MARGIN, y, text, TITLE, bold=True) for y, text in zip(tops, lines, strict=True)]
    told = _paragraphs([summary(network), *membership(network)], names[-1].y + 2, room, "muted")
    errors = _paragraphs(messages, told[-1].y, room, "alarm")
    texts = [*names, *told, *errors]
    width = max(text.bounds.right for text in texts) + MARGIN
    above = Group((*names, *told), around=True)
    return Head([above, *errors], max(width, min(LEAST_WIDTH, page)), texts[-1].y + MARGIN)


def _paragraphs(said: Iterable[str], y: float, room: float, style: str) -> list[Text]:
    """Texts in lines below y."""
    lines = [line for text in said for line in wrapped(visible(text), SMALL, room, MAX_MESSAGE)]
    return [Text(MARGIN, y + LINE * number, line, SMALL, style) for number, line in enumerate(lines, 1)]


def summary(network: Network) -> str:
    """`62 378 344 parameters, 1 135 256 096 MACs`, or that some sizes are unknown."""
    if not network.known:
        return "some sizes are unknown"
    if not (main := _costs(network.totals)):
        return "sizes depend on the input"
    every = _costs(network.all_totals)
    return main if every == main else f"{main}; with all outputs {every}"


def _costs(totals: Totals) -> str:
    costs = ((totals.params, "parameters"), (totals.macs, "MACs"))
    return ", ".join(f"{grouped(cost)} {noun}" for cost, noun in costs if not isinstance(cost, Symbolic))


def _place(free: Free) -> int:
    return free.span.start


def membership(network: Network) -> list[str]:
    """What was chosen where the file leaves something open."""
    chosen = ", ".join(f"{one.name} = {shown(one.value)}" for one in sorted(network.free, key=_place))
    taken = ", ".join(dict.fromkeys(one.text for one in network.assumptions))
    lines = [f"one of a family of networks: {chosen}"] if chosen else []
    return [*lines, f"assumed: {taken}"] if taken else lines


def legend(styles: Iterable[str], y: float, width: float) -> tuple[list[Item], float]:
    """What the colours mean, in lines of at most `width`, and where they end."""
    used = set(styles)
    items: list[Item] = []
    x, room = float(MARGIN), width - MARGIN
    for name, look in FILLS.items():
        if name not in used or not look.words:
            continue
        wide = SWATCH + 5 + text_width(look.words, SMALL) + 16
        if x > MARGIN and x + wide > room + 16:
            x, y = float(MARGIN), y + LINE + 3
        items.append(Box(x, y, SWATCH, SWATCH, name, 2))
        items.append(Text(x + SWATCH + 5, y + 10, look.words, SMALL))
        x += wide
    return [Group(tuple(items), around=True)], y + SWATCH + MARGIN


def law_lines(said: str, y: float, width: float) -> tuple[list[Item], float]:
    """By what scale things are drawn, in lines of at most `width`, and where they end."""
    lines = [*wrapped(said, LAW, width - 2 * MARGIN, MAX_LAWS)] if said else []
    texts: list[Item] = [
        Text(MARGIN, y + LAW + (LAW + 3) * number, line, LAW, "muted") for number, line in enumerate(lines)
    ]
    return [Group(tuple(texts), around=True)] if texts else [], y + (LAW + 3) * len(lines) + 3 * bool(lines)


def described(network: Network, items: Iterable[Item], width: float, height: float) -> Scene:
    """A finished picture."""
    words = f"{summary(network)}; from {_arrives(network)} to {network.output or 'an unknown size'}"
    return Scene(width, height, visible(title(network)), visible(words), tuple(items))


def _arrives(network: Network) -> str:
    """The shape of the first input."""
    node = network.main
    while node.inside:
        node = node.inside[0]
    return str(node.output or "an unknown size")
