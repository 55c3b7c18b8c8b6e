"""Claims written into a program, and taken out of it."""

from __future__ import annotations

import pytest
from format_help import tree

from cnndsl.analysis.annotations import missing
from cnndsl.api import SpecError, check, read_source, shipped
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.formatting import fmt
from cnndsl.source import Source
from cnndsl.syntax.parse import parse

#: A program without claims, and with all of them.
ANNOTATED = {
    "layers": (
        "INPUT(3@32x32) → CONV(8, 3) → ReLU → POOL(2) → FC(10)",
        "INPUT(3@32x32) → CONV(8, 3) : 8@30x30 → ReLU → POOL(2) : 8@15x15 → FC(10) : 10",
    ),
    "what keeps the shape": (
        "INPUT(3@8x8) → BN → DROPOUT → ReLU*2 → [ReLU → BN]*3 → SCALE → ID",
        "INPUT(3@8x8) → BN → DROPOUT → ReLU*2 → [ReLU → BN]*3 → SCALE → ID",
    ),
    "an input without its shape": ("INPUT → FC", "INPUT : 3@32x32 → FC : 10"),
    "an input of names": (
        "net N(n = 8)\nINPUT(3@n x n) → GAP",
        "net N(n = 8)\nINPUT(3@n x n) : 3@8x8 → GAP : 3@1x1",
    ),
    "a repeat that keeps the shape says it inside": (
        "INPUT(8@8x8) → [CONV(8, 3, p=1) → ReLU]*2",
        "INPUT(8@8x8) → [CONV(8, 3, p=1) : 8@8x8 → ReLU]*2",
    ),
    "a repeat that changes it says it behind": (
        "INPUT(3@8x8) → [CONV(8, 3) → POOL(2, s=1)]*2",
        "INPUT(3@8x8) → [CONV(8, 3) → POOL(2, s=1)]*2 : 8@2x2",
    ),
    "one layer repeated": ("INPUT(3@8x8) → CONV(8, 3)*2", "INPUT(3@8x8) → CONV(8, 3)*2 : 8@4x4"),
    "no copy": ("INPUT(3@8x8) → [CONV(8, 3)]*0 → FC(2)", "INPUT(3@8x8) → [CONV(8, 3)]*0 → FC(2) : 2"),
    "branches": (
        "INPUT(3@8x8) → { CONV(3, 1) → ReLU | ID } as both",
        "INPUT(3@8x8) → { CONV(3, 1) : 3@8x8 → ReLU | ID } as both : 6@8x8",
    ),
    "a block with one use": (
        "block B(c) = CONV(c, 3)\nINPUT(3@8x8) → B(4)",
        "block B(c) = CONV(c, 3) : 4@6x6\nINPUT(3@8x8) → B(4) : 4@6x6",
    ),
    "a block whose uses differ": (
        "block B(c) = CONV(c, 3)\nINPUT(3@8x8) → B(4) → B(4)",
        "block B(c) = CONV(c, 3)\nINPUT(3@8x8) → B(4) : 4@6x6 → B(4) : 4@4x4",
    ),
    "variants that agree in part": (
        "net N(n)\nvariant A = (1)\nvariant B = (2)\nINPUT(3@8x8) → CONV(n, 1) → FC(5)",
        "net N(n)\nvariant A = (1)\nvariant B = (2)\nINPUT(3@8x8) → CONV(n, 1) → FC(5) : 5",
    ),
    "a choice": (
        "INPUT(3@8x8) → POOL(2)? → CONV(4, 1)?(in.C > 4) else CONV(5, 1)",
        "INPUT(3@8x8) → POOL(2)? : 3@4x4 → CONV(4, 1)?(in.C > 4) else CONV(5, 1) : 5@4x4",
    ),
    "taps": (
        "INPUT(3@8x8) → CONV(4, 3) as a → FC(2)\noutput side = a → GAP",
        "INPUT(3@8x8) → CONV(4, 3) as a : 4@6x6 → FC(2) : 2\noutput side = a → GAP : 4@1x1",
    ),
    "one dimension": ("INPUT(1@80) → CONV(4, 8, s=4)", "INPUT(1@80) → CONV(4, 8, s=4) : 4@19"),
    "sizes that depend on the input": (
        "INPUT(3@H x W) → CONV(8, 3, s=2) → GAP → FC(10)",
        "INPUT(3@H x W) → CONV(8, 3, s=2) : 8@_x_ → GAP : 8@1x1 → FC(10) : 10",
    ),
}


