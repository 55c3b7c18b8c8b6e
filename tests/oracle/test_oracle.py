"""The oracle itself: known networks, its table of deliberate exceptions, and the arithmetic of kinds."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F

from oracle import layers
from oracle.run import DELIBERATE, Machine, Row, Scope, Trace, run
from oracle.signature import KINDS, SIGNATURES
from oracle.tree import (
    Axes,
    Below,
    BlockDef,
    Chain,
    Claim,
    Count,
    Default,
    Flag,
    FreeCount,
    Guard,
    In,
    Items,
    Label,
    Layer,
    Let,
    Maybe,
    Net,
    Num,
    Over,
    Pair,
    Param,
    Repeat,
    Tap,
)  # fmt: skip
from oracle.trees import block, chain, expr, join, net, shape, step, times, use
from oracle.values import PairValue

if TYPE_CHECKING:
    from oracle.tree import Step


SOURCES = sorted(Path(__file__).parent.glob("*.py"))


def total(trace: Trace) -> int:
    return sum(row.weights + row.biases for row in trace.rows)


def shapes(trace: Trace, *kinds: str) -> list[tuple[int, ...]]:
    return [row.shape for row in trace.rows if row.kind in kinds]


def conv(filters: Any, kernel: Any, **args: Any) -> Layer:
    return step("CONV", filters=filters, kernel=kernel, **args)


RELU, BN, ID = step("ReLU"), step("BN"), step("ID")
POOL = step("POOL", window=2)

# ------------------------------------------------------------------------------------------- known networks

LENET = net("1@28x28", conv(6, 5), RELU, POOL, conv(16, 5), RELU, POOL,
            step("FC", outputs=120), RELU, step("FC", outputs=84), RELU, step("FC", outputs=10))  # fmt: skip


def test_lenet() -> None:
    trace = run(LENET)
    assert trace.ok
    assert shapes(trace, "FLATTEN") == [(256,)]
    assert [row for row in trace.rows if row.weights] == [
        Row("CONV", (6, 24, 24), 150, 6), Row("CONV", (16, 8, 8), 2400, 16),
        Row("FC", (120,), 30720, 120), Row("FC", (84,), 10080, 84), Row("FC", (10,), 840, 10),
    ]  # fmt: skip


def test_alexnet_on_the_meta_device() -> None:
    """The course's total, 62 378 344."""
    pool = step("POOL", op="max", window=3, stride=2)
    dense = Repeat(chain(step("FC", outputs=4096), RELU, step("DROPOUT", probability=0.5)), Count(Num(2)))
    alexnet = net(
        "3@227x227", conv(96, 11, stride=4), RELU, pool, conv(256, 5, pad=2), RELU, pool,
        Repeat(chain(conv(384, 3, pad=1), RELU), Count(Num(2))), conv(256, 3, pad=1), RELU, pool, dense,
        step("FC", outputs=1000),
    )  # fmt: skip
    trace = run(alexnet, "meta")
    assert total(trace) == 62_378_344
    assert shapes(trace, "CONV") == [(96, 55, 55), (256, 27, 27), (384, 13, 13), (384, 13, 13), (256, 13, 13)]


def test_an_inception_block() -> None:
    """GoogLeNet's 3a: 64 + 128 + 32 + 32 channels from 192."""
    paths = join(
        "|",
        conv(64, 1),
        chain(conv(96, 1), conv(128, 3, pad=1)),
        chain(conv(16, 1), conv(32, 5, pad=2)),
        chain(step("POOL", op="max", window=3, stride=1, pad=1), conv(32, 1)),
    )
    trace = run(net("192@28x28", paths))
    assert trace.rows[-1] == Row("|", (256, 28, 28), 0, 0)
    assert total(trace) == 163_696
    assert [row.kind for row in trace.rows] == ["INPUT", *["CONV"] * 5, "POOL", "CONV", "|"]


