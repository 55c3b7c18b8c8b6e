"""INPUT, ID and SCALE."""

from __future__ import annotations

from typing import Any, ClassVar

from cnndsl.layers import readers as read
from cnndsl.layers.base import Elementwise, Field, Weightless, hyper
from cnndsl.layers.reach import Reach
from cnndsl.shape import Shape


class Input(Weightless):
    """`INPUT(3@224x224)`: the start of a network."""

    kind = "INPUT"
    assumed: ClassVar[dict[str, Any]] = {"shape": Shape(3, (32, 32))}

    shape: Shape = hyper(read.full_shape, positional=True)

    def output(self, x: Shape) -> Shape:
        return self.shape

    def operations(self, x: Shape, y: Shape) -> int:
        return 0

    def field(self, x: Shape) -> Field:
        return (Reach(),) * self.shape.rank


class Identity(Elementwise):
    """`ID`: lets everything through unchanged."""

    kind = "ID"
    aliases = ("IDENTITY",)

    def operations(self, x: Shape, y: Shape) -> int:
        return 0


class Scale(Elementwise):
    """`SCALE(init=1e-6)`: a learnt factor for each channel, as ConvNeXt ends its blocks."""

    kind = "SCALE"

    init: float = hyper(read.number, 1.0)

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": (x.channels,)}
