"""Every layer kind against PyTorch: what it accepts, output shapes, parameters, costs, fields."""

from __future__ import annotations

from typing import Any

import layer_oracle as oracle
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_draws import arguments, shapes
from torch.utils.flop_counter import FlopCounterMode

from cnndsl.diagnostics import Problem
from cnndsl.layers import KINDS, Layer, bind, within_limits
from cnndsl.shape import Shape
from cnndsl.values import Axes, Pair, Partial

# PyTorch says once that `same` under an even kernel pads a copy; so it does.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")

KIND_NAMES = sorted(set(KINDS) - {"INPUT"})


def ours(kind: str, x: Shape, given: dict[str, Any]) -> oracle.Result | None:
    """What cnndsl says, in the oracle's terms."""
    try:
        layer = bind(KINDS[kind], x.rank, [], given)
        return oracle.Result(within_limits(layer, x, layer.output(x)), layer.weight_shapes(x))
    except Problem:
        return None


def test_the_oracle_knows_every_kind() -> None:
    assert sorted(oracle.ORACLES) == KIND_NAMES


SIGNAL, IMAGE, VOLUME, VECTOR = Shape(4, (9,)), Shape(4, (7, 8)), Shape(2, (4, 5, 4)), Shape(12)
CASES: list[tuple[str, Shape, dict[str, Any]]] = [
    ("CONV", IMAGE, {"filters": 6, "kernel": 3}),
    ("CONV", IMAGE, {"filters": 6, "kernel": Axes((3, 1)), "pad": Axes((Pair(0, 1), Pair(1, 2)))}),
    ("CONV", IMAGE, {"filters": 6, "kernel": 4, "pad": "same", "dilation": 2}),
    ("CONV", IMAGE, {"filters": 6, "kernel": 3, "pad": "same", "stride": 2}),
    ("CONV", IMAGE, {"filters": 6, "kernel": 3, "groups": 2, "bias": False}),
    ("CONV", IMAGE, {"filters": 6, "kernel": 3, "groups": 4}),
    ("CONV", IMAGE, {"filters": 6, "kernel": 8}),
    ("CONV", IMAGE, {"filters": 6, "kernel": 3, "pad": 7, "pad_mode": "circular"}),
    ("CONV", IMAGE, {"filters": 6, "kernel": 3, "pad": 7, "pad_mode": "reflect"}),
    ("CONV", SIGNAL, {"filters": 6, "kernel": 3, "pad": 8, "pad_mode": "reflect"}),
    ("CONV", VOLUME, {"filters": 6, "kernel": 3, "pad": 9, "pad_mode": "replicate"}),
    ("CONV", VECTOR, {"filters": 6, "kernel": 3}),
    ("TCONV", IMAGE, {"filters": 6, "kernel": 3, "stride": 2, "pad": 1, "output_pad": 1}),
    ("TCONV", IMAGE, {"filters": 6, "kernel": 3, "stride": 2, "output_pad": 2}),
    ("TCONV", IMAGE, {"filters": 6, "kernel": 3, "dilation": 3, "output_pad": 2}),
    ("TCONV", SIGNAL, {"filters": 6, "kernel": 1, "pad": 4}),
    ("TCONV", SIGNAL, {"filters": 6, "kernel": 1, "pad": 5}),
    ("POOL", IMAGE, {"window": 3, "stride": 2, "ceil": True}),
    ("POOL", IMAGE, {"window": 3, "stride": 2, "pad": 2}),
    ("POOL", IMAGE, {"window": 4, "dilation": 2, "pad": 2}),
    ("POOL", IMAGE, {"op": "min", "window": 2, "pad": Pair(0, 1)}),
    ("POOL", IMAGE, {"op": "avg", "window": 3, "pad": 1, "count_pad": False}),
    ("POOL", Shape(1, (2,)), {"window": 3, "stride": 2, "ceil": True}),
    ("POOL", Shape(1, (1,)), {"window": 3, "stride": 2, "ceil": True}),
    ("POOL", Shape(1, (2, 2, 2)), {"op": "avg", "window": 3, "pad": 1}),
    ("POOL", Shape(1, (2, 2, 2)), {"op": "avg", "window": 3, "pad": "same"}),
    ("POOL", Shape(1, (2, 2, 2)), {"op": "max", "window": 3, "pad": 1}),
    ("APOOL", IMAGE, {"size": Axes((9, 3))}),
    ("APOOL", VECTOR, {"size": 3}),
    ("GPOOL", VOLUME, {"op": "min"}),
    ("GAP", SIGNAL, {}),
    ("GAP", VECTOR, {}),
    ("FC", IMAGE, {"outputs": 5}),
    ("FC", IMAGE, {"outputs": 5, "flatten": False, "bias": False}),
    ("FC", VECTOR, {"outputs": 5, "flatten": False}),
    ("PRELU", VOLUME, {"per_channel": True}),
    ("CELU", VECTOR, {"alpha": 0}),
    ("ELU", VECTOR, {"alpha": 0}),
    ("BN", VECTOR, {}),
    ("BN", IMAGE, {"eps": 0}),
    ("BN", Shape(3, (1, 1)), {}),
    ("GN", VECTOR, {"groups": 3}),
    ("GN", IMAGE, {"groups": 3}),
    ("LN", IMAGE, {}),
    ("LN", VECTOR, {"affine": False}),
    ("INORM", Shape(3, (1, 1)), {}),
    ("INORM", VECTOR, {}),
    ("INORM", VOLUME, {"affine": True}),
    ("LRN", SIGNAL, {"size": 4}),
    ("DROPOUT", VECTOR, {"probability": 1}),
    ("DROPOUT", VECTOR, {"probability": 1.1}),
    ("DROP2D", VOLUME, {}),
    ("RESHAPE", IMAGE, {"shape": Partial(None, (7, 2))}),
    ("RESHAPE", IMAGE, {"shape": Partial(None, (7, 5))}),
    ("PERMUTE", IMAGE, {"order": "HWC"}),
    ("SHUFFLE", VECTOR, {"groups": 2}),
    ("SHUFFLE", SIGNAL, {"groups": 3}),
    ("PIXELSHUFFLE", IMAGE, {"factor": 2}),
    ("PIXELSHUFFLE", IMAGE, {"factor": 3}),
    ("UPSAMPLE", VOLUME, {"scale": 2, "mode": "linear", "align": True}),
    ("UPSAMPLE", VOLUME, {"scale": 2, "mode": "bilinear"}),
    ("UPSAMPLE", IMAGE, {"scale": 2, "align": True}),
    ("PAD", IMAGE, {"pad": 7, "mode": "reflect"}),
    ("PAD", IMAGE, {"pad": Axes((6, 7)), "mode": "reflect"}),
    ("PAD", IMAGE, {"pad": 7, "mode": "circular"}),
    ("CROP", IMAGE, {"pad": Axes((3, Pair(3, 4)))}),
    ("CROP", IMAGE, {"pad": Axes((3, 4))}),
    ("SLICE", VECTOR, {"start": 3, "stop": 12}),
    ("SCALE", VOLUME, {"init": 1e-6}),
]


