"""Notations of elsewhere, and arguments in another order: what is said, and what the fix makes of them."""

from __future__ import annotations

import pytest

from cnndsl.api import check
from cnndsl.diagnostics import Diagnostic, edited

IN = "INPUT(3@32x32) → "

# fmt: off
MEANT = [
    # as it is written, a part of what is said, what the first fix makes of it
    # -- a sum without braces
    ("CONV(8, 3, p=1) as x → CONV(8, 3, p=1) + x", "`+` joins paths in braces",
     "CONV(8, 3, p=1) as x → { CONV(8, 3, p=1) + x }"),
    ("CONV(8, 3, p=1) as x → CONV(8, 3, p=1) as y + x", "both paths of a sum stand in braces",
     "CONV(8, 3, p=1) as x → { CONV(8, 3, p=1) as y + x }"),
    ("CONV(8, 3, p=1) as x → CONV(8, 3, p=1) → { + x }", "a path is missing before `+`",
     "CONV(8, 3, p=1) as x → { CONV(8, 3, p=1) + x }"),
    # -- signs
    ("CONV(8, 3, s:2) → ReLU", "written s=2, not s:2", "CONV(8, 3, s=2) → ReLU"),
    ("CONV(8, 3, stride 2)", "an equals sign is missing between `stride` and `2`", "CONV(8, 3, stride=2)"),
    ("CONV(8 3)", "a comma is missing between `8` and `3`", "CONV(8, 3)"),
    ("CONV(8, 3, s=2 p=1)", "a comma is missing between `2` and `p`", "CONV(8, 3, s=2, p=1)"),
    ("POOL(max 2)", "a comma is missing", "POOL(max, 2)"),
    ("CONV 8, 3, p=1", "the arguments of CONV stand in parentheses", "CONV(8, 3, p=1)"),
    ("CONV 16 3x3", "the arguments of CONV stand in parentheses", "CONV(16, 3x3)"),
    ("CONV 16 3x3 s=2, p=1", "the arguments of CONV stand in parentheses", "CONV(16, 3x3, s=2, p=1)"),
    ("CONV(16 filters, 3x3)", "`filters` is not written behind the number", "CONV(16, 3x3)"),
    ("FC(10 classes)", "`classes` is not written behind the number", "FC(10)"),
    ("CONV(16, 3x3, 2 stride)", "an argument by name is written stride=2", "CONV(16, 3x3, stride=2)"),
    ("CONV(1k, 3)", "`1k` is written 1_000 here", "CONV(1_000, 3)"),
    ("CONV(8, 3) : 30x30@8", "the channels stand in front: C@HxW", "CONV(8, 3) : 8@30x30"),
    ("FC(9) → DROPOUT(0,5)", "A decimal has a point: 0.5", "FC(9) → DROPOUT(0.5)"),
    ("LEAKY(0,01)", "A decimal has a point: 0.01", "LEAKY(0.01)"),
    ("CONV(8, 3)**2", "a repetition is written with one star: *2", "CONV(8, 3)*2"),
    ("[CONV(8, 3) → ReLU]**2", "a repetition is written with one star", "[CONV(8, 3) → ReLU]*2"),
    ("[ID]*(2**2)", "a power is written ^", "[ID]*(2^2)"),
    ("CONV(in=3, filters=8, k=3)", "what arrives is found; `from` claims it", "CONV(from=3, filters=8, k=3)"),
    ("CONV(8, 3) → FC(9) → OUTPUT", "the last layer's output is the network's", "CONV(8, 3) → FC(9)"),
    # -- windows
    ("CONV(8, 3*3)", "kernel = 3*3 is 9; a window of 3x3 is written 3x3", "CONV(8, 3x3)"),
    ("POOL(2*2)", "window = 2*2 is 4", "POOL(2x2)"),
    ("POOL(3x3:2)", "a window of 3x3 with a stride of 2 is written 3x3, s=2", "POOL(3x3, s=2)"),
    ("CONV(8, 3:2)", "a window of 3 with a stride of 2", "CONV(8, 3, s=2)"),
    # -- order
    ("CONV(3x3, 64)", "the filters come first, then the kernel: CONV(64, 3x3)", "CONV(64, 3x3)"),
    ("CONV(8@3x3)", "the filters come first, then the kernel: CONV(8, 3x3)", "CONV(8, 3x3)"),
    ("CONV(3, 64)", "the filters come first, then the kernel: CONV(64, 3)", "CONV(64, 3)"),
    ("CONV(3x3x16)", "16 filters of 3x3 are written CONV(16, 3x3)", "CONV(16, 3x3)"),
    ("CONV(16, 3) → ReLU → CONV(8, 3x3x16)", "a kernel spans all channels by itself: write 3x3",
     "CONV(16, 3) → ReLU → CONV(8, 3x3)"),
    ("CONV(64)", "did you mean CONV(64, k=3, p=1)? A bare CONV has that", "CONV(64, k=3, p=1)"),
    ("POOL(avg, s=2)", "did you mean POOL(avg, k=2)?", "POOL(avg, s=2, k=2)"),
    ("PERMUTE(0, 2, 3, 1)", "the axes go by their letters: PERMUTE(HWC)", "PERMUTE(HWC)"),
    ("PERMUTE(1, 2, 0)", "the axes go by their letters: PERMUTE(HWC)", "PERMUTE(HWC)"),
    # -- a vector in the place of a map
    ("FLATTEN → CONV(8, 3)", "leave flatten1 out, FC flattens by itself", "CONV(8, 3)"),
    ("FC(100) → ReLU → POOL(2)", "a POOL belongs before fc1", "POOL(2) → FC(100) → ReLU"),
    # -- names
    ("ReUL", "did you mean ReLU?", "ReLU"),
    ("[CONV(8*2^i, 3)]*3", "*(i < 3)", "[CONV(8*2^i, 3)]*(i < 3)"),
]

