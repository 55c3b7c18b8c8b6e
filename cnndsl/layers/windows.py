"""The arithmetic of windows that slide over a map, axis by axis, for CONV and POOL alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnndsl.diagnostics import Problem
from cnndsl.layers.base import Field, Layer, brief
from cnndsl.layers.reach import Reach, sliding
from cnndsl.shape import Shape
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
    outputs = -(-extent // stride)
    total = max(0, (outputs - 1) * stride + spanned(kernel, dilation) - extent)
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
        return self.padded - spanned(self.kernel, self.dilation)

    @property
    def outputs(self) -> int:
        if not self.ceil:
            return self.slack // self.stride + 1
        rounded_up = -(-self.slack // self.stride) + 1
        # PyTorch: the last window must start inside the map or the padding before it.
        starts_outside = (rounded_up - 1) * self.stride >= self.extent + self.pad.before
        return rounded_up - 1 if starts_outside else rounded_up

    @property
    def remainder(self) -> int:
        """Pixels at the end that rounding down leaves unread."""
        return 0 if self.same else max(0, self.slack - (self.outputs - 1) * self.stride)

    @property
    def step(self) -> Reach:
        after = spanned(self.kernel, self.dilation) - 1 - self.pad.before
        return sliding(self.pad.before, after, self.stride)

    @property
    def padded_sum(self) -> str:
        """`227 + 2·2`, or `224 + 3 + 0` where the ends differ."""
        before, after = self.pad
        return f"{self.extent} + 2·{before}" if before == after else f"{self.extent} + {before} + {after}"

    @property
    def arithmetic(self) -> str:
        """`(227 − 11)/4 + 1 = 55`, rounded as the layer rounds."""
        if self.same:
            return f"⌈{self.extent}/{self.stride}⌉ = {self.outputs}"
        plain = str(self.extent) if self.pad == (0, 0) else self.padded_sum
        slack = f"{plain} − {self._spanned}"
        return f"{slack if self.stride == 1 else self._divided(slack)} + 1 = {self.outputs}"

    @property
    def _spanned(self) -> str:
        return str(self.kernel) if self.dilation == 1 else f"{self.dilation}·({self.kernel} − 1) − 1"

    def _divided(self, slack: str) -> str:
        if self.slack % self.stride == 0:
            return f"({slack})/{self.stride}"
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

    def extents(self, x: Shape) -> tuple[int, ...]:
        return tuple(axis.outputs for axis in self.axes(x))

    def field(self, x: Shape) -> Field:
        return tuple(axis.step for axis in self.axes(x))

    def sizes(self, x: Shape) -> str:
        return joined([axis.arithmetic for axis in self.axes(x)])

    def remainders(self, x: Shape) -> tuple[int, ...]:
        return tuple(axis.remainder for axis in self.axes(x))


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


def need_fit(layer: Windowed, x: Shape, noun: str, most_pad: int | None) -> None:
    """Raises Problem where the window is larger than the padded map.

    `most_pad` is the greatest padding that the layer allows, None where it has no limit.
    """
    axes = layer.axes(x)
    tight = [number for number, axis in enumerate(axes) if axis.outputs < 1]
    if not tight:
        return
    name = _called([axis.kernel for axis in axes], noun)
    dilated = _dilated(axes) if any(axis.dilation > 1 for axis in axes) else ""
    message = f"the {name} {dilated}does not fit: {_room(axes, tight)}"
    raise Problem("kernel-too-large", message, _ways_out(axes, noun, most_pad), at=noun)


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
    return ", ".join(f"{total} {' and '.join(words)}" for total, words in sums.items())


def _ways_out(axes: tuple[Axis, ...], noun: str, most_pad: int | None) -> str:
    """What would fit: more padding, where it is allowed, or a smaller window."""
    if noun == "window" and all(axis.extent == 1 for axis in axes):
        return "nothing is left to pool: leave this POOL out, or start from a larger input"
    least = max(-(-(spanned(axis.kernel, axis.dilation) - axis.extent) // 2) for axis in axes)
    ways = [f"p={least}"] if most_pad is None or least <= most_pad else []
    if noun == "window" or most_pad is None:  # `same` is no border of the map's own pixels
        ways.append("p=same")
    largest = [min(axis.kernel, (axis.padded - 1) // axis.dilation + 1) for axis in axes]
    window = _called(largest, noun)
    ways.append(f"{'an' if window.startswith(('8', '11x', '18x')) else 'a'} {window}")
    return f"{', '.join(ways[:-1])}{' or ' * (len(ways) > 1)}{ways[-1]} would fit"
