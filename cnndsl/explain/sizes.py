"""How a layer's output size follows from what arrives, axis by axis."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from cnndsl.explain.formula import Fact, fact, merged, number
from cnndsl.explain.letters import AXES, AxisName
from cnndsl.layers import (
    FC,
    APool,
    Conv,
    Crop,
    Flatten,
    Input,
    Layer,
    Pad,
    Permute,
    PixelShuffle,
    Reshape,
    Slice,
    TConv,
    Upsample,
    Windowed,
    written,
)
from cnndsl.layers.windows import Axis, spanned
from cnndsl.shape import AXIS_LETTERS, Shape
from cnndsl.values import Pair


class At(NamedTuple):
    """An axis of a layer: its name, what arrives along it and what leaves."""

    name: AxisName
    number: int
    extent: Any
    result: Any

    def fact(self, template: str, values: dict[str, Any], *notes: str) -> Fact:
        """The line of this axis; W and W′ are known."""
        own = {self.name.map: self.extent, self.name.after: self.result}
        return fact(self.name.word, template, own | values, self.result, *notes)


def axes(x: Shape, y: Shape) -> Iterator[At]:
    for place, (name, extent, result) in enumerate(zip(AXES[x.rank], x.extents, y.extents, strict=True)):
        yield At(name, place, extent, result)


def kept(layer: Layer, x: Shape, y: Shape) -> list[Fact]:
    return [Fact("size", text=f"stays {y}")]


# ---- windows


def windows(layer: Windowed, x: Shape, y: Shape) -> list[Fact]:
    """CONV and POOL: how often the window fits, and what is left over."""
    each = zip(axes(x, y), layer.axes(x), strict=True)
    facts = [found for at, axis in each for found in (*_same(at, axis), _window(layer, at, axis))]
    return [_channels(layer, y), *merged(iter(facts))]


def _channels(layer: Layer, y: Shape) -> Fact:
    if isinstance(layer, (Conv, TConv)):
        return fact("channels", "D", {"D": y.channels}, y.channels, "one for each filter")
    return fact("channels", "C", {"C": y.channels}, y.channels, "each is pooled on its own")


def _window(layer: Windowed, at: At, axis: Axis) -> Fact:
    values = _of_window(at, axis)
    if axis.same:
        return at.fact(f"⌈{at.name.map}/s⌉", values)
    template = _rounded(axis, f"{_padded(at, axis)} − {_span(at, axis)}")
    return at.fact(f"{template} + 1", values, *_left_over(layer, axis))


def _of_window(at: At, axis: Axis) -> dict[str, Any]:
    before, after = axis.pad
    pads = {"p": before} if before == after else {"p₁": before, "p₂": after}
    return {at.name.window: axis.kernel, "s": axis.stride, "d": axis.dilation, **pads}


def _padded(at: At, axis: Axis) -> str:
    return f"{at.name.map} + {'2p' if axis.pad.before == axis.pad.after else 'p₁ + p₂'}"


def _span(at: At, axis: Axis) -> str:
    """What the window takes away: `w`, dilated `d·(w − 1) − 1`."""
    return at.name.window if axis.dilation == 1 else f"d·({at.name.window} − 1) − 1"


def _rounded(axis: Axis, slack: str) -> str:
    if axis.stride == 1 or (_closed(axis) and axis.slack % axis.stride == 0):
        return f"({slack})/s"
    up = axis.ceil and (not _closed(axis) or axis.outputs == axis.slack // axis.stride + 2)
    return f"⌈({slack})/s⌉" if up else f"⌊({slack})/s⌋"


def _closed(axis: Axis) -> bool:
    return type(axis.extent) is int


def _left_over(layer: Windowed, axis: Axis) -> Iterator[str]:
    """What the rounding means, where there is any."""
    if not _closed(axis):
        yield from _left_out(axis)
        return
    if axis.slack % axis.stride == 0:
        return
    exact = Fraction(axis.slack, axis.stride) + 1
    if axis.outputs > exact:
        yield f"{_decimal(exact)} without rounding; ceil=yes rounds up: the last window reaches over the end"
        return
    yield f"{_decimal(exact)} without rounding; rounded down, {_unread(axis)}"
    if axis.ceil:
        yield "ceil=yes rounds up, but the last window would start outside the map: it is left out"
    elif hasattr(layer, "ceil") and axis.pad.before == axis.pad.after:
        more = axis._replace(ceil=True).outputs
        if more != axis.outputs:
            yield f"ceil=yes would give {more}"


def _left_out(axis: Axis) -> Iterator[str]:
    """PyTorch's rule for `ceil=yes`, where the input decides whether it applies."""
    if axis.ceil and axis.stride + axis.pad.before > spanned(axis.kernel, axis.dilation):
        yield "one less where the last window would start outside the map"


