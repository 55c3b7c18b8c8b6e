"""Linear pairs against PyTorch: the one layer is built, and computes what the two compute."""

from __future__ import annotations

import re
from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from cnndsl.api import check
from cnndsl.source import Source
from cnndsl.torch import module

HINT = re.compile(r"(but for the border, )?one ((?:CONV|FC)\(.*?\)) computes the same")


def built(text: str) -> nn.Module:
    """The network of a text, with random weights and statistics, as it is once trained."""
    model: nn.Module = module(Source("net.cnn", text)).double().eval()
    with torch.no_grad():
        for _, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5)
    return model


def one_layer(text: str) -> tuple[str, bool]:
    """The layer that is said to do what the pair does, and whether exactly."""
    (found,) = (one for one in check(text).diagnostics if one.code == "linear-pair")
    said = HINT.match(found.hints[0])
    assert said, found.hints
    return said[2], not said[1]


def affine(function: nn.Module, *shape: int) -> tuple[Tensor, Tensor]:
    """The matrix (a row for each output) and the shift of an affine map."""
    size = prod(shape)
    units = torch.eye(size, dtype=torch.float64).reshape(size, *shape)
    with torch.no_grad():
        shift = function(torch.zeros_like(units[:1])).flatten(1)
        return (function(units).flatten(1) - shift).T, shift


def collapsed(pair: str, layer: str, x: str, channels: int) -> nn.Module:
    """One convolution, with the weights that the pair has where it pads nothing: on one window alone."""
    model = built(f"default CONV(bias = yes)\nINPUT({x}) → {layer}")
    conv = next(one for one in model.modules() if isinstance(one, nn.Conv2d))
    high, wide = conv.kernel_size
    bare = re.sub(r", p=[0-9x:]+", "", pair)
    two = built(f"INPUT({channels}@{high}x{wide}) → {bare}")
    two.load_state_dict(WEIGHTS[0].state_dict())
    matrix, shift = affine(two, channels, high, wide)
    with torch.no_grad():
        conv.weight.copy_(matrix.reshape(conv.weight.shape))
        assert conv.bias is not None
        conv.bias.copy_(shift.reshape(conv.bias.shape))
    return model


#: The pair whose weights the collapsed layer is made of.
WEIGHTS: list[nn.Module] = []


def compare(pair: str, size: int = 23) -> None:
    x = f"3@{size}x{size}"
    two = built(f"INPUT({x}) → {pair}")
    WEIGHTS[:] = [two]
    layer, exact = one_layer(f"INPUT({x}) → {pair}")
    one = collapsed(pair, layer, x, 3)
    values = torch.randn(2, 3, size, size, dtype=torch.float64)
    with torch.no_grad():
        a, b = two(values), one(values)
    assert a.shape == b.shape
    if not exact:
        assert not torch.allclose(a, b), "then the hint may say so"
        a, b = (y[..., 1:-1, 1:-1] for y in (a, b))  # only the outermost windows reach one pixel of padding
        assert a.numel()
    torch.testing.assert_close(a, b)


@pytest.mark.parametrize(
    "pair",
    [
        "CONV(4, 3) → CONV(5, 3)",
        "CONV(4, 3, p=1) → CONV(5, 3)",
        "CONV(4, 3x1, p=1x0) → CONV(5, 5)",
        "CONV(4, 3, s=2) → CONV(5, 3, s=2)",
        "CONV(4, 3, d=2) → CONV(5, 2x3, d=1x2)",
        "CONV(4, 3) → BN → CONV(5, 3)",
        "CONV(4, 3) → ID → DROPOUT → BN → CONV(5, 1, bias=no)",
        "CONV(4, 1, bias=no) → CONV(5, 3, p=1)",
        "CONV(4, 1, bias=no) → SCALE → CONV(5, 3, p=1)",
        "CONV(4, 3, p=1) → CONV(5, 3, p=1)",
        "CONV(4, 3, p=1) → BN → CONV(5, 3, p=1)",
        "CONV(4, 1) → CONV(5, 3, p=1)",
        "CONV(4, 1, bias=no) → BN → CONV(5, 3, p=1)",
    ],
)
def test_two_convolutions_are_one(pair: str) -> None:
    compare(pair)


few = st.integers(1, 3)


@settings(max_examples=40, deadline=None)
@given(*([few] * 6), st.integers(0, 1), st.integers(0, 1), st.booleans())
def test_random_pairs_are_one(
    k: int, m: int, s: int, t: int, d: int, e: int, p: int, q: int, norm: bool
) -> None:
    first, last = f"CONV(4, {k}, s={s}, d={d}, p={p})", f"CONV(5, {m}, s={t}, d={e}, p={q})"
    compare(f"{first}{' → BN' * norm} → {last}", 43)  # so that something is left behind any of these


@pytest.mark.parametrize(
    "pair",
    [
        "CONV(4, 3, p=1) → FC(5)",
        "CONV(4, 3, p=1, s=2) → BN → POOL(avg, 2) → FLATTEN → DROPOUT → FC(5)",
        "CONV(8, 3) → GAP → FC(5)",
        "FC(20) → FC(5)",
        "FC(20) → BN → DROPOUT → FC(5)",
        "FC(7, flatten=no) → FC(5)",
    ],
)
def test_what_an_fc_follows_is_one_fc(pair: str) -> None:
    text = f"INPUT(3@9x9) → {pair}"
    assert one_layer(text) == ("FC(5)", True)
    two = built(text)
    matrix, shift = affine(two, 3, 9, 9)
    values = torch.randn(4, 3, 9, 9, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(two(values), values.flatten(1) @ matrix.T + shift)


@pytest.mark.parametrize(
    "between", ["ReLU", "LN", "GN(2)", "INORM", "POOL(max, 2)", "LRN", "TANH", "SOFTMAX"]
)
def test_what_is_between_others_is_not_linear(between: str) -> None:
    text = f"INPUT(3@9x9) → CONV(4, 3) → {between} → CONV(5, 3)"
    assert "linear-pair" not in [found.code for found in check(text).diagnostics]
    model = built(text)
    a, b = torch.randn(2, 1, 3, 9, 9, dtype=torch.float64)
    with torch.no_grad():
        zero = model(torch.zeros_like(a))
        assert not torch.allclose(model(a + b) - zero, model(a) - zero + model(b) - zero)
