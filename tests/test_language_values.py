"""Values, conditions, settings, variants and expectations of the language."""

from __future__ import annotations

import pytest
from programs import only

from cnndsl.analysis.rows import rows
from cnndsl.api import check

VALUES = {
    "2 + 3*4": 14,
    "10 - 3 - 2": 5,
    "10 − 3": 7,
    "2^3^2": 512,
    "(2^3)^2": 64,
    "-2^2 + 8": 4,
    "- -3": 3,
    "7 // 2": 3,
    "7 % 4": 3,
    "8 / 2": 4,
    "-7 // 2 + 10": 6,
    "1_000": 1000,
    "min(3, 4)": 3,
    "max(3, 4, 9)": 9,
    "ceil(7/2)": 4,
    "floor(7/2)": 3,
    "round(3.6)": 4,
    "len((1, 2, 3))": 3,
    "len(n)": 2,
    "sum((1, 2, 3))": 6,
    "sum(j, j < 4)": 6,
    "sum(n[j]*j, j < len(n))": 5,
    "sum(sum(k, k < j), j < 4)": 4,
    "round_to(33, 8)": 32,
    "round_to(12, 8)": 16,
    "round_to(3, 8)": 8,
    "sum(2*n)": 18,
    "sum(n*(3, 1) - 1)": 15,
    "sum(ceil(0.3*n))": 4,
    "sum(round_to(3*n, 8))": 32,
    "sum((10, 20) // n)": 6,
    "4 if in.C == 3 else 1 // 0": 4,
    "1 if n[0] > 4 else 2 if n[1] > 4 else 3": 2,
    "2*(3 if no else 5)": 10,
    "n[0]": 4,
    "n[n[0] - 3]": 5,
    "in.C*2": 6,
}


@pytest.mark.parametrize("expression", VALUES)
def test_values(expression: str) -> None:
    network = only(check(f"net N(n = (4, 5)) INPUT(3@8x8) → FC({expression})"))
    assert network.output
    assert network.output.channels == VALUES[expression]


CONDITIONS = {
    "yes": True,
    "no": False,
    "not no": True,
    "2 < 3": True,
    "2 <= 2 and 3 >= 3": True,
    "2 ≤ 2 and 3 ≥ 4": False,
    "1 == 1.0": True,
    "1 != 1": False,
    "no or not (1 > 2)": True,
    "not 1 == 2 and yes": True,
    "yes or 1 // 0 == 0": True,
    "no and 1 // 0 == 0": False,
    "(1, 2) == (1, 2)": True,
    "in.C == 3": True,
    "Act == TANH": True,
    "Act == ReLU": False,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions(condition: str) -> None:
    network = only(check(f"net N(Act = TANH) INPUT(3@8x8) → GAP?({condition})"))
    assert str(network.output) == ("3@1x1" if CONDITIONS[condition] else "3@8x8")


def test_round_to_is_mobilenets_rule() -> None:
    """No more than 10 % below the value: 16·0.5 = 8, 24·0.5 = 12 → 16, 160·0.35 = 56."""
    for value, rounded in ((8, 8), (12, 16), (56, 56), (58.8, 56), (61, 64), (92, 96), (1, 8)):
        network = only(check(f"INPUT(3@8x8) → FC(round_to({value}, 8))"))
        assert network.output
        assert network.output.channels == rounded


# ---- settings, variants, expectations

SETTABLE = """
net N(v = 1, Act = ReLU, B = X, t = (1, 2), b = yes, k = 3x3, p = 1:2, s = 3@9x9, word = max)
block X(n = 2) = CONV(n, 1)
block Y = ID
INPUT(s) → Act → B → CONV(2, k, p=p, bias=b) → POOL(word, 2) → FC(v) → FC(t[1])
"""

#: settings → output of the CONV, its parameters, output of the network
SETTINGS = {
    "": ("2@10x10", 2 * 2 * 9 + 2, "2"),
    "v=7": ("2@10x10", 38, "2"),
    "Act=PRELU": ("2@10x10", 38, "2"),
    "B=Y": ("2@10x10", 3 * 2 * 9 + 2, "2"),
    "t=(3, 4)": ("2@10x10", 38, "4"),
    "t=(3, 2+3),": ("2@10x10", 38, "5"),
    "b=no": ("2@10x10", 36, "2"),
    "k=5x5": ("2@8x8", 102, "2"),
    "k=5": ("2@8x8", 102, "2"),
    "p=0": ("2@7x7", 38, "2"),
    "p=1x2": ("2@9x11", 38, "2"),
    "p=0:1x1:2": ("2@8x10", 38, "2"),
    "p=same": ("2@9x9", 38, "2"),
    "s=1@20x20": ("2@21x21", 38, "2"),
    "s=20x20x1": ("2@21x21", 38, "2"),
    "word=avg": ("2@10x10", 38, "2"),
    'word="avg", k=1, p=0': ("2@9x9", 6, "2"),
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings(settings: str) -> None:
    network = only(check(SETTABLE, settings=settings))
    conv = [row for row in rows(network) if row.kind == "CONV"][-1]
    found = (str(conv.output), conv.totals.params, str(network.output))
    assert found == SETTINGS[settings]


VARIANTS = """
net N(Block, n, k = 3 in {1, 3})
variant One   = (A, 1)
variant Two   = (Block = B, n = 2)
variant Three = (A, n = 3, k = 1)
block A(k) = CONV(4, k, p=k//2) → ReLU
block B(k) = A(k) → BN
INPUT(3@8x8) → [Block(k)]*n
expect One.params   == 112
expect Two.params   == 112 + 148 + 2*8
expect Three.params == 16 + 20 + 20
expect Two.weights - One.weights == 144 + 8
expect params < 300
"""


def test_variants() -> None:
    report = check(VARIANTS)
    assert report.diagnostics == []
    assert [network.name for network in report.networks] == ["One", "Two", "Three"]
    assert [network.totals.params for network in report.networks] == [112, 276, 56]


def test_a_variant_by_name() -> None:
    assert only(check(VARIANTS, variants=["Two"])).totals.params == 276


def test_variants_take_settings() -> None:
    report = check(VARIANTS, settings="k=1")
    assert [network.totals.params for network in report.networks] == [16, 16 + 20 + 16, 56]
    assert report.diagnostics == []
    assert "--set k" in report.unchecked


EXPECTATIONS = [
    "params == 112 + 148 + 10",
    "weights == 108 + 144 + 8",
    "biases == 4 + 4 + 2",
    "neurons == 4*36 + 4*16 + 2",
    "macs == 108*36 + 144*16 + 8",
    "flops > 2*macs",
    "rf == 5",
    "C == 2",
    "params == 2.7e2",
    "params/2 == 135",
    "params >= 270 and not params > 270",
    "conv1.params == 260",
    "conv1[0].params == 112",
    "conv1[1].params == 148",
    "conv1[0].rf == 3",
    "conv1[1].H == 4",
    "last.params == 10",
    "last.C == classes",
    "input1.C * input1.H * input1.W == 192",
    "N.params == 270",
]


@pytest.mark.parametrize("expectation", EXPECTATIONS)
def test_expectations(expectation: str) -> None:
    text = "net N(classes = 2) INPUT(3@8x8) → CONV(4, 3)*2 → GAP → FC(classes) as last\n"
    only(check(f"{text}expect {expectation}"))
