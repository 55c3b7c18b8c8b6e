"""The zoo: which shipped network stands for which of torchvision's, and in what the two differ.

`differences("resnet18")` compares the spec with what was measured on torchvision
(fixtures/torchvision/README.md); [] where all is equal.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cnndsl.analysis.rows import Row, receptive_field, rows
from cnndsl.api import check, read_source
from cnndsl.network import Network

FIXTURES = Path(__file__).parent / "fixtures" / "torchvision"


class Entry(NamedTuple):
    """A spec, its variant, and the outputs beside the main one: not there, built but not run, or run.

    `heads` are the names of those outputs in the spec, and of their modules in torchvision.
    """

    spec: str
    variant: str | None = None
    beside: Literal["none", "idle", "run"] = "none"
    heads: tuple[tuple[str, str], ...] = ()


#: By the name of torchvision's builder; `_aux`, `_train` and `_noaux` as the fixtures name them.
ZOO = {
    "alexnet": Entry("alexnet_torchvision"),
    "convnext_base": Entry("convnext", "ConvNeXtBase"),
    "convnext_large": Entry("convnext", "ConvNeXtLarge"),
    "convnext_small": Entry("convnext", "ConvNeXtSmall"),
    "convnext_tiny": Entry("convnext", "ConvNeXtTiny"),
    "densenet121": Entry("densenet", "DenseNet121"),
    "densenet161": Entry("densenet", "DenseNet161"),
    "densenet169": Entry("densenet", "DenseNet169"),
    "densenet201": Entry("densenet", "DenseNet201"),
    "efficientnet_b0": Entry("efficientnet", "EfficientNetB0"),
    "efficientnet_b1": Entry("efficientnet", "EfficientNetB1"),
    "efficientnet_b2": Entry("efficientnet", "EfficientNetB2"),
    "efficientnet_b3": Entry("efficientnet", "EfficientNetB3"),
    "efficientnet_b4": Entry("efficientnet", "EfficientNetB4"),
    "efficientnet_b5": Entry("efficientnet", "EfficientNetB5"),
    "efficientnet_b6": Entry("efficientnet", "EfficientNetB6"),
    "efficientnet_b7": Entry("efficientnet", "EfficientNetB7"),
    "efficientnet_v2_l": Entry("efficientnet_v2", "EfficientNetV2L"),
    "efficientnet_v2_m": Entry("efficientnet_v2", "EfficientNetV2M"),
    "efficientnet_v2_s": Entry("efficientnet_v2", "EfficientNetV2S"),
    "googlenet": Entry("googlenet_torchvision"),
    "googlenet_aux": Entry("googlenet_torchvision", None, "idle", (("aux1", "aux1"), ("aux2", "aux2"))),
    "googlenet_aux_train": Entry("googlenet_torchvision", None, "run", (("aux1", "aux1"), ("aux2", "aux2"))),
    "inception_v3": Entry("inception_v3", None, "idle", (("aux", "AuxLogits"),)),
    "inception_v3_noaux": Entry("inception_v3"),
    "inception_v3_train": Entry("inception_v3", None, "run", (("aux", "AuxLogits"),)),
    "mnasnet0_5": Entry("mnasnet", "MNASNet0_5"),
    "mnasnet0_75": Entry("mnasnet", "MNASNet0_75"),
    "mnasnet1_0": Entry("mnasnet", "MNASNet1_0"),
    "mnasnet1_3": Entry("mnasnet", "MNASNet1_3"),
    "mobilenet_v2": Entry("mobilenet_v2"),
    "mobilenet_v3_large": Entry("mobilenet_v3", "MobileNetV3Large"),
    "mobilenet_v3_small": Entry("mobilenet_v3", "MobileNetV3Small"),
    "regnet_x_16gf": Entry("regnet", "RegNetX_16GF"),
    "regnet_x_1_6gf": Entry("regnet", "RegNetX_1_6GF"),
    "regnet_x_32gf": Entry("regnet", "RegNetX_32GF"),
    "regnet_x_3_2gf": Entry("regnet", "RegNetX_3_2GF"),
    "regnet_x_400mf": Entry("regnet", "RegNetX_400MF"),
    "regnet_x_800mf": Entry("regnet", "RegNetX_800MF"),
    "regnet_x_8gf": Entry("regnet", "RegNetX_8GF"),
    "regnet_y_128gf": Entry("regnet", "RegNetY_128GF"),
    "regnet_y_16gf": Entry("regnet", "RegNetY_16GF"),
    "regnet_y_1_6gf": Entry("regnet", "RegNetY_1_6GF"),
    "regnet_y_32gf": Entry("regnet", "RegNetY_32GF"),
    "regnet_y_3_2gf": Entry("regnet", "RegNetY_3_2GF"),
    "regnet_y_400mf": Entry("regnet", "RegNetY_400MF"),
    "regnet_y_800mf": Entry("regnet", "RegNetY_800MF"),
    "regnet_y_8gf": Entry("regnet", "RegNetY_8GF"),
    "resnet101": Entry("resnet", "ResNet101"),
    "resnet152": Entry("resnet", "ResNet152"),
    "resnet18": Entry("resnet", "ResNet18"),
    "resnet34": Entry("resnet", "ResNet34"),
    "resnet50": Entry("resnet", "ResNet50"),
    "resnext101_32x8d": Entry("resnext", "ResNeXt101_32x8d"),
    "resnext101_64x4d": Entry("resnext", "ResNeXt101_64x4d"),
    "resnext50_32x4d": Entry("resnext", "ResNeXt50_32x4d"),
    "shufflenet_v2_x0_5": Entry("shufflenet_v2", "ShuffleNetV2_x0_5"),
    "shufflenet_v2_x1_0": Entry("shufflenet_v2", "ShuffleNetV2_x1_0"),
    "shufflenet_v2_x1_5": Entry("shufflenet_v2", "ShuffleNetV2_x1_5"),
    "shufflenet_v2_x2_0": Entry("shufflenet_v2", "ShuffleNetV2_x2_0"),
    "squeezenet1_0": Entry("squeezenet", "SqueezeNet1_0"),
    "squeezenet1_1": Entry("squeezenet", "SqueezeNet1_1"),
    "vgg11": Entry("vgg", "VGG11"),
    "vgg11_bn": Entry("vgg", "VGG11BN"),
    "vgg13": Entry("vgg", "VGG13"),
    "vgg13_bn": Entry("vgg", "VGG13BN"),
    "vgg16": Entry("vgg", "VGG16"),
    "vgg16_bn": Entry("vgg", "VGG16BN"),
    "vgg19": Entry("vgg", "VGG19"),
    "vgg19_bn": Entry("vgg", "VGG19BN"),
    "wide_resnet101_2": Entry("wide_resnet", "WideResNet101_2"),
    "wide_resnet50_2": Entry("wide_resnet", "WideResNet50_2"),
}


class Published(NamedTuple):
    """A network beyond torchvision: the parameters that `source` states, in its own words: `4.2 million`."""

    spec: str
    variant: str | None
    params: str
    source: str


BEYOND = [
    Published("alexnet_groups", None, "60 965 224", "Caffe's bvlc_alexnet; the paper says 60 million"),
    Published("lenet5_1998", None, "60 840", "the paper: 60 000, and 840 fixed ones"),
    Published("zfnet", None, "62 357 608", "imgclsmob, a collection of trained models"),
    Published("nin", None, "966 986", "imgclsmob, a collection of trained models"),
    Published("unet", "UNetValid", "31 030 658", "tf_unet, after the paper's figure"),
    Published("unet", "UNetPadded", "31 030 658", "the same weights"),
    Published(
        "fcn",
        "FCN32s",
        "136 152 917",
        "the authors' prototxt: 134 346 581, and 1 806 336 fixed ones; the paper says 134 million",
    ),
    Published("se_resnet", "SEResNet50", "28 088 024", "imgclsmob, a collection of trained models"),
    Published("se_resnet", "SEResNet101", "49 326 872", "imgclsmob, a collection of trained models"),
    Published("se_resnet", "SEResNet152", "66 821 848", "imgclsmob, a collection of trained models"),
    Published(
        "darknet19",
        None,
        "20 842 376",
        "the paper's table by hand; its 5.58 billion operations are twice our MACs",
    ),
    Published("darknet53", None, "41 609 928", "imgclsmob, a collection of trained models"),
    Published(
        "mobilenet_v1", "MobileNet100", "4 231 976", "Keras; the paper says 4.2 million, and 569 million MACs"
    ),
    Published("mobilenet_v1", "MobileNet75", "2.6 million", "the paper"),
    Published("mobilenet_v1", "MobileNet50", "1.3 million", "the paper"),
    Published("mobilenet_v1", "MobileNet25", "0.5 million", "the paper"),
    Published("dcgan", "GeneratorExample", "3 576 704", "PyTorch's example"),
    Published("r3d", "R3D18", "33 371 472", "torchvision's r3d_18"),
    Published("r3d", "R2Plus1D18", "31 505 325", "torchvision's r2plus1d_18"),
]

#: Kinds by torchvision's classes with parameters.
KINDS = {
    "Conv2d": "CONV",
    "Linear": "FC",
    "BatchNorm2d": "BN",
    "LayerNorm2d": "LN",
    "LayerNorm": "LN",
    "CNBlock": "SCALE",  # ConvNeXt's block owns the layer scale itself
}


@cache
def truth() -> dict[str, Any]:
    return dict(_read("torchvision_truth.json.gz")["models"])


@cache
def fields() -> dict[str, Any]:
    return _read("torchvision_receptive_field.json.gz")


def _read(name: str) -> dict[str, Any]:
    return dict(json.loads(gzip.decompress((FIXTURES / name).read_bytes())))


@cache
def networks(spec: str) -> dict[str | None, Network]:
    """The networks of a spec by variant."""
    return {network.variant: network for network in check(read_source(spec)).networks}


def network_of(name: str) -> Network:
    entry = ZOO[name]
    return networks(entry.spec)[entry.variant]


def learnt(network: Network, chain: str = "") -> list[Row]:
    """The rows with parameters in a chain of the network, copies unfolded."""
    return [row for row in rows(network, expand=True) if row.chain.name == chain and row.totals.params]


def differences(name: str, network: Network | None = None) -> list[str]:
    """What of a network of torchvision's is not in its spec, or otherwise."""
    entry, known = ZOO[name], truth()[name]
    net = network or network_of(name)
    told = [net.output, *(chain.node.output for chain in net.chains if chain.name in dict(entry.heads))]
    shapes = known["out_shape"] if entry.beside == "run" else [known["out_shape"]]
    built = net.totals if entry.beside == "none" else net.all_totals
    run = net.all_totals if entry.beside == "run" else net.totals
    found = [
        *_differ("outputs", [_like(shape) for shape in told][: len(shapes)], [s[1:] for s in shapes]),
        *_differ("parameters", [built.params], [known["params"]]),
        *_differ("MACs", [run.macs], [known["macs"]]),
    ]
    heads = dict(entry.heads).items() if entry.beside == "run" else ()
    for chain, head in [("", ""), *heads]:
        mine = [described(row) for row in learnt(net, chain)]
        found += _differ(head or "layers", mine, [layer[1:] for layer in layers_of(name, head)])
    if entry.beside == "idle":
        mine = [[row.kind, row.totals.params] for chain, _ in entry.heads for row in learnt(net, chain)]
        idle = [[KINDS[kind], params] for _, kind, params in known["unexecuted"]]
        found += _differ("idle layers", mine, idle)
    return found + _field_differences(name, net) if name in fields() else found


