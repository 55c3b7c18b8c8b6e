"""Which fixes are offered: none that loses what the check is for, none that would be taken back.

Rows are what is written behind an INPUT, and what the safe fixes, or all, make of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_cases import PROGRAMS, options, run
from test_mistakes import MISTAKES

from cnndsl.api import Report, check, read_source
from cnndsl.diagnostics import Diagnostic
from cnndsl.fixes import count_fixable, fix, fixable
from cnndsl.source import Source

# fmt: off
SAFE = [
    # PyTorch's number of what arrives goes where it is right, and is kept to be checked where it is not
    ("3@28x28", "Conv2d(3, 8, 3)", "CONV(8, 3)"),
    ("1@28x28", "Conv2d(3, 8, 3)", "CONV(8, 3, from=3)"),
    ("1@28x28", "CONV(3, 64, 3)", "CONV(64, 3, from=3)"),
    ("3@28x28", "CONV(3, 64, 3, 1)", "CONV(64, 3, s=1)"),
    ("3@28x28", "Conv(3, 64, kernel_size=3, padding=1)", "Conv(64, kernel=3, pad=1)"),
    ("3@28x28", "Conv(3, 64, kernel_size=(3, 3))", "Conv(64, kernel=3x3)"),
    ("3@28x28", "CONV(3, out_channels=64, kernel_size=3)", "CONV(filters=64, kernel=3)"),
    ("3@28x28", "CONV(3, 64, k=3)", "CONV(64, k=3)"),
    ("1@28x28", "Conv(3, 64, kernel_size=3)", "Conv(64, kernel=3, from=3)"),
    ("1@28x28", "CONV(16, 3) → CONV(16, 64, kernel_size=3, padding=1)",
     "CONV(16, 3) → CONV(64, kernel=3, pad=1)"),
    ("64@28x28", "TCONV(64, 32, kernel_size=2, strides=2)", "TCONV(32, kernel=2, stride=2)"),
    ("9", "Linear(9, out_features=4)", "FC(outputs=4)"),
    ("9", "FC(9, out_features=4)", "FC(outputs=4)"),
    # an argument that is there twice, where one of the two alone can be meant
    ("64@28x28", "CONV(64, 3, k=3)", "CONV(64, 3)"),
    ("64@28x28", "CONV(64, 3, k=5)", "CONV(64, 3, k=5)"),
    ("3@28x28", "CONV(64, 3, kernel_size=3)", "CONV(64, 3)"),
    ("3@28x28", "CONV(64, k=3, kernel_size=3)", "CONV(64, k=3)"),
    ("3@28x28", "CONV(64, k=3, kernel_size=5)", "CONV(64, k=3, kernel_size=5)"),
    ("3@28x28", "CONV(64, 3, p=1, padding=2)", "CONV(64, 3, p=1, padding=2)"),
    # PyTorch's order without its kernel: another name alone would make a kernel of 64x64
    ("3@28x28", "Conv(3, 64, padding=1)", "Conv(3, 64, padding=1)"),
    ("16@28x28", "Conv(16, 64, padding=1)", "Conv(16, 64, padding=1)"),
    ("16@5x5", "Linear(16*5*5, 120)", "FC(120)"),
    ("16@5x5", "Linear(256, 120)", "FC(120, from=256)"),
    ("784", "FC(784, 10)", "FC(10)"),
    ("784", "FC(100, 10)", "FC(10, from=100)"),
    ("512@7x7", "FC(10, 25088)", "FC(10)"),
    ("32@8x8", "BatchNorm2d(32)", "BN"),
    ("64@8x8", "BatchNorm2d(32)", "BatchNorm2d(32)"),
    ("64@8x8", "BatchNorm2d(num_features=64)", "BN"),
    ("64@8x8", "BatchNorm2d(num_features=32)", "BatchNorm2d(num_features=32)"),
    ("64@8x8", "BN(32)", "BN(32)"),
    ("64@8x8", "GroupNorm(32, 64)", "GroupNorm(32)"),
    ("64@8x8", "GN(32, 32)", "GN(32, 32)"),
    # the shapes go on through layers that are renamed
    ("1@9x9", "Conv2d(1, 6, 2) → MaxPool2d(2) → Linear(96, 9)", "CONV(6, 2) → POOL(max, 2) → FC(9)"),
    ("1@9x9", "Conv2d(1, 6, 2) → MaxPool2d(2) → Linear(54, 9)", "CONV(6, 2) → POOL(max, 2) → FC(9, from=54)"),
    ("9", "Linear(8, 7) → Linear(7, 6)", "FC(7, from=8) → FC(6)"),
    ("3@9x9", "Conv2d(1, 7, 3) → Conv2d(7, 6, 3)", "CONV(7, 3, from=1) → CONV(6, 3)"),
    # words between the numbers; no comma where that makes a name of one
    ("3@28x28", "CONV 16 3x3 → FC(10)", "CONV(16, 3x3) → FC(10)"),
    ("3@28x28", "CONV 16 filters 3x3 kernel → FC 10", "CONV(16, 3x3) → FC(10)"),
    ("3@28x28", "CONV 16 maps 3x3 → FC 10", "CONV 16 maps 3x3 → FC 10"),
    ("3@28x28", "Conv2d(filters=16, kernel_size=3) → FC(10)", "CONV(filters=16, kernel=3) → FC(10)"),
    ("3@28x28", "CONV(3x3 kernel, 16 filters) → FC(10 units)", "CONV(16, 3x3) → FC(10)"),
    ("3@28x28", "CONV(16, 3x3 stride 2)", "CONV(16, 3x3, stride=2)"),
    ("3@28x28", "CONV(16 maps, 3x3)", "CONV(16 maps, 3x3)"),
    # two numbers for an argument are no argument by position
    ("1@28x28", "CONV(8, 3, p=1,2)", "CONV(8, 3, p=1,2)"),
    ("1@28x28", "CONV(k=3, 8)", "CONV(8, k=3)"),
    # what there are other words for
    ("3@28x28", "CONV(in=3, out=32, k=3)", "CONV(from=3, filters=32, k=3)"),
    ("28", "FC(10) - ReLU - FC(2)", "FC(10) → ReLU → FC(2)"),
    ("28", "FC(10) = FC(2)", "FC(10) = FC(2)"),
    ("28", "FC(10) → ReLU → FC(2) → Output", "FC(10) → ReLU → FC(2)"),
    ("28", "FC(10) → ReLU → FC(2) → output(2)", "FC(10) → ReLU → FC(2)"),
    ("3@9x9", "CONV 16, 3x3 - RELU - FC 10 - OUTPUT", "CONV(16, 3x3) → RELU → FC(10)"),
    # repetitions
    ("8@9x9", "[CONV(8, 3, p=1) → ReLU]x3", "[CONV(8, 3, p=1) → ReLU]*3"),
    ("8@9x9", "[CONV(8, 3, p=1) → ReLU] × 3", "[CONV(8, 3, p=1) → ReLU]*3"),
    ("8@9x9", "[CONV(8, 3, p=1) → ReLU]3", "[CONV(8, 3, p=1) → ReLU]*3"),
    ("8@9x9", "(CONV(8, 3, p=1) → ReLU)*3", "[CONV(8, 3, p=1) → ReLU]*3"),
    # words of elsewhere
    ("8@9x9", "CONV(8, 3, p=valid)", "CONV(8, 3, p=0)"),
    ("8@9x9", "CONV(8, 3, valid)", "CONV(8, 3, p=0)"),
    ("8@9x9", 'CONV(8, 3, activation="relu")', "CONV(8, 3) → ReLU"),
    ("8@9x9", 'CONV(8, 3, activation="relu")*2', "[CONV(8, 3) → ReLU]*2"),
    ("8@9x9", "FC(8, activation=linear)", "FC(8)"),
    ("8@9x9", "FC(8) → Softmax(dim=1)", "FC(8) → Softmax"),
    ("8@9x9", "Flatten(1) → FC(8)", "Flatten → FC(8)"),
    ("8@9x9", "FC(8, from=8x9x9)", "FC(8, from=648)"),
    ("8@9x9", "ReUL", "ReLU"),
]
UNSAFE = [
    ("64@8x8", "BatchNorm2d(32)", "BN"),
    ("64@8x8", "BN(32)", "BN"),
    ("1@28x28", "CONV(8, 5, p=1,2)", "CONV(8, 5, p=1x2)"),
    ("3@28x28", "Conv(3, 64, padding=1)", "Conv(64, 3, pad=1)"),
    ("9@28x28", "CONV(64, 3, k=5)", "CONV(64, 3)"),
    ("9", "FC(9, outputs=4)", "FC(outputs=4)"),
    ("3@32x32", "[CONV(64, 3) → ReLU*2 → FC(10)", "[CONV(64, 3) → ReLU]*2 → FC(10)"),
    ("3@9x9", "{ CONV(8, 3, p=1) | CONV(8, 3) }", "{ CONV(8, 3, p=1) | CONV(8, 3, p=1) }"),
    ("3@9x9", "{ CONV(8, 3x5, p=1x2) | POOL(3, s=1) }", "{ CONV(8, 3x5, p=1x2) | POOL(3, s=1, p=1) }"),
    ("3@9x9", "{ CONV(3, 3) → ReLU + ID }", "{ CONV(3, 3, p=1) → ReLU + ID }"),
    ("3@9x9", "{ [CONV(3, 3) → ReLU]*2 + ID }", "{ [CONV(3, 3, p=1) → ReLU]*2 + ID }"),
    ("3@9x9", "ID as a → ReLU → { a → CONV(3, 3) + ID }", "ID as a → ReLU → { a → CONV(3, 3, p=1) + ID }"),
    ("3@9x9", "{ GAP | CONV(8, 1) }", "{ GAP | CONV(8, 1) → GAP }"),
]
# fmt: on


@pytest.mark.parametrize(("arriving", "written", "mended"), SAFE)
def test_safe_fixes(arriving: str, written: str, mended: str) -> None:
    assert fix(f"INPUT({arriving}) → {written}").text == f"INPUT({arriving}) → {mended}"


@pytest.mark.parametrize(("arriving", "written", "mended"), UNSAFE)
def test_other_fixes(arriving: str, written: str, mended: str) -> None:
    assert fix(f"INPUT({arriving}) → {written}", unsafe=True).text == f"INPUT({arriving}) → {mended}"
    assert fix(f"INPUT({arriving}) → {written}").text == f"INPUT({arriving}) → {written}"


@pytest.mark.parametrize("arrow", ["–>", "—", "−>", "-->", "=>", "⇒", "-- >"])
def test_arrows(arrow: str) -> None:
    assert fix(f"INPUT(3@9x9) {arrow} ReLU").text == "INPUT(3@9x9) → ReLU"


def test_a_wrong_number_is_named_beside_the_right_one() -> None:
    (found,) = check("INPUT(3@28x28) → CONV(64, 3) → BatchNorm2d(32)").diagnostics
    assert found.hints == ("it is called BN here", "64 channels arrive, not 32")
    (found,) = check("INPUT(1@28x28) → BN(32)").diagnostics
    assert found.hints == ("1 channel arrives, not 32; the number is found: write BN",)


def test_of_several_uses_of_a_block_that_counts_which_a_number_does_not_fit() -> None:
    text = "block B = Conv2d(3, 8, 3)\nINPUT(3@9x9) → B → B → FC(10)"
    assert fix(text).text == text.replace("Conv2d(3, 8, 3)", "CONV(8, 3, from=3)")


def test_a_label_with_its_arrow_forgotten_is_no_count() -> None:
    text = "INPUT(3@9x9) → ID as x3 → [CONV(3, 3) → ReLU] x3 → FC"
    assert [found.code for found in check(text).diagnostics] == ["missing-arrow"]


# ---- those that would be taken back

RESIDUAL = """block Res(c, s=1) = { CONV(c, 3, s=s, p=1) → ReLU → CONV(c, 3, p=1) + ID } → ReLU
INPUT(3@32x32) → CONV(64, 3, p=1) → ReLU → Res(64) → Res(128, s=2) → FC(10)
"""


def test_a_shortcut_in_a_block_fits_in_all_its_uses() -> None:
    done = fix(RESIDUAL, unsafe=True)
    assert done.report.ok
    assert done.text == RESIDUAL.replace("ID", "[CONV(c, 1, s=s)]?(s != 1 or in.C != c)")


def test_padding_where_it_is_a_parameter_of_a_block() -> None:
    head = "block B(c, k, p=0) = CONV(c, k, p=p) → BN → ReLU\n"
    text = f"{head}INPUT(3@32x32) → {{ B(8, 1) | B(8, 3) | B(8, 7, 2) }} → GAP → FC(10)"
    assert fix(text, unsafe=True).text == text.replace("B(8, 3)", "B(8, 3, p=1)").replace("7, 2", "7, 3")


def test_padding_in_a_block_for_windows_of_any_size() -> None:
    text = "block B(c, k) = CONV(c, k) → BN → ReLU\nINPUT(3@32x32) → { B(8, 1) | B(8, 3) } → GAP → FC(10)"
    done = fix(text, unsafe=True)
    assert done.text == text.replace("CONV(c, k)", "CONV(c, k, p=k//2)")
    assert done.report.ok


def test_no_number_is_written_into_a_block_that_others_use() -> None:
    text = "block Res(c) = { CONV(c, 3, p=1) → BN → LRN(5) → B(c) + ID }\nblock B(c) = CONV(c, 1)\n"
    report = check(f"{text}INPUT(3@9x9) → CONV(8, 3) → ReLU → Res(8) → Res(16) → FC(10)")
    assert not report.ok
    assert count_fixable([report]) == (0, 0)


def test_no_input_that_breaks_a_claim_before() -> None:
    (found,) = check(read_source(str(PROGRAMS["claim_before_breaks"]))).diagnostics
    assert [fix.title for fix in found.fixes] == ["claim 256@23x23"]
    assert not any("INPUT" in hint for hint in found.hints)


def test_no_input_of_a_single_pixel() -> None:
    (found,) = check(read_source(str(PROGRAMS["branches_one_pooled"]))).diagnostics
    assert found.hints == ("a GAP leaves 1x1: put it behind the braces, or in both paths",)
    assert [fix.title for fix in found.fixes] == ["add GAP to that path"]


def test_one_fix_can_make_others_needless() -> None:
    """With p=2 at AlexNet's first layer, nothing is dropped further down."""
    head = "INPUT(3@224x224) → CONV(96, 11, s=4) → ReLU → POOL(3, s=2)"
    text = f"{head} → CONV(256, 5, p=2) → ReLU → POOL(3, s=2) → FC"
    done = fix(text, unsafe=True)
    assert done.text == text.replace("s=4", "s=4, p=2")
    assert done.report.diagnostics == []


