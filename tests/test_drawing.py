"""Pictures: their geometry over all shipped networks and awkward ones, and what is written of them."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
from picture_help import fitting, flaws, paths, shared
from picture_programs import AWKWARD, networks

import cnndsl
from cnndsl.analysis.rows import rows
from cnndsl.api import check, read_source
from cnndsl.drawing import picture
from cnndsl.drawing.scene import Box, Group, Line, Scene, Text, flat
from cnndsl.drawing.suited import suited
from cnndsl.drawing.svg import svg

ALL = networks()
FITTING = [(name, style) for name, network in ALL.items() for style in fitting(network)]


@cache
def drawn(name: str, style: str) -> Scene:
    return picture(ALL[name], style=style)


@pytest.mark.parametrize(("name", "style"), FITTING)
def test_nothing_overlaps_or_sticks_out(name: str, style: str) -> None:
    scene = drawn(name, style)
    assert flaws(scene) == []
    assert style == "graph" or shared(scene) == []


@pytest.mark.parametrize("width", [320, 672])
@pytest.mark.parametrize(
    ("name", "style"), [("VGG16", "blocks"), ("AlexNetGroups", "blocks"), ("VGG19", "lenet")]
)
def test_rows_are_broken_for_a_column_and_for_a_page(name: str, style: str, width: int) -> None:
    scene = picture(ALL[name], style=style, width=width)
    assert flaws(scene) == []
    assert scene.width <= width


@pytest.mark.parametrize("name", [name for name, network in ALL.items() if network.totals.layers < 400])
def test_nothing_overlaps_when_all_is_unfolded(name: str) -> None:
    assert flaws(picture(ALL[name], style="graph", expand=True)) == []


@pytest.mark.parametrize(("name", "style"), FITTING)
def test_every_layer_of_the_table_is_there(name: str, style: str) -> None:
    there = set(paths(drawn(name, style).items))
    assert {row.path for row in rows(ALL[name])} - there == set()


@pytest.mark.parametrize("name", ["ResNet50", "GoogLeNet", "unet"])
def test_every_copy_is_there_when_unfolded(name: str) -> None:
    network = ALL[name]
    drawn = list(paths(picture(network, style="graph", expand=True).items))
    assert {row.path for row in rows(network, expand=True)} - set(drawn) == set()


# ---- the check of the geometry can fail

GOOD = (
    Box(10, 10, 100, 30, "conv"),
    Text(20, 30, "CONV"),
    Line(((60, 40), (60, 80)), arrow=True),
    Box(50, 80, 20, 15, "pool"),
)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (Text(22, 32, "other"), "overlaps"),
        (Text(150, 30, "far too long for this canvas"), "leaves the canvas"),
        (Box(100, 20, 50, 30, "pool"), "overlaps"),
        (Line(((0, 20), (150, 20))), "crosses"),
        (Line(((60, 0), (60, 80))), "crosses"),
        (
            Group((Box(10, 60, 20, 20, "conv"), Text(12, 74, "CONV(96, 11x11)")), closed=True),
            "leaves its box",
        ),
        (Line(((150, 20), (150, 60)), arrow=True), "points at nothing"),
        (Group((Text(52, 92, "on a box of others"),)), "stands on"),
        (Group((Text(80, 65, "a title"), Line(((85, 50), (85, 90))))), "strikes out"),
    ],
)
def test_a_flaw_is_seen(wrong: Box | Text | Line | Group, complaint: str) -> None:
    assert flaws(Scene(200, 100, "", "", GOOD)) == []
    found = flaws(Scene(200, 100, "", "", (*GOOD, wrong)))
    assert any(complaint in flaw for flaw in found), found


# ---- SVG

NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", ALL)
def test_it_is_xml_with_a_title_and_the_layers_paths(name: str) -> None:
    root = ET.fromstring(cnndsl.draw(ALL[name]))  # noqa: S314 (of our own making)
    title = root.find(f"{NAMESPACE}title")
    assert root.get("role") == "img"
    assert title is not None
    assert title.text == root.get("aria-label") != ""
    marked = {path for group in root.iter(f"{NAMESPACE}g") for path in group.get("data-path", "").split(" ")}
    assert {row.path.replace(" ", "\u00a0") for row in rows(ALL[name])} <= marked


def test_text_is_text_and_nothing_comes_from_elsewhere() -> None:
    text = cnndsl.draw(ALL["AlexNet"], style="graph")
    assert ">CONV(96, 11x11, s=4)</text>" in text
    assert ">96@55x55</text>" in text
    assert re.findall(r"https?://\S+", text) == ['http://www.w3.org/2000/svg"']
    assert "prefers-color-scheme:dark" in text


def test_the_same_bytes_twice() -> None:
    source = read_source("googlenet")
    assert cnndsl.draw(check(source).networks[0]) == cnndsl.draw(check(source).networks[0])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_fixed_theme_needs_no_custom_properties(theme: str) -> None:
    assert "var(" not in cnndsl.draw(ALL["AlexNet"], theme=theme)  # type: ignore[arg-type]


def test_markup_in_a_network_is_escaped() -> None:
    text = cnndsl.draw(ALL["an unknown layer"])
    assert "&lt;b&gt; &amp; c" in text


# ---- styles


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("Digits", "lenet"),
        ("MLP", "lenet"),
        ("M5", "lenet"),
        ("AlexNet", "blocks"),
        ("AlexNetGroups", "blocks"),
        ("VGG16", "blocks"),
        ("C3D", "blocks"),
        ("unet", "blocks"),
        ("ResNet50", "graph"),
        ("GoogLeNet", "graph"),
    ],
)
def test_the_style_that_suits(name: str, style: str) -> None:
    assert suited(ALL[name]) == style


def test_a_style_that_does_not_fit_says_why() -> None:
    with pytest.raises(ValueError, match="it has paths in parallel"):
        cnndsl.draw(ALL["ResNet18"], style="blocks")


def words(name: str, style: str) -> list[str]:
    return [item.text for item in flat(drawn(name, style).items) if isinstance(item, Text)]


def test_planes_are_told_as_in_the_figure_of_lenet() -> None:
    found = words("Digits", "lenet")
    for said in (
        "C1: feature maps",
        "6@24x24",
        "S2: feature maps",
        "Convolutions",
        "5x5",
        "Max pooling",
        "OUTPUT",
    ):
        assert said in found
    assert "Scale: planes: 4 px per pixel; columns: 1.25 px per unit" in found
    planes = [
        item for item in flat(drawn("Digits", "lenet").items) if isinstance(item, Box) and item.width == 96
    ]
    assert len(planes) == 6  # 6@24x24, at 4 px per pixel


def test_blocks_have_their_numbers_along_the_edges() -> None:
    found = words("AlexNet", "blocks")
    assert found.count("55") == 2
    assert found.count("13") == 2 * 4
    assert {"96", "256", "384", "4 096"} <= set(found)


def test_groups_are_two_streams() -> None:
    found = words("AlexNetGroups", "blocks")
    assert found.count("48") == 2 * 2  # the convolution and its pool
    assert found.count("2 048") == 2 * 2
    assert found.count("1 000") == 1


def test_a_decoder_goes_up_again() -> None:
    found = words("unet", "blocks")
    assert found.count("copy") == 4
    # the input; the first map up there and the last
    assert (found.count("256x256"), found.count("256²")) == (1, 2)
    assert words("UNetValid", "blocks").count("copy and crop") == 4
    assert "up-conv 2x2, s=2" in found


def test_the_pictures_of_the_readme_are_those_of_today() -> None:
    script = Path(__file__).parent.parent / "docs" / "pictures.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "style"), [("AlexNet", "blocks"), ("Digits", "lenet"), ("ResNet18", "graph"), ("unet", "blocks")]
)
def test_a_bare_picture_is_the_network_alone(name: str, style: str) -> None:
    whole, alone = drawn(name, style), picture(ALL[name], style=style, bare=True)
    assert flaws(alone) == []
    assert alone.height < whole.height - 60
    assert set(paths(alone.items)) == set(paths(whole.items))
    said = {item.text for item in flat(alone.items) if isinstance(item, Text)}
    assert not said & {"convolution", ALL[name].name}
    assert not [text for text in said if "parameters" in text or text.startswith("Scale")]


def test_a_bare_picture_keeps_errors() -> None:
    (network,) = check("INPUT(3@8x8) → CONV(4, 99) → FC(10)").networks
    assert "does not fit" in svg(picture(network, style="lenet", bare=True))


# ---- what is broken


def test_the_layer_at_fault_has_its_message() -> None:
    scene = picture(ALL["a kernel too large"], style="graph")
    marked = [item for item in flat(scene.items) if isinstance(item, Box) and item.style == "fault"]
    assert len(marked) == 1 + 1  # and one in the legend
    assert any("kernel does not fit" in text for text in words("a kernel too large", "graph"))
    assert "?" in words("a kernel too large", "graph")


def test_what_follows_a_fault_is_grey() -> None:
    (network,) = check("INPUT(3@64x64) → CONV(16, 70) → UPSAMPLE(2) → CONV(8, 3) → FC(10)").networks
    boxes = [item.style for item in flat(picture(network, style="graph").items) if isinstance(item, Box)]
    assert not {"move", "conv", "dense"} & {*boxes}


def test_a_net_that_lacks_a_value_is_drawn_step_by_step() -> None:
    (network,) = check("net S(n, m = 3)\nINPUT(m@HxW) → CONV(n, 3) → [POOL(2) → BN]*2 → FC(10)").networks
    said = [item.text for item in flat(picture(network, style="graph").items) if isinstance(item, Text)]
    assert {"INPUT(m@HxW)", "CONV(n, 3)", "[POOL(2) → BN]*2", "FC(10)", "the net S needs `n`"} <= {*said}


@pytest.mark.parametrize("name", ["AlexNetSlide", *(name for name in AWKWARD if not ALL[name].ok)])
def test_no_error_is_dropped(name: str) -> None:
    errors = [one.message for one in ALL[name].diagnostics if one.severity == "error"]
    assert errors
    for style in fitting(ALL[name]):
        text = " ".join(words(name, style))
        for message in errors:
            assert " ".join(message.split()[:4]) in text


def test_rows_of_maps_name_the_layer_at_fault() -> None:
    assert "conv2: this is 256@53x53, not 27x27x256 as claimed" in words("AlexNetSlide", "blocks")
