"""What PyTorch itself makes of a layer: for each kind its module, built without cnndsl's rules.

`run("CONV", Shape(3, (8, 8)), {"filters": 4, "kernel": 3})` builds nn.Conv2d, runs it on the CPU
with a batch of 2 in train mode and returns the shapes of output and parameters, or None where
PyTorch refuses. The arguments are those of the language, so nothing is shared with its readers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnndsl.shape import Shape
from cnndsl.values import Pair, Partial


class Result(NamedTuple):
    output: Shape
    parameters: dict[str, tuple[int, ...]]


class Refused(Exception):
    """What cnndsl refuses on purpose and PyTorch would let through."""


class Do(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def run(kind: str, x: Shape, arguments: dict[str, Any]) -> Result | None:
    """Shapes as PyTorch has them, or None where it refuses."""
    try:
        module = ORACLES[kind](x, **arguments)
        y = module.train()(torch.randn(2, x.channels, *x.extents))
    except (RuntimeError, ValueError, NotImplementedError, IndexError, Refused):
        return None
    if 0 in y.shape:  # PyTorch crops a map away; here that is an error
        return None
    parameters = {name.split(".")[-1]: tuple(p.shape) for name, p in module.named_parameters()}
    return Result(Shape(y.shape[1], tuple(y.shape[2:])), parameters)


def of_rank(name: str, rank: int) -> Callable[..., nn.Module]:
    """nn.Conv2d for ("Conv", 2); vectors have no such module."""
    if rank == 0:
        raise Refused(name)
    found: Callable[..., nn.Module] = getattr(nn, f"{name}{rank}d")
    return found


def ends(pad: Any, rank: int) -> list[tuple[int, int]]:
    """Padding before and after, axis by axis."""
    each = pad if isinstance(pad, tuple) and not isinstance(pad, Pair) else (pad,) * rank
    return [(p.before, p.after) if isinstance(p, Pair) else (p, p) for p in each]


def flat(pads: list[tuple[int, int]]) -> list[int]:
    """The order of PyTorch's pad modules: the last axis first."""
    return [end for pair in reversed(pads) for end in pair]


def tuple_of(value: Any, rank: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,) * rank


