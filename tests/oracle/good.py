"""A layer that most likely fits the shape that arrives: `good(context, "CONV")`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from oracle.signature import KINDS, PLAIN
from oracle.tree import Expr, Flag, Layer, Num, ShapeLit, Word
from oracle.values import AXES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oracle.draws import Context

Pairs = list[tuple[int, int]]
Args = dict[str, Expr]


def layer(kind: str, **args: Expr) -> Layer:
    """`layer("CONV", filters=Num(8), kernel=Num(3))`; `from_` is `from`."""
    return Layer(kind, tuple((name.rstrip("_"), expr) for name, expr in args.items()))


ON_VECTORS = ("FC", "BN", "GN", "LN", "LEAKY", "PRELU", "ELU", "CELU", "DROPOUT", "DROPPATH", "FLATTEN",
              "RESHAPE", "SLICE", "ID", "SCALE", *PLAIN)  # fmt: skip
ON_MAPS = tuple(kind for kind in KINDS if kind != "INPUT")
_OFTEN = ("CONV", "CONV", "CONV", "POOL", "POOL", "TCONV", "UPSAMPLE")


def kinds_for(c: Context) -> tuple[str, ...]:
    """What can follow; some kinds are only worth a try where the shape suits them."""
    if c.rank == 0:
        return ("FC", "FC", *ON_VECTORS)
    kinds = tuple(k for k in ON_MAPS if k != "PIXELSHUFFLE" or c.rank == 2)
    return (*_OFTEN, *kinds)


def good(c: Context, kind: str) -> Layer:
    make = _GOOD.get(kind)
    return layer(kind, **make(c)) if make else Layer(kind)


# ------------------------------------------------------------------------------------------------ geometry


def spread(c: Context, choose: Callable[[int], int], over: Sequence[int]) -> list[int]:
    """One choice for all axes (made for the least), or one each."""
    if c.chance(70):
        return [choose(min(over))] * len(over)
    return [choose(n) for n in over]


def _pads(c: Context, most: Sequence[int]) -> Pairs:
    """Mostly none or even; `most` is the limit an axis."""
    style = c.number(0, 9)
    if style < 5:
        return [(0, 0)] * c.rank
    if style < 9:
        return [(n, n) for n in spread(c, lambda m: c.number(0, min(m, 2)), most)]
    return [(c.number(0, min(m, 2)), c.number(0, min(m, 3))) for m in most]


def _kernel(c: Context, room: Sequence[int], dilation: int, most: int) -> list[int]:
    """Now and then just as large as there is room for."""

    def choose(n: int) -> int:
        limit = (n - 1) // dilation + 1
        return limit if limit <= most + 1 and c.chance(20) else c.number(1, min(limit, most))

    return spread(c, choose, room)


def _stride(c: Context) -> list[int]:
    return spread(c, lambda _: c.pick((1, 1, 2, 3)), c.extents)


def _padded(c: Context, pairs: Pairs) -> list[int]:
    return [n + b + a for n, (b, a) in zip(c.extents, pairs, strict=True)]


def _optional(args: Args, name: str, expr: Expr, wanted: bool) -> None:
    if wanted:
        args[name] = expr


# ------------------------------------------------------------------------------------------------- weights


def filters(c: Context) -> int:
    return c.number(1, 8)


def _groups(c: Context, args: Args, count: int) -> int:
    """Sets `groups` and returns the filters to ask for."""
    divisors = [g for g in range(2, c.channels + 1) if c.channels % g == 0]
    if not divisors or not c.chance(20):
        return count
    groups = c.pick(divisors)
    args["groups"] = c.expr(groups)
    return groups * c.number(1, 2)


def _conv(c: Context) -> Args:
    rest: Args = {}
    count = _groups(c, rest, filters(c))
    mode = c.pick(("zeros",) * 7 + ("reflect", "replicate", "circular"))
    pairs = _pads(c, [n - 1 for n in c.extents] if mode == "reflect" else c.extents)
    dilation = c.pick((1, 1, 1, 2))
    kernel = _kernel(c, _padded(c, pairs), dilation, 5)
    stride = _stride(c)
    _optional(rest, "stride", c.window(stride), set(stride) != {1} or c.chance(10))
    _optional(rest, "pad", c.padding(pairs), any(map(any, pairs)) or c.chance(10))
    _optional(rest, "dilation", c.window([dilation] * c.rank), dilation != 1)
    _optional(rest, "pad_mode", Word(mode), mode != "zeros")
    _optional(rest, "bias", Flag(c.chance(30)), c.chance(25))
    _optional(rest, "from", Num(c.channels), c.chance(5))
    if c.chance(10):
        rest["pad"] = Word("same")
    return {"filters": c.expr(count), "kernel": c.window(kernel), **rest}


def _tconv(c: Context) -> Args:
    rest: Args = {}
    count = _groups(c, rest, filters(c))
    stride, kernel = c.pick((1, 2, 2, 3)), [c.number(1, 3) for _ in c.extents]
    dilation = c.pick((1, 1, 1, 2))
    spare = min((n - 1) * stride + dilation * (k - 1) for n, k in zip(c.extents, kernel, strict=True)) // 2
    pad, extra = c.number(0, min(spare, 2)), c.number(0, max(stride, dilation) - 1)
    _optional(rest, "stride", c.window([stride] * c.rank), stride != 1)
    _optional(rest, "pad", c.padding([(pad, pad)] * c.rank), pad > 0)
    _optional(rest, "output_pad", c.window([extra] * c.rank), extra > 0)
    _optional(rest, "dilation", Num(dilation), dilation != 1)
    _optional(rest, "bias", Flag(False), c.chance(20))
    return {"filters": c.expr(count), "kernel": c.window(kernel), **rest}


def _fc(c: Context) -> Args:
    rest: Args = {}
    flat = not (c.rank and c.chance(15))
    _optional(rest, "bias", Flag(c.chance(30)), c.chance(25))
    _optional(rest, "flatten", Flag(flat), not flat or c.chance(5))
    _optional(rest, "from", Num(math.prod(c.shape) if flat else c.shape[-1]), c.chance(10))
    return {"outputs": c.expr(c.number(1, 12)), **rest}


# ------------------------------------------------------------------------------------------------- pooling


def _pool(c: Context) -> Args:
    rest: Args = {}
    op = c.pick(("", "max", "avg", "min"))
    kernel = _kernel(c, c.extents, 1, 3)
    pairs = _pads(c, [k // 2 for k in kernel])
    stride = _stride(c)
    even = all(b == a for b, a in pairs)
    _optional(rest, "stride", c.window(stride), c.chance(50))
    _optional(rest, "pad", c.padding(pairs), any(map(any, pairs)))
    _optional(rest, "ceil", Flag(True), even and c.chance(20))
    _optional(rest, "dilation", c.window([2] * c.rank), op != "avg" and c.chance(10))
    _optional(rest, "count_pad", Flag(False), op == "avg" and c.chance(30))
    if not {"ceil", "dilation"} & set(rest) and c.chance(10):
        rest["pad"] = Word("same")
    return {**({"op": Word(op)} if op else {}), "window": c.window(kernel), **rest}


def _gpool(c: Context) -> Args:
    return {"op": Word(c.pick(("max", "avg", "min")))}


def _apool(c: Context) -> Args:
    size = c.window(spread(c, lambda n: c.number(1, n + 1), c.extents))
    op = c.pick(("", "avg", "max"))
    return {**({"op": Word(op)} if op else {}), "size": size}


# ---------------------------------------------------------------------------------------------- norms, noise


def _affine(c: Context, *, eps: int = 20) -> Args:
    args: Args = {}
    _optional(args, "affine", Flag(c.chance(50)), c.chance(30))
    _optional(args, "eps", Num(c.pick((1e-3, 0.01, 1e-6))), c.chance(eps))
    return args


def _divisor(c: Context) -> Expr:
    return c.expr(c.pick([g for g in range(1, c.channels + 1) if c.channels % g == 0]))


def _bn(c: Context) -> Args:
    args = _affine(c)
    _optional(args, "momentum", Num(0.01), c.chance(10))
    return args


def _gn(c: Context) -> Args:
    return {"groups": _divisor(c), **_affine(c)}


def _lrn(c: Context) -> Args:
    args: Args = {"size": c.expr(c.number(1, 7))} if c.chance(70) else {}
    _optional(args, "alpha", Num(0.001), c.chance(10))
    _optional(args, "beta", Num(0.5), c.chance(10))
    _optional(args, "k", Num(2), c.chance(10))
    return args


def _probability(c: Context) -> Args:
    return {"probability": Num(c.pick((0.5, 0.2, 0.0, 1.0)))} if c.chance(60) else {}


def _prelu(c: Context) -> Args:
    args: Args = {}
    _optional(args, "per_channel", Flag(c.chance(70)), c.chance(50))
    _optional(args, "init", Num(0.1), c.chance(20))
    return args


def _one(name: str, *values: float) -> Callable[[Context], Args]:
    return lambda c: {name: Num(c.pick(values))} if c.chance(50) else {}


# ---------------------------------------------------------------------------------------------- rearranging


def _factors(c: Context, total: int, count: int) -> list[int]:
    """`count` factors of a total, in any order."""
    found = []
    for _ in range(count - 1):
        found.append(c.pick([n for n in range(1, min(total, 12) + 1) if total % n == 0]))
        total //= found[-1]
    return [*found, total]


def _reshape(c: Context) -> Args:
    factors = _factors(c, math.prod(c.shape), c.number(1, 4))
    entries: list[Expr | None] = [c.expr(n) for n in reversed(factors)]
    if c.chance(30):
        entries[c.number(0, len(entries) - 1)] = None
    return {"shape": ShapeLit(entries[0], tuple(entries[1:]))}


def _permute(c: Context) -> Args:
    letters, order = list(AXES[c.rank]), ""
    while letters:
        order += letters.pop(c.number(0, len(letters) - 1))
    return {"order": Word(order)}


def _pixelshuffle(c: Context) -> Args:
    return {"factor": c.expr(c.pick([r for r in (1, 2, 3) if c.channels % (r * r) == 0][::-1]))}


def _upsample(c: Context) -> Args:
    args: Args = {"scale": c.window(spread(c, lambda _: c.number(1, 3), c.extents))}
    mode = c.pick(("", "nearest", "linear", {1: "linear", 2: "bilinear", 3: "trilinear"}[c.rank], "bicubic"))
    if mode == "bicubic" and c.rank != 2:
        mode = ""
    _optional(args, "mode", Word(mode), bool(mode))
    _optional(args, "align", Flag(mode not in ("", "nearest") and c.chance(50)), c.chance(30))
    return args


def _pad(c: Context) -> Args:
    mode = c.pick(("zeros",) * 3 + ("reflect", "replicate", "circular"))
    args: Args = {"pad": c.padding(_pads(c, [n - 1 if mode == "reflect" else n for n in c.extents]))}
    _optional(args, "mode", Word(mode), mode != "zeros" or c.chance(10))
    _optional(args, "value", Num(c.pick((1, 0.5))), mode == "zeros" and c.chance(20))
    return args


def _crop(c: Context) -> Args:
    return {"pad": c.padding(_pads(c, [(n - 1) // 2 for n in c.extents]))}


def _slice(c: Context) -> Args:
    start = c.number(0, c.channels - 1)
    return {"start": c.expr(start), "stop": c.expr(c.number(start + 1, c.channels))}


_GOOD: dict[str, Callable[[Context], Args]] = {
    "CONV": _conv, "TCONV": _tconv, "FC": _fc, "POOL": _pool, "GPOOL": _gpool, "APOOL": _apool, "BN": _bn,
    "GN": _gn, "LN": _affine, "INORM": _bn, "LRN": _lrn, "DROPOUT": _probability, "DROP2D": _probability,
    "DROPPATH": _probability, "PRELU": _prelu, "LEAKY": _one("slope", 0.2, 0, 1),
    "ELU": _one("alpha", 0.5, 2), "CELU": _one("alpha", 0.5, 2), "RESHAPE": _reshape, "PERMUTE": _permute,
    "SHUFFLE": lambda c: {"groups": _divisor(c)}, "PIXELSHUFFLE": _pixelshuffle, "UPSAMPLE": _upsample,
    "PAD": _pad, "CROP": _crop, "SLICE": _slice, "SCALE": _one("init", 0.1, 1e-6),
}  # fmt: skip
