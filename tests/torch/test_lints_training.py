"""Lints of training against PyTorch: what is wasted, refused, or too small to learn from."""

from __future__ import annotations

import math
import re

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnndsl.api import check
from cnndsl.source import Source
from cnndsl.torch import module


def built(text: str) -> nn.Module:
    model: nn.Module = module(Source("net.cnn", text)).double().train()
    return model


def has(text: str, code: str) -> bool:
    return code in [found.code for found in check(text, pedantic=True).diagnostics]


# ---- a bias before a norm


@pytest.mark.parametrize(
    ("layers", "wasted"),
    [
        ("CONV(8, 3) → BN", True),
        ("CONV(8, 3, p=1) → BN(affine=no)", True),
        ("CONV(8, 3, pad_mode=reflect, p=1) → ID → BN", True),
        ("TCONV(8, 3, s=2) → BN", True),
        ("CONV(8, 3) → INORM", True),
        ("CONV(8, 3) → INORM(affine=yes)", True),
        ("CONV(8, 3) → GN(8)", True),
        ("FC(8) → BN", True),
        ("CONV(8, 3) → GN(2)", False),
        ("CONV(8, 3) → LN", False),
        ("FC(8) → LN", False),
        ("FC(8, flatten=no) → BN", False),
        ("CONV(8, 3) → ReLU → BN", False),
        ("CONV(8, 3) → { BN | ID }", False),
    ],
)
def test_a_bias_before_a_norm_changes_nothing(layers: str, wasted: bool) -> None:
    text = f"INPUT(3@9x9) → {layers}"
    assert has(text, "bias-before-norm") == wasted
    torch.manual_seed(1)
    model, x = built(text), torch.randn(4, 3, 9, 9, dtype=torch.float64)
    linear = next(
        one for one in model.modules() if isinstance(one, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)
    )
    assert linear.bias is not None
    outputs = []
    for _ in range(2):
        with torch.no_grad():
            linear.bias.normal_()
            outputs.append(model(x))
    assert torch.allclose(*outputs) == wasted
    model(x).square().sum().backward()
    assert linear.bias.grad is not None
    assert (linear.bias.grad.abs().max() < 1e-6) == wasted


def test_the_bias_is_learnt_by_no_running_mean_without_momentum() -> None:
    assert not has("INPUT(3@9x9) → CONV(8, 3) → BN(momentum=0)", "bias-before-norm")


@pytest.mark.parametrize("biases", [8, 16])
def test_the_saving_is_as_said(biases: int) -> None:
    text = "INPUT(3@9x9) → CONV({n}, 3{no}) → BN"
    (found,) = (
        one
        for one in check(text.format(n=biases, no=""), pedantic=True).diagnostics
        if one.code == "bias-before-norm"
    )
    sizes = [
        sum(p.numel() for p in built(text.format(n=biases, no=no)).parameters()) for no in ("", ", bias=no")
    ]
    assert found.hints == (f"bias=no saves {sizes[0] - sizes[1]} parameters and changes nothing",)


# ---- BN on single values


def test_bn_refuses_single_values_and_what_is_offered_works() -> None:
    text = "INPUT(3@8x8) → CONV(8, 3) → ReLU → GAP → CONV(64, 1) → {norm} → ReLU"
    (found,) = check(text.format(norm="BN")).diagnostics
    assert found.code == "bn-single-value"
    one, two = (torch.randn(batch, 3, 8, 8, dtype=torch.float64) for batch in (1, 2))
    model = built(text.format(norm="BN"))
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
        model(one)
    assert model(two).isfinite().all()
    offered = re.search(r"GN\(\d+\)", found.hints[0])
    assert offered
    assert built(text.format(norm=offered[0]))(one).isfinite().all()


@pytest.mark.parametrize("map_", ["8@1x2", "8@2x1", "8@1x1x2"])
def test_bn_on_two_values_is_fine(map_: str) -> None:
    text = f"INPUT({map_}) → BN"
    assert check(text).diagnostics == []
    shape = [8, *map(int, map_.partition("@")[2].split("x"))]
    assert built(text)(torch.randn(1, *shape, dtype=torch.float64)).isfinite().all()