def _unread(axis: Axis) -> str:
    pixels = axis.remainder - axis.pad.after
    if pixels <= 0:
        return "only padding is left unread"
    return f"the last {'pixel is' if pixels == 1 else f'{pixels} pixels are'} left unread"


def _decimal(value: Fraction) -> str:
    """`54.25`, or `≈ 54.33` where the digits go on."""
    text = f"{float(value):.4f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == value else f"≈ {float(value):.2f}"


def _same(at: At, axis: Axis) -> Iterator[Fact]:
    """What `p=same` comes to in numbers, and the ordinary padding that does as well."""
    if not axis.same:
        return
    span = at.name.window if axis.dilation == 1 else f"d·({at.name.window} − 1) + 1"
    plain = f"({at.name.after} − 1)·s + {span} − {at.name.map}"
    values = {**_of_window(at, axis), at.name.map: at.extent, at.name.after: at.result}
    before, after = axis.pad
    if not _closed(axis):
        return
    needed = (at.result - 1) * axis.stride + spanned(axis.kernel, axis.dilation) - axis.extent
    template = plain if needed >= 0 else f"max(0, {plain})"
    spread = f"{before} before and {after} after" if before != after else f"{before} on each side"
    yield fact(f"padding by {at.name.word}", template, values, before + after, spread, _as_well(axis))


def _as_well(axis: Axis) -> str:
    """`p=3 gives 112 as well`, where `same` is uneven."""
    before, after = axis.pad
    even = axis._replace(pad=Pair(after, after), same=False)
    as_many = before != after and even.outputs == axis.outputs
    return f"p={after} gives {axis.outputs} as well" if as_many else ""


# ---- growing and shrinking


def transposed(layer: TConv, x: Shape, y: Shape) -> list[Fact]:
    return [_channels(layer, y), *merged(_transposed(layer, at) for at in axes(x, y))]


def _transposed(layer: TConv, at: At) -> Fact:
    name, place = at.name, at.number
    stride, pad, dilation = layer.stride[place], layer.pad[place].before, layer.dilation[place]
    kernel, extra = layer.kernel[place], layer.output_pad[place]
    values = {name.window: kernel, "s": stride, "p": pad, "d": dilation, "o": extra}
    span = name.window if dilation == 1 else f"d·({name.window} − 1) + 1"
    template = f"({name.map} − 1)·s − 2p + {span}{' + o' * bool(extra)}"
    return at.fact(template, values, _comes_back(at, stride, extra))


def _comes_back(at: At, stride: int, extra: int) -> str:
    """Which sizes a CONV with the same window maps to the one that arrives."""
    if stride == 1 or type(at.result) is not int:
        return ""
    least = at.result - extra
    both = f"{least} {'and' if stride == 2 else 'to'} {least + stride - 1}"
    more = f"; output_pad=1 gives {least + 1}" if not extra else ""
    return f"a CONV with this window, stride and padding maps {both} to {at.extent}{more}"


def upsampled(layer: Upsample, x: Shape, y: Shape) -> list[Fact]:
    return merged(at.fact(f"f·{at.name.map}", {"f": layer.scale[at.number]}) for at in axes(x, y))


def pixel_shuffled(layer: PixelShuffle, x: Shape, y: Shape) -> list[Fact]:
    own = {"f": layer.factor, "C": x.channels}
    channels = fact("channels", "C/f²", own, y.channels, "f² channels make one")
    return [channels, *merged(at.fact(f"f·{at.name.map}", own) for at in axes(x, y))]


def padded(layer: Pad, x: Shape, y: Shape) -> list[Fact]:
    return merged(at.fact(f"{at.name.map} + p₁ + p₂", _ends(layer, at)) for at in axes(x, y))


