"""The number of parameters that a docstring of an emitted file states is that of the module it builds."""

from __future__ import annotations

import re

import pytest
import torch
from emit_specs import NAMES, report_of

from cnndsl.emit.options import Options, Style
from cnndsl.emit.torch import emit_torch
from cnndsl.torch import loaded


@pytest.mark.parametrize("style", ["modules", "flat"])
@pytest.mark.parametrize("name", NAMES)
def test_docstrings_state_the_parameters_of_the_module(name: str, style: Style) -> None:
    report = report_of(name)
    del report.networks[1:]  # the first variant: the others are summed up in the same way
    network = report.networks[0]
    emitted = emit_torch(report, Options(style=style))
    with torch.device("meta"):
        model = eval(emitted.calls[network.name], vars(loaded(emitted.text)))  # noqa: S307
    stated = re.search(rf'"""{re.escape(network.name)}: .*, ([\d ]+) parameters\b', emitted.text)
    assert stated is not None, emitted.text
    assert int(stated[1].replace(" ", "")) == sum(p.numel() for p in model.parameters())
