"""What layers say of mistakes, and that no value at all makes them fail otherwise."""

from __future__ import annotations

import math
from typing import Any

import pytest
from layer_help import made, shape

from cnndsl.diagnostics import CATALOGUE, Problem
from cnndsl.layers import KINDS, Layer, bind, within_limits
from cnndsl.shape import MAX_SIZE, Shape
from cnndsl.values import Axes, Pair, Partial


def problem(kind: str, x: Shape, *positional: Any, **named: Any) -> Problem:
    """What is said of a layer that cannot be."""
    try:
        layer = made(kind, x, *positional, **named)
        within_limits(layer, x, layer.output(x))
    except Problem as found:
        return found
    pytest.fail(f"{layer} is accepted")


# fmt: off
MISTAKES = [
    # arriving, layer, code, argument, message, hint
    ("8@5x5", ("CONV", 8, 7), {}, "kernel-too-large", "kernel",
     "the 7x7 kernel does not fit: 5 + 2·0 = 5 pixels high and wide",
     "p=1, p=same or a 5x5 kernel would fit"),
    ("8@5x4", ("CONV", 8, Axes((3, 7))), {"p": Pair(0, 1)}, "kernel-too-large", "kernel",
     "the 3x7 kernel does not fit: 4 + 0 + 1 = 5 pixels wide", "p=2, p=same or a 3x5 kernel would fit"),
    ("8@5x5", ("CONV", 8, 3), {"d": 4}, "kernel-too-large", "kernel",
     "the 3x3 kernel with d=4 spans 9x9 and does not fit: 5 + 2·0 = 5 pixels high and wide",
     "p=2, p=same or a 2x2 kernel would fit"),
    ("8@5", ("CONV", 8, 12), {"pad_mode": "reflect"}, "kernel-too-large", "kernel",
     "the kernel of 12 does not fit: 5 + 2·0 = 5 values long", "p=4 or a kernel of 5 would fit"),
    ("8@1x1", ("POOL", 2), {}, "kernel-too-large", "window",
     "the 2x2 window does not fit: 1 + 2·0 = 1 pixel high and wide",
     "nothing is left to pool: leave this POOL out, or start from a larger input"),
    ("8@2x2x2", ("POOL", "avg", 3), {"p": 1}, "kernel-too-large", "window",
     "an average over 3 voxels needs as many without padding, but 2 arrive", "p=same pads beforehand"),
    ("8@5x5", ("POOL", 3), {"p": 2}, "pool-padding", "pad", "p=2 is more than half of the 3x3 window",
     "legal: p=0 or p=1; a window must not see padding alone"),
    ("8@9x9", ("POOL", Axes((7, 5))), {"p": Pair(0, 4)}, "pool-padding", "pad",
     "p=4 is more than half of the 7x5 window", "legal: p=0 to p=3x2; a window must not see padding alone"),
    ("8@5x5", ("CONV", 69, 3), {"g": 4}, "groups", "groups", "69 filters are not divisible by g = 4",
     "nearest: 68 and 72; 69 splits into 3 groups"),
    ("69@5x5", ("CONV", 64, 3), {"g": 4}, "groups", "groups",
     "69 arriving channels are not divisible by g = 4", "nearest: 68 and 72; 69 splits into 3 groups"),
    ("8@5x5", ("GN", 32), {}, "groups", "groups", "8 arriving channels are not divisible by groups = 32",
     "32 groups need 32 channels or a multiple; 8 splits into 8 groups"),
    ("256@12x12", ("FC", 4096), {"from_": 9216}, "input-claim", "from",
     "the flatten is 36864 = 256·12·12, you claim 9216 = 256·6·6",
     "leave `from` out: the size is found; or check the input's size and the layers before"),
    ("512@7x7", ("FC", 4096), {"from_": 7}, "input-claim", "from",
     "the flatten is 25088 = 512·7·7, you claim 7",
     ("7 is the last axis alone, which PyTorch's Linear would read; FC flattens the whole map, "
      "unless flatten=no")),
    ("16@29x29", ("FC", 120), {"from_": 256}, "input-claim", "from",
     "the flatten is 13456 = 16·29·29, you claim 256 = 16·4·4", None),
    ("16@4x5", ("FC", 120), {"from_": 16 * 6}, "input-claim", "from",
     "the flatten is 320 = 16·4·5, you claim 96 = 16·6", None),
    ("784", ("FC", 120), {"from_": 256}, "input-claim", "from", "784 values arrive, you claim 256", None),
    ("512@7x7", ("FC", 9), {"from_": 25088, "flatten": False}, "input-claim", "from",
     "the last axis of 512@7x7 has 7 values, you claim 25088",
     "with flatten=no FC works on the last axis alone; leave it out to flatten the map"),
    ("1@28x28", ("CONV", 6, 5), {"from_": 3}, "input-claim", "from", "1 channel arrives, you claim 3",
     "write from=1, or leave it out: the channels are found"),
    ("256@6x6", ("FC", 9216, 4096), {}, "too-many-arguments", "#1",
     "FC takes one argument by position, this is one too many",
     "in PyTorch's order? Write FC(4096), or FC(4096, from=9216) to have the 9216 checked"),
    ("3@9x9", ("CONV", 3, 96, 11, 4), {}, "too-many-arguments", "#2", None,
     "in PyTorch's order? Write CONV(96, 11, s=4), or CONV(96, 11, s=4, from=3) to have the 3 checked"),
    ("3@9x9", ("CONV", 96, Axes((3, 3)), 2, 1), {}, "too-many-arguments", "#2", None,
     "stride and padding go by name: CONV(96, 3x3, s=2, p=1)"),
    ("3@9x9", ("POOL", 3, 2), {}, "too-many-arguments", "#1", None, "write POOL(max, 3, s=2)"),
    ("3@9x9", ("POOL", 2, "avg"), {}, "too-many-arguments", "#1", None, "write POOL(avg, 2)"),
    ("3@9x9", ("BN", 3), {}, "too-many-arguments", "#0", None, "the number of channels is found: write BN"),
    ("3@9x9", ("CONV", 8, (3, 5)), {}, "argument-type", "#1",
     "kernel is written with an x, not as the tuple (3, 5)", None),
    ("3@9x9", ("CONV", 8, 3), {"p": (1, 2)}, "argument-type", "p", "pad is not written as the tuple (1, 2)",
     "`1x2` pads H by 1 and W by 2, `1:2` pads 1 before and 2 after"),
    ("3@9x9", ("PAD", (1, 2, 3, 4)), {}, "argument-type", "#0",
     "pad is not written as the tuple (1, 2, 3, 4)", "ZeroPad2d's (1, 2, 3, 4) is `3:4x1:2` here"),
    ("3@9x9", ("CONV", 8, 3), {"padding": 1}, "unknown-argument", "padding", "CONV has no argument `padding`",
     "did you mean `pad`?"),
    ("3@9x9", ("CONV", 8, 3), {"strid": 1}, "unknown-argument", "strid", None, "did you mean `stride`?"),
    ("3@9x9", ("CONV", 8), {}, "missing-argument", None, "CONV needs its kernel", None),
    ("3@9x9", ("CONV", 8, 3), {"k": 3}, "repeated-argument", "k", "kernel is given twice", None),
    ("3@9x9", ("CONV", 8, 3), {"p": "valid"}, "argument-value", "p", None, "PyTorch's `valid` is p=0"),
    ("3@9x9", ("CONV", 8, 3), {"bias": 0}, "argument-type", "bias", "bias is `yes` or `no`, not 0", None),
    ("3@9x9", ("CONV", 8.0, 3), {}, "argument-type", "#0", None, None),
    ("3@9x9", ("CONV", 0, 3), {}, "argument-value", "#0", "filters must be 1 or more, not 0", None),
    ("3@9x9", ("CONV", 8, Axes((3, 3, 3))), {}, "argument-value", "#1",
     "kernel = 3x3x3 has 3 entries, but the map that arrives has 2 axes (H, W)", "write 3 for every axis"),
    ("784", ("CONV", 8, 3), {}, "rank", None, "CONV works on a map, but a vector of 784 values arrives",
     "RESHAPE(1@28x28) makes a map of it"),
    ("3072", ("GAP",), {}, "rank", None, None, "RESHAPE(3@32x32) makes a map of it"),
    ("7", ("LRN",), {}, "rank", None, None, "RESHAPE(7@1x1) makes a map of it"),
    ("3@9", ("PIXELSHUFFLE", 2), {}, "rank", None, "PIXELSHUFFLE works on images, C@HxW, but 3@9 arrives",
     None),
    ("3@9", ("UPSAMPLE", 2, "bilinear"), {}, "rank", "mode", None, "linear works here"),
    ("3@9x9", ("POOL", "mean", 2), {}, "argument-value", "#0", "op is max, avg or min, not the word `mean`",
     "did you mean avg?"),
    ("9", ("DROPOUT", 20), {}, "argument-value", "#0", None, "20 % is 0.2"),
    ("8@1x1", ("INORM",), {}, "shape", None, None, "use LN or GN(1) here"),
    ("8@1x1", ("TCONV", 8, 1), {"p": 1}, "empty-output", "pad",
     "the padding takes the whole output: (1 − 1)·1 − 2·1 + 1 = −1", None),
    ("8@4x4", ("TCONV", 8, 3), {"s": 2, "output_pad": 2}, "argument-value", "output_pad",
     "output_pad=2 must be less than the stride or the dilation, 2", None),
    ("8@4x4", ("TCONV", 8, 3), {"p": "same"}, "argument-value", "p",
     "pad = same is for CONV and POOL alone; give the numbers", None),
    ("8@5x5", ("CROP", 3), {}, "empty-output", "pad", "nothing is left: 5 − 3 − 3 = −1", None),
    ("8@5x5", ("PAD", 5), {"mode": "reflect"}, "argument-value", "pad",
     "reflect padding by 5 needs more than the 5 pixels that arrive",
     "it can pad by at most 4 here; replicate and zeros have no limit"),
    ("8@5x5", ("SLICE", 2, 9), {}, "argument-value", "stop", "8 channels arrive, so a slice cannot stop at 9",
     "SLICE(2, 8) goes to the end"),
    ("784", ("RESHAPE", Partial(None, (28, 5))), {}, "shape", "shape",
     "784 values arrive, which no _@28x5 holds: 140 does not divide 784", None),
    ("4@7x7", ("RESHAPE", 100), {}, "shape", "shape", "4·7·7 = 196 values arrive, but RESHAPE(100) takes 100",
     None),
    ("784", ("RESHAPE", Axes((28, 28))), {}, "ambiguous-shape", "#0",
     "28x28 does not say which are the channels", "write 1@28x28 for one channel"),
    ("4@7x7", ("PERMUTE", "CL"), {}, "argument-value", "#0",
     "the word `CL` does not name each axis once: the axes of this map are C, H, W", None),
]
# fmt: on


