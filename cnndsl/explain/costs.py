"""What a layer costs, worked: weights, biases, neurons, multiply-accumulates, operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnndsl.explain.formula import Fact, fact
from cnndsl.explain.kinds import ROWS
from cnndsl.explain.letters import arriving, leaving, values
from cnndsl.layers import FC, Conv, Dropout, Layer, TConv
from cnndsl.layers.noise import Noise
from cnndsl.network import Totals
from cnndsl.shape import Shape

#: What counts as what: papers differ, and call MACs FLOPs.
FLOPS = "a MAC is one multiplication and one addition, hence the 2; many papers call MACs FLOPs"


def costs(layer: Layer, x: Shape, y: Shape) -> list[Fact]:
    """The counts of a layer, each with its formula."""
    letters = _letters(layer, x, y)
    facts = [*_parameters(layer, x, letters), *_work(layer, x, y, letters)]
    if isinstance(layer, Noise):
        facts.append(Fact("operations", text="0", notes=(ROWS[layer.kind].each,)))
    return [*facts, *_switched_off(layer, x)]


def _letters(layer: Layer, x: Shape, y: Shape) -> dict[str, Any]:
    found = values(layer, x, y)
    return found | {"n": layer.features(x)} if isinstance(layer, FC) else found


def _parameters(layer: Layer, x: Shape, letters: dict[str, Any]) -> Iterator[Fact]:
    row, weights, biases = ROWS[layer.kind], layer.weights(x), layer.biases(x)
    if template := row.weights(layer):
        yield fact("weights", template, letters, weights, _spans(layer, x))
    if template := row.biases(layer):
        yield fact("biases", template, letters, biases)
    if weights and biases:
        own = {"weights": weights, "biases": biases}
        yield fact("parameters", "weights + biases", own, weights + biases)
    if not weights and not biases:
        yield Fact("parameters", text="none: there is nothing to learn")


def _spans(layer: Layer, x: Shape) -> str:
    """How the weights are shared out."""
    match layer:
        case Conv() if layer.groups > 1:
            return f"each filter spans {_all(x.channels // layer.groups)} of its group"
        case Conv():
            return f"each filter spans {_all(x.channels)}"
        case TConv():
            fed = _all(layer.filters // layer.groups)
            return f"each arriving channel has weights for {fed} of the output"
        case FC():
            return "each output has a weight for each input"
    return ""


def _all(channels: int) -> str:
    return "the one channel" if channels == 1 else f"all {channels} channels"


def _work(layer: Layer, x: Shape, y: Shape, letters: dict[str, Any]) -> Iterator[Fact]:
    row, macs, operations = ROWS[layer.kind], layer.macs(x, y), layer.operations(x, y)
    if layer.learnt:
        yield fact("neurons", _neurons(layer, y), letters, layer.neurons(y))
    if template := row.macs(layer):
        yield fact("MACs", template, letters, macs, _each_mac(layer))
    if template := row.operations(layer):
        yield fact("operations", template, letters, operations, row.each)
    if row.macs(layer):
        own = {"MACs": macs, "operations": operations}
        template = "2·MACs + operations" if row.operations(layer) else "2·MACs"
        yield fact("FLOPs", template, own, Totals(macs=macs, operations=operations).flops, FLOPS)


def _neurons(layer: Layer, y: Shape) -> str:
    flat = isinstance(layer, FC) and not y.rank
    return "m" if flat else leaving(y.rank)


def _each_mac(layer: Layer) -> str:
    if isinstance(layer, TConv):
        return "each arriving value is multiplied by every weight that spreads it"
    return "each neuron multiplies every value that it reads by a weight, and adds it up"


def _switched_off(layer: Layer, x: Shape) -> Iterator[Fact]:
    """DROPOUT in the lecture's words: of 100 neurons, 20 are off on average."""
    if isinstance(layer, Dropout) and type(x.numel) is int:
        own = {"p": layer.probability, **values(layer, x, x)}
        off = _plain(layer.probability * x.numel)
        yield fact("off on average", f"p·{arriving(x.rank)}", own, off)


def _plain(value: float) -> int | float:
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded
