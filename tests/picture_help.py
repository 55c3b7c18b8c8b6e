"""What must hold of every picture, whatever its style: what is wrong with its geometry, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise
from typing import Any, TypeVar

from cnndsl.drawing import STYLES, picture
from cnndsl.drawing.scene import Bounds, Box, Group, Item, Line, Polygon, Scene, Text, bounds, flat
from cnndsl.network import Network

Solid = TypeVar("Solid", Box, Text)

#: Boxes around others, which lines may cross.
OPEN = {"frame", "inset"}
#: Lines that carry values from one layer to another.
ARROWS = {"wire", "skip", "turn"}
#: What counts as touching, in pixels; how far an arrow may end from what it points at, how far apart
#: two arrows must be that run beside each other.
SLACK, REACH, CLOSE = 0.6, 11, 3.0
#: The height of the strips in which things are compared.
STRIP = 64


def flaws(scene: Scene) -> list[str]:
    """All that is wrong with the geometry of a picture."""
    items = [*flat(scene.items)]
    texts = [item for item in items if isinstance(item, Text)]
    boxes = [item for item in items if isinstance(item, Box) and item.style not in OPEN]
    owners = dict(_owners(scene.items, None))
    lines = [item for item in items if isinstance(item, Line) and item.style in ARROWS]
    return [
        *(f"{item} leaves the canvas" for item in items if not _inside(bounds(item), _canvas(scene))),
        *(f"{one.text!r} overlaps {other.text!r} at {one.x, one.y}" for one, other in _clashes(texts)),
        *(
            f"box {one} overlaps {other}"
            for one, other in _clashes(boxes)
            if owners[id(one)] is None or owners[id(one)] is not owners[id(other)]
        ),
        *_outgrown(scene.items),
        *_covered(texts, boxes, owners),
        *_misses(lines, items),
        *_merged(lines),
        *_crossings(lines, boxes),
        *_struck(lines, texts),
    ]


def shared(scene: Scene) -> list[str]:
    """The stretches that arrows of a row of maps share with others: there they would seem to be one."""
    items = flat(scene.items)
    arrows = [item for item in items if isinstance(item, Line) and item.style in ARROWS]
    return [
        f"{line} shares a stretch with {other}"
        for (one, line), (two, other) in combinations(_segments(arrows), 2)
        if line is not other and _together(one, two)
    ]


def _together(one: Bounds, other: Bounds) -> bool:
    """Whether two upright or level segments run along each other, within CLOSE pixels."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return min(wide, high) > -CLOSE and max(wide, high) > CLOSE


def fitting(network: Network) -> Iterator[str]:
    """The styles that a network can be drawn in."""
    for style in STYLES:
        try:
            picture(network, style=style)
        except ValueError:
            continue
        yield style


def _owners(items: Iterable[Item], owner: Group | None) -> Iterator[tuple[int, Group | None]]:
    """The group of each box and text: planes of one stack may overlap."""
    for item in items:
        if isinstance(item, Group):
            yield from _owners(item.items, item)
        elif isinstance(item, Box | Text):
            yield id(item), owner


def _canvas(scene: Scene) -> Bounds:
    return Bounds(0, 0, scene.width, scene.height)


def _inside(one: Bounds, other: Bounds) -> bool:
    return (
        one.left >= other.left - SLACK
        and one.right <= other.right + SLACK
        and one.top >= other.top - SLACK
        and one.bottom <= other.bottom + SLACK
    )


def _overlap(one: Bounds, other: Bounds) -> bool:
    return (
        one.left < other.right - SLACK
        and other.left < one.right - SLACK
        and one.top < other.bottom - SLACK
        and other.top < one.bottom - SLACK
    )


def _clashes(items: Iterable[Solid]) -> Iterator[tuple[Solid, Solid]]:
    """The pairs that overlap."""
    for near in _strips((item.bounds, item) for item in items).values():
        for (one, first), (other, second) in combinations(near, 2):
            if first is not second and _overlap(one, other):
                yield first, second


