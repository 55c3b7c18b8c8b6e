"""What `load_state` refuses, the message, and that the model is as it was before."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from state_help import IMAGE, LENET, Heads, Written, lenet, net
from torch import Tensor, nn

from cnndsl.api import check
from cnndsl.source import Source
from cnndsl.torch import StateError, load_state, module

BASE = "INPUT(3@12x12) → CONV(4, 3) → BN → ReLU → CONV(4, 3, p=1) → FC(2)"


def base(change: int | None = None, layer: nn.Module | None = None) -> nn.Sequential:
    """BASE in PyTorch, one of its layers changed."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1),
        nn.Flatten(),
        nn.Linear(400, 2),
    ]
    if change is not None and layer:
        layers[change : change + 1] = [layer]
    return nn.Sequential(*layers)


def refused(model: nn.Module, reference: Any, sample: Any = IMAGE, **options: Any) -> str:
    """The message; nothing has changed."""
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()
    with pytest.raises(StateError) as error:
        load_state(model, reference, sample, **options)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(part.training and not part._forward_hooks for part in model.modules())
    return str(error.value)


def test_a_network_has_no_weights_yet() -> None:
    network = check(BASE).networks[0]
    with pytest.raises(StateError, match="the model is a Network, which has no weights"):
        load_state(network, base(), IMAGE)  # type: ignore[arg-type]
    assert "not a Network" in refused(net(BASE), network)


SAME = "gets the same values as in the reference, but gives out others"
SHAPES = "has other shapes than what gets the same values in the reference"
NOTHING = "no layer of the reference gets the values that reach"
POOLED = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.MaxPool2d(3, 1, 1))
REFLECT = nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect")


@pytest.mark.parametrize(
    ("change", "layer", "message", "place"),
    [
        (2, nn.GELU(), f"{NOTHING} `features.3`", "features.3"),
        (1, nn.BatchNorm2d(4, eps=1e-6), f"`features.1` {SAME}", "eps=1e-06"),
        (1, nn.BatchNorm2d(4, affine=False), f"`features.1` {SHAPES}", "theirs  1: BatchNorm2d"),
        (3, REFLECT, f"`features.3` {SAME}", "padding_mode=reflect"),
        (3, nn.Conv2d(4, 4, 5, padding=2), f"`features.3` {SHAPES}", "weight 4x4x5x5, bias 4"),
        (3, nn.Conv2d(4, 4, 3, padding=1, bias=False), f"`features.3` {SHAPES}", "weight 4x4x3x3"),
        (5, nn.Linear(400, 10), f"`classifier.1` {SHAPES}", "weight 10x400"),
        (5, nn.Sequential(nn.Linear(400, 2), nn.Tanh()), "the outputs are not the same: ours 1x2,", "`5.0`"),
        (3, POOLED, f"{NOTHING} `classifier.1`", "agree   3 layers"),
        (2, nn.Sequential(nn.ReLU(), nn.Conv2d(4, 4, 1)), f"`features.3` {SHAPES}", "theirs  2.1: Conv2d"),
    ],
)
def test_another_function(change: int, layer: nn.Module, message: str, place: str) -> None:
    """The first place where the two depart is named, with both sides' names and shapes."""
    said = refused(net(BASE), base(change, layer))
    assert message in said.splitlines()[0]
    assert place in said


def test_what_differs_by_little_is_told_with_random_weights() -> None:
    """A scale of 1e-9 before what differs: with the weights themselves it would pass."""

    class Scaled(nn.Module):
        def __init__(self, act: nn.Module) -> None:
            super().__init__()
            self.conv, self.act = nn.Conv2d(3, 3, 1), act
            self.scale = nn.Parameter(torch.full((3, 1, 1), 1e-9))

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = (x + self.scale * self.act(self.conv(x))).flatten(1)
            return out

    model = net("INPUT(3@12x12) → { CONV(3, 1) → ReLU → SCALE + ID } → FLATTEN")
    load_state(model, Scaled(nn.ReLU()), IMAGE)
    other = Scaled(nn.Tanh())
    assert "no layer of the reference gets the values" in refused(model, other)


def test_another_depth() -> None:
    deep, flat = (module("resnet", variant=name) for name in ("ResNet34", "ResNet18"))
    said = refused(deep, flat, torch.randn(1, 3, 32, 32))
    assert said.startswith(f"`features.6.body.0` {SHAPES}\n")
    assert "agree   10 layers, the last of them `features.5.body.4` and `features.5.body.4`" in said


