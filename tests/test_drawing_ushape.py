"""Encoders with decoders as a U."""

from __future__ import annotations

import pytest
from flow_help import struck, texts
from picture_help import flaws, paths, shared

import cnndsl
from cnndsl.analysis.rows import rows
from cnndsl.api import check
from cnndsl.drawing import picture
from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow.stages import stages
from cnndsl.drawing.scene import Group, Line, Text, flat
from cnndsl.drawing.suited import suited

DOWN = "INPUT(1@64x64) → CONV(8,3,p=1) as a → POOL(2) → CONV(16,3,p=1) → "
#: What is drawn as a U, and words that the picture must have.
DECODERS = {
    DOWN + "{ TCONV(8,2,s=2) | a } → CONV(2,1)": ["copy", "each 3x3 with p=1"],
    DOWN + "{ TCONV(8,2,s=2) + a } → ReLU → CONV(2,1) → SOFTMAX": ["add, ReLU", "1x1", "SOFTMAX"],
    DOWN + "{ TCONV(8,2,s=2) → BN → ReLU | a } → CONV(2,1)": ["up-conv 2x2, s=2, BN, ReLU"],
    DOWN + "TCONV(8,2,s=2) → { ID | a } → CONV(2,1)": ["copy", "up-conv 2x2, s=2"],
    DOWN + "UPSAMPLE(2) → CONV(8,3,p=1) → { ID | a } → CONV(2,1)": ["copy", "upsample 2x2"],
    DOWN + "{ UPSAMPLE(2) → CONV(8,3,p=1) → CONV(8,1) + a } → GAP → FC(10)": ["add", "global avg", "dense"],
    DOWN.replace("as a", "as a → BN → ReLU") + "{ TCONV(8,2,s=2) + a }": ["add before BN"],
    DOWN + "{ TCONV(8,2,s=2) | a → CONV(4,1) → BN } → CONV(2,1)": ["CONV(4, 1x1), BN, copy", "12"],
    DOWN + "CROP(1) → { TCONV(8,2,s=2) + a → CROP(2) } → CONV(2,1)": ["crop and add"],
    """INPUT(3@128x96) → BN → CONV(8,3,p=1) → ReLU as a → CONV(8,3,p=1) → ReLU → POOL(2)
→ CONV(16,3,p=1) → BN → ReLU as b → POOL(2) → CONV(32,3,p=1) → ReLU → { TCONV(16,2,s=2) + b }
→ CONV(16,3,p=1) → { TCONV(8,2,s=2) + a } → CONV(2,1)""": ["add", "BN, 3x3", "p=1, BN, ReLU"],
    """INPUT(3@64x64) as a → CONV(8,3,p=1,s=2) as b → CONV(16,3,p=1,s=2) → TCONV(8,2,s=2)
→ { ID + b } → TCONV(3,2,s=2) → { ID + a } → ReLU""": ["add", "add, ReLU"],
    """INPUT(3@64x64) → CONV(8,3,p=1) as a → POOL(2) → CONV(16,3,p=1) as b → POOL(2)
→ { UPSAMPLE(2) | b } → CONV(8,3,p=1) → { UPSAMPLE(2) | a } → CONV(1,1)""": ["upsample 2x2"],
    """INPUT(2@256) → CONV(8,5,p=2) as a → CONV(16,4,s=2,p=1) as b → CONV(32,4,s=2,p=1)
→ { TCONV(16,4,s=2,p=1) | b } → { TCONV(8,4,s=2,p=1) | a } → CONV(1,1)""": ["up-conv 4, s=2"],
    """INPUT(1@512) → CONV(8,15,p=same) as a → POOL(2) → CONV(16,15,p=same)
→ UPSAMPLE(2, linear) → { ID | a }""": ["each 15 with p=same", "512"],
    "INPUT(1@8x32x32) → CONV(8,3,p=1) as a → POOL(2) → CONV(16,3,p=1) → UPSAMPLE(2) → { ID | a } → FC(10)": [
        "dense"
    ],
    "INPUT(3@HxW) → CONV(8,3,p=1) as a → POOL(2) → CONV(16,3,p=1) → UPSAMPLE(2) → { ID | a } → CONV(2,1)": [
        "HxW"
    ],
}


@pytest.mark.parametrize("text", DECODERS)
def test_decoders_are_drawn_as_a_u(text: str) -> None:
    (network,) = check(text).networks
    scene = picture(network)
    assert flaws(scene) == []
    assert shared(scene) == []
    assert {one.path for one in rows(network)} <= set(paths(scene.items))
    said = texts(scene)
    assert [word for word in DECODERS[text] if word not in said] == []
    assert struck(scene) == []
    copies = [item for item in flat(scene.items) if isinstance(item, Line) and item.style == "skip"]
    assert len(copies) == text.count("as ")


@pytest.mark.parametrize("text", DECODERS)
def test_every_number_is_that_of_a_map(text: str) -> None:
    (network,) = check(text).networks
    row = stages(network, faults(network))
    shapes, tips = [stage.output for stage in row if stage.output], {stage.tip for stage in row}
    bars = [item for item in picture(network).items if isinstance(item, Group) and item.title in tips]
    said = {item.text.replace(" ", "") for item in flat(tuple(bars)) if isinstance(item, Text)}
    channels = {str(shape.channels) for shape in shapes}
    sizes = {str(shape).partition("@")[2] for shape in shapes}
    squares = {f"{shape.extents[0]}{'²³'[shape.rank - 2]}" for shape in shapes if shape.rank > 1}
    assert len(said) > 3
    assert said <= channels | sizes | squares


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (DOWN + "TCONV(8,2,s=2) as t → { ID | a } → CONV(2,1) → { ID | t }", "a copy would cross other maps"),
        ("INPUT(3@8x8) → CONV(3,1) as a → CONV(3,1) → { ID + a }", "a copy would cross other maps"),
    ],
)
def test_what_is_no_u_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cnndsl.draw(check(text).networks[0], style="blocks")


def test_the_last_map_bears_its_size() -> None:
    assert texts(picture(cnndsl.load("unet", variant="UNetValid"))).count("388²") == 2


@pytest.mark.parametrize("variant", ["FCN16s", "FCN8s"])
def test_scores_of_finer_maps_are_added(variant: str) -> None:
    scene = picture(cnndsl.load("fcn", variant=variant))
    said = texts(scene)
    assert said.count("CONV(21, 1x1), crop and add") == (2 if variant == "FCN8s" else 1)
    assert struck(scene) == []


def test_a_u_fits_a_page_of_text() -> None:
    assert picture(cnndsl.load("unet", variant="UNetValid")).width < 1000


def test_what_is_too_wide_for_a_u_is_a_graph() -> None:
    deep = "INPUT(1@64x64) → CONV(8,3,p=1) as a → POOL(2) → [CONV(8,3,p=1)]*{} → {{ TCONV(8,2,s=2) | a }}"
    styles = [suited(check(deep.format(count)).networks[0]) for count in (10, 100)]
    assert styles == ["blocks", "graph"]