@pytest.mark.parametrize(("kind", "x", "given"), CASES, ids=str)
def test_known_cases(kind: str, x: Shape, given: dict[str, Any]) -> None:
    assert ours(kind, x, given) == oracle.run(kind, x, given)


@pytest.mark.parametrize("kind", KIND_NAMES)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_drawn_cases(kind: str, data: st.DataObject) -> None:
    x = data.draw(shapes())
    given = data.draw(arguments(kind, x))
    assert ours(kind, x, given) == oracle.run(kind, x, given)


def accepted(
    kind: str, data: st.DataObject, ranks: tuple[int, ...]
) -> tuple[Layer, Shape, dict[str, Any]] | None:
    """A drawn layer that checks, with its input and arguments."""
    x = data.draw(shapes(ranks))
    given = data.draw(arguments(kind, x))
    return None if ours(kind, x, given) is None else (bind(KINDS[kind], x.rank, [], given), x, given)


@pytest.mark.parametrize("kind", ["CONV", "TCONV", "FC"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_multiply_accumulates(kind: str, data: st.DataObject) -> None:
    drawn = accepted(kind, data, (0, 1, 2, 3))
    if drawn is None:
        return
    layer, x, given = drawn
    module = oracle.ORACLES[kind](x, **given)
    with FlopCounterMode(display=False) as counter:
        module(torch.randn(1, x.channels, *x.extents))
    assert 2 * layer.macs(x, layer.output(x)) == counter.get_total_flops()


def units_read(module: torch.nn.Module, x: Shape) -> list[list[int]]:
    """For each output unit of a 1D layer the input units whose change changes it."""
    start = torch.rand(1, x.channels, *x.extents, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(module.double().eval(), start)  # type: ignore[no-untyped-call]
    touched = jacobian[0, :, :, 0].abs().sum(dim=(0, 2)) > 0
    return [torch.nonzero(row).flatten().tolist() for row in touched]


#: Kinds whose output units read every unit that their field names, and no other.
EXACT = {"CONV", "POOL", "LEAKY", "BN", "LN", "LRN", "SCALE", "PAD", "CROP", "SLICE", "SHUFFLE"}


@pytest.mark.parametrize("kind", sorted(EXACT | {"TCONV", "UPSAMPLE", "APOOL"}))
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_fields(kind: str, data: st.DataObject) -> None:
    """No unit reads a unit outside its field, and with TCONV, whose phases differ, it reads both ends."""
    drawn = accepted(kind, data, (1,))
    if (
        drawn is None
        or drawn[2].get("mode") in ("reflect", "replicate", "circular")
        or "pad_mode" in drawn[2]
    ):
        return  # a border made of the map's pixels reads some of them twice
    layer, x, given = drawn
    if given.get("op") in ("max", "min"):
        given = given | {"op": "avg"}  # a maximum's gradient shows one pixel alone
        if ours(kind, x, given) is None:
            return
    reach = (layer.field(x) or ())[0]
    read = units_read(oracle.ORACLES[kind](x, **given), x)
    for number, units in enumerate(read):
        left, right = reach.left(number), reach.right(number)
        assert all(left <= unit <= right for unit in units)
        if kind == "TCONV" and 0 <= left <= right < x.extents[0]:
            assert {left, right} <= set(units)
