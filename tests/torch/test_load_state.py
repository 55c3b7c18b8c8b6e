"""`cnndsl.torch.load_state`: weights of hand-written modules, in all the ways in which people write them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from state_help import IMAGE, LENET, Heads, Written, lenet, net
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision_models import build

from cnndsl.torch import Loaded, StateError, load_state, module


def agreed(model: nn.Module, reference: nn.Module, *sample: Tensor, **options: Any) -> Loaded:
    """Load, and see that both now do the same, in training as well, for what is not random."""
    shaken(reference)
    loaded = load_state(model, reference, sample or IMAGE, **options)
    given = sample or (IMAGE,)
    for train in (False, True):
        torch.testing.assert_close(model.train(train)(*given), reference.train(train)(*given))
    return loaded


def shaken(reference: nn.Module) -> None:
    """Weights as after a training."""
    torch.manual_seed(0)
    for tensor in reference.state_dict().values():
        if tensor.is_floating_point():
            tensor.add_(torch.rand_like(tensor) * 0.1)
        else:
            tensor.add_(7)


def names(loaded: Loaded) -> dict[str, str]:
    return {pair.ours.removesuffix(".weight"): pair.theirs.removesuffix(".weight") for pair in loaded.pairs}


# ---- however it is written


def test_lenet() -> None:
    model = net(LENET)
    loaded = agreed(model, lenet(), torch.randn(2, 1, 32, 32))
    assert [pair.theirs for pair in loaded.pairs][::2] == [
        f"{layer}.weight" for layer in ("conv1", "conv2", "fc1", "fc2", "fc3")
    ]
    assert loaded.unused == ()
    assert loaded.error is not None
    assert loaded.error < 1e-12
    assert repr(loaded).startswith("<Loaded: 10 tensors of 5 layers; the outputs ")
    first, *lines = str(loaded).splitlines()
    assert first.split() == ["ours", "theirs", "shapes"]
    assert lines[0].endswith("  conv1   weight 6x1x5x5, bias 6")


def test_buffers_and_counters_are_copied() -> None:
    model = net("INPUT(3@12x12) → CONV(4, 3) → BN → FC(2)")
    reference = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(400, 2))
    loaded = agreed(model, reference)
    ours = {pair.ours.rpartition(".")[2]: pair.ours for pair in loaded.pairs if pair.theirs.startswith("1.")}
    assert {*ours} == {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
    state = model.state_dict()
    assert torch.equal(state[ours["running_var"]], reference.get_buffer("1.running_var"))
    assert int(state[ours["num_batches_tracked"]]) == 8  # 7 as loaded, and one batch of `agreed`


def test_branches_that_run_in_another_order() -> None:
    """Four branches that begin alike; only what follows tells them apart."""
    model = net(
        "INPUT(3@12x12) → { CONV(4, 1) | CONV(4, 1) → CONV(4, 3, p=1) | CONV(4, 1) → CONV(4, 5, p=2) "
        "| POOL(avg, 3, s=1, p=1) → CONV(4, 1) } → FC(2)"
    )

    def run(self: Any, x: Tensor) -> Tensor:
        pool = self.pool(F.avg_pool2d(x, 3, 1, 1))
        five = self.five2(self.five1(x))
        three = self.three2(self.three1(x))
        return self.fc(torch.cat([self.one(x), three, five, pool], 1).flatten(1))  # type: ignore[no-any-return]

    one = {name: nn.Conv2d(3, 4, 1) for name in ("pool", "three1", "one", "five1")}
    more = {"three2": nn.Conv2d(4, 4, 3, padding=1), "five2": nn.Conv2d(4, 4, 5, padding=2)}
    loaded = agreed(model, Written(run, **one, **more, fc=nn.Linear(16 * 144, 2)))
    theirs = [pair.theirs for pair in loaded.pairs if pair.theirs.endswith("weight")]
    assert theirs == [
        f"{name}.weight" for name in ("one", "three1", "three2", "five1", "five2", "pool", "fc")
    ]


RESIDUAL = """
INPUT(3@12x12) → CONV(4, 3)
→ { CONV(4, 3, p=1) → BN → ReLU → CONV(4, 3, p=1) → BN + CONV(4, 1) → BN } → FC(2)
"""


class Residual(nn.Module):
    """Its shortcut is made last and runs first; with zero-initialised gammas the branch does nothing."""

    def __init__(self, zero: bool) -> None:
        super().__init__()
        self.second, self.first = (nn.Conv2d(4, 4, 3, padding=1) for _ in range(2))
        self.norm2, self.norm1 = (nn.BatchNorm2d(4) for _ in range(2))
        self.fc = nn.Linear(400, 2)
        self.stem = nn.Conv2d(3, 4, 3)
        self.down = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
        if zero:
            nn.init.zeros_(self.norm2.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        skip = self.down(x)
        x = self.norm2(self.second(F.relu(self.norm1(self.first(x)), inplace=True)))
        x += skip
        return self.fc(x.flatten(1))  # type: ignore[no-any-return]


@pytest.mark.parametrize("zero", [False, True])
def test_a_residual(zero: bool) -> None:
    model, reference = net(RESIDUAL), Residual(zero)
    theirs = [pair.theirs for pair in load_state(model, reference, IMAGE).pairs if "weight" in pair.theirs]
    assert theirs == [
        f"{name}.weight"
        for name in ("stem", "first", "norm1", "second", "norm2", "down.0", "down.1", "fc")
    ]  # fmt: skip
    assert torch.equal(model.eval()(IMAGE), reference.eval()(IMAGE))


class ChannelsLast(nn.Module):
    """A ConvNeXt block: Linears on a map with the channels last, its scale of the block itself."""

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((8, 1, 1), 1e-6))
        self.spatial = nn.Conv2d(8, 8, 7, padding=3, groups=8)
        self.norm = nn.LayerNorm(8, eps=1e-6)
        self.up = nn.Linear(8, 32)
        self.down = nn.Linear(32, 8)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.spatial(x).permute(0, 2, 3, 1))
        y = self.down(F.gelu(self.up(y))).permute(0, 3, 1, 2)
        out: Tensor = x + self.gamma * y
        return out


def test_a_convnext_block() -> None:
    model = net(
        "INPUT(8@9x9)→ { CONV(8, 7, p=3, g=8) → LN(eps=1e-6) → CONV(32, 1) → GELU → CONV(8, 1) → SCALE + ID }"
    )
    loaded = agreed(model, nn.Sequential(ChannelsLast()), torch.randn(1, 8, 9, 9))
    assert ((32, 8, 1, 1), (32, 8)) in {(pair.shape, pair.their_shape) for pair in loaded.pairs}
    assert "weight 32x8x1x1 ← 32x8, bias 32" in str(loaded)
    assert "weight ← gamma 8x1x1" in str(loaded)


class OwnNorm(nn.Module):
    """Layer normalisation of channels by hand: its two tensors meet data in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.beta = nn.Parameter(torch.zeros(4))
        self.gain = nn.Parameter(torch.ones(4))

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt((x - mean).pow(2).mean(1, keepdim=True) + 1e-5)
        return self.gain[:, None, None] * x + self.beta[:, None, None]


