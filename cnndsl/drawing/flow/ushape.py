"""Encoders and decoders as a U, after the U-Net paper: a row for each resolution, copies across."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from cnndsl.drawing.flow.bars import Bar, bars, label, lanes, scales
from cnndsl.drawing.flow.stages import Stage
from cnndsl.drawing.flow.strip import style
from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.page import MARGIN, described, head, law_lines, legend
from cnndsl.drawing.scene import Box, Group, Item, Line, Point, Scene, Text

if TYPE_CHECKING:
    from cnndsl.network import Network

#: Between bars in a row, between rows, where three lines of text have room, and more for a copy above a row.
GAP, LINE, BETWEEN, LANE = 24.0, 14.0, 56.0, 30.0
#: Bars of this height have room for words below an arrow.
TALL = 28.0
#: From the edge of a bar to a copy that touches it beside another arrow.
EDGE = 4.0
#: The sizes of the numbers at bars, and of the words at arrows.
NUMBER, WORDS = 11.0, 10.0


def ushape(network: Network, row: Sequence[Stage], messages: list[str], page: float) -> Scene:
    """The picture; raises Unfit where a copy or an arrow would have to cross another thing."""
    by = scales(row)
    found = bars(row, by)
    said = label(found)
    _place(found)
    above = head(network, page, messages)
    ends = _lower(found, above.bottom, {bar.level for bar in found if bar.over})
    items = [*above.items, *(item for bar in found for item in _drawn(bar))]
    items += [*_arrows(found, ends), *_copies(found)]
    width = max(above.width, max(map(_right, items)) + MARGIN)
    law, low = law_lines(f"Scale: {'; '.join(by.words(row))}", max(ends.values()) + LINE + 14, width)
    notes, low = law_lines("; ".join(said), low, width)
    below, end = legend((style(stage) for stage in row if stage.kind != "JOINT"), low + 6, width)
    return described(network, [*items, *law, *notes, *below], width, end)


# ---- places


def _place(found: Sequence[Bar]) -> None:
    """From left to right, below each other where the resolution changes."""
    ends: dict[int, float] = {}  # of the words in the gap below each level
    first = found[0]
    first.x = MARGIN + max(first.width, _wide(first.size), _wide(first.channels)) / 2
    rights = {first.level: first.right}
    for last, bar in pairwise(found):
        if last.level == bar.level:
            bar.x = last.right + _beside(last, bar) + bar.width / 2
        else:
            gap, down = min(last.level, bar.level), bar.level > last.level
            bar.x += max(_departs(last), ends.get(gap, 0) + 6) - bar.stem
            last.under, last.above = last.under or down, last.above or not down
            bar.above, bar.under = bar.above or down, bar.under or not down
        for source in bar.copied:
            bar.x = max(bar.x, source.right + text_width(bar.more, WORDS) + 24 + bar.width / 2)
        bar.x = max(bar.x, rights.get(bar.level, 0) + GAP + bar.width / 2)
        rights[bar.level] = bar.right
        if last.level != bar.level:
            ends[gap] = bar.stem + 8 + text_width(_said(bar), WORDS)
            _straighten(found, last, bar)
            rights[last.level] = max(rights[last.level], bar.stem if last.lowest else last.right)


def _departs(last: Bar) -> float:
    """Where an arrow to another row can run: in line with the bar, or on the right of it and its number."""
    if not last.lowest:
        return last.stem
    return max(last.right + GAP / 2, last.right + _behind(last, last.channels, *_above(last)) + 8)


def _straighten(found: Sequence[Bar], last: Bar, bar: Bar) -> None:
    """Move the end of a row under what it leads up to, where only its own arrow grows by that."""
    before = found[found.index(last) - 1]
    if bar.level < last.level == before.level and not last.under:
        last.x += max(0.0, bar.stem - last.stem)


def _wide(text: str) -> float:
    return text_width(text, NUMBER)


def _said(bar: Bar) -> str:
    """All words at an arrow in one line."""
    return ", ".join(filter(None, [bar.words, bar.rest]))


def _lines(last: Bar, bar: Bar) -> tuple[str, str]:
    """What is written above and below an arrow in a row; all above it where the bars are low."""
    return (bar.words, bar.rest) if min(last.height, bar.height) >= TALL else (_said(bar), "")


def _beside(last: Bar, bar: Bar) -> float:
    """The room between two bars of a row: for the words, and the numbers above and below both."""
    number = _behind(last, last.channels, *_above(last))
    size = _behind(last, last.size, *_below(last))
    said = max(text_width(said, WORDS) for said in _lines(last, bar)) + 10
    if min(last.height, bar.height) < TALL:  # the words are as high up as the numbers
        said += 2 * max(0.0, number, _over(bar.channels, bar))
    return max(GAP, number + _over(bar.channels, bar) + 8, size + _over(bar.size, bar) + 8, said)


def _over(text: str, bar: Bar) -> float:
    """How far a number sticks out on the left of a bar."""
    return (_wide(text) - bar.width) / 2


def _behind(bar: Bar, text: str, x: float, anchor: str) -> float:
    """How far a number that stands there sticks out on the right of a bar."""
    return x + _wide(text) / (1 if anchor == "start" else 2) - bar.right


def _above(bar: Bar) -> tuple[float, str]:
    """Where the number above a bar stands: beside what comes there."""
    if not (bar.above or bar.over):
        return bar.x, "middle"
    leaves = _leaves(bar) if bar.over and not bar.copied else 0
    return max(bar.stem, leaves) + 5, "start"


def _below(bar: Bar) -> tuple[float, str]:
    return (bar.stem + 5, "start") if bar.under else (bar.x, "middle")


def _lower(found: Sequence[Bar], y: float, over: set[int]) -> dict[int, float]:
    """Put the bars in their rows, around the middle of each; returns where the rows end."""
    ends: dict[int, float] = {}
    for level in sorted({bar.level for bar in found}):
        row = [bar for bar in found if bar.level == level]
        tall = max(bar.height for bar in row)
        y += (BETWEEN if ends else LINE + 4) + LANE * (level in over)
        for bar in row:
            bar.y = y + (tall - bar.height) / 2
        y += tall
        ends[level] = y
    return ends


# ---- drawing


def _drawn(bar: Bar) -> list[Item]:
    """A bar with its numbers; of one that is joined, the copied parts come first."""
    found: list[Item] = []
    left, y = bar.left, bar.y
    for number, width in enumerate(bar.widths, 1):
        stage = bar.made if number == len(bar.widths) else None
        box = Box(left, y, width, bar.height, style(stage) if stage else "copied", 0)
        paths = tuple(dict.fromkeys(stage.paths)) if stage else ()
        found.append(Group((box,), paths, stage.tip if stage else "copied"))
        left += width
    place, anchor = _above(bar)
    found.append(Text(place, y - 4, bar.channels, NUMBER, anchor=anchor))
    place, anchor = _below(bar)
    found += [Text(place, y + bar.height + LINE - 2, bar.size, NUMBER, "muted", anchor)] * bool(bar.size)
    extra = [path for path in bar.stage.paths if bar.merged]
    return [Group(tuple(found), tuple(dict.fromkeys(extra)), bar.stage.tip)]


def _arrows(found: Sequence[Bar], ends: dict[int, float]) -> Iterator[Item]:
    for last, bar in pairwise(found):
        if last.level == bar.level:
            y = bar.y + bar.height / 2
            yield Line(((last.right, y), (bar.left, y)), arrow=True)
            for said, place in zip(_lines(last, bar), (y - 4, y + WORDS + 1), strict=True):
                if said:
                    yield Text((last.right + bar.left) / 2, place, said, WORDS, anchor="middle")
        else:
            yield from _between(last, bar, ends)


def _between(last: Bar, bar: Bar, ends: dict[int, float]) -> Iterator[Item]:
    """An arrow down or up to another row, with its words in the middle of the gap below the upper one."""
    down = bar.level > last.level
    upper, lower = (last, bar) if down else (bar, last)
    top, bottom = upper.y + upper.height, lower.y
    middle = ends[upper.level] + LINE + 11
    start, end = (top, bottom) if down else (bottom, top)
    way: tuple[Point, ...] = ((last.stem, start),)
    if last.lowest:
        side = last.y + last.height / 2
        way = ((last.right, side), (bar.stem, side))
    elif last.stem != bar.stem:
        way = (*way, (last.stem, middle + 5), (bar.stem, middle + 5))
    yield Line((*way, (bar.stem, end)), arrow=True)
    yield Text(bar.stem + 5, middle, _said(bar), WORDS)


def _copies(found: Sequence[Bar]) -> Iterator[Item]:
    """Arrows from earlier maps to what they join, above the bars that are between them."""
    for source, bar, blocked in lanes(found):
        if blocked:
            lane = min(one.y for one in found if one.level == bar.level) - LINE - 4
            start, end, y = _leaves(source), _arrives(bar), lane
            way = (*_out(source, start), (start, lane), (end, lane), *_in(bar, end))
            yield Line(way, "skip", arrow=True)
        else:
            start, end = source.right, bar.left
            y = bar.y + bar.height / 2 - min(bar.height, source.height) * 0.2
            yield Line(((start, y), (end, y)), "skip", arrow=True)
        yield Text((start + end) / 2, y - 4, bar.more, WORDS, "muted", "middle")


def _leaves(source: Bar) -> float:
    """Where a copy above other bars goes up: beside an arrow that is there."""
    if not source.above:
        return source.x
    return source.right + (2 * EDGE if source.is_narrow else -EDGE)


def _out(source: Bar, x: float) -> tuple[Point, ...]:
    """From a map to there: from its top, or from its side where that is too narrow."""
    y = source.y + EDGE
    return ((source.right, y), (x, y)) if x > source.right else ((x, source.y),)


def _arrives(bar: Bar) -> float:
    """Where it comes down: on what is copied, or beside an arrow that is there."""
    if bar.above and bar.is_narrow:
        return bar.left - 3 * EDGE
    return bar.left + (EDGE if bar.above and len(bar.widths) == 1 else bar.widths[0] / 2)


def _in(bar: Bar, x: float) -> tuple[Point, ...]:
    y = bar.y + EDGE
    return ((x, y), (bar.left, y)) if x < bar.left else ((x, bar.y),)


def _right(item: Item) -> float:
    match item:
        case Box() | Text():
            return item.bounds.right
        case Group():
            return max(map(_right, item.items), default=0)
        case _:
            return max(x for x, _ in item.points)
