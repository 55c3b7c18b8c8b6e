"""Every code has a page, whose bad example gives just that code and whose good one is clean."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from explain_help import value

from cnndsl.analysis.pattern import LECTURE, match, read_pattern
from cnndsl.analysis.pattern.departure import diagnosed
from cnndsl.api import check
from cnndsl.diagnostics import CATALOGUE, Diagnostic
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit import emit
from cnndsl.explain import pages
from cnndsl.source import Source

FOLDER = Path(__file__).parent.parent / "docs" / "codes"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("[a-z]*.md"))}

_BLOCK = re.compile(r"^```cnn (bad|good)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_FENCED = re.compile(r"^```.*\n(?:.*\n)*?```$", re.MULTILINE)
#: Arithmetic with a result: digits and signs on both sides of `=`.
_EQUATION = re.compile(
    r"(?<![^\s(])(?<![+−·/^] )((?:[(⌊⌈]+ ?)*\d[\d +−·/%()⌊⌋⌈⌉^.²³]*?)"
    r" = (≈ )?([−]?\d[\d ]*(?:\.\d+)?(?:/\d+)?)"
)


class Example(NamedTuple):
    code: str
    verdict: str
    options: str
    text: str


def examples(code: str, text: str) -> list[Example]:
    return [Example(code, *(part.strip() for part in found)) for found in _BLOCK.findall(text)]


EXAMPLES = [example for code, text in PAGES.items() for example in examples(code, text)]


def findings(example: Example) -> list[Diagnostic]:
    """What checking an example gives, and where the page says so, building or matching it."""
    words = shlex.split(example.options)
    chosen: dict[str, object] = {"settings": words[words.index("--set") + 1]} if "--set" in words else {}
    chosen |= {name: True for name in ("strict", "pedantic") if f"--{name}" in words}
    report = check(f"{example.text}\n", **chosen)  # type: ignore[arg-type]
    if "build" in words and report.ok:
        try:
            emit(report, "torch")
        except Located as error:
            return [*report.diagnostics, error.diagnostic]
    if "match" in words and report.ok:
        departure = diagnosed(match(report.networks[0], read_pattern(Source("--pattern", LECTURE))))
        return [*report.diagnostics, *filter(None, [departure])]
    return report.diagnostics


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert PAGES.keys() == CATALOGUE.keys()


@pytest.mark.parametrize("code", PAGES)
def test_a_page_starts_with_its_code_and_what_the_catalogue_says(code: str) -> None:
    title, _, summary, *_ = PAGES[code].splitlines()
    entry = CATALOGUE[code]
    assert title == f"# {code}"
    assert summary == f"{entry.severity.capitalize()}: {entry.summary}"


@pytest.mark.parametrize("code", PAGES)
def test_a_page_has_a_bad_and_a_good_example(code: str) -> None:
    assert [example.verdict for example in examples(code, PAGES[code])] == ["bad", "good"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.code}-{example.verdict}")
def test_a_bad_example_gives_its_code_alone_and_a_good_one_nothing(example: Example) -> None:
    found = [(one.code, one.message) for one in findings(example)]
    codes = {code for code, _ in found}
    assert codes == ({example.code} if example.verdict == "bad" else set()), found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.code}-{example.verdict}")
def test_what_the_page_switches_on_is_needed(example: Example) -> None:
    """Without its options a bad example does not give its code."""
    if example.options and example.verdict == "bad":
        assert example.code not in {one.code for one in findings(example._replace(options=""))}


@pytest.mark.parametrize("code", PAGES)
def test_the_arithmetic_of_a_page_is_right(code: str) -> None:
    for expression, about, result in equations(PAGES[code]):
        wanted, found = value(result), value(expression)
        decimals = len(result.partition(".")[2])
        close = abs(found - wanted) * 2 * 10**decimals <= 1
        assert close if about or decimals else found == wanted, f"{expression} = {result}"


def equations(text: str) -> list[tuple[str, str, str]]:
    prose = " ".join(_FENCED.sub(" ", text).split())
    matches = [(a.rpartition(". ")[2], b, c) for a, b, c in _EQUATION.findall(prose)]
    found = [(_unwrapped(a.strip()), b, c.strip()) for a, b, c in matches]
    return [one for one in found if _balanced(one[0])]


def _unwrapped(text: str) -> str:
    """Without the parenthesis that opens before an equation and closes behind it."""
    return text.removeprefix("(") if text.count("(") > text.count(")") else text


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "⌊⌋", "⌈⌉"))


def test_the_index_is_up_to_date(request: pytest.FixtureRequest) -> None:
    path = FOLDER / "README.md"
    if request.config.getoption("--update-goldens"):
        path.write_text(pages.index(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == pages.index(), "pytest --update-goldens writes it"


# ---- these tests can fail


def test_a_wrong_example_is_seen() -> None:
    kernel = Example("kernel-too-large", "bad", "", "INPUT(3@5x5) → CONV(8, 7) → ReLU → FC(10)")
    assert [one.code for one in findings(kernel)] == ["kernel-too-large"]
    assert findings(kernel._replace(text="INPUT(3@5x5) → CONV(8, 3) → ReLU → FC(10)")) == []


def test_wrong_arithmetic_is_seen() -> None:
    found = equations("It is (224 + 2·0 − 11)/4 + 1 = 54.25, and 96·11·11·3 = 34 848; 7 // 2 = 3.")
    assert [(value(a), value(c)) for a, _, c in found[:2]] == [(value("54.25"),) * 2, (34848, 34848)]
    assert value(equations("so 2·3 = 7 there")[0][0]) == 6