@pytest.mark.parametrize(("x", "written", "named", "code", "at", "message", "hint"), MISTAKES)
def test_mistakes(
    x: str,
    written: tuple[Any, ...],
    named: dict[str, Any],
    code: str,
    at: str | None,
    message: str | None,
    hint: str | None,
) -> None:
    kind, *positional = written
    found = problem(kind, shape(x), *positional, **named)
    assert found.code in CATALOGUE
    assert (found.code, found.at) == (code, at)
    assert message in (None, found.message)
    assert hint is None or hint in found.hints


HUGE = 10**9999
# fmt: off
LIMITS = [
    ("3@9x9", ("CONV", HUGE, 3), {}),
    ("3@9x9", ("CONV", 3, Axes((HUGE, 1))), {}),
    ("3@9x9", ("CONV", 3, 3), {"p": HUGE}),
    ("3@9x9", ("CONV", 3, 3), {"p": MAX_SIZE}),
    ("3@9x9", ("CONV", MAX_SIZE, 2**29), {"p": 2**29}),
    ("9", ("DROPOUT", HUGE), {}),
    ("9", ("DROPOUT", math.nan), {}),
    (f"{2**20}@{2**20}x{2**20}", ("CONV", 2**22, 1), {}),
    (f"{2**30}@2", ("FLATTEN",), {}),
]
# fmt: on


