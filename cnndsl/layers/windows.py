"""The arithmetic of windows that slide over a map, axis by axis, for CONV and POOL alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.diagnostics import Change, Problem
from cnndsl.layers.base import Field, Layer, brief
from cnndsl.layers.reach import Reach, sliding
from cnndsl.shape import OpenSize, Shape, Symbolic, below, differ, unknown_size
from cnndsl.values import Pair

if TYPE_CHECKING:
    from cnndsl.layers.readers import Pads

#: How far a map extends along each axis, and what it is made of.
_DIRECTIONS = {1: ("long",), 2: ("high", "wide"), 3: ("deep", "high", "wide")}
_UNITS = {1: "value", 2: "pixel", 3: "voxel"}


def spanned(kernel: int, dilation: int) -> int:
    """Pixels from the first to the last that a dilated window reads: 3 with d = 2 spans 5."""
    return dilation * (kernel - 1) + 1


def same_padding(extent: int, kernel: int, dilation: int, stride: int) -> Pair:
    """Padding for ⌈extent/stride⌉ outputs, the odd pixel after."""
    outputs, span = (extent + stride - 1) // stride, spanned(kernel, dilation)
    total = (outputs - 1) * stride + span - extent
    if span < stride:  # else it is never negative
        short = (outputs - (extent + stride - 1 - left) // stride for left in range(1, span))
        total = max(0, total) if type(total) is int else sum(short)
    return Pair(total // 2, total - total // 2)


class Axis(NamedTuple):
    """A window on one axis: `Axis(227, Pair(0, 0), 11, 1, 4).outputs` is 55."""

    extent: int
    pad: Pair
    kernel: int
    dilation: int
    stride: int
    ceil: bool = False
    same: bool = False

    @property
    def padded(self) -> int:
        return self.extent + self.pad.before + self.pad.after

    @property
    def slack(self) -> int:
        """How far the window can move."""
        return self.extent + (self.pad.before + self.pad.after - spanned(self.kernel, self.dilation))

    @property
    def outputs(self) -> int:
        if self.same:
            return (self.extent + self.stride - 1) // self.stride
        if not self.ceil:
            return self.slack // self.stride + 1
        # ⌈slack/s⌉ + 1, but (PyTorch) the last window must start inside the map or the padding before
        # it: at most ⌈(extent + before)/s⌉. The lesser of two roundings of one size is one rounding.
        beyond = self.pad.after - spanned(self.kernel, self.dilation) + self.stride
        return (self.extent + self.pad.before + self.stride - 1 + min(0, beyond)) // self.stride

    @property
    def remainder(self) -> int:
        """Pixels at the end that rounding down leaves unread."""
        return 0 if self.same else max(0, self.slack - (self.outputs - 1) * self.stride)

    @property
    def step(self) -> Reach:
        if isinstance(self.pad.before, Symbolic):  # strided `same`: it depends on what the stride leaves over
            raise OpenSize(self.pad.before)
        after = spanned(self.kernel, self.dilation) - 1 - self.pad.before
        return sliding(self.pad.before, after, self.stride)

    @property
    def padded_sum(self) -> str:
        """`227 + 2·2`, or `224 + 3 + 0` where the ends differ."""
        before, after = self.pad
        return f"{self.extent} + 2·{before}" if before == after else f"{self.extent} + {before} + {after}"

    @property
    def arithmetic(self) -> str:
        """`(227 − 11)/4 + 1 = 55`, rounded as the layer rounds; `⌈224/2⌉ = 112 (p=2:3)` for `same`."""
        if self.same:
            before, after = self.pad
            uneven = type(before) is int and before != after
            return f"⌈{self.extent}/{self.stride}⌉ = {self.outputs}{f' (p={self.pad})' if uneven else ''}"
        plain = str(self.extent) if self.pad == (0, 0) else self.padded_sum
        slack = f"{plain} − {self._spanned}"
        return f"{slack if self.stride == 1 else self._divided(slack)} + 1 = {self.outputs}"

    @property
    def unrounded(self) -> str:
        """`(224 − 11)/4 + 1 = 54.25`: the outputs before rounding."""
        plain = str(self.extent) if self.pad == (0, 0) else self.padded_sum
        hundredths = round(100 * self.slack / self.stride) + 100
        places = f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".")
        equals = "=" if 100 * self.slack % self.stride == 0 else "≈"
        return f"({plain} − {spanned(self.kernel, self.dilation)})/{self.stride} + 1 {equals} {places}"

    @property
    def _spanned(self) -> str:
        return str(self.kernel) if self.dilation == 1 else f"{self.dilation}·({self.kernel} − 1) − 1"

    def _divided(self, slack: str) -> str:
        if type(self.extent) is int and self.slack % self.stride == 0:
            return f"({slack})/{self.stride}"
        if type(self.extent) is not int:
            return f"⌈({slack})/{self.stride}⌉" if self.ceil else f"⌊({slack})/{self.stride}⌋"
        up = self.outputs == self.slack // self.stride + 2
        return f"⌈({slack})/{self.stride}⌉" if up else f"⌊({slack})/{self.stride}⌋"


def joined(parts: list[str]) -> str:
    """One axis' arithmetic after the other; equal ones are written once."""
    text = parts[0] if len(set(parts)) == 1 else ", ".join(parts)
    return text.replace("-", "−")


