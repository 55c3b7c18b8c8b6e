"""The layer kinds: the course's numbers, the arithmetic as it is written, costs and fields."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from typing import Any

import pytest
from layer_help import made, shape

from cnndsl.layers import ALIASES, KINDS, Layer, Reach, called_here, find_kind, usage
from cnndsl.layers.reach import sliding
from cnndsl.shape import Shape
from cnndsl.values import Axes, Pair, Partial

# --- the course -----------------------------------------------------------------------------------

# fmt: off
SIZES = [
    # section 2 of the course: (in + 2p − k)/s + 1
    ("1@8", ("CONV", 1, 2), {}, "1@7", "8 − 2 + 1 = 7"),
    ("1@6x6", ("CONV", 1, 3), {}, "1@4x4", "6 − 3 + 1 = 4"),
    ("1@7x7", ("CONV", 1, 3), {"s": 2}, "1@3x3", "(7 − 3)/2 + 1 = 3"),
    ("1@6x6", ("CONV", 1, 3), {"p": 1}, "1@6x6", "6 + 2·1 − 3 + 1 = 6"),
    ("3@6x6", ("CONV", 1, 3), {}, "1@4x4", "6 − 3 + 1 = 4"),
    ("1@4x4", ("POOL", 2), {}, "1@2x2", "(4 − 2)/2 + 1 = 2"),
    # AlexNet's first layer, in each of its readings
    ("3@227x227", ("CONV", 96, Axes((11, 11))), {"s": 4}, "96@55x55", "(227 − 11)/4 + 1 = 55"),
    ("3@224x224", ("CONV", 96, 11), {"s": 4}, "96@54x54", "⌊(224 − 11)/4⌋ + 1 = 54"),
    ("3@224x224", ("CONV", 96, 11), {"s": 4, "p": Pair(3, 0)}, "96@55x55", "(224 + 3 + 0 − 11)/4 + 1 = 55"),
    ("3@224x224", ("CONV", 96, 11), {"s": 4, "p": 2}, "96@55x55", "⌊(224 + 2·2 − 11)/4⌋ + 1 = 55"),
    ("96@27x27", ("CONV", 256, 5), {"p": 2}, "256@27x27", "27 + 2·2 − 5 + 1 = 27"),
    # LeNet on 128×128, the exercise
    ("1@128x128", ("CONV", 6, 5), {}, "6@124x124", "128 − 5 + 1 = 124"),
    ("6@124x124", ("POOL", 2), {}, "6@62x62", "(124 − 2)/2 + 1 = 62"),
    ("6@62x62", ("CONV", 16, 5), {}, "16@58x58", "62 − 5 + 1 = 58"),
    ("16@29x29", ("FLATTEN",), {}, "13456", "16·29·29 = 13456"),
    # the rest of the arithmetic
    ("3@32x32", ("CONV", 8, 3), {"d": 2}, "8@28x28", "32 − 2·(3 − 1) − 1 + 1 = 28"),
    ("3@224x224", ("CONV", 8, 3), {"s": 2, "p": "same"}, "8@112x112", "⌈224/2⌉ = 112 (p=0:1)"),
    ("3@224x224", ("CONV", 8, 5), {"s": 1, "p": "same"}, "8@224x224", "⌈224/1⌉ = 224"),
    ("64@112x112", ("POOL", 3), {"s": 2, "ceil": True}, "64@56x56", "⌈(112 − 3)/2⌉ + 1 = 56"),
    ("64@112x112", ("POOL", 3), {"s": 2}, "64@55x55", "⌊(112 − 3)/2⌋ + 1 = 55"),
    ("1@3", ("POOL", 2), {"s": 3, "ceil": True}, "1@1", "⌊(3 − 2)/3⌋ + 1 = 1"),
    ("8@4x4", ("TCONV", 8, 3), {"s": 2, "p": 1, "output_pad": 1}, "8@8x8", "(4 − 1)·2 − 2·1 + 3 + 1 = 8"),
    ("8@4x5", ("TCONV", 4, 2), {"s": 2}, "4@8x10", "(4 − 1)·2 + 2 = 8, (5 − 1)·2 + 2 = 10"),
    ("8@4x4", ("TCONV", 8, 3), {"d": 2}, "8@8x8", "(4 − 1)·1 + 2·(3 − 1) + 1 = 8"),
    ("256@6x6", ("FLATTEN",), {}, "9216", "256·6·6 = 9216"),
    ("9216", ("FLATTEN",), {}, "9216", ""),
    ("784", ("RESHAPE", Partial(1, (28, None))), {}, "1@28x28", "784 = 1·28·28"),
    ("16@5x5", ("PIXELSHUFFLE", 2), {}, "4@10x10", "2·5 = 10"),
    ("4@5x6", ("UPSAMPLE", 2), {}, "4@10x12", "2·5 = 10, 2·6 = 12"),
    ("4@5x5", ("PAD", Pair(1, 2)), {}, "4@8x8", "5 + 1 + 2 = 8"),
    ("4@5x5", ("CROP", 2), {}, "4@1x1", "5 − 2 − 2 = 1"),
    ("4@5x6", ("PERMUTE", "hwc"), {}, "5@6x4", ""),
    ("4@5x6", ("GAP",), {}, "4@1x1", ""),
    ("4@5x6", ("APOOL", Axes((7, 7))), {}, "4@7x7", ""),
    ("4@5x6", ("SLICE", 1, 3), {}, "2@5x6", ""),
    ("256@6x6", ("FC", 4096), {}, "4096", ""),
    ("4@5x6", ("FC", 10), {"flatten": False}, "4@5x10", ""),
]
# fmt: on


@pytest.mark.parametrize(("x", "written", "named", "y", "sizes"), SIZES)
def test_sizes(x: str, written: tuple[Any, ...], named: dict[str, Any], y: str, sizes: str) -> None:
    kind, *positional = written
    layer = made(kind, shape(x), *positional, **named)
    assert layer.output(shape(x)) == shape(y)
    assert layer.sizes(shape(x)) == sizes


@pytest.mark.parametrize("sizes", [row[4] for row in SIZES if row[4]])
def test_sizes_are_true(sizes: str) -> None:
    """What is written left of `=` comes out as what stands right of it."""
    plain = re.sub(r" \(p=[^)]*\)", "", sizes).replace("−", "-").replace("·", "*")
    plain = plain.replace("⌊", "math.floor(").replace("⌈", "math.ceil(").replace("⌋", ")").replace("⌉", ")")
    for axis in plain.split(", "):
        left, right = (eval(side, {"math": math}) for side in axis.split(" = "))  # noqa: S307 our own text
        assert left == right


# fmt: off
ALEXNET = [
    # arriving, arguments, weights, biases, neurons: the slides' table, then the FC layers
    ("3@227x227", "CONV", (96, 11), {"s": 4}, 34_848, 96, 290_400),
    ("96@27x27", "CONV", (256, 5), {"p": 2}, 614_400, 256, 186_624),
    ("256@13x13", "CONV", (384, 3), {"p": 1}, 884_736, 384, 64_896),
    ("384@13x13", "CONV", (384, 3), {"p": 1}, 1_327_104, 384, 64_896),
    ("384@13x13", "CONV", (256, 3), {"p": 1}, 884_736, 256, 43_264),
    ("256@6x6", "FC", (4096,), {}, 37_748_736, 4096, 4096),
    ("4096", "FC", (4096,), {}, 16_777_216, 4096, 4096),
    ("4096", "FC", (1000,), {}, 4_096_000, 1000, 1000),
]
# fmt: on


@pytest.mark.parametrize(("x", "kind", "positional", "named", "weights", "biases", "neurons"), ALEXNET)
def test_alexnet(
    x: str,
    kind: str,
    positional: tuple[int, ...],
    named: dict[str, int],
    weights: int,
    biases: int,
    neurons: int,
) -> None:
    layer = made(kind, shape(x), *positional, **named)
    y = layer.output(shape(x))
    assert (layer.weights(shape(x)), layer.biases(shape(x)), layer.neurons(y)) == (weights, biases, neurons)
    assert layer.macs(shape(x), y) == weights * math.prod(y.extents)


def test_alexnet_totals() -> None:
    assert sum(row[4] for row in ALEXNET) + sum(row[5] for row in ALEXNET) == 62_378_344
    assert sum(row[6] for row in ALEXNET) == 659_272
    grouped = made("CONV", shape("96@27x27"), 256, 5, p=2, g=2)
    assert grouped.weights(shape("96@27x27")) == 614_400 // 2


# fmt: off
COSTS = [
    # arriving, layer, weights, biases, multiply-accumulates, element-wise operations
    ("8@4x4", ("CONV", 8, 3), {"p": 1, "g": 8, "bias": False}, 72, 0, 1152, 0),
    ("8@4x4", ("TCONV", 4, 2), {"s": 2}, 128, 4, 2048, 256),
    ("8@4x4", ("FC", 10), {}, 1280, 10, 1280, 10),
    ("8@4x5", ("FC", 10), {"flatten": False}, 50, 10, 1600, 320),
    ("8@4x4", ("BN",), {}, 8, 8, 0, 256),
    ("8@4x4", ("LN",), {}, 8, 8, 0, 512),
    ("8@4x4", ("INORM",), {}, 0, 0, 0, 512),
    ("8@4x4", ("LRN",), {}, 0, 0, 0, 7 * 128),
    ("8@4x4", ("PRELU",), {}, 1, 0, 0, 128),
    ("8@4x4", ("PRELU",), {"per_channel": True}, 8, 0, 0, 128),
    ("8@4x4", ("SCALE",), {}, 8, 0, 0, 128),
    ("8@4x4", ("ReLU",), {}, 0, 0, 0, 128),
    ("8@4x4", ("DROPOUT",), {}, 0, 0, 0, 0),
    ("8@4x4", ("POOL", 2), {}, 0, 0, 0, 128),
    ("8@4x4", ("GAP",), {}, 0, 0, 0, 128),
    ("8@5x5", ("APOOL", 2), {}, 0, 0, 0, 8 * 36),
    ("8@4x4", ("UPSAMPLE", 2, "linear"), {}, 0, 0, 0, 8 * 64 * 4),
    ("8@4x4", ("PERMUTE", "HWC"), {}, 0, 0, 0, 0),
]
# fmt: on


@pytest.mark.parametrize(("x", "written", "named", "weights", "biases", "macs", "operations"), COSTS)
def test_costs(
    x: str,
    written: tuple[Any, ...],
    named: dict[str, Any],
    weights: int,
    biases: int,
    macs: int,
    operations: int,
) -> None:
    kind, *positional = written
    layer, arriving = made(kind, shape(x), *positional, **named), shape(x)
    y = layer.output(arriving)
    assert (layer.weights(arriving), layer.biases(arriving)) == (weights, biases)
    assert (layer.macs(arriving, y), layer.operations(arriving, y)) == (macs, operations)


@pytest.mark.parametrize("extent", range(1, 14))
@pytest.mark.parametrize("size", range(1, 14))
def test_adaptive_windows(extent: int, size: int) -> None:
    """The closed forms for APOOL's windows against the windows themselves."""
    windows = [-(-(i + 1) * extent // size) - i * extent // size for i in range(size)]
    x = Shape(1, (extent,))
    layer = made("APOOL", x, size)
    assert layer.operations(x, layer.output(x)) == sum(windows)
    assert (layer.field(x) or ())[0].size == max(windows)


# fmt: off
FIELDS = [
    ("3@9", ("CONV", 1, 3), {"p": 1, "s": 2}, sliding(1, 1, 2)),
    ("3@9", ("CONV", 1, 3), {"d": 2}, sliding(0, 4)),
    ("3@9", ("TCONV", 1, 4), {"s": 2, "p": 1}, Reach((-1, 0), (0, 1), 1)),
    ("3@9", ("TCONV", 1, 3), {}, sliding(2)),
    ("3@9", ("UPSAMPLE", 2), {}, Reach((0, 0), (0, 0), 1)),
    ("3@9", ("UPSAMPLE", 2, "linear"), {}, Reach((-1, 0), (0, 1), 1)),
    ("3@9", ("UPSAMPLE", 1, "linear"), {}, Reach()),
    ("3@9", ("PAD", Pair(1, 2)), {}, sliding(1, -1)),
    ("3@9", ("CROP", Pair(1, 2)), {}, sliding(-1, 1)),
    ("3@9", ("APOOL", 3), {}, sliding(0, 2, 3)),
    ("3@9", ("FC", 5), {"flatten": False}, sliding(0, 8, 0)),
    ("3@9", ("RESHAPE", Partial(3, (9,))), {}, Reach()),
    ("3@9", ("PERMUTE", "CL"), {}, Reach()),
]
# fmt: on


@pytest.mark.parametrize(("x", "written", "named", "reach"), FIELDS)
def test_fields(x: str, written: tuple[Any, ...], named: dict[str, Any], reach: Reach) -> None:
    kind, *positional = written
    assert made(kind, shape(x), *positional, **named).field(shape(x)) == (reach,)


@pytest.mark.parametrize("written", [("GAP",), ("FLATTEN",), ("FC", 3), ("RESHAPE", 27), ("PERMUTE", "LC")])
def test_fields_of_the_whole_map(written: tuple[Any, ...]) -> None:
    kind, *positional = written
    assert made(kind, shape("3@9"), *positional).field(shape("3@9")) is None


# --- how layers are written -----------------------------------------------------------------------

# fmt: off
WRITTEN = [
    ("3@9x9", ("conv", 96, 11), {"S": 4}, "CONV(96, 11x11, s=4)"),
    ("3@9x9", ("CONV", 8, Axes((3, 1))), {"p": Axes((1, Pair(0, 2)))}, "CONV(8, 3x1, p=1x0:2)"),
    ("3@9x9", ("CONV", 8, 3), {"p": "SAME", "bias": False, "g": 1}, "CONV(8, 3x3, p=same, bias=no)"),
    ("3@9x9", ("CONV", 8, 3), {"from_": 3, "s": Axes((1, 2))}, "CONV(8, 3x3, s=1x2, from=3)"),
    ("3@9x9", ("POOL", 3), {"s": 2}, "POOL(max, 3x3, s=2)"),
    ("3@9x9", ("POOL", "AVG", 2), {}, "POOL(avg, 2x2)"),
    ("3@9x9", ("pool",), {"k": 2, "op": "min"}, "POOL(min, 2x2)"),
    ("3@9x9", ("BN",), {"eps": 1e-6, "affine": True}, "BN(eps=1e-6)"),
    ("3@9x9", ("DROPPATH", 0.2 * 6 / 16), {}, "DROPPATH(0.075)"),
    ("3@9x9", ("relu",), {}, "ReLU"),
    ("3@9x9", ("LeakyReLU", 0.2), {}, "LEAKY(0.2)"),
    ("3@9x9", ("DROPOUT",), {}, "DROPOUT"),
    ("3@9x9", ("PAD", Axes((Pair(1, 1), Pair(1, 1)))), {}, "PAD(1)"),
    ("784", ("RESHAPE", Partial(None, (7, 7))), {}, "RESHAPE(_@7x7)"),
    ("784", ("RESHAPE", Axes((28, 28, 1))), {}, "RESHAPE(1@28x28)"),
    ("784", ("CONV", 8, 3), {}, "CONV(8, 3)"),
]
# fmt: on


@pytest.mark.parametrize(("x", "written", "named", "text"), WRITTEN)
def test_written(x: str, written: tuple[Any, ...], named: dict[str, Any], text: str) -> None:
    kind, *positional = written
    assert str(made(kind, shape(x), *positional, **named)) == text


def test_usage() -> None:
    assert usage(KINDS["POOL"]) == "POOL([max|avg|min], window, s=…, p=0, d=1, ceil=no, count_pad=yes)"
    assert usage(KINDS["RELU"]) == "ReLU"


def test_names() -> None:
    assert all(name == kind.kind.upper() for name, kind in KINDS.items())
    assert not set(KINDS) & set(ALIASES)
    assert find_kind("Swish") is KINDS["SILU"]
    assert find_kind("MaxPool2d") is None
    assert [called_here(name) for name in ("MaxPool2d", "Conv2d", "Linear", "Frobnicate")] == [
        "POOL(max, …)",
        "CONV",
        "FC",
        None,
    ]


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kind_is_documented_with_an_example(kind: type[Layer]) -> None:
    assert kind.__doc__
    assert kind.__doc__.startswith(f"`{kind.kind}")


def test_layers_are_frozen_values() -> None:
    x = shape("3@9x9")
    one, other = made("CONV", x, 8, 3), made("CONV", x, 8, Axes((3, 3)), s=1)
    assert one == other
    assert len({one, other, made("CONV", x, 8, 5)}) == 2
    assert made("HSWISH", x) != made("HSIGMOID", x)
    assert repr(made("DROPOUT", x)) == "Dropout(rank=2, probability=0.5)"
    with pytest.raises(AttributeError):
        one.rank = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        type(one)(rank=2)


def test_remainders() -> None:
    x = shape("3@224x9")
    assert made("CONV", x, 96, Axes((11, 3)), s=4).remainders(x) == (1, 2)
    assert made("POOL", x, 3, s=2, ceil=True).remainders(x) == (0, 0)
    assert made("CONV", x, 96, 3, s=2, p="same").remainders(x) == (0, 0)
    assert made("ReLU", x).remainders(x) == (0, 0)


def test_fractions_load_only_where_needed() -> None:
    """The module costs start-up time that most networks have no use for."""
    code = "import sys, cnndsl.layers; assert 'fractions' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
