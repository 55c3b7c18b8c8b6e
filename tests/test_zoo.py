"""torchvision's networks in the language: equal layer by layer, and that a difference would be found."""

from __future__ import annotations

import re

import pytest
from zoo import BEYOND, ZOO, Published, differences, network_of, networks, truth

from cnndsl.api import check, read_source


def test_none_of_torchvisions_is_left_out() -> None:
    assert [*ZOO] == [*truth()]


@pytest.mark.parametrize("name", ZOO)
def test_equals_torchvisions(name: str) -> None:
    """Parameters, MACs, outputs, and all learnt layers in turn with their receptive fields."""
    assert differences(name) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("CONV(64, 7, s=2, p=3)", "CONV(64, 7, s=2, p=3, bias=yes)"), "parameters"),
        (("POOL(max, 3, s=2, p=1)", "POOL(max, 2, s=2)"), "fields"),
        (("ReLU → CONV(width, 3, p=1) → BN", "ReLU → BN → CONV(width, 3, p=1)"), "layers"),
        (("CONV(width, 3, s=stride, p=1) → BN", "CONV(width, 3, p=1) → BN → POOL(stride)"), "MACs"),
        (("→ GAP → FC(classes)", "→ GAP → FC(10)"), "outputs"),
    ],
)  # fmt: skip
def test_a_difference_is_found(change: tuple[str, str], found: str) -> None:
    text = read_source("resnet").text
    assert change[0] in text
    (changed,) = check(text.replace(*change), variants=["ResNet18"]).networks
    assert found in {one.split(":")[0] for one in differences("resnet18", changed)}


def test_another_network_differs() -> None:
    assert differences("resnet18", network_of("resnet34"))


@pytest.mark.parametrize("one", BEYOND, ids=lambda one: one.variant or one.spec)
def test_published_numbers(one: Published) -> None:
    """Those beyond torchvision have as many parameters as is published, as far as it is told."""
    number, million = re.fullmatch(r"([\d. ]+?)( million)?", one.params).groups()  # type: ignore[union-attr]
    unit = 10 ** (6 if million else 0)
    decimals = len(number.partition(".")[2])
    params = networks(one.spec)[one.variant].totals.params
    assert round(params / unit, decimals) == float(number.replace(" ", ""))
