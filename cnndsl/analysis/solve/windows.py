"""Holes of one window together: its sizes are worked out without making layers of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnndsl.analysis.solve.candidates import REMAINDER, Bounds, Option, candidates
from cnndsl.elaborate.holes import NeedsValue
from cnndsl.layers import Pool, Windowed
from cnndsl.layers.windows import spanned
from cnndsl.syntax import ast

#: What the size of a window's output depends on, in the order in which it is chosen.
_SIZED = ("kernel", "window", "stride", "dilation", "pad")


def grouped(missing: NeedsValue, bounds: Bounds) -> list[list[Option]]:
    """The values for the holes of a window, grouped by the output that they give; the simplest first.

    Nothing where the holes are not those of a plain window on a map of known size.
    """
    holes = {name: value for name, value in missing.named.items() if isinstance(value, ast.Hole)}
    plain = all(type(missing.named.get(name, 1)) is int or name in holes for name in _SIZED)
    if not (issubclass(missing.kind, Windowed) and missing.x.closed and plain and holes.keys() <= {*_SIZED}):
        return []
    others = {"ceil", "pad_mode"} & missing.named.keys() or (missing.kind is Pool and "dilation" in holes)
    if others or len(holes) < 2 or missing.x.rank not in (1, 2):  # which have rules of their own
        return []
    groups: dict[tuple[int, ...], list[Option]] = {}
    for named, option in _choices(missing, bounds, [name for name in _SIZED if name in holes]):
        outputs, exact = _outputs(named, missing.x.extents)
        groups.setdefault(outputs, []).append(
            option if exact else option._replace(cost=option.cost + REMAINDER)
        )
    return [sorted(group, key=lambda one: one.cost) for size, group in groups.items() if min(size) > 0]


def _choices(
    missing: NeedsValue, bounds: Bounds, names: list[str]
) -> Iterator[tuple[dict[str, Any], Option]]:
    """The arguments with all values for the holes of these names."""
    if not names:
        yield dict(missing.named), Option({}, 0)
        return
    name, *rest = names
    hole = missing.named[name]
    spec = missing.kind.hypers()[name]
    here = NeedsValue(hole, missing.kind, spec, missing.named, missing.x)
    for one in candidates(here, bounds) or ():
        known = NeedsValue(hole, missing.kind, spec, {**missing.named, name: one.value}, missing.x)
        for named, option in _choices(known, bounds, rest):
            yield named, Option({hole: one.value, **option.values}, one.cost + option.cost)


def _outputs(named: dict[str, Any], extents: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """The output's sizes, and whether no division leaves a remainder."""
    window: int = named.get("kernel", named.get("window", 1))
    stride: int = named.get("stride", named.get("window", 1))
    span = spanned(window, named.get("dilation", 1))
    parted = [divmod(extent + 2 * named.get("pad", 0) - span, stride) for extent in extents]
    return tuple(steps + 1 for steps, _ in parted), not any(rest for _, rest in parted)
