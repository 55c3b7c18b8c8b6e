"""Each kind as plain torch: `apply(kind, arguments, tensor)` builds the module the tensor needs, and runs it.

    conv = apply("CONV", {**defaults, "filters": 8, "kernel": 3}, torch.zeros(2, 3, 8, 8))
    conv.tensor.shape == (2, 8, 6, 6) and conv.weights == 216 and conv.biases == 8

Torch decides what is wrong; where the language is stricter on purpose, `DeliberateError` names the reason.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from oracle.geometry import Pairs, pad_tensor, padding, same, size, symmetric, torch_order, window
from oracle.values import AXES, DeliberateError, PairValue, ShapeValue

if TYPE_CHECKING:
    from collections.abc import Callable

Args = dict[str, Any]


class Outcome(NamedTuple):
    tensor: Tensor
    weights: int = 0
    biases: int = 0


class RefusedError(Exception):
    """Torch says no: its own words."""


_TORCH_ERRORS = (RuntimeError, ValueError, NotImplementedError, ZeroDivisionError, IndexError)
_APPLY: dict[str, Callable[[Tensor, Args], Outcome]] = {}


def apply(kind: str, args: Args, x: Tensor) -> Outcome:
    """Runs one layer; raises RefusedError where torch does, DeliberateError where the language alone does."""
    try:
        return _APPLY[kind](x, args)
    except _TORCH_ERRORS as error:
        raise RefusedError(f"{type(error).__name__}: {str(error).splitlines()[0]}") from error


def _kind(*names: str) -> Callable[[Callable[[Tensor, Args], Outcome]], Callable[[Tensor, Args], Outcome]]:
    def register(function: Callable[[Tensor, Args], Outcome]) -> Callable[[Tensor, Args], Outcome]:
        _APPLY.update(dict.fromkeys(names, function))
        return function

    return register


# ------------------------------------------------------------------------------------------------- helpers


def _build(class_: Callable[..., nn.Module], *args: Any, **named: Any) -> nn.Module:
    try:
        return class_(*args, **named)
    except TypeError as error:  # nn.AvgPool2d has no dilation, nn.MaxPool2d no count_include_pad
        raise RefusedError(f"TypeError: {error}") from error


def _run(module: nn.Module, x: Tensor) -> Outcome:
    counts = {"weights": 0, "biases": 0}
    for name, parameter in module.named_parameters():
        counts["biases" if name == "bias" else "weights"] += parameter.numel()
    return Outcome(module.train()(x), **counts)


def _rank(x: Tensor) -> int:
    """Extents of a map; on a vector a layer that slides has nothing to slide over."""
    if x.dim() < 3:
        raise DeliberateError("rank", "a vector arrives")
    return x.dim() - 2


def _module(name: str, rank: int) -> Any:
    return getattr(nn, f"{name}{rank}d")


# ------------------------------------------------------------------------------------------ convolutions, FC


@_kind("CONV")
def _conv(x: Tensor, a: Args) -> Outcome:
    rank = _rank(x)
    kernel, stride, dilation = (window(a[key], rank) for key in ("kernel", "stride", "dilation"))
    is_same = a["pad"] == "same"
    pairs = same(x, kernel, stride, dilation) if is_same else padding(a["pad"], rank)
    if not symmetric(pairs):
        x, pairs = pad_tensor(x, pairs, a["pad_mode"]), (PairValue(0, 0),) * rank
    conv = _build(
        _module("Conv", rank), a["from"] or x.shape[1], size(a["filters"]), kernel, stride,
        tuple(before for before, _ in pairs), dilation, size(a["groups"]), a["bias"], a["pad_mode"],
    )  # fmt: skip
    return _run(conv, x)


@_kind("TCONV")
def _tconv(x: Tensor, a: Args) -> Outcome:
    rank = _rank(x)
    kernel, stride, dilation = (window(a[key], rank) for key in ("kernel", "stride", "dilation"))
    pairs = padding(a["pad"], rank)
    if not symmetric(pairs):
        raise DeliberateError("padding", f"{pairs} on a transposed convolution")
    conv = _build(
        _module("ConvTranspose", rank), a["from"] or x.shape[1], size(a["filters"]), kernel, stride,
        tuple(before for before, _ in pairs), window(a["output_pad"], rank, 0), size(a["groups"]), a["bias"],
        dilation,
    )  # fmt: skip
    return _run(conv, x)


@_kind("FC")
def _fc(x: Tensor, a: Args) -> Outcome:
    """The FLATTEN before it is a step of its own, and not done here."""
    return _run(_build(nn.Linear, a["from"] or x.shape[-1], size(a["outputs"]), a["bias"]), x)


# ------------------------------------------------------------------------------------------------- pooling


@_kind("POOL")
def _pool(x: Tensor, a: Args) -> Outcome:
    rank, op = _rank(x), a["op"]
    kernel, dilation = window(a["window"], rank), window(a["dilation"], rank)
    stride = kernel if a["stride"] is None else window(a["stride"], rank)
    is_same = a["pad"] == "same"
    pairs = same(x, kernel, stride, dilation) if is_same else padding(a["pad"], rank)
    none = (PairValue(0, 0),) * rank
    inner, outer = (pairs, none) if symmetric(pairs) and not is_same else (none, pairs)
    if outer is pairs and not is_same:
        _check_uneven(kernel, pairs, a["ceil"])
    class_ = _module("AvgPool" if op == "avg" else "MaxPool", rank)
    before = tuple(n for n, _ in inner)
    pool = _build(class_, kernel, stride, before, ceil_mode=a["ceil"], **_pool_options(a, dilation))
    return Outcome(_slide(pool, x, outer, a))


def _pool_options(a: Args, dilation: tuple[int, ...]) -> Args:
    """What only one of torch's two classes takes: given to the other, it refuses."""
    options: Args = {}
    if a["op"] != "avg" or set(dilation) != {1}:
        options["dilation"] = dilation
    if a["op"] == "avg" or not a["count_pad"]:
        options["count_include_pad"] = a["count_pad"]
    return options


