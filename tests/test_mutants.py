"""Valid programs with accidents: whatever the text, the answer is quick, readable, right and of use.

What must hold is in mutants/properties.py, the accidents are in mutants/mutate.py. A mutant that
fails is cut down to what it needs to fail, which is what the message shows. `pytest -m long` tries
100 000 of them.
"""

from __future__ import annotations

import signal
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from mutants import properties
from mutants.arithmetic import equations, value, wrong_equations
from mutants.found import FOUND
from mutants.mutate import mutant, tokens
from mutants.programs import original, written
from mutants.promises import broken_promises
from mutants.properties import Broken, hold
from mutants.shrink import smallest

from cnndsl.api import Report, check
from cnndsl.diagnostics import Diagnostic, Edit, Fix
from cnndsl.source import Source, Span

EACH = 100

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="nothing ends what does not end")


def look(text: str, number: int) -> None:
    """Raises where something does not hold; of some texts more is looked at, for it takes longer."""
    hold(text, thorough=number % 10 == 0, pedantic=number % 5 == 0, strict=number % 7 == 0)


def fault(text: str, number: int) -> str:
    """The name of what does not hold of a text; "" if all does."""
    try:
        look(text, number)
    except Broken as found:
        return found.name
    except Exception as error:  # noqa: BLE001 - any would be a traceback
        return type(error).__name__
    return ""


def reason(text: str, number: int) -> str:
    """What does not hold of a text, in full."""
    try:
        look(text, number)
    except Exception:  # noqa: BLE001 - the same
        return traceback.format_exc(limit=-5)
    return ""


def survive(seed: int) -> None:
    """Try mutants; the first that fails is cut down to what it needs to."""
    dice, made = Random(seed), list[str]()
    for number in range(EACH):
        text = mutant(original(dice, made), dice)
        if wrong := fault(text, number):
            small = smallest(text, partial(_same, wrong, number))
            pytest.fail(f"{reason(small, number)}\nof {small!r}")


def _same(wrong: str, number: int, text: str) -> bool:
    return fault(text, number) == wrong


@pytest.mark.parametrize("seed", range(20))
def test_mutants(seed: int) -> None:
    survive(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1_000, 2_000))
def test_many_mutants(seed: int) -> None:
    survive(seed)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("name", FOUND)
def test_what_mutants_have_found(name: str, *, strict: bool) -> None:
    hold(FOUND[name], thorough=True, pedantic=True, strict=strict)


# ---- the accidents


def test_there_is_something_to_start_from() -> None:
    assert len(written()) > 50
    made: list[str] = []
    assert all(check(original(Random(seed), made)).ok for seed in range(20))


def test_accidents_are_of_many_kinds() -> None:
    """Many texts can be read, some are still valid, and most codes come up."""
    dice, made, said = Random(0), list[str](), Counter[str]()
    for _ in range(600):
        report = check(mutant(original(dice, made), dice))
        said.update({one.code for one in report.diagnostics} or {"valid"})
    assert said["valid"] > 20
    assert said["syntax"] + said["unclosed-bracket"] < 450
    assert len(said) > 25


def test_the_same_dice_make_the_same_mutants() -> None:
    text = written()[0]
    assert [mutant(text, Random(1)) for _ in range(3)] == [mutant(text, Random(1))] * 3


def test_tokens_make_up_the_text() -> None:
    for text in written():
        assert "".join(tokens(text)) == text


def test_a_failing_text_is_cut_down() -> None:
    text = "INPUT(3@8x8)\n→ CONV(8, 3)\n→ POOL(99) → FC(10)"
    assert smallest(text, lambda less: "POOL" in less and "99" in less) == "POOL99"