def described(row: Row) -> list[Any]:
    """Kind, output, parameters and MACs."""
    return [row.kind, _like(row.output), row.totals.params, row.totals.macs]


def _like(shape: Any) -> list[int]:
    return [shape.channels, *shape.extents] if shape else []


def layers_of(name: str, head: str = "") -> list[list[Any]]:
    """torchvision's learnt layers as `[name, kind, output, parameters, MACs]`, of a head or of none.

    Layers are listed as they are entered; what a module with children learns itself is put after these,
    for there it acts. Where a Linear or LayerNorm works on a channels-last map, its output is told with the
    channels first, and such a Linear is a CONV of 1×1, which it equals.
    """
    heads = tuple(f"{module}." for _, module in ZOO[name].heads)
    found: list[list[Any]] = []
    owners: list[list[Any]] = []
    for path, kind, shape, params, macs in truth()[name]["layers"]:
        while owners and not path.startswith(f"{owners[-1][0]}."):
            found.append(owners.pop())
        last = kind in {"Linear", "LayerNorm"} and len(shape) == 4
        output = [shape[-1], *shape[1:-1]] if last else shape[1:]
        layer = [path, "CONV" if last and kind == "Linear" else KINDS.get(kind), output, params, macs]
        if kind == "CNBlock":
            owners.append(layer)
        elif params and (path.startswith(f"{head}.") if head else not path.startswith(heads or " ")):
            found.append(layer)
    return found + owners[::-1]


