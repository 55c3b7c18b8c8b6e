"""How weights start: emitted modules against the formulas, in both styles, on layers of many weights."""

from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import nn

from cnndsl.api import SpecError, check
from cnndsl.emit import emit
from cnndsl.emit.options import Options
from cnndsl.layers.initial import METHODS, Recipe
from cnndsl.source import Source
from cnndsl.torch import module

#: A convolution, one with groups, a transposed one and an FC, all with biases, and the norms.
LARGE = """
INPUT(128@8x8) → CONV(256, 3x3, p=1) → BN → ReLU → CONV(512, 3x3, p=1, g=2) → GN(2) → ReLU
→ TCONV(256, 2x2, s=2) → INORM(affine=yes) → ReLU → POOL(4) → FC(600) → LN
"""

LEARNT = nn.Conv2d | nn.ConvTranspose2d | nn.Linear
NORMS = nn.BatchNorm2d | nn.GroupNorm | nn.InstanceNorm2d | nn.LayerNorm


def built(init: str = "", *, by_option: bool = False, **options: str) -> nn.Module:
    torch.manual_seed(1)
    text = LARGE if by_option else f"init {init}\n{LARGE}"
    return module(Source("net.cnn", text), init=init if by_option else "", **options)  # type: ignore[arg-type]


def learnt(net: nn.Module) -> list[LEARNT]:
    found = [one for one in net.modules() if isinstance(one, LEARNT)]
    assert len(found) == 4
    return found


def norms(net: nn.Module) -> list[NORMS]:
    found = [one for one in net.modules() if isinstance(one, NORMS)]
    assert len(found) == 4
    return found


RECIPES = [
    Recipe("he"),
    Recipe("he", {}, "fan_out"),
    Recipe("he", {"slope": 0.5}),
    Recipe("he_uniform"),
    Recipe("he_uniform", {"slope": 2.0}, "fan_out"),
    Recipe("glorot"),
    Recipe("glorot", {"gain": 3.0}),
    Recipe("glorot_uniform"),
    Recipe("glorot_uniform", {"gain": 0.5}),
    Recipe("lecun"),
    Recipe("orthogonal"),
    Recipe("orthogonal", {"gain": 2.0}),
    Recipe("normal", {"std": 0.01}),
    Recipe("normal", {"std": 0.3, "mean": -2.0}),
    Recipe("truncated", {"std": 0.02}),
    Recipe("truncated", {"std": 2.0, "mean": 1.0}),
    Recipe("uniform", {"bound": 0.1}),
    Recipe("torch"),
]


def test_all_methods_are_held_against_pytorch() -> None:
    assert {recipe.method for recipe in RECIPES} == METHODS.keys()


@pytest.mark.parametrize("style", ["modules", "flat"])
@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_weights_have_the_standard_deviation_of_the_formula(recipe: Recipe, style: str) -> None:
    net = built(str(recipe), style=style)
    for layer in learnt(net):
        weight, wanted = layer.weight.detach(), recipe.std(tuple(layer.weight.shape))
        assert weight.std().item() == pytest.approx(wanted, rel=0.015)
        assert weight.mean().item() == pytest.approx(recipe.values.get("mean", 0), abs=0.015 * wanted)
        if "uniform" in recipe.method:
            assert sqrt(3) * wanted * 0.99 < weight.abs().max().item() <= sqrt(3) * wanted * 1.0001
        if recipe.method == "truncated":
            far = (weight - recipe.values.get("mean", 0)).abs().max().item()
            assert 1.98 < far / recipe.values["std"] <= 2.0001
        if recipe.method == "orthogonal":
            rows = weight.flatten(1)
            gram = rows @ rows.T if rows.shape[0] <= rows.shape[1] else rows.T @ rows
            wanted_gram = recipe.values["gain"] ** 2 * torch.eye(gram.shape[0])
            assert torch.allclose(gram, wanted_gram, atol=1e-3)


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_biases_are_zero_and_norms_left_alone(recipe: Recipe) -> None:
    net = built(str(recipe))
    for layer in learnt(net):
        assert layer.bias is not None
        assert bool(layer.bias.any()) == (recipe.method == "torch")
    for norm in norms(net):
        assert torch.all(norm.weight == 1)
        assert torch.all(norm.bias == 0)


def test_kinds_by_themselves() -> None:
    conv, grouped, transposed, dense = learnt(built("TCONV = normal(3), FC = torch, CONV = lecun"))
    assert conv.weight.std().item() == pytest.approx(1 / sqrt(128 * 9), rel=0.015)
    assert grouped.weight.std().item() == pytest.approx(1 / sqrt(128 * 9), rel=0.015)
    assert transposed.weight.std().item() == pytest.approx(3, rel=0.015)
    assert dense.weight.std().item() == pytest.approx(Recipe("torch").std((600, 4096)), rel=0.015)
    assert dense.bias is not None
    assert dense.bias.any()


def test_norms_by_themselves() -> None:
    """DCGAN has its BN around 1."""
    net = built(
        "normal(0.02), BN = normal(0.02, mean=1), GN = uniform(0.5), INORM = truncated(0.1), LN = torch"
    )
    batch, group, instance, layer = norms(net)
    assert batch.weight.mean().item() == pytest.approx(1, abs=0.01)
    assert batch.weight.std().item() == pytest.approx(0.02, rel=0.2)
    assert group.weight.abs().max().item() == pytest.approx(0.5, rel=0.05)
    assert instance.weight.abs().max().item() == pytest.approx(0.2, rel=0.1)
    assert torch.all(layer.weight == 1)
    assert not any(norm.bias.any() for norm in (batch, group, instance, layer))


def test_the_option_replaces_what_the_file_says() -> None:
    by_option, by_file = built("he(fan_out)", by_option=True), built("he(fan_out)")
    for one, other in zip(by_option.parameters(), by_file.parameters(), strict=True):
        assert torch.equal(one, other)
    text = emit(check(Source("net.cnn", f"init normal(0.01)\n{LARGE}")), options=Options(init="he"))
    assert "normal_(module.weight, std=0.01)" not in text
    assert 'nn.init.kaiming_normal_(module.weight, nonlinearity="relu")' in text


def test_without_a_word_nothing_is_written() -> None:
    assert "nn.init" not in emit(check(Source("net.cnn", LARGE)))
    assert "nn.init" not in emit(check(Source("net.cnn", f"init torch\n{LARGE}")))
    assert "nn.init" not in emit(check(Source("net.cnn", f"init CONV = torch\n{LARGE}")))


def test_layers_without_a_bias_are_asked_for_none() -> None:
    text = emit(check("init he\nINPUT(3@8x8) → CONV(4, 3, bias=no) → BN → ReLU → GAP"))
    assert "bias is not None" not in text
    assert "nn.Linear" not in text


def test_a_wrong_option_is_an_error() -> None:
    with pytest.raises(SpecError, match="no method `hee`"):
        built("hee", by_option=True)
