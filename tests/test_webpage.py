"""The page that `cnndsl report` writes, as text; `test_webpage_browser.py` clicks through it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

import cnndsl
from cnndsl.api import read_source
from cnndsl.cli.app import app
from cnndsl.webpage import webpage

#: Elements that end where they start.
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Reads a page; what it lists must be nested rightly."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.paths: list[str] = []
        self.explained: list[str] = []
        self.feed(text)
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.paths += (values.get("data-path") or "").split(" ")
        self.explained += filter(None, [values.get("data-for")])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(name: str, *variants: str) -> str:
    return webpage(cnndsl.check(read_source(name), variants=variants))


@pytest.mark.parametrize(
    ("name", "variants"),
    [
        ("alexnet", ()),
        ("alexnet_slide", ()),
        ("googlenet", ()),
        ("resnet", ("ResNet152",)),
        ("m5", ()),
        ("c3d", ()),
        ("pattern", ()),
    ],
)
def test_every_layer_is_in_the_table_and_explained(name: str, variants: tuple[str, ...]) -> None:
    read = Page(page(name, *variants))
    (network,) = cnndsl.check(read_source(name), variants=variants).networks
    layers = [row.path for row in cnndsl.rows(network)]
    assert read.explained[: len(layers)] == layers
    assert {*layers} <= {*read.paths} <= {"", *read.explained}


def test_the_page_fetches_nothing() -> None:
    text = page("alexnet")
    assert not re.search(r"""(?:src|href)=|url\((?!#)|@import|https?://(?!www\.w3\.org/)""", text)


def test_shares_are_of_the_whole() -> None:
    _, _, bars = page("alexnet").partition('<section id="bars">')
    line = re.search(r'<tr data-path="fc1\[0\]">.*?</tr>', bars)
    assert line is not None
    assert "37 752 832 parameters, 60.5 % of all" in line[0]
    assert "37 748 736 MACs, 3.3 % of all" in line[0]


def test_a_repeat_counts_all_its_copies() -> None:
    text = webpage(cnndsl.check("INPUT(8@4x4) → [CONV(8, 3, p=1)]*10"))
    assert "5 840 parameters, 100.0 % of all" in text  # 10·(8·8·3·3 + 8)


def test_a_diagnostic_stands_at_its_line() -> None:
    text = page("alexnet_slide")
    line = re.search(r'<li id="line-7">.*?</li>', text)
    assert line is not None
    assert "<mark>27x27x256</mark>" in line[0]
    assert "error[claim]: this is 256@53x53, not 27x27x256 as claimed" in line[0]


def test_an_unreadable_program_has_a_page_too() -> None:
    text = webpage(cnndsl.check("INPUT(3@8x8 → CONV(4, 3)"))
    Page(text)
    assert "error[" in text


def test_markup_in_the_source_stays_text() -> None:
    text = webpage(cnndsl.check("# <img src=x>\nnet N\nINPUT(1@4x4) → FC(2) # </script>"))
    Page(text)
    assert "<img" not in text


def test_sizes_by_name_have_a_page_without_bars() -> None:
    text = webpage(cnndsl.check("INPUT(3@HxW) → CONV(8, 3) → GAP → FC(2)"))
    Page(text)
    assert 'id="bars"' not in text
    assert "H − 2" in text


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["report", "lenet5", "--variant", "Digits", "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_text(encoding="utf-8") == page("lenet5", "Digits")


def test_a_broken_network_is_reported_with_status_1(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert CliRunner().invoke(app, ["report", "alexnet_slide", "-o", str(out)]).exit_code == 1
    assert "this is 256@53x53" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resnet", "-o", "x.html"], "resnet.cnn has variants, name one by --variant: ResNet18"),
        (["alexnet", "vgg", "-o", "x.html"], "report writes one page"),
        (["alexnet", "-o", "no/such/folder/x.html"], "cannot be written: No such file or directory"),
        (["alexnet"], "Missing option '-o'"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["report", *arguments])
    assert result.exit_code == 2
    assert message in result.output
