"""The shipped networks as modules: shapes and parameters, the script, copies, and how they are kept."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from emit_help import agreeing, assert_agrees, checked, input_sizes
from emit_specs import NAMES, report_of

import cnndsl.torch
from cnndsl.api import SpecError, read_source
from cnndsl.emit.torch import emit_torch
from cnndsl.source import Source
from cnndsl.torch import loaded

if TYPE_CHECKING:
    from torch import nn


@pytest.mark.parametrize("name", NAMES)
def test_modules_agree_with_their_tables(name: str) -> None:
    report = report_of(name)
    emitted = emit_torch(report)
    for network in report.networks:
        assert_agrees(emitted.calls[network.name], emitted, network)


def lines_of(network: Any, batch: int) -> list[str]:
    """What the script should print."""
    others = [chain.node.output for chain in network.chains if chain.kind == "output"]
    shapes = [
        f"output: {'x'.join(map(str, (batch, y.channels, *y.extents)))}" for y in (network.output, *others)
    ]
    return [*shapes, f"parameters: {network.all_totals.params}"]


@pytest.mark.parametrize("name", NAMES)
def test_main(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In this process and on the meta device, which holds no numbers: all networks, with all options."""
    report = report_of(name)
    emitted = emit_torch(report)
    module = loaded(emitted.text)
    for network in report.networks:
        model = [emitted.calls[network.name].removesuffix("()")] if len(report.networks) > 1 else []
        monkeypatch.setattr(sys, "argv", ["net.py", *model, "--device", "meta", "--batch", "3"])
        with torch.device("meta"):
            module.main()
        assert capsys.readouterr().out.splitlines() == lines_of(network, 3)