PROGRAMS = [
    ("INPUT 3@32x32 → FC(9)", "the arguments of INPUT stand in parentheses", "INPUT(3@32x32) → FC(9)"),
    ("INPUT(3@32*32) → FC(9)", "extents are joined by an x, not by `*`", "INPUT(3@32x32) → FC(9)"),
    ("INPUT(224x224@3) → FC(9)", "the channels stand in front: C@HxW", "INPUT(3@224x224) → FC(9)"),
    ("INPUT(16x64x64@3) → FC(9)", "the channels stand in front: C@DxHxW", "INPUT(3@16x64x64) → FC(9)"),
    ("INPUT(100) → CONV(8, 3)", "INPUT(1@100) is a signal of one channel", "INPUT(1@100) → CONV(8, 3)"),
    ("INPUT(3@224) → CONV(8, 3x3) → ReLU → POOL(2x2) → FC(9)", "did you mean 3@224x224?",
     "INPUT(3@224x224) → CONV(8, 3x3) → ReLU → POOL(2x2) → FC(9)"),
    ("INPUT(3@L) → CONV(8, 3x3) → GAP → FC(9)", "did you mean 3@HxW?",
     "INPUT(3@HxW) → CONV(8, 3x3) → GAP → FC(9)"),
    ("INPUT(3@32) → CONV(8, 3, p=1) : 8@32x32", "3@32 has one axis, and 8@32x32 further on has two axes",
     "INPUT(3@32x32) → CONV(8, 3, p=1) : 8@32x32"),
    ("net P(c = 9)\nINPUT(3@9x9) → [ID*N]*M → FC*K → FC(c)",
     "counts are among them: net P(…, N = 1 in 0..3, M = 1 in 0..3, K = 1 in 0..3)",
     "net P(c = 9, N = 1 in 0..3, M = 1 in 0..3, K = 1 in 0..3)\nINPUT(3@9x9) → [ID*N]*M → FC*K → FC(c)"),
    ("net P(c = 9 in {9, 10},)\nINPUT(3@9x9) → [ReLU]*(N) → FC(c)", "net P(…, N = 1 in 0..3)",
     "net P(c = 9 in {9, 10}, N = 1 in 0..3,)\nINPUT(3@9x9) → [ReLU]*(N) → FC(c)"),
    ("net P(depth = 9)\nINPUT(9) → [ReLU]*dept → FC(2)", "did you mean `depth`?",
     "net P(depth = 9)\nINPUT(9) → [ReLU]*depth → FC(2)"),
    ("INPUT - FC(9)", "the arrow is → or ->", "INPUT → FC(9)"),
    ("INPUT(3@32x32) → [[CONV(8, 3) → ReLU]*2 → POOL(2)]*4 → FC(9)", "a 3x3 kernel keeps the size with p=1",
     "INPUT(3@32x32) → [[CONV(8, 3, p=1) → ReLU]*2 → POOL(2)]*4 → FC(9)"),
    ("INPUT(9) → FC(9)\nexpect params == 1e2", "params is 90, not 1e2",
     "INPUT(9) → FC(9)\nexpect params == 90"),
    ("def A(c) = CONV(c, 3)\nINPUT(3@9x9) → A(4)", "`def` is no word of this language",
     "block A(c) = CONV(c, 3)\nINPUT(3@9x9) → A(4)"),
    ("A(c) = CONV(c, 3)\nINPUT(3@9x9) → A(4)", "a block is written block A(c) = …",
     "block A(c) = CONV(c, 3)\nINPUT(3@9x9) → A(4)"),
    ("INPUT(9) → FC(8)\nexpect params <= 80k", "`80k` is written 80_000 here",
     "INPUT(9) → FC(8)\nexpect params <= 80_000"),
    ("INPUT(9) → FC(8)\nexpect params < 1.5M", "`1.5M` is written 1_500_000 here",
     "INPUT(9) → FC(8)\nexpect params < 1_500_000"),
    ("INPUT(3@9x9) → CONV(8, 3)\nexpect conv1.out == 8@7x7", "compare conv1.C, conv1.H and conv1.W, or claim",
     "INPUT(3@9x9) → CONV(8, 3)\nexpect conv1.C == 8 and conv1.H == 7 and conv1.W == 7"),
    ("INPUT(3@224x224) → CONV(96, 11, s=4) : 96@55x55 → ReLU → POOL(max, 3, s=2) : 27x27x96", "227, or p=2",
     "INPUT(3@224x224) → CONV(96, 11, s=4, p=2) : 96@55x55 → ReLU → POOL(max, 3, s=2) : 27x27x96"),
]
# fmt: on
ALL = [*((IN + text, said, IN + mended) for text, said, mended in MEANT), *PROGRAMS]


