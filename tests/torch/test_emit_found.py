"""Networks that random search has found, once wrong or refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnndsl import check
from cnndsl.source import Source
from cnndsl.torch import module

FOUND = {
    "an index that only __init__ could know": """
        net Sample(width = 6)
        INPUT(10) → { FC(3) + FC(3) → ELU } → [LEAKY → SILU as e[i]]*(i < in.C)
        → { DROPOUT + e[in.C // 2] } → FC(1)""",
    "a labelled block that is asked for its channels": """
        block Folded = [PERMUTE(WHC) → APOOL(1)]*(in.C // 2)
        INPUT(2@6x6) → CONV(4, 3) → Folded as e → POOL(1)
        output side = e → CONV(4, 1)""",
    "learnt layers that stand alone between labels of a loop": """
        INPUT(2@6x6) → [CONV(2, 1) as e[i] → BN]*(i < 2) → [POOL(1) as f[i] → PRELU]*(i < 2)
        → [POOL(1) as g[i] → LN]*(i < 2) → { ID + e[0] + e[1] + f[0] + f[1] + g[0] + g[1] }""",
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    network = check(FOUND[name]).networks[0]
    model = module(Source("net.cnn", FOUND[name]))
    assert sum(weights.numel() for weights in model.parameters()) == network.all_totals.params
    shape = (10,) if network.main.output and network.main.output.rank == 0 else (2, 6, 6)
    outputs = model(torch.zeros(2, *shape))
    first = outputs[0] if isinstance(outputs, tuple) else outputs
    assert network.output is not None
    assert tuple(first.shape[1:]) == (network.output.channels, *network.output.extents)


def test_copies_of_a_norm_keep_statistics_of_their_own() -> None:
    """Without weights they would be counted alike, and yet be one."""
    text = "INPUT(2@6x6) → [POOL(1) as e[i] → BN(affine=no)]*(i < 2) → { ID + e[0] + e[1] }"
    norms = [part for part in module(Source("net.cnn", text)).modules() if isinstance(part, nn.BatchNorm2d)]
    assert len(norms) == 2