@pytest.mark.parametrize("name", ["lenet5", "mlp", "linear", "pattern_conv"])
def test_runs_on_the_cpu(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of(name)
    monkeypatch.setattr(sys, "argv", ["net.py"])
    loaded(emit_torch(report).text).main()
    assert capsys.readouterr().out.splitlines() == lines_of(report.networks[0], 1)


def test_runs_as_a_script(tmp_path: Path) -> None:
    report = report_of("lenet5")
    script = tmp_path / "lenet5.py"
    script.write_text(emit_torch(report).text, encoding="utf-8")
    command = [sys.executable, "-W", "ignore", str(script), "exercise", "--batch", "2", "--device", "cpu"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines() == lines_of(report.networks[1], 2)
    assert done.stderr == ""
    wrong = subprocess.run([*command[:4], "resnet18"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "'digits', 'exercise'" in wrong.stderr


# ---- cnndsl.torch.module


def small() -> nn.Module:
    return cnndsl.torch.module("lenet5", variant="Digits")


def test_module_is_live() -> None:
    net = small()
    assert net.training
    assert tuple(net(torch.randn(2, 1, 28, 28)).shape) == (2, 10)
    assert sum(p.numel() for p in net.parameters()) == 44_426


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("INPUT(3@8x8) → CONV(4, 3) → ReLU → FC(5)", {}),
        ("net N(w = 2)\nINPUT(3@8x8) → CONV(w, 3) → FC(5)", {"settings": "w=7"}),
        ("net N(w = 2)\nINPUT(3@8x8) → CONV(w, 3) → FC(5)", {"input": "1@16x16"}),
        ("INPUT(3@8x8) → [CONV(4, 1) → ReLU]*N → POOL? → FC(5)", {"settings": "N=3, pool1=no"}),
        ("net N(w)\nvariant A = (2)\nvariant B = (3)\nINPUT(3@8x8) → CONV(w, 3) → FC(5)", {"variant": "B"}),
    ],
)
def test_options_of_module(text: str, options: dict[str, Any]) -> None:
    source = Source("net.cnn", text)
    net = cnndsl.torch.module(source, **options)
    variants = [options.pop("variant")] if "variant" in options else []
    (network,) = checked(source, variants=variants, **options).networks
    assert tuple(net(torch.randn(2, *input_sizes(network)[0])).shape) == (2, 5)
    assert sum(p.numel() for p in net.parameters()) == network.totals.params


def test_module_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "net.cnn"
    path.write_text("INPUT(3@8x8) → FC(5)", encoding="utf-8")
    assert tuple(cnndsl.torch.module(path)(torch.randn(2, 3, 8, 8)).shape) == (2, 5)


def test_module_of_what_check_and_load_give() -> None:
    text = "net N(w)\nvariant A = (2)\nvariant B = (3)\nINPUT(3@8x8) → CONV(w, 3) → ReLU → FC(5)"
    report = cnndsl.check(text)
    for number, network in enumerate(report.networks):
        model = cnndsl.torch.module(network)
        assert tuple(model(torch.randn(2, 3, 8, 8)).shape) == (2, 5)
        assert sum(p.numel() for p in model.parameters()) == network.totals.params
        assert type(model) is type(cnndsl.torch.module(text, variant="AB"[number]))
    assert type(cnndsl.torch.module(cnndsl.load("lenet5", variant="Digits"))) is type(small())
    alone = cnndsl.check(text, variants=["B"], input="1@9x9")
    assert tuple(cnndsl.torch.module(alone)(torch.randn(2, 1, 9, 9)).shape) == (2, 5)


@pytest.mark.parametrize(
    ("network", "options", "error", "message"),
    [
        (cnndsl.check("INPUT(3@8x8) → CONV(8, 9)"), {}, SpecError, "kernel-too-large"),
        (cnndsl.check("INPUT(3@8x8) → CONV(8, 9)").networks[0], {}, SpecError, "kernel-too-large"),
        (cnndsl.check("INPUT(3@8x8) CONV(8, 9)"), {}, SpecError, "missing-arrow"),
        (cnndsl.check("INPUT → [CONV → ReLU]*N → FC").networks[0], {}, SpecError, 'settings="N=1"'),
        (cnndsl.check("INPUT(3@HxW) → CONV(8, 3)"), {}, SpecError, 'input="3@'),
        (cnndsl.check(read_source("lenet5")), {}, ValueError, "its `networks`: Digits, Exercise"),
        ({"A": 1, "B": 2}, {}, TypeError, "not a dict: pass one of A, B"),
        (cnndsl.load("alexnet"), {"settings": "classes=3"}, TypeError, "settings: for a file or a text"),
        (cnndsl.torch, {}, TypeError, "not a module"),
    ],
)
def test_module_refuses_what_is_no_single_checked_network(
    network: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cnndsl.torch.module(network, **options)


def test_copies_and_pickles() -> None:
    net, x = small().eval(), torch.randn(2, 1, 28, 28)
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):  # noqa: S301
        assert torch.equal(net(x), other(x))
    kept = io.BytesIO()
    torch.save(net.state_dict(), kept)
    kept.seek(0)
    fresh = small().eval()
    fresh.load_state_dict(torch.load(kept, weights_only=True))
    assert torch.equal(net(x), fresh(x))


def test_source_and_docs_can_be_read() -> None:
    net = small()
    assert inspect.getsource(type(net)).startswith("class LeNet5(nn.Module):\n")
    assert (inspect.getdoc(net) or "").startswith("Gradient-based learning applied to document recognition")


def test_equal_sources_are_one_module() -> None:
    assert type(small()) is type(small())
    assert type(small()) is type(cnndsl.torch.module("lenet5", variant="Digits", settings="classes=10"))


def test_names_of_parameters_follow_the_file() -> None:
    text = "INPUT(3@8x8) → CONV(4, 3, p=1) as stem → { CONV(4, 1) + ID } → FC(5) as scores"
    emitted = agreeing(text)
    net: nn.Module = eval(emitted.calls["net"], vars(loaded(emitted.text)))  # noqa: S307
    weights = [name for name, _ in net.named_parameters() if name.endswith("weight")]
    assert weights == ["stem.weight", "conv.weight", "scores.weight"]


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("alexnet_slide", {}, SpecError, "alexnet_slide.cnn:7:"),
        ("no_such_file.cnn", {}, SpecError, "there is no file"),
        ("lenet5", {}, ValueError, "several variants"),
        ("pattern_mlp", {}, SpecError, "`K` is free"),
    ],
)
def test_module_refuses(name: str, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cnndsl.torch.module(name, **options)


def test_dropout_is_off_in_evaluation_and_on_in_training() -> None:
    net = cnndsl.torch.module(Source("net.cnn", "INPUT(100) → DROPOUT(0.5)"))
    x = torch.ones(1, 100)
    assert torch.equal(net.eval()(x), x)
    assert 20 < int((net.train()(x) == 0).sum()) < 80


def test_shipped_specs_can_be_read() -> None:
    assert read_source("lenet5").text == report_of("lenet5").source.text
