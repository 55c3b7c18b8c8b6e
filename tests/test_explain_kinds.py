"""`cnndsl explain CONV`: the page of a kind of layer, with its arguments and an example worked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_help import run

from cnndsl.api import check
from cnndsl.explain.arguments import MEANINGS
from cnndsl.explain.layers import kind_page
from cnndsl.layers import KINDS, Layer

if TYPE_CHECKING:
    from goldens import Golden


def test_golden(golden: Golden) -> None:
    golden("explain_kind.txt", run("explain", "CONV", columns=100).out)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_has_a_page(kind: type[Layer]) -> None:
    """Its example works, and each of its arguments is explained."""
    page = kind_page(kind)
    assert check(page.example).ok
    assert page.usage.startswith(kind.kind)
    assert page.doc
    assert page.worked.sections
    assert [one.name for one in page.arguments] == list(kind.hypers())
    assert all(one.meaning and len(one.meaning) <= 120 for one in page.arguments)


def test_no_meaning_is_left_over() -> None:
    names = {spec.name for kind in KINDS.values() for spec in kind.hypers().values()}
    own = {f"{kind.kind}.{name}" for kind in KINDS.values() for name in kind.hypers()}
    assert MEANINGS.keys() <= names | own


@pytest.mark.parametrize("word", ["CONV", "conv", "Conv", "Conv2d"])
def test_a_kind_in_any_spelling(word: str) -> None:
    out = run("explain", word).out
    assert "CONV(filters, kernel, s=1, p=0" in out
    assert "needed" in out
    assert "D·w·h·C = 96·11·11·3 = 34 848" in out


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("PERMUTE", "PERMUTE(HWC)"),
        ("leakyrelu", "LEAKY, also written LEAKYRELU"),
        ("MaxPool2d", "MaxPool2d is written POOL(max, …) here"),
        ("Dense", "Dense is written FC here"),
        ("POOL", "the window  pixels from one window to the next"),
    ],
)
def test_what_the_page_of_a_kind_says(word: str, said: str) -> None:
    found = run("explain", word)
    assert found.status == 0
    assert said in found.out


def test_a_typo_in_a_kind() -> None:
    found = run("explain", "POOOL")
    assert found.status == 2
    assert "there is no kind of layer `POOOL`, did you mean POOL" in found.err


def test_a_file_called_like_a_kind_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conv").write_text("INPUT(3@9x9) → FC(2)", encoding="utf-8")
    assert "fc1" in run("explain", "conv").out