def first(text: str) -> Diagnostic:
    """What comes first of the errors."""
    return next(found for found in check(text).diagnostics if found.severity == "error")


@pytest.mark.parametrize(("text", "said", "mended"), ALL, ids=[text for text, *_ in ALL])
def test_what_is_meant_is_said_and_written(text: str, said: str, mended: str) -> None:
    found = first(text)
    assert any(said in one for one in (found.message, *found.hints)), (found.message, *found.hints)
    assert edited(text, found.fixes[0].edits) == mended
    assert check(mended).ok


# fmt: off
TOLD = [
    # as it is written, what is said, what is not
    ("CONV(8, 3) as a → { ID | b }", "the only label is a", ""),
    ("CONV(8, 3) as a → ReLU as c → { ID | zz }", "the labels are a, c", ""),
    ("CONV(3x3)", "the filters come first: CONV(64, 3x3)", ""),
    ("BN(in=3)", "what arrives is found: leave it out", "from"),
    ("OUTPUT → FC(9)", "the last layer's output is the network's", "take"),
    ("CONV(k=3)", "it is written CONV(filters, kernel, s=1", "did you mean"),
    ("CONV(64, 3, k=5)", "by position it is 3, by k it is 5: leave one of the two out", "PyTorch"),
    ("CONV(64, 3, k=5)", "leave the 3 out", ""),
    ("CONV(3, 64, k=3)", "in PyTorch's order? Write CONV(64, k=3)", "leave"),
    ("CONV(16, 3) → CONV(16, 64, padding=1)", "then the kernel, which is missing: CONV(64, 3)", "write pad"),
    ("CONV(3, 64)", "the filters come first", "p=16"),
    ("FC(50) → POOL(2)", "a POOL belongs before fc1", "RESHAPE"),
    ("GN(32)", "32 groups need 32 channels or a multiple; 3 splits into 3 groups", "nearest"),
    ("CONV(1, 3) → CONV(8, 3, g=3)", "1 arriving channel is not divisible by g = 3", "channels are"),
    ("CONV(1, 3) → CONV(8, 3, g=3)", "conv1 gives 1 channel", "1 channels"),
    ("{ ID | CONV(3, 3, p=1) + CONV(3, 3, p=1) }", "one pair of braces", "joins paths in braces"),
]
# fmt: on


