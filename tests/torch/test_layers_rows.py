"""What each kind is spelt as in PyTorch: idiom for idiom, and against modules built by hand."""

from __future__ import annotations

from typing import Any

import layer_oracle as oracle
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_draws import arguments, shapes
from layer_help import made, shape
from torch import Tensor, nn

from cnndsl.diagnostics import Problem
from cnndsl.emit.torch_rows import HELPERS, ROWS, Texts, helpers_used, spell
from cnndsl.layers import KINDS, Layer, bind, within_limits
from cnndsl.shape import Shape
from cnndsl.values import Axes, Pair, Partial

# PyTorch says once that `same` under an even kernel pads a copy; so it does.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")

#: Kinds without a row, each with its reason.
NOT_SPELT: dict[str, str] = {}


def namespace() -> dict[str, Any]:
    """What a generated file has: torch, and the helpers."""
    names: dict[str, Any] = {"torch": torch, "nn": nn, "Tensor": Tensor, "__name__": "generated"}
    for source in HELPERS.values():
        exec(source, names)  # noqa: S102 our own text
    return names


NAMES = namespace()


def build(expressions: list[str]) -> nn.Module:
    modules = [eval(text, NAMES) for text in expressions]  # noqa: S307 our own text
    return modules[0] if len(modules) == 1 else nn.Sequential(*modules)


def test_every_kind_has_a_row() -> None:
    unspelt = {name for name, kind in KINDS.items() if kind not in ROWS}
    assert unspelt == set(NOT_SPELT)