def _field_differences(name: str, net: Network) -> list[str]:
    """Receptive fields and jumps, of each learnt layer and of the last map."""
    known = fields()[name]
    by_name = {row[0]: row for row in known["rows"]}
    pairs = list(zip(learnt(net), layers_of(name), strict=False))
    mine = [_seen(row.sights) for row, layer in pairs if layer[0] in by_name]
    theirs = [by_name[layer[0]][3:] for _, layer in pairs if layer[0] in by_name]
    last = receptive_field(net) or ()
    edge = [sight.start for sight in last]
    return [
        *_differ("fields", mine, [["global", None] if one[0] == "global" else one for one in theirs]),
        *_differ(
            "last map", [*_seen(last), edge], [known[key] for key in ("rf", "jump", "first_unit_left_edge")]
        ),
    ]


def _seen(sights: Any) -> list[Any]:
    return [[s.size for s in sights], [s.jump for s in sights]] if sights else ["global", None]


def _differ(what: str, mine: list[Any], theirs: list[Any]) -> list[str]:
    """The first place where two lists differ, or their lengths."""
    pairs = enumerate(zip(mine, theirs, strict=False))
    first = [f"{what}: {a} is {b} in torchvision, at {n} of {len(theirs)}" for n, (a, b) in pairs if a != b][
        :1
    ]
    many = [f"{what}: {len(mine)} are {len(theirs)} in torchvision"] if len(mine) != len(theirs) else []
    return first + many