@pytest.mark.parametrize(("text", "said", "unsaid"), TOLD)
def test_what_is_told(text: str, said: str, unsaid: str) -> None:
    found = first(IN + text)
    texts = (
        found.message,
        *found.hints,
        *(fix.title for fix in found.fixes),
        *(one.text for one in found.labels),
    )
    assert any(said in one for one in texts), texts
    assert not unsaid or not any(unsaid in one for one in texts), texts


LONG = [
    f"INPUT(3@9x9) → CONV(8, 3) + {'x' * 300}",
    f"INPUT(3@9x9) → {'x' * 300} 3, 4",
    f"INPUT(3@9x9) → CONV({'x' * 300} 3)",
    f"INPUT(3@9x9) → CONV({'1' * 300} 3)",
    f"def {'x' * 300} = ReLU",
    f"INPUT(3@9x9) → FC(9)\nexpect {'x' * 200}.out == {'9' * 50}@3",
    f"INPUT(3@9x9) → FC({'9' * 17}k)",
    "INPUT(3@9x9) → CONV(3, p=1\nk",
    "INPUT(3@9x9) → FC(9)\nexpect params == 80\nk",
]


@pytest.mark.parametrize("text", LONG)
def test_what_is_long_is_cut(text: str) -> None:
    for one in check(text).diagnostics:
        for said in (one.message, *one.hints, *(fix.title for fix in one.fixes)):
            assert len(said) <= 140, said
            assert "\n" not in said


@pytest.mark.parametrize("written", ["CONV(8, (3*3))", "CONV(8, 1 + 2)", "CONV(2*4, 3)", "CONV(3, 16)"])
def test_what_is_meant_as_it_stands(written: str) -> None:
    """In parentheses a product is a number, and a kernel that fits is no slip."""
    assert check(IN + written).ok


def test_an_index_in_a_repeat_of_named_count() -> None:
    assert "*(i < N)" in first(f"{IN}[CONV(8*2^i, 3)]*N").hints[0]


def test_a_setting_of_an_optional_part() -> None:
    (found,) = check(f"{IN}POOL(2)? → FC(9)", settings="pool1=maybe").diagnostics
    assert found.hints == ("an optional part is there or not: pool1=yes or pool1=no",)
    (found,) = check("net A(n = 2)\nINPUT(3@9x9) → [ReLU]*n", settings="n=maybe").diagnostics
    assert "optional" not in found.hints[0]


