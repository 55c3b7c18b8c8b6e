"""A constructor's arguments, changed by hand, still work wherever the file would allow the change."""

from __future__ import annotations

import ast

import pytest
from emit_help import agreeing, assert_agrees, checked, run
from emit_specs import free_of_variants, report_of

from cnndsl.emit.torch import emit_torch
from cnndsl.source import Source


@pytest.mark.parametrize(
    ("name", "call", "settings"),
    [
        ("alexnet", "AlexNet(classes=10)", "classes=10"),
        ("alexnet224", "AlexNet224(7)", "classes=7"),
        ("alexnet_groups", "AlexNetGroups(classes=10)", "classes=10"),
        ("c3d", "C3D(3)", "classes=3"),
        ("googlenet", "GoogLeNet(classes=7)", "classes=7"),
        ("lenet5", "LeNet5(channels=3, size=64, classes=5)", "channels=3, size=64, classes=5"),
        ("lenet5", "LeNet5(size=129)", "size=129"),
        ("lenet5", "LeNet5(size=16)", "size=16"),
        ("linear", "Linear(3)", "classes=3"),
        ("m5", "M5(35)", "classes=35"),
        ("mlp", "MLP((5, 4, 3), 2)", "hidden=(5, 4, 3), classes=2"),
        ("mlp", "MLP(())", "hidden=()"),
        ("resnet", "ResNet(BasicBlock, (1, 1, 1, 1))", "Block=BasicBlock, depths=(1, 1, 1, 1)"),
        (
            "resnet",
            "ResNet(Bottleneck, (1, 2, 3, 1), 10)",
            "Block=Bottleneck, depths=(1, 2, 3, 1), classes=10",
        ),
        ("resnet", "resnet34(classes=2)", "Block=BasicBlock, depths=(3, 4, 6, 3), classes=2"),
        ("vgg", "VGG((1, 0, 0, 0, 1))", "depths=(1, 0, 0, 0, 1)"),
        ("vgg", "VGG((3, 1, 2, 2, 5), classes=4)", "depths=(3, 1, 2, 2, 5), classes=4"),
        ("unet_any_depth", "UNet(depth=3)", "depth=3"),
        ("unet_any_depth", "UNet(depth=0, w=5)", "depth=0, w=5"),
        ("unet_any_depth", "UNet(6, 4, 9)", "depth=6, w=4, classes=9"),
        (
            "convnext",
            "ConvNeXt(8, (1, 0, 1, 2), 0.5, 3)",
            "width=8, depths=(1, 0, 1, 2), drop=0.5, classes=3",
        ),
        (
            "regnet",
            "RegNet((1, 1, 2, 1), (16, 24, 32, 40), 8)",
            "depths=(1, 1, 2, 1), widths=(16, 24, 32, 40), group=8",
        ),
        ("densenet", "DenseNet(12, (1, 2, 3, 4), 10)", "depths=(1, 2, 3, 4), growth=12, classes=10"),
        ("densenet", "DenseNet(8, (0, 0, 1, 0))", "growth=8, depths=(0, 0, 1, 0)"),
        ("mobilenet_v2", "MobileNetV2(0.5, 3)", "width=0.5, classes=3"),
        (
            "mobilenet_v3",
            "MobileNetV3(64, ((3, 16, 16, True, nn.ReLU, 2), (5, 40, 8, False, nn.Hardswish, 1)), 3)",
            "last=64, rows=((3, 16, 16, yes, ReLU, 2), (5, 40, 8, no, HSWISH, 1)), classes=3",
        ),
        ("mnasnet", "MNASNet(0.35, 3)", "width=0.35, classes=3"),
        ("shufflenet_v2", "ShuffleNetV2((16, 24, 32), 40, 3)", "widths=(16, 24, 32), last=40, classes=3"),
        (
            "squeezenet",
            "SqueezeNet(8, 5, ((2, 3), (4,)), 3)",
            "filters=8, kernel=5, stages=((2, 3), (4,)), classes=3",
        ),
        ("resnext", "ResNeXt((1, 2, 1, 1), 4, 8, 3)", "depths=(1, 2, 1, 1), groups=4, width=8, classes=3"),
        ("wide_resnet", "WideResNet((1, 2, 1, 1), 3)", "depths=(1, 2, 1, 1), widen=3"),
        ("inception_v3", "InceptionV3(3)", "classes=3"),
        ("vgg16", "VGG16(2)", "classes=2"),
        ("senet", "SENet(2)", "classes=2"),
        ("rgbd", "RGBD(2)", "classes=2"),
    ],
)
def test_changed_arguments(name: str, call: str, settings: str) -> None:
    (network,) = checked(free_of_variants(name), settings=settings).networks
    assert_agrees(call, emit_torch(report_of(name)), network)


