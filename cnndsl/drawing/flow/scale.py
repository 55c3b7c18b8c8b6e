"""How large extents are drawn: by a law that the picture states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: Nothing is drawn smaller than this many pixels.
LEAST = 3.0


class Scale(NamedTuple):
    """`factor` pixels for a size, or for its square root, of sizes from `least` on."""

    factor: float
    root: bool
    least: int = 1

    def px(self, size: float) -> float:
        return max(LEAST, self._true(size))

    def _true(self, size: float) -> float:
        return self.factor * (size**0.5 if self.root else size)

    def words(self, what: str, unit: str) -> str:
        """`planes: 3.9 px per pixel`, `thickness: 2 px per √channel (at least 3 px)`."""
        more = f" (at least {LEAST:g} px)" if self._true(self.least) < LEAST else ""
        return f"{what}: {self.factor:.3g} px per {'√' if self.root else ''}{unit}{more}"

    def down_to(self, sizes: Iterable[int]) -> Scale:
        """The scale where there are such sizes as well."""
        return self._replace(least=min([self.least, *sizes]))

    def times(self, factor: float) -> Scale:
        """The scale on which all is so many times as large."""
        return self._replace(factor=self.factor * factor)


def scale(sizes: Iterable[int], most: float, small: float) -> Scale:
    """A scale on which the largest size is `most` pixels: true, unless others would be below `small`."""
    known = [size for size in sizes if type(size) is int and size > 0] or [1]
    factor = most / max(known)
    if min(known) * factor >= small:
        return Scale(factor, False, min(known))
    return Scale(most / max(known) ** 0.5, True, min(known))
