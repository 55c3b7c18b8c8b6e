"""Normalisations. Scale and shift count as weights and biases; running statistics are buffers."""

from __future__ import annotations

from typing import Any, ClassVar

from cnndsl.diagnostics import Change, Problem
from cnndsl.layers import readers as read
from cnndsl.layers.base import Elementwise, Habit, hyper, need_map
from cnndsl.layers.claims import arriving, need_divisible
from cnndsl.shape import NOTHING, Shape, all_ones


class Norm(Elementwise):
    """Subtracts a mean and divides by a deviation; `affine` learns a scale and a shift per channel."""

    #: Element-wise operations for each value.
    per_value: ClassVar[int] = 4
    #: Whether its module is for one number of channels even where it learns nothing.
    counts_channels: ClassVar[bool] = False
    affine: bool

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        """For `BN(64)`: PyTorch wants the number of channels."""
        return _without_channels(cls.kind, positional, 0, x)

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": (x.channels,), "bias": (x.channels,)} if self.affine else {}

    def built_in(self, x: Shape) -> list[int]:
        return super().built_in(x) + [x.channels] * self.counts_channels

    def operations(self, x: Shape, y: Shape) -> int:
        """Two for each value, to scale and to shift it, and two more where the statistics
        have to be computed (all but BN, which keeps running ones)."""
        return self.per_value * y.numel


def _without_channels(call: str, positional: list[Any], place: int, x: Shape) -> Habit:
    """For a number of channels by position, which is the last argument there; not safe where it is wrong."""
    hint = f"the number of channels is found: write {call}"
    right = bool(positional[place] == x.channels)
    if not right and x != NOTHING and type(x.channels) is int:
        hint = (
            f"{arriving(x.channels)}, not {read.shown(positional[place])}; the number is found: write {call}"
        )
    change = Change(f"write {call}", {f"#{place}": None}, safe=right)
    return Habit(hint, (change,) if len(positional) == place + 1 else ())


class BatchNorm(Norm):
    """`BN`: normalises each channel over the batch and the map."""

    kind = "BN"
    aliases = ("BATCHNORM",)
    counts_channels = True  # of its running statistics
    per_value = 2

    eps: float = hyper(read.positive, 1e-5)
    momentum: float = hyper(read.number, 0.1)
    affine: bool = hyper(read.flag, True)


class GroupNorm(Norm):
    """`GN(32)`: normalises each of 32 groups of channels over the map, one sample at a time."""

    kind = "GN"
    aliases = ("GROUPNORM",)
    assumed = None

    groups: int = hyper(read.count, positional=True)
    eps: float = hyper(read.not_negative, 1e-5)
    affine: bool = hyper(read.flag, True)

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        return _without_channels(f"GN({read.shown(positional[0])})", positional, 1, x)

    def output(self, x: Shape) -> Shape:
        need_divisible(x.channels, self.groups, "arriving channels are", "groups")
        return x


class LayerNorm(Norm):
    """`LN`: normalises the channels at each position of the map, as ConvNeXt does."""

    kind = "LN"
    aliases = ("LAYERNORM",)
    counts_channels = True

    eps: float = hyper(read.not_negative, 1e-5)
    affine: bool = hyper(read.flag, True)


class InstanceNorm(Norm):
    """`INORM`: normalises each channel over the map, one sample at a time."""

    kind = "INORM"
    aliases = ("INSTANCENORM",)

    eps: float = hyper(read.not_negative, 1e-5)
    momentum: float = hyper(read.number, 0.1)
    affine: bool = hyper(read.flag, False)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        if all_ones(x.extents):
            raise Problem(
                "shape",
                f"INORM on {x} has one value per channel, which it would make 0",
                "use LN or GN(1) here",
            )
        return x


class LocalResponseNorm(Elementwise):
    """`LRN(5)`: divides each value by those of the 5 channels around it, as AlexNet did."""

    kind = "LRN"

    size: int = hyper(read.count, 5, positional=True)
    alpha: float = hyper(read.number, 1e-4)
    beta: float = hyper(read.number, 0.75)
    k: float = hyper(read.number, 1.0)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        return x

    def operations(self, x: Shape, y: Shape) -> int:
        """For each value a square, a sum over the channels around, a power and a division."""
        return (self.size + 2) * y.numel