def test_a_norm_by_hand() -> None:
    model = net("INPUT(3@12x12) → CONV(4, 3) → LN → ReLU → FC(2)")
    reference = nn.Sequential(nn.Conv2d(3, 4, 3), OwnNorm(), nn.ReLU(), nn.Flatten(), nn.Linear(400, 2))
    loaded = agreed(model, reference)
    assert {
        pair.ours.rpartition(".")[2]: pair.theirs for pair in loaded.pairs if "1." in pair.theirs[:2]
    } == {
        "weight": "1.gain",
        "bias": "1.beta",
    }


def test_a_network_of_functions() -> None:
    """All parameters are the module's own."""

    def run(self: Any, x: Tensor) -> Tensor:
        x = F.relu(F.conv2d(x, self.w1, self.b1))
        return F.linear(F.conv2d(x, self.w2 * 2).flatten(1), self.w3)

    drawn = {"w3": (2, 256), "w2": (4, 4, 3, 3), "b1": (4,), "w1": (4, 3, 3, 3)}
    reference = Written(run, **{name: nn.Parameter(torch.randn(shape)) for name, shape in drawn.items()})
    model = net("INPUT(3@12x12) → CONV(4, 3) → ReLU → CONV(4, 3, bias=no) → FC(2, bias=no)")
    with pytest.raises(StateError, match="gives out others"):
        load_state(model, reference, IMAGE)  # 2·w2 is no layer of ours
    reference.run = lambda self, x: F.linear(
        F.conv2d(F.relu(F.conv2d(x, self.w1, self.b1)), self.w2).flatten(1), self.w3
    )
    agreed(model, reference)


