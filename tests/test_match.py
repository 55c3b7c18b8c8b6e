"""`cnndsl match`: patterns as regular expressions over the layers of networks."""

from __future__ import annotations

import itertools
import json
import random
import re
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_help import run
from conftest import Golden
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl import api
from cnndsl.analysis.pattern import LECTURE, Match, match, read_pattern
from cnndsl.analysis.pattern.departure import diagnosed
from cnndsl.analysis.pattern.word import word_of
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.source import Source

SCHEMA: dict[str, Any] = json.loads(
    (Path(api.__file__).parent / "schema" / "match.schema.json").read_text(encoding="utf-8")
)
IMAGE = "INPUT(8@16x16)"


def matched(text: str, pattern: str = LECTURE) -> Match:
    """How a network (a text, a shipped network's name, or `name:Variant`) follows a pattern."""
    name, _, variant = text.partition(":")
    source = Source("net.cnn", text) if "→" in text else api.read_source(name)
    (network,) = api.check(source, variants=[variant] if variant and "→" not in text else []).networks
    return match(network, read_pattern(Source("--pattern", pattern)))


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
        ("INPUT → CONV*(N - 1) → FC", "undefined"),
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


# ---- against the language that the pattern stands for

A = {"c": "CONV(8, 1)", "r": "ReLU", "p": "POOL(1)", "f": "FC(4)"}


def words(most: int) -> set[str]:
    """The words of the lecture's pattern with counts up to `most`, by enumeration."""
    stages = ["cr" * n + p for n in range(most + 1) for p in ("", "p")]
    convs = {"".join(each) for m in range(most + 1) for each in itertools.product(stages, repeat=m)}
    return {conv + "fr" * k + "f" for conv in convs for k in range(most + 1)}


def test_it_agrees_with_enumeration() -> None:
    """Short words, of which all that follow the pattern have counts that are enumerated."""
    pattern, short = read_pattern(Source("--pattern", LECTURE)), 6
    known = {word for word in words(4) if len(word) <= short}
    everything = (
        "".join(word) for size in range(1, short + 1) for word in itertools.product("crpf", repeat=size)
    )
    chosen = random.Random(1).sample(sorted({*everything} - known), 400)
    for word in [*known, *chosen]:
        text = " → ".join([IMAGE, *(A[letter] for letter in word)])
        network = api.check(text.replace("FC(4) → ReLU → CONV", "FC(4) → CONV")).networks[0]
        if "fc" not in word and "fp" not in word and "frc" not in word:  # a map again behind a vector
            assert match(network, pattern).follows == (word in known), word


@given(
    stages=st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=5),
    hidden=st.integers(0, 3),
    besides=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_what_was_made_from_the_pattern_is_found_again(
    stages: list[tuple[int, bool]], hidden: int, besides: bool
) -> None:
    """Stages that the pattern can tell apart: each but the last ends in a pool, none is empty."""
    last = len(stages) - 1
    meant = [(n, pool or number < last) for number, (n, pool) in enumerate(stages)]
    meant = [(n or int(not pool), pool) for n, pool in meant]
    drop = " → DROPOUT" if besides else ""
    steps = [f"[CONV(8, 1) → {'BN → ' * besides}ReLU]*{n}{' → POOL(1)' * pool}" for n, pool in meant]
    text = " → ".join([IMAGE, *steps, f"[FC(4) → ReLU{drop}]*{hidden}", "FC(2)"])
    found = matched(text).derived
    assert found.counts == {"N": [n for n, _ in meant], "M": [len(meant)], "K": [hidden]}
    assert found.choices == {"POOL?": [pool for _, pool in meant]}


LETTERS = {"CONV": "c", "ReLU": "r", "POOL": "p"}


def patterns() -> st.SearchStrategy[tuple[str, str]]:
    """Patterns with the regular expressions of Python's that they are."""
    leaves = st.sampled_from([*LETTERS.items()])

    def larger(inner: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
        chains = st.lists(inner, min_size=1, max_size=3).map(
            lambda parts: (" → ".join(text for text, _ in parts), "".join(regex for _, regex in parts))
        )
        return st.one_of(
            chains,
            chains.map(lambda one: (f"[{one[0]}]*N", f"(?:{one[1]})*")),
            chains.map(lambda one: (f"[{one[0]}]?", f"(?:{one[1]})?")),
            chains.map(lambda one: (f"[{one[0]}]*2", f"(?:{one[1]}){{2}}")),
        )

    return st.recursive(leaves, larger, max_leaves=6)


@given(pattern=patterns(), words=st.lists(st.text("crp", max_size=7), min_size=8, max_size=8))
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_regular_expressions(pattern: tuple[str, str], words: list[str]) -> None:
    wanted = read_pattern(Source("--pattern", f"INPUT → {pattern[0]} → FC"))
    for word in ("", *words):
        text = " → ".join([IMAGE, *(A[letter] for letter in word), "FC(4)"])
        (network,) = api.check(text).networks
        found = match(network, wanted)
        assert found.follows == bool(re.fullmatch(pattern[1], word)), (pattern[0], word)
        if found.follows:  # the pattern's words say the same network
            (again,) = api.check(found.derived.text).networks
            kinds = [[step.kind for step in word_of(one.main, set()).steps] for one in (network, again)]  # type: ignore[attr-defined]
            assert kinds[0] == kinds[1]


# ---- the command


def test_the_command_says_so(golden: Golden) -> None:
    said = [
        run("match", *words, columns=100).out
        for words in (
            ["alexnet"],
            ["vgg"],
            ["googlenet"],
            ["resnet"],
            ["pattern"],
            ["-e", f"{IMAGE} → CONV(8, 3) → TANH → FC(10)"],
            [
                "vgg",
                "--variant",
                "VGG16",
                "--pattern",
                "INPUT → [[CONV(c, 3x3) → ReLU]*N → POOL]*M → FC(h)*K",
            ],
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


def test_json_tells_the_counts() -> None:
    document = json.loads(run("match", "alexnet", "--format", "json").out)
    assert document["pattern"] == LECTURE
    (found,) = document["networks"]
    assert found["counts"] == {"N": [1, 1, 3], "M": [3], "K": [2]}
    assert found["choices"] == {"POOL?": [True, True, True]}
    assert found["passed"] == {"FLATTEN": 1, "DROPOUT": 2}
