"""How each layer kind is spelt in PyTorch: a row a kind.

>>> spell(layer, Shape(3, (227, 227)), Texts(layer, "3"))
['nn.Conv2d(3, 96, 11, stride=4)']

The modules of a row together are the layer; most have one. What no module of PyTorch does is done
by a small class of `HELPERS`, whose source goes into the generated file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cnndsl import layers as kinds
from cnndsl.diagnostics import Problem
from cnndsl.emit.torch_helpers import HELPERS, by_rank, helpers_used
from cnndsl.layers import Layer
from cnndsl.shape import Shape
from cnndsl.values import Pair

__all__ = ["HELPERS", "ROWS", "Texts", "helpers_used", "literal", "spell"]

Pads = tuple[Pair, ...]


class Texts:
    """The source text of a layer's hyperparameters, by field: `text["stride"]` is `4` or `stride`.

    `channels` is the text of the arriving channel count, for a vector its length. `written` holds
    the fields that are expressions; all others are spelt as the literals of their values.
    """

    def __init__(self, layer: Layer, channels: str, written: Mapping[str, str] | None = None) -> None:
        self.channels = channels
        self._layer = layer
        self._written = written or {}

    def __getitem__(self, field: str) -> str:
        return self._written.get(field) or literal(getattr(self._layer, field))

    def border(self, pads: Pads) -> str:
        """The pads of all axes and ends, in PyTorch's order: `(left, right, top, bottom)`."""
        return self._written.get("pad") or str(_flat(pads))


def literal(value: Any) -> str:
    """A value in PyTorch's form: `11` for all axes or `(3, 1)`, `True`, `1e-6`, `"reflect"`.

    Padding that differs at the two ends has the order of nn.ZeroPad2d: `(left, right, top, bottom)`.
    """
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        mantissa, exponent, power = repr(value).partition("e")
        return f"{mantissa}e{int(power)}" if exponent else mantissa
    if isinstance(value, tuple) and isinstance(value[0], Pair):
        return literal(_befores(value) if _symmetric(value) else _flat(value))
    if isinstance(value, tuple) and len(set(value)) == 1:
        return literal(value[0])
    return str(value)


def _befores(pads: Pads) -> tuple[int, ...]:
    return tuple(pair.before for pair in pads)


def _symmetric(pads: Pads) -> bool:
    return all(pair.before == pair.after for pair in pads)


def _flat(pads: Pads) -> tuple[int, ...]:
    """The last axis first, as PyTorch's padding modules have it."""
    return tuple(end for pair in reversed(pads) for end in pair)


def call(name: str, *arguments: str, **named: tuple[str, str]) -> str:
    """`nn.Conv2d(3, 96, 11, stride=4)`; `named` has a text and PyTorch's default for each keyword."""
    given = [f"{keyword}={text}" for keyword, (text, default) in named.items() if text != default]
    return f"{name}({', '.join((*arguments, *given))})"


def spell(layer: Layer, x: Shape, text: Texts) -> list[str]:
    """The modules that together are `layer` where `x` arrives, in Python; none for the identity.

    Raises Problem("not-expressible") for what PyTorch cannot do.
    """
    return ROWS[type(layer)](layer, x, text)


def plainly(layer: Layer, text: Texts) -> str:
    """What says the layer without a module, `{}` for what arrives; "" if nothing does."""
    if isinstance(layer, kinds.Permute) and _axes(layer) != sorted(_axes(layer)):
        return f"{{}}.permute({', '.join(map(str, _axes(layer)))})"
    if isinstance(layer, kinds.Slice):
        start, stop = text["start"], text["stop"]
        simple = all(one.replace("_", "").isalnum() for one in (start, stop))
        space = "" if simple else " "
        first = "" if start == "0" else f"{start}{space}"
        return f"{{}}[:, {first}:{space}{stop}]"
    return ""


Row = Callable[[Any, Shape, Texts], list[str]]


