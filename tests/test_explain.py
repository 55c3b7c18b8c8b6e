"""`cnndsl explain`: codes, layers, networks, and what is said where a word means none of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_help import run
from click.shell_completion import ShellComplete

from cnndsl.api import check
from cnndsl.cli.app import app
from cnndsl.diagnostics import CATALOGUE
from cnndsl.explain.find import NoSuchStep, find, paths, survey
from cnndsl.explain.formula import Fact
from cnndsl.explain.step import explain
from cnndsl.network import Network

if TYPE_CHECKING:
    from goldens import Golden

RESIDUAL = """
block Double(c, s = 1) = { CONV(c, 3, s=s, p=1) → ReLU → CONV(c, 3, p=1) + CONV(c, 1, s=s) } → ReLU
INPUT(3@32x32) → [CONV(8, 3, p=1) → ReLU]*4 → Double(16, s=2) as e → [Double(2*in.C)]*2 → GAP → FC(10)
"""


def network(text: str) -> Network:
    (found,) = check(text).networks
    return found


def facts(text: str, path: str) -> dict[str, Fact]:
    explanation = explain(network(text), path)
    return {fact.label: fact for section in explanation.sections for fact in section.facts}


def line(text: str, path: str, label: str) -> str:
    return facts(text, path)[label].line


# ---- the issue's own examples


def test_alexnet_conv1() -> None:
    out = run("explain", "alexnet", "conv1").out
    assert "(W + 2p − w)/s + 1 = (227 + 2·0 − 11)/4 + 1 = 55" in out
    assert "D·w·h·C = 96·11·11·3 = 34 848" in out
    assert "D·W′·H′ = 96·55·55 = 290 400" in out
    assert "r + (w − 1)·j = 1 + (11 − 1)·1 = 11" in out
    assert "105 415 200" in out
    assert "alexnet.cnn:7" in out


def test_where_9216_comes_from() -> None:
    explanation = explain(network(Path("specs/alexnet.cnn").read_text(encoding="utf-8")), "fc1")
    assert [(step.name, step.output) for step in explanation.way] == [
        ("input1", "3@227x227"),
        ("conv1", "96@55x55"),
        ("pool1", "96@27x27"),
        ("conv2", "256@27x27"),
        ("pool2", "256@13x13"),
        ("conv3", "384@13x13"),
        ("conv5", "256@13x13"),
        ("pool3", "256@6x6"),
        ("flatten1", "9216"),
    ]
    assert explanation.way[-1].size == "256·6·6 = 9216"


@pytest.mark.parametrize(
    ("text", "path", "label", "expected"),
    [
        (
            "INPUT(3@32x32) → CONV(8, 3, d=2)",
            "conv1",
            "width, height",
            "(W + 2p − d·(w − 1) − 1)/s + 1 = (32 + 2·0 − 2·(3 − 1) − 1)/1 + 1 = 28",
        ),
        ("INPUT(6@8x8) → CONV(4, 3, g=2)", "conv1", "weights", "D·w·h·(C/g) = 4·3·3·(6/2) = 108"),
        (
            "INPUT(3@112x112) → POOL(3, s=2, ceil=yes)",
            "pool1",
            "width, height",
            "⌈(W + 2p − w)/s⌉ + 1 = ⌈(112 + 2·0 − 3)/2⌉ + 1 = 56",
        ),
        (
            "INPUT(3@112x112) → POOL(3, s=2)",
            "pool1",
            "width, height",
            "⌊(W + 2p − w)/s⌋ + 1 = ⌊(112 + 2·0 − 3)/2⌋ + 1 = 55",
        ),
        (
            "INPUT(3@7x4) → TCONV(8, 3, s=2, p=1)",
            "tconv1",
            "width",
            "(W − 1)·s − 2p + w = (4 − 1)·2 − 2·1 + 3 = 7",
        ),
        (
            "INPUT(3@4x4) → TCONV(8, 3, s=2, p=1, output_pad=1)",
            "tconv1",
            "width, height",
            "(W − 1)·s − 2p + w + o = (4 − 1)·2 − 2·1 + 3 + 1 = 8",
        ),
        ("INPUT(3@224x224) → CONV(64, 7, s=2, p=same)", "conv1", "width, height", "⌈W/s⌉ = ⌈224/2⌉ = 112"),
        (
            "INPUT(3@8x8) → CONV(64, 3x5, p=1:2)",
            "conv1",
            "width",
            "(W + p₁ + p₂ − w)/s + 1 = (8 + 1 + 2 − 5)/1 + 1 = 7",
        ),
        ("INPUT(3@8x16x16) → CONV(4, 3)", "conv1", "depth", "(Z + 2p − z)/s + 1 = (8 + 2·0 − 3)/1 + 1 = 6"),
        ("INPUT(2@100) → CONV(4, 5)", "conv1", "length", "(L + 2p − w)/s + 1 = (100 + 2·0 − 5)/1 + 1 = 96"),
        ("INPUT(256@6x6) → FC(10)", "fc1", "inputs n", "C·H·W = 256·6·6 = 9216"),
        ("INPUT(64@8x8) → PIXELSHUFFLE(2)", "pixelshuffle1", "channels", "C/f² = 64/2² = 16"),
        ("INPUT(6@7x7) → RESHAPE(_@7x7)", "reshape1", "the `_` in _@7x7", "n/(7·7) = 294/(7·7) = 6"),
        ("INPUT(100) → DROPOUT(0.2)", "dropout1", "off on average", "p·C = 0.2·100 = 20"),
        (
            "INPUT(3@HxW) → CONV(8, 3, s=2, p=1)",
            "conv1",
            "height",
            "⌊(H + 2p − h)/s⌋ + 1 = ⌊(H + 2·1 − 3)/2⌋ + 1 = ⌊(H − 1)/2⌋ + 1",
        ),
    ],
)
def test_worked(text: str, path: str, label: str, expected: str) -> None:
    assert line(text, path, label) == expected


@pytest.mark.parametrize(
    ("text", "path", "label", "note"),
    [
        (
            "INPUT(3@224x224) → CONV(64, 7, s=2, p=same)",
            "conv1",
            "padding by width, height",
            "p=3 gives 112 as well",
        ),
        (
            "INPUT(3@224x224) → CONV(64, 7, s=2, p=same)",
            "conv1",
            "padding by width, height",
            "2 before and 3 after",
        ),
        ("INPUT(3@112x112) → POOL(3, s=2)", "pool1", "width, height", "ceil=yes would give 56"),
        (
            "INPUT(3@4x4) → TCONV(8, 3, s=2, p=1)",
            "tconv1",
            "width, height",
            "a CONV with this window, stride and padding maps 7 and 8 to 4; output_pad=1 gives 8",
        ),
        (
            "INPUT(3@224x224) → CONV(96, 11, s=4)",
            "conv1",
            "width, height",
            "54.25 without rounding; rounded down, the last pixel is left unread",
        ),
        (
            "INPUT(3@224x224) → CONV(64, 7, s=2, p=3)",
            "conv1",
            "width, height",
            "112.5 without rounding; rounded down, only padding is left unread",
        ),
    ],
)
def test_noted(text: str, path: str, label: str, note: str) -> None:
    assert note in facts(text, path)[label].notes


# ---- paths


def test_every_path_of_the_table_is_found() -> None:
    found = network(RESIDUAL)
    for path in paths(found):
        assert find(found, path).way, path
    for row in survey(found).rows:
        assert find(found, row.path).row is not None, row.path


@pytest.mark.parametrize(
    ("path", "means"),
    [
        ("conv1", "conv1[0]"),
        ("conv1[2]", "conv1[2]"),
        ("conv1[1..3]", "conv1[1]"),
        ("e", "e"),
        ("e.conv2", "e.conv2"),
        ("double2.conv1", "double2[0].conv1"),
        ("double2[1]", "double2[1]"),
        ("fc1.flatten", "fc1.flatten"),
    ],
)
def test_what_a_path_means(path: str, means: str) -> None:
    assert find(network(RESIDUAL), path).path == means


@pytest.mark.parametrize(
    ("path", "near"),
    [("conv2", ["e.conv2", "double2[0].conv2", "double2[1].conv2"]), ("fcc1", ["fc1"]), ("x[", [])],
)
def test_a_path_that_leads_nowhere(path: str, near: list[str]) -> None:
    with pytest.raises(NoSuchStep) as caught:
        find(network(RESIDUAL), path)
    assert caught.value.near == near


def test_copies_and_blocks_are_told() -> None:
    assert explain(network(RESIDUAL), "conv1[2]").remarks == [
        "one of 3 equal copies, conv1[1..3], each with weights of its own"
    ]
    others = ["others of that name: conv1[1], conv1[2], conv1[3]"]
    assert explain(network(RESIDUAL), "conv1").remarks == others
    assert explain(network(RESIDUAL), "e.conv1").remarks == ["in e: Double(c = 16, s = 2)"]


def test_the_receptive_field_is_that_of_the_copy() -> None:
    sizes = [line(RESIDUAL, f"conv1[{copy}]", "size") for copy in range(4)]
    assert [size.rpartition(" = ")[2] for size in sizes] == ["3", "5", "7", "9"]


def test_a_block_shows_its_join() -> None:
    found = facts(RESIDUAL, "e")
    assert found["path 1"].text == found["path 2"].text == "16@16x16"
    assert found["additions"].line == "1·4096 = 4096"


def test_a_million_copies_are_not_gone_through() -> None:
    text = "INPUT(3@8x8) → [CONV(8, 3, p=1) → ReLU]*1_000_000 → FC(2)"
    explanation = explain(network(text), "conv1[7]")
    assert "one of 999 999 equal copies" in explanation.remarks[0]


# ---- arguments and their origin


def test_arguments_say_where_they_come_from() -> None:
    head = "net N(w = 4)\ndefault CONV(bias = no)\n"
    text = f"{head}INPUT(3@8x8) → CONV(2*w, 3) → ReLU → CONV → POOL(2) → FC(2)"
    first = {one.name: one for one in explain(network(text), "conv1").arguments}
    second = {one.name: one.origin for one in explain(network(text), "conv2").arguments}
    pool = {one.name: (one.value, one.origin) for one in explain(network(text), "pool1").arguments}
    assert first["filters"][1:] == ("D", "8", "from `2*w`")
    assert first["kernel"][1:] == ("h×w", "3x3", "")
    assert first["bias"].origin == "by the file's `default` in line 2"
    assert first["stride"].origin == "default"
    assert second["filters"].startswith("assumed")
    assert pool["stride"] == ("2", "default: the window")


@pytest.mark.parametrize(
    ("text", "path", "doc"),
    [
        ("ReLU", "relu1", ["`ReLU`: max(0, x)."]),
        (
            "FLATTEN",
            "flatten1",
            ["`FLATTEN`: the map as a vector, channel by channel, row by row. FC does it by itself."],
        ),
        (
            "LEAKY(0.2)",
            "leaky1",
            ["Output: x, and slope·x below 0.", "For example, `LEAKY(0.01)`: x, and 0.01·x below 0."],
        ),
    ],
)
def test_what_a_layer_computes_is_said_once(text: str, path: str, doc: list[str]) -> None:
    assert explain(network(f"INPUT(3@8x8) → {text}"), path).doc == doc


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("GAP", ""),
        ("APOOL(avg, 3)", ""),
        ("CONV(8, 4, s=2, p=same)", "⌈9/2⌉ = 5"),
        ("CONV(8, 3)", "(9 + 2·0 − 3)/1 + 1 = 7"),
    ],
)
def test_a_size_in_one_line_is_that_of_the_output(text: str, size: str) -> None:
    (step,) = explain(network(f"INPUT(3@9x9) → {text} → FC(2)"), "fc1.flatten").way[1:2]
    assert step.size == size


# ---- the command


@pytest.mark.parametrize(
    ("name", "columns", "words"),
    [
        ("explain_conv1", 100, ("alexnet", "conv1")),
        ("explain_conv1_80", 60, ("alexnet", "conv1")),
        ("explain_fc1", 100, ("lenet5", "fc1", "--variant", "Digits")),
        ("explain_block", 100, ("googlenet", "i3a")),
        ("explain_copy", 100, ("resnet", "--variant", "ResNet18", "basicblock1[1].conv1")),
        ("explain_alexnet", 130, ("alexnet",)),
        ("explain_alexnet_80", 80, ("alexnet",)),
        ("explain_page", 80, ("kernel-too-large",)),
    ],
)
def test_golden(name: str, columns: int, words: tuple[str, ...], golden: Golden) -> None:
    found = run("explain", *words, columns=columns)
    assert found.status == 0
    golden(f"{name}.txt", found.out)


def test_all_codes_are_listed() -> None:
    out = run("explain").out
    assert all(code in out for code in CATALOGUE)


@pytest.mark.parametrize("word", ["claim", "error[claim]", "error[claim]:", "CLAIM"])
def test_a_code_in_its_forms(word: str) -> None:
    assert run("explain", word).out.startswith("claim\n\nError: A claim")


def test_markdown() -> None:
    assert run("explain", "claim", "--format", "markdown").out.startswith("# claim\n")
    assert run("explain", "--format", "markdown").out.startswith("# The codes\n")
    assert run("explain", "alexnet", "--format", "markdown").out.startswith("```text\nAlexNet")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("kernel-to-large",), "did you mean kernel-too-large?"),
        (("error[clam]",), "did you mean claim?"),
        (("error[xyz]",), "`cnndsl explain` lists all"),
        (("alexnet", "convv1"), "AlexNet has no step `convv1`, did you mean conv1"),
        (("alexnet", "convv1"), "Its steps: input1, conv1, relu1"),
        (("resnet",), "name one by --variant: ResNet18"),
        (("alexnet", "conv1", "conv2"), "a FILE and one LAYER"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], said: str) -> None:
    found = run("explain", *words)
    assert found.status == 2
    assert said in found.err


def test_an_unknown_network_is_said_as_check_says_it() -> None:
    found = run("explain", "alexnett")
    assert found.status == 1
    assert "did you mean alexnet?" in found.err


def test_a_network_from_the_command_line() -> None:
    found = run("explain", "-e", "INPUT(3@32x32) → CONV(8, 3) → ReLU → FC(10)", "conv1")
    assert found.status == 0
    assert "8·3·3·3 = 216" in found.out


BROKEN = "INPUT(3@32x32) → CONV(8, 3, s=2, p=1) → ReLU → CONV(8, 99) → ReLU → FC(10)"


@pytest.mark.parametrize("words", [(), ("conv1",), ("conv2",), ("relu2",), ("fc1",), ("fc1.flatten",)])
def test_a_broken_network_is_explained_up_to_the_fault(words: tuple[str, ...]) -> None:
    found = run("explain", "-e", BROKEN, *words)
    assert found.status == 1
    assert "kernel-too-large" in found.err
    if words != ("conv1",):
        assert "⌊(32 + 2·1 − 3)/2⌋ + 1 = 16" in found.out


def test_other_inputs_and_settings() -> None:
    digits = ("lenet5", "conv1", "--variant", "Digits")
    assert "(128 + 2·0 − 5)/1 + 1 = 124" in run("explain", *digits, "--input", "1@128x128").out
    assert "others of that name" in run("explain", "pattern", "conv1", "--set", "N=2,M=3").out


# ---- completion by the Tab key


def completed(*words: str) -> list[str]:
    """What may stand in place of the last word."""
    context = ShellComplete(app, {}, "cnndsl", "_CNNDSL_COMPLETE")
    return [item.value for item in context.get_completions(["explain", *words[:-1]], words[-1])]


def test_codes_and_networks_are_completed() -> None:
    assert completed("kern") == ["kernel-too-large"]
    assert "alexnet" in completed("al")
    assert completed("PER") == ["PERMUTE"]
    assert {"claim", "unread-pixels"} <= set(completed(""))


def test_paths_are_completed_behind_a_network() -> None:
    assert completed("alexnet", "conv") == ["conv1", "conv2", "conv3", "conv4", "conv5"]
    assert "i3a.conv1" in completed("googlenet", "i3a.")
    assert completed("no-such-network", "conv1") == []
    assert completed("claim", "conv1") == []
