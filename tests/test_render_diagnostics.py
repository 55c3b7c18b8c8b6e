"""Diagnostics at a terminal: the right line, marks below the right characters, labels and fixes."""

from __future__ import annotations

import time

import pytest

from cnndsl.diagnostics import Diagnostic, Edit, Fix, Label
from cnndsl.render.diagnostics import closing, concise, detailed
from cnndsl.render.text import plain, width
from cnndsl.source import Source, Span


def at(source: Source, text: str, skip: int = 0) -> Span:
    """The place of some words in a source."""
    start = source.text.index(text, skip)
    return Span(source, start, start + len(text))


def shown(*diagnostics: Diagnostic, limit: int | None = None) -> list[str]:
    return [plain(line) for line in detailed(diagnostics, limit)]


def test_all_parts() -> None:
    source = Source("a.cnn", "\n" * 8 + "INPUT → CONV(3) as low\n→ POOOL(2) as low")
    second = Span(source, len(source.text) - 3, len(source.text))
    found = Diagnostic(
        "name-clash",
        "`low` is defined twice",
        second,
        labels=(Label(at(source, "low"), "the first one"),),
        hints=("rename one of the two",),
        fixes=(Fix("call it high", (Edit(second, "high"),)),),
    )
    assert shown(found) == [
        "a.cnn:10:15: error[name-clash]: `low` is defined twice",
        "  9 │ INPUT → CONV(3) as low",
        "    │                    --- the first one",
        " 10 │ → POOOL(2) as low",
        "    │               ^^^",
        "      help: rename one of the two",
        "      fix (unsafe): call it high",
        " 10 │ → POOOL(2) as high",
        "    │               ++++",
    ]


def test_concise() -> None:
    source = Source("a.cnn", "INPUT → POOOL")
    assert plain(concise(Diagnostic("undefined", "no `POOOL`\nhere", at(source, "POOOL")))) == (
        "a.cnn:1:9: error[undefined]: no `POOOL` here"
    )


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("\t→ \tPOOOL → FC", "POOOL"),
        ('"卷积神经" → POOOL', "POOOL"),
        ("# café e\u0301 → POOOL", "POOOL"),
        ("→ ⊙ ⟶ × − POOOL", "POOOL"),
        ("INPUT\x00\x1b POOOL", "POOOL"),
        ("卷积(3) → FC", "卷积"),
    ],
)
def test_marks_stand_below_what_is_meant(line: str, word: str) -> None:
    source = Source("a.cnn", f"INPUT\n{line}\n→ FC")
    _, text, marks = shown(Diagnostic("undefined", "what?", at(source, word)))
    assert width(text[: text.index(word)]) == width(marks[: marks.index("^")])
    assert marks.count("^") == width(word)


def test_a_label_in_the_same_line_and_one_in_another_file() -> None:
    source, other = Source("a.cnn", "block A = A"), Source("b.cnn", "block A = ReLU")
    labels = (Label(at(source, "block"), "here"), Label(at(other, "A"), "and there"))
    assert shown(Diagnostic("recursion", "no", at(source, "A", 7), labels=labels)) == [
        "a.cnn:1:11: error[recursion]: no",
        " 1 │ block A = A",
        "   │           ^",
        "   │ ----- here",
        " in b.cnn:1:7",
        " 1 │ block A = ReLU",
        "   │       - and there",
    ]


def test_a_place_over_several_lines_is_shown_by_its_first() -> None:
    source = Source("a.cnn", "INPUT\n→ {A\n+ B}")
    assert shown(Diagnostic("shape", "no", at(source, "{A\n+ B}")))[1:] == [" 2 │ → {A", "   │   ^^"]


@pytest.mark.parametrize("text", ["INPUT", "INPUT\n", "\nINPUT →"])
def test_the_end_of_the_text(text: str) -> None:
    source = Source("a.cnn", text)
    for start in (len(text) - 1, len(text)):
        assert "^" in shown(Diagnostic("syntax", "more", Span(source, start, start + 1)))[-1]


def test_what_has_no_text_has_no_excerpt() -> None:
    source = Source("no.cnn", "")
    assert shown(Diagnostic("unreadable", "there is no file", Span(source, 0, 0))) == [
        "no.cnn: error[unreadable]: there is no file"
    ]


@pytest.mark.parametrize("limit", [40, 80, 200, None])
def test_a_line_of_a_megabyte_is_shown_in_part(limit: int | None) -> None:
    source = Source("a.cnn", "x" * 500_000 + " POOOL " + "卷" * 500_000)
    mend = Fix("write POOL", (Edit(at(source, "POOOL"), "POOL"),))
    start = time.perf_counter()
    _, text, marks, _, mended, _ = shown(
        Diagnostic("undefined", "no", at(source, "POOOL"), fixes=(mend,)), limit=limit
    )
    assert time.perf_counter() - start < 2
    assert marks.index("^") == text.index("POOOL")
    assert "…xx" in text
    assert "卷…" in text
    assert " POOL 卷" in mended
    assert width(text) <= max(limit or 100, 48)


def test_fixes_in_two_places_of_a_line() -> None:
    source = Source("a.cnn", "INPUT(224x224x3) → CONV(3,3) → FC")
    edits = (Edit(at(source, "FC"), "FC(10)"), Edit(at(source, "224x224x3"), "3@224x224"))
    assert shown(Diagnostic("syntax", "no", at(source, "FC"), fixes=(Fix("both", edits),)))[-3:] == [
        " 1 │ INPUT(3@224x224) → CONV(3,3) → FC(10)",
        "   │       +++++++++",
        "   │                                ++++++",
    ]


def test_fixes_over_several_lines_are_named_only() -> None:
    source = Source("a.cnn", "INPUT\n→ FC")
    fix = Fix("all of it", (Edit(at(source, "INPUT"), "A"), Edit(at(source, "FC"), "B")))
    assert (
        shown(Diagnostic("syntax", "no", at(source, "FC"), fixes=(fix,)))[-1]
        == "     fix (unsafe): all of it"
    )


def test_several_are_counted() -> None:
    source = Source("a.cnn", "INPUT → A → B")
    found = [
        Diagnostic("undefined", "no A", at(source, "A")),
        Diagnostic("undefined", "no B", at(source, "B")),
        Diagnostic("unused", "hm", at(source, "INPUT")),
    ]
    assert shown(*found)[-1] == "2 errors, 1 warning"


@pytest.mark.parametrize(
    ("safe", "unsafe", "line"),
    [
        (2, 0, ["2 fixable with --fix"]),
        (2, 1, ["2 fixable with --fix (1 more with --unsafe-fixes)"]),
        (0, 3, ["3 fixable with --fix --unsafe-fixes"]),
        (0, 0, []),
    ],
)
def test_what_can_be_done_is_said_at_the_end(safe: int, unsafe: int, line: list[str]) -> None:
    span = Span(Source("a.cnn", "A"), 0, 1)
    warning, error = Diagnostic("unused", "hm", span), Diagnostic("claim", "no", span)
    assert [plain(one) for one in closing([warning], safe, unsafe)] == line
    more = "`cnndsl explain claim` tells more; warnings come once there are no errors"
    assert [plain(one) for one in closing([warning, error, error], safe, unsafe)] == [*line, more]