def _strips(items: Iterable[tuple[Bounds, Any]], height: int = STRIP) -> dict[int, list[tuple[Bounds, Any]]]:
    """Items by the horizontal strips that they are in, so that far ones are not compared."""
    strips: dict[int, list[tuple[Bounds, Item]]] = defaultdict(list)
    for place, item in items:
        for strip in range(int(place.top) // height, int(place.bottom) // height + 1):
            strips[strip].append((place, item))
    return strips


def _outgrown(items: Iterable[Item]) -> Iterator[str]:
    """Texts that leave the box that should hold them."""
    for item in items:
        if not isinstance(item, Group):
            continue
        if item.closed:
            box = item.items[0]
            assert isinstance(box, Box)
            texts = (inner for inner in item.items if isinstance(inner, Text))
            yield from (
                f"{text.text!r} leaves its box" for text in texts if not _inside(text.bounds, box.bounds)
            )
        yield from _outgrown(item.items)


def _covered(texts: Iterable[Text], boxes: Iterable[Box], owners: dict[int, Group | None]) -> Iterator[str]:
    """Texts on a box that is not their own."""
    strips = _strips((box.bounds, box) for box in boxes)
    for number, near in _strips((text.bounds, text) for text in texts).items():
        for place, text in near:
            for other, box in strips.get(number, ()):
                if _overlap(place, other) and not _related(owners[id(box)], owners[id(text)]):
                    yield f"{text.text!r} stands on {box}"


def _related(one: Group | None, other: Group | None) -> bool:
    """Whether two groups are of the same layer."""
    return one is other or (one is not None and other is not None and bool({*one.paths} & {*other.paths}))


def _misses(lines: Iterable[Line], items: Iterable[Box | Polygon | Line | Text]) -> Iterator[str]:
    """Arrows that point at nothing: they end at what has a border, or on their way out of a frame."""
    solids = [bounds(item) for item in items if not isinstance(item, Line)]
    strips = _strips((_grown(place, REACH), None) for place in solids)
    for line in lines:
        x, y = line.points[-1]
        near = strips.get(int(y) // STRIP, ())
        to_a_box = line.arrow and line.style != "turn"  # that leads to a row of figures
        if to_a_box and not any(_holds(place, x, y) and _at_border(place, x, y) for place, _ in near):
            yield f"{line} points at nothing"


#: So near to each other, two lines look like one, if they are so for longer than a corner.
NEAR, BEND = 3, 9


def _merged(lines: Iterable[Line]) -> Iterator[str]:
    """Lines of different values that run along each other."""
    tracks: dict[tuple[int, int], list[tuple[float, float, float, Line]]] = defaultdict(list)
    for line in lines:
        for (x0, y0), (x1, y1) in pairwise(line.points):
            across = int(abs(x1 - x0) > abs(y1 - y0))  # 0 for upright ones
            at, ends = (y0, (x0, x1)) if across else (x0, (y0, y1))
            for track in {int(at) // NEAR, (int(at) + NEAR) // NEAR}:
                tracks[across, track].append((at, min(ends), max(ends), line))
    for near in tracks.values():
        for (at, low, high, one), (beside, low_other, high_other, other) in combinations(near, 2):
            along = min(high, high_other) - max(low, low_other)
            if one is not other and abs(at - beside) < NEAR and along > BEND and not _same_value(one, other):
                yield f"{one} runs along {other}"


def _same_value(one: Line, other: Line) -> bool:
    """Whether lines start from one point, follow each other, branch off each other, or come together."""
    (start, *_, end), (start_other, *_, end_other) = one.points, other.points
    meet = {start, end} & {start_other, end_other}
    return bool(meet) or _lies_on(start, other) or _lies_on(start_other, one)


def _lies_on(point: tuple[float, float], line: Line) -> bool:
    x, y = point
    return any(
        min(x0, x1) - SLACK <= x <= max(x0, x1) + SLACK and min(y0, y1) - SLACK <= y <= max(y0, y1) + SLACK
        for (x0, y0), (x1, y1) in pairwise(line.points)
    )


def _holds(place: Bounds, x: float, y: float) -> bool:
    return place.left <= x <= place.right and place.top <= y <= place.bottom


def _at_border(place: Bounds, x: float, y: float) -> bool:
    """Whether a point is near the border of what was grown by REACH."""
    return min(x - place.left, place.right - x, y - place.top, place.bottom - y) <= 2 * REACH


def _segments(lines: Iterable[Line]) -> Iterator[tuple[Bounds, Line]]:
    for line in lines:
        for (x0, y0), (x1, y1) in pairwise(line.points):
            yield Bounds(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), line


def _crossings(lines: Iterable[Line], boxes: Iterable[Box]) -> Iterator[str]:
    """Lines through a box: they may end at its border, not go on inside."""
    strips = _strips((box.bounds, box) for box in boxes)
    for number, near in _strips(_segments(lines)).items():
        for place, line in near:
            for other, box in strips.get(number, ()):
                if _overlap(_grown(place), other):
                    yield f"{line} crosses {box}"


def _grown(place: Bounds, by: float = SLACK / 2) -> Bounds:
    """A segment has no width; what it must not touch does."""
    return Bounds(place.left - by, place.top - by, place.right + by, place.bottom + by)


def _struck(lines: Iterable[Line], texts: Iterable[Text]) -> Iterator[str]:
    """Texts with a line through them."""
    strips = _strips((text.bounds, text) for text in texts)
    for number, near in _strips(_segments(lines)).items():
        for place, line in near:
            for other, text in strips.get(number, ()):
                if _overlap(_grown(place), other):
                    yield f"{line} strikes out {text}"


def paths(items: Iterable[Item]) -> Iterator[str]:
    """The layers' paths in a picture."""
    for item in items:
        if isinstance(item, Group):
            yield from item.paths
            yield from paths(item.items)
