"""Lints: silent on well-known networks, right in their numbers, and switched off where asked to."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.analysis.lints import LINTS
from cnndsl.analysis.lints.grid import dropped, read, skips
from cnndsl.api import Report, check, read_source, shipped
from cnndsl.diagnostics import CATALOGUE, Diagnostic, Fix
from cnndsl.diagnostics.ignores import ignores
from cnndsl.layers import KINDS
from cnndsl.layers.windows import Axis, spanned
from cnndsl.source import Source
from cnndsl.values import Pair

CASES = Path(__file__).parent / "cases"


def codes(report: Report) -> list[str]:
    return [found.code for found in report.diagnostics]


def mended(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def test_each_lint_has_its_code() -> None:
    for code, lint in LINTS.items():
        assert CATALOGUE[code] == ("warning", CATALOGUE[code].summary, lint.pedantic)
        assert lint.look(code).__name__ == code.replace("-", "_")
        assert lint.kinds <= KINDS.keys()
    assert {code for code, entry in CATALOGUE.items() if entry.pedantic} <= LINTS.keys()


def test_lints_are_loaded_for_networks_that_they_are_about() -> None:
    program = "import sys, cnndsl; cnndsl.check('INPUT(3@9x9) → CONV(8, 3) → ReLU'); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = run.stdout.split()
    assert "cnndsl.analysis.lints.windows" in modules
    assert "cnndsl.analysis.lints.saturation" not in modules


# ---- what stays silent

#: Of which shipped networks `--pedantic` says what.
OF_SHIPPED = {
    "small-receptive-field": "alexnet alexnet224 alexnet_groups alexnet_torchvision fcn lenet5 m5 nin pattern"
    " pattern_conv pattern_lenet squeezenet unet vgg wavenet zfnet",
    "heavy-layer": "alexnet alexnet224 alexnet_groups alexnet_torchvision lenet5 pattern pattern_conv"
    " pattern_lenet pattern_vgg vgg zfnet",
    "channel-alignment": "efficientnet efficientnet_v2 fcn lenet5 lenet5_1998 r3d regnet shufflenet_v2",
    "bias-before-norm": "m5 vgg",
}


@pytest.mark.parametrize("name", sorted(shipped().keys() - {"alexnet_slide"}))
def test_shipped_networks_are_free_of_lints(name: str) -> None:
    source = read_source(name)
    assert codes(check(source)) == []
    known = {code for code, names in OF_SHIPPED.items() if name in names.split()}
    assert {*codes(check(source, pedantic=True))} == known


#: Pieces of well-known networks in which a hasty lint would see a fault.
WELL_KNOWN = {
    "MobileNetV2: a linear bottleneck, then the next expansion": """
        block Inverted(e, c, s) = CONV(e, 1) → BN → RELU6 → CONV(e, 3, s=s, p=1, g=e) → BN → RELU6
          → CONV(c, 1) → BN
        INPUT(24@56x56) → Inverted(144, 24, 2) → { Inverted(144, 24, 1) + ID } → Inverted(144, 32, 2)
          → Inverted(192, 64, 1) → CONV(1280, 1) → BN → RELU6 → GAP → FC(10)""",
    "Xception: depthwise, then pointwise": """
        INPUT(32@56x56) → [CONV(32, 3, p=1, g=in.C) → CONV(32, 1) → BN → ReLU]*3 → GAP → FC(10)""",
    "ShuffleNet: depthwise, then a grouped 1×1": """
        INPUT(32@28x28) → { CONV(32, 1, g=4) → BN → ReLU → SHUFFLE(4) → CONV(32, 3, p=1, g=in.C) → BN
          → CONV(32, 1, g=4) → BN + ID } → ReLU → GAP → FC(10)""",
    "EDSR: a head that the skips take up, and a tail that shuffles pixels": """
        INPUT(3@24x24) → CONV(64, 3, p=1) → { [{ CONV(64, 3, p=1) → ReLU → CONV(64, 3, p=1) + ID }]*4
          → CONV(64, 3, p=1) + ID } → CONV(256, 3, p=1) → PIXELSHUFFLE(2) → CONV(3, 3, p=1)""",
    "a feature pyramid: laterals that are upsampled and smoothed": """
        INPUT(3@32x32) → CONV(64, 3, p=1) → ReLU as c2 → POOL(2) → CONV(64, 3, p=1) → ReLU
          → CONV(64, 1) as p3 → CONV(64, 3, p=1)
        output p2 = { p3 → UPSAMPLE(2) + c2 → CONV(64, 1) } → CONV(64, 3, p=1)""",
    "DenseNet: norm and ReLU before each convolution": """
        block Dense(k) = { ID | BN → ReLU → CONV(4*k, 1) → BN → ReLU → CONV(k, 3, p=1) }
        INPUT(16@32x32) → Dense(8)*4 → BN → ReLU → CONV(24, 1) → POOL(avg, 2)
          → Dense(8)*4 → BN → ReLU → GAP → FC(10)""",
    "U-Net: a transposed convolution and a skip": """
        INPUT(1@32x32) → [CONV(16, 3, p=1) → ReLU]*2 as e → POOL(2) → [CONV(32, 3, p=1) → ReLU]*2
          → { TCONV(16, 2, s=2) | e } → [CONV(16, 3, p=1) → ReLU]*2 → CONV(2, 1) → SIGMOID""",
    "ConvNeXt: patches, LN, depthwise 7×7": """
        INPUT(3@64x64) → CONV(96, 4, s=4) → LN
          → [{ CONV(96, 7, p=3, g=in.C) → LN → CONV(384, 1) → GELU → CONV(96, 1) → SCALE + ID }]*3
          → GAP → LN → FC(10)""",
    "squeeze and excitation": """
        INPUT(64@16x16) → [{ ID ⊙ GAP → CONV(4, 1) → ReLU → CONV(64, 1) → SIGMOID }]*9 → GAP → FC(10)""",
    "WaveNet: causal, gated, with skips": """
        INPUT(16@64) → [{ { CONV(16, 2, p=(2^i):0, d=2^i) → TANH ⊙ CONV(16, 2, p=(2^i):0, d=2^i) → SIGMOID }
          → CONV(16, 1) + ID }]*(i < 5) → ReLU → CONV(16, 1)""",
    "a large kernel in two parts": """
        INPUT(21@32x32) → { CONV(21, 7x1, p=3x0) → CONV(21, 1x7, p=0x3)
          + CONV(21, 1x7, p=0x3) → CONV(21, 7x1, p=3x0) }""",
    "SqueezeNet: pools that round up, a GAP at the end": """
        INPUT(3@224x224) → CONV(96, 7, s=2) → ReLU → POOL(max, 3, s=2, ceil=yes) → CONV(16, 1) → ReLU
          → { CONV(64, 1) → ReLU | CONV(64, 3, p=1) → ReLU } → CONV(10, 1) → ReLU → GAP → FLATTEN""",
    "ResNet-D: an average pool and a 1×1 on the shortcut": """
        INPUT(64@32x32) → { CONV(128, 3, s=2, p=1) → BN → ReLU → CONV(128, 3, p=1) → BN
          + POOL(avg, 2) → CONV(128, 1) → BN } → ReLU → GAP → FC(10)""",
    "an autoencoder: linear, and narrow in the middle": "INPUT(784) → FC(32) → FC(784)",
    "DCGAN: a TANH at the end": """
        INPUT(100@1x1) → TCONV(64, 4) → BN → ReLU → [TCONV(in.C // 2, 4, s=2, p=1) → BN → ReLU]*2
          → TCONV(3, 4, s=2, p=1) → TANH""",
}


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_well_known_pieces_are_free_of_lints(name: str) -> None:
    report = check(WELL_KNOWN[name])
    silent = {"SqueezeNet: pools that round up, a GAP at the end": ["unread-pixels"]}  # it does drop a row
    assert codes(report) == silent.get(name, [])


def test_errors_come_first() -> None:
    assert codes(check("INPUT(3@29x29) → POOL(2) → CONV(8, 99) → SOFTMAX")) == ["kernel-too-large"]


@pytest.mark.parametrize("kind", ["CONV(8, 3, s=2)", "POOL(2)", "CONV(8, 2, s=3)", "CONV(8, 3, p=2)"])
def test_open_sizes_are_not_judged(kind: str) -> None:
    assert codes(check(f"INPUT(3@HxW) → {kind} → ReLU → GAP → FC(10)")) == []


def test_what_needs_no_sizes_is_found_for_open_ones() -> None:
    text = "INPUT(3@HxW) → CONV(8, 3) → CONV(8, 3) → GAP → FC(10) → SOFTMAX"
    assert codes(check(text)) == ["linear-pair", "softmax-before-loss"]


# ---- the arithmetic


@st.composite
def axes(draw: st.DrawFn) -> Axis:
    kernel, dilation, stride = (draw(st.integers(1, most)) for most in (5, 3, 5))
    pad = Pair(draw(st.integers(0, 3)), draw(st.integers(0, 3)))
    least = max(1, spanned(kernel, dilation) - sum(pad))
    return Axis(draw(st.integers(least, least + 20)), pad, kernel, dilation, stride)


def pixels(axis: Axis) -> set[int]:
    """The pixels of the map that some window reads, one tap after the other."""
    places = {
        window * axis.stride + tap * axis.dilation - axis.pad.before
        for window in range(axis.outputs)
        for tap in range(axis.kernel)
    }
    return places & {*range(axis.extent)}


@given(axes())
def test_the_pixels_that_windows_read_are_counted(axis: Axis) -> None:
    assert read(axis) == len(pixels(axis))


@given(axes())
def test_what_is_dropped_is_behind_the_last_window(axis: Axis) -> None:
    end = (axis.outputs - 1) * axis.stride + spanned(axis.kernel, axis.dilation) - axis.pad.before
    assert dropped(axis) == (max(0, axis.extent - end) if axis.kernel > 1 else 0)


@given(axes())
def test_windows_that_skip_leave_pixels_between_them(axis: Axis) -> None:
    """Far from the border every pixel is read, unless the stride skips some."""
    wide = axis._replace(extent=60 + axis.extent)
    inner = {*range(20, 40)}
    assert skips(wide) == (axis.kernel > 1 and not inner <= pixels(wide))


SIZES = re.compile(r"(?:if|or) (\d+) \(gives (\d+)\)|with p=(\d+) \(gives (\d+)\)")


@given(st.integers(2, 11), st.integers(2, 11), st.integers(0, 60))
def test_the_sizes_that_lose_nothing_are_the_nearest(kernel: int, stride: int, more: int) -> None:
    stride, extent = min(stride, kernel), kernel + more
    found = check(f"INPUT(1@{extent}) → CONV(8, {kernel}, s={stride})").diagnostics
    lossless = [n for n in range(kernel, extent + 20) if (n - kernel) % stride == 0]
    if extent in lossless:
        assert found == []
        return
    (hint,) = found[0].hints
    ways = SIZES.findall(hint)
    below, above = max(n for n in lossless if n < extent), min(n for n in lossless if n > extent)
    assert [int(size) for size, *_ in ways[:2]] == [below, above]
    assert [int(gives) for _, gives, *_ in ways[:2]] == [(n - kernel) // stride + 1 for n in (below, above)]
    for *_, pad, gives in ways[2:]:
        assert codes(check(f"INPUT(1@{extent}) → CONV(8, {kernel}, s={stride}, p={pad})")) == []
        assert int(gives) == (extent + 2 * int(pad) - kernel) // stride + 1


def test_large_windows_take_no_time() -> None:
    big = 2**30
    text = (
        f"INPUT(1@{big}) → CONV(8, {big // 2}, p={big // 4}, s={big // 3}) → POOL({big // 9}, s={big // 8})"
    )
    assert "kernel-too-large" in codes(check(text))
    assert "wide-padding" in codes(check(f"INPUT(1@{big}) → CONV(1, {big // 2}, p={big // 2})"))
    assert "stride-skips" in codes(check(f"INPUT(1@{big}) → CONV(1, 1000, s={big // 2048})"))


# ---- where it is said


def test_a_finding_in_a_repeat_or_a_block_is_said_once() -> None:
    text = "block Twice(c) = [CONV(c, 3, p=1)]*5\nINPUT(3@8x8) → [Twice(8) → ReLU → Twice(16) → ReLU]*9"
    (found,) = check(text).diagnostics
    assert found.span.text == "CONV(c, 3, p=1)"
    assert [label.span.text for label in found.labels] == ["Twice(8)"]


def test_variants_share_a_finding() -> None:
    text = "net N(n) variant A = (4) variant B = (8) INPUT(3@29x29) → CONV(n, 3) → ReLU → POOL(2) → FC(10)"
    report = check(text)
    assert codes(report) == ["pool-remainder"]
    assert [[found.code for found in network.diagnostics] for network in report.networks] == [
        ["pool-remainder"],
        ["pool-remainder"],
    ]


def test_networks_of_a_million_copies_take_no_time() -> None:
    assert codes(check("INPUT(8@8x8) → [[CONV(8, 3, p=1) → BN]*1_000]*1_000")) == ["linear-pair"]


# ---- fixes

#: Programs, and what they are once mended.
FIXES = {
    "INPUT(3@224x224) → CONV(96, 11, s=4)": "INPUT(3@224x224) → CONV(96, 11, s=4, p=2)",
    "INPUT(3@224x224) → CONV(96, 11, s=4, p=0)": "INPUT(3@224x224) → CONV(96, 11, s=4, p=2)",
    "INPUT(3@224x224) → CONV(96, 11, stride=4, pad=0,)": "INPUT(3@224x224) → CONV(96, 11, stride=4, pad=2,)",
    "INPUT(3@29x29) → POOL": "INPUT(3@29x29) → POOL(max, 2x2, ceil=yes)",
    "INPUT(3@29x29) → POOL(avg, 2x2, ceil=no) : 3@_x_": "INPUT(3@29x29) → POOL(avg, 2x2, ceil=yes) : 3@_x_",
    "default CONV(p=3) INPUT(3@9x9) → CONV(4, 3)": "default CONV(p=3) INPUT(3@9x9) → CONV(4, 3, p=1)",
    "default CONV(p=3) INPUT(3@9x9) → CONV": "default CONV(p=3) INPUT(3@9x9) → CONV(64, 3x3, p=1)",
    "INPUT(3@9x9) → CONV(4, 3) : 4@7x7 → CONV(4, 3)": "INPUT(3@9x9) → CONV(4, 3) : 4@7x7 → ReLU → CONV(4, 3)",
    "INPUT(3@9x9) → FC(10) # ten\n→ SOFTMAX  # a → b": "INPUT(3@9x9) → FC(10) # ten\n  # a → b",
    "INPUT(3@9x9) → FC(10) ->\n  SOFTMAX\nexpect C == 10": "INPUT(3@9x9) → FC(10)\nexpect C == 10",
    "INPUT(3@9x9) → FC(10) → [ID → SOFTMAX → ID]": "INPUT(3@9x9) → FC(10) → [ID → ID]",
}


@pytest.mark.parametrize("text", FIXES)
def test_fixes(text: str) -> None:
    (found,) = check(text).diagnostics
    (fix,) = found.fixes
    assert not fix.safe, "it changes what the network computes"
    assert mended(text, fix) == FIXES[text]
    assert check(mended(text, fix)).diagnostics == []


#: No fix: the text stands for other layers too, or what would go says something itself.
NO_FIX = [
    "block B(c) = CONV(c, 3, s=2) → ReLU\nINPUT(3@32x32) → B(8) → PAD(0:1) → B(16)",
    "block B(Act) = Act → ReLU\nINPUT(3@29x29) → B(POOL)",
    "INPUT(3@9x9) → FC(10) → SOFTMAX : 10",
    "INPUT(3@9x9) → FC(10) → SOFTMAX as probabilities",
    "INPUT(3@9x9) → FC(10) → SOFTMAX*2",
    "INPUT(8@9x9) → [CONV(8, 3)]*3",
]


@pytest.mark.parametrize("text", NO_FIX)
def test_no_fix(text: str) -> None:
    (found,) = check(text).diagnostics
    assert found.fixes == ()


def test_the_bias_before_a_norm_goes_safely() -> None:
    text = "INPUT(3@9x9) → CONV → BN → ReLU → GAP → FC(8)"
    (found,) = (one for one in check(text, pedantic=True).diagnostics if one.code == "bias-before-norm")
    (fix,) = found.fixes
    assert fix.safe
    assert mended(text, fix) == "INPUT(3@9x9) → CONV(64, 3x3, p=1, bias=no) → BN → ReLU → GAP → FC(8)"
    counted = text + "\nexpect params == 2_440"
    (found,) = (one for one in check(counted, pedantic=True).diagnostics if one.code == "bias-before-norm")
    assert not found.fixes, "the expectation would no longer hold"


@pytest.mark.parametrize("path", sorted(CASES.glob("lint_*.cnn")), ids=lambda path: path.stem)
def test_each_fix_of_a_case_takes_its_finding_away(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pedantic = text.startswith("# run: --pedantic")
    for found in check(text, pedantic=pedantic).diagnostics:
        for fix in found.fixes:
            after = check(mended(text, fix), pedantic=pedantic)
            assert after.ok
            places = {(one.code, one.span.start) for one in after.diagnostics}
            assert (found.code, found.span.start) not in places


# ---- comments that ignore


def ignored(text: str) -> list[str]:
    return codes(check(text))


POOLS = "INPUT(3@29x29) → POOL(2) → CONV(8, 3, p=2)"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (POOLS, ["pool-remainder", "wide-padding"]),
        (f"{POOLS} # cnndsl: ignore[pool-remainder]", ["wide-padding"]),
        (f"{POOLS} #cnndsl:ignore[ pool-remainder,wide-padding ]", []),
        (f"{POOLS} # cnndsl: ignore[pool-remainder] # cnndsl: ignore[wide-padding]", ["wide-padding"]),
        (f"# cnndsl: ignore[pool-remainder]\n{POOLS}", ["wide-padding"]),
        (f"\t# cnndsl: ignore[wide-padding]\r\n{POOLS}", ["pool-remainder"]),
        (f"# a note on cnndsl: ignore[pool-remainder]\n{POOLS}", ["pool-remainder", "wide-padding"]),
        ("INPUT(3@29x29) → POOL(\n2) # cnndsl: ignore[pool-remainder]", []),
        ("INPUT(3@29x29) # cnndsl: ignore[pool-remainder]\n→ POOL(2)", ["pool-remainder"]),
        (f"{POOLS} # cnndsl: ignore[]", ["pool-remainder", "wide-padding", "unknown-code"]),
        (f"{POOLS} # cnndsl: ignore[pool_remainder]", ["pool-remainder", "wide-padding", "unknown-code"]),
        (f"{POOLS} # cnndsl: ignore[claim, unknown-code]", ["pool-remainder", "wide-padding"]),
        (
            "INPUT(3@9x9) → CONV(8, 99) # cnndsl: ignore[kernel-too-large]",
            ["kernel-too-large", "unknown-code"],
        ),
    ],
)
def test_comments(text: str, left: list[str]) -> None:
    assert ignored(text) == left


def test_a_hash_in_a_string_starts_no_comment() -> None:
    source = Source("net.cnn", 'use "a # cnndsl: ignore[unused]" # cnndsl: ignore[linear-pair]')
    assert ignores(source).lines == {1: {"linear-pair"}}


def test_a_used_file_ignores_for_itself(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text(
        "# cnndsl: ignore[pool-remainder, nothing]\nblock B = POOL(2)\nINPUT → FC", encoding="utf-8"
    )
    path = tmp_path / "net.cnn"
    path.write_text('use "blocks.cnn"\nINPUT(3@29x29) → B → PAD(0:1) → POOL(2)', encoding="utf-8")
    found = check(read_source(str(path))).diagnostics
    assert [(Path(one.span.source.name).name, one.code) for one in found] == [
        ("blocks.cnn", "unknown-code"),
        ("net.cnn", "pool-remainder"),
    ]


def test_unknown_codes_are_pointed_at_and_mended() -> None:
    text = "INPUT(3@28x28) → FC(10)  # cnndsl: ignore[linear-pair, heavy-layr]"
    (found,) = check(text).diagnostics
    assert found.span.text == "heavy-layr"
    assert found.hints == ("did you mean heavy-layer?",)
    assert check(mended(text, found.fixes[0])).diagnostics == []


def test_the_caller_ignores_codes() -> None:
    assert codes(check(POOLS, ignore=["pool-remainder"])) == ["wide-padding"]
    report = check(POOLS, ignore=["wide-padding", "pool-remainder", "claim"])
    assert codes(report) == ["unknown-code"]
    (found,) = report.diagnostics
    assert (found.span.source.name, found.span.text) == ("--ignore", "claim")


def test_what_is_ignored_is_ignored_in_networks_too() -> None:
    (network,) = check(POOLS, ignore=["pool-remainder"]).networks
    assert [found.code for found in network.diagnostics] == ["wide-padding"]


def every(found: Diagnostic) -> list[str]:
    return [found.message, *found.hints, *(label.text for label in found.labels)]


@pytest.mark.parametrize("path", sorted(CASES.glob("lint_*.cnn")), ids=lambda path: path.stem)
def test_texts_are_short(path: Path) -> None:
    for found in check(path.read_text(encoding="utf-8"), pedantic=True).diagnostics:
        assert all(0 < len(text) <= 140 and not text.endswith(".") for text in every(found))