def test_more_ways_than_are_tried() -> None:
    """Six equal branches, none of which is what it should: 720 ways."""
    model = net(
        "INPUT(3@6x6) → { [CONV(4, 1) → TANH] | [CONV(4, 1) → TANH] | [CONV(4, 1) → TANH]"
        " | [CONV(4, 1) → TANH] | [CONV(4, 1) → TANH] | [CONV(4, 1) → TANH] } → FC(2)"
    )
    layers = {f"branch{n}": nn.Conv2d(3, 4, 1) for n in range(6)}
    other = Written(
        lambda self, x: self.fc(
            torch.cat([self.get_submodule(f"branch{n}")(x).sigmoid() for n in range(6)], 1).flatten(1)
        ),
        **layers,
        fc=nn.Linear(24 * 36, 2),
    )
    said = refused(model, other, torch.randn(1, 3, 6, 6))
    assert "200 ways through layers of equal shapes were tried, and there are more" in said


def test_swapped_equal_layers_are_noticed() -> None:
    """Both have the same shapes in the same order, and are joined otherwise."""
    model = net("INPUT(3@12x12) → { CONV(4, 3) → ReLU + CONV(4, 3) → TANH } → FC(2)")
    layers = {"a": nn.Conv2d(3, 4, 3), "b": nn.Conv2d(3, 4, 3), "fc": nn.Linear(400, 2)}
    other = Written(lambda self, x: self.fc((self.a(x).relu() - self.b(x).tanh()).flatten(1)), **layers)
    assert "reach `fc1`" in refused(model, other) or "classifier" in refused(model, other)


@pytest.mark.parametrize(
    ("reference", "sample", "message"),
    [
        (base(5, nn.LazyLinear(2)), IMAGE, "`5.weight` of the reference has no shape yet: run it once"),
        (base().to("meta"), IMAGE, "`0.weight` of the reference is on the meta device"),
        (base(), None, "a sample is needed"),
        (base(), [IMAGE], "a sample is needed, a tensor that both take"),
        (base(), torch.randn(1, 3, 20, 20), "the reference does not run on a sample of 1x3x20x20: mat1"),
        (base(), (IMAGE, IMAGE), "the reference does not run on a sample of 1x3x12x12, 1x3x12x12: "),
        ("resnet18", IMAGE, "the reference is a module or its state_dict, not a str"),
        (
            base(0, torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3))),
            IMAGE,
            'remove_parametrizations(layer, "weight") makes one weight of them',
        ),
    ],
)  # fmt: skip
def test_no_reference_or_sample(reference: Any, sample: Any, message: str) -> None:
    assert message in refused(net(BASE), reference, sample)


def test_a_sample_that_the_model_does_not_take() -> None:
    said = refused(net(BASE), nn.Sequential(nn.AdaptiveAvgPool2d(12), base()), torch.randn(1, 3, 20, 20))
    assert said.startswith("the model does not run on a sample of 1x3x20x20: ")


def test_heads_of_other_shapes() -> None:
    two = net("INPUT(3@12x12) → CONV(4, 3) → BN as stem → FC(2)\noutput aux = stem → DROPOUT → FC(3)")
    assert "`aux.2` has other shapes" in refused(two, Heads())


def test_what_does_not_run_is_not_guessed() -> None:
    class Idle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.used(x)  # type: ignore[no-any-return]

    said = refused(Idle(), Idle(), torch.randn(1, 4))
    assert said.endswith("nothing is known of them but their shapes: idle.weight, idle.bias")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"features.0": "9"}, "`names` says `9`, but the reference has no such tensor or layer"),
        ({"feature": "0"}, "`names` says `feature`, but the model has no such tensor or layer; did you mean"),
        ({"features.0": "3"}, "`names` does not let `features.0` be the layer that gets the same values"),
        ({"features.0": "1"}, "`names` does not let `features.0` be the layer that gets the same values"),
    ],
)  # fmt: skip
def test_names_that_are_wrong(names: dict[str, str], message: str) -> None:
    assert message in refused(net(BASE), base(), names=names)


def test_names_settle_equal_branches() -> None:
    model = net("INPUT(3@12x12) → { CONV(4, 3) as a + CONV(4, 3) as b } → FC(2)")
    layers = {"one": nn.Conv2d(3, 4, 3), "two": nn.Conv2d(3, 4, 3), "fc": nn.Linear(400, 2)}
    reference = Written(lambda self, x: self.fc((self.one(x) + self.two(x)).flatten(1)), **layers)
    first = next(name.removesuffix(".weight") for name in model.state_dict())
    for theirs in ("one", "two"):
        loaded = load_state(model, reference, IMAGE, names={first: theirs})
        assert {pair.ours: pair.theirs for pair in loaded.pairs}[f"{first}.weight"] == f"{theirs}.weight"


def test_values_that_the_type_cannot_hold() -> None:
    reference = base()
    with torch.no_grad():
        reference.get_parameter("5.weight")[0, 0] = 1e6
    said = refused(net(BASE).half(), reference)
    assert said == "`5.weight` holds 1e+06, too large for `classifier.1.weight` in float16"


@pytest.mark.parametrize(("weight", "value"), [("0.bias", float("nan")), ("5.weight", float("inf"))])
def test_what_is_no_number(weight: str, value: float) -> None:
    reference = base()
    with torch.no_grad():
        reference.get_parameter(weight).flatten()[0] = value
    assert "gives out inf or nan on the sample" in refused(net(BASE), reference)


def test_nan_whatever_the_weights() -> None:
    model = net("INPUT(1@4x4) → LN(eps=0) → FC(2)")
    reference = nn.Sequential(module(Source("net.cnn", "INPUT(1@4x4) → LN(eps=0) → FC(2)")))
    assert "gives out nan in the reference" in refused(model, reference, torch.randn(1, 1, 4, 4))


# ---- a bare state_dict


def test_unique_shapes_load() -> None:
    model, reference = net(LENET), lenet()
    loaded = load_state(model, reference.state_dict())
    x = torch.randn(2, 1, 32, 32)
    assert torch.equal(model(x), reference(x))
    assert repr(loaded) == "<Loaded: 10 tensors of 5 layers>"
    assert loaded.error is None


def test_shapes_may_differ_by_axes_of_one() -> None:
    model = net("INPUT(8@9x9) → CONV(32, 1) → SCALE")
    state = {"up.weight": torch.randn(32, 8), "up.bias": torch.randn(32), "gamma": torch.randn(32, 1, 1)}
    load_state(model, state)
    x = torch.randn(1, 8, 9, 9)
    wanted = nn.functional.linear(x.movedim(1, -1), state["up.weight"], state["up.bias"]).movedim(-1, 1)
    torch.testing.assert_close(model(x), wanted * state["gamma"])


def test_the_same_names_load() -> None:
    model, other = (module("resnet", variant="ResNet18") for _ in range(2))
    state = other.state_dict()
    load_state(model, {name: tensor for name, tensor in state.items() if "num_batches" not in name})
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())


SWAP = "INPUT(4@12x12) → CONV(4, 3, p=1) → ReLU → CONV(4, 3, p=1) → FC(2)"


def test_a_swap_is_refused_with_its_candidates() -> None:
    state = {
        f"{layer}.{name}": torch.randn(shape)
        for layer in ("late", "early")
        for name, shape in (("weight", (4, 4, 3, 3)), ("bias", (4,)))
    } | {"fc.weight": torch.randn(2, 576), "fc.bias": torch.randn(2)}
    model = net(SWAP)
    said = refused(model, state).splitlines()
    assert (
        said[0]
        == "layers of equal shapes can be swapped, and a state_dict does not tell in which order they run:"
    )
    assert said[1:4] == [
        "  weight 4x4x3x3, bias 4",
        "    ours    features.0, features.2",
        "    theirs  late, early",
    ]
    assert said[4].startswith("pass the module that the weights belong to instead of its state_dict")
    load_state(model, state, names={"features.0": "early"})
    assert torch.equal(model.state_dict()["features.0.weight"], state["early.weight"])
    assert torch.equal(model.state_dict()["features.2.bias"], state["late.bias"])


def test_candidates_are_told_as_far_as_one_reads() -> None:
    model = module("resnet", variant="ResNet50")
    state = {f"other.{name}": tensor for name, tensor in model.state_dict().items()}
    state["other.head.weight"] = state.pop("other.classifier.2.weight")
    state["other.head.bias"] = state.pop("other.classifier.2.bias")
    said = refused(model, state).splitlines()
    assert len(said) == 1 + 3 * 8 + 2
    assert said[-2].endswith(" more such groups")


def test_a_part_of_the_same_names() -> None:
    """`names` can say it of all that a part holds."""
    state = {
        f"backbone.{n}.{name}": tensor
        for n in (0, 2)
        for name, tensor in nn.Conv2d(4, 4, 3).state_dict().items()
    }
    state |= {"head.weight": torch.randn(2, 576), "head.bias": torch.randn(2)}
    model = net(SWAP)
    refused(model, state)
    load_state(model, state, names={"features": "backbone"})
    assert torch.equal(model.state_dict()["features.2.weight"], state["backbone.2.weight"])


