"""What a graph draws once: blocks, repeats, branches; and what it says of those that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from picture_programs import networks

import cnndsl
from cnndsl.api import check
from cnndsl.drawing import picture
from cnndsl.drawing.graph.bindings import substituted
from cnndsl.drawing.scene import Box, Group, Item, Line, Text, flat
from cnndsl.drawing.svg import svg

ALL = networks()


def texts(name: str, **options: bool) -> list[str]:
    return [
        item.text
        for item in flat(picture(ALL[name], style="graph", **options).items)
        if isinstance(item, Text)
    ]


def test_a_block_is_drawn_once_with_letters_where_its_uses_differ() -> None:
    found = texts("GoogLeNet")
    assert found.count("CONV(c3, 3, p=1)") == 1
    assert "one drawing for 9 uses" in found
    assert "Inception(64, 96, 128, 16, 32, 32)" in found


def test_blocks_of_two_structures_are_two_drawings() -> None:
    found = texts("ResNet50")
    headings = [text for text in found if re.fullmatch(r"Bottleneck\([a-z, ]+\) \([ab]\)", text)]
    assert [heading[-3:] for heading in headings] == ["(a)", "(b)"]
    assert "×5" in found


def test_a_repeat_costs_one_drawing() -> None:
    assert "×1 000 000" in texts("a long repeat")
    assert len(svg(picture(ALL["a long repeat"]))) < 10_000


def drawn_text(text: str, **options: bool) -> list[str]:
    (network,) = check(text).networks
    items = flat(picture(network, style="graph", **options).items)
    return [item.text for item in items if isinstance(item, Text)]


def test_copies_that_look_the_same_are_one_box() -> None:
    found = drawn_text("INPUT(3@32x32) → [CONV(8, 3, p=1) → ReLU]*3 → FC(10)")
    assert {"×3", "conv1[0..2]"} <= set(found)
    assert found.count("CONV(8, 3x3, p=1)") == 1


def test_copies_with_labels_of_their_own_are_not() -> None:
    found = drawn_text("INPUT(8@8x8) → [CONV(8, 3, p=1) as e[i]]*(i < 3) → { ID + e[1] } → FC(10)")
    assert found.count("CONV(8, 3x3, p=1)") == 3


def test_uses_that_differ_in_numbers_alone_are_one_box() -> None:
    found = drawn_text(
        """block Noisy(c, drop) = CONV(c, 3, p=1) → BN → ReLU → DROPOUT(drop)
INPUT(8@8x8) → [Noisy(8, 0.1*(i + 1)/7)]*(i < 4) → FC(10)"""
    )
    assert {"Noisy(8, 0.0143…0.0571)", "×4"} <= set(found)


def test_a_family_is_drawn_with_what_it_leaves_open() -> None:
    found = drawn_text("INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC")
    assert {"×N (N = 1)", "×M (M = 1)", "×K (K = 1)", "optional"} <= set(found)
    said = " ".join(found)
    assert "one of a family of networks: N = 1, pool1 = yes, M = 1, K = 1" in said
    assert "assumed: INPUT(3@32x32), CONV(64, 3x3, s=1, p=1)" in said


def test_branches_that_are_uses_of_one_block_are_one() -> None:
    text = """block From(a, b) = SLICE(a, b) → CONV(1, 3)
INPUT(6@8x8) → { From(0, 3) | From(1, 4) | From(2, 5) | CONV(2, 3) } → FC(10)"""
    assert "From(0, 3), From(1, 4), From(2, 5)  ×3" in drawn_text(text)
    assert "SLICE(1, 4)" in drawn_text(text, expand=True)


def test_a_block_whose_kind_is_a_parameter_is_drawn_for_each_family_of_kinds() -> None:
    found = drawn_text(
        """block Unit(c, Act) = CONV(c, 3, p=1) → BN → Act → CONV(c, 1) → BN
