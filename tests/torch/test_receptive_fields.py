"""Receptive fields against gradients: what an output unit depends on in the emitted module.

All weights are made positive and the layers linear, so that no gradient cancels: the input units
with a gradient are exactly those that a unit sees. Units in the middle of a long input see their
whole field; the largest of them is the field's size.
"""

from __future__ import annotations

import pytest
import torch

from cnndsl.analysis.rows import receptive_field
from cnndsl.api import check
from cnndsl.source import Source
from cnndsl.torch import module

LINES = {
    "conv": "CONV(2, 3) → CONV(2, 5, s=2, p=1) → CONV(2, 3, d=3)",
    "pool": "CONV(2, 3, p=1) → POOL(avg, 2) → CONV(2, 3, p=1) → POOL(avg, 3, s=2, p=1)",
    "padding": "CONV(2, 4, p=1:2) → CONV(2, 3, p=2:0, s=3)",
    "transposed": "CONV(2, 3, s=2) → TCONV(2, 3, s=2) → CONV(2, 2)",
    "transposed with gaps": "CONV(2, 3) → TCONV(2, 2, s=3) → CONV(2, 3) → CONV(2, 2, s=2)",
    "transposed and dilated": "TCONV(2, 3, s=2, d=3) → CONV(2, 3)",
    "upsampled": "CONV(2, 3, s=4) → UPSAMPLE(4) → CONV(2, 3) → CONV(2, 3)",
    "interpolated": "CONV(2, 3, s=2) → UPSAMPLE(2, linear) → CONV(2, 3)",
    "paths": "CONV(2, 3, p=1) → { CONV(2, 5, p=2) | CONV(2, 1) | ID } → CONV(2, 3)",
    "skip": "CONV(2, 3, p=1) → { CONV(2, 3, p=1) → CONV(2, 3, p=1) + ID } → POOL(avg, 2)",
    "long skip": "CONV(2, 3, p=1) as a → POOL(avg, 2) → CONV(2, 3, p=1)"
    " → { TCONV(2, 2, s=2) | a } → CONV(2, 3)",
    "repeat": "[CONV(2, 3, p=1)]*5 → POOL(avg, 2) → [{ CONV(2, 3, p=1) + ID }]*3",
    "gate": "CONV(2, 3) → CONV(2, 3) → { ID ⊙ GAP → CONV(2, 1) }",
}


@pytest.mark.parametrize("name", LINES)
def test_the_field_is_what_has_a_gradient(name: str) -> None:
    text = f"default CONV(bias = no)\nINPUT(1@96) → {LINES[name]}"
    report = check(text)
    sights = receptive_field(report.networks[0])
    assert sights is not None
    model = module(Source("net.cnn", text)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(0.5, 1.0)
    if name == "gate":
        gates = next(m for m in model.modules() if type(m).__name__ == "AdaptiveAvgPool1d")
        gates.register_forward_hook(lambda _module, _inputs, output: output.detach())
    x = torch.ones(1, 1, 96, dtype=torch.float64, requires_grad=True)
    y = model(x).sum(dim=1)[0]
    seen = []
    for unit in range(len(y) // 3, 2 * len(y) // 3 + 1):
        (gradient,) = torch.autograd.grad(y[unit], x, retain_graph=True)
        pixels = gradient[0, 0].nonzero().flatten().tolist()
        left, right = sights[0].left(unit), sights[0].right(unit)
        assert not pixels or (left <= pixels[0] and pixels[-1] <= right)
        seen.append(pixels[-1] - pixels[0] + 1 if pixels else 0)
    assert max(seen) == sights[0].size
