"""Emitted modules compute what torchvision's compute: outputs, gradients, and what norms keep in training.

torchvision's random weights are loaded into the emitted module with `load_state`. Then, in double
precision, on an input as small as the networks take it:

- in evaluation the outputs are torchvision's;
- in training, nothing dropped, so are the outputs, the gradients of the input and of each pair of
  parameters, and afterwards the running statistics.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple, cast

import pytest
import torch
from torch import Tensor, nn
from torchvision_models import build
from zoo import ZOO, Entry, truth

from cnndsl.api import check, read_source
from cnndsl.source import Source
from cnndsl.torch import Loaded, load_state, module
from cnndsl.torch.watch import tensors_in

#: Relative to the largest value of each tensor.
TOLERANCE = 1e-5

#: Sides of an input; a network is built for the first that leaves its parameters as they are.
SIDES = (64, 80, 96, 128, 160, 224, 299)

#: One of each family, a small one.
FAMILIES = [
    "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet_aux_train",
    "inception_v3_noaux", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf",
    "regnet_y_400mf", "resnet18", "resnext50_32x4d", "shufflenet_v2_x0_5", "squeezenet1_1", "wide_resnet50_2",
]  # fmt: skip


def source_of(entry: Entry) -> Source:
    """The spec without what it expects, on its own input; where torchvision has no heads, without them."""
    source = read_source(entry.spec)
    gone = ("expect", "output") if entry.beside == "none" else ("expect",)
    return Source(source.name, "\n".join(one for one in source.text.splitlines() if not one.startswith(gone)))


def side_for(source: Source, variant: str | None, params: int) -> int:
    """The first side on which the network has these parameters: a Linear may depend on it."""
    for side in SIDES:
        report = check(source, variants=[variant] if variant else [], input=f"3@{side}x{side}")
        if report.ok and report.networks[0].all_totals.params == params:
            return side
    raise AssertionError(f"{source.name} has {params} parameters on none of {SIDES}")


class Twins(NamedTuple):
    """torchvision's network and ours, with its weights."""

    theirs: nn.Module
    ours: nn.Module
    loaded: Loaded
    x: Tensor


def twins(source: Source, variant: str | None, theirs: nn.Module) -> Twins:
    side = side_for(source, variant, sum(one.numel() for one in theirs.parameters()))
    options: dict[str, Any] = {"variant": variant} if variant else {}
    ours = module(source, input=f"3@{side}x{side}", **options)
    x = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    loaded = load_state(ours, theirs, x[:1])
    pair = Twins(theirs.double(), ours.double(), loaded, x)
    for mine, their, name in parameters(pair):
        same(mine, their.reshape(mine.shape), name)
        mine.data = their.data.reshape(mine.shape)  # the largest would not fit into memory twice
    return pair


def parameters(pair: Twins) -> Iterator[tuple[nn.Parameter, nn.Parameter, str]]:
    """Those of ours and of theirs that are paired."""
    ours = dict(pair.ours.named_parameters())
    for one in pair.loaded.pairs:
        if one.ours in ours:
            yield pair.ours.get_parameter(one.ours), pair.theirs.get_parameter(one.theirs), one.ours


def same(ours: Tensor, theirs: Tensor, what: str) -> None:
    assert ours.shape == theirs.shape, what
    ours, theirs = ours.detach(), theirs.detach()
    largest, apart = float(theirs.abs().max()), float((ours - theirs).abs().max())
    assert apart <= TOLERANCE * largest, f"{what}: {apart} of {largest}"


def compare(name: str) -> None:
    entry = ZOO[name]
    compare_twins(twins(source_of(entry), entry.variant, build(truth()[name]["builder"])))


def compare_twins(pair: Twins) -> None:
    same_in_evaluation(pair)
    same_in_training(pair)


def same_in_evaluation(pair: Twins) -> None:
    with torch.no_grad():
        wanted, got = (list(tensors_in(one.eval()(pair.x))) for one in (pair.theirs, pair.ours))
    same(got[0], wanted[0], "the output")