RESIDUAL = """block Res(c, s) =
  { CONV(c, 3, s=s, p=1) → BN → ReLU → CONV(c, 3, p=1) → BN + [CONV(c, 1, s=s) → BN]?(s > 1) } → ReLU
INPUT(3@12x12) → CONV(8, 3, p=1) → BN → ReLU → Res(8, 1)*2 → Res(16, 2) → GAP → FC(4)
"""


def renamed(model: nn.Module) -> dict[str, Tensor]:
    """The weights of a model under names that say nothing, changed a little."""
    return {
        f"layer.{name.replace('.', '_')}.{leaf}": tensor + tensor.new_ones(()) / 8
        if tensor.is_floating_point()
        else tensor
        for name, _, leaf in (key.rpartition(".") for key in model.state_dict())
        for tensor in [model.state_dict()[f"{name}.{leaf}"]]
    }


def test_layers_that_could_be_swapped_as_they_come() -> None:
    model, state = net(RESIDUAL), renamed(net(RESIDUAL))
    assert "in_order=True takes them so" in refused(model, state, None)
    loaded = load_state(model, state, in_order=True)
    assert [pair.theirs for pair in loaded.pairs if "num_batches" not in pair.theirs] == [
        name for name in state if "num_batches" not in name
    ]
    assert all(torch.equal(model.state_dict()[pair.ours], state[pair.theirs]) for pair in loaded.pairs)


def test_another_order_is_no_order() -> None:
    model, state = net(RESIDUAL), renamed(net(RESIDUAL))
    turned = dict(reversed(state.items()))
    said = refused(model, turned, None, in_order=True)
    assert said.startswith(
        "the layers are not in the same order: `features.0` (weight 8x3x3x3, bias 8) comes where"
    )
    assert "nothing in the state_dict fits" in refused(
        net(RESIDUAL.replace("FC(4)", "FC(5)")), state, None, in_order=True
    )
    assert "in_order is for a state_dict" in refused(net(BASE), base(), in_order=True)


LENETS: dict[str, Tensor] = lenet().state_dict()
LEAVE = "leave out what does not run: {k: v for k, v in state.items() if not k.startswith('aux')}"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"epoch": 3, "state_dict": {}}, "`epoch` of the state_dict is of type int, no tensor: leave it out"),
        ({"model": {}}, "this is a checkpoint that holds more than weights: try reference['model']"),
        (
            LENETS | {"conv1.bias": torch.zeros(6, dtype=torch.complex64)},
            "`conv1.bias` of the reference is complex",
        ),
        ({}, "nothing in the state_dict fits `features.0` (weight 6x1x5x5, bias 6)"),
        (LENETS | {"aux.weight": torch.zeros(3, 3)}, f"fits `aux` (weight 3x3)\n{LEAVE}"),
        (
            {name: tensor for name, tensor in LENETS.items() if "fc2" not in name},
            "nothing in the state_dict fits `classifier.3` (weight 84x120, bias 84)",
        ),
        (
            LENETS | {"twin.weight": torch.zeros(84, 120), "twin.bias": torch.zeros(84)},
            "the model has 5 layers with weights, the state_dict 6",
        ),
        (
            {name: tensor.mT if tensor.dim() > 1 else tensor for name, tensor in LENETS.items()},
            "nothing in the state_dict fits `classifier.1` (weight 120x400, bias 120)",
        ),
    ],
)
def test_other_state_dicts(state: dict[str, Any], message: str) -> None:
    assert message in refused(net(LENET), state)


def test_tensors_of_a_layer_that_could_be_any_are_not_guessed() -> None:
    model = net("INPUT(3@12x12) → BN → FC(2)")
    norm = {f"norm.{name}": torch.rand(3) for name in ("gamma", "beta", "mean", "var")}
    state = norm | {"fc.weight": torch.randn(2, 432), "fc.bias": torch.randn(2)}
    said = refused(model, state)
    assert said.startswith(
        "which is which: weight 3, bias 3, running_mean 3, running_var 3 of the model, gamma 3,"
    )
    ours = next(name.removesuffix(".weight") for name in model.state_dict())
    pairs = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "var"}
    load_state(model, state, names={f"{ours}.{mine}": f"norm.{their}" for mine, their in pairs.items()})
    assert torch.equal(model.state_dict()[f"{ours}.running_var"], state["norm.var"])