@pytest.mark.parametrize(
    ("text", "call", "settings"),
    [
        ("net N(n = 2) INPUT(3@8x8) → [CONV(in.C*2, 1) → ReLU]*n → GAP → FC(2)", "N(5)", "n=5"),
        ("net N(n = 2) INPUT(3@8x8) → [CONV(in.C*2, 1) → ReLU]*n → GAP → FC(2)", "N(0)", "n=0"),
        ("net N(n = 1) INPUT(3@8x8) → [{ ID | CONV(i + 1, 1) }]*(i < n) → FC(2)", "N(4)", "n=4"),
        ("net N(k = 3) INPUT(3@8x8) → CONV(4, k, p=k//2) → FC(2)", "N(5)", "k=5"),
        ("net N(k = 3x1) INPUT(3@8x8) → CONV(4, k, p=1x0) → FC(2)", "N((3, 1))", "k=3x1"),
        ("net N(Act = ReLU) INPUT(3@8x8) → CONV(4, 1) → Act → FC(2)", "N(nn.Tanh)", "Act=TANH"),
        ("net N(c = 3) INPUT(c@8x8) → CONV(4, 1) → FC(2)", "N(5)", "c=5"),
        (
            "net N(h = 8, w = 6) INPUT(3@(h)x(w)) → CONV(4, 3, s=2) → POOL(2, p=1) → FC(2)",
            "N(17, 12)",
            "h=17, w=12",
        ),
        (
            "net N(w = 8) INPUT(3@8x8) → CONV(w, 1) as a → ReLU → { ID | a } → CONV(w, 1) → FC(2)",
            "N(3)",
            "w=3",
        ),
        (
            "net N(n = 3) INPUT(3@8x8) → [CONV(4, 1) as e[i]]*(i < n) → { e[0] | e[n-1] } → FC(2)",
            "N(5)",
            "n=5",
        ),
        ("net N(p = 0.5) INPUT(3@8x8) → DROPOUT(p) → FC(round(p*10))", "N(0.2)", "p=0.2"),
        ("net N(b = yes) INPUT(3@8x8) → CONV(4, 1) → BN?(b) → FC(2)", "N(b=False)", "b=no"),
        ("net N(w = 8) INPUT(3@8x8) → [CONV(w, 1) → ReLU]?(w > 4) → CONV(6, 1) → FC(2)", "N(2)", "w=2"),
        (
            "net N(s = 1) INPUT(3@8x8) → CONV(4, 1) → { CONV(4, 1) + ID if (s == 1) } → FC(2)",
            "N(2)",
            "s=2",
        ),
        ("net N(g = 2) INPUT(4@8x8) → [CONV(in.C, 3, g=g, p=1) → SHUFFLE(g)]*2 → FC(2)", "N(4)", "g=4"),
    ],
)
def test_changed_arguments_of_small_nets(text: str, call: str, settings: str) -> None:
    source = Source("n.cnn", text)
    (network,) = checked(source, settings=settings).networks
    assert_agrees(call, emit_torch(checked(source)), network)


def test_a_block_by_hand() -> None:
    """The classes of blocks can be used on their own."""
    emitted = emit_torch(report_of("resnet"))
    (network,) = checked(
        free_of_variants("resnet"), settings="Block=Bottleneck, depths=(1, 1, 1, 1)"
    ).networks
    model, _, _ = run("nn.Sequential(nn.Conv2d(3, 8, 1), Bottleneck(8, 2, stride=2))", emitted, network)
    shape = tuple(model[0].weight.shape)  # type: ignore[index]
    assert shape == (8, 3, 1, 1)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("net N(n = 2) INPUT(3@8x8) → [CONV(3, 1)]?(n > 1) else [CONV(4, 1)] → FC(n)", ""),
        ("net N(b = yes) INPUT(3@8x8) → CONV(4, 1, bias=b) → BN?(not b) → FC(2)", ""),
        ("net N(s = 8) INPUT(3@s x s) → CONV(4, 3, s=2) → GAP → FC(2)", ""),
        ("net N(s = 8) INPUT(3@s x s) → CONV(4, 3, s=2) → FC(s)", "s: int=8"),
        ("net N(s = 8, w = 4) INPUT(3@s x s) → CONV(w, 3)?(in.H > 4) → FC(w*s)", "w: int=4"),
        ("net N(k = 3, w = 4) INPUT(3@8x8) → CONV(w, k) → FC(k)", "w: int=4"),
        ("net N(k = 3, w = 4) INPUT(3@8x8) → CONV(w, k) → GAP → FC(k)", "k: int=3, w: int=4"),
        ("net N(k = 3, w = 4) INPUT(3@8x8) → [CONV(w, k)]*k → FC(k)", "w: int=4"),
        (
            "net N(n = 2, w = 4) block B(c, n) = [POOL(2)]*n → CONV(c, 1) INPUT(3@8x8) → B(w, n) → FC(n)",
            "w: int=4",
        ),
        ("net N(n = 0, w = 4) INPUT(3@8x8) → [CONV(w, 1)]*n → CONV(w, 1) → FC(n + 1)", "w: int=4"),
        ("net N(w = 4) INPUT(3@8x8) → CONV(in.H*w, 1) → FC(2)", ""),
    ],
)
def test_arguments_that_could_not_be_changed_are_none(text: str, arguments: str) -> None:
    """What the class would not follow is written into it instead: no call of it is silently wrong."""
    tree = ast.parse(agreeing(text).text)
    (net,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "N"]
    init = next(node for node in net.body if isinstance(node, ast.FunctionDef))
    assert ast.unparse(init.args).removeprefix("self").removeprefix(", ") == arguments
