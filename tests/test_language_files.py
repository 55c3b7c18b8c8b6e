"""Families, several chains, several files, documentation and the names of steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import only, program

from cnndsl.analysis.rows import rows
from cnndsl.api import check, read_source

MORE4 = 4 * 4 * 9 + 4  # CONV(4, 3) on 4 channels


# ---- the bare pattern


def test_the_pattern_is_a_family() -> None:
    network = only(check("INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC"))
    assert {(free.name, free.value) for free in network.free} == {
        ("N", 1), ("M", 1), ("K", 1), ("pool1", True)
    }  # fmt: skip
    assumed = {item.text for item in network.assumptions}
    assert {"INPUT(3@32x32)", "CONV(64, 3x3, s=1, p=1)", "FC(256)", "FC(10)"} <= assumed


def test_parentheses_end_assumptions() -> None:
    network = only(check("INPUT(3@8x8) → CONV(4, 3) → POOL(2) → FC(2)"))
    assert network.assumptions == []
    assert network.free == []


def test_defaults_win_over_assumptions() -> None:
    network = only(check("default CONV(5, 1) default FC(outputs = 7) INPUT(3@8x8) → CONV → FC"))
    assert [str(row.output) for row in rows(network) if row.kind in ("CONV", "FC")] == ["5@10x10", "7"]


# ---- several chains


def test_outputs_are_counted_apart() -> None:
    text = """
    INPUT(3@8x8) → CONV(4, 1) as a → FC(2)
    let side = a → GAP
    output first  = side → FC(3)
    output second = side → FC(5) → SOFTMAX
    """
    network = only(check(text))
    assert network.totals.params == 16 + 514
    assert network.all_totals.params == 16 + 514 + 15 + 25
    kinds = {chain.name: chain.kind for chain in network.chains}
    assert kinds == {"": "main", "side": "let", "first": "output", "second": "output"}


def test_a_let_that_main_uses_is_counted_once() -> None:
    text = "let a = INPUT(1@8x8) → CONV(2, 1) INPUT(3@8x8) → {ID | a} → {ID | a} → CONV(1, 1)"
    network = only(check(text))
    assert network.totals.params == 4 + 8
    assert network.all_totals == network.totals


def test_each_copy_has_weights_of_its_own() -> None:
    network = only(check("INPUT(4@8x8) → [CONV(4, 3, p=1)]*1_000_000"))
    assert network.totals.params == 1_000_000 * MORE4
    assert [row.count for row in rows(network)] == [1, 1_000_000]


# ---- files


def test_use_takes_blocks_and_leaves_defaults(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text(
        "default CONV(bias = no)\nblock Theirs(c) = CONV(c, 1)\nblock Twice(c) = Theirs(c)*2\nINPUT → FC\n",
        encoding="utf-8",
    )
    main = tmp_path / "main.cnn"
    main.write_text(
        'use "blocks.cnn"\ndefault CONV(s = 2)\nINPUT(3@8x8) → CONV(4, 1) → Twice(5)\n', encoding="utf-8"
    )
    network = only(check(read_source(str(main))))
    assert (str(network.output), network.totals.params) == ("5@4x4", 16 + 20 + 25)


def test_use_of_use(tmp_path: Path) -> None:
    (tmp_path / "low.cnn").write_text("block Low(c) = CONV(c, 1)\n", encoding="utf-8")
    (tmp_path / "mid.cnn").write_text('use "low.cnn"\nblock Mid(c) = Low(c)*2\n', encoding="utf-8")
    main = tmp_path / "main.cnn"
    main.write_text('use "mid.cnn"\nINPUT(3@8x8) → Mid(2)\n', encoding="utf-8")
    assert only(check(read_source(str(main)))).totals.params == 8 + 6


def test_a_file_beside_wins_over_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "resnet.cnn").write_text("block Mine(c) = CONV(c, 1)\n", encoding="utf-8")
    main = tmp_path / "main.cnn"
    main.write_text('use "resnet.cnn"\nINPUT(3@8x8) → Mine(2)\n', encoding="utf-8")
    assert only(check(read_source(str(main)))).totals.params == 8


# ---- documentation and names


def test_comments_right_above_are_doc_text() -> None:
    text = """
# Not this one.

# What it is.
#   And more.
net N

# About the block.
block B = CONV(4, 1)
block C = B      # not about D
block D = C
INPUT(3@8x8) → D
"""
    report = check(text)
    assert report.program
    assert report.program.net
    assert report.program.net.doc == "What it is.\nAnd more."
    docs = {name: block.syntax.doc for name, block in report.program.blocks.items()}
    assert docs == {"B": "About the block.", "C": "", "D": ""}


PATHS = {
    "CONV(4, 1) → CONV(4, 1) → POOL(2)": "conv1 conv2 pool1",
    "CONV(4, 1) as stem → CONV(4, 1)": "stem conv2",
    "CONV(4, 1) as conv2 → CONV(4, 1) → CONV(4, 1)": "conv2 conv3 conv4",
    "[CONV(4, 1) → ReLU]*2": "conv1[0] relu1[0] conv1[1] relu1[1]",
    "[[CONV(4, 1)]*2]*2": "conv1[0][0] conv1[0][1] conv1[1][0] conv1[1][1]",
    "[CONV(4, 1) as e[i]]*(i < 2)": "e[0] e[1]",
    "[CONV(4, 1) → ReLU] as stem → ReLU": "stem.conv1 stem.relu1 relu1",
    "{CONV(4, 1) | CONV(4, 1) → BN}": "conv1 conv2 bn1",
    "FC(2)": "fc1.flatten fc1",
    "block B = CONV(4, 1) → ReLU INPUT(3@8x8) → B → B as last": "b1.conv1 b1.relu1 last.conv1 last.relu1",
    "block B = CONV(4, 1) INPUT(3@8x8) → [B as s[i]]*(i < 2)": "s[0].conv1 s[1].conv1",
    "CONV(4, 1)?(no) → CONV(4, 1)": "conv2",
}


@pytest.mark.parametrize("text", PATHS)
def test_paths(text: str) -> None:
    network = only(check(program(text)))
    assert " ".join(row.path for row in rows(network, expand=True) if row.kind != "INPUT") == PATHS[text]
