"""The table of layers: structure, numbers, and how it fits a window."""

from __future__ import annotations

import pytest
from goldens import Golden

from cnndsl import api
from cnndsl.layers.reach import sliding
from cnndsl.render.report import report
from cnndsl.render.table import broken
from cnndsl.render.text import field_size, grouped, plain, shown, visible, width

RESIDUAL = """
block Shortcut(c, s) = [CONV(c, 1, s=s) → BN]?(s != 1 or in.C != c)
block Basic(w, s = 1) = { CONV(w, 3, s=s, p=1) → BN → ReLU → CONV(w, 3, p=1) → BN + Shortcut(w, s) } → ReLU
INPUT(3@32x32) → CONV(8, 3, p=1) → [Basic(8*2^i, s=i+1) → Basic(8*2^i)*2]*(i < 2) → GAP → FC(10)
"""
UNET = """
block Double(c) = [CONV(c, 3, p=1) → BN → ReLU]*2
INPUT(1@16x16)
→ [Double(4*2^i) as e[i] → POOL(2)]*(i < 2) → Double(16)
→ [{ TCONV(in.C // 2, 2, s=2) | e[1-i] } → Double(in.C // 2)]*(i < 2) → CONV(2, 1)
"""
GATED = """
block SE(sq, c = in.C) = { ID ⊙ GAP → CONV(sq, 1) → ReLU → CONV(c, 1) → SIGMOID }
INPUT(3@16x16) → CONV(8, 3, p=1) → SE(2) → CONV(4, 3)
"""
OUTPUTS = "net Two\nINPUT(3@9x9) → CONV(8, 3) as stem → FC(10)\noutput side = stem → GAP → FC(5)"


def lines(text: str, limit: int | None = None, *, expand: bool = False) -> list[str]:
    found = api.check(text)
    assert found.ok, found.diagnostics[0].message
    return [plain(line) for line in report(found, expand=expand, each=True, limit=limit)]


def squeezed(text: str) -> list[str]:
    """The lines with single spaces, so that widths don't matter."""
    return [" ".join(line.split()) for line in lines(text)]


@pytest.mark.parametrize(
    ("name", "text"), [("residual", RESIDUAL), ("unet", UNET), ("gated", GATED), ("outputs", OUTPUTS)]
)
@pytest.mark.parametrize("limit", [80, None])
def test_structures(name: str, text: str, limit: int | None, golden: Golden) -> None:
    golden(f"{name}_{limit or 'file'}.txt", "\n".join(lines(text, limit)) + "\n")


def test_equal_copies_are_one_line_and_a_number() -> None:
    folded = squeezed("INPUT(8@9x9) → [CONV(8, 3, p=1) → ReLU]*1_000_000")
    assert (
        "conv1[0..999999] ×1 000 000 CONV(8, 3x3, p=1) 9 + 2·1 − 3 + 1 = 9 8@9x9 576 8 648 46 656 2000001"
        in folded
    )
    assert any(line.startswith("×n") for line in folded)


def test_what_learns_nothing_has_no_zeros() -> None:
    found = squeezed("INPUT(3@8x8) → CONV(4, 3, bias=no) → BN → ReLU")
    assert "conv1 CONV(4, 3x3, bias=no) 8 − 3 + 1 = 6 4@6x6 108 0 144 3 888 3" in found
    assert "bn1 BN 4@6x6 4 4 3" in found
    assert "relu1 ReLU 4@6x6 3" in found


def test_a_flatten_is_a_step() -> None:
    assert "fc1.flatten FLATTEN 4·6·6 = 144 144" in squeezed("INPUT(3@8x8) → CONV(4, 3) → FC(10)")


def test_a_path_that_does_nothing_is_shown() -> None:
    found = squeezed(
        "block Skip(on) = [CONV(3, 1)]?(on)\nINPUT(3@8x8) → { CONV(3, 1) + Skip(no) | ID }".replace(
            " | ID", ""
        )
    )
    assert "├ skip1 Skip(no) passes on what arrives 3@8x8" in found
    assert "└ + sum of 2 paths 3@8x8" in found


def test_astronomic_numbers_keep_their_columns() -> None:
    found = lines("INPUT(1@2000000000x1) → [CONV(2000000, 1)]*1000000 → GAP → FC(1)")
    total = next(line for line in found if line.startswith("total"))
    assert "≈ 4.00e18" in total
    assert max(map(len, found)) < 160


@pytest.mark.parametrize("name", [name for name in api.shipped() if name != "alexnet_slide"])
@pytest.mark.parametrize("limit", [80, 100, 140])
def test_shipped_networks_fit_the_window(name: str, limit: int) -> None:
    for line in lines(api.read_source(name).text, limit):
        assert width(line) <= limit


def test_long_tables_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lines(RESIDUAL, expand=True)
    monkeypatch.setattr("cnndsl.render.table.KEPT", 5)
    assert lines(RESIDUAL, expand=True) == whole


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (62_378_344, "62 378 344"),
        (10**15 - 1, "999 999 999 999 999"),
        (10**15, "≈ 1.00e15"),
        (123_456 * 10**20, "≈ 1.23e25"),
        (99_999 * 10**20, "≈ 1.00e25"),
        (10**4000, "≈ 1.00e4000"),
    ],
)
def test_numbers_in_groups(number: int, text: str) -> None:
    assert grouped(number) == text


def test_receptive_fields() -> None:
    assert field_size(None) == "all"
    assert field_size((sliding(after=10), sliding(before=5, after=5))) == "11"
    assert field_size((sliding(1, 1), sliding())) == "3x1"


def test_values_are_written_as_in_the_language() -> None:
    assert [shown(value) for value in (3, True, 0.5, "max", (3, 4), (3,), (), None)] == [
        "3",
        "yes",
        "0.5",
        '"max"',
        "(3, 4)",
        "(3,)",
        "()",
        "None",
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("conv → 1", "conv → 1"),
        ("a\x1b[31mb\x00\x7f\x9b", "a␛[31mb␀␡\ufffd"),
        ("a\u202eb\ud800", "a\ufffdb\ufffd"),
        ("no\u00a0break", "no break"),
    ],
)
def test_nothing_acts_on_the_terminal(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert width(seen) == len(seen)


def test_widths_of_signs() -> None:
    assert [width(text) for text in ("abc", "⌊1/2⌋ · →", "卷积", "e\u0301")] == [3, 9, 4, 1]


def test_long_texts_break_where_they_may() -> None:
    assert broken("1 000 weights, 2 000 neurons, 3 000 MACs", ", ", 29) == [
        "1 000 weights, 2 000 neurons,",
        "3 000 MACs",
    ]
    assert broken("", ", ", 10) == []
    assert broken("unbreakable", ", ", 3) == ["unbreakable"]


def test_a_layer_called_otherwise_elsewhere_has_the_output_that_its_fix_gives() -> None:
    (network,) = api.check("INPUT(3@32x32) → CONV(8, 3) → MAXPOOL(2) → FOO → ReLU").networks
    known = ["3@32x32", "8@30x30", "8@15x15", "None", "?@?x?"]
    assert [str(row.output) for row in api.rows(network)] == known