EVERY = {path.stem: path for path in [*PROGRAMS.values(), *sorted(MISTAKES.glob("*.cnn"))]}
OFFERED = [
    pytest.param(path, number, id=f"{name}-{number}")
    for name, path in EVERY.items()
    for number, one in enumerate(run(path).diagnostics)
    if any(edit.span.source.path == str(path) for mend in one.fixes for edit in mend.edits)
]


@pytest.mark.parametrize(("path", "number"), OFFERED)
def test_what_is_offered_is_applied(path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fix of a finding, where it is the only one, is not taken back."""
    source = read_source(str(path))
    how: dict[str, Any] = options(source)
    wanted = check(source, **how).diagnostics[number]
    first = fixable(wanted, source, unsafe=True)
    assert first

    def only(text: Source, **options: Any) -> Report:
        report = check(text, **options)
        chosen = wanted if text.text == source.text else None
        report.diagnostics = [_alone(one, chosen) for one in report.diagnostics]
        return report

    monkeypatch.setattr("cnndsl.fixes.check", only)
    assert len(fix(source, unsafe=True, **how).applied) == 1


def _alone(one: Diagnostic, wanted: Diagnostic | None) -> Diagnostic:
    same = wanted is not None and (one.code, one.span.start) == (wanted.code, wanted.span.start)
    return Diagnostic(one.code, one.message, one.span, one.labels, one.hints, one.fixes if same else ())
