"""The worked numbers of the lectures, run through emitted modules with the lectures' kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

import cnndsl.torch
from cnndsl.source import Source

if TYPE_CHECKING:
    from torch import Tensor, nn

#: `1 0 −1` in each row: the kernel of a vertical edge.
EDGE = [[1, 0, -1]] * 3

GREY = [
    [3, 0, 1, 2, 7, 4],
    [1, 5, 8, 9, 3, 1],
    [2, 7, 2, 5, 1, 3],
    [0, 1, 3, 1, 7, 8],
    [4, 2, 1, 6, 2, 8],
    [2, 4, 5, 2, 3, 9],
]
GREY_OUT = [[-5, -4, 0, 8], [-10, -2, 2, 3], [0, -2, -4, -7], [-3, -2, -3, -16]]

STRIDED = [
    [1, 0, 1, 4, 3, 2, 0],
    [4, 4, 0, 1, 1, 4, 2],
    [4, 0, 2, 1, 3, 0, 4],
    [2, 0, 3, 4, 4, 1, 3],
    [3, 2, 2, 4, 2, 1, 0],
    [0, 1, 3, 0, 3, 0, 1],
    [3, 1, 0, 0, 4, 2, 4],
]
STRIDED_OUT = [[18, 21, 24], [14, 26, 14], [12, 23, 17]]

POOLED = [[5, 3, 4, 1], [2, 7, 9, 2], [8, 1, 5, 3], [9, 7, 2, 1]]


def built(text: str, kernel: Any = None) -> nn.Module:
    """The emitted module of a network with one convolution, which gets the kernel."""
    net = cnndsl.torch.module(Source("net.cnn", text))
    if kernel is not None:
        (weight,) = net.parameters()
        with torch.no_grad():
            weight.copy_(torch.tensor(kernel, dtype=torch.float).expand_as(weight))
    return net


def out(net: nn.Module, *channels: Any) -> Tensor:
    y: Tensor = net(torch.tensor([channels], dtype=torch.float))
    return y[0].detach()


@pytest.mark.parametrize(
    ("text", "x", "kernel", "y"),
    [
        ("INPUT(1@8) → CONV(1, 2, bias=no)", [0, 0, 0, 0, 1, 2, 3, 3], [-1, 1], [0, 0, 0, 1, 1, 1, 0]),
        ("INPUT(1@6x6) → CONV(1, 3x3, bias=no)", GREY, EDGE, GREY_OUT),
        ("INPUT(1@6x6) → CONV(1, 3x3, bias=no)", [[10, 10, 10, 0, 0, 0]] * 6, EDGE, [[0, 30, 30, 0]] * 4),
        (
            "INPUT(1@7x7) → CONV(1, 3x3, s=2, bias=no)",
            STRIDED,
            [[1, 2, 1], [1, 2, 0], [0, 1, 2]],
            STRIDED_OUT,
        ),
        ("INPUT(1@4x4) → POOL(max, 2x2, s=2)", POOLED, None, [[7, 9], [9, 5]]),
        ("INPUT(1@4x4) → POOL(min, 2x2, s=2)", POOLED, None, [[2, 1], [1, 1]]),
        ("INPUT(1@4x4) → POOL(avg, 2x2, s=2)", POOLED, None, [[4.25, 4], [6.25, 2.75]]),
        ("INPUT(1@4x4) → GPOOL(max)", POOLED, None, [[9]]),
        ("INPUT(1@4x4) → GPOOL(min)", POOLED, None, [[1]]),
        ("INPUT(1@4x4) → GAP", POOLED, None, [[69 / 16]]),
    ],
)
def test_worked_numbers(text: str, x: Any, kernel: Any, y: Any) -> None:
    assert out(built(text, kernel), x).squeeze(0).tolist() == y


def test_padding_keeps_the_size() -> None:
    padded = out(built("INPUT(1@6x6) → CONV(1, 3x3, p=1, bias=no)", EDGE), GREY)
    assert tuple(padded.shape) == (1, 6, 6)
    assert padded[0, 1:-1, 1:-1].tolist() == GREY_OUT
    assert torch.equal(padded, out(built("INPUT(1@6x6) → CONV(1, 3x3, p=same, bias=no)", EDGE), GREY))


def test_rgb_sums_27_products_at_each_position() -> None:
    net = built("INPUT(6x6x3) → CONV(1, 3x3, bias=no)", 1)
    assert sum(p.numel() for p in net.parameters()) == 27
    y = out(net, *torch.ones(3, 6, 6).tolist())
    assert y.tolist() == [[[27] * 4] * 4]


def test_rgb_under_the_edge_kernel() -> None:
    y = out(built("INPUT(3@6x6) → CONV(1, 3x3, bias=no)", EDGE), GREY, GREY, GREY)
    assert y[0].tolist() == [[3 * value for value in row] for row in GREY_OUT]


def test_more_kernels_give_more_channels() -> None:
    assert tuple(out(built("INPUT(1@6x6) → CONV(5, 3x3, bias=no)", EDGE), GREY).shape) == (5, 4, 4)


def test_a_volume() -> None:
    net = built("INPUT(1@3x6x6) → CONV(1, 3, bias=no)", [EDGE] * 3)
    assert out(net, [GREY] * 3)[0, 0].tolist() == [[3 * value for value in row] for row in GREY_OUT]


def test_gate_and_scale_and_slice() -> None:
    assert out(built("INPUT(2@1x2) → { ID ⊙ GPOOL(max) }"), [[1, 2]], [[3, 4]]).tolist() == [
        [[2, 4]],
        [[12, 16]],
    ]
    assert out(built("INPUT(2@1x2) → SCALE(init=3)"), [[1, 2]], [[3, 4]]).tolist() == [[[3, 6]], [[9, 12]]]
    assert out(built("INPUT(2@1x2) → SLICE(1, 2)"), [[1, 2]], [[3, 4]]).tolist() == [[[3, 4]]]
    assert out(built("INPUT(2@1x2) → PERMUTE(HCW)"), [[1, 2]], [[3, 4]]).tolist() == [[[1, 2], [3, 4]]]
    assert out(built("INPUT(2@1x2) → LN(affine=no)"), [[1, 2]], [[3, 4]]).round().tolist() == [
        [[-1, -1]],
        [[1, 1]],
    ]