def test_a_residual_stage_with_a_guard() -> None:
    """The first of two blocks halves the map, so it alone has a convolution on the skip."""
    short = Guard(conv("$w", 1, stride="$s"), times(times("$s", 1, "!="), times(In("C"), "$w", "!="), "or"))
    body = chain(conv("$w", 3, stride="$s", pad=1), BN, RELU, conv("$w", 3, pad=1), BN)
    unit = block("Unit", "w s", join("+", body, short), RELU)
    trace = run(net("4@8x8", use("Unit", w=8, s=2), use("Unit", w=8, s=1), blocks=(unit,)))
    assert trace.ok
    assert shapes(trace, "+") == [(8, 4, 4), (8, 4, 4)]
    assert [row.weights for row in trace.rows if row.kind == "CONV"] == [288, 576, 32, 576, 576]


def test_a_unet() -> None:
    double = block("Double", "c", Repeat(chain(conv("$c", 3, pad=1), BN, RELU), Count(Num(2))))
    half = times(In("C"), 2, "//")
    wide = use("Double", c=times(4, times(2, "$i", "^")))
    down = chain(Label(wide, "e", expr("$i")), POOL)
    up = step("TCONV", filters=half, kernel=2, stride=2)
    back = chain(join("|", up, Tap("e", times(1, "$i", "-"))), use("Double", c=half))
    below = Below("i", Num(2))
    steps: tuple[Step, ...] = (Repeat(down, below), use("Double", c=16), Repeat(back, below))
    trace = run(net("1@8x12", *steps, blocks=(double,)))
    assert shapes(trace, "|") == [(16, 4, 6), (8, 8, 12)]
    assert trace.rows[-1].shape == (4, 8, 12)
    odd = run(net("1@8x10", *steps, blocks=(double,)))
    assert odd.rejected
    assert odd.failure is not None
    assert odd.failure.where == "|"


def test_an_index_and_a_list_drive_the_copies() -> None:
    indexed = Repeat(conv(times(4, times(2, "$i", "^")), 1), Below("i", Num(3)))
    listed = Repeat(Repeat(conv("$c", 1), Count(expr("$n"))), Over(("c", "n"), (_items(5, 2), _items(7, 0))))
    trace = run(net("1@4", indexed, listed))
    assert [row.shape[0] for row in trace.rows] == [1, 4, 8, 16, 5, 5]


def _items(*values: int) -> Items:
    return Items(tuple(map(Num, values)))


def test_names_defaults_and_assumptions() -> None:
    """Own arguments win over the file's defaults, those over what a bare kind assumes."""
    default = Default("CONV", (("bias", Flag(value=False)),))
    bare = Chain(
        (Layer("INPUT", bare=True), Layer("CONV", bare=True), conv(2, 1, bias=True), Layer("FC", bare=True))
    )
    trace = run(Net(bare, defaults=(default,)), "meta")
    assert [row[1:] for row in trace.rows if row.weights] == [
        ((64, 32, 32), 1728, 0), ((2, 32, 32), 128, 2), ((10,), 20480, 10),
    ]  # fmt: skip


def test_a_blocks_default_is_evaluated_on_entry() -> None:
    entry = BlockDef("Gate", (Param("c", In("C")),), chain(conv(2, 1), conv("$c", 1)))
    assert run(net("6@3", use("Gate"), blocks=(entry,))).rows[-1].shape == (6, 3)


def test_parts_of_their_own() -> None:
    lets = (Let("output", "aux", chain(Tap("e1"), step("FC", outputs=3))),)
    trace = run(net("2@4", Label(RELU, "e1"), step("GAP"), lets=lets))
    assert [row.kind for row in trace.rows] == ["INPUT", "ReLU", "GAP"]
    assert trace.parts == {"aux": [Row("FLATTEN", (8,)), Row("FC", (3,), 24, 3)]}


def test_free_parts_are_shown_present() -> None:
    family = net("2@4", Maybe(BN), Repeat(RELU, FreeCount("N")))
    assert [row.kind for row in run(family).rows] == ["INPUT", "BN", "ReLU"]
    assert family.is_family
    assert not LENET.is_family


