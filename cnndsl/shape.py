"""Shapes as the lecture writes them: `96@55x55`, channels first, and a plain number for a vector."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

#: An extent, a channel count or a hyperparameter above this is an error: no framework holds it.
MAX_SIZE = 2**31 - 1

#: The letters of a map's axes, by its rank: 1D, 2D, 3D.
AXIS_LETTERS = {0: "", 1: "L", 2: "HW", 3: "DHW"}


@dataclass(frozen=True, slots=True)
class Shape:
    """`Shape(96, (55, 55))` is `96@55x55`; `Shape(9216)` is a vector of 9216 values.

    The batch axis is left out. Extents are ordered as PyTorch has them: (L), (H, W), (D, H, W).
    """

    channels: int
    extents: tuple[int, ...] = ()

    @property
    def rank(self) -> int:
        """0 for a vector, else the number of axes that windows slide over."""
        return len(self.extents)

    @property
    def numel(self) -> int:
        return self.channels * prod(self.extents)

    @property
    def factors(self) -> str:
        """The product that a flatten forms: `256·6·6`."""
        return "·".join(map(str, (self.channels, *self.extents)))

    def __str__(self) -> str:
        if not self.channels:
            return "nothing"
        if not self.extents:
            return str(self.channels)
        return f"{self.channels}@{'x'.join(map(str, self.extents))}"


#: What arrives where nothing does: at the start of a chain, in a parameter of the net.
NOTHING = Shape(0)