def test_a_fully_connected_layer_is_a_convolution_over_the_map() -> None:
    model = net("INPUT(3@12x12) → CONV(4, 3) → ReLU → CONV(5, 10) → FLATTEN")
    reference = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(400, 5))
    agreed(model, reference)


def test_layers_that_commute_are_paired_by_position() -> None:
    """A 1×1 convolution before or after the global pool: other values reach it, to the same end."""
    model = net("INPUT(3@12x12) → CONV(4, 3) → ReLU → CONV(5, 1) → GAP → FLATTEN")
    reference = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 5, 1), nn.Flatten()
    )
    agreed(model, reference)


def test_equal_branches_of_a_sum() -> None:
    """Either pairing is right: the function is the same."""
    model = net("INPUT(3@12x12) → { CONV(4, 3) + CONV(4, 3) } → FC(2)")
    reference = Written(
        lambda self, x: self.fc((self.b(x) + self.a(x)).flatten(1)),
        a=nn.Conv2d(3, 4, 3),
        b=nn.Conv2d(3, 4, 3),
        fc=nn.Linear(400, 2),
    )
    agreed(model, reference)


def test_wrapped_modules() -> None:
    model = net("INPUT(3@12x12) → CONV(4, 3) → FC(2)")
    inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 2))
    compiled: Any = torch.compile(inner, backend="eager")
    for reference in (nn.DataParallel(inner), compiled, model):
        load_state(model, reference, IMAGE)
    ours: Any = torch.compile(model, backend="eager")
    load_state(ours, inner, IMAGE)
    assert torch.equal(model(IMAGE), inner(IMAGE))


# ---- inputs and outputs


def test_several_inputs_and_outputs() -> None:
    model = net(
        "INPUT(3@12x12) → { CONV(4, 3) | side } as both → FC(2)\n"
        "let side = INPUT(3@12x12) → CONV(4, 3)\noutput aux = both → FC(2)"
    )

    def run(self: Any, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        both = torch.cat([self.a(x), self.b(y)], 1).flatten(1)
        return {"aux": self.aux(both), "out": self.fc(both)}

    layers = {
        "aux": nn.Linear(800, 2),
        "b": nn.Conv2d(3, 4, 3),
        "fc": nn.Linear(800, 2),
        "a": nn.Conv2d(3, 4, 3),
    }
    reference = Written(run, **layers)
    sample = (IMAGE, IMAGE.flip(2))
    loaded = load_state(model, reference, sample)
    assert sorted(loaded.outputs) == [0, 1]
    wanted = [*reference(*sample).values()]
    for ours, number in zip(model(*sample), loaded.outputs, strict=True):
        torch.testing.assert_close(ours, wanted[number])


def test_heads_that_run_in_training_alone() -> None:
    reference = Heads()
    shaken(reference)
    two = net("INPUT(3@12x12) → CONV(4, 3) → BN as stem → FC(2)\noutput aux = stem → DROPOUT → FC(2)")
    loaded = load_state(two, reference, IMAGE)
    assert {"aux.2.weight", "fc.weight"} <= {pair.theirs for pair in loaded.pairs}
    one = net("INPUT(3@12x12) → CONV(4, 3) → BN → FC(2)")
    loaded = load_state(one, reference, IMAGE)
    assert loaded.unused == ("aux.2.weight", "aux.2.bias")
    assert "not used: aux.2.weight, aux.2.bias" in str(loaded)
    assert torch.equal(one.eval()(IMAGE), reference.eval()(IMAGE))
    assert torch.equal(two.eval()(IMAGE)[0], one(IMAGE))


# ---- types, devices, what is frozen or tied


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_model_keeps_its_type(dtype: torch.dtype) -> None:
    model = net("INPUT(3@12x12) → CONV(4, 3) → BN → FC(2)").to(dtype)
    reference = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(400, 2))
    load_state(model, reference, IMAGE)
    assert {tensor.dtype for tensor in model.state_dict().values()} == {dtype, torch.int64}
    assert torch.equal(next(model.parameters()), reference.get_parameter("0.weight").to(dtype))