# ---- the arithmetic


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("its size is ⌊(224 − 11)/4⌋ + 1 = 54", ["⌊(224 − 11)/4⌋ + 1 = 54"]),
        ("2 + 2·0 = 2 pixels high, 3 + 2·1 = 5 wide", ["2 + 2·0 = 2", "3 + 2·1 = 5"]),
        ("(112 − 3)/2 + 1 = 55.5: floor gives 55", ["(112 − 3)/2 + 1 = 55.5"]),
        ("p=1, p=same or s=2 would fit", []),
        ("fc1 holds 64·2·2 = 256 of 1 000 parameters", ["64·2·2 = 256"]),
        ("its size is ⌊(H − 1)/2⌋ + 1 = ⌊(H + 1)/2⌋", []),
        ("`2 + 2 = 5` is no path", []),
    ],
)
def test_equations_are_found(text: str, found: list[str]) -> None:
    assert list(equations(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "⌊(224 − 11)/4⌋ + 1 = 54",
        "⌈(112 − 3)/2⌉ + 1 = 56",
        "64·2·2·4096 = 1 048 576",
        "(1/4)^8 = 1/65 536",
        "(100 − 5)/3 + 1 ≈ 32.67",
    ],
)
def test_right_equations_hold(text: str) -> None:
    assert wrong_equations(text) == []


@pytest.mark.parametrize(
    "text", ["⌊(224 − 11)/4⌋ + 1 = 55", "(100 − 5)/3 + 1 = 32.67", "10/3 ≈ 3.34", "(1 + 1 = 2", "1 +· 1 = 2"]
)
def test_wrong_equations_do_not(text: str) -> None:
    assert wrong_equations(text) == [text] or wrong_equations(text.lstrip("(")) == []


def test_brackets_must_match() -> None:
    with pytest.raises(ValueError, match="⌊"):
        value("⌊1/2⌉")


# ---- each property can fail

TEXT = "INPUT(3@8x8) → CONV(8, 9) → FC(10)"


def altered(change: Callable[[Diagnostic], None]) -> Callable[..., Report]:
    """A check whose first finding is changed."""

    def checked(text: str | Source, **options: Any) -> Report:
        report = check(text, **options)
        for diagnostic in report.diagnostics[:1]:
            change(diagnostic)
        return report

    return checked


def _elsewhere(found: Diagnostic) -> None:
    found.span = Span(found.span.source, 0, 1_000)


def _python(found: Diagnostic) -> None:
    found.hints = ("there is None",)


def _long(found: Diagnostic) -> None:
    found.message = "too " * 50


def _miscounted(found: Diagnostic) -> None:
    found.message = "8 + 2·0 = 9 pixels"


def _vain(found: Diagnostic) -> None:
    found.fixes = (Fix("wait", (Edit(Span(found.span.source, 0, 0), " "),)),)


def _breaking(found: Diagnostic) -> None:
    found.fixes = (Fix("cut", (Edit(found.span, "("),)),)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_elsewhere, "span"),
        (_python, "python"),
        (_long, "words"),
        (_miscounted, "equation"),
        (_vain, "fix in vain"),
        (_breaking, "fix unreadable"),
    ],
)
def test_a_bad_answer_is_seen(
    change: Callable[[Diagnostic], None], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(properties, "check", altered(change))
    with pytest.raises(Broken) as caught:
        hold(TEXT)
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (TEXT, "p=9 would fit"),
        (TEXT, "the least input that works is 3@8x8"),
        (TEXT, "the least input that works is 3@64x64"),
        ("INPUT(69@8x8) → CONV(8, 3, g=4) → FC(10)", "nearest: 67 and 72; 69 splits into 3 groups"),
        (
            "INPUT(3@224x224) → CONV(8, 11, s=4) → ReLU → FC(2)",
            "nothing is lost if 223x223 (gives 55x55) arrives here",
        ),
        ("INPUT(3@224x224) → CONV(8, 11, s=4) → ReLU → FC(2)", "nothing is lost with p=1 (gives 54x54)"),
        ("INPUT(256@12x12) → FC(4096, from=9216)", "INPUT(256@7x7) gives 9216"),
        ("INPUT(3@224x224) → CONV(8, 11, s=4) : 8@55x55 → FC(2)", "226, or p=2, gives 55"),
    ],
)
def test_a_broken_promise_is_seen(text: str, hint: str) -> None:
    report = check(text)
    assert list(broken_promises(report)) == []
    (found,) = report.diagnostics
    worked = tuple(one for one in found.hints if one.startswith("its size"))
    found.hints = (*worked, hint)
    assert list(broken_promises(report)) != []
