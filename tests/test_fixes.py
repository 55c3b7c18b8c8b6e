"""Fixes applied: what is chosen, in which order, what is taken back, and that it comes to an end."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cases import PROGRAMS, mutilated, options, run

import cnndsl
from cnndsl import fixes
from cnndsl.api import Report, check, read_source, shipped
from cnndsl.diagnostics import Diagnostic, Edit, Fix, edited
from cnndsl.elaborate.program import Program
from cnndsl.fixes import count_fixable, fix
from cnndsl.source import Source, Span

FORGOTTEN = "INPUT(3@32x32) CONV(8, 3)   # eight\nFC(10)"


# ---- with the checks of cnndsl


def test_fixes_until_none_is_left() -> None:
    found = fix(FORGOTTEN)
    assert found.text == "INPUT(3@32x32) → CONV(8, 3)   # eight\n→ FC(10)"
    assert [(one.diagnostic.code, one.fix.title) for one in found.applied] == [
        ("missing-arrow", "insert an arrow")
    ] * 2
    assert found.report.ok
    assert found.report.networks[0].totals.params == 72_234


def test_unsafe_ones_are_for_those_who_ask() -> None:
    unclear = "INPUT(64x32x16) → ReLU"
    assert fix(unclear).text == unclear
    assert fix(unclear, unsafe=True).text == "INPUT(16@64x32) → ReLU"


def test_the_options_are_those_of_check() -> None:
    done = fix("INPUT(3@32x32) [CONV(8, 3)]*N → FC", settings="N=2", strict=True)
    assert done.report.networks[0].bound == {"N"}


def test_offered_by_the_package() -> None:
    assert cnndsl.fix(FORGOTTEN).applied


def test_line_ends_are_those_of_python() -> None:
    assert fix("INPUT(8)\r\nFC(2)").text == "INPUT(8)\n→ FC(2)"


def test_a_file_that_is_used_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text("block B = CONVV(3, 3)", encoding="utf-8")
    path = tmp_path / "my.cnn"
    path.write_text('use "blocks.cnn"\nINPUT(3@9x9) → B', encoding="utf-8")
    done = fix(read_source(str(path)), unsafe=True)
    assert done.applied == ()
    assert [len(one.fixes) for one in done.report.diagnostics] == [1]
    assert count_fixable([done.report]) == (0, 0)


def test_safe_and_other_fixes_are_counted_apart() -> None:
    unclear = check("INPUT(64x32x16) → ReLU")
    assert count_fixable([check("INPUT FC"), unclear, unclear]) == (1, 2)


# ---- the corpus

OFFERED = [
    pytest.param(path, number, which, id=f"{name}-{number}.{which}")
    for name, path in PROGRAMS.items()
    for number, one in enumerate(run(path).diagnostics)
    for which, mend in enumerate(one.fixes)
    if all(edit.span.source.path == str(path) for edit in mend.edits)
]


def finding(path: Path, number: int) -> tuple[Report, Diagnostic]:
    source = read_source(str(path))
    report = check(source, **options(source))  # type: ignore[arg-type]
    return report, report.diagnostics[number]


def reach(report: Report) -> tuple[bool, int]:
    """How far a text could be read: to its end, or to its first error."""
    readable = report.program is not None
    return readable, 0 if readable else report.diagnostics[0].span.start


@pytest.mark.parametrize(("path", "number", "which"), OFFERED)
def test_every_fix_leads_to_a_better_program(path: Path, number: int, which: int) -> None:
    before, diagnostic = finding(path, number)
    mend = diagnostic.fixes[which]
    source = Source(before.source.name, edited(before.source.text, mend.edits), before.source.path)
    after = check(source, **options(before.source))  # type: ignore[arg-type]
    assert reach(after) >= reach(before), after.diagnostics
    if mend.safe:
        assert times(diagnostic, after) < times(diagnostic, before)
        if before.program and diagnostic.severity == "error":
            assert errors(after) < errors(before)


def errors(report: Report) -> int:
    return sum(one.severity == "error" for one in report.diagnostics)


def times(diagnostic: Diagnostic, report: Report) -> int:
    """How often a report says the same."""
    return sum((one.code, one.message) == (diagnostic.code, diagnostic.message) for one in report.diagnostics)


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_second_time_changes_nothing(name: str, *, unsafe: bool) -> None:
    source = read_source(str(PROGRAMS[name]))
    chosen = options(source)
    once = fix(source, unsafe=unsafe, **chosen)
    assert once.complete
    again = fix(Source(source.name, once.text, source.path), unsafe=unsafe, **chosen)
    assert (again.text, again.applied) == (once.text, ())
    assert bool(once.applied) == (once.text != source.text)


# ---- with made-up checks

Found = Callable[[Source], list[Diagnostic]]


@pytest.fixture
def checking(monkeypatch: pytest.MonkeyPatch) -> Callable[[Found], list[str]]:
    """Replaces the check by another; the list gets every text that is checked."""

    def use(found: Found) -> list[str]:
        texts: list[str] = []

        def check(source: Source) -> Report:
            texts.append(source.text)
            program = None if "!" in source.text else Program(source)
            return Report(source, program, diagnostics=found(source))

        monkeypatch.setattr(fixes, "check", check)
        return texts

    return use


def replace(
    source: Source, start: int, end: int, *texts: str, safe: bool = True, code: str = "unused"
) -> Diagnostic:
    span = Span(source, start, end)
    mends = tuple(Fix(f"write {text}", (Edit(span, text),), safe) for text in texts)
    return Diagnostic(code, "no", span, fixes=mends)


def each(sign: str, text: str, code: str = "unused") -> Found:
    """Finds every `sign`, to be replaced by `text`."""
    return lambda source: [
        replace(source, at, at + 1, text, code=code) for at, it in enumerate(source.text) if it == sign
    ]


def test_all_in_one_round(checking: Callable[[Found], list[str]]) -> None:
    texts = checking(each("a", "bb"))
    assert fix("a-a-a").text == "bb-bb-bb"
    assert texts == ["a-a-a", "bb-bb-bb"]


def test_of_several_the_first_one_allowed_is_taken(checking: Callable[[Found], list[str]]) -> None:
    def found(source: Source) -> list[Diagnostic]:
        if source.text != "a":
            return []
        unsafe = replace(source, 0, 1, "unsafe", safe=False).fixes
        return [
            Diagnostic(
                "unused", "no", Span(source, 0, 1), fixes=(*unsafe, *replace(source, 0, 1, "b", "c").fixes)
            )
        ]

    checking(found)
    assert fix("a").text == "b"
    assert fix("a", unsafe=True).text == "unsafe"


def test_what_touches_one_before_it_waits(checking: Callable[[Found], list[str]]) -> None:
    def found(source: Source) -> list[Diagnostic]:
        at = source.text.find("ab")
        return (
            [replace(source, at, at + 2, "A"), *each("b", "B")(source)] if at >= 0 else each("b", "B")(source)
        )

    texts = checking(found)
    assert fix("abb").text == "AB"
    assert texts == ["abb", "AB"]


def test_two_insertions_at_one_place_come_one_by_one(checking: Callable[[Found], list[str]]) -> None:
    def found(source: Source) -> list[Diagnostic]:
        codes = {"x": "unused", "y": "claim"}
        return [replace(source, 0, 0, sign, code=codes[sign]) for sign in codes if sign not in source.text]

    texts = checking(found)
    assert fix("-").text == "yx-"
    assert texts == ["-", "x-", "yx-"]


def test_a_fix_that_helps_nothing_is_taken_back(checking: Callable[[Found], list[str]]) -> None:
    texts = checking(lambda source: [replace(source, 0, 0, "→ "), *each("b", "c")(source)])
    done = fix("abb")
    assert (done.text, len(done.applied)) == ("acc", 2)
    assert len(texts) < 10


def test_a_fix_that_does_harm_is_taken_back_and_the_others_stay(
    checking: Callable[[Found], list[str]],
) -> None:
    def found(source: Source) -> list[Diagnostic]:
        return sorted([*each("a", "b")(source), *each("x", "!")(source)], key=lambda one: one.span.start)

    checking(found)
    assert fix("a-x-a-a-x-a").text == "b-x-b-b-x-b"


def test_no_running_in_circles(checking: Callable[[Found], list[str]]) -> None:
    """a → b → c → a: that ends where it leads to nothing new, and the second run changes nothing."""
    there, on, back = each("a", "b"), each("b", "c", code="claim"), each("c", "a", code="syntax")
    texts = checking(lambda source: [*there(source), *on(source), *back(source), *each("x", "y")(source)])
    for text, wanted in (("a", "a"), ("c", "c"), ("a-x", "b-y"), ("b-y", "b-y")):
        texts.clear()
        done = fix(text)
        assert done.text == wanted
        assert done.complete
        assert len(texts) < 20


def test_the_work_is_bounded(checking: Callable[[Found], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixes, "MAX_CHECKS", 50)
    codes = ("unused", "claim")
    texts = checking(lambda source: [replace(source, 0, 0, "a", code=codes[len(source.text) % 2])])
    done = fix("a")
    assert not done.complete
    assert len(texts) <= 50


def test_fixes_without_edits_or_of_other_texts_are_left_out(checking: Callable[[Found], list[str]]) -> None:
    other = Source("other.cnn", "a")
    checking(
        lambda source: [
            Diagnostic("unused", "no", Span(source, 0, 1), fixes=(Fix("think", (), True),)),
            replace(other, 0, 1, "b"),
        ]
    )
    assert fix("a").applied == ()


@given(st.data())
def test_edits_in_any_order(data: st.DataObject) -> None:
    """Edits of places apart give the text that joins what is kept and what is new."""
    parts = data.draw(
        st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3)), max_size=6)
    )
    text, edits, wanted = "", [], ""
    source = Source("", "".join(keep + "|" + old for keep, old, _ in parts))
    for keep, old, new in parts:
        text += keep + "|"
        edits.append(Edit(Span(source, len(text), len(text) + len(old)), new))
        text, wanted = text + old, wanted + keep + "|" + new
    assert edited(text, data.draw(st.permutations(edits))) == wanted


SMALL = [name for name in shipped() if len(read_source(name).text) < 2_500]


@pytest.mark.parametrize("name", SMALL)
def test_mutilated_specs_come_to_rest(name: str) -> None:
    """Whatever is broken, the fixes end, spoil nothing, and leave nothing to the next run."""
    text, dice = read_source(name).text, random.Random(name)
    for number in range(6):
        broken = mutilated(mutilated(text, dice), dice)
        once = fix(broken, unsafe=bool(number % 2))
        assert once.complete, broken
        assert reach(once.report)[0] >= reach(check(broken))[0], broken
        again = fix(once.text, unsafe=bool(number % 2))
        assert (again.text, again.applied) == (once.text, ()), broken