def _conv(layer: kinds.Conv, x: Shape, text: Texts) -> list[str]:
    border, padding = _conv_padding(layer, x, text)
    mode = "zeros" if border else layer.pad_mode
    conv = call(
        f"nn.Conv{x.rank}d",
        *(text.channels, text["filters"], text["kernel"]),
        stride=(text["stride"], "1"),
        padding=(padding, "0"),
        dilation=(text["dilation"], "1"),
        groups=(text["groups"], "1"),
        bias=(text["bias"], "True"),
        padding_mode=(literal(mode), '"zeros"'),
    )
    return [*border, conv]


def _conv_padding(layer: kinds.Conv, x: Shape, text: Texts) -> tuple[list[str], str]:
    """A module for the border, where the convolution cannot pad by itself, and its own padding."""
    if layer.pad == "same" and set(layer.stride) == {1}:
        return [], '"same"'
    pads = layer.pads(x)
    if _symmetric(pads):
        return [], literal(pads) if layer.pad == "same" else text["pad"]
    return [_border(layer.pad_mode, pads, text)], "0"


_BORDERS = {"zeros": "Zero", "reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}


def _border(mode: str, pads: Pads, text: Texts) -> str:
    return call(f"nn.{_BORDERS[mode]}Pad{len(pads)}d", text.border(pads))


def _tconv(layer: kinds.TConv, x: Shape, text: Texts) -> list[str]:
    conv = call(
        f"nn.ConvTranspose{x.rank}d",
        *(text.channels, text["filters"], text["kernel"]),
        stride=(text["stride"], "1"),
        padding=(text["pad"], "0"),
        output_padding=(text["output_pad"], "0"),
        dilation=(text["dilation"], "1"),
        groups=(text["groups"], "1"),
        bias=(text["bias"], "True"),
    )
    return [conv]


def _pool(layer: kinds.Pool, x: Shape, text: Texts) -> list[str]:
    border, padding = _pool_padding(layer, x, text)
    average = layer.op == "avg"
    own = (
        {"count_include_pad": (text["count_pad"], "True")}
        if average
        else {"dilation": (text["dilation"], "1")}
    )
    pool = call(
        f"{_POOLS[layer.op]}Pool{x.rank}d",
        text["window"],
        stride=(text["window"] if layer.stride is None else text["stride"], text["window"]),
        padding=(padding, "0"),
        **own,
        ceil_mode=("False" if layer.pad == "same" else text["ceil"], "False"),
    )
    return [*border, pool]


#: What the names of pools begin with.
_POOLS = {"max": "nn.Max", "avg": "nn.Avg", "min": "Min"}


def _pool_padding(layer: kinds.Pool, x: Shape, text: Texts) -> tuple[list[str], str]:
    """A module for the border, where the pool cannot pad by itself, and its own padding."""
    pads = layer.pads(x)
    if layer.pad != "same" and _symmetric(pads):
        return [], text["pad"]
    if _symmetric(pads) and _pool_pads_itself(layer, x, pads):
        return [], literal(pads)
    if layer.op == "avg" and not layer.count_pad:
        raise Problem(
            "not-expressible",
            f"PyTorch's average pools cannot pad by {literal(pads)} without counting it",
            "count_pad=yes, or the same padding on both sides",
            at="pad",
        )
    value = {"max": 'float("-inf")', "min": 'float("inf")'}.get(layer.op)
    if value is None:
        return [_border("zeros", pads, text)], "0"
    return [f"nn.ConstantPad{x.rank}d({text.border(pads)}, {value})"], "0"


def _pool_pads_itself(layer: kinds.Pool, x: Shape, pads: Pads) -> bool:
    """Whether PyTorch's limits allow padding in numbers where the language said `same`."""
    little = all(pair.before <= size // 2 for pair, size in zip(pads, layer.window, strict=True))
    inside = all(size <= extent for size, extent in zip(layer.window, x.extents, strict=True))
    return little and (inside or layer.op != "avg" or x.rank < 3)


def _global(op: str, rank: int) -> list[str]:
    return [f"{'' if op == 'min' else 'nn.'}Adaptive{op.title()}Pool{rank}d(1)"]


def _apool(layer: kinds.APool, x: Shape, text: Texts) -> list[str]:
    return [f"nn.Adaptive{layer.op.title()}Pool{x.rank}d({text['size']})"]


def _fc(layer: kinds.FC, x: Shape, text: Texts) -> list[str]:
    features = text.channels if x.rank == 0 else str(layer.features(x))
    linear = call("nn.Linear", features, text["outputs"], bias=(text["bias"], "True"))
    return ["nn.Flatten()", linear] if x.rank and layer.flatten else [linear]


def _plain(name: str, *arguments: str) -> Row:
    """A module with the same arguments whatever the layer: `nn.ReLU()`."""
    return lambda layer, x, text: [call(name, *arguments)]


def _with(name: str, field: str, default: str = "") -> Row:
    """A module with one argument, left out where it is PyTorch's default: `nn.ELU(0.5)`."""
    return lambda layer, x, text: [f"{name}({text[field] if text[field] != default else ''})"]


def _prelu(layer: kinds.PReLU, x: Shape, text: Texts) -> list[str]:
    slopes = (text.channels,) if layer.per_channel else ()
    return [call("nn.PReLU", *slopes, init=(text["init"], "0.25"))]


def _batch_norm(layer: kinds.BatchNorm, x: Shape, text: Texts) -> list[str]:
    return [_running_norm(f"nn.BatchNorm{max(1, x.rank)}d", text, "True")]


def _instance_norm(layer: kinds.InstanceNorm, x: Shape, text: Texts) -> list[str]:
    return [_running_norm(f"nn.InstanceNorm{x.rank}d", text, "False")]


def _running_norm(name: str, text: Texts, affine: str) -> str:
    return call(
        name,
        text.channels,
        eps=(text["eps"], "1e-5"),
        momentum=(text["momentum"], "0.1"),
        affine=(text["affine"], affine),
    )


def _group_norm(layer: kinds.GroupNorm, x: Shape, text: Texts) -> list[str]:
    how = {"eps": (text["eps"], "1e-5"), "affine": (text["affine"], "True")}
    return [call("nn.GroupNorm", text["groups"], text.channels, **how)]


def _layer_norm(layer: kinds.LayerNorm, x: Shape, text: Texts) -> list[str]:
    how = {"eps": (text["eps"], "1e-5"), "elementwise_affine": (text["affine"], "True")}
    return [call(f"LayerNorm{x.rank}d" if x.rank else "nn.LayerNorm", text.channels, **how)]


def _lrn(layer: kinds.LocalResponseNorm, x: Shape, text: Texts) -> list[str]:
    how = {"alpha": (text["alpha"], "0.0001"), "beta": (text["beta"], "0.75"), "k": (text["k"], "1.0")}
    return [call("nn.LocalResponseNorm", text["size"], **how)]


def _drop_channels(layer: kinds.DropChannels, x: Shape, text: Texts) -> list[str]:
    return [f"nn.Dropout{x.rank}d({text['probability']})"]


def _flatten(layer: kinds.Flatten, x: Shape, text: Texts) -> list[str]:
    return ["nn.Flatten()"] if x.rank else []


def _reshape(layer: kinds.Reshape, x: Shape, text: Texts) -> list[str]:
    y = layer.output(x)
    if y == x:
        return []
    flat = ["nn.Flatten()"] if x.rank else []
    return [*flat, f"nn.Unflatten(1, {(y.channels, *y.extents)})"] if y.rank else flat


def _permute(layer: kinds.Permute, x: Shape, text: Texts) -> list[str]:
    axes = _axes(layer)
    return [] if axes == sorted(axes) else [f"Permute({', '.join(map(str, axes))})"]


def _axes(layer: kinds.Permute) -> list[int]:
    """The axes in PyTorch's count, where the batch stays in front."""
    return [0, *(place + 1 for place in layer.places)]


_LINEAR_MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def _upsample(layer: kinds.Upsample, x: Shape, text: Texts) -> list[str]:
    mode = _LINEAR_MODES[x.rank] if layer.mode == "linear" else layer.mode
    aligned = "True" if layer.align else "None"
    how = {"mode": (literal(mode), '"nearest"'), "align_corners": (aligned, "None")}
    return [call("nn.Upsample", f"scale_factor={text['scale']}", **how)]


def _pad(layer: kinds.Pad, x: Shape, text: Texts) -> list[str]:
    uniform = len(set(_flat(layer.pad))) == 1
    width = text["pad"] if uniform else text.border(layer.pad)
    if layer.value:
        return [f"nn.ConstantPad{x.rank}d({width}, {text['value']})"]
    return [f"nn.{_BORDERS[layer.mode]}Pad{x.rank}d({width})"]


def _crop(layer: kinds.Crop, x: Shape, text: Texts) -> list[str]:
    """Padding by less than nothing takes pixels off."""
    less = tuple(Pair(-pair.before, -pair.after) for pair in layer.pad)
    width, written = text.border(less), text["pad"]
    if len(set(_flat(less))) == 1:
        width = f"-{written}" if re.fullmatch(r"\w+(\[\w+\])*", written) else f"-({written})"
    return [f"nn.ZeroPad{x.rank}d({width})"]


def _slice(layer: kinds.Slice, x: Shape, text: Texts) -> list[str]:
    return [f"Slice({text['start']}, {text['stop']})"]


def _scale(layer: kinds.Scale, x: Shape, text: Texts) -> list[str]:
    return [call(by_rank("Scale", x.rank), text.channels, init=(text["init"], "1.0"))]


def _nothing(layer: Layer, x: Shape, text: Texts) -> list[str]:
    return []


ROWS: dict[type[Layer], Row] = {
    kinds.Input: _nothing,
    kinds.Conv: _conv,
    kinds.TConv: _tconv,
    kinds.Pool: _pool,
    kinds.GPool: lambda layer, x, text: _global(layer.op, x.rank),
    kinds.Gap: lambda layer, x, text: _global("avg", x.rank),
    kinds.APool: _apool,
    kinds.FC: _fc,
    kinds.ReLU: _plain("nn.ReLU"),
    kinds.Leaky: _with("nn.LeakyReLU", "slope", "0.01"),
    kinds.PReLU: _prelu,
    kinds.Elu: _with("nn.ELU", "alpha", "1.0"),
    kinds.Celu: _with("nn.CELU", "alpha", "1.0"),
    kinds.Selu: _plain("nn.SELU"),
    kinds.Gelu: _plain("nn.GELU"),
    kinds.Silu: _plain("nn.SiLU"),
    kinds.Mish: _plain("nn.Mish"),
    kinds.ReLU6: _plain("nn.ReLU6"),
    kinds.HSwish: _plain("nn.Hardswish"),
    kinds.HSigmoid: _plain("nn.Hardsigmoid"),
    kinds.Sigmoid: _plain("nn.Sigmoid"),
    kinds.Tanh: _plain("nn.Tanh"),
    kinds.Softplus: _plain("nn.Softplus"),
    kinds.Softmax: _plain("nn.Softmax", "dim=1"),
    kinds.LogSoftmax: _plain("nn.LogSoftmax", "dim=1"),
    kinds.BatchNorm: _batch_norm,
    kinds.GroupNorm: _group_norm,
    kinds.LayerNorm: _layer_norm,
    kinds.InstanceNorm: _instance_norm,
    kinds.LocalResponseNorm: _lrn,
    kinds.Dropout: _with("nn.Dropout", "probability"),
    kinds.DropChannels: _drop_channels,
    kinds.DropPath: lambda layer, x, text: [call(by_rank("DropPath", x.rank), text["probability"])],
    kinds.Flatten: _flatten,
    kinds.Reshape: _reshape,
    kinds.Permute: _permute,
    kinds.Shuffle: _with("nn.ChannelShuffle", "groups"),
    kinds.PixelShuffle: _with("nn.PixelShuffle", "factor"),
    kinds.Upsample: _upsample,
    kinds.Pad: _pad,
    kinds.Crop: _crop,
    kinds.Slice: _slice,
    kinds.Identity: _nothing,
    kinds.Scale: _scale,
}
