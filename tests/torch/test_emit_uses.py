"""Emitted modules under PyTorch's tools: traced, compiled, exported, copied and pickled they do the same."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import torch
from emit_help import input_sizes
from emit_specs import SLIDE
from torch import Tensor, nn

from cnndsl.api import check, read_source, shipped
from cnndsl.emit.torch import emit_torch
from cnndsl.torch import loaded

NAMES = sorted(name for name in shipped().keys() - {SLIDE} if not name.startswith("pattern"))
#: One of each sort, for the tools that take their time.
FEW = ["resnet", "shufflenet_v2", "convnext", "mobilenet_v2", "squeezenet", "googlenet"]
#: Inputs to try, the smallest first: networks that flatten take but one.
INPUTS = ("3@64x64", "3@96x96", "")

TOOLS: dict[str, Callable[[nn.Module, list[Tensor]], Any]] = {
    "symbolic_trace": lambda net, inputs: torch.fx.symbolic_trace(net)(*inputs),
    "compile": lambda net, inputs: torch.compile(net, fullgraph=True, backend="eager")(*inputs),
    "export": lambda net, inputs: torch.export.export(net, tuple(inputs)).module()(*inputs),
    "deepcopy": lambda net, inputs: copy.deepcopy(net)(*inputs),
    "pickle": lambda net, inputs: pickle.loads(pickle.dumps(net))(*inputs),  # noqa: S301
}
QUICK = ("symbolic_trace", "deepcopy", "pickle")


@cache
def network(name: str) -> tuple[nn.Module, list[Tensor]]:
    """The first network of a spec, on a small input, and one such input."""
    source = read_source(name)
    first = list(check(source).program.variants)[:1]  # type: ignore[union-attr]
    reports = (check(source, variants=first, input=size) for size in INPUTS)
    report = next(report for report in reports if report.ok)
    emitted = emit_torch(report)
    net: nn.Module = eval(  # noqa: S307
        emitted.calls[report.networks[0].name], vars(loaded(emitted.text))
    )
    torch.manual_seed(0)
    return net.eval(), [torch.randn(2, *size) for size in input_sizes(report.networks[0])]


def tensors(outputs: Any) -> list[Tensor]:
    return [*outputs] if isinstance(outputs, tuple) else [outputs]


@pytest.mark.parametrize("tool", QUICK)
@pytest.mark.parametrize("name", FEW)
def test_traced_and_copied(name: str, tool: str) -> None:
    compare(name, tool)


@pytest.mark.parametrize("tool", ["compile", "export"])
@pytest.mark.parametrize("name", ["resnet", "shufflenet_v2"])
def test_compiled_and_exported(name: str, tool: str) -> None:
    compare(name, tool)


@pytest.mark.long
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", NAMES)
def test_all_tools(name: str, tool: str) -> None:
    compare(name, tool)


def compare(name: str, tool: str) -> None:
    net, inputs = network(name)
    with torch.no_grad():
        wanted, found = tensors(net(*inputs)), tensors(TOOLS[tool](net, inputs))
    torch.compiler.reset()
    assert all(torch.equal(one, other) for one, other in zip(wanted, found, strict=True))


def test_a_state_can_be_pickled() -> None:
    net, inputs = network("squeezenet")
    state = pickle.loads(pickle.dumps(net.state_dict()))  # noqa: S301
    other = copy.deepcopy(net)
    for parameter in other.parameters():
        nn.init.zeros_(parameter)
    other.load_state_dict(state)
    assert torch.equal(other(*inputs), net(*inputs))