INPUT(3@8x8) → Unit(8, ID) → Unit(8, ReLU) → Unit(8, TANH) → FC(10)"""
    )
    assert "Unit(c, Act) " not in found  # one use without the activation is drawn where it is
    assert "Act" in found
    assert "one drawing for 2 uses" in found


def test_a_block_in_a_block_is_drawn_with_what_its_parameters_stand_for() -> None:
    found = drawn_text(
        """block Unit(filters, kernel, stride = 1) = CONV(filters, kernel, s=stride, p=kernel//2) → BN → ReLU
block Two(width) = Unit(width, 1) → Unit(width + 1, 3) → CONV(2*width, 1)
block Three(width) = Two(width) → { Unit(filters=2*width, kernel=5) → Two(2*width) + ID }
INPUT(8@8x8) → Two(4) → Two(8) → FC(10)"""
    )
    assert {"CONV(width, 1)", "CONV(width + 1, 3, p=1)", "CONV(2*width, 1)"} <= set(found)
    assert {"unit1.conv1", "unit2.conv1", "conv1"} <= set(found)


def test_what_a_parameter_stands_for_is_put_in_parentheses_in_a_product() -> None:
    bound = {"width": "c + 1", "k": "3", "s": "t.C"}
    assert (
        substituted("CONV(2*width, k, s=s, widths, w.k)", bound) == "CONV(2*(c + 1), 3, s=t.C, widths, w.k)"
    )
    assert substituted("A(width) → k(2)", bound) == "A(c + 1) → k(2)"


def test_all_uses_of_a_block_are_counted() -> None:
    assert "one drawing for 13 uses" in texts("ResNet34")
    assert "one drawing for 16 uses" not in texts("ResNet34")


def test_a_block_in_its_place_keeps_its_name() -> None:
    found = drawn_text(
        "block A(c) = CONV(c, 3, p=1) → POOL(2)\nINPUT(3@8x8) → A(8) as enc → { enc + ID } → FC(10)"
    )
    assert {"enc", "A(8)"} <= set(found)


def test_the_costs_of_further_outputs_are_told() -> None:
    assert "with all outputs 13 378 280 parameters" in " ".join(texts("GoogLeNet"))


def test_nothing_flows_into_an_input() -> None:
    (network,) = check(
        "let side = INPUT(1@8x8) → CONV(8, 3)\nINPUT(3@8x8) → CONV(8, 3) → { ID | side } → FC(2)"
    ).networks
    scene = picture(network, style="graph")
    (box,) = [
        group.items[0]
        for group in groups(scene.items)
        if group.paths == ("input2",) and isinstance(group.items[0], Box)
    ]
    assert not [line for line in flat(scene.items) if isinstance(line, Line) and ends_at(line, box)]


def groups(items: tuple[Item, ...]) -> Iterator[Group]:
    for item in items:
        if isinstance(item, Group):
            yield item
            yield from groups(item.items)


def ends_at(line: Line, box: Box) -> bool:
    x, y = line.points[-1]
    return line.arrow and box.x <= x <= box.x + box.width and abs(y - box.y) < 1


def test_copies_of_a_block_that_differ_in_size_are_one_box() -> None:
    found = texts("DenseNet121")
    assert found.count("DenseLayer(32)") == 4 + 1  # and its own drawing
    assert {"×6", "×12", "×24", "×16", "256@56x56", "denselayer1[0][0..5]"} <= set(found)


def test_a_block_of_one_layer_needs_no_frame() -> None:
    boxes = [
        item for item in flat(picture(ALL["a small block"], style="graph").items) if isinstance(item, Box)
    ]
    assert "frame" not in {box.style for box in boxes}
    assert "unit1.conv1" in texts("a small block")


def test_more_than_can_be_seen_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="at most 20 000 are drawn"):
        cnndsl.draw(ALL["a long repeat"], expand=True)


def test_a_block_is_folded_however_its_copies_are_told_apart() -> None:
    found = drawn_text(
        """block Two(c) = [CONV(c, 3, p=1) → ReLU]*2
INPUT(3@8x8) → Two(8) → Two(8) → Two(16) → Two(16) → FC(10)"""
    )
    assert {"Two(c)", "one drawing for 4 uses", "×2", "CONV(c, 3, p=1)"} <= set(found)


def test_no_number_of_a_title_is_cut() -> None:
    scene = picture(ALL["GoogLeNet"], style="graph", width=320)
    said = " ".join(item.text for item in flat(scene.items) if isinstance(item, Text))
    assert "with all outputs 13 378 280 parameters, 1 591 044 096 MACs" in said