@pytest.mark.parametrize(("x", "written", "named"), LIMITS)
def test_limits(x: str, written: tuple[Any, ...], named: dict[str, Any]) -> None:
    kind, *positional = written
    found = problem(kind, shape(x), *positional, **named)
    assert found.code == "number-limit"
    assert len(found.message) < 200


ODD_VALUES: list[Any] = [
    HUGE,
    -HUGE,
    0,
    1,
    2,
    -1.5,
    math.nan,
    math.inf,
    True,
    "x",
    "same",
    "x" * 10_000,
    (),
    (HUGE,),
    ((1, 2), (3,)),
    Axes((2, 2)),
    Axes((2.5, "q")),  # type: ignore[arg-type]
    Axes((HUGE, HUGE)),
    Pair(HUGE, -HUGE),
    Pair("a", None),  # type: ignore[arg-type]
    Partial(HUGE, (HUGE,)),
    Partial(None, (None,)),
    Partial(None, (3, 3, 3), slide=True),
    Shape(2, (2, 2, 2, 2)),
    KINDS["BN"],
    object(),
]


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_no_value_makes_a_traceback(kind: type[Layer]) -> None:
    """Whatever is given for an argument, the layer works or a Problem says why not."""
    for rank in range(4):
        x = Shape(8, (5, 4, 3)[:rank])
        fitting = {
            "op": "max",
            "order": ("C", "CL", "CHW", "CDHW")[rank],
            "shape": x.numel,
            "probability": 0.5,
        }
        fitting |= {"start": 0, "stop": 3}
        known = {name: fitting.get(name, 2) for name, spec in kind.hypers().items() if spec.positional}
        for name in kind.hypers():
            for value in ODD_VALUES:
                _check(kind, x, known | {name: value})


def _apply(kind: type[Layer], x: Shape, given: dict[str, Any]) -> tuple[Layer, Shape] | Problem:
    try:
        layer = bind(kind, x.rank, [], given)
        return layer, within_limits(layer, x, layer.output(x))
    except Problem as found:
        return found


def _check(kind: type[Layer], x: Shape, given: dict[str, Any]) -> None:
    found = _apply(kind, x, given)
    if isinstance(found, Problem):
        assert found.code in CATALOGUE
        assert all(found.hints)
        return
    layer, y = found
    assert min(y.channels, *y.extents, 1) == 1
    assert min(layer.macs(x, y), layer.operations(x, y), *layer.remainders(x), 0) == 0
    assert str(layer).startswith(layer.kind)
    for rule in (layer.sizes, layer.field, layer.weight_shapes):
        rule(x)