# fmt: off
SPELT: list[tuple[str, tuple[Any, ...], dict[str, Any], list[str]]] = [
    ("3@227x227", ("CONV", 96, 11), {"s": 4}, ["nn.Conv2d(3, 96, 11, stride=4)"]),
    ("3@9x9", ("CONV", 8, 3), {"p": 1, "bias": False}, ["nn.Conv2d(3, 8, 3, padding=1, bias=False)"]),
    ("3@9x9", ("CONV", 8, Axes((3, 1))), {"p": Axes((1, 0)), "g": 1},
     ["nn.Conv2d(3, 8, (3, 1), padding=(1, 0))"]),
    ("3@9", ("CONV", 3, 3), {"d": 2, "g": 3}, ["nn.Conv1d(3, 3, 3, dilation=2, groups=3)"]),
    ("3@9x9x9", ("CONV", 8, 3), {"p": "same"}, ['nn.Conv3d(3, 8, 3, padding="same")']),
    ("3@9x9", ("CONV", 8, 3), {"p": "same", "s": 2}, ["nn.Conv2d(3, 8, 3, stride=2, padding=1)"]),
    ("3@8x9", ("CONV", 8, 3), {"p": "same", "s": 2},
     ["nn.ZeroPad2d((1, 1, 0, 1))", "nn.Conv2d(3, 8, 3, stride=2)"]),
    ("3@9x9", ("CONV", 8, 3), {"p": Pair(3, 0)}, ["nn.ZeroPad2d((3, 0, 3, 0))", "nn.Conv2d(3, 8, 3)"]),
    ("3@9x9", ("CONV", 8, 3), {"p": Pair(0, 1), "pad_mode": "reflect"},
     ["nn.ReflectionPad2d((0, 1, 0, 1))", "nn.Conv2d(3, 8, 3)"]),
    ("3@9x9", ("CONV", 8, 3), {"p": 1, "pad_mode": "circular"},
     ['nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular")']),
    ("64@8x8", ("TCONV", 32, 3), {"s": 2, "p": 1, "output_pad": 1},
     ["nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)"]),
    ("3@9x9", ("POOL", 3), {"s": 2}, ["nn.MaxPool2d(3, stride=2)"]),
    ("3@9x9", ("POOL", 2), {"s": 2}, ["nn.MaxPool2d(2)"]),
    ("3@9x9", ("POOL", 3), {"s": 2, "p": 1, "ceil": True},
     ["nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)"]),
    ("3@9", ("POOL", "avg", 3), {"p": 1, "count_pad": False},
     ["nn.AvgPool1d(3, padding=1, count_include_pad=False)"]),
    ("3@8", ("POOL", "avg", 5), {"p": "same", "count_pad": False},
     ["nn.AvgPool1d(5, padding=1, count_include_pad=False)"]),
    ("3@9x9", ("POOL", 2), {"s": 1, "p": "same"},
     ['nn.ConstantPad2d((0, 1, 0, 1), float("-inf"))', "nn.MaxPool2d(2, stride=1)"]),
    ("3@9x9", ("POOL", "avg", 2), {"p": Pair(0, 1)}, ["nn.ZeroPad2d((0, 1, 0, 1))", "nn.AvgPool2d(2)"]),
    ("3@9x9", ("POOL", "min", 2), {"p": Pair(0, 1)},
     ['nn.ConstantPad2d((0, 1, 0, 1), float("inf"))', "MinPool2d(2)"]),
    ("1@2x2x2", ("POOL", "avg", 3), {"s": 1, "p": "same"},
     ["nn.ZeroPad3d((1, 1, 1, 1, 1, 1))", "nn.AvgPool3d(3, stride=1)"]),
    ("3@9x9", ("GPOOL", "max"), {}, ["nn.AdaptiveMaxPool2d(1)"]),
    ("3@9x9", ("GPOOL", "min"), {}, ["AdaptiveMinPool2d(1)"]),
    ("3@9", ("GAP",), {}, ["nn.AdaptiveAvgPool1d(1)"]),
    ("3@9x9", ("APOOL", Axes((7, 3))), {}, ["nn.AdaptiveAvgPool2d((7, 3))"]),
    ("9216", ("FC", 4096), {}, ["nn.Linear(9216, 4096)"]),
    ("3@4x5", ("FC", 9), {"flatten": False, "bias": False}, ["nn.Linear(5, 9, bias=False)"]),
    ("3@9x9", ("RELU",), {}, ["nn.ReLU()"]),
    ("3@9x9", ("LEAKY",), {}, ["nn.LeakyReLU()"]),
    ("3@9x9", ("LEAKY", 0.2), {}, ["nn.LeakyReLU(0.2)"]),
    ("3@9x9", ("PRELU",), {"per_channel": True, "init": 0.1}, ["nn.PReLU(3, init=0.1)"]),
    ("3@9x9", ("SOFTMAX",), {}, ["nn.Softmax(dim=1)"]),
    ("9", ("BN",), {}, ["nn.BatchNorm1d(9)"]),
    ("3@9x9", ("BN",), {"eps": 1e-3, "momentum": 0.01}, ["nn.BatchNorm2d(3, eps=0.001, momentum=0.01)"]),
    ("64@9x9", ("GN", 32), {"eps": 1e-6}, ["nn.GroupNorm(32, 64, eps=1e-6)"]),
    ("64@9x9", ("LN",), {"eps": 1e-6}, ["LayerNorm2d(64, eps=1e-6)"]),
    ("64", ("LN",), {"affine": False}, ["nn.LayerNorm(64, elementwise_affine=False)"]),
    ("3@9x9", ("INORM",), {"affine": True}, ["nn.InstanceNorm2d(3, affine=True)"]),
    ("3@9x9", ("LRN",), {"k": 2}, ["nn.LocalResponseNorm(5, k=2.0)"]),
    ("9", ("DROPOUT",), {}, ["nn.Dropout(0.5)"]),
    ("3@9", ("DROP2D", 0.2), {}, ["nn.Dropout1d(0.2)"]),
    ("3@9x9", ("DROPPATH", 0.1), {}, ["DropPath(0.1)"]),
    ("3@9x9", ("FLATTEN",), {}, ["nn.Flatten()"]),
    ("9", ("FLATTEN",), {}, []),
    ("4096", ("RESHAPE", Partial(256, (4, 4))), {}, ["nn.Unflatten(1, (256, 4, 4))"]),
    ("4@2x3", ("RESHAPE", Partial(None, (3,))), {}, ["nn.Flatten()", "nn.Unflatten(1, (8, 3))"]),
    ("4@2x3", ("RESHAPE", 24), {}, ["nn.Flatten()"]),
    ("4@2x3", ("PERMUTE", "HWC"), {}, ["Permute(0, 2, 3, 1)"]),
    ("4@2x3", ("PERMUTE", "CHW"), {}, []),
    ("8@2x3", ("SHUFFLE", 4), {}, ["nn.ChannelShuffle(4)"]),
    ("8@2x3", ("PIXELSHUFFLE", 2), {}, ["nn.PixelShuffle(2)"]),
    ("8@2x3", ("UPSAMPLE", 2), {}, ["nn.Upsample(scale_factor=2)"]),
    ("8@2x3", ("UPSAMPLE", Axes((2, 3)), "linear"), {"align": True},
     ['nn.Upsample(scale_factor=(2, 3), mode="bilinear", align_corners=True)']),
    ("8@4x4", ("PAD", 1), {}, ["nn.ZeroPad2d(1)"]),
    ("8@4x4", ("PAD", Axes((Pair(1, 2), 3))), {"mode": "reflect"}, ["nn.ReflectionPad2d((3, 3, 1, 2))"]),
    ("8@4x4", ("PAD", 1), {"value": -1}, ["nn.ConstantPad2d(1, -1.0)"]),
    ("8@4x4", ("CROP", 1), {}, ["nn.ZeroPad2d(-1)"]),
    ("8@4x4", ("CROP", Pair(0, 1)), {}, ["nn.ZeroPad2d((0, -1, 0, -1))"]),
    ("8@4x4", ("SLICE", 2, 6), {}, ["Slice(2, 6)"]),
    ("8@4x4", ("ID",), {}, []),
    ("8@4x4", ("SCALE",), {"init": 1e-6}, ["Scale(8, init=1e-6)"]),
]
# fmt: on