class Windowed(Layer):
    """A window that slides over a map: what CONV and POOL have in common."""

    def axes(self, x: Shape) -> tuple[Axis, ...]:
        """The window on each axis of `x`, with its padding in numbers."""
        raise NotImplementedError(self.kind)

    def pads(self, x: Shape) -> Pads:
        """The padding of each axis, worked out where it is `same`."""
        return tuple(axis.pad for axis in self.axes(x))

    def built_in(self, x: Shape) -> list[int]:
        """Those of its weights, and the padding that is worked out for `x`."""
        pads = self.pads(x) if getattr(self, "pad", None) == "same" else ()
        return super().built_in(x) + [side for pair in pads for side in pair]

    def field(self, x: Shape) -> Field:
        return tuple(axis.step for axis in self.axes(x))

    def sizes(self, x: Shape) -> str:
        return joined([axis.arithmetic for axis in self.axes(x)])

    def remainders(self, x: Shape) -> tuple[int, ...]:
        return tuple(axis.remainder for axis in self.axes(x))

    def need_no_remainder(self, x: Shape) -> None:
        for axis in self.axes(x):
            if axis.ceil:
                below((axis.outputs - 1) * axis.stride, axis.slack)
            elif not axis.same:
                differ(axis.slack % axis.stride, 0)

    def recovered(self, x: Shape) -> Shape | None:
        """The channels are known where the window does not fit."""
        channels: int = getattr(self, "filters", x.channels)
        return Shape(channels, (unknown_size(),) * x.rank) if x.rank else None


def make_axes(
    x: Shape,
    pad: Pads | str,
    kernel: tuple[int, ...],
    dilation: tuple[int, ...],
    stride: tuple[int, ...],
    ceil: bool = False,
) -> tuple[Axis, ...]:
    """The axes of `x` under a window; `same` padding in numbers."""
    each = zip(x.extents, kernel, dilation, stride, strict=True)
    if isinstance(pad, str):
        return tuple(Axis(e, same_padding(e, k, d, s), k, d, s, False, True) for e, k, d, s in each)
    return tuple(Axis(e, p, k, d, s, ceil) for (e, k, d, s), p in zip(each, pad, strict=True))


def need_fit(layer: Windowed, x: Shape, noun: str, most_pad: int | None) -> tuple[int, ...]:
    """The output's extents; raises Problem where the window is larger than the padded map.

    `most_pad` is the greatest padding that the layer allows, None where it has no limit.
    """
    axes = layer.axes(x)
    extents = tuple(axis.outputs for axis in axes)
    tight = [number for number, extent in enumerate(extents) if below(extent, 1)]
    if not tight:
        return extents
    name = _called([axis.kernel for axis in axes], noun)
    dilated = _dilated(axes) if any(axis.dilation > 1 for axis in axes) else ""
    message = f"the {name} {dilated}does not fit: {_room(axes, tight)}"
    ways = list(_ways_out(axes, noun, most_pad))
    hints = (_told([way for way, _ in ways]),) if ways or noun == "window" else ()
    raise Problem("kernel-too-large", message, *hints, at=noun, changes=tuple(change for _, change in ways))


def _called(sizes: list[int], noun: str) -> str:
    """`7x7 kernel`, and in 1D `kernel of 7`."""
    return f"{'x'.join(map(str, sizes))} {noun}" if len(sizes) > 1 else f"{noun} of {sizes[0]}"


def _dilated(axes: tuple[Axis, ...]) -> str:
    dilation = brief(tuple(axis.dilation for axis in axes))
    spans = "x".join(str(spanned(axis.kernel, axis.dilation)) for axis in axes)
    return f"with d={dilation} spans {spans} and "


def _room(axes: tuple[Axis, ...], tight: list[int]) -> str:
    """`5 + 2·0 = 5 pixels high and wide`."""
    sums: dict[str, list[str]] = {}
    for number in tight:
        unit = _UNITS[len(axes)] + "s" * (axes[number].padded != 1)
        total = f"{axes[number].padded_sum} = {axes[number].padded} {unit}"
        sums.setdefault(total, []).append(_DIRECTIONS[len(axes)][number])
    told = [f"{total} {' and '.join(words)}" for total, words in sums.items()]
    return ", ".join(told if len(told) < 3 else told[:1])  # of three that differ, one will do


def _ways_out(axes: tuple[Axis, ...], noun: str, most_pad: int | None) -> Iterator[tuple[str, Change]]:
    """What would fit: more padding, where it is allowed, or a smaller window; on the axes of known size."""
    known = [axis for axis in axes if type(axis.padded) is int]
    if not known or (noun == "window" and all(axis.extent == 1 for axis in known)):
        return
    least = max(-(-(spanned(axis.kernel, axis.dilation) - axis.extent) // 2) for axis in known)
    if most_pad is None or least <= most_pad:
        yield f"p={least}", Change(f"write p={least}", {"pad": str(least)})
    if noun == "window" or most_pad is None:  # `same` is no border of the map's own pixels
        yield "p=same", Change("write p=same", {"pad": "same"})
    if len(known) < len(axes):
        return
    largest = tuple(min(axis.kernel, (axis.padded - 1) // axis.dilation + 1) for axis in axes)
    padded = noun == "window" and any(max(a.pad) > size // 2 for a, size in zip(axes, largest, strict=True))
    if min(largest) > 0 and not padded:
        window = _called(list(largest), noun)
        article = "an" if window.startswith(("8", "11x", "18x")) else "a"
        yield f"{article} {window}", Change(f"take {article} {window}", {noun: brief(largest)})


def _told(ways: list[str]) -> str:
    if not ways:
        return "nothing is left to pool: leave this POOL out, or start from a larger input"
    return f"{', '.join(ways[:-1])}{' or ' * (len(ways) > 1)}{ways[-1]} would fit"