# -------------------------------------------------------------------------------------- refused, and by whom

REFUSED: dict[str, Net] = {
    "empty-output": net("2@4", step("CROP", pad=2)),
    "sum-broadcast": net("2@4", join("+", ID, conv(1, 1))),
    "gate-broadcast": net("2@4", join("⊙", ID, conv(1, 1))),
    "rank": net("6", step("GAP")),
    "axes": net("2@4", conv(2, Axes((Num(1), Num(1))))),
    "size": net("2@4", conv(0, 1)),
    "padding": net("2@4", conv(2, 1, pad=_items(1, 1))),
    "pool-padding": net("2@4", step("POOL", window=3, pad=Pair(Num(0), Num(2)))),
    "ceil-uneven": net("2@4", step("POOL", window=3, pad=Pair(Num(0), Num(1)), ceil=True)),
    "eps": net("2@4", step("LN", eps=-1)),
    "tap": net("2@4", join("|", ID, Tap("e", Num(1)))),
    "claim": net("2@4", Claim(RELU, shape("2@5"))),
}


def test_the_table_of_exceptions_is_the_one_in_use() -> None:
    assert set(REFUSED) == {row.name for row in DELIBERATE}
    used = {call.args[0].value for path in SOURCES for call in _calls(path, "DeliberateError")
            if isinstance(call.args[0], ast.Constant)}  # fmt: skip
    assert used == set(REFUSED)


def _calls(path: Path, name: str) -> list[ast.Call]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [
        n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name
    ]


@pytest.mark.parametrize("name", REFUSED)
def test_deliberate(name: str) -> None:
    trace = run(REFUSED[name])
    assert (trace.deliberate, trace.rejected, trace.ok) == (name, False, False)


BY_TORCH: dict[str, tuple[str, Layer]] = {
    "a kernel of one pixel too many": ("2@4", conv(2, 7, pad=1)),
    "groups": ("3@4", conv(4, 1, groups=3)),
    "reflect": ("2@4x4", conv(2, 1, pad=4, pad_mode="reflect")),
    "circular": ("2@4x4", conv(2, 1, pad=5, pad_mode="circular")),
    "output_pad": ("2@4", step("TCONV", filters=2, kernel=2, stride=2, output_pad=2)),
    "in-features": ("2@4", step("FC", outputs=2, from_=7)),
    "more than half a window": ("2@4", step("POOL", window=3, pad=2)),
    "half of the plain window, not of the dilated one": ("2@9", step("POOL", window=3, dilation=2, pad=2)),
    "avg has no dilation": ("2@4", step("POOL", op="avg", window=2, dilation=2)),
    "max does not count padding": ("2@4", step("POOL", op="max", window=2, count_pad=False)),
    "a 3D average may not exceed the map, padded or not": (
        "2@2x2x2",
        step("POOL", op="avg", window=3, pad=1),
    ),
    "one value a channel": ("2@1x1", step("INORM")),
    "align": ("2@4", step("UPSAMPLE", scale=2, align=True)),
    "the mode of another rank": ("2@4", step("UPSAMPLE", scale=2, mode="bilinear")),
    "a value where none is put": ("2@4", step("PAD", pad=1, mode="reflect", value=1)),
    "other letters": ("2@4", step("PERMUTE", order="HWC")),
    "a letter twice": ("2@4", step("PERMUTE", order="CC")),
    "values": ("2@4", step("RESHAPE", shape=shape("3@3"))),
    "channels that are not there": ("2@4", step("SLICE", start=0, stop=3)),
    "eps of BN": ("2@4", step("BN", eps=0)),
}


@pytest.mark.parametrize("reason", BY_TORCH)
def test_rejected_by_torch(reason: str) -> None:
    entry, layer = BY_TORCH[reason]
    assert run(net(entry, layer)).rejected