def same_ends(x: Shape, kernel: Any, dilation: Any, stride: Any) -> list[tuple[int, int]]:
    """TensorFlow's rule for `same`, from its documentation."""
    pads = []
    rank = x.rank
    each = zip(
        x.extents, tuple_of(kernel, rank), tuple_of(dilation, rank), tuple_of(stride, rank), strict=True
    )
    for extent, k, d, s in each:
        span = (k - 1) * d + 1
        total = max(span - (s if extent % s == 0 else extent % s), 0)
        pads.append((total // 2, total - total // 2))
    return pads


def border(mode: str, pads: list[tuple[int, int]], value: float = 0) -> nn.Module:
    rank = len(pads)
    if mode == "zeros":
        return of_rank("ConstantPad", rank)(flat(pads), value)
    name = {"reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}[mode]
    return of_rank(name, rank)(flat(pads))


def conv(
    x: Shape,
    filters: int,
    kernel: Any,
    stride: Any = 1,
    pad: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    bias: bool = True,
    pad_mode: str = "zeros",
) -> nn.Module:
    make = of_rank("Conv", x.rank)
    same = pad == "same"
    how = {"stride": stride, "dilation": dilation, "groups": groups, "bias": bias}
    if same and set(tuple_of(stride, x.rank)) == {1}:
        return make(x.channels, filters, kernel, padding="same", padding_mode=pad_mode, **how)
    pads = same_ends(x, kernel, dilation, stride) if same else ends(pad, x.rank)
    if all(a == b for a, b in pads):
        padding = tuple(a for a, _ in pads)
        return make(x.channels, filters, kernel, padding=padding, padding_mode=pad_mode, **how)
    return nn.Sequential(border(pad_mode, pads), make(x.channels, filters, kernel, **how))


def tconv(
    x: Shape,
    filters: int,
    kernel: Any,
    stride: Any = 1,
    pad: Any = 0,
    output_pad: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    bias: bool = True,
) -> nn.Module:
    pads = ends(pad, x.rank)
    if any(a != b for a, b in pads):
        raise Refused("asymmetric")
    padding = tuple(a for a, _ in pads)
    return of_rank("ConvTranspose", x.rank)(
        x.channels, filters, kernel, stride, padding, output_pad, groups, bias, dilation
    )


def pool(
    x: Shape,
    window: Any,
    op: str = "max",
    stride: Any = None,
    pad: Any = 0,
    dilation: Any = 1,
    ceil: bool = False,
    count_pad: bool = True,
) -> nn.Module:
    if op != "avg" and not count_pad:
        raise Refused("count_pad")
    if op == "avg" and set(tuple_of(dilation, x.rank)) != {1}:
        raise Refused("dilation")
    if op == "min":
        inner = pool(x, window, "max", stride, pad, dilation, ceil)
        return nn.Sequential(Do(torch.neg), inner, Do(torch.neg))
    make = of_rank("AvgPool" if op == "avg" else "MaxPool", x.rank)
    how: dict[str, Any] = {"stride": stride, "ceil_mode": ceil}
    how |= {"count_include_pad": count_pad} if op == "avg" else {"dilation": dilation}
    stride = window if stride is None else stride
    same = pad == "same"
    pads = same_ends(x, window, dilation, stride) if same else ends(pad, x.rank)
    if not same and all(a == b for a, b in pads):
        return make(window, padding=tuple(a for a, _ in pads), **how)
    if not same and (
        ceil or any(max(p) > k // 2 for p, k in zip(pads, tuple_of(window, x.rank), strict=True))
    ):
        raise Refused("PyTorch's limits hold for each side")
    padded = nn.Sequential(border("zeros", pads, 0 if op == "avg" else -torch.inf), make(window, **how))
    if count_pad:
        return padded
    return Do(lambda y: padded(y) / padded(torch.ones_like(y)))  # the share of values that count


def apool(x: Shape, size: Any, op: str = "avg") -> nn.Module:
    return of_rank("AdaptiveAvgPool" if op == "avg" else "AdaptiveMaxPool", x.rank)(size)


def gpool(x: Shape, op: str = "avg") -> nn.Module:
    if op == "min":
        return nn.Sequential(Do(torch.neg), apool(x, 1, "max"), Do(torch.neg))
    return apool(x, 1, op)


def fc(x: Shape, outputs: int, bias: bool = True, flatten: bool = True) -> nn.Module:
    if flatten:
        return nn.Sequential(nn.Flatten(), nn.LazyLinear(outputs, bias=bias))
    return nn.Linear((x.channels, *x.extents)[-1], outputs, bias=bias)


def inorm(x: Shape, **how: Any) -> nn.Module:
    return of_rank("InstanceNorm", x.rank)(x.channels, **how)


def lnorm(x: Shape, eps: float = 1e-5, affine: bool = True) -> nn.Module:
    """Over the channels, which nn.LayerNorm wants last."""
    norm = nn.LayerNorm(x.channels, eps, affine)
    to_last, back = Do(lambda y: y.movedim(1, -1)), Do(lambda y: y.movedim(-1, 1))
    return nn.Sequential(to_last, norm, back)


def lrn(x: Shape, size: int = 5, **how: Any) -> nn.Module:
    if x.rank == 0:
        raise Refused("a vector")
    return nn.LocalResponseNorm(size, **how)


def upsample(x: Shape, scale: Any, mode: str = "nearest", align: bool = False) -> nn.Module:
    if x.rank == 0:
        raise Refused("a vector")
    if mode == "linear":
        mode = ("linear", "bilinear", "trilinear")[x.rank - 1]
    return nn.Upsample(
        scale_factor=scale if isinstance(scale, int) else tuple(scale), mode=mode, align_corners=align or None
    )


def pad(x: Shape, pad: Any, mode: str = "zeros", value: float = 0) -> nn.Module:
    if x.rank == 0 or (value and mode != "zeros"):
        raise Refused("a vector, or a value that no mode reads")
    return border(mode, ends(pad, x.rank), value)


def crop(x: Shape, pad: Any) -> nn.Module:
    return of_rank("ZeroPad", x.rank)([-end for end in flat(ends(pad, x.rank))])


def reshape(x: Shape, shape: Partial | int) -> nn.Module:
    sizes = (shape,) if isinstance(shape, int) else (shape.channels, *shape.extents)
    return Do(lambda y: y.reshape(2, *(-1 if size is None else size for size in sizes)))


def permute(x: Shape, order: str) -> nn.Module:
    axes = "C" + {0: "", 1: "L", 2: "HW", 3: "DHW"}[x.rank]
    if sorted(order) != sorted(axes):
        raise Refused(order)
    return Do(lambda y: y.permute(0, *(axes.index(letter) + 1 for letter in order)))


def shuffle(x: Shape, groups: int) -> nn.Module:
    return nn.ChannelShuffle(groups)


def pixelshuffle(x: Shape, factor: int) -> nn.Module:
    if x.rank != 2:
        raise Refused("PyTorch reads a 1D batch as one image")
    return nn.PixelShuffle(factor)


def slice_(x: Shape, start: int, stop: int) -> nn.Module:
    if stop > x.channels:
        raise Refused("Python's slices stop at the end")
    return Do(lambda y: y[:, start:stop])


class Scale(nn.Module):
    def __init__(self, x: Shape, init: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((x.channels,), init))
        self.rank = x.rank

    def forward(self, y: Tensor) -> Tensor:
        return y * self.weight.view(-1, *(1,) * self.rank)


def plain(make: Callable[..., nn.Module], **renamed: str) -> Callable[..., nn.Module]:
    """A module that does not ask for the shape; arguments under PyTorch's names."""
    return lambda x, **given: make(**{renamed.get(name, name): value for name, value in given.items()})


ORACLES: dict[str, Callable[..., nn.Module]] = {
    "CONV": conv,
    "TCONV": tconv,
    "POOL": pool,
    "APOOL": apool,
    "GPOOL": gpool,
    "GAP": gpool,
    "FC": fc,
    "RELU": plain(nn.ReLU),
    "LEAKY": plain(nn.LeakyReLU, slope="negative_slope"),
    "PRELU": lambda x, per_channel=False, init=0.25: nn.PReLU(x.channels if per_channel else 1, init),
    "ELU": plain(nn.ELU),
    "CELU": plain(nn.CELU),
    "SELU": plain(nn.SELU),
    "GELU": plain(nn.GELU),
    "SILU": plain(nn.SiLU),
    "MISH": plain(nn.Mish),
    "RELU6": plain(nn.ReLU6),
    "HSWISH": plain(nn.Hardswish),
    "HSIGMOID": plain(nn.Hardsigmoid),
    "SIGMOID": plain(nn.Sigmoid),
    "TANH": plain(nn.Tanh),
    "SOFTPLUS": plain(nn.Softplus),
    "SOFTMAX": lambda x: nn.Softmax(1),
    "LOGSOFTMAX": lambda x: nn.LogSoftmax(1),
    "BN": lambda x, **how: of_rank("BatchNorm", max(1, x.rank))(x.channels, **how),
    "GN": lambda x, groups, **how: nn.GroupNorm(groups, x.channels, **how),
    "LN": lnorm,
    "INORM": inorm,
    "LRN": lrn,
    "DROPOUT": plain(nn.Dropout, probability="p"),
    "DROP2D": lambda x, probability=0.5: of_rank("Dropout", x.rank)(probability),
    "DROPPATH": plain(nn.Dropout, probability="p"),  # the same limits
    "FLATTEN": plain(nn.Flatten),
    "RESHAPE": reshape,
    "PERMUTE": permute,
    "SHUFFLE": shuffle,
    "PIXELSHUFFLE": pixelshuffle,
    "UPSAMPLE": upsample,
    "PAD": pad,
    "CROP": crop,
    "SLICE": slice_,
    "ID": plain(nn.Identity),
    "SCALE": Scale,
}
