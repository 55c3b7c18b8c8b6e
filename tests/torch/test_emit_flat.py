"""The flat style: every layer written out, and still the network that the classes and loops are."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Iterator
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
import torch
from emit_help import assert_agrees, checked, input_sizes
from emit_programs import PROGRAMS
from emit_specs import NAMES, free_of_variants, report_of
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle.run import run
from oracle.strategies import networks

from cnndsl.analysis.rows import rows
from cnndsl.api import Report, check, shipped
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.flat import plain
from cnndsl.emit.options import Options
from cnndsl.emit.torch import emit_torch
from cnndsl.source import Source
from cnndsl.torch import loaded, module

if TYPE_CHECKING:
    from goldens import Golden
    from oracle.tree import Net
    from torch import Tensor, nn

    from cnndsl.network import Network

FLAT = Options(style="flat")

#: PyTorch says so once a process, where `same` needs one more pixel on one side.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")


#: Small programs, then the shipped networks and examples.
EVERY = [*PROGRAMS, *NAMES]


@cache
def report_for(name: str) -> Report:
    return check(Source(f"{name}.cnn", PROGRAMS[name])) if name in PROGRAMS else report_of(name)


@pytest.mark.parametrize("name", ["lenet5", "resnet", "googlenet", "unet", "rgbd"])
def test_golden(name: str, golden: Golden) -> None:
    report = report_of(name)
    report.networks[2:] = []
    golden(f"emit_flat/{name}.py.txt", emit_torch(report, FLAT).text)


@pytest.mark.parametrize("name", EVERY)
def test_modules_agree_with_their_tables(name: str) -> None:
    report = report_for(name)
    emitted = emit_torch(report, FLAT)
    for network in report.networks[:1]:
        assert_agrees(emitted.calls[network.name], emitted, network)
        assert_called_as_in_the_table(emitted.calls[network.name], emitted.text, network)


def assert_called_as_in_the_table(call: str, text: str, network: Network) -> None:
    with torch.device("meta"):
        model = built(call, text)
    rows_with = {
        plain(row.path): row.totals.params for row in rows(network, expand=True) if row.totals.params
    }
    found = {one: sum(p.numel() for p in inner.parameters()) for one, inner in model.named_children()}
    assert {one: params for one, params in found.items() if params} == rows_with


@pytest.mark.parametrize("name", EVERY)
def test_classes_have_no_loops_and_no_conditions(name: str) -> None:
    report = report_for(name)
    tree = ast.parse(emit_torch(report, FLAT).text)
    named = {network.name for network in report.networks} | {report.program.name if report.program else ""}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in named]
    forbidden = ast.For | ast.If | ast.IfExp | ast.comprehension | ast.While | ast.Starred | ast.Lambda
    for node in (node for one in classes for node in within(one)):
        assert not isinstance(node, forbidden)


def within(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a class, but for how weights start: that is said for all modules of a kind."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.For) and ast.unparse(child.iter) == "self.modules()"):
            yield child
            yield from within(child)


def built(call: str, text: str) -> nn.Module:
    model: nn.Module = eval(call, vars(loaded(text)))  # noqa: S307
    return model


# ---- the same function


def learnt(model: nn.Module, inputs: list[Tensor]) -> tuple[list[nn.Module], tuple[Tensor, ...]]:
    """The modules with weights or statistics, in the order in which they run, and what comes out."""
    ran: list[nn.Module] = []
    for inner in model.modules():
        if [*inner.parameters(recurse=False), *inner.buffers(recurse=False)]:
            inner.register_forward_pre_hook(lambda one, _inputs: ran.append(one))
    with torch.no_grad():
        outputs = model(*inputs)
    return ran, outputs if isinstance(outputs, tuple) else (outputs,)


def looks(layer: nn.Module) -> str:
    """What a layer is, with the shapes of its weights."""
    return f"{layer} {[tuple(weight.shape) for weight in layer.parameters()]}"


def assert_same(report: Report, network: Network, device: str = "cpu") -> None:
    """Both styles have the same layers and, given the same weights, the same outputs.

    Where the paths of a join run in another order, layers that look alike get equal weights.
    """
    torch.manual_seed(0)
    with torch.device(device):
        inputs = [torch.randn(2, *shape) for shape in input_sizes(network)]
        models = []
        for options in (Options(), FLAT):
            emitted = emit_torch(report, options)
            models.append(built(emitted.calls[network.name], emitted.text).eval())
    ran, flat = (learnt(model, inputs)[0] for model in models)
    if [*map(looks, ran)] != [*map(looks, flat)]:
        alike = {looks(one): one for one in flat}
        for one in (*ran, *flat):
            one.load_state_dict(alike[looks(one)].state_dict())
        ran, flat = sorted(ran, key=looks), sorted(flat, key=looks)
    assert [*map(looks, ran)] == [*map(looks, flat)]
    if device == "meta":
        return
    for one, other in zip(ran, flat, strict=True):
        other.load_state_dict(one.state_dict())
    wanted, outputs = (learnt(model, inputs)[1] for model in models)
    for one_output, other_output in zip(wanted, outputs, strict=True):
        assert torch.allclose(one_output, other_output, equal_nan=True)


@pytest.mark.parametrize("name", NAMES)
def test_both_styles_have_the_same_layers(name: str) -> None:
    report = report_for(name)
    assert_same(report, report.networks[-1], "meta")


@pytest.mark.parametrize("name", EVERY)
def test_both_styles_compute_the_same(name: str) -> None:
    report = report_for(name)
    light = [network for network in report.networks if network.all_totals.macs < 200_000_000]
    for network in light[:2]:
        assert_same(report, network)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(shipped().keys() & set(NAMES)))
def test_both_styles_of_all_shipped_networks_compute_the_same(name: str) -> None:
    report = report_for(name)
    emitted = emit_torch(report, FLAT)
    for network in report.networks:
        assert_agrees(emitted.calls[network.name], emitted, network)
        assert_same(report, network)


@seed(2015)
@settings(
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    max_examples=60,
)
@given(networks())
def test_both_styles_of_random_networks_compute_the_same(net: Net) -> None:
    if not run(net).ok:
        return
    source = Source("net.cnn", net.text())
    free = check(source).networks[0].free
    report = check(
        source, settings=", ".join(f"{f.name}={'yes' if f.value is True else f.value}" for f in free)
    )
    try:
        emit_torch(report)
    except Located as error:
        if "average pools cannot pad" not in error.diagnostic.message:
            raise
        return
    assert_same(report, report.networks[0])


# ---- what PyTorch does with modules


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("lenet5", ""),
        ("rgbd", ""),
        ("senet", ""),
        ("unet_any_depth", "depth=2, w=4"),
        ("resnet", "Block=BasicBlock, depths=(1, 1, 1, 1)"),
    ],
)
def test_tools_of_pytorch(name: str, settings: str) -> None:
    report = checked(free_of_variants(name), settings=settings) if settings else report_of(name)
    network = report.networks[0]
    emitted = emit_torch(report, FLAT)
    model = built(emitted.calls[network.name], emitted.text).eval()
    inputs = tuple(torch.randn(1, *shape) for shape in input_sizes(network))
    wanted = first(model(*inputs))
    for other in (
        torch.fx.symbolic_trace(model),
        torch.compile(model, fullgraph=True, backend="eager"),
        torch.export.export(model, inputs).module(),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),  # noqa: S301
    ):
        assert torch.allclose(first(other(*inputs)), wanted, atol=1e-5)


def first(output: Any) -> Tensor:
    """The main output."""
    tensor: Tensor = output[0] if isinstance(output, tuple) else output
    return tensor


def test_a_live_module() -> None:
    net = module("lenet5", variant="Digits", style="flat", class_name="Digitizer")
    assert type(net).__name__ == "Digitizer"
    assert [*dict(net.named_children())][:3] == ["conv1", "relu1", "pool1"]
    with pytest.raises(ValueError, match="modules or flat"):
        module("lenet5", variant="Digits", style="round")  # type: ignore[arg-type]


# ---- names


def test_names_stay_apart() -> None:
    text = (
        "INPUT(3@8x8) → [CONV(4, 3, p=1)]*2 → CONV(5, 1) as conv1_0 → BN as forward → CONV(4, 1) as torch"
        " → { CONV(2, 1) as y | torch } → GAP → FC(2) as x"
    )
    report = checked(text)
    emitted = emit_torch(report, FLAT)
    assert_agrees(emitted.calls["net"], emitted, report.networks[0])
    names = [*dict(built(emitted.calls["net"], emitted.text).named_children())]
    assert names == ["conv1_0", "conv1_1", "conv1_02", "forward_", "torch", "y", "gap1", "x"]


def test_a_label_of_one_use_is_not_that_of_the_next() -> None:
    text = """
    block B = CONV(4, 3, p=1) as a → RELU → { a | ID } → CONV(4, 1) as b → { a + b }
    INPUT(4@8x8) → { B | B → B } → CONV(4, 1) → B as out → { out + B → B } → { B ⊙ { B | B } → CONV(4, 1) }
    → GAP → FC(2)
    """
    report = checked(text)
    assert_same(report, report.networks[0])


# ---- length


def test_ten_thousand_layers() -> None:
    report = checked("INPUT(3@8x8) → [CONV(4, 3, p=1) → RELU]*5000 → GAP → FC(2)")
    start = perf_counter()
    emitted = emit_torch(report, FLAT)
    assert perf_counter() - start < 10, "it takes less than one"
    assert emitted.text.count("nn.Conv2d(") == 5000
    compile(emitted.text, "net.py", "exec")


def test_too_many_layers_to_be_written_one_by_one() -> None:
    report = checked("INPUT(3@8x8) → [CONV(4, 3, p=1) → RELU]*60_000 → GAP → FC(2)")
    with pytest.raises(Located, match="120003 layers are too many") as caught:
        emit_torch(report, FLAT)
    assert caught.value.diagnostic.code == "not-expressible"
