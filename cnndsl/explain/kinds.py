"""What only a kind can know of itself: how it computes, and its costs in letters. A row a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cnndsl.explain import sizes
from cnndsl.explain.formula import Fact
from cnndsl.explain.letters import AXES, arriving, leaving, product, window
from cnndsl.layers import Layer
from cnndsl.shape import Shape

Sizes = Callable[[Any, Shape, Shape], list[Fact]]
#: A formula in letters, by the layer; "" where the count is 0.
Letters = Callable[[Any], str]


def _none(layer: Layer) -> str:
    return ""


def _one_each(layer: Layer) -> str:
    return arriving(layer.rank)


#: What a pool's operation gives.
OPS = {"max": "largest", "min": "smallest", "avg": "mean"}


class Kind(NamedTuple):
    """`rule`: how an output value is computed. The others: formulas, and what an operation is."""

    rule: str
    sizes: Sizes = sizes.kept
    weights: Letters = _none
    biases: Letters = _none
    macs: Letters = _none
    operations: Letters = _none
    each: str = ""


# ---- learnt layers


def _inputs_of_a_group(layer: Any) -> str:
    return "C" if layer.groups == 1 else "(C/g)"


def _outputs_of_a_group(layer: Any) -> str:
    return "D" if layer.groups == 1 else "(D/g)"


def _conv_weights(layer: Any) -> str:
    return product(("D", window(layer.rank), _inputs_of_a_group(layer)))


def _conv_macs(layer: Any) -> str:
    return product((leaving(layer.rank), window(layer.rank), _inputs_of_a_group(layer)))


def _tconv_weights(layer: Any) -> str:
    return product((_outputs_of_a_group(layer), window(layer.rank), "C"))


def _tconv_macs(layer: Any) -> str:
    return product((arriving(layer.rank), window(layer.rank), _outputs_of_a_group(layer)))


def _filters(layer: Any) -> str:
    return "D" if layer.bias else ""


def _bias_additions(layer: Any) -> str:
    return leaving(layer.rank) if layer.bias else ""


def _flat(layer: Any) -> bool:
    return bool(layer.flatten or not layer.rank)


def _fc_macs(layer: Any) -> str:
    return "m·n" if _flat(layer) else product((leaving(layer.rank), "n"))


def _fc_additions(layer: Any) -> str:
    if not layer.bias:
        return ""
    return "m" if _flat(layer) else leaving(layer.rank)


# ---- the others


def _under_windows(layer: Any) -> str:
    return product((leaving(layer.rank, "C"), window(layer.rank)))


def _parted(layer: Any) -> str:
    """Over all m windows of one axis n + m − gcd(n, m) values: they overlap where m does not divide n."""
    axes = [f"({axis.map} + {axis.after} − gcd({axis.map}, {axis.after}))" for axis in AXES[layer.rank]]
    return product(("C", *axes))


def _neighbours(layer: Any) -> str:
    if layer.mode == "nearest":
        return ""
    return product((leaving(layer.rank, "C"), *("k",) * layer.rank))


def _channels(layer: Any) -> str:
    return "C"


def _affine(layer: Any) -> str:
    return "C" if layer.affine else ""


def _slopes(layer: Any) -> str:
    return "C" if layer.per_channel else "1"


def _times(factor: str) -> Letters:
    return lambda layer: product((factor, arriving(layer.rank)))


def _activation(rule: str) -> Kind:
    return Kind(rule, operations=_one_each, each="one for each value")


def _norm(rule: str, factor: str, each: str) -> Kind:
    return Kind(rule, weights=_affine, biases=_affine, operations=_times(factor), each=each)


_NORMAL = "(value − mean)/√(variance + eps)"
_RUNNING = "scale and shift; the statistics are kept from training"
_FRESH = "mean, variance, scale and shift"
_IN_TRAINING = "works in training only, so it costs nothing once trained"

ROWS: dict[str, Kind] = {
    "INPUT": Kind("the values as they come", sizes.arrived),
    "CONV": Kind(
        "the sum of all values under the window in all channels, each times its weight, plus the bias",
        sizes.windows,
        _conv_weights,
        _filters,
        _conv_macs,
        _bias_additions,
        "an addition of the bias for each neuron",
    ),
    "TCONV": Kind(
        "each value that arrives, times the filter's weights, is added to a window of the output",
        sizes.transposed,
        _tconv_weights,
        _filters,
        _tconv_macs,
        _bias_additions,
        "an addition of the bias for each neuron",
    ),
    "FC": Kind(
        "the sum of all n inputs, each times its weight, plus the bias",
        sizes.connected,
        lambda layer: "m·n",
        lambda layer: "m" if layer.bias else "",
        _fc_macs,
        _fc_additions,
        "an addition of the bias for each neuron",
    ),
    # pools
    "POOL": Kind(
        "the {op} value under the window",
        sizes.windows,
        operations=_under_windows,
        each="a comparison or addition for each value under each window",
    ),
    "GPOOL": Kind(
        "the {op} value of the channel",
        sizes.whole_map,
        operations=_one_each,
        each="a comparison or addition for each value",
    ),
    "GAP": Kind(
        "the mean of the channel", sizes.whole_map, operations=_one_each, each="an addition for each value"
    ),
    "APOOL": Kind(
        "the {op} value under window i, which reads from pixel ⌊i·W/W′⌋ up to pixel ⌈(i + 1)·W/W′⌉ − 1",
        sizes.adaptive,
        operations=_parted,
        each="a comparison or addition for each value under each window",
    ),
    # activations
    "ReLU": _activation("max(0, x)"),
    "LEAKY": _activation("x, and slope·x below 0"),
    "PRELU": _activation("x, and slope·x below 0; training finds the slope")._replace(weights=_slopes),
    "ELU": _activation("x, and α·(exp(x) − 1) below 0"),
    "CELU": _activation("x, and α·(exp(x/α) − 1) below 0"),
    "SELU": _activation("1.0507·x, and 1.0507·1.6733·(exp(x) − 1) below 0"),
    "GELU": _activation("x·Φ(x), Φ being the normal distribution function"),
    "SILU": _activation("x/(1 + exp(−x))"),
    "MISH": _activation("x·tanh(log(1 + exp(x)))"),
    "RELU6": _activation("min(max(0, x), 6)"),
    "HSWISH": _activation("x·min(max(0, x + 3), 6)/6"),
    "HSIGMOID": _activation("min(max(0, x + 3), 6)/6"),
    "SIGMOID": _activation("1/(1 + exp(−x))"),
    "TANH": _activation("(exp(x) − exp(−x))/(exp(x) + exp(−x))"),
    "SOFTPLUS": _activation("log(1 + exp(x))"),
    "SOFTMAX": _activation("exp(x) divided by the sum of exp over all channels: they add up to 1"),
    "LOGSOFTMAX": _activation("x − log of the sum of exp over all channels"),
    # normalisations
    "BN": _norm(f"{_NORMAL}·weight + bias, over the batch and the map, channel by channel", "2", _RUNNING),
    "GN": _norm(f"{_NORMAL}·weight + bias, over the map and a group of C/g channels", "4", _FRESH),
    "LN": _norm(f"{_NORMAL}·weight + bias, over the channels at each position", "4", _FRESH),
    "INORM": _norm(f"{_NORMAL}, over the map, channel by channel", "4", _FRESH),
    "LRN": Kind(
        "x/(k + α·(mean of the squares of the channels around))^β",
        operations=_times("(k + 2)"),
        each="a square, a sum over k channels, a power and a division for each value",
    ),
    # regularisation
    "DROPOUT": Kind("0 with the probability given, else x/(1 − probability)", each=_IN_TRAINING),
    "DROP2D": Kind("whole channels are 0 with the probability given", each=_IN_TRAINING),
    "DROPPATH": Kind("the whole branch is 0 with the probability given", each=_IN_TRAINING),
    # shape
    "FLATTEN": Kind("the same values as a vector, channel by channel, row by row", sizes.flattened),
    "RESHAPE": Kind("the same values in the same order as another map", sizes.reshaped),
    "PERMUTE": Kind("the same values with their axes in another order", sizes.permuted),
    "SHUFFLE": Kind("one channel of each group in turn", sizes.shuffled),
    "PIXELSHUFFLE": Kind("f² channels give the pixels of f×f squares", sizes.pixel_shuffled),
    "UPSAMPLE": Kind(
        "each value f times, or a mean of its neighbours",
        sizes.upsampled,
        operations=_neighbours,
        each="a weighted sum of the neighbours, k along each axis",
    ),
    "PAD": Kind("the map with a border around it", sizes.padded),
    "CROP": Kind("the map without its border", sizes.cropped),
    "SLICE": Kind("some of the channels", sizes.sliced),
    # other
    "ID": Kind("x, as it came"),
    "SCALE": _activation("x times its channel's factor")._replace(weights=_channels),
}


def rule(layer: Layer) -> str:
    """How the layer computes an output value."""
    return ROWS[layer.kind].rule.format(op=OPS.get(getattr(layer, "op", ""), ""))
