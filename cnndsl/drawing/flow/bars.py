"""The maps of an encoder and its decoder as bars in rows, one for each resolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby, pairwise
from math import log2
from typing import NamedTuple

from cnndsl.drawing.flow import words
from cnndsl.drawing.flow.scale import Scale, scale
from cnndsl.drawing.flow.stages import Stage, Unfit
from cnndsl.layers import Crop
from cnndsl.record import Record, fresh
from cnndsl.shape import Shape, Symbolic

#: The largest height and width of a bar; heights below which resolutions are not to scale.
HEIGHT, WIDTH, SMALL = 130.0, 38.0, 16.0
#: The width of a map with an open number of channels, and of a vector.
OPEN_WIDTH, VECTOR = 12.0, 10.0
#: A bar of this width can be touched by two arrows from above, one of this height by one from the side,
#: and from that which has words beside it.
BROAD, HIGH, HIGHER = 16.0, 12.0, 32.0
#: A map that is so many times as large as the next one is in another row: borders alone take less.
RESIZED = 1.5


class Bar(Record):
    """A map: one that earlier maps join, which are `copied`, is drawn with the path that they join.

    `words` stand at the arrow to it with the `rest` behind or below them, `more` at the copy.
    """

    stage: Stage
    widths: list[float]
    height: float
    level: int
    words: str = ""
    rest: str = ""
    more: str = ""
    copied: list[Bar] = fresh(factory=list)
    merged: Stage | None = None
    x: float = 0
    above: bool = False  # an arrow touches its top
    under: bool = False  # an arrow touches its bottom
    over: bool = False  # a copy that leads above other bars touches its top
    lowest: bool = False  # reached from the row above, to which it leads back up: from its side
    y: float = 0
    size: str = ""  # where it is not that of the bar before

    @property
    def width(self) -> float:
        return sum(self.widths)

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def stem(self) -> float:
        """Where arrows from other rows come to: the middle of what is not copied."""
        return self.right - self.widths[-1] / 2

    @property
    def is_narrow(self) -> bool:
        return self.width < BROAD

    @property
    def made(self) -> Stage:
        """What makes the part that is not copied."""
        return self.merged or self.stage

    @property
    def channels(self) -> str:
        return words.count(self.stage.output.channels) if self.stage.output else "?"


class Scales(NamedTuple):
    """The scales of the sides of maps, of their numbers of channels, and of vectors."""

    sides: Scale
    channels: Scale
    units: Scale

    def words(self, row: Sequence[Stage]) -> list[str]:
        """Those that are used."""
        said = [self.sides.words("height", "pixel"), self.channels.words("width", "channel")]
        said += [self.units.words("vectors", "unit")] if words.units(row) else []
        return said + words.undrawn(row, "the first and third extent of three are") + words.openness(row)


def scales(row: Sequence[Stage]) -> Scales:
    return Scales(
        scale([_side(stage) for stage in row if not stage.is_vector], HEIGHT, SMALL),
        scale(words.depths(row), WIDTH, 5),
        scale(words.units(row), HEIGHT, SMALL),
    )


def _side(stage: Stage) -> int:
    """The extent that is drawn as a bar's height: that of a signal is its length, 1 where it is unknown."""
    sizes = words.drawn_sizes(stage) or [1]
    return sizes[-2] if len(sizes) > 1 else sizes[-1]


def bars(row: Sequence[Stage], by: Scales) -> list[Bar]:
    """A bar for each stage; a path and its joint with earlier maps are one."""
    places = levels(row)
    taken = {source for stage in row for source in stage.joined}
    found: list[Bar] = []
    by_stage: dict[int, Bar] = {}
    for number, stage in enumerate(row):
        bar = _bar(stage, by, places[number])
        if stage.joined:
            bar.copied = [by_stage[source] for source in stage.joined]
            if not found[-1].copied and number - 1 not in taken:
                _merge(bar, found.pop(), by)
        found.append(bar)
        by_stage[number] = bar
    _need_room(found)
    _size_up(found)
    return found


