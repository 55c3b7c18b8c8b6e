"""What patterns match, held against enumeration and against Python's regular expressions."""

from __future__ import annotations

import itertools
import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from match_help import IMAGE, matched

from cnndsl import api
from cnndsl.analysis.pattern import LECTURE, match, read_pattern
from cnndsl.analysis.pattern.word import word_of
from cnndsl.source import Source

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
