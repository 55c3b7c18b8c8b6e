"""A layer that does not fit, by a hair where possible: `bad(context)`.

Each fault starts from a layer that fits (or nearly) and spoils one argument. What torch and the language make
of it is for `run` to say; a fault that turns out to be legal is no harm.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from oracle.draws import Context
from oracle.good import good, layer
from oracle.tree import Axes, Expr, Flag, Items, Layer, Num, Pair, ShapeLit, Word

Fault = Callable[[Context], Layer]


def bad(c: Context) -> Layer:
    return c.pick(_ON_VECTORS if c.rank == 0 else _ON_MAPS)(c)


def spoil(base: Layer, **args: Expr) -> Layer:
    """The layer with some arguments replaced."""
    changed = {name.rstrip("_"): expr for name, expr in args.items()}
    return Layer(base.kind, tuple({**dict(base.args), **changed}.items()))


def _axes(c: Context, count: int, value: int = 1) -> Expr:
    return Axes(tuple(Num(value) for _ in range(count)))


def _wrong_rank(c: Context) -> Expr:
    return _axes(c, c.pick([n for n in (2, 3, 4) if n != c.rank]))


def _non_divisor(n: int, c: Context) -> int:
    return c.pick([g for g in range(2, n + 2) if n % g])


# -------------------------------------------------------------------------------------------- convolutions


def _kernel_too_large(c: Context) -> Layer:
    """One more than the padded map holds, along the shortest axis or along all."""
    pad, dilation = c.number(0, 2), c.pick((1, 1, 2))
    room = [(n + 2 * pad - 1) // dilation + 1 for n in c.extents]
    kernel = [min(k, 3) for k in room]
    at = room.index(min(room))
    kernel[at] = room[at] + 1
    window = Axes(tuple(map(Num, kernel))) if c.rank > 1 and c.chance(50) else c.expr(min(room) + 1)
    return layer("CONV", filters=c.expr(4), kernel=window, pad=Num(pad), dilation=Num(dilation))


def _conv_groups(c: Context) -> Layer:
    base = layer(c.pick(("CONV", "TCONV")), filters=Num(4), kernel=Num(1))
    if c.channels > 1 and c.chance(50):
        return spoil(base, groups=c.expr(c.channels), filters=Num(c.channels + 1))
    return spoil(base, groups=c.expr(_non_divisor(c.channels, c)))


def _conv_mode(c: Context) -> Layer:
    mode = c.pick(("reflect", "circular"))
    pad = min(c.extents) + (mode == "circular")
    padding = c.padding([(pad, pad)] * c.rank) if c.chance(60) else c.padding([(0, pad)] * c.rank)
    return layer("CONV", filters=Num(2), kernel=Num(1), pad=padding, pad_mode=Word(mode))


def _conv_argument(c: Context) -> Layer:
    base = good(c, c.pick(("CONV", "TCONV")))
    name = c.pick(("kernel", "stride", "dilation", "pad"))
    return c.pick((
        spoil(base, from_=Num(c.channels + c.pick((1, 2)))),
        spoil(base, **{name: _wrong_rank(c)}),
        spoil(base, **{c.pick(("filters", "kernel", "stride", "groups", "dilation")): Num(0)}),
        spoil(base, pad=Items((Num(1), Num(1)))),
    ))  # fmt: skip


def _tconv(c: Context) -> Layer:
    stride, dilation = c.number(1, 2), c.number(1, 2)
    base = layer("TCONV", filters=Num(2), kernel=Num(2), stride=Num(stride), dilation=Num(dilation))
    small = min(c.extents)
    return c.pick((
        spoil(base, output_pad=c.window([max(stride, dilation)] * c.rank)),
        spoil(base, pad=Pair(Num(0), Num(1))),
        spoil(base, pad=Word("same")),
        layer("TCONV", filters=Num(2), kernel=Num(1), pad=Num((small + 1) // 2)),
        layer("TCONV", filters=Num(2), kernel=Num(1), pad=Num(small)),
    ))  # fmt: skip


def _fc(c: Context) -> Layer:
    base = good(c, "FC")
    flat = math.prod(c.shape)
    return c.pick((
        spoil(base, from_=Num(flat + 1)),
        spoil(base, outputs=Num(0)),
        spoil(base, from_=Num(flat), **({"flatten": Flag(False)} if c.rank else {})),
    ))  # fmt: skip


# ------------------------------------------------------------------------------------------------- pooling


def _pool_window(c: Context) -> Layer:
    pad = c.number(0, 1)
    window = min(c.extents) + 2 * pad + 1
    base = layer(
        "POOL", op=Word(c.pick(("max", "avg", "min"))), window=c.expr(max(window, 2 * pad)), pad=Num(pad)
    )
    return spoil(base, ceil=Flag(True), stride=Num(1)) if c.chance(20) else base


def _pool_padding(c: Context) -> Layer:
    window = c.number(1, min(3, *c.extents))
    over = window // 2 + 1
    pairs = [(over, over) if c.chance(60) else c.pick(((0, over), (over, 0)))] * c.rank
    op = c.pick(("max", "avg", "min"))
    return layer("POOL", op=Word(op), window=Num(window), stride=Num(1), pad=c.padding(pairs))


def _pool_argument(c: Context) -> Layer:
    base = layer("POOL", op=Word("max"), window=Num(min(2, *c.extents)))
    return c.pick((
        spoil(base, op=Word("avg"), dilation=Num(2)),
        spoil(base, count_pad=Flag(False)),
        spoil(base, window=_wrong_rank(c)),
        spoil(base, **{c.pick(("window", "stride")): Num(0)}),
        spoil(base, pad=Items((Num(0), Num(1)))),
        spoil(base, window=Num(2), pad=Pair(Num(0), Num(1)), ceil=Flag(True)),
    ))  # fmt: skip


def _pool_dilation(c: Context) -> Layer:
    """Fits where the window lies close, not where it is spread."""
    return layer("POOL", window=Num(min(c.extents)), dilation=Num(2))


def _apool(c: Context) -> Layer:
    return layer("APOOL", size=c.pick((Num(0), _wrong_rank(c))))


# -------------------------------------------------------------------------------------- norms, noise, order


def _probability(c: Context) -> Layer:
    kinds = ("DROPOUT", "DROPPATH", "DROP2D") if c.rank else ("DROPOUT", "DROPPATH")
    return layer(c.pick(kinds), probability=Num(c.pick((1.5, 2))))


def _groups(c: Context) -> Layer:
    kind = c.pick(("GN", "SHUFFLE"))
    return layer(kind, groups=c.expr(c.pick((_non_divisor(c.channels, c), 0))))


def _norm(c: Context) -> Layer:
    kinds = ("BN", "LN", "GN", "INORM") if c.rank else ("BN", "LN", "GN")
    return spoil(good(c, c.pick(kinds)), eps=Num(0))


def _lone_value(c: Context) -> Layer:
    """INORM refuses one value per channel, and takes two."""
    return Layer("INORM") if math.prod(c.extents) == 1 else layer("LRN", size=Num(0))


def _celu(c: Context) -> Layer:
    return layer("CELU", alpha=Num(0))


def _reshape(c: Context) -> Layer:
    total = math.prod(c.shape)
    return layer("RESHAPE", shape=c.pick((
        ShapeLit(Num(total + 1)), ShapeLit(Num(2), (Num(total),)), ShapeLit(Num(total + 1), (None,)),
        ShapeLit(None, (Num(total + 1), Num(1))),
    )))  # fmt: skip


def _permute(c: Context) -> Layer:
    wrong = {0: ("HWC",), 1: ("HWC", "CC", "CH"), 2: ("CL", "CHH", "CDHW", "HW"), 3: ("HWC", "CDH", "CDHH")}
    return layer("PERMUTE", order=Word(c.pick(wrong[c.rank])))


def _pixelshuffle(c: Context) -> Layer:
    return layer("PIXELSHUFFLE", factor=Num(c.pick([r for r in (2, 3, 4) if c.channels % (r * r)])))


def _upsample(c: Context) -> Layer:
    wrong = [m for m, ranks in (("bilinear", 2), ("trilinear", 3), ("bicubic", 2)) if ranks != c.rank]
    base = layer("UPSAMPLE", scale=Num(2))
    return c.pick((
        spoil(base, mode=Word(c.pick(wrong))),
        spoil(base, align=Flag(True)),
        spoil(base, scale=Num(0)),
        spoil(base, scale=_wrong_rank(c)),
    ))  # fmt: skip


def _pad(c: Context) -> Layer:
    small = min(c.extents)
    reflect, circular = Word("reflect"), Word("circular")
    return c.pick((
        layer("PAD", pad=c.padding([(small, small)] * c.rank), mode=reflect),
        layer("PAD", pad=c.padding([(0, small + 1)] * c.rank), mode=circular),
        layer("PAD", pad=Num(min(1, small - 1)), mode=reflect, value=Num(1)),
        layer("PAD", pad=c.pick((Items((Num(1), Num(1))), Word("same"), _wrong_rank(c)))),
    ))  # fmt: skip


def _crop(c: Context) -> Layer:
    small = min(c.extents)
    return layer(
        "CROP",
        pad=c.padding([c.pick(((0, small), (small, small), (small // 2, small - small // 2)))] * c.rank),
    )


def _slice(c: Context) -> Layer:
    start, stop = c.pick(
        ((0, c.channels + 1), (c.channels, c.channels + 1), (c.channels - 1, c.channels - 1), (1, 0))
    )
    return layer("SLICE", start=c.expr(start), stop=c.expr(stop))


def _needs_map(c: Context) -> Layer:
    """A vector has nothing to slide over."""
    one = Num(1)
    return c.pick((
        layer("CONV", filters=Num(4), kernel=one), layer("TCONV", filters=Num(4), kernel=one),
        layer("POOL", window=one), Layer("GAP"), layer("GPOOL", op=Word("max")), layer("APOOL", size=one),
        Layer("LRN"), Layer("INORM"), Layer("DROP2D"), layer("UPSAMPLE", scale=Num(2)), layer("PAD", pad=one),
        layer("CROP", pad=Num(0)), layer("SHUFFLE", groups=one), layer("PIXELSHUFFLE", factor=one),
    ))  # fmt: skip


def _not_2d(c: Context) -> Layer:
    return _pixelshuffle(c) if c.rank == 2 else layer("PIXELSHUFFLE", factor=Num(1))


_ANYWHERE: tuple[Fault, ...] = (_fc, _groups, _probability, _norm, _celu, _reshape, _permute, _slice)
_ON_VECTORS: tuple[Fault, ...] = (_needs_map, _needs_map, *_ANYWHERE)
_ON_MAPS: tuple[Fault, ...] = (
    _kernel_too_large, _kernel_too_large, _conv_groups, _conv_mode, _conv_argument, _tconv, _pool_window,
    _pool_padding, _pool_argument, _pool_dilation, _apool, _lone_value, _upsample, _pad, _crop, _not_2d,
    *_ANYWHERE,
)  # fmt: skip
