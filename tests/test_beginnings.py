"""What stands before a syntax error, as far as it can be read: for pictures, pages and notebooks."""

from __future__ import annotations

from random import Random
from time import perf_counter

import pytest
from picture_programs import AWKWARD

from cnndsl.api import check, read_source, shipped
from cnndsl.begun import begun
from cnndsl.source import Source
from cnndsl.syntax.parse import MAX_TEXT, beginnings, parse


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("INPUT(3@8x8) → CONV(4, 3) →", "INPUT(3@8x8) → CONV(4, 3)"),
        ("INPUT(3@8x8) → CONV(4, 3", "INPUT(3@8x8)"),
        ("INPUT(3@8x8) → [CONV(4, 3) → ReLU → FC(", "INPUT(3@8x8) → [CONV(4, 3) → ReLU]"),
        ("INPUT(3@8x8) → { CONV(4, 1) → BN + ID → FC(", "INPUT(3@8x8) → { CONV(4, 1) → BN + ID}"),
        ("INPUT(3@8x8) → { CONV(4, 1) | [BN → ReLU → FC(", "INPUT(3@8x8) → { CONV(4, 1) | [BN → ReLU]}"),
        ("INPUT(3@8x8) → CONV(4, 3)) → FC(10)", "INPUT(3@8x8) → CONV(4, 3)"),
        ("block B = BN → ReLU\nINPUT(3@8x8) → B → FC(10", "block B = BN → ReLU\nINPUT(3@8x8) → B"),
        ("INPUT(3@8x8) → FC(10)\nexpect params ==", "INPUT(3@8x8) → FC(10)\nexpect params"),
        ('INPUT(3@8x8) → FC(10)\nuse "blocks', "INPUT(3@8x8) → FC(10)"),
        ("INPUT(3@8x8) → ReLU # a comment\n→ $ FC(10)", "INPUT(3@8x8) → ReLU"),
        ("block A = CONV(", ""),
        ("→", ""),
        ("((((", ""),
        ('"', ""),
        ("", ""),
    ],
)
def test_the_longest_beginning(text: str, beginning: str) -> None:
    assert next((found for found, _ in beginnings(Source("x.cnn", text))), "") == beginning


def hold(text: str) -> list[str]:
    """The beginnings of a text, of which all must hold."""
    found = [*beginnings(Source("x.cnn", text))]
    ends = [end for _, end in found]
    assert ends == sorted({*ends}, reverse=True), "the longest first"
    for beginning, end in found:
        assert beginning[:end] == text[:end]
        assert {*beginning[end:]} <= {*"])}"}
        parse(Source("x.cnn", beginning))
    return [beginning for beginning, _ in found]


def test_texts_that_break_off_anywhere() -> None:
    dice, texts = Random(0), [*AWKWARD.values(), *(read_source(name).text for name in shipped())]
    short = [text for text in texts if len(text) < 1_200]
    begun_ = [
        bool(hold(text[: dice.randrange(len(text))] + dice.choice(("", "(", "$", '"', "# "))))
        for text in short
    ]
    assert sum(begun_) > len(short) / 2


@pytest.mark.long
@pytest.mark.parametrize("name", shipped())
def test_every_text_that_breaks_off(name: str) -> None:
    text = read_source(name).text
    for end in range(0, len(text), len(text) // 20 + 1):
        hold(text[:end])


@pytest.mark.parametrize(
    ("text", "last", "rest"),
    [
        ("INPUT(3@8x8) → CONV(4, 3) ReLU → FC(10)", "CONV(4, 3)", "ReLU → FC(10)"),
        ("INPUT(3@8x8) → CONV(4, 3) as a FC(10)", "CONV(4, 3)", "FC(10)"),
        ("INPUT(3@8x8) → [ReLU → BN]*2 FC(10)", "[ReLU → BN]*2", "FC(10)"),
        ("INPUT(3@8x8) → ReLU →", "ReLU", "→"),
    ],
)
def test_where_an_arrow_is_missing_the_rest_is_one_step(text: str, last: str, rest: str) -> None:
    network = begun(check(text))
    assert network is not None
    assert [node.span.text for node in network.main.inside][-2:] == [last, rest]


def test_the_network_before_an_error_is_that_of_its_beginning() -> None:
    text = "INPUT(3@8x8) → [CONV(4, 3, p=1) → ReLU]*2 → POOL(2) → FC(10 → ReLU"
    network = begun(check(text))
    assert network is not None
    alone = check("INPUT(3@8x8) → [CONV(4, 3, p=1) → ReLU]*2 → POOL(2)").networks[0]
    *before, rest = network.main.inside
    assert [node.output for node in before] == [node.output for node in alone.main.inside]
    assert rest.span.text == "FC(10 → ReLU"
    assert not rest.known


@pytest.mark.parametrize(
    "text",
    [
        "INPUT(3@8x8)" + " → CONV(4, 3, p=1)" * 3_000 + " → FC(",
        "INPUT(3@8x8) → " + "[" * 30_000,
        "INPUT(3@8x8) → " + "[{(" * 10_000,
        "INPUT(3@8x8) → " + "[ReLU → " * 60,
        ")" * 30_000,
        "→ " * 30_000,
        'use "' + "a" * 100_000,
        "# " + "a" * 100_000 + "\n(",
        "INPUT(3@8x8) → FC(" + "9" * 100_000,
        "x" * (MAX_TEXT + 1),
    ],
    ids=lambda text: f"{text[:20]}…",
)
def test_no_text_takes_long(text: str) -> None:
    start = perf_counter()
    next(beginnings(Source("x.cnn", text)), None)
    assert perf_counter() - start < 10  # 0.01 to 1.5 s where nothing else runs


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        (
            "block B(c) = { CONV(c) + ID → ReLU\nINPUT(3@8x8) → ReLU → B(8) → FC(10)",
            "B",
            "this `{` is never closed",
        ),
        ("block B(c) = CONV(c) → → ReLU\nINPUT(3@8x8) → ReLU → B(8)", "B", "`→` cannot stand here"),
        ("net A(n =\nINPUT(3@8x8) → ReLU → CONV(n)", "n", "this `(` is never closed"),
        ("net A(n =\nINPUT(3@8x8) → ReLU", "(", "this `(` is never closed"),
        ("block B = → BN\nblock C = → BN\nINPUT(3@8x8) → ReLU → B → C", "B", "`→` cannot stand here"),
    ],
)
def test_a_fault_before_the_network_stands_where_its_statement_is_needed(
    text: str, at: str, told: str
) -> None:
    network = begun(check(text))
    assert network is not None
    assert [str(node.output) for node in network.main.inside][:2] == ["3@8x8", "3@8x8"]
    assert (at, told) in [(one.span.text, one.message) for one in network.diagnostics]


@pytest.mark.parametrize("text", ["block A = CONV(", "default CONV(p=\nINPUT(3@8x8) → CONV(8, 3)"])
def test_without_a_default_sizes_would_be_wrong(text: str) -> None:
    assert begun(check(text)) is None