def same_in_training(pair: Twins) -> None:
    wanted, their_gradient = trained(pair.theirs, pair.x, range(len(pair.loaded.outputs)))
    compared: list[str] = []
    for mine, their, name in parameters(pair):
        hook: Any = mine.register_post_accumulate_grad_hook
        hook(partial(same_gradient, their, name, compared))
    got, gradient = trained(pair.ours, pair.x, pair.loaded.outputs)
    for number, (y, other) in enumerate(zip(got, wanted, strict=True)):
        same(y, other, f"output {number}")
    same(gradient, their_gradient, "the gradient of the input")
    assert sorted(compared) == sorted(name for name, _ in pair.ours.named_parameters())
    same_statistics(pair)


def same_gradient(their: nn.Parameter, name: str, compared: list[str], mine: Tensor) -> None:
    """Compare and forget gradients as they come."""
    assert mine.grad is not None
    assert their.grad is not None
    same(mine.grad, their.grad.reshape(mine.shape), f"the gradient of {name}")
    mine.grad = their.grad = None
    compared.append(name)


def same_statistics(pair: Twins) -> None:
    buffers = dict(pair.ours.named_buffers())
    assert {one.ours for one in pair.loaded.pairs} == set(pair.ours.state_dict())
    for one in pair.loaded.pairs:
        if one.ours in buffers:
            same(buffers[one.ours], pair.theirs.get_buffer(one.theirs), one.ours)


def trained(network: nn.Module, x: Tensor, order: range | tuple[int, ...]) -> tuple[list[Tensor], Tensor]:
    """The outputs, in the order of torchvision's, and the gradient of the input, nothing dropped."""
    for part in network.modules():
        if isinstance(getattr(part, "p", None), float):
            vars(part)["p"] = 0.0
    x = x.clone().requires_grad_()
    outputs = dict(sorted(zip(order, tensors_in(network.train()(x)), strict=True)))
    loss = sum((slanted(y) for y in outputs.values()), start=x.new_zeros(()))
    loss.backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    return [*outputs.values()], x.grad


def slanted(y: Tensor) -> Tensor:
    """The outputs summed with weights, so that each has a gradient of its own."""
    return (y * torch.linspace(-1, 1, y.shape[1], dtype=y.dtype)).sum()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_representative_of_each_family(name: str) -> None:
    compare(name)


@pytest.mark.parametrize(("name", "linears"), [("alexnet", (1, 4, 6)), ("vgg11_bn", (0, 3, 6))])
def test_those_of_many_parameters(name: str, linears: tuple[int, ...]) -> None:
    """With 64 for the 4096 neurons of their classifiers, for the sake of time."""
    entry, theirs = ZOO[name], build(truth()[name]["builder"])
    first, second, last = (cast("Any", theirs.get_submodule(f"classifier.{n}")) for n in linears)
    first.weight, first.bias = narrow(first.weight[:64]), narrow(first.bias[:64])
    second.weight, second.bias = narrow(second.weight[:64, :64]), narrow(second.bias[:64])
    last.weight = narrow(last.weight[:, :64])
    source = source_of(entry)
    assert "FC(4096)" in source.text
    ours = Source(source.name, source.text.replace("FC(4096)", "FC(64)"))
    compare_twins(twins(ours, entry.variant, theirs))


@pytest.mark.parametrize("change", ["weight", "gradient"])
def test_a_difference_is_noticed(change: str) -> None:
    entry, theirs = ZOO["squeezenet1_1"], build(truth()["squeezenet1_1"]["builder"])
    pair = twins(source_of(entry), entry.variant, theirs)
    first = next(part for part in pair.ours.modules() if isinstance(part, nn.Conv2d))
    if change == "weight":
        first.weight.data = first.weight * (1 + 1e-4)
    else:
        first.register_full_backward_hook(doubled)
    what = "the output" if change == "weight" else "the gradient of the input"
    with pytest.raises(AssertionError, match=what):
        compare_twins(pair)


def doubled(_part: nn.Module, gradients: Any, _outputs: Any) -> Any:
    return tuple(2 * one for one in gradients)


def narrow(weights: Any) -> nn.Parameter:
    return nn.Parameter(weights.detach().clone())


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in ZOO if name not in FAMILIES])
def test_all_others(name: str) -> None:
    compare(name)
