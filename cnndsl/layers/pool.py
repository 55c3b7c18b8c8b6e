"""Pools: POOL slides a window, APOOL is given the output's size, GPOOL and GAP see the whole map."""

from __future__ import annotations

from math import gcd, prod
from typing import Any, ClassVar

from cnndsl.diagnostics import Change, Problem
from cnndsl.layers import readers as read
from cnndsl.layers.base import Field, Habit, Weightless, brief, hyper, need_map, written
from cnndsl.layers.reach import MAX_PERIOD, Reach
from cnndsl.layers.windows import Axis, Windowed, make_axes, need_fit
from cnndsl.shape import Shape, below


class Pool(Windowed, Weightless):
    """`POOL(max, 3x3, s=2)`: the largest of 3×3 pixels, 2 pixels further on for each output.

    `POOL(2)` halves the map: the operation is max and the stride the window unless given.
    """

    kind = "POOL"
    assumed: ClassVar[dict[str, Any]] = {"window": 2}

    op: str = hyper(read.Word("max", "avg", "min"), "max", positional=True, leading=True)
    window: tuple[int, ...] = hyper(read.window, letter="k", positional=True)
    stride: tuple[int, ...] | None = hyper(read.window, None, letter="s")
    pad: read.Pads | str = hyper(read.padding_or_same, 0, letter="p", words=("same",))
    dilation: tuple[int, ...] = hyper(read.window, 1, letter="d")
    ceil: bool = hyper(read.flag, False)
    count_pad: bool = hyper(read.flag, True)

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        """For `POOL(3, 2)`, as PyTorch's MaxPool2d has it, and `POOL(2, max)`."""
        op = next((item for item in positional if isinstance(item, str)), "max")
        numbers = [read.shown(item) for item in positional if not isinstance(item, str)]
        if not numbers:
            return None
        named = "".join(f", {letter}={value}" for letter, value in zip("sp", numbers[1:], strict=False))
        call = f"POOL({op}, {numbers[0]}{named})"
        return Habit(f"write {call}", _mended(positional, op, f"write {call}"))

    @property
    def strides(self) -> tuple[int, ...]:
        """The stride: the window unless given."""
        return self.window if self.stride is None else self.stride

    def axes(self, x: Shape) -> tuple[Axis, ...]:
        return make_axes(x, self.pad, self.window, self.dilation, self.strides, self.ceil)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        self._need_sense()
        self._need_little_padding()
        unpadded = self.op == "avg" and x.rank == 3
        extents = need_fit(self, x, "window", 0 if unpadded else min(self.window) // 2)
        if unpadded:
            self._need_window_in_map(x)
        return Shape(x.channels, extents)

    def _need_sense(self) -> None:
        """Raises Problem where one argument makes nothing of another."""
        if self.op == "avg" and max(self.dilation) > 1:
            raise Problem("argument-value", "average pools have no dilation; max and min do", at="dilation")
        if self.op != "avg" and not self.count_pad:
            message = f"count_pad is for average pools; this is a {self.op} pool"
            raise Problem("argument-value", message, at="count_pad")
        if self.ceil and any(before != after for before, after in self._pairs):
            raise Problem("argument-value", "ceil=yes needs the same padding on both sides", at="pad")

    @property
    def _pairs(self) -> read.Pads:
        """The padding as given; none where it is `same`."""
        return () if isinstance(self.pad, str) else self.pad

    def _need_little_padding(self) -> None:
        for pair, size in zip(self._pairs, self.window, strict=False):
            if max(pair) > size // 2:
                raise Problem(
                    "pool-padding",
                    f"p={max(pair)} is more than half of the {written(self.window)} window",
                    f"legal: {_legal_padding(self.window)}; a window must not see padding alone",
                    at="pad",
                    changes=(_most_padding(self.window),),
                )

    def _need_window_in_map(self, x: Shape) -> None:
        """PyTorch's AvgPool3d, alone among the pools, compares the window with the map unpadded."""
        symmetric = all(before == after for before, after in self._pairs)
        for extent, size in zip(x.extents, self.window, strict=True):
            if symmetric and self.pad != "same" and below(extent, size):
                message = f"an average over {size} voxels needs as many without padding, but {extent} arrive"
                change = Change("pad beforehand", {"pad": "same"})
                raise Problem(
                    "kernel-too-large", message, "p=same pads beforehand", at="window", changes=(change,)
                )

    def operations(self, x: Shape, y: Shape) -> int:
        """A comparison or addition for each pixel under each window."""
        return y.numel * prod(self.window)


def _mended(positional: list[Any], op: str, title: str) -> tuple[Change, ...]:
    """The operation put first, or names for stride and padding; not both."""
    words = [number for number, item in enumerate(positional) if isinstance(item, str)]
    if len(positional) == 2 and words == [1]:
        return (Change(title, {"#0": op, "#1": read.shown(positional[0])}, safe=True),)
    first = len(words)
    if words not in ([], [0]) or len(positional) - first > 3:
        return ()
    names = {
        f"#{number}": letter for number, letter in enumerate("sp"[: len(positional) - first - 1], first + 1)
    }
    return (Change(title, {}, names, safe=True),)


def _legal_padding(window: tuple[int, ...]) -> str:
    """What is at most half of the window on each axis: `p=0 or p=1`, `p=0 to p=3`, `p=0 to p=1x2`."""
    most = brief(tuple(size // 2 for size in window))
    if max(window) == 1:
        return "p=0"
    return f"p=0 or p={most}" if most == "1" else f"p=0 to p={most}"


def _most_padding(window: tuple[int, ...]) -> Change:
    most = brief(tuple(size // 2 for size in window))
    return Change(f"pad by {most}", {"pad": most})


class APool(Weightless):
    """`APOOL(avg, 6x6)`: makes the map 6×6, whatever its size, by windows as large as that takes."""

    kind = "APOOL"
    assumed = None

    op: str = hyper(read.Word("max", "avg"), "avg", positional=True, leading=True)
    size: tuple[int, ...] = hyper(read.window, positional=True)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        return Shape(x.channels, self.size)

    def operations(self, x: Shape, y: Shape) -> int:
        """A comparison or addition for each pixel under each window.

        Window i covers ⌊i·n/m⌋ to ⌈(i+1)·n/m⌉ of n pixels; over all m that adds up to n + m − gcd.
        """
        each = zip(x.extents, self.size, strict=True)
        return x.channels * prod(n + m - gcd(n, m) for n, m in each)

    def field(self, x: Shape) -> Field:
        each = zip(x.extents, self.size, strict=True)
        return tuple(_parted(extent, size) for extent, size in each)


def _parted(extent: int, size: int) -> Reach:
    """The windows that part `extent` pixels into `size`: from ⌊i·n/m⌋ up to ⌈(i + 1)·n/m⌉."""
    shared = gcd(extent, size)
    period = min(size // shared, MAX_PERIOD)
    lefts = tuple(unit * extent // size for unit in range(period))
    rights = tuple(-(-(unit + 1) * extent // size) - 1 for unit in range(period))
    return Reach(lefts, rights, extent // shared)


class WholeMap(Weightless):
    """Makes one value of each channel's map: `256@6x6` becomes `256@1x1`."""

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        return Shape(x.channels, (1,) * x.rank)

    def operations(self, x: Shape, y: Shape) -> int:
        """A comparison or addition for each value that arrives."""
        return x.numel

    def field(self, x: Shape) -> Field:
        return None


class GPool(WholeMap):
    """`GPOOL(max)`: each channel's largest value; the map becomes 1×1."""

    kind = "GPOOL"
    assumed = None

    op: str = hyper(read.Word("max", "avg", "min"), positional=True)


class Gap(WholeMap):
    """`GAP`: each channel's mean, a global average pool; the map becomes 1×1."""

    kind = "GAP"