@pytest.mark.parametrize("name", ANNOTATED)
def test_annotate(name: str) -> None:
    bare, full = ANNOTATED[name]
    assert fmt(bare, annotate=True) == full + "\n"


@pytest.mark.parametrize("name", ANNOTATED)
def test_strip_takes_out_what_annotate_has_written(name: str) -> None:
    bare, full = ANNOTATED[name]
    assert fmt(full, strip=True) == bare + "\n"
    assert fmt(full, annotate=True) == full + "\n"
    assert check(full).ok


@pytest.mark.parametrize("name", [name for name in shipped() if name != "alexnet_slide"])
def test_shipped_networks_hold_their_claims(name: str) -> None:
    source = read_source(name)
    found = fmt(source, annotate=True)
    assert found.count(" : ") > source.text.count(" : ")
    assert check(Source(name, found)).ok
    bare = fmt(source, strip=True)
    full = fmt(Source(name, bare), annotate=True)
    assert " : " not in bare.replace("# ", "")
    assert fmt(Source(name, fmt(full, strip=True)), annotate=True) == full
    assert fmt(source, strip=True, annotate=True) == full


def test_a_claim_that_is_there_stays() -> None:
    text = "INPUT(3@8x8) → CONV(4, 3) : _@6x6 → POOL(2) : 4@_x_ : 4@3x3 → FC(2) as out\n"
    assert fmt(text, annotate=True) == text.replace("out", "out : 2")


def test_comments_stay_when_claims_go() -> None:
    text = "INPUT(3@8x8) → CONV(4, 3) # before\n : # inside\n 4@6x6 # behind\n→ FC(2) : 2 # last\n"
    found = fmt(text, strip=True)
    assert [word for word in ("before", "inside", "behind", "last") if word not in found] == []
    assert tree(found) == tree("INPUT(3@8x8) → CONV(4, 3) → FC(2)")


def test_the_network_says_where_a_claim_has_its_channels() -> None:
    text = "INPUT(3@6x6) → CONV(512, 3) : 4x4x512 → CONV(4, 1) : 4x4x4 → CONV(512, 1, p=1:0) : 512x5x5"
    expected = "INPUT(3@6x6) → CONV(512, 3) : 512@4x4 → CONV(4, 1) : 4@4x4 → CONV(512, 1, p=1:0) : 512@5x5\n"
    assert fmt(text) == expected
    wrong = text.replace("3@6x6", "3@7x7")
    assert ": 4x4x512 →" in fmt(wrong)


def test_a_network_with_errors_gets_no_claims() -> None:
    with pytest.raises(SpecError, match="claim"):
        fmt("INPUT(3@8x8) → CONV(4, 3) : 4@7x7", annotate=True)
    assert fmt("INPUT(3@8x8) → CONV(4, 3) : 4@7x7", annotate=True, strip=True).endswith(": 4@6x6\n")
    with pytest.raises(Located):
        fmt("INPUT →")


def test_blocks_of_other_files_are_not_written_to() -> None:
    text = 'use "resnet.cnn"\nINPUT(3@32x32) → Bottleneck(16) → GAP\n'
    source = Source("<text>", text)
    found = missing(parse(source), check(source).networks)
    assert sorted(found.values()) == ["64@1x1", "64@32x32"]
