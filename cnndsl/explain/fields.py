"""How the receptive field follows from that of what arrives.

A unit sees r pixels of the input; its neighbour sees as many, j pixels further on; the first one's
begin at pixel a, which is negative where they reach into the padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnndsl.analysis.fields import UNSEEN, Sights, field_of
from cnndsl.explain.formula import Fact, fact, merged, number
from cnndsl.explain.letters import AXES, AxisName
from cnndsl.layers import Input, Layer, Reach, Windowed
from cnndsl.layers.windows import Axis
from cnndsl.shape import Shape

LEGEND = "of what arrives: r is a unit's field, j how far on its neighbour lies, a where the first starts"
WHOLE = "every unit sees the whole input"


def field(layer: Layer, x: Shape, before: Sights, after: Sights) -> list[Fact]:
    """The receptive field behind a layer, worked from the one before it."""
    if isinstance(layer, Input):
        return [Fact("size", text="1: each unit is a pixel of the input, or a value of it")]
    if after is None:
        return [Fact("size", text=_why_whole(layer, before))]
    if x.rank and UNSEEN in (before, after):
        return [Fact("size", text="it depends on the input's size")]
    if before is None or (not isinstance(layer, Windowed) and _unchanged(layer, x)):
        return described(after, "as of what arrives" if before == after else "")
    return _worked(layer, x, before, after)


def _why_whole(layer: Layer, before: Sights) -> str:
    if before is None:
        return f"{WHOLE}, as before this layer"
    reason = "it reads the whole map" if layer.kind in {"FC", "GAP", "GPOOL"} else "positions are lost here"
    return f"{WHOLE}: {reason}"


def _unchanged(layer: Layer, x: Shape) -> bool:
    reaches = field_of(layer, x)
    return reaches is not None and all(reach == Reach() for reach in reaches)


def described(after: tuple[Reach, ...], said: str = "") -> list[Fact]:
    """Sizes without a formula."""
    return _by_axis(Fact(name.word, text=_described(sight, said)) for name, sight in _each(after))


def _described(sight: Reach, said: str) -> str:
    text = f"size {number(sight.size)}, jump {number(sight.jump)}, start {number(sight.start)}"
    return f"{text}, {said}" if said else text


def _each(sights: tuple[Reach, ...]) -> Iterator[tuple[AxisName, Reach]]:
    yield from zip(AXES[len(sights)], sights, strict=True)


def _by_axis(facts: Iterator[Fact]) -> list[Fact]:
    """Lines of all axes; where the axes agree, without their names."""
    found = merged(facts)
    return [found[0]._replace(label="all axes")] if len(found) == 1 and "," in found[0].label else found


def _worked(layer: Layer, x: Shape, before: tuple[Reach, ...], after: tuple[Reach, ...]) -> list[Fact]:
    axes = layer.axes(x) if isinstance(layer, Windowed) else (None,) * x.rank
    reaches = field_of(layer, x) or ()
    lines: list[tuple[Fact, ...]] = []
    for name, b, a, reach, axis in zip(AXES[x.rank], before, after, reaches, axes, strict=True):
        lines.append(_axis(name, b, a, reach, axis))
    if len(set(lines)) == 1 or len({(b, a) for b, a in zip(before, after, strict=True)}) == 1:
        return [*lines[-1]]
    named = zip(AXES[x.rank], lines, strict=True)
    return [one._replace(label=f"{one.label} by {name.word}") for name, line in named for one in line]


def _axis(name: AxisName, before: Reach, after: Reach, reach: Reach, axis: Axis | None) -> tuple[Fact, ...]:
    """Size, jump and start along one axis."""
    if before.period > 1:
        return _after_growth(after)
    own: dict[str, Any] = {"r": before.size, "j": before.jump, "a": before.start}
    return (_size(own, name, after, reach, axis), _jump(own, after, reach, axis), _start(own, after, reach))


def _size(own: dict[str, Any], name: AxisName, after: Reach, reach: Reach, axis: Axis | None) -> Fact:
    if axis is None:
        return fact("size", "r + (n − 1)·j", {**own, "n": reach.size}, after.size, _reads(reach))
    values = {**own, name.window: axis.kernel, "d": axis.dilation}
    template = f"({name.window} − 1)·j" if axis.dilation == 1 else f"d·({name.window} − 1)·j"
    return fact("size", f"r + {template}", values, after.size)


def _reads(reach: Reach) -> str:
    units = "1 unit" if reach.size == 1 else f"{reach.size} units"
    return f"a unit reads n = {units} of what arrives{' at most' * (reach.period > 1)}"


def _jump(own: dict[str, Any], after: Reach, reach: Reach, axis: Axis | None) -> Fact:
    if axis is not None:
        return fact("jump", "j·s", {**own, "s": axis.stride}, after.jump)
    if reach.advance == 0:
        return Fact("jump", text="0: all units along this axis see the same")
    if reach.period == 1:
        return fact("jump", "j" if reach.advance == 1 else f"j·{reach.advance}", own, after.jump)
    note = f"{reach.period} neighbours share {reach.advance} {'step' if reach.advance == 1 else 'steps'}"
    template = f"j·{reach.advance}/{reach.period}"
    return fact("jump", template, own, after.jump, note)


def _start(own: dict[str, Any], after: Reach, reach: Reach) -> Fact:
    first = reach.start
    if first <= 0:
        return fact("start", "a − p·j", {**own, "p": -first}, after.start)
    return fact("start", "a + p·j", {**own, "p": first}, after.start)


def _after_growth(after: Reach) -> tuple[Fact, ...]:
    """Behind a layer that made the map grow neighbours see different numbers of pixels."""
    spans = zip(after.lefts, after.rights, strict=True)
    left, right = max(spans, key=lambda span: span[1] - span[0])
    own = {"first": left, "last": right}
    note = "neighbours see more or less, since a map has grown before; this is the one that sees most"
    size = fact("size", "last − first + 1", own, after.size, note)
    jump = Fact("jump", text=f"{number(after.jump)} on average")
    return size, jump, Fact("start", text=number(after.start))
