"""Random networks in the language, held against PyTorch twice.

For each network of `oracle` (a generator with a reference of its own, which never sees cnndsl):

- cnndsl accepts it exactly if the reference runs it on the CPU with a batch of 2, save the
  deliberate exceptions that `oracle.run.DELIBERATE` lists with their reasons;
- the table's rows are the reference's, layer by layer: kind, output shape, weights, biases;
- the emitted module has these layers too, in this order, and these parameters.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle.run import run
from oracle.strategies import networks
from plain_steps import PlainSteps

from cnndsl.analysis.rows import Row, rows
from cnndsl.api import Report, check
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.torch import emit_torch
from cnndsl.emit.torch_helpers import HELPERS
from cnndsl.source import Source
from cnndsl.torch import loaded

if TYPE_CHECKING:
    from oracle.tree import Net
    from torch import Tensor, nn

    from cnndsl.shape import Shape

#: Joins are rows of the reference alone; INPUT and its kin are compared by what follows them.
JOINS = {"|", "+", "⊙"}
#: Rows that need no module: a flatten may also stand before a loop, where vectors pass unchanged.
MODULELESS = {"INPUT", "ID", "FLATTEN"}

#: PyTorch says so once a process, where `same` needs one more pixel on one side.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")

EVERY = settings(
    database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@seed(1998)
@settings(EVERY, max_examples=1_000)
@given(networks())
def test_random_networks(net: Net) -> None:
    compare(net)


@pytest.mark.long
@seed(2012)
@settings(EVERY, max_examples=20_000)
@given(networks())
def test_many_random_networks(net: Net) -> None:
    compare(net)


def compare(net: Net) -> None:
    text = net.text()
    trace = run(net)
    report = check(Source("net.cnn", text))
    found = [f"{d.code}: {d.message}" for d in report.diagnostics]
    assert report.ok == trace.ok, f"cnndsl says {found or 'ok'}, PyTorch {trace.failure or 'ok'}\n{text}"
    if not report.ok:
        return
    expected = [(row.kind.upper(), *row[1:]) for row in trace.rows if row.kind not in JOINS]
    table = [row for row in rows(report.networks[0], expand=True) if row.chain.kind == "main"]
    assert [as_row(row) for row in table] == expected, text
    compare_module(report, text)


def as_row(row: Row) -> tuple[str, tuple[int, ...], int, int]:
    return row.kind.upper(), shape(row.output), row.totals.weights, row.totals.biases


def shape(of: Shape | None) -> tuple[int, ...]:
    assert of is not None
    return (of.channels, *of.extents)


# ---- the emitted module


def compare_module(report: Report, text: str) -> None:
    """Run the emitted module on the meta device and compare its layers with the table."""
    network = report.networks[0]
    free = ", ".join(f"{f.name}={'yes' if f.value is True else f.value}" for f in network.free)
    try:
        emitted = emit_torch(check(Source("net.cnn", text), settings=free))
    except Located as error:
        if "average pools cannot pad" not in error.diagnostic.message:
            raise
        return
    with torch.device("meta"):
        model: nn.Module = eval(emitted.calls[network.name], loaded(emitted.text).__dict__)  # noqa: S307
        inputs = [torch.empty(2, *shape(size)) for size in input_shapes(report)]
    ran, outputs = run_hooked(model, inputs)
    chains = [c.node.output for c in network.chains if c.kind == "output"]
    assert [tuple(y.shape[1:]) for y in outputs] == [shape(s) for s in (network.output, *chains)], text
    assert sum(p.numel() for p in model.parameters()) == network.all_totals.params, text
    table = [row for row in rows(network, expand=True) if needs_module(row)]
    wanted = [(shape(row.output), row.totals.params) for row in table]
    if not has_paths(text):
        assert in_order(wanted, ran), f"{text}\n{emitted.text}"
    else:  # paths may run in any order
        assert not Counter(wanted) - Counter(ran), f"{text}\n{emitted.text}"
        assert Counter(w for w in wanted if w[1]) == Counter(r for r in ran if r[1]), (
            f"{text}\n{emitted.text}"
        )


def needs_module(row: Row) -> bool:
    """Whether a row must show in the module: a RESHAPE or PERMUTE that changes nothing need not."""
    same = row.kind in {"RESHAPE", "PERMUTE"} and row.input == row.output
    return row.kind not in MODULELESS and not same


def has_paths(text: str) -> bool:
    """Whether a network has parallel paths or several chains (a domain's braces count as well)."""
    return any(sign in text for sign in ("{", "let ", "output "))


def input_shapes(report: Report) -> list[Shape]:
    """The shapes of the inputs, in the order of `forward`: the main one first."""
    network = report.networks[0]
    found = {row.chain.name: row.output for row in rows(network) if row.kind == "INPUT"}
    return [size for name in sorted(found, key=lambda name: name != "") if (size := found[name])]


def run_hooked(
    model: nn.Module, inputs: list[Tensor]
) -> tuple[list[tuple[tuple[int, ...], int]], tuple[Tensor, ...]]:
    """What each module without modules in it put out, with its parameter count, in running order."""
    ran: list[tuple[tuple[int, ...], int]] = []

    def hook(module: nn.Module, _inputs: Any, output: Tensor) -> None:
        ran.append((tuple(output.shape[1:]), sum(p.numel() for p in module.parameters())))

    inside_helpers = {
        inner
        for m in model.modules()
        if type(m).__name__ in HELPERS
        for inner in m.modules()
        if inner is not m
    }
    for module in model.modules():
        leaf = not any(True for _ in module.children()) or type(module).__name__ in HELPERS
        if leaf and module not in inside_helpers and type(module).__name__ != "Sequential":
            module.register_forward_hook(hook)
    with PlainSteps(ran):
        outputs = model(*inputs)
    return ran, outputs if isinstance(outputs, tuple) else (outputs,)


def in_order(wanted: list[tuple[tuple[int, ...], int]], ran: list[tuple[tuple[int, ...], int]]) -> bool:
    """Whether the modules are the table's layers; between them only paddings and flattens may stand."""
    waiting = iter(ran)
    for row in wanted:
        for module in waiting:
            if module == row:
                break
            if module[1]:
                return False
        else:
            return False
    return not any(parameters for _, parameters in waiting)