def cropped(layer: Crop, x: Shape, y: Shape) -> list[Fact]:
    return merged(at.fact(f"{at.name.map} − p₁ − p₂", _ends(layer, at)) for at in axes(x, y))


def _ends(layer: Pad | Crop, at: At) -> dict[str, Any]:
    before, after = layer.pad[at.number]
    return {"p₁": before, "p₂": after}


def adaptive(layer: APool, x: Shape, y: Shape) -> list[Fact]:
    return merged(_adaptive(at) for at in axes(x, y))


def _adaptive(at: At) -> Fact:
    own = {at.name.map: at.extent, at.name.after: at.result}
    if type(at.extent) is not int:
        return Fact(at.name.word, text=f"{at.name.after} = {at.result}, as asked for")
    first = -(-at.extent // at.result)
    asked = f"so that {at.result} windows cover {at.extent} pixels"
    return fact(f"first window by {at.name.word}", f"⌈{at.name.map}/{at.name.after}⌉", own, first, asked)


def whole_map(layer: Layer, x: Shape, y: Shape) -> list[Fact]:
    template = "·".join(axis.map for axis in reversed(AXES[x.rank]))
    own = {axis.map: extent for axis, extent in zip(AXES[x.rank], x.extents, strict=True)}
    values = fact("values per channel", template, own, prod(x.extents), "they become one")
    return [values, Fact("size", text=f"{y}: one value for each of {number(x.channels)} channels")]


# ---- values in another order


def arrived(layer: Input, x: Shape, y: Shape) -> list[Fact]:
    return [_flat("values", y)]


def flattened(layer: Flatten, x: Shape, y: Shape) -> list[Fact]:
    return [_flat("values", x)] if x.rank else kept(layer, x, y)


def connected(layer: FC, x: Shape, y: Shape) -> list[Fact]:
    outputs = fact("outputs", "m", {"m": layer.outputs}, layer.outputs)
    if not x.rank:
        return [fact("inputs", "n", {"n": x.channels}, x.channels), outputs]
    if layer.flatten:
        return [_flat("inputs n", x, "the map is flattened first, channel by channel, row by row"), outputs]
    last = AXES[x.rank][-1].map
    inputs = fact("inputs n", last, {last: x.extents[-1]}, x.extents[-1], "flatten=no: the last axis alone")
    return [inputs, outputs, Fact("size", text=f"{x} becomes {y}")]


def _flat(label: str, x: Shape, *notes: str) -> Fact:
    names = AXES[x.rank]
    template = "·".join(("C", *(axis.map for axis in names)))
    own = {"C": x.channels, **{axis.map: e for axis, e in zip(names, x.extents, strict=True)}}
    return fact(label, template, own, x.numel, *notes)


def reshaped(layer: Reshape, x: Shape, y: Shape) -> list[Fact]:
    same = Fact("values", text=f"{x.factors} = {y.factors} = {number(x.numel)}: none is lost or made")
    sizes = (layer.shape.channels, *layer.shape.extents)
    if None not in sizes:
        return [same]
    known = [number(size) for size in sizes if size is not None]
    divisor = "·".join(known) if len(known) < 2 else f"({'·'.join(known)})"
    missing = (y.channels, *y.extents)[sizes.index(None)]
    template = f"n/{divisor}" if known else "n"
    return [same, fact(f"the `_` in {written(layer.shape)}", template, {"n": x.numel}, missing)]


def permuted(layer: Permute, x: Shape, y: Shape) -> list[Fact]:
    letters = "C" + AXIS_LETTERS[x.rank]
    moved = ", ".join(f"{new} from {old}" for new, old in zip(letters, layer.order, strict=True))
    return [Fact("axes", text=f"{moved}: {x} becomes {y}")]


def sliced(layer: Slice, x: Shape, y: Shape) -> list[Fact]:
    own = {"start": layer.start, "stop": layer.stop}
    note = f"channels {layer.start} to {layer.stop - 1} of {x.channels}"
    return [fact("channels", "stop − start", own, y.channels, note)]


def shuffled(layer: Any, x: Shape, y: Shape) -> list[Fact]:
    own = {"C": x.channels, "g": layer.groups}
    each = fact("channels per group", "C/g", own, x.channels // layer.groups)
    return [each, Fact("size", text=f"stays {y}: channels change their places alone")]
