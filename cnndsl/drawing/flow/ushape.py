"""Encoders and decoders as a U, after the U-Net paper: a row for each resolution, copies across."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from cnndsl.drawing.flow import words
from cnndsl.drawing.flow.scale import Scale, scale
from cnndsl.drawing.flow.stages import Stage, Unfit
from cnndsl.drawing.flow.strip import style
from cnndsl.drawing.fonts import text_width
from cnndsl.drawing.page import MARGIN, PAGE_WIDTH, described, head, law_lines, legend
from cnndsl.drawing.scene import Box, Group, Item, Line, Scene, Text
from cnndsl.record import Record, fresh
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from cnndsl.network import Network

#: The largest height and width of a bar; heights below which resolutions are not to scale.
HEIGHT, WIDTH, SMALL = 130.0, 44.0, 16.0
#: Between bars in a row, and between rows, where three lines of text have room.
GAP, LINE, BETWEEN = 26.0, 13.0, 52.0
#: A map that is so many times as large as the next one is in another row: borders alone take less.
RESIZED = 1.5
#: The sizes of the numbers at bars, and of the words at arrows.
NUMBER, WORDS = 10.0, 9.0


class Bar(Record):
    """A map: `parts` are the stages in it, more than one where maps are concatenated."""

    stage: Stage
    widths: list[float]
    height: float
    level: int
    copied: list[Bar] = fresh(factory=list)
    merged: Stage | None = None
    x: float = 0
    above: bool = False  # an arrow touches its top
    under: bool = False  # an arrow touches its bottom
    y: float = 0
    sized: bool = False  # its size is not that of the bar before

    @property
    def width(self) -> float:
        return sum(self.widths)

    @property
    def channels(self) -> str:
        return words.count(self.stage.output.channels) if self.stage.output else "?"


def ushape(network: Network, row: Sequence[Stage], messages: list[str]) -> Scene:
    """The picture; raises Unfit where a copy would have to cross a map."""
    heights = scale([max(words.drawn_sizes(stage)[-2:], default=1) for stage in row], HEIGHT, SMALL)
    channels = scale(_channels(row), WIDTH, 5)
    bars = _bars(row, heights, channels)
    _place(bars)
    above = head(network, PAGE_WIDTH, messages)
    ends = _lower(bars, above.bottom)
    items = [*above.items, *(item for bar in bars for item in _drawn(bar)), *_arrows(bars, ends)]
    right = max(_right(item) for item in items)
    low = max(ends.values()) + LINE + 14
    laws = [
        heights.words("height", "pixel"),
        channels.words("width", "channel"),
        *words.openness(row),
        *_hidden(row),
    ]
    width = max(above.width, right + MARGIN)
    law, low = law_lines(f"Scale: {'; '.join(laws)}", low, width)
    below, end = legend((style(stage) for stage in row if stage.kind != "JOINT"), low + 6, width)
    return described(network, [*items, *law, *below], width, end)


def _channels(row: Sequence[Stage]) -> list[int]:
    found = (stage.output.channels for stage in row if stage.output and not stage.lost)
    return [count for count in found if not isinstance(count, Symbolic)]


def _hidden(row: Sequence[Stage]) -> list[str]:
    """What the bars hold beside the layer that makes them."""
    extras = dict.fromkeys(extra for stage in row for extra in words.calls(stage.extras))
    return [f"bars hold the {', '.join(extras)} behind a layer"] if extras else []


# ---- bars


def _bars(row: Sequence[Stage], heights: Scale, channels: Scale) -> list[Bar]:
    """A bar for each stage; a path and its joint with copies are one."""
    places = levels(row)
    bars: list[Bar] = []
    by_stage: dict[int, Bar] = {}
    for number, stage in enumerate(row):
        size = stage.output.channels if stage.output and not stage.lost else 1
        wide = 12.0 if isinstance(size, Symbolic) else channels.px(size)
        bar = Bar(stage, [wide], heights.px(max(words.drawn_sizes(stage)[-2:], default=1)), places[number])
        if stage.joined:
            bar.copied = [by_stage[source] for source in stage.joined]
            if stage.name == "concat" and bars[-1].level == bar.level and not bars[-1].copied:
                last = bars.pop()
                bar.merged = last.stage
                bar.widths = [*(width for one in bar.copied for width in [one.width]), last.width]
        bars.append(bar)
        by_stage[number] = bar
    return bars


def levels(row: Sequence[Stage]) -> list[int]:
    """The row of each stage, further down where the map shrinks. Raises Unfit where they form no U."""
    if any(stage.is_vector or stage.lost for stage in row):
        raise Unfit("it has vectors or unknown sizes beside its copies")
    sizes = [max(words.drawn_sizes(stage), default=1) for stage in row]
    found = [0]
    for size, after in pairwise(sizes):
        found.append(found[-1] + (after * RESIZED <= size) - (size * RESIZED <= after))
    for number, stage in enumerate(row):
        for source in stage.joined:
            _check(found, source, number)
    return found


def _check(places: Sequence[int], source: int, joint: int) -> None:
    """Raises Unfit unless all between a copy's ends is further down, save what the joint takes in."""
    level = places[joint]
    below = all(place > level for place in places[source + 1 : joint - 1])
    if places[source] != level or places[joint - 1] != level or not below or joint - source < 3:
        raise Unfit("a copy would cross other maps")


