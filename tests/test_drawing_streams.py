"""Two streams of channels: they are drawn apart where the numbers stay apart."""

from __future__ import annotations

from itertools import pairwise

import pytest

import cnndsl
from cnndsl.api import check
from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow.stages import stages
from cnndsl.drawing.flow.streams import keeps_apart
from cnndsl.source import Source

#: Whether each half of the channels that leave a layer is made of one half of those that arrive.
APART = {
    "CONV(8, 3)": False,
    "CONV(8, 3, g=2)": True,
    "CONV(8, 3, g=4)": True,
    "CONV(6, 1, g=3)": False,
    "CONV(8, 1, g=2) → BN → ReLU → PAD(1)": True,
    "CONV(8, 1, g=2) → LN → PAD(1)": False,
    "CONV(8, 1, g=2) → GN(1) → PAD(1)": False,
    "CONV(8, 1, g=2) → GN(4) → PAD(1)": True,
    "CONV(8, 1, g=2) → SOFTMAX → PAD(1)": False,
    "TCONV(6, 2, s=2)": False,
    "TCONV(6, 2, s=2, g=2)": True,
    "POOL(2)": True,
    "GAP": True,
    "APOOL(avg, 3x3)": True,
    "UPSAMPLE(2)": True,
    "PAD(1)": True,
    "CROP(1)": True,
    "PIXELSHUFFLE(2)": True,
    "SHUFFLE(2)": False,
    "FLATTEN": True,
    "RESHAPE(12@8x16)": True,
    "PERMUTE(HCW)": False,
    "FC(4)": False,
    "FC(4, flatten=no)": True,
}


@pytest.mark.parametrize(("layers", "apart"), APART.items())
def test_streams_stay_apart_where_the_numbers_do(layers: str, apart: bool) -> None:
    """By PyTorch: whether the first half of the output changes with the second half of the input."""
    import torch

    text = f"INPUT(24@8x8) → {layers}"
    (network,) = check(text).networks
    assert network.ok
    torch.manual_seed(0)
    module = cnndsl.torch.module(Source("streams", text)).eval()
    x = torch.randn(1, 24, 8, 8)
    other = torch.cat([x[:, :12], torch.randn(1, 12, 8, 8)], 1)
    y, changed = module(x), module(other)
    half = y.shape[1] // 2
    assert torch.equal(y[:, :half], changed[:, :half]) == apart
    assert all(keeps_apart(*pair) for pair in pairwise(stages(network, faults(network)))) == apart
