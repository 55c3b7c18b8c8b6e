"""How large extents are drawn: by a law that the picture states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: Nothing is drawn smaller than this many pixels.
LEAST = 3.0


class Scale(NamedTuple):
    """`factor` pixels for a size, or for its square root."""

    factor: float
    root: bool

    def px(self, size: int) -> float:
        return max(LEAST, self.factor * (size**0.5 if self.root else size))

    def words(self, what: str, unit: str) -> str:
        """`sides: 3.9 px per pixel`, `depth: 2 px per √channel`."""
        return f"{what}: {self.factor:.3g} px per {'√' if self.root else ''}{unit}"


def scale(sizes: Iterable[int], most: float, small: float) -> Scale:
    """A scale on which the largest size is `most` pixels: true, unless others would be below `small`."""
    known = [size for size in sizes if type(size) is int and size > 0] or [1]
    factor = most / max(known)
    if min(known) * factor >= small:
        return Scale(factor, root=False)
    return Scale(most / max(known) ** 0.5, root=True)