def _check_uneven(kernel: tuple[int, ...], pairs: Pairs, ceil: bool) -> None:
    if ceil:
        raise DeliberateError("ceil-uneven", f"ceil=yes with {pairs}")
    if any(max(pair) > k // 2 for k, pair in zip(kernel, pairs, strict=True)):
        raise DeliberateError("pool-padding", f"{pairs} under {kernel}")


def _slide(pool: nn.Module, x: Tensor, pairs: Pairs, a: Args) -> Tensor:
    if a["op"] == "avg":
        padded: Tensor = pool(pad_tensor(x, pairs, "zeros"))
        if a["count_pad"]:
            return padded
        share: Tensor = pool(pad_tensor(torch.ones_like(x), pairs, "zeros"))
        return padded / share
    sign = -1 if a["op"] == "min" else 1
    pooled: Tensor = pool(pad_tensor(sign * x, pairs, "zeros", -math.inf))
    return sign * pooled


@_kind("GPOOL")
def _gpool(x: Tensor, a: Args) -> Outcome:
    rank = _rank(x)
    if a["op"] == "min":
        return Outcome(-_module("AdaptiveMaxPool", rank)(1)(-x))
    return Outcome(_adaptive(a["op"], rank)(1)(x))


@_kind("GAP")
def _gap(x: Tensor, a: Args) -> Outcome:
    return Outcome(_adaptive("avg", _rank(x))(1)(x))


@_kind("APOOL")
def _apool(x: Tensor, a: Args) -> Outcome:
    rank = _rank(x)
    return Outcome(_adaptive(a["op"], rank)(window(a["size"], rank))(x))


def _adaptive(op: str, rank: int) -> Any:
    return _module({"avg": "AdaptiveAvgPool", "max": "AdaptiveMaxPool"}[op], rank)


# --------------------------------------------------------------------------------------------- element-wise

_PLAIN: dict[str, Callable[[], nn.Module]] = {
    "ReLU": nn.ReLU, "SELU": nn.SELU, "SILU": nn.SiLU, "MISH": nn.Mish, "RELU6": nn.ReLU6,
    "HSWISH": nn.Hardswish, "HSIGMOID": nn.Hardsigmoid, "SIGMOID": nn.Sigmoid, "TANH": nn.Tanh,
    "SOFTPLUS": nn.Softplus, "GELU": nn.GELU, "SOFTMAX": lambda: nn.Softmax(1),
    "LOGSOFTMAX": lambda: nn.LogSoftmax(1), "ID": nn.Identity,
}  # fmt: skip


def _plain(class_: Callable[[], nn.Module]) -> Callable[[Tensor, Args], Outcome]:
    return lambda x, a: _run(class_(), x)


_APPLY.update({kind: _plain(class_) for kind, class_ in _PLAIN.items()})


@_kind("LEAKY")
def _leaky(x: Tensor, a: Args) -> Outcome:
    return _run(nn.LeakyReLU(a["slope"]), x)


@_kind("PRELU")
def _prelu(x: Tensor, a: Args) -> Outcome:
    return _run(nn.PReLU(x.shape[1] if a["per_channel"] else 1, a["init"]), x)


@_kind("ELU")
def _elu(x: Tensor, a: Args) -> Outcome:
    return _run(nn.ELU(a["alpha"]), x)


@_kind("CELU")
def _celu(x: Tensor, a: Args) -> Outcome:
    return _run(nn.CELU(a["alpha"]), x)


class _Scale(nn.Module):
    def __init__(self, channels: int, init: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), float(init)))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.view(-1, *[1] * (x.dim() - 2))