def test_frozen_parameters_stay_frozen() -> None:
    model = net("INPUT(3@12x12) → CONV(4, 3) → FC(2)")
    reference = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 2))
    first, *others = model.parameters()
    first.requires_grad_(False)
    reference[2].requires_grad_(False)
    load_state(model, reference, IMAGE)
    assert [one.requires_grad for one in model.parameters()] == [False, *[True] * len(others)]
    assert first.grad_fn is None


def test_one_layer_used_twice() -> None:
    model = net("INPUT(3@12x12) → CONV(3, 3, p=1) as a → ReLU → CONV(3, 3, p=1) as b → FC(2)")
    twice = Written(
        lambda self, x: self.fc(self.conv(F.relu(self.conv(x))).flatten(1)),
        conv=nn.Conv2d(3, 3, 3, padding=1),
        fc=nn.Linear(432, 2),
    )
    with pytest.raises(StateError, match="weights of `conv` more than once; in the model a, b have"):
        load_state(model, twice, IMAGE)
    first, second = (name.removesuffix(".weight") for name in [*model.state_dict()][:4:2])
    load_state(model, twice, IMAGE, names={first: "conv", second: "conv"})
    assert torch.equal(model(IMAGE), twice(IMAGE))


def test_tied_weights() -> None:
    tied = Written(
        lambda self, x: self.b(F.relu(self.a(x))).flatten(1), a=nn.Conv2d(3, 3, 1), b=nn.Conv2d(3, 3, 1)
    )
    tied.get_submodule("b").weight = tied.get_parameter("a.weight")
    load_state(copy.deepcopy(tied), tied, IMAGE)
    with pytest.raises(StateError, match="weights of `b` more than once"):
        load_state(net("INPUT(3@12x12) → CONV(3, 1) → ReLU → CONV(3, 1) → FLATTEN"), tied, IMAGE)


def test_equal_layers_are_told_by_what_follows() -> None:
    """Three convolutions of the same shape on the same values, of which the model runs another one first."""
    model = net("INPUT(3@12x12) → { CONV(4, 1) → SIGMOID ⊙ { CONV(4, 1) + CONV(4, 1) → TANH } } → FC(2)")

    def run(self: Any, x: Tensor) -> Tensor:
        return self.fc(  # type: ignore[no-any-return]
            ((torch.tanh(self.a(x)) + self.b(x)) * torch.sigmoid(self.c(x))).flatten(1)
        )

    layers = {name: nn.Conv2d(3, 4, 1) for name in "abc"}
    loaded = agreed(model, Written(run, **layers, fc=nn.Linear(576, 2)))
    assert len(loaded.pairs) == 8


def test_nothing_is_left_behind() -> None:
    model, reference = net(RESIDUAL), Residual(zero=True)
    reference.norm1.eval()
    before = {name: tensor.clone() for name, tensor in reference.state_dict().items()}
    load_state(model, reference, IMAGE)
    assert not any(
        part._forward_hooks or part._forward_pre_hooks for one in (model, reference) for part in one.modules()
    )
    assert all(part.training for part in model.modules())
    assert [name for name, part in reference.named_modules() if not part.training] == ["norm1"]
    assert all(torch.equal(tensor, before[name]) for name, tensor in reference.state_dict().items())
    assert IMAGE.dtype == torch.float32


def test_torchvisions_resnet_from_its_state_dict_alone() -> None:
    """Made in the same order, so that nothing has to be said of its 41 layers."""
    model, reference = module("resnet", variant="ResNet18"), build("torchvision.models.resnet18()")
    shaken(reference)
    loaded = load_state(model, reference.state_dict(), in_order=True)
    assert len({pair.ours.rpartition(".")[0] for pair in loaded.pairs}) == 41
    x = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(model.eval()(x), reference.eval()(x))
