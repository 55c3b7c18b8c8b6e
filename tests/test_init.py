"""`init`: what is read, how it is told, and what the formulas come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_help import run

from cnndsl.api import check
from cnndsl.explain.initial import page
from cnndsl.explain.step import explain
from cnndsl.layers.initial import METHODS, Initialisation
from cnndsl.render.explained import explained
from cnndsl.render.text import plain
from cnndsl.source import Source

CHAIN = "INPUT(3@227x227) → CONV(96, 11x11, s=4) → BN → ReLU → CONV(8, 3, g=2) → TCONV(6, 3) → FC(10)"


def read(init: str) -> Initialisation:
    (network,) = check(Source("net.cnn", f"init {init}\n{CHAIN}")).networks
    assert network.ok, network.diagnostics
    assert network.init is not None
    return network.init


@pytest.mark.parametrize(
    ("init", "text"),
    [
        ("he", "he"),
        ("HE( FAN_OUT )", "he(fan_out)"),
        ("he(slope = 1/5)", "he(slope=0.2)"),
        ("he(fan_in)", "he"),
        ("normal(std=0.01)", "normal(0.01)"),
        ("normal(0.02, mean = 1), fc = torch", "normal(0.02, mean=1), FC = torch"),
        ("normal(1e-5)", "normal(1e-05)"),
        ("BatchNorm = uniform(0.1)", "BN = uniform(0.1)"),
    ],
)
def test_how_it_is_understood(init: str, text: str) -> None:
    found = read(init)
    assert str(found) == text
    assert read(str(found)) == found


def test_a_method_for_all_is_for_conv_tconv_and_fc() -> None:
    found = read("he, FC = normal(0.01), BN = normal(0.02, mean=1)")
    methods = {kind: str(recipe) for kind, recipe in found.recipes.items()}
    assert methods == {"CONV": "he", "TCONV": "he", "FC": "normal(0.01)", "BN": "normal(0.02, mean=1)"}


def test_without_init_a_network_has_none() -> None:
    assert check(CHAIN).networks[0].init is None


@pytest.mark.parametrize(
    ("init", "path", "lines"),
    [
        ("he", "conv1", ["fan-in  n = 3·11·11 = 363", "std     √(2/n) = √(2/363) = 0.07423", "biases  0"]),
        ("he(fan_out)", "conv2", ["fan-out  n = 8·3·3 = 72", "std      √(2/n) = √(2/72) = 0.1667"]),
        ("he(slope=2)", "conv2", ["std     √(2/((1 + slope²)·n)) = √(2/((1 + 2²)·432)) = 0.03043"]),
        ("glorot", "tconv1", ["fan-in   n = 6·3·3 = 54", "√(2/(n + m)) = √(2/(54 + 72)) = 0.126"]),
        ("glorot_uniform(gain=2)", "tconv1", ["2·√(2/(54 + 72)) = 0.252", "between  ±0.4364"]),
        ("lecun", "conv1", ["√(1/n) = √(1/363) = 0.05249"]),
        ("orthogonal", "conv1", ["√(1/max(n, rows)) = √(1/max(363, 96)) = 0.05249"]),
        ("normal(0.01)", "fc1", ["std     0.01"]),
        ("truncated(0.02)", "conv1", ["0.8796·std = 0.8796·0.02 = 0.01759"]),
        ("uniform(0.1)", "conv1", ["bound/√3 = 0.1/√3 = 0.05774"]),
        ("FC = torch, CONV = he", "fc1", ["√(1/(3·n))"]),
        ("BN = normal(0.02, mean=1)", "bn1", ["normal(0.02, mean=1): normal around the mean"]),
    ],
)
def test_a_layer_is_explained(init: str, path: str, lines: list[str]) -> None:
    (network,) = check(Source("net.cnn", f"init {init}\n{CHAIN}")).networks
    text = "\n".join(map(plain, explained(explain(network, path), 100)))
    section = text.partition("Weights at the start\n")[2]
    for line in lines:
        assert line in section, text


def test_layers_that_nothing_is_said_of_are_explained_as_before() -> None:
    (network,) = check(Source("net.cnn", f"init FC = he\n{CHAIN}")).networks
    for path in ("conv1", "bn1", "relu1"):
        assert "at the start" not in "\n".join(map(plain, explained(explain(network, path), 100)))


def test_the_page_has_all_methods() -> None:
    assert all(f"`{name}" in page() for name in METHODS)
    done = run("explain", "init")
    assert done.status == 0
    assert "Delving deep into rectifiers" in done.out
    assert run("explain", "init", "--format", "markdown").out == page()


def test_the_example_of_the_page_is_fine() -> None:
    example = page().partition("```cnn good\n")[2].partition("```")[0]
    assert check(example).diagnostics == []


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("build", "alexnet", "--init", "he, FC=normal(0.01)", "-o", "-")
    assert done.status == 0
    assert "nn.init.kaiming_normal_(module.weight" in done.out
    assert "nn.init.normal_(module.weight, std=0.01)" in done.out
    for wrong in ("hee", "he(", "normal", "he, he", "he; FC=he"):
        done = run("build", "alexnet", "--init", wrong)
        assert done.status == 2, wrong
        assert "--init:1:" in done.err
    assert list(tmp_path.iterdir()) == []


def test_an_option_for_what_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("build", "linear", "--init", "he, CONV=normal(0.1)")
    assert done.status == 0
    assert "warning[unused]: `init` says how CONV starts, and there is none here" in done.err
    assert "linear.py" in done.err