def _place(bars: Sequence[Bar]) -> None:
    """From left to right, below each other where the resolution changes."""
    ends: dict[int, float] = {}  # of the words in the gap below each level
    bars[0].sized = True
    x = MARGIN + max(bars[0].width, _size_width(bars[0])) / 2
    bars[0].x = x
    for last, bar in pairwise(bars):
        bar.sized = last.level != bar.level or _size(last) != _size(bar)
        if last.level == bar.level:
            bar.x = last.x + last.width / 2 + max(GAP, _beside(last, bar)) + bar.width / 2
            continue
        gap = min(last.level, bar.level)
        down = bar.level > last.level
        bar.x = max(last.x, ends.get(gap, 0) + 6)
        ends[gap] = bar.x + 8 + text_width(_words(bar), WORDS)
        last.under, last.above = last.under or down, last.above or not down
        bar.above, bar.under = bar.above or down, bar.under or not down


def _beside(last: Bar, bar: Bar) -> float:
    """The room that the words between two bars of a row need."""
    number = text_width(last.channels, NUMBER) + 8
    sizes = _size_width(last) + (_size_width(bar) if bar.sized else 0) / 2
    return max(text_width(_words(bar), WORDS) + 12, number, sizes - last.width / 2 - bar.width / 2 + 16)


def _size(bar: Bar) -> str:
    shape = bar.stage.output
    return str(shape).partition("@")[2] if shape else ""


def _size_width(bar: Bar) -> float:
    return text_width(_size(bar), NUMBER)


def _words(bar: Bar) -> str:
    """What is written at the arrow to a bar: `3x3`, `max pool 2x2`."""
    stage = bar.merged or bar.stage
    name = [] if stage.kind == "CONV" else [words.brief_name(stage)]
    return " ".join([*name, ", ".join(words.details(stage))])


def _lower(bars: Sequence[Bar], y: float) -> dict[int, float]:
    """Put the bars in their rows, around the middle of each; returns where the rows end."""
    found: dict[int, float] = {}
    for level in sorted({bar.level for bar in bars}):
        row = [bar for bar in bars if bar.level == level]
        tall = max(bar.height for bar in row)
        y += BETWEEN if found else LINE + 4
        for bar in row:
            bar.y = y + (tall - bar.height) / 2
        y += tall
        found[level] = y
    return found


# ---- drawing


def _drawn(bar: Bar) -> list[Item]:
    """A bar with its numbers; of one that is joined, the copied parts come first."""
    found: list[Item] = []
    left, y = bar.x - bar.width / 2, bar.y
    stages = [*([None] * len(bar.copied) if bar.merged else []), bar.merged or bar.stage]
    for stage, width in zip(stages, bar.widths, strict=True):
        box = Box(left, y, width, bar.height, style(stage) if stage else "copied", 0)
        paths = tuple(dict.fromkeys(stage.paths)) if stage else ()
        found.append(Group((box,), paths, stage.tip if stage else "copied"))
        left += width
    number = (bar.x + 5, "start") if bar.above else (bar.x, "middle")
    found.append(Text(number[0], y - 4, bar.channels, NUMBER, anchor=number[1]))
    if bar.sized:
        place, anchor = (bar.x + 5, "start") if bar.under else (bar.x, "middle")
        found.append(Text(place, y + bar.height + LINE - 2, _size(bar), NUMBER, "muted", anchor))
    extra = [path for path in bar.stage.paths if bar.merged]
    return [Group(tuple(found), tuple(dict.fromkeys(extra)), bar.stage.tip)]


def _arrows(bars: Sequence[Bar], ends: dict[int, float]) -> Iterator[Item]:
    for last, bar in pairwise(bars):
        if last.level == bar.level:
            yield from _across(last, bar)
        else:
            yield from _between(last, bar, ends)
    for bar in bars:
        for source in bar.copied:
            y = bar.y + bar.height / 2 - min(bar.height, source.height) * 0.2
            start, end = source.x + source.width / 2, bar.x - bar.width / 2
            yield Line(((start, y), (end, y)), "skip", arrow=True)
            text = "copy" if bar.stage.name == "concat" else "add"
            text += " and crop" if bar.stage.cropped else ""
            yield Text((start + end) / 2, y - 4, text, WORDS, "muted", "middle")


def _across(last: Bar, bar: Bar) -> Iterator[Item]:
    y = bar.y + bar.height / 2
    start, end = last.x + last.width / 2, bar.x - bar.width / 2
    yield Line(((start, y), (end, y)), arrow=True)
    yield Text((start + end) / 2, y - 4, _words(bar), WORDS, anchor="middle")


def _between(last: Bar, bar: Bar, ends: dict[int, float]) -> Iterator[Item]:
    """An arrow down or up to another row, with its words in the middle of the gap below the upper one."""
    down = bar.level > last.level
    upper, lower = (last, bar) if down else (bar, last)
    top, bottom = upper.y + upper.height, lower.y
    middle = ends[upper.level] + LINE + 11
    start, end = (top, bottom) if down else (bottom, top)
    bend = ((last.x, middle + 5), (bar.x, middle + 5)) if last.x != bar.x else ()
    yield Line(((last.x, start), *bend, (bar.x, end)), arrow=True)
    yield Text(bar.x + 5, middle, _words(bar), WORDS)


def _right(item: Item) -> float:
    match item:
        case Box() | Text():
            return item.bounds.right
        case Group():
            return max(map(_right, item.items), default=0)
        case _:
            return max(x for x, _ in item.points)
