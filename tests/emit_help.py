"""Runs emitted modules beside the table that they should agree with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import torch
from plain_steps import PlainSteps

from cnndsl.analysis.rows import rows
from cnndsl.api import Report, check
from cnndsl.emit.file import Emitted
from cnndsl.emit.torch import emit_torch
from cnndsl.emit.torch_helpers import HELPERS
from cnndsl.source import Source
from cnndsl.torch import loaded

if TYPE_CHECKING:
    from torch import Tensor, nn

    from cnndsl.network import Network
    from cnndsl.shape import Shape

#: What a module put out, and its parameters.
Ran = tuple[tuple[int, ...], int]


def checked(text: str | Source, **options: Any) -> Report:
    report = check(text if isinstance(text, Source) else Source("net.cnn", text), **options)
    assert report.ok, [f"{found.code}: {found.message}" for found in report.diagnostics]
    return report


def agreeing(text: str | Source, **options: Any) -> Emitted:
    """The generated file of a text, after each of its networks has been run beside its table."""
    report = checked(text, **options)
    emitted = emit_torch(report)
    for network in report.networks:
        assert_agrees(emitted.calls[network.name], emitted, network)
    return emitted


def assert_agrees(call: str, emitted: Emitted, network: Network) -> None:
    """The module that `call` builds has the network's outputs, parameters and learnt layers."""
    model, ran, outputs = run(call, emitted, network)
    others = [chain.node.output for chain in network.chains if chain.kind == "output"]
    assert [tuple(y.shape[1:]) for y in outputs] == [sizes(y) for y in (network.output, *others)]
    assert sum(p.numel() for p in model.parameters()) == network.all_totals.params
    table = Counter((sizes(row.output), row.totals.params) for row in rows(network, expand=True))
    assert not counted(table) - Counter(ran), emitted.text
    assert {key: n for key, n in counted(table).items() if key[1]} == Counter(r for r in ran if r[1]), (
        emitted.text
    )


def counted(table: Counter[Ran]) -> Counter[Ran]:
    return Counter({key: number for key, number in table.items() if key[1]})


def run(call: str, emitted: Emitted, network: Network) -> tuple[nn.Module, list[Ran], tuple[Tensor, ...]]:
    """A batch of 2 through the module on the meta device: the module, what its layers did, its outputs."""
    with torch.device("meta"):
        model: nn.Module = eval(call, vars(loaded(emitted.text)))  # noqa: S307
        inputs = [torch.empty(2, *shape) for shape in input_sizes(network)]
    ran: list[Ran] = []

    def hook(module: nn.Module, _inputs: Any, output: Tensor) -> None:
        ran.append((tuple(output.shape[1:]), sum(p.numel() for p in module.parameters())))

    for module in model.modules():
        if type(module).__name__ in HELPERS or not any(True for _ in module.children()):
            module.register_forward_hook(hook)
    with PlainSteps(ran):
        outputs = model(*inputs)
    return model, ran, outputs if isinstance(outputs, tuple) else (outputs,)


def input_sizes(network: Network) -> list[tuple[int, ...]]:
    """The shapes of the inputs in the order of `forward`: the main one, then as the file has them."""
    found = {row.chain.name: sizes(row.output) for row in rows(network) if row.kind == "INPUT"}
    main = next(row for row in rows(network) if row.kind == "INPUT" and row.chain.kind == "main")
    others = [name for name in network.program.lets if name in found]
    return [sizes(main.output), *(found[name] for name in others)]


def sizes(of: Shape | None) -> tuple[int, ...]:
    assert of is not None
    return (of.channels, *of.extents)
