"""Arguments for every layer kind, drawn by hypothesis: legal ones mostly, and some just beyond."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cnndsl.shape import Shape
from cnndsl.values import Axes, Pair, Partial

Arguments = dict[str, Any]

few = st.integers(1, 4)
yes_no = st.booleans()
modes = st.sampled_from(["zeros", "reflect", "replicate", "circular"])


@st.composite
def shapes(draw: st.DrawFn, ranks: tuple[int, ...] = (0, 1, 1, 2, 2, 2, 3)) -> Shape:
    rank = draw(st.sampled_from(ranks))
    largest = (0, 12, 9, 5)[rank]
    extents = tuple(draw(st.integers(1, largest)) for _ in range(rank))
    return Shape(draw(st.sampled_from([1, 2, 3, 4, 6, 8, 9])), extents)


def per_axis(one: st.SearchStrategy[Any], x: Shape) -> st.SearchStrategy[Any]:
    """One value for all axes or one for each."""
    each = st.lists(one, min_size=x.rank, max_size=x.rank).map(lambda items: Axes(tuple(items)))
    return st.one_of(one, each) if x.rank else one


def pads(x: Shape, most: int = 4) -> st.SearchStrategy[Any]:
    ends = st.integers(0, most)
    return per_axis(st.one_of(ends, st.builds(Pair, ends, ends)), x)


def some(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Arguments]:
    """Any of the arguments, each given or left out."""
    return st.fixed_dictionaries({}, optional=strategies)


def with_required(optional: st.SearchStrategy[Arguments], **required: st.SearchStrategy[Any]) -> Any:
    return st.builds(lambda a, b: a | b, st.fixed_dictionaries(required), optional)


def conv(x: Shape) -> Any:
    kernel, stride, dilation = (
        per_axis(st.integers(1, 5), x),
        per_axis(few, x),
        per_axis(st.integers(1, 3), x),
    )
    pad = st.one_of(st.integers(0, 3), pads(x, 3), st.just("same"))
    how = some(
        stride=stride, pad=pad, dilation=dilation, groups=st.integers(1, 4), bias=yes_no, pad_mode=modes
    )
    return with_required(how, filters=st.integers(1, 8), kernel=kernel)


def tconv(x: Shape) -> Any:
    kernel, stride, dilation = per_axis(st.integers(1, 4), x), per_axis(few, x), per_axis(few, x)
    pad = per_axis(st.integers(0, 3), x)
    output_pad = per_axis(st.integers(0, 3), x)
    how = some(
        stride=stride,
        pad=pad,
        output_pad=output_pad,
        dilation=dilation,
        groups=st.integers(1, 4),
        bias=yes_no,
    )
    return with_required(how, filters=st.integers(1, 8), kernel=kernel)


def pool(x: Shape) -> Any:
    pad = st.one_of(st.integers(0, 2), pads(x, 3), st.just("same"))
    how = some(
        op=st.sampled_from(["max", "avg", "min"]),
        stride=per_axis(st.integers(1, 5), x),
        pad=pad,
        dilation=per_axis(st.integers(1, 3), x),
        ceil=yes_no,
        count_pad=yes_no,
    )
    return with_required(how, window=per_axis(st.integers(1, 6), x))


def upsample(x: Shape) -> Any:
    kinds = st.sampled_from(["nearest", "linear", "bilinear", "trilinear", "bicubic"])
    return with_required(some(mode=kinds, align=yes_no), scale=per_axis(few, x))


def reshape(x: Shape) -> Any:
    size = st.one_of(st.none(), st.integers(1, 8), st.just(x.channels))
    sizes = st.lists(size, min_size=1, max_size=4).filter(lambda found: found.count(None) < 2)
    partial = sizes.map(lambda found: Partial(found[0], tuple(found[1:])))
    same_values = st.permutations((x.channels, *x.extents)).map(lambda p: Partial(p[0], tuple(p[1:])))
    return st.fixed_dictionaries(
        {"shape": st.one_of(partial, same_values, st.just(x.numel), st.integers(1, 99))}
    )


def permute(x: Shape) -> Any:
    axes = st.sampled_from(["C", "CL", "LC", "HWC", "WCH", "CHW", "CWH", "DHWC", "CDHW", "WHDC", "CC"])
    return st.fixed_dictionaries({"order": axes})


def only(**optional: st.SearchStrategy[Any]) -> Any:
    return lambda x: some(**optional)


def required(**strategies: st.SearchStrategy[Any]) -> Any:
    return lambda x: st.fixed_dictionaries(strategies)


_real = st.sampled_from([0.0, 0.01, 0.3, 1.0, 2.5])
_eps = st.sampled_from([0.0, 1e-5, 0.1])
_p = only(probability=st.sampled_from([0, 0.2, 0.5, 1, 1.5]))
_norm = {"eps": _eps, "affine": yes_no}

#: For each kind: from the arriving shape to a strategy of arguments. Kinds not listed have none.
DRAWS: dict[str, Any] = {
    "CONV": conv,
    "TCONV": tconv,
    "POOL": pool,
    "APOOL": lambda x: with_required(
        some(op=st.sampled_from(["max", "avg"])), size=per_axis(st.integers(1, 12), x)
    ),
    "GPOOL": required(op=st.sampled_from(["max", "avg", "min"])),
    "FC": lambda x: with_required(some(bias=yes_no, flatten=yes_no), outputs=st.integers(1, 9)),
    "LEAKY": only(slope=_real),
    "PRELU": only(per_channel=yes_no, init=_real),
    "ELU": only(alpha=_real),
    "CELU": only(alpha=_real),
    "BN": only(momentum=_real, **_norm),
    "GN": lambda x: with_required(some(**_norm), groups=st.integers(1, 9)),
    "LN": only(**_norm),
    "INORM": only(momentum=_real, **_norm),
    "LRN": only(size=st.integers(1, 9), alpha=_real, beta=_real, k=_real),
    "DROPOUT": _p,
    "DROP2D": _p,
    "DROPPATH": _p,
    "RESHAPE": reshape,
    "PERMUTE": permute,
    "SHUFFLE": required(groups=st.integers(1, 9)),
    "PIXELSHUFFLE": required(factor=st.integers(1, 4)),
    "UPSAMPLE": upsample,
    "PAD": lambda x: with_required(some(mode=modes, value=_real), pad=pads(x, 6)),
    "CROP": lambda x: st.fixed_dictionaries({"pad": pads(x, 3)}),
    "SLICE": required(start=st.integers(0, 9), stop=st.integers(0, 9)),
    "SCALE": only(init=_real),
}


def arguments(kind: str, x: Shape) -> Any:
    return DRAWS.get(kind, only())(x)