@pytest.mark.parametrize(("x", "written", "named", "expected"), SPELT)
def test_spelt(x: str, written: tuple[Any, ...], named: dict[str, Any], expected: list[str]) -> None:
    kind, *positional = written
    layer = made(kind, shape(x), *positional, **named)
    assert spell(layer, shape(x), Texts(layer, str(shape(x).channels))) == expected


def test_expressions() -> None:
    """Fields that are expressions are spelt as such, and never left out as a default."""
    x = shape("3@9x9")
    conv = made("CONV", x, 8, 3, p=1)
    text = Texts(conv, "channels", {"filters": "2 * width", "stride": "stride", "pad": "kernel // 2"})
    assert spell(conv, x, text) == ["nn.Conv2d(channels, 2 * width, 3, stride=stride, padding=kernel // 2)"]
    crop = made("CROP", x, 1)
    assert spell(crop, x, Texts(crop, "3", {"pad": "a + b"})) == ["nn.ZeroPad2d(-(a + b))"]
    pool = made("POOL", x, "avg", 2, s=2)
    assert spell(pool, x, Texts(pool, "3", {"window": "k", "stride": "k"})) == ["nn.AvgPool2d(k)"]


@pytest.mark.parametrize("pad", [Pair(0, 1), "same"])
def test_not_expressible(pad: Any) -> None:
    x = shape("3@9x9")
    layer = made("POOL", x, "avg", 2, s=1, p=pad, count_pad=False)
    with pytest.raises(Problem) as caught:
        spell(layer, x, Texts(layer, "3"))
    assert (caught.value.code, caught.value.at) == ("not-expressible", "pad")


def drawn_layer(kind: str, data: st.DataObject) -> tuple[Layer, Shape, dict[str, Any]] | None:
    """A layer that checks and that PyTorch can express, its input and arguments."""
    x = data.draw(shapes())
    given = data.draw(arguments(kind, x))
    try:
        layer = bind(KINDS[kind], x.rank, [], given)
        within_limits(layer, x, layer.output(x))
        spell(layer, x, Texts(layer, str(x.channels)))
    except Problem:
        return None
    return layer, x, given


def parameter_shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Shapes by name; a scale's, which has an axis of 1 for each of the map's, without these."""
    found = {name.rpartition(".")[2]: tuple(p.shape) for name, p in module.named_parameters()}
    if type(module).__name__.startswith("Scale"):
        return {name: shape[:1] for name, shape in found.items()}
    return found


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"INPUT"}))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_spelt_modules(kind: str, data: st.DataObject) -> None:
    """The modules run in train mode, have the layer's shapes, and compute what they should."""
    drawn = drawn_layer(kind, data)
    if drawn is None:
        return
    layer, x, given = drawn
    module = build(spell(layer, x, Texts(layer, str(x.channels))))
    batch = torch.randn(2, x.channels, *x.extents)
    y = layer.output(x)
    assert module.train()(batch).shape == (2, y.channels, *y.extents)
    assert parameter_shapes(module) == layer.weight_shapes(x)

    reference = oracle.ORACLES[kind](x, **given)
    reference(batch)  # lazy parameters get their shapes
    with torch.no_grad():
        for ours, theirs in zip(module.parameters(), reference.parameters(), strict=True):
            theirs.copy_(ours.view_as(theirs))
        torch.testing.assert_close(module.eval()(batch), reference.eval()(batch), equal_nan=True)


def test_drop_path_drops_whole_samples() -> None:
    torch.manual_seed(0)
    module = build(["DropPath(0.5)"])
    x = torch.ones(200, 3, 2, 2)
    y = module(x).flatten(1)
    assert set(y.unique().tolist()) == {0.0, 2.0}
    assert (y == y[:, :1]).all()
    assert 60 < int((y[:, 0] == 0).sum()) < 140
    assert torch.equal(module.eval()(x), x)


def test_helpers() -> None:
    assert helpers_used(["nn.ReLU()", "MinPool2d(2)", "Scale(3)"]) == ["MinPool2d", "Scale"]
    for name, source in HELPERS.items():
        assert f"class {name}(" in source or f"def {name}(" in source
        assert "cnndsl" not in source