def _need_room(found: Sequence[Bar]) -> None:
    """Raises Unfit where arrows from other rows would come to where copies or others are."""
    for source, bar, blocked in lanes(found):
        source.over, bar.over = source.over or blocked, bar.over or blocked
    for last, bar in pairwise(found):
        up = bar.level < last.level and last.is_narrow and last.over
        down = last.level < bar.level and bar.is_narrow and bar.over
        if (up and last.height < HIGH) or (down and bar.height < HIGHER):
            raise Unfit("a copy would cross an arrow")
    for before, bar, after in zip(found, found[1:], found[2:], strict=False):
        if before.level > bar.level < after.level:
            raise Unfit("two arrows would come to one map from below")
        bar.lowest = before.level < bar.level > after.level


def _bar(stage: Stage, by: Scales, level: int) -> Bar:
    size = words.channels(stage)
    if stage.is_vector:
        return Bar(stage, [VECTOR], by.units.px(size) if size else HEIGHT / 2, level)
    return Bar(stage, [_wide(stage.output, by)], by.sides.px(_side(stage)), level)


def _merge(bar: Bar, path: Bar, by: Scales) -> None:
    """Draw the path that earlier maps join with them: beside what is copied, as large as a sum."""
    bar.merged = path.stage
    if bar.stage.name == "concat":
        skipped = [layer.output for layer in bar.stage.skipped[-1:]]
        copied = skipped or [one.stage.output for one in bar.copied]
        bar.widths = [*(_wide(one, by) for one in copied), path.width]


def _wide(shape: Shape | None, by: Scales) -> float:
    size = shape.channels if shape else None
    return OPEN_WIDTH if size is None or isinstance(size, Symbolic) else by.channels.px(size)


def _size_up(found: Sequence[Bar]) -> None:
    """Say each size where it is another one than before, and that of the last map: `572x572`, then `570²`."""
    found[0].size = _size(found[0].stage)
    for last, bar in pairwise(found):
        if not bar.stage.is_vector and (last.level != bar.level or _size(last.stage) != _size(bar.stage)):
            bar.size = _short(bar.stage)
    for bar in [bar for bar in found[1:] if not bar.stage.is_vector][-1:]:
        bar.size = _short(bar.stage)


def _size(stage: Stage) -> str:
    return str(stage.output).partition("@")[2]


def _short(stage: Stage) -> str:
    """`570²` for 570x570."""
    assert stage.output
    extents = stage.output.extents
    power = {2: "²", 3: "³"}.get(len(extents))
    if power and stage.output.closed and len(set(extents)) == 1 != extents[0]:
        return f"{extents[0]}{power}"
    return _size(stage)


# ---- rows


def levels(row: Sequence[Stage]) -> list[int]:
    """The row of each stage, further down where the map shrinks. Raises Unfit where they form no U."""
    if any(stage.lost for stage in row):
        raise Unfit("it has unknown sizes beside its copies")
    found, last = [0], _largest(row[0])
    for stage in row[1:]:
        size = _largest(stage)
        size = last if size <= 1 else size  # a vector is beside the map before it, and so is a map of 1x1
        found.append(found[-1] + _further_down(last, size))
        last = size
    _check(row, found)
    return found


def _further_down(last: int, size: int) -> int:
    """How many rows further down a map is: one for each halving, none for borders that are lost."""
    if last < size:
        return -_further_down(size, last)
    return max(1, round(log2(last / size))) if size * RESIZED <= last else 0


def _largest(stage: Stage) -> int:
    return max(words.drawn_sizes(stage), default=0)