@pytest.mark.parametrize(
    ("shape", "numbers"), [("1@L", "1@224"), ("3@HxW", "3@224x224"), ("2@8xHxW", "2@8x224x224")]
)
def test_the_input_in_numbers_is_like_that_of_the_network(shape: str, numbers: str) -> None:
    found = first(f"INPUT({shape}) → CONV(8, 3) → ReLU → FC(9)")
    assert found.hints[0].endswith(f"give the input numbers: {numbers}")
    found = first(f"INPUT({shape}) → CONV(in.{'L' if 'L' in shape else 'W'}, 3)")
    assert found.hints[0].endswith(f"--input {numbers}")


# ---- warnings


@pytest.mark.parametrize(
    ("network", "where"),
    [
        ("INPUT(3@32x32) → CONV(8, 3, p=2)", "1 pixel and 8 of padding in a corner"),
        ("INPUT(3@32x32) → CONV(8, 3, p=3)", "padding alone all along an edge"),
        ("INPUT(3@32x32) → CONV(8, 3, p=0x3)", "padding alone all along an edge"),
        ("INPUT(3@32) → CONV(8, 3, p=3)", "padding alone at an end"),
    ],
)
def test_where_padding_is_wide(network: str, where: str) -> None:
    (found,) = check(network).diagnostics
    assert where in found.message


# ---- blocks and parameters that nothing uses

# fmt: off
UNUSED = [
    ("block B = ReLU\nINPUT(3@9x9) → FC(9)", ["nothing uses the block `B`"]),
    ("block B = ReLU # as B\nINPUT(3@9x9) → FC(9) # no B", ["nothing uses the block `B`"]),
    ("block B(c, s = 1) = CONV(c, 3, s=1)\nINPUT(3@9x9) → B(4)", ["the block B makes no use of its `s`"]),
    ("block B(C) = CONV(in.C, 3)\nINPUT(3@9x9) → B(4)", ["the block B makes no use of its `C`"]),
    ("net N(n = 1)\nINPUT(3@9x9) → FC(9)", ["the network makes no use of its parameter `n`"]),
    ("net N(n = 1)\nblock B(n) = FC(n)\nINPUT(9) → B(9)", ["the network makes no use of its parameter `n`"]),
    ("block A = ReLU\nblock B = A → ReLU\nINPUT(3@9x9) → FC(9)", ["nothing uses the block `B`"]),
    # what is used, if only in another place or in a window
    ("block B(k, q) = CONV(4, 3xk, p=0xq)\nINPUT(3@9x9) → B(3, 1)", []),
    ("block B(c, h = 2*c) = CONV(h, 3)\nINPUT(3@9x9) → B(4)", []),
    ("net N(n = 1 in 0..m, m = 3)\nINPUT(3@9x9) → [ReLU]*n → FC(m)", []),
    ("net N(w = 4)\ndefault CONV(filters = w)\nINPUT(3@9x9) → CONV(k=3)", []),
    ("net N(w = 4)\nINPUT(3@9x9) → FC(9)\nexpect params > w", []),
    ("net N(Act = A)\nblock A = ReLU\nblock B = TANH\nINPUT(3@9x9) → Act", []),
    ("net N(Act)\nvariant One = (A)\nblock A = ReLU\nINPUT(3@9x9) → Act", []),
]
# fmt: on


@pytest.mark.parametrize(("text", "messages"), UNUSED)
def test_what_nothing_uses(text: str, messages: list[str]) -> None:
    found = [one for one in check(text).diagnostics if one.code == "unused"]
    assert [one.message for one in found] == messages


def test_behind_an_error_nothing_is_called_unused() -> None:
    """The block may be what a name with a typo means."""
    found = check("block Rest = ReLU\nINPUT(3@9x9) → Resz → FC(9)").diagnostics
    assert [one.code for one in found] == ["unknown-layer"]


def test_blocks_of_another_file_need_not_all_be_used() -> None:
    text = 'use "resnet"\nINPUT(3@32x32) → BasicBlock(3, 1) → FC(9)'
    assert "unused" not in {one.code for one in check(text).diagnostics}
