"""The receptive field, drawn on the input: what a unit in the middle of each map sees.

Left the input with a frame for each layer, right how the frames grow from layer to layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.render.text import hook, visible

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row
    from cnndsl.layers import Reach
    from cnndsl.shape import Shape

#: Sides of the two drawings in pixels, and the room around them.
SIDE = 360
CHART = 520
ROOM = 44


class Frame(NamedTuple):
    """What the middle unit sees, in pixels of the input, and the field's size as it is told."""

    path: str
    left: float
    top: float
    width: float
    height: float
    told: str


def sight(layers: Sequence[Row]) -> str:
    """The drawings, of an input without numbers for its size the growth alone; "" where there is no map."""
    layers = [*_of_main_input(layers)]
    x = layers[0].output if layers else None
    if x is None or not x.rank:
        return ""
    frames = [_frame(row, row.sights, x) for row in layers if row.sights and _is_seen(row, x)]
    drawn = _input(frames, x) if x.closed else ""
    return f'<div class="sight">{drawn}{_chart(frames, x)}</div>' if len(frames) > 1 else ""


def _of_main_input(layers: Sequence[Row]) -> Iterator[Row]:
    """The layers of the chains that have no other input than the main chain's."""
    others = {row.chain.name for row in layers if row.kind == "INPUT" and row.chain.kind != "main"}
    yield from (row for row in layers if row.chain.kind == "main")
    yield from (row for row in layers if row.chain.kind != "main" and row.chain.name not in others)


def _is_seen(row: Row, x: Shape) -> bool:
    """Whether a layer's output is a map with the axes of the input, and of a size as known as the input's."""
    y = row.output
    return row.known and y is not None and not y.unknown and y.rank == x.rank and (y.closed or not x.closed)


def _frame(row: Row, sights: tuple[Reach, ...], x: Shape) -> Frame:
    """The field of the unit in the middle; of a volume its height and width, of a signal its length."""
    extents = row.output.extents if row.output and x.closed else (1,) * x.rank
    spans = [_span(reach, size) for reach, size in zip(sights, extents, strict=True)]
    sizes = [reach.size for reach in sights]
    told = str(sizes[0]) if len(set(sizes)) == 1 else "×".join(map(str, sizes))
    left, right = spans[-1]
    top, bottom = spans[-2] if x.rank > 1 else (0, _high(x))
    return Frame(row.path, left, top, right - left, bottom - top, told)


def _span(reach: Reach, size: int) -> tuple[float, float]:
    """What the middle of a map of that size sees: the mean of two units where none is in the middle."""
    middle = ((size - 1) // 2, size // 2)
    left, right = (sum(map(end, middle)) / 2 for end in (reach.left, reach.right))
    return left, right + 1


def _high(x: Shape) -> int:
    """How high a picture of the input is; that of a signal is a strip."""
    return x.extents[-2] if x.rank > 1 else max(1, x.extents[-1] // 8) if x.closed else 1


def _input(frames: Sequence[Frame], x: Shape) -> str:
    """The input in grey and the frames on it; frames that see padding reach beyond it."""
    wide, high = x.extents[-1], _high(x)
    left, top = min(0, *(f.left for f in frames)), min(0, *(f.top for f in frames))
    right = max(wide, *(f.left + f.width for f in frames))
    bottom = max(high, *(f.top + f.height for f in frames))
    scale = SIDE / max(right - left, bottom - top)
    width, height = (right - left) * scale, (bottom - top) * scale
    box = _box("input", -left, -top, wide, high, scale)
    inner = "".join(_one(frame, left, top, scale) for frame in frames)
    caption = f"the input, {x}: a unit in the middle of each map sees as much of it"
    return (
        f'<figure><svg viewBox="-2 -2 {width + 4:.1f} {height + 4:.1f}" width="{width + 4:.0f}" role="img" '
        f'aria-label="{escape(caption)}">{box}{inner}</svg><figcaption>{escape(caption)}</figcaption></figure>'
    )


def _box(kind: str, left: float, top: float, width: float, height: float, scale: float) -> str:
    numbers = (left * scale, top * scale, width * scale, height * scale)
    x, y, w, h = (f"{number:.2f}" for number in numbers)
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}"/>'


def _one(frame: Frame, left: float, top: float, scale: float) -> str:
    box = _box("frame", frame.left - left, frame.top - top, frame.width, frame.height, scale)
    return f"{_opened(frame)}{box}</g>"


def _opened(frame: Frame) -> str:
    """The start of a layer's group, with what the pointer shows."""
    path, told = hook(frame.path), visible(f"{frame.path}: {frame.told}")
    return f'<g data-path="{escape(path)}"><title>{escape(told)}</title>'


def _chart(frames: Sequence[Frame], x: Shape) -> str:
    """A column for each layer, as high as its field is wide; a line at the input's width, if it is known."""
    wide = x.extents[-1] if x.closed else 0
    most = max(wide, *(frame.width for frame in frames))
    step = CHART / len(frames)
    columns = "".join(_column(number, frame, step, most) for number, frame in enumerate(frames))
    level = SIDE * (1 - wide / most)
    line = f'<path class="line" d="M0 {level:.1f}H{CHART}"/>' if wide else ""
    beside = "; the line is the width of the input" if wide else f", of an input {x} of any size"
    caption = f"from layer to layer{beside}"
    return (
        f'<figure><svg viewBox="{-ROOM} -14 {CHART + ROOM} {SIDE + 18}" width="{CHART + ROOM}" role="img" '
        f'aria-label="{escape(caption)}">{columns}{line}'
        f"{''.join(_ticks(most, wide))}</svg><figcaption>{escape(caption)}</figcaption></figure>"
    )


def _column(number: int, frame: Frame, step: float, most: float) -> str:
    height = SIDE * frame.width / most
    box = f'<rect class="column" x="{number * step:.2f}" y="{SIDE - height:.2f}" width="{step * 0.8:.2f}"'
    return f'{_opened(frame)}{box} height="{height:.2f}"/></g>'


def _ticks(most: float, wide: int) -> Iterator[str]:
    """The numbers at the side: the largest field, and the input's width unless it stands too close."""
    for value in dict.fromkeys(filter(None, (wide, round(most)))):
        y = SIDE * (1 - value / most)
        if value == wide or abs(y - SIDE * (1 - wide / most)) > 14:
            yield f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