def _check(row: Sequence[Stage], places: Sequence[int]) -> None:
    """Raises Unfit unless all copies lead across a dip, each one alone in its row there."""
    spans = [(source, joint) for joint, stage in enumerate(row) for source in stage.joined]
    for source, joint in spans:
        dip = [place - places[joint] for place in places[source : joint + 1]]
        if [sign for sign, _ in groupby(dip, key=lambda place: (place > 0) - (place < 0))] != [0, 1, 0]:
            raise Unfit("a copy would cross other maps")
        if dip[-2]:
            raise Unfit("a copy would join a map of another size")
    for one, other in combinations(sorted(spans), 2):
        if one[1] > other[0] and places[one[0]] == places[other[0]]:
            raise Unfit("a copy would cross another one")


# ---- words


def label(found: Sequence[Bar]) -> list[str]:
    """Write what makes each bar at its arrow; returns what is the same for all arrows of a kind.

    That is not written at each of them: `each 3x3 with p=1 and ReLU behind it`.
    """
    shared = _shared([bar.made for bar in found])
    for last, bar in pairwise(found):
        stage = bar.made
        what, tail = _what(stage), _tail(stage)
        lead = words.calls(last.stage.extras) if last.stage.kind == "INPUT" else []
        bar.words = ", ".join([*lead, *filter(None, [what])])
        if shared.get(what) != tail:
            bar.rest = ", ".join(each for part in tail for each in part)
    for bar in found:
        if bar.copied:
            said = _skip(bar.stage)
            said += f" before {words.calls(bar.stage.before)[0]}" if bar.stage.before else ""
            bar.more = ", ".join([said, *words.calls(bar.stage.extras)])
    others = {_what(bar.made) for bar in found if bar.rest}
    return [
        f"each {'plain ' * (what in others)}{what} with {_with(*tail)}"
        for what, tail in shared.items()
        if any(tail)
    ]


def _skip(joint: Stage) -> str:
    """What is said of a copy: `copy and crop`, or with the layers that it leads through."""
    fitted = [one for one in joint.skipped if issubclass(one.kind, Crop)]
    others = [one for one in joint.skipped if one not in fitted]
    if joint.name == "concat":
        said = "copy and crop" if fitted else "copy"
    else:
        said = "crop and add" if fitted else "add"
    return ", ".join([*words.calls(others), said])


Tail = tuple[tuple[str, ...], tuple[str, ...]]


def _what(stage: Stage) -> str:
    """What an arrow says at least: `3x3`, `max pool 2x2`."""
    if stage.kind == "JOINT":
        return ""
    name = "" if stage.kind == "CONV" else words.brief_name(stage)
    lead = "flatten, " if stage.flattened else ""
    return lead + " ".join(filter(None, [name, ", ".join(_parted(stage)[1])]))


def _tail(stage: Stage) -> Tail:
    """The padding of a stage, and the layers behind it."""
    return _parted(stage)[0], () if stage.kind == "JOINT" else tuple(words.calls(stage.extras))


def _parted(stage: Stage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The padding among a stage's arguments, and the others."""
    said = words.details(stage)
    pads = tuple(each for each in said if each.startswith("p="))
    return pads, tuple(each for each in said if each not in pads)


def _shared(row: Sequence[Stage]) -> dict[str, Tail]:
    """What most stages have of those with the same words, where all others have something to say instead."""
    found: dict[str, Tail] = {}
    for what in dict.fromkeys(map(_what, row)):
        tails = Counter(_tail(stage) for stage in row if _what(stage) == what and stage.kind != "INPUT")
        (most, count), *others = tails.most_common() or [(((), ()), 0)]
        if what and count > 1 and all(any(tail) for tail, _ in others):
            found[what] = most
    return found


def _with(pads: tuple[str, ...], behind: tuple[str, ...]) -> str:
    extras = f"{', '.join(behind)} behind it" if behind else ""
    return " and ".join(filter(None, [", ".join(pads), extras]))


def lanes(found: Sequence[Bar]) -> Iterator[tuple[Bar, Bar, bool]]:
    """Each copy: its source, where it leads, and whether other bars of the row are between them."""
    for number, bar in enumerate(found):
        for source in bar.copied:
            between = found[found.index(source) + 1 : number]
            yield source, bar, any(one.level == bar.level for one in between)
