"""The Python interface: `import cnndsl` and what it offers."""

from __future__ import annotations

from pathlib import Path

import pytest

import cnndsl

LENET = "INPUT(1@28x28) → CONV(6, 5) → ReLU → POOL(2) → FC(10)"


def test_load_gives_the_network_with_its_totals(tmp_path: Path) -> None:
    file = tmp_path / "small.cnn"
    file.write_text(LENET, encoding="utf-8")
    net = cnndsl.load(file)
    assert (net.totals.weights, net.totals.biases, net.totals.params) == (8790, 16, 8806)
    assert str(net.output) == "10"


def test_a_shipped_network_goes_by_its_name_and_a_file_of_that_name_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cnndsl.load("alexnet").totals.params == 62_378_344
    monkeypatch.chdir(tmp_path)
    Path("alexnet").write_text("INPUT(3@8x8) → FC(2)", encoding="utf-8")
    assert cnndsl.load("alexnet").totals.params == 386


def test_variants_and_settings() -> None:
    assert cnndsl.load("resnet", variant="ResNet50").totals.params == 25_557_032
    assert cnndsl.load("alexnet", settings="classes=10").totals.params == 58_322_314
    with pytest.raises(ValueError, match=r"several variants.*ResNet18"):
        cnndsl.load("resnet")


def test_errors_come_as_values() -> None:
    report = cnndsl.check("INPUT(3@8x8) → CONV(4, 9)")
    (found,) = report.diagnostics
    assert (found.code, found.severity, report.ok) == ("kernel-too-large", "error", False)
    assert found.span.text == "9"


def test_load_raises_what_is_wrong_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "broken.cnn"
    file.write_text("INPUT(3@8x8) →\nCONV(4, 9)", encoding="utf-8")
    with pytest.raises(cnndsl.SpecError, match=r"broken\.cnn:2:9: error\[kernel-too-large\]"):
        cnndsl.load(file)
    with pytest.raises(cnndsl.SpecError, match="there is no file"):
        cnndsl.load(tmp_path / "nowhere.cnn")


def test_what_is_not_offered_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cnndsl.nothing  # noqa: B018
