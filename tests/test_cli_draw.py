"""`cnndsl draw`: what it writes where, and what it ends with."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from cli_help import run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_picture_is_named_after_its_network() -> None:
    done = run("draw", "alexnet")
    assert (done.status, done.out) == (0, "")
    assert "wrote alexnet.svg" in done.err
    assert Path("alexnet.svg").read_text(encoding="utf-8").startswith("<svg ")


def test_a_variant_is_part_of_the_name() -> None:
    assert "wrote resnet-ResNet18.svg" in run("draw", "resnet", "--variant", "ResNet18").err


def test_a_picture_can_go_to_standard_output() -> None:
    done = run("draw", "-e", "INPUT(3@8x8) → FC(10)", "-o", "-")
    assert done.out.startswith("<svg ")
    assert done.out.endswith("</svg>\n")
    assert list(Path().iterdir()) == []


def test_a_network_with_errors_is_drawn_as_well() -> None:
    done = run("draw", "-e", "INPUT(3@8x8) → CONV(8, 99) → ReLU → FC(10)", "-o", "broken.svg")
    assert done.status == 1
    assert "kernel-too-large" in done.err
    assert "kernel does not fit" in Path("broken.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "rest", "message"),
    [
        ("INPUT(3@8x8) → CONV(8, 3) ReLU → FC(10)", "ReLU → FC(10)", "an arrow is missing before `ReLU`"),
        ("INPUT(3@8x8) → CONV(8, 3) → [FC(10) → ReLU", "[", "this `[` is never closed"),
        ("INPUT(3@8x8) → CONV(8, 3) → FC(10 → ReLU", "FC(10 → ReLU", "this `(` is never closed"),
        ("INPUT(3@8x8) → CONV(8, 3) →", "→", "the file ends here"),
    ],
)
def test_of_a_text_that_cannot_be_read_the_beginning_is_drawn(text: str, rest: str, message: str) -> None:
    done = run("draw", "-e", text, "--style", "graph", "-o", "broken.svg")
    assert done.status == 1
    picture = Path("broken.svg").read_text(encoding="utf-8")
    words = re.findall(">([^<>]+)</text>", picture)
    assert {"CONV(8, 3x3)", "8@6x6", rest, message} <= set(words)


def test_rows_are_as_wide_as_asked_for() -> None:
    assert run("draw", "alexnet", "--width", "400", "-o", "narrow.svg").status == 0
    width, _ = re.findall(r'viewBox="0 0 (\S+) (\S+)"', Path("narrow.svg").read_text(encoding="utf-8"))[0]
    assert float(width) <= 400


def test_errors_that_keep_a_network_from_a_style_leave_it_a_graph() -> None:
    text = "INPUT(3@16x16) → CONV(8, 3, p=1) as a → POOL(2) → CONV(8, 40) → { UPSAMPLE(2) | a } → CONV(2, 1)"
    done = run("draw", "-e", text, "--style", "blocks", "-o", "broken.svg")
    assert done.status == 1
    assert "it is drawn as a graph" in " ".join(done.err.split())
    assert "kernel does not fit" in Path("broken.svg").read_text(encoding="utf-8")


def test_a_bare_picture_has_no_title() -> None:
    assert run("draw", "alexnet", "--bare", "-o", "bare.svg").status == 0
    picture = Path("bare.svg").read_text(encoding="utf-8")
    assert "96@55x55" in picture
    assert "parameters</text>" not in picture


def test_a_text_without_a_network_is_not() -> None:
    done = run("draw", "-e", "block A = CONV(")
    assert done.status == 1
    assert "there is no network to be drawn; network.svg is not written" in done.err
    assert list(Path().iterdir()) == []


def test_that_an_older_picture_stays_is_said() -> None:
    run("draw", "-e", "INPUT(3) → FC(2)", "-o", "net.svg")
    before = Path("net.svg").read_bytes()
    assert "net.svg is not written" in run("draw", "-e", "block A = CONV(", "-o", "net.svg").err
    assert Path("net.svg").read_bytes() == before
    assert "nothing is written" in run("draw", "-e", "block A = CONV(", "-o", "-").err


def test_an_ending_may_be_in_capitals() -> None:
    assert run("draw", "-e", "INPUT(3) → FC(2)", "-o", "NET.SVG").status == 0
    assert Path("NET.SVG").read_text(encoding="utf-8").startswith("<svg ")
    assert run("draw", "-e", "INPUT(3) → FC(2)", "-o", "NET.Tex").status == 0
    assert Path("NET.Tex").read_text(encoding="utf-8").startswith("%")


def test_rows_of_maps_show_every_copy_anyway() -> None:
    text = "INPUT(3@8x8) → [CONV(8, 3, p=1) → ReLU]*3 → FC(10)"
    pictures = [
        run("draw", "-e", text, "--style", "lenet", *more, "-o", "-").out for more in ((), ("--expand",))
    ]
    assert pictures[0] == pictures[1]
    assert pictures[0].count("feature maps") == 3


def test_a_file_of_somebody_else_is_left_alone() -> None:
    Path("alexnet.svg").write_text("<svg/>", encoding="utf-8")
    done = run("draw", "alexnet")
    assert done.status == 1
    assert "alexnet.svg is not written by cnndsl; name another file by -o" in done.err
    assert Path("alexnet.svg").read_text(encoding="utf-8") == "<svg/>"
    assert run("draw", "alexnet", "-o", "alexnet.svg").status == 0
    assert run("draw", "alexnet").status == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("resnet",), "has variants, name one by --variant"),
        (("googlenet", "--style", "lenet"), "does not fit the style lenet: it has several chains"),
        (("unet", "--variant", "UNetValid", "--style", "lenet"), "row do not show; --style blocks draws it"),
        (("alexnet", "vgg"), "draw takes one FILE"),
        ((), "draw takes one FILE"),
        (("alexnet", "-o", "alexnet.bmp"), "pictures are written as .svg, .pdf, .png, .tex, .mmd"),
        (("alexnet", "-o", "alexnet.mmd", "--width", "400"), "--width says nothing of a Mermaid graph"),
        (("-e", "INPUT(3@8x8) → [CONV(3, 1)]*1_000_000", "--expand"), "at most 20 000 are drawn"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], complaint: str) -> None:
    done = run("draw", *arguments)
    assert done.status == 2
    assert complaint in done.err


def test_a_file_that_cannot_be_written() -> None:
    done = run("draw", "alexnet", "-o", "no/such/folder.svg")
    assert done.status == 1
    assert done.err == "error: no/such/folder.svg cannot be written: No such file or directory\n"


def test_a_graph_in_place_of_a_style_needs_a_library_as_any_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    text = "INPUT(3@16x16) → CONV(8, 3, p=1) as a → POOL(2) → CONV(8, 40) → { UPSAMPLE(2) | a } → CONV(2, 1)"
    done = run("draw", "-e", text, "--style", "blocks", "-o", "broken.png")
    assert done.status == 2
    assert "needs typst" in done.err