def test_legal_to_a_hair() -> None:
    ok = [("2@4", conv(2, 6, pad=1)), ("2@4x4", conv(2, 1, pad=3, pad_mode="reflect")),
          ("2@4x4", conv(2, 1, pad=4, pad_mode="circular")), ("2@4", step("POOL", window=3, pad=1)),
          ("2@5", step("POOL", window=6, stride=2, ceil=True)), ("2@1", step("BN")), ("2@2x1", step("INORM")),
          ("2@4", step("TCONV", filters=2, kernel=2, dilation=3, output_pad=2)),
          ("5", step("GN", groups=5))]  # fmt: skip
    assert [entry for entry, layer in ok if not run(net(entry, layer)).ok] == []


# ------------------------------------------------------------------------------------------- the arithmetic


def outcome(kind: str, x: torch.Tensor, **args: Any) -> torch.Tensor:
    with torch.no_grad():
        return layers.apply(kind, {**SIGNATURES[kind].defaults, **args}, x).tensor


def test_every_kind_is_there() -> None:
    assert set(layers.KINDS) == set(KINDS) - {"INPUT"}


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_same_gives_the_ceiling(stride: int, dilation: int) -> None:
    for extent in range(1, 9):
        x = torch.zeros(2, 1, extent)
        y = outcome("CONV", x, filters=1, kernel=4, stride=stride, dilation=dilation, pad="same")
        assert y.shape[2] == -(-extent // stride)


def test_min_pool_is_a_minimum() -> None:
    x = torch.arange(24.0).view(2, 2, 6)
    assert outcome("POOL", x, op="min", window=2)[0].tolist() == [[0, 2, 4], [6, 8, 10]]
    assert outcome("GPOOL", x, op="min").flatten(1).tolist() == [[0, 6], [12, 18]]


def test_uneven_padding_of_pools() -> None:
    """Maxima and minima never see the padding; an average counts it unless told otherwise."""
    x = torch.full((2, 1, 2), -3.0)
    args = {"window": 2, "stride": 1, "pad": PairValue(1, 0)}
    assert outcome("POOL", x, op="max", **args)[0].tolist() == [[-3, -3]]
    assert outcome("POOL", -x, op="min", **args)[0].tolist() == [[3, 3]]
    assert outcome("POOL", x, op="avg", **args)[0].tolist() == [[-1.5, -3]]
    assert outcome("POOL", x, op="avg", count_pad=False, **args)[0].tolist() == [[-3, -3]]


def test_layer_norm_is_over_channels_at_each_position() -> None:
    x = torch.randn(2, 5, 3, 4)
    assert torch.allclose(outcome("LN", x), F.layer_norm(x.permute(0, 2, 3, 1), (5,)).permute(0, 3, 1, 2))


def test_droppath_drops_whole_samples() -> None:
    kept = outcome("DROPPATH", torch.ones(64, 2, 3)).flatten(1)
    assert set(map(tuple, kept.tolist())) == {(0.0,) * 6, (2.0,) * 6}


@pytest.mark.parametrize("kind", ["LN", "PERMUTE"])
def test_what_lies_channels_last_is_laid_out_anew(kind: str) -> None:
    """Torch 2.13 can die of a convolution over the strides that these leave."""
    args = {"order": "LC"} if kind == "PERMUTE" else {}
    machine = Machine()
    y = machine.chain(net("18@1", step(kind, **args)).main, None, Scope())
    assert y.stride() == torch.empty(y.shape).stride()


def test_weights_of_the_small_kinds() -> None:
    counts = {"PRELU": (1, 0), "SCALE": (6, 0), "BN": (6, 6), "LN": (6, 6), "INORM": (0, 0)}
    for kind, (weights, biases) in counts.items():
        assert run(net("6@3x3", step(kind))).rows[-1][2:] == (weights, biases)
    assert run(net("6", step("PRELU", per_channel=True))).rows[-1].weights == 6


def test_nothing_here_knows_what_is_under_test() -> None:
    imported = {name for path in SOURCES for name in _imports(path)}
    assert "torch" in imported
    assert "cnndsl" not in imported


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.module or "").split(".")[0])
    return found
