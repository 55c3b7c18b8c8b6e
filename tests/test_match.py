"""`cnndsl match`: patterns as regular expressions over the layers of networks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_help import run
from goldens import Golden
from match_help import IMAGE, matched

from cnndsl import api
from cnndsl.analysis.pattern import LECTURE, match, read_pattern
from cnndsl.analysis.pattern.departure import diagnosed
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.source import Source

SCHEMA: dict[str, Any] = json.loads(
    (Path(api.__file__).parent / "schema" / "match.schema.json").read_text(encoding="utf-8")
)

# ---- the lecture's pattern


@pytest.mark.parametrize(
    ("network", "n", "m", "k"),
    [
        ("INPUT → FC", [], 0, 0),
        ("INPUT → [FC → ReLU]*1 → FC", [], 0, 1),
        ("INPUT → [FC → ReLU]*7 → FC", [], 0, 7),
        ("INPUT → CONV → ReLU → FC", [1], 1, 0),
        ("INPUT → [CONV → ReLU → POOL]*2 → FC → ReLU → FC", [1, 1], 2, 1),
        ("INPUT → [[CONV → ReLU]*2 → POOL]*3 → [FC → ReLU]*2 → FC", [2, 2, 2], 3, 2),
        ("INPUT → CONV → ReLU → CONV → ReLU → POOL → CONV → ReLU → FC", [2, 1], 2, 0),
        ("INPUT → POOL → FC", [0], 1, 0),
        ("pattern_conv", [1], 1, 0),
        ("pattern_lenet", [1, 1], 2, 1),
        ("pattern_linear", [], 0, 0),
        ("pattern_mlp", [], 0, 1),
        ("pattern_vgg", [2, 2, 2], 3, 2),
        ("linear", [], 0, 0),
        ("mlp", [], 0, 2),
        ("lenet5:Digits", [1, 1], 2, 2),
        ("alexnet", [1, 1, 3], 3, 2),
        ("alexnet224", [1, 1, 3], 3, 2),
        ("alexnet_groups", [1, 1, 3], 3, 2),
        ("vgg:VGG11", [1, 1, 2, 2, 2], 5, 2),
        ("vgg:VGG16", [2, 2, 3, 3, 3], 5, 2),
        ("vgg:VGG19", [2, 2, 4, 4, 4], 5, 2),
        ("c3d", [1, 1, 2, 2, 2], 5, 2),
    ],
)
def test_counts_of_the_lecture(network: str, n: list[int], m: int, k: int) -> None:
    found = matched(network)
    assert found.follows
    assert found.derived.counts == {"N": n, "M": [m], "K": [k]}


@pytest.mark.parametrize(
    ("network", "path", "what"),
    [
        ("googlenet", "i3a", "a concatenation of 4 paths"),
        ("resnet:ResNet18", "basicblock1[0]", "a sum of 2 paths"),
        ("resnet:ResNet50", "bottleneck1[0]", "a sum of 2 paths"),
        ("m5", "gap1", "GAP"),
        (f"{IMAGE} → CONV(8, 3) → TANH → FC(10)", "tanh1", "TANH"),
        (f"{IMAGE} → CONV(8, 3) → FC(10)", "fc1", "FC(10)"),
        (f"{IMAGE} → [CONV(8, 3, p=1) → ReLU → POOL(1) → POOL(1)]*4 → CONV(8, 3) → FC(10)", "fc1", "FC(10)"),
        (f"{IMAGE} → [CONV(8, 3, p=1) → ReLU]*40 → GAP", "gap1", "GAP"),
        ("INPUT → FC(10) → ReLU → CONV", "conv1", "CONV"),
    ],
)
def test_where_networks_depart(network: str, path: str, what: str) -> None:
    departure = matched(network).departure
    assert departure is not None
    assert departure.place.path == path
    said = diagnosed(matched(network))
    assert said is not None
    assert what in said.message


def test_a_copy_is_named() -> None:
    text = f"{IMAGE} → [[CONV(8, 3, p=1) → ReLU → GAP?(i == 2)]*(j < 2)]*(i < 4) → FC(10)"
    departure = matched(text).departure
    assert departure is not None
    assert departure.place.path == "gap1[2][0]"
    assert departure.place.copies == ((2, 4), (0, 2))


def test_a_network_that_ends_too_early() -> None:
    found = matched(f"{IMAGE} → CONV(8, 3) → ReLU → POOL(2)")
    assert found.departure is not None
    assert (found.departure.found, found.departure.expected) == (None, ["CONV", "POOL", "FC"])
    assert found.departure.span.text == "POOL(2)"


def test_a_network_that_goes_on_behind_the_pattern() -> None:
    said = diagnosed(matched("INPUT → FC(10) → SIGMOID", "INPUT → FC"))
    assert said is not None
    assert said.message == "the pattern ends before this, which is SIGMOID"


def test_the_network_in_the_words_of_the_pattern() -> None:
    said = "INPUT → [CONV → ReLU → POOL]*2 → [CONV → ReLU]*3 → POOL → [FC → ReLU]*2 → FC"
    assert matched("alexnet").derived.text == said
    assert matched("googlenet").derived.text == "INPUT → CONV → ReLU → POOL → [CONV → ReLU]*2 → POOL"
    again = said.replace("INPUT", "INPUT(3@128x128)")
    assert matched(again).derived.text == said


def test_what_is_passed_over_is_counted() -> None:
    assert matched("alexnet_groups").derived.passed == {"LRN": 2, "DROPOUT": 2}
    text = f"{IMAGE} → CONV(8, 3, p=1) → BN → ReLU → APOOL(16) → FC(10) → SOFTMAX"
    assert matched(text).derived.passed == {"BN": 1, "APOOL": 1, "SOFTMAX": 1}


def test_what_the_pattern_speaks_of_is_not_passed_over() -> None:
    pattern = "INPUT → [CONV → BN → ReLU]*N → FC"
    assert matched(f"{IMAGE} → [CONV(8, 3, p=1) → BN → ReLU]*3 → FC(2)", pattern).derived.counts == {"N": [3]}
    assert not matched(f"{IMAGE} → [CONV(8, 3, p=1) → ReLU]*3 → FC(2)", pattern).follows
    assert not matched(f"{IMAGE} → CONV(8, 3) → ReLU → BN → FC(2)", pattern).follows


def test_an_adaptive_pool_that_changes_the_map_is_none_to_pass_over() -> None:
    assert not matched(f"{IMAGE} → CONV(8, 3, p=1) → ReLU → APOOL(4) → FC(10)").follows


# ---- other patterns


@pytest.mark.parametrize(
    ("network", "pattern", "follows"),
    [
        ("CONV(8, 3x3)", "CONV(3x3)", True),
        ("CONV(8, 3x3)", "CONV(5x5)", False),
        ("CONV(8, 3x3)", "CONV(8)", True),
        ("CONV(8, 3x3)", "CONV(9)", False),
        ("CONV(8, 3x3)", "CONV(_, 3)", True),
        ("CONV(8, 3x3)", "CONV(?, 5)", False),
        ("CONV(8, 3x3, s=2)", "CONV(s=2)", True),
        ("CONV(8, 3x3, s=2)", "CONV(stride=1)", False),
        ("CONV(8, 3x3, p=1)", "CONV(p=1)", True),
        ("CONV(8, 3x3, g=8)", "CONV(g=in.C)", True),
        ("CONV(8, 3x3, g=4)", "CONV(g=in.C)", False),
        ("CONV(8, 3x3, g=4)", "CONV(2*4, (1 + 2)x3)", True),
        ("POOL(max, 2)", "POOL(max, 2)", True),
        ("POOL(avg, 2)", "POOL(max, 2)", False),
        ("POOL(avg, 2)", "POOL(2)", True),
        ("POOL(avg, 2)", "POOL(avg)", True),
        ("POOL(2)", "POOL(s=2)", True),
        ("POOL(3)", "POOL(s=2)", False),
        ("GAP", "GPOOL", True),
        ("GAP", "GPOOL(max)", False),
        ("GPOOL(avg)", "GAP", True),
        ("GPOOL(max)", "GAP", False),
        ("CONV(8, 3)", "CONV : 8@_x14", True),
        ("CONV(8, 3)", "CONV : 14x14x8", True),
        ("CONV(8, 3)", "CONV : 8@16x16", False),
        ("{ CONV(8, 1) + ID }", "{ CONV + ID }", True),
        ("{ ID + CONV(8, 1) }", "{ CONV + ID }", True),
        ("{ CONV(8, 1) | ID }", "{ ID | CONV }", False),
        ("{ CONV(8, 1) ⊙ ID }", "{ CONV + ID }", False),
        ("{ CONV(8, 1) + ID + ID }", "{ CONV + ID }", False),
        ("CONV(8, 1)", "CONV?(in.C == 8) else POOL", True),
        ("POOL(2)", "CONV?(in.C == 8) else POOL", True),
        ("GAP", "CONV?(in.C == 8) else POOL", False),
        ("CONV(8, 1) as a → { CONV(8, 1) + a }", "CONV as x → { CONV + x }", True),
        ("[CONV(i + 1, 1)]*(i < 3)", "[CONV(i + 1)]*(i < 3)", True),
        ("[CONV(i + 1, 1)]*(i < 3)", "[CONV(i + 2)]*(i < 3)", False),
        ("CONV(4, 1) → CONV(6, 3)", "[CONV(c, k)]*((c, k) in (4, 1), (6, 3))", True),
        ("CONV(4, 1)*3", "CONV*3", True),
        ("CONV(4, 1)*3", "CONV*2", False),
        ("CONV(4, 1)*3", "CONV(4, 1)*0", False),
    ],
)
def test_constraints(network: str, pattern: str, follows: bool) -> None:
    found = matched(f"{IMAGE} → {network} → FC(10)", f"INPUT → {pattern} → FC")
    assert found.follows == follows


@pytest.mark.parametrize(
    ("pattern", "follows"),
    [("INPUT(8@16x16)", True), ("INPUT(8@_x_)", True), ("INPUT(16x16x8)", True), ("INPUT(3@16x16)", False)],
)
def test_the_input_can_be_asked_for(pattern: str, follows: bool) -> None:
    assert matched(f"{IMAGE} → FC(10)", f"{pattern} → FC").follows == follows


def test_names_in_the_place_of_arguments_are_told() -> None:
    pattern = "INPUT → [[CONV(c, 3x3) → ReLU]*N → POOL]*M → [FC(h) → ReLU]*K → FC"
    assert matched("vgg:VGG11", pattern).derived.values == {
        "c": [64, 128, 256, 256, 512, 512, 512, 512],
        "h": [4096, 4096],
    }


def test_blocks_of_the_network_are_steps() -> None:
    pattern = "INPUT → CONV → ReLU → POOL → [Bottleneck(w, 2)? → Bottleneck*N]*M → GAP → FC"
    found = matched("resnet:ResNet50", "INPUT → CONV → ReLU → POOL → Bottleneck*N → GAP → FC")
    assert found.derived.counts == {"N": [16]}
    assert found.derived.passed == {"BN": 1}  # those inside of blocks are theirs
    widths = [64] * 3 + [128] * 4 + [256] * 6 + [512] * 3
    named = matched("resnet:ResNet50", "INPUT → CONV → ReLU → POOL → Bottleneck(w)*N → GAP → FC")
    assert named.derived.values == {"w": widths}
    assert matched("resnet:ResNet50", pattern).follows
    assert matched(
        "resnet:ResNet50", pattern.replace("Bottleneck*N", "Bottleneck(_, 1)*N")
    ).derived.counts == {
        "N": [3, 3, 5, 2],
        "M": [4],
    }
    assert not matched("resnet:ResNet50", pattern.replace("Bottleneck*N", "Bottleneck(64)*N")).follows


def test_blocks_of_the_pattern_are_what_is_in_them() -> None:
    pattern = "block Stage(k) = [CONV(k) → ReLU]*N → POOL?\nINPUT → Stage(11x11) → Stage(5x5) → Stage(3x3) → "
    assert matched("alexnet", f"{pattern}[FC → ReLU]*K → FC").derived.counts == {"N": [1, 1, 3], "K": [2]}
    assert not matched("alexnet", f"{pattern.replace('11x11', '7x7')}[FC → ReLU]*K → FC").follows


def test_domains_bound_the_counts() -> None:
    text = f"{IMAGE} → CONV(8, 1)*4 → FC(10)"
    for domain, follows in (("0..3", False), ("2..4", True), ("{1, 4}", True), ("{1, 3}", False)):
        assert matched(text, f"net P(N = 1 in {domain})\nINPUT → CONV*N → FC").follows == follows
    assert not matched(text, "net P(N = 3)\nINPUT → CONV*N → FC").follows


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("INPUT → CNV → FC", "unknown-layer"),
        ("INPUT → CONV(foo=3) → FC", "unknown-argument"),
        ("INPUT → CONV(3, 3x3, 3) → FC", "argument-type"),
        ("INPUT → CONV(s=yes) → FC", "argument-type"),
        ("INPUT → CONV(g=in.Q) → FC", "undefined"),
        ("INPUT → CONV(2*n) → FC", "undefined"),
        ("INPUT → CONV*(N - 1) → FC", "undefined"),
        ("INPUT → Small(1, 2) → FC", "unknown-layer"),
        ("INPUT → [CONV → ReLU] : 8@8x8 → FC", "bad-label"),
        ("INPUT → CONV*5001 → FC", "number-limit"),
        ("INPUT → [[CONV*99]*99]*99 → FC", "number-limit"),
        ("block A = CONV → A\nINPUT → A → FC", "recursion"),
        ("INPUT → FC\noutput a = INPUT → FC", "no-network"),
        ("CONV → FC", "no-network"),
        ("default CONV(bias=no)\nINPUT → CONV → FC", "no-network"),
        ("INPUT → (", "unclosed-bracket"),
    ],
)
def test_patterns_that_are_none(pattern: str, code: str) -> None:
    with pytest.raises(Located) as error:
        matched("alexnet", pattern)
    assert error.value.diagnostic.code == code
    assert run("match", "alexnet", "--pattern", pattern).status == 2


# ---- how long it takes


@pytest.mark.parametrize(
    "pattern",
    [
        LECTURE,
        "INPUT → [[[[CONV*A → ReLU?]*B → CONV?]*C]*D]*E → [FC?]*F",
        f"INPUT → {'[CONV → ReLU]? → ' * 60}{'CONV → ReLU → ' * 60}FC",
        "INPUT → [[[CONV → ReLU]*A]*B]*C → GAP",
        "INPUT → [[{ ID + [CONV?]*A }*B → CONV?]*C → ReLU?]*D → GAP",
    ],
)
def test_a_nasty_pattern_takes_no_longer_than_a_moment(pattern: str) -> None:
    found = api.check(f"{IMAGE} → [CONV(8, 3, p=1) → ReLU]*5000 → FC(10)").networks[0]
    start = time.process_time()
    match(found, read_pattern(Source("--pattern", pattern)))
    assert time.process_time() - start < 3


# ---- the command


SUMS = """
block Basic(c) = { CONV(c, 3, p=1) → BN → ReLU → CONV(c, 3, p=1) → BN + ID } → ReLU
INPUT(3@32x32) → CONV(8, 3, p=1) → ReLU → POOL(2) → Basic(8)*3 → GAP → FC(10)
"""


def test_the_command_says_so(golden: Golden) -> None:
    """In texts of its own where places are told: those of shipped networks change."""
    said = [
        run("match", *words, columns=100).out
        for words in (
            ["alexnet"],
            ["lenet5"],
            ["resnet"],
            ["pattern"],
            ["-e", SUMS],
            ["-e", SUMS, "--pattern", "INPUT → CONV → ReLU → POOL → Basic(c)*N → GAP → FC"],
            ["-e", f"{IMAGE} → CONV(8, 3) → TANH → FC(10)"],
            ["-e", f"{IMAGE} → [FC(8) → ReLU]*2 → FC(10)", "--pattern", "INPUT → FC(h)*K"],
        )
    ]
    golden("match.txt", "\n".join(said))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["alexnet"], 0),
        (["alexnet", "vgg"], 0),
        (["alexnet", "googlenet"], 1),
        (["alexnet_slide"], 1),
        (["no_such_network"], 1),
        (["-e", "INPUT → POOOL → FC"], 1),
        ([], 2),
        (["resnet", "--variant", "ResNet51"], 2),
        (["alexnet", "--pattern", "no_such_file"], 2),
        (["pattern_vgg", "--pattern", "pattern"], 0),
        (["vgg", "--pattern", "pattern_vgg"], 1),
    ],
)
def test_the_status(words: list[str], status: int) -> None:
    assert run("match", *words).status == status


@pytest.mark.parametrize(
    "words", [["alexnet"], ["vgg"], ["googlenet", "resnet"], ["alexnet_slide"], ["-e", "INPUT → ("]]
)
def test_json_follows_its_schema(words: list[str]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(run("match", *words, "--format", "json").out)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_whatever_is_wrong_there_is_no_traceback() -> None:
    """All programs of the tests' cases, most of which are broken."""
    pattern = "INPUT → [CONV(c, k, g=in.C)?]*N → { CONV*A + ID }? → FC"
    for path in sorted((Path(__file__).parent / "cases").glob("*.cnn")):
        assert run("match", str(path), "--pattern", pattern).status in (0, 1, 2)
        assert run("compare", str(path), "linear", columns=100).status in (0, 1, 2)


