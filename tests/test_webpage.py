"""The page that `cnndsl report` writes, as text; `test_webpage_browser.py` clicks through it."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

import pytest
from cli_help import run
from click.testing import CliRunner
from page_help import Page, section

import cnndsl
from cnndsl.api import read_source
from cnndsl.begun import begun
from cnndsl.cli.app import app
from cnndsl.drawing import limits
from cnndsl.webpage import webpage


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
    assert {*layers} <= {*read.paths} <= {*read.explained}


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


def test_sizes_by_name_are_told_and_stand_in_place_of_bars() -> None:
    text = webpage(cnndsl.check("INPUT(3@HxW) → CONV(8, 3, s=2) → CONV(8, 3) → GAP → FC(2)"))
    Page(text)
    assert "H₁ = ⌊(H − 3)/2⌋ + 1" in text
    assert "H₁ − 3 + 1 = H₂" in section(text, "layers")
    assert " see above" in section(text, "layers")  # where the totals are
    bars = section(text, "bars")
    assert "216·H₁·W₁" in bars
    assert "parameters 826 " in bars
    assert "conv2 70.7 %" in bars  # 584 of 826
    assert "MACs and activations follow from the size of the input" in bars
    assert "from layer to layer, of an input 3@HxW of any size" in section(text, "field")


def test_costs_beside_an_error_are_told_in_numbers() -> None:
    text = webpage(cnndsl.check("INPUT(3@8x8) → CONV(4, 3) → FOO → FC(10)"))
    bars = section(text, "bars")
    assert "parameters ? MACs ?" in bars
    assert "conv1 112 3 888 144 FOO ? ? ? fc1 ? ? 10" in bars
    assert "Some costs are unknown" in bars
    assert "The totals are unknown" in text


def test_a_field_is_drawn_on_the_input_that_it_is_of() -> None:
    text = "let depth = INPUT(1@32) → CONV(8, 3)\nINPUT(3@16x16) → CONV(8, 3) → CONV(8, 3) → GAP → FC(10)"
    field = re.search(r'<section id="field">.*?</section>', webpage(cnndsl.check(text)), re.DOTALL)
    assert field is not None
    assert Page(field[0]).paths == ["input1", "conv1", "conv2"] * 2
    assert "the input, 3@16x16" in field[0]


def test_a_picture_that_would_be_too_large_is_not_left_out_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_DRAWN", 20)
    assert "AlexNet has 22 layers, of which at most 20 are drawn" in section(page("alexnet"), "picture")


def test_what_was_assumed_and_what_is_free_is_told() -> None:
    layers = section(webpage(cnndsl.check("INPUT → [CONV → ReLU]*N → FC")), "layers")
    assert "CONV(64, 3x3, s=1, p=1)" in layers
    assert "N ≥ 0, usually ≤ 3" in layers


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("INPUT(3@8x8) → CONV(4, 3) → FOO(3, 4) → FC(2)", "FOO(3,\xa04)", "there is no layer or block `FOO`"),
        (
            "INPUT(3@H x W_x) → FC(2)",
            "INPUT(3@H\xa0x\xa0W_x)",
            "an extent is missing beside the x of `W_x`",
        ),
        ('INPUT(3@8x8) → FOO("a <b> & c") → FC(2)', 'FOO("a\xa0<b>\xa0&\xa0c")', "no layer or block `FOO`"),
        ("INPUT(3@8x8) → CONV(4, 9) → FC(2)", "conv1", "the 9x9 kernel does not fit"),
        ("INPUT(3@8x8) → CONV(4, 3) FC(2)", "FC(2)", "an arrow is missing before `FC(2)`"),
        ("INPUT(3@8x8) → CONV(4, 3) → [FC(2) → RELU", "[", "this `[` is never closed"),
    ],
)
def test_a_step_with_an_error_is_explained_with_its_message(text: str, path: str, message: str) -> None:
    report = cnndsl.check(text)
    read = webpage(report, begun(report))
    page = Page(read)
    assert page.paths.count(path) >= 2  # in the picture and in the table
    assert {*page.paths} <= {*page.explained}
    template = re.search(f'<template data-for="{re.escape(escape(path))}">(.*?)</template>', read, re.DOTALL)
    assert template is not None
    assert message in unescape(template[1])


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["report", "lenet5", "--variant", "Digits", "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_text(encoding="utf-8") == page("lenet5", "Digits")


def test_a_broken_network_is_reported_with_status_1(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert CliRunner().invoke(app, ["report", "alexnet_slide", "-o", str(out)]).exit_code == 1
    assert "this is 256@53x53" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["page.htm", "PAGE.HTML"])
def test_a_page_may_have_either_ending(name: str, tmp_path: Path) -> None:
    done = run("report", "-e", "INPUT(3) → FC(2)", "-o", str(tmp_path / name))
    assert (done.status, done.out) == (0, "")
    assert done.err == f"wrote {tmp_path / name}\n"
    assert (tmp_path / name).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_can_go_to_standard_output() -> None:
    done = run("report", "-e", "INPUT(3) → FC(2)", "-o", "-")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("<!doctype html>")


@pytest.mark.parametrize("text", ["", " \n"])
def test_of_nothing_there_is_no_page(text: str, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = run("report", "-e", text, "-o", str(out))
    assert done.status == 1
    assert f"there is nothing to be reported; {out} is not written" in done.err
    assert not out.exists()


def test_a_file_that_cannot_be_written() -> None:
    done = run("report", "alexnet", "-o", "no/such/folder/page.html")
    assert done.status == 1
    assert done.err == "error: no/such/folder/page.html cannot be written: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resnet", "-o", "x.html"], "resnet.cnn has variants, name one by --variant: ResNet18"),
        (["alexnet", "vgg", "-o", "x.html"], "report takes one FILE"),
        (["alexnet", "-o", "x.txt"], "x.txt: pages are written as .html, .htm"),
        (["alexnet", "-o", "x"], "x: pages are written as .html, .htm"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["report", *arguments])
    assert result.exit_code == 2
    assert message in result.output


def test_a_page_is_named_after_its_network_and_replaces_no_file_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner, page = CliRunner(), tmp_path / "alexnet.html"
    assert runner.invoke(app, ["report", "alexnet"]).exit_code == 0
    assert runner.invoke(app, ["report", "alexnet"]).exit_code == 0, "its own page"
    page.write_text("mine", encoding="utf-8")
    assert runner.invoke(app, ["report", "alexnet"]).exit_code == 1
    assert page.read_text(encoding="utf-8") == "mine"