@_kind("SCALE")
def _scale(x: Tensor, a: Args) -> Outcome:
    return _run(_Scale(x.shape[1], a["init"]), x)


@_kind("DROPOUT")
def _dropout(x: Tensor, a: Args) -> Outcome:
    return _run(nn.Dropout(a["probability"]), x)


@_kind("DROP2D")
def _drop2d(x: Tensor, a: Args) -> Outcome:
    return _run(_module("Dropout", _rank(x))(a["probability"]), x)


@_kind("DROPPATH")
def _droppath(x: Tensor, a: Args) -> Outcome:
    """A whole sample is dropped, and the others are scaled up."""
    return Outcome(x * nn.Dropout(a["probability"])(torch.ones(len(x), *[1] * (x.dim() - 1))))


# --------------------------------------------------------------------------------------------------- norms


def _eps(a: Args) -> float:
    if a["eps"] < 0:
        raise DeliberateError("eps", f"eps = {a['eps']}")
    return float(a["eps"])


@_kind("BN")
def _bn(x: Tensor, a: Args) -> Outcome:
    rank = max(1, x.dim() - 2)
    return _run(_module("BatchNorm", rank)(x.shape[1], a["eps"], a["momentum"], a["affine"]), x)


@_kind("GN")
def _gn(x: Tensor, a: Args) -> Outcome:
    return _run(_build(nn.GroupNorm, a["groups"], x.shape[1], _eps(a), a["affine"]), x)


@_kind("LN")
def _ln(x: Tensor, a: Args) -> Outcome:
    """Over the channels at each position."""
    norm = _run(nn.LayerNorm(x.shape[1], _eps(a), a["affine"]), x.movedim(1, -1))
    return norm._replace(tensor=norm.tensor.movedim(-1, 1))


@_kind("INORM")
def _inorm(x: Tensor, a: Args) -> Outcome:
    return _run(_module("InstanceNorm", _rank(x))(x.shape[1], _eps(a), a["momentum"], a["affine"]), x)


@_kind("LRN")
def _lrn(x: Tensor, a: Args) -> Outcome:
    return _run(nn.LocalResponseNorm(a["size"], a["alpha"], a["beta"], a["k"]), x)


# ---------------------------------------------------------------------------------------------- rearranging


@_kind("FLATTEN")
def _flatten(x: Tensor, a: Args) -> Outcome:
    return Outcome(x.flatten(1))


@_kind("RESHAPE")
def _reshape(x: Tensor, a: Args) -> Outcome:
    shape: ShapeValue = a["shape"]
    entries = (shape.channels, *shape.extents)
    return Outcome(x.reshape(len(x), *(-1 if n is None else n for n in entries)))


@_kind("PERMUTE")
def _permute(x: Tensor, a: Args) -> Outcome:
    axes = AXES[x.dim() - 2]
    return Outcome(x.permute(0, *(axes.index(letter) + 1 for letter in a["order"])))


@_kind("SHUFFLE")
def _shuffle(x: Tensor, a: Args) -> Outcome:
    return _run(nn.ChannelShuffle(a["groups"]), x)


@_kind("PIXELSHUFFLE")
def _pixelshuffle(x: Tensor, a: Args) -> Outcome:
    if _rank(x) != 2:
        raise DeliberateError("rank", "PIXELSHUFFLE on a map that is not 2D")
    return _run(nn.PixelShuffle(a["factor"]), x)


@_kind("UPSAMPLE")
def _upsample(x: Tensor, a: Args) -> Outcome:
    rank, mode = _rank(x), a["mode"]
    if mode == "linear":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[rank]
    align = a["align"] if mode != "nearest" or a["align"] else None
    scale = tuple(float(n) for n in window(a["scale"], rank))
    return _run(nn.Upsample(scale_factor=scale, mode=mode, align_corners=align), x)


@_kind("PAD")
def _padded(x: Tensor, a: Args) -> Outcome:
    return Outcome(pad_tensor(x, padding(a["pad"], _rank(x)), a["mode"], a["value"]))


@_kind("CROP")
def _crop(x: Tensor, a: Args) -> Outcome:
    pairs = padding(a["pad"], _rank(x))
    return Outcome(F.pad(x, [-n for n in torch_order(pairs)]))


@_kind("SLICE")
def _slice(x: Tensor, a: Args) -> Outcome:
    return Outcome(x.narrow(1, a["start"], a["stop"] - a["start"]))


KINDS = tuple(_APPLY)
