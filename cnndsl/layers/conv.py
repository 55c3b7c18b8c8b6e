"""Convolutions: CONV and TCONV."""

from __future__ import annotations

from math import gcd, prod
from typing import Any, ClassVar

from cnndsl.diagnostics import Change, Problem
from cnndsl.layers import readers as read
from cnndsl.layers.base import Field, Habit, Layer, hyper, need_map
from cnndsl.layers.claims import from_first, most_border, need_border, need_channels, need_divisible
from cnndsl.layers.reach import MAX_PERIOD, Reach
from cnndsl.layers.windows import Axis, Windowed, joined, make_axes, need_fit, spanned
from cnndsl.shape import Shape, below, unknown_size
from cnndsl.values import Axes

#: What kernels measure, and nobody's number of filters.
_KERNELS = (1, 3, 5, 7, 11)


class Conv(Windowed):
    """`CONV(96, 11x11, s=4)`: 96 filters of 11×11 pixels slide over the map, 4 pixels at a time.

    Each filter reads all arriving channels and makes one channel of the output; `g=2` splits the
    channels into groups, `g=in.C` is a depthwise convolution.
    """

    kind = "CONV"
    assumed: ClassVar[dict[str, Any]] = {"filters": 64, "kernel": 3, "pad": 1}
    learnt = True

    filters: int = hyper(read.count, positional=True)
    kernel: tuple[int, ...] = hyper(read.window, letter="k", positional=True)
    stride: tuple[int, ...] = hyper(read.window, 1, letter="s")
    pad: read.Pads | str = hyper(read.padding_or_same, 0, letter="p", words=("same",))
    dilation: tuple[int, ...] = hyper(read.window, 1, letter="d")
    groups: int = hyper(read.count, 1, letter="g")
    bias: bool = hyper(read.flag, True)
    pad_mode: str = hyper(read.Word("zeros", "reflect", "replicate", "circular"), "zeros")
    from_: int | None = hyper(read.count, None)

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        return conv_habit(cls.kind, positional, x)

    @classmethod
    def order_slip(cls, given: dict[str, Any], rank: int) -> Habit | None:
        return conv_order(cls.kind, given, rank)

    @classmethod
    def turned(cls, positional: list[Any], x: Shape) -> Habit | None:
        return conv_turned(cls.kind, positional, x)

    def axes(self, x: Shape) -> tuple[Axis, ...]:
        return make_axes(x, self.pad, self.kernel, self.dilation, self.stride)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        need_channels(self.from_, x)
        need_groups(x.channels, self.filters, self.groups)
        try:
            extents = need_fit(self, x, "kernel", most_border(self.pad_mode, x))
        except Problem as problem:
            raise self._turned(x, problem) from None
        need_border(self.pad_mode, x, self.pads(x), "pad")
        return Shape(self.filters, extents)

    @property
    def turned_round(self) -> bool:
        """Whether the arguments look like a kernel and filters: `CONV(3, 64)`."""
        return self.filters in _KERNELS and len({*self.kernel}) == 1 and like_filters(self.kernel[0])

    def _turned(self, x: Shape, problem: Problem) -> Problem:
        """The problem of a kernel that does not fit; of `CONV(3, 64)` it is the order."""
        turned = Conv(**{**vars(self), "filters": self.kernel[0], "kernel": (self.filters,) * x.rank})
        if not self.turned_round or any(below(axis.slack, 0) for axis in turned.axes(x)):
            return problem
        first, second = str(turned.filters), str(self.filters)
        hint = f"the filters come first, then the kernel: CONV({first}, {second})"
        change = Change(f"write {first}, {second}", {"filters": first, "kernel": second})
        return Problem(problem.code, problem.message, hint, at=problem.at, changes=(change,))

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        shapes = {"weight": (self.filters, x.channels // self.groups, *self.kernel)}
        return shapes | {"bias": (self.filters,)} if self.bias else shapes

    def macs(self, x: Shape, y: Shape) -> int:
        return y.numel * (x.channels // self.groups) * prod(self.kernel)

    def operations(self, x: Shape, y: Shape) -> int:
        """The bias: one addition for each output value."""
        return y.numel if self.bias else 0


class TConv(Layer):
    """`TCONV(64, 2, s=2)`: a transposed convolution, which doubles the map's sides here.

    Each value that arrives is spread over a window of the output; it undoes the sizes of a CONV
    with the same arguments. `output_pad` adds pixels at the end where two sizes map to one.
    """

    kind = "TCONV"
    assumed = None
    learnt = True

    filters: int = hyper(read.count, positional=True)
    kernel: tuple[int, ...] = hyper(read.window, letter="k", positional=True)
    stride: tuple[int, ...] = hyper(read.window, 1, letter="s")
    pad: read.Pads = hyper(read.padding, 0, letter="p")
    output_pad: tuple[int, ...] = hyper(read.offsets, 0)
    dilation: tuple[int, ...] = hyper(read.window, 1, letter="d")
    groups: int = hyper(read.count, 1, letter="g")
    bias: bool = hyper(read.flag, True)
    from_: int | None = hyper(read.count, None)

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        return conv_habit(cls.kind, positional, x)

    @classmethod
    def order_slip(cls, given: dict[str, Any], rank: int) -> Habit | None:
        return conv_order(cls.kind, given, rank)

    @classmethod
    def turned(cls, positional: list[Any], x: Shape) -> Habit | None:
        return conv_turned(cls.kind, positional, x)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        need_channels(self.from_, x)
        need_groups(x.channels, self.filters, self.groups)
        self._need_symmetry()
        self._need_small_output_pad()
        extents = self._extents(x)
        empty = [axis for axis, extent in enumerate(extents) if below(extent, 1)]
        if empty:
            worked = joined([self._arithmetic(x, empty[0])])
            raise Problem("empty-output", f"the padding takes the whole output: {worked}", at="pad")
        return Shape(self.filters, extents)

    def recovered(self, x: Shape) -> Shape | None:
        return Shape(self.filters, (unknown_size(),) * x.rank) if x.rank else None

    def _need_symmetry(self) -> None:
        if any(before != after for before, after in self.pad):
            raise Problem(
                "argument-value",
                "a TCONV needs the same padding on both sides",
                "take the pixels of one side off with a CROP",
                at="pad",
            )

    def _need_small_output_pad(self) -> None:
        for extra, stride, dilation in zip(self.output_pad, self.stride, self.dilation, strict=True):
            limit = max(stride, dilation)
            if extra >= limit:
                raise Problem(
                    "argument-value",
                    f"output_pad={extra} must be less than the stride or the dilation, {limit}",
                    at="output_pad",
                    changes=(Change(f"write output_pad={limit - 1}", {"output_pad": str(limit - 1)}),),
                )

    def _extents(self, x: Shape) -> tuple[int, ...]:
        each = zip(x.extents, self.stride, self.pad, self.kernel, self.dilation, self.output_pad, strict=True)
        return tuple((e - 1) * s - 2 * p.before + spanned(k, d) + o for e, s, p, k, d, o in each)

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        shapes = {"weight": (x.channels, self.filters // self.groups, *self.kernel)}
        return shapes | {"bias": (self.filters,)} if self.bias else shapes

    def macs(self, x: Shape, y: Shape) -> int:
        """Each value that arrives is multiplied by every weight that spreads it."""
        return x.numel * (self.filters // self.groups) * prod(self.kernel)

    def operations(self, x: Shape, y: Shape) -> int:
        """The bias: one addition for each output value."""
        return y.numel if self.bias else 0

    def field(self, x: Shape) -> Field:
        each = zip(self.kernel, self.dilation, self.stride, self.pad, strict=True)
        axes = [_spread(k, d, s, p.before) for k, d, s, p in each]
        found = tuple(axis for axis in axes if axis is not None)
        return found if len(found) == len(axes) else None

    def sizes(self, x: Shape) -> str:
        return joined([self._arithmetic(x, axis) for axis in range(x.rank)])

    def _arithmetic(self, x: Shape, axis: int) -> str:
        extent, stride, pad = x.extents[axis], self.stride[axis], self.pad[axis].before
        kernel, dilation, extra = self.kernel[axis], self.dilation[axis], self.output_pad[axis]
        spread = str(kernel) if dilation == 1 else f"{dilation}·({kernel} − 1) + 1"
        shift = f" − 2·{pad}" if pad else ""
        more = f" + {extra}" if extra else ""
        return f"({extent} − 1)·{stride}{shift} + {spread}{more} = {self._extents(x)[axis]}"


def _spread(kernel: int, dilation: int, stride: int, pad: int) -> Reach | None:
    """What output units read: which input units depends on their phase in the stride."""
    if stride > MAX_PERIOD:
        return None
    phases = [_phase(unit + pad, kernel, dilation, stride) for unit in range(stride)]
    return Reach(tuple(left for left, _ in phases), tuple(right for _, right in phases), 1)


def _phase(place: int, kernel: int, dilation: int, stride: int) -> tuple[int, int]:
    """The first and last i with place = stride·i + dilation·t for a tap t of the kernel.

    A unit that no tap falls on reads nothing: its last is one before its first.
    """
    period = stride // gcd(stride, dilation)
    taps = range(min(kernel, period))
    first = next((tap for tap in taps if (place - dilation * tap) % stride == 0), None)
    if first is None:
        return place // stride + 1, place // stride
    last = first + (kernel - 1 - first) // period * period
    return (place - dilation * last) // stride, (place - dilation * first) // stride


def need_groups(channels: int, filters: int, groups: int) -> None:
    """Raises Problem unless both channel counts split evenly into the groups."""
    need_divisible(channels, groups, "arriving channels are", "g", shared=filters)
    need_divisible(filters, groups, "filters are", "g", shared=channels)


def conv_habit(kind: str, positional: list[Any], x: Shape) -> Habit | None:
    """For `CONV(3, 96, 11, 4)`, as PyTorch's Conv2d has it, or `CONV(96, 11, 4)`, a stride by position."""
    values = [read.shown(item) for item in positional if isinstance(item, (int, Axes))]
    if not 2 < len(values) == len(positional) < 6:
        return None
    first, second = positional[:2]
    if isinstance(first, int) and isinstance(second, int) and (second > 11 or first < second):
        call = f"{kind}({values[1]}, {values[2]}{_named(values[3:])}"
        names = {f"#{number}": letter for number, letter in enumerate("sp"[: len(values) - 3], 3)}
        found = type(x.channels) is int and first == x.channels
        return from_first(call, values[0], found=found, safe=second > 11, names=names)
    call = f"{kind}({values[0]}, {values[1]}{_named(values[2:])})"
    names = {f"#{number}": letter for number, letter in enumerate("spd"[: len(values) - 2], 2)}
    return Habit(f"stride and padding go by name: {call}", (Change(f"write {call}", {}, names, safe=True),))


def conv_order(kind: str, given: dict[str, Any], rank: int) -> Habit | None:
    """For `CONV(3x3, 64)`, `CONV(8@3x3)`, and of a flat map `CONV(3x3x8)`: the filters come first."""
    filters, kernel = given.get("filters"), given.get("kernel")
    if isinstance(filters, Axes) and kernel is None and len(filters) == rank + 1 > 2:
        window, last = read.shown(Axes(filters[:-1])), read.shown(filters[-1])
        change = Change(f"write {last}, {window}", {"filters": f"{last}, {window}"})
        return Habit(f"{last} filters of {window} are written {kind}({last}, {window})", (change,))
    if isinstance(filters, Axes) and type(kernel) is int:
        first, second = str(kernel), read.shown(filters)
        values = {"filters": first, "kernel": second}
    elif isinstance(filters, Shape) and filters.rank and kernel is None:
        first, second = str(filters.channels), read.shown(Axes(filters.extents))
        values = {"filters": f"{first}, {second}"}
    elif isinstance(filters, Axes) and kernel is None:
        return Habit(f"the filters come first: {kind}(64, {read.shown(filters)})")
    else:
        return None
    call = f"{kind}({first}, {second})"
    change = Change(f"write {first}, {second}", values, safe=True)
    return Habit(f"the filters come first, then the kernel: {call}", (change,))


def like_filters(number: Any) -> bool:
    """Whether a number is a usual one of filters, and no usual kernel."""
    return type(number) is int and number >= 16 and number % 8 == 0


def conv_turned(kind: str, positional: list[Any], x: Shape) -> Habit | None:
    """For `CONV(3, 64, …)`, where 3 is the kernel or what arrives, rather than a kernel of 64x64."""
    if len(positional) != 2 or type(positional[0]) is not int or not like_filters(positional[1]):
        return None
    first, second = positional
    if first in _KERNELS:
        change = Change(f"write {second}, {first}", {"#0": str(second), "#1": str(first)})
        return Habit(f"the filters come first, then the kernel: {kind}({second}, {first})", (change,))
    if first == x.channels:
        return Habit(f"the filters come first, then the kernel, which is missing: {kind}({second}, 3)")
    return None


def _named(rest: list[str]) -> str:
    return "".join(f", {letter}={value}" for letter, value in zip("spd", rest, strict=False))