# ---- SOFTMAX before the loss


def test_a_softmax_before_the_loss_hides_that_the_answer_is_right() -> None:
    """Even sure of the right class, the loss stays high, and the gradient of a wrong answer is small."""
    text = "INPUT(10) → FC(10) → {end}"
    assert has(text.format(end="SOFTMAX"), "softmax-before-loss")
    assert not has(text.format(end="LOGSOFTMAX"), "softmax-before-loss")
    right = torch.tensor([3])
    sure = torch.full((1, 10), -50.0).index_fill(1, right, 50.0)
    assert F.cross_entropy(sure, right) < 1e-6
    assert F.cross_entropy(sure.softmax(1), right) == pytest.approx(math.log(1 + 9 / math.e), abs=1e-4)
    wrong = sure.roll(1, dims=1).requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(wrong.softmax(1), right), wrong)
    (plain,) = torch.autograd.grad(F.cross_entropy(wrong, right), wrong)
    assert gradient.abs().max() < 1e-6 < plain.abs().max()


def test_a_logsoftmax_changes_nothing_in_the_loss() -> None:
    scores, right = torch.randn(4, 10), torch.arange(4)
    assert torch.allclose(F.cross_entropy(scores.log_softmax(1), right), F.cross_entropy(scores, right))


# ---- saturating activations


def gain(text: str, depth_of: str = "") -> float:
    """How much of a gradient comes back through layers that by themselves keep its length."""
    torch.manual_seed(0)
    model = built(text)
    for one in model.modules():
        if isinstance(one, nn.Linear):
            nn.init.orthogonal_(one.weight)
    x = torch.randn(16, 20, dtype=torch.float64, requires_grad=True)
    y = model(x)
    push = torch.randn_like(y)
    (gradient,) = torch.autograd.grad(y, x, push)
    return float(gradient.norm() / push.norm())


@pytest.mark.parametrize(
    ("layer", "each"), [("SIGMOID", 4), ("HSIGMOID", 6)], ids=["sigmoid", "hard sigmoid"]
)
def test_the_gradient_shrinks_as_said(layer: str, each: int) -> None:
    text = f"INPUT(20) → [FC(20) → {layer}]*8 → FC(20)"
    (found,) = check(text).diagnostics
    assert f"at most (1/{each})^8" in found.message
    assert gain(text) < each**-8 * 1.000_001


@pytest.mark.parametrize(
    "body", ["FC(20) → BN → SIGMOID", "{ ID + FC(20) → SIGMOID }", "FC(20) → ReLU", "FC(20) → LN → TANH"]
)
def test_norms_skips_and_relu_keep_the_gradient_alive(body: str) -> None:
    text = f"INPUT(20) → [{body}]*8 → FC(20)"
    assert check(text).diagnostics == []
    assert gain(text) > 100 * gain("INPUT(20) → [FC(20) → SIGMOID]*8 → FC(20)")


def test_tanh_shrinks_it_where_it_saturates() -> None:
    x = torch.linspace(-9, 9, 100, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(x.tanh().sum(), x)
    assert slope.max() <= 1
    assert slope[x.abs() > 4].max() < 0.002


# ---- where the parameters are


def test_a_gap_saves_what_is_said() -> None:
    text = "INPUT(3@16x16) → CONV(32, 3) → ReLU → {gap}FC(100) → ReLU → FC(10)"
    (found,) = (
        one for one in check(text.format(gap=""), pedantic=True).diagnostics if one.code == "heavy-layer"
    )

    def weights(gap: str) -> Tensor:
        return next(one for one in built(text.format(gap=gap)).modules() if isinstance(one, nn.Linear)).weight

    assert f"32·14·14·100 = {weights('').numel():,} of".replace(",", " ") in found.message
    assert f"32·100 = {weights('GAP → ').numel():,} weights".replace(",", " ") in found.hints[0]
