"""Weights of random networks: those of the oracle's own layers, loaded into the emitted module.

The oracle (tests/oracle) builds each layer when a tensor reaches it and never sees cnndsl. Kept and run
again, its layers are a reference: one flat list, in the order in which they ran. What is loaded makes
both compute the same on other inputs; and hardly any network is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from emit_help import input_sizes
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle import layers
from oracle.run import Machine, Scope, _starts_alone, run
from oracle.strategies import networks
from torch import Tensor, nn

from cnndsl.api import check
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.torch import emit_torch
from cnndsl.source import Source
from cnndsl.torch import StateError, load_state, loaded
from cnndsl.torch.match import same_outputs

if TYPE_CHECKING:
    from oracle.tree import Layer, Net

    from cnndsl.network import Network

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")

EVERY = settings(
    database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


class Fed(Machine):
    """The oracle's walk on inputs that are given: the main one first, then those of `let`."""

    def __init__(self, net: Net, inputs: tuple[Tensor, ...]) -> None:
        super().__init__()
        alone = [let.chain for let in net.lets if _starts_alone(let.chain)]
        self.inputs = dict(zip((id(chain.steps[0]) for chain in (net.main, *alone)), inputs, strict=True))

    def outputs(self, net: Net) -> list[Tensor]:
        scope = self.declare(net)
        for let in net.lets:
            if _starts_alone(let.chain):
                self._part(let.name, let.chain, scope)
        main = self.chain(net.main, None, scope)
        for let in net.lets:
            if not _starts_alone(let.chain):
                self._part(let.name, let.chain, scope)
        return [main, *(scope.taps[let.name, None] for let in net.lets if let.word == "output")]

    def _input(self, layer: Layer, _scope: Scope) -> Tensor:
        return self.inputs[id(layer)]


class Reference(nn.Module):
    """The walk as a module: the layers that it builds at first it uses from then on."""

    def __init__(self, net: Net, *inputs: Tensor) -> None:
        super().__init__()
        self.net = net
        self.layers = nn.ModuleList()
        self.made = False
        self.eval()(*inputs)
        self.made = True

    def forward(self, *inputs: Tensor) -> list[Tensor]:
        kept = iter(list(self.layers))

        def again(built: nn.Module, x: Tensor) -> layers.Outcome:
            module = next(kept) if self.made else built.to(x.dtype).eval()
            if not self.made:
                self.layers.append(module)
            return layers.Outcome(module(x))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(layers, "_run", again)
            patch.setitem(layers._APPLY, "DROPPATH", lambda x, _: layers.Outcome(x))  # it always trains
            return Fed(self.net, inputs).outputs(self.net)


def loads(net: Net) -> None:
    """Load, and compare on another input; only what is no number can be refused."""
    if not run(net).ok:
        return
    text = Source("net.cnn", net.text())
    free = [f"{f.name}={'yes' if f.value is True else f.value}" for f in check(text).networks[0].free]
    report = check(text, settings=", ".join(free))
    try:
        emitted = emit_torch(report)
    except Located:
        return
    network = report.networks[0]
    ours: nn.Module = eval(emitted.calls[network.name], vars(loaded(emitted.text))).double()  # noqa: S307
    sample, other = inputs(network), inputs(network)
    reference = Reference(net, *sample)
    shake(reference)
    try:
        load_state(ours, reference, sample)
    except StateError as error:
        if all(bool(torch.isfinite(y).all()) for y in reference(*sample)):
            raise AssertionError(f"{net.text()}\n{emitted.text}") from error
        return
    with torch.no_grad():
        wanted = reference(*other)
        got = ours.eval()(*other)
    got = list(got) if isinstance(got, tuple) else [got]
    assert same_outputs(got, wanted, 1e-9) is not None, f"{net.text()}\n{emitted.text}"


def inputs(network: Network) -> tuple[Tensor, ...]:
    return tuple(torch.randn(2, *shape, dtype=torch.float64) for shape in input_sizes(network))


def shake(reference: nn.Module) -> None:
    """Weights as after a training."""
    for tensor in reference.state_dict().values():
        if tensor.is_floating_point():
            tensor.add_(torch.rand_like(tensor) * 0.1)


@seed(1998)
@settings(EVERY, max_examples=250)
@given(networks())
def test_random_networks(net: Net) -> None:
    torch.manual_seed(0)
    loads(net)


@pytest.mark.long
@seed(2012)
@settings(EVERY, max_examples=10_000)
@given(networks())
def test_many_random_networks(net: Net) -> None:
    torch.manual_seed(0)
    loads(net)
