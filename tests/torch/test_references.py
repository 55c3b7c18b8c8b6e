"""The zoo beyond torchvision has the parameters, MACs and outputs of modules written by hand."""

from __future__ import annotations

import pytest
import torch
from references import REFERENCES
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from zoo import networks

from cnndsl.network import Network


def measured(module: nn.Module, shape: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
    """Parameters, multiply-accumulates and output of a module on the meta device, which holds no numbers."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        y = module.eval()(torch.empty(1, *shape, device="meta"))
    return sum(p.numel() for p in module.parameters()), counter.get_total_flops() // 2, tuple(y.shape[1:])


def told(network: Network) -> tuple[int, int, tuple[int, ...]]:
    y = network.output
    assert y
    return network.totals.params, network.totals.macs, (y.channels, *y.extents)


@pytest.mark.parametrize("name", REFERENCES, ids=lambda name: name[1] or name[0])
def test_as_written_by_hand(name: tuple[str, str | None]) -> None:
    make, shape = REFERENCES[name]
    with torch.device("meta"):
        module = make()
    assert told(networks(name[0])[name[1]]) == measured(module, shape)
