"""The letters of the lecture: W×H and w×h, p, s, C and D, and what they stand for at a layer.

A map that leaves has a prime: W′×H′. In 1D a map has its length L, in 3D its third axis is Z, since D
counts the filters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cnndsl.layers import Layer
    from cnndsl.shape import Shape


class AxisName(NamedTuple):
    """What an axis is called, and the letters for the map and the window on it."""

    word: str
    map: str
    window: str

    @property
    def after(self) -> str:
        return f"{self.map}′"


#: By rank, in the order of a map's extents.
AXES = {
    0: (),
    1: (AxisName("length", "L", "w"),),
    2: (AxisName("height", "H", "h"), AxisName("width", "W", "w")),
    3: (AxisName("depth", "Z", "z"), AxisName("height", "H", "h"), AxisName("width", "W", "w")),
}

#: Hyperparameters with a letter: what a formula calls them.
_OWN = {"groups": "g", "outputs": "m", "factor": "f", "size": "k", "neighbours": "k"}


def window(rank: int) -> str:
    """`w·h`: the values under a window in one channel."""
    return "·".join(axis.window for axis in reversed(AXES[rank]))


def arriving(rank: int) -> str:
    """`C·W·H`: the values that arrive."""
    return "·".join(("C", *(axis.map for axis in reversed(AXES[rank]))))


def leaving(rank: int, channels: str = "D") -> str:
    """`D·W′·H′`: the values that leave."""
    return "·".join((channels, *(axis.after for axis in reversed(AXES[rank]))))


def values(layer: Layer, x: Shape, y: Shape) -> dict[str, Any]:
    """What each letter stands for where `x` arrives at a layer and `y` leaves it."""
    found: dict[str, Any] = {"C": x.channels, "D": y.channels}
    found |= {axis.map: extent for axis, extent in zip(AXES[x.rank], x.extents, strict=True)}
    found |= {axis.after: extent for axis, extent in zip(AXES[y.rank], y.extents, strict=True)}
    kernel = getattr(layer, "kernel", getattr(layer, "window", ()))
    found |= {axis.window: size for axis, size in zip(AXES[x.rank], kernel, strict=False)}
    for name, letter in _OWN.items():
        value = getattr(layer, name, None)
        if type(value) is int:
            found[letter] = value
    return found


def letter(name: str, rank: int) -> str:
    """The letter of a hyperparameter, "" if it has none: `h×w` for the kernel."""
    if name in ("kernel", "window"):
        return "×".join(axis.window for axis in AXES[rank])
    short = {"filters": "D", "stride": "s", "pad": "p", "dilation": "d", "output_pad": "o", "scale": "f"}
    return short.get(name) or _OWN.get(name, "")


def product(factors: Iterable[str]) -> str:
    return "·".join(factor for factor in factors if factor)