def test_a_network_may_be_too_long() -> None:
    done = run("match", "-e", "INPUT(3@9x9) → [CONV(3, 3, p=1) → ReLU]*1_000_000 → FC(2)")
    assert done.status == 1
    assert "number-limit" in done.err


def test_json_tells_the_counts() -> None:
    document = json.loads(run("match", "alexnet", "--format", "json").out)
    assert document["pattern"] == LECTURE
    (found,) = document["networks"]
    assert found["counts"] == {"N": [1, 1, 3], "M": [3], "K": [2]}
    assert found["choices"] == {"POOL?": [True, True, True]}
    assert found["passed"] == {"FLATTEN": 1, "DROPOUT": 2}


@pytest.mark.parametrize(
    "pattern", ["[CONV]*N", "CONV → FC", "CONV -> FC", "CONV(3x3)", "{ID + CONV} → FC", "CONV FC"]
)
def test_a_pattern_without_its_input_is_no_file(pattern: str) -> None:
    done = run("match", "alexnet", "--pattern", pattern)
    assert (done.status, done.out) == (2, "")
    assert "no file" not in done.err
    assert "starts with INPUT" in done.err


def test_a_name_at_two_places_counts_at_each() -> None:
    found = matched(
        f"{IMAGE} → [CONV → ReLU]*3 → FC → ReLU → FC", "INPUT → [CONV → ReLU]*N → [FC → ReLU]*N → FC"
    )
    assert found.derived.counts == {"N": [3, 1]}
