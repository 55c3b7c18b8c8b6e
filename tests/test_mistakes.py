"""The mistakes that people make most, each with what they are told, word for word.

`mistakes/NN_name.cnn` is a program with the mistake of that number, from 1 (the input was resized) to
18 (MACs or FLOPs?); the text beside it is what `check` says of it at a terminal. A first line
`# explain conv1: Costs` asks for that section of `explain` instead. `pytest --update-goldens` writes
the texts.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from goldens import Golden
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.analysis.rows import rows
from cnndsl.api import Report, check, read_source
from cnndsl.cli.app import app
from cnndsl.diagnostics import Fix, edited
from cnndsl.render.diagnostics import detailed
from cnndsl.source import Source

MISTAKES = Path(__file__).parent / "mistakes"
CASES = Path(__file__).parent / "cases"
PROGRAMS = {path.stem: path for path in sorted(MISTAKES.glob("*.cnn"))}

_EXPLAINED = re.compile(r"# explain (\S*): (.*)")


def told(path: Path) -> str:
    """What a program's author is told at a terminal."""
    asked = _EXPLAINED.match(path.read_text(encoding="utf-8"))
    if asked:
        text: str = CliRunner().invoke(app, ["explain", path.name, asked[1]], catch_exceptions=False).output
        parts = [part.strip("\n") for part in text.split("\n\n")]
        return "\n\n".join(part for part in parts if part.startswith(tuple(asked[2].split(" + ")))) + "\n"
    lines = detailed(check(read_source(path.name)).diagnostics, 110)
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_full_text(name: str, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MISTAKES)
    monkeypatch.setenv("COLUMNS", "110")
    golden(f"../mistakes/{name}.txt", told(PROGRAMS[name]))


def test_every_mistake_has_a_program() -> None:
    assert {int(name[:2]) for name in PROGRAMS} == set(range(1, 19))


def test_no_text_is_left_over() -> None:
    assert {path.stem for path in MISTAKES.glob("*.txt")} == PROGRAMS.keys()


# ---- what every fix must be, in these programs and in the cases

EVERY = {path.stem: path for path in [*PROGRAMS.values(), *sorted(CASES.glob("*.cnn"))]}


def attempts(path: Path) -> list[tuple[Report, Fix, Report]]:
    """Each fix of a program's findings, with the reports before and after it alone is applied."""
    before = check(read_source(str(path)))
    return [
        (before, fix, check(Source(path.name, edited(before.source.text, fix.edits), str(path))))
        for found in before.diagnostics
        for fix in found.fixes
        if all(edit.span.source is before.source for edit in fix.edits)
    ]


def errors(report: Report) -> int:
    return sum(found.severity == "error" for found in report.diagnostics)


@pytest.mark.parametrize("name", EVERY)
def test_fixes_can_be_read_and_safe_ones_help(name: str) -> None:
    for before, fix, after in attempts(EVERY[name]):
        codes = {found.code for found in after.diagnostics}
        assert before.program is None or after.program is not None, fix
        assert not {"syntax", "unclosed-bracket"} & codes - {found.code for found in before.diagnostics}, fix
        if fix.safe and before.program is not None:  # behind a first syntax error there may be more
            assert errors(after) < errors(before) or (before.ok and after.ok), fix


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_first_fix_of_a_mistake_mends_it(name: str) -> None:
    seen = set()
    for before, fix, after in attempts(PROGRAMS[name]):
        if before.ok or id(before) in seen:
            continue
        seen.add(id(before))
        assert errors(after) < errors(before), fix


@pytest.mark.parametrize("name", EVERY)
def test_titles_are_short(name: str) -> None:
    for _, fix, _ in attempts(EVERY[name]):
        assert 0 < len(fix.title) <= 80
        assert fix.title == fix.title.strip()


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_known_is_shown(name: str) -> None:
    for network in check(read_source(str(PROGRAMS[name]))).networks:
        assert all(row.path for row in rows(network))


# ---- advice that depends on the whole network


def hints(text: str) -> str:
    return "\n".join(hint for found in check(text).diagnostics for hint in found.hints)


def fixed(text: str, title: str) -> Report:
    """The report after the fix of that title."""
    before = check(text)
    (fix,) = [fix for found in before.diagnostics for fix in found.fixes if fix.title == title]
    return check(edited(before.source.text, fix.edits))


@pytest.mark.parametrize("size", [32, 64, 100, 200, 224, 300, 448])
def test_the_input_for_a_claimed_flatten_is_right(size: int) -> None:
    """Of all inputs that give it, the square one that leaves no pixel unread, or as few as can be."""
    text = f"INPUT(3@{size}x{size}) → CONV(8, 7, s=2) → POOL(3, s=2) → CONV(16, 3) → FC(10, from=576)"
    assert "INPUT(3@39x39) gives 576" in hints(text)
    assert fixed(text, "start from INPUT(3@39x39)").ok


def test_no_input_is_named_where_none_will_do() -> None:
    assert "gives 17" not in hints("INPUT(3@32x32) → CONV(8, 3) → FC(10, from=17)")


@pytest.mark.parametrize("pools", range(1, 8))
def test_the_least_input_is_right(pools: int) -> None:
    """One pixel less, and it no longer fits."""
    text = f"INPUT(3@2x2) → [CONV(8, 3) → POOL(2)]*{pools} → GAP → FC(10)"
    (said,) = re.findall(r"the least input that works is 3@(\d+)x\1", hints(text))
    for side, ok in ((int(said), True), (int(said) - 1, False)):
        assert check(text.replace("2x2", f"{side}x{side}", 1)).ok is ok


def test_a_rectangular_input_keeps_about_its_shape() -> None:
    text = "INPUT(1@30x60) → CONV(4, 3, p=1) → POOL(2) → FC(10, from=200)"
    assert "INPUT(1@10x20) gives 200" in hints(text)


def test_what_arrives_from_the_caller_is_not_edited() -> None:
    report = check("INPUT(3@64x64) → [CONV(8, 3) → POOL(2)]*4 → GAP → FC(10)", input="3@16x16")
    assert not [fix for found in report.diagnostics for fix in found.fixes if "INPUT" in fix.title]


def test_an_input_made_of_parameters_is_not_edited() -> None:
    report = check("net A(n = 16)\nINPUT(3@(n)x(n)) → [CONV(8, 3) → POOL(2)]*4 → GAP → FC(10)")
    assert not report.ok
    assert not [fix for found in report.diagnostics for fix in found.fixes if "INPUT" in fix.title]


def test_a_long_way_is_shown_by_its_ends() -> None:
    text = "INPUT(3@64x64) → " + "CONV(8, 3) → " * 40 + "GAP → FC(10)"
    (trace,) = re.findall("the map shrank: (.*)", hints(text))
    assert trace.startswith("64x64 → 62x62 (conv1) → ")
    assert trace.endswith("2x2 (conv31)")
    assert "→ … →" in trace
    assert len(trace) < 125


# ---- the numbers of a broken claim


@given(
    n=st.integers(5, 60),
    k=st.integers(1, 7),
    s=st.integers(1, 4),
    p=st.integers(0, 3),
    m=st.integers(1, 40),
    kind=st.sampled_from(["CONV(8, {k}, s={s}, p={p})", "POOL({k}, s={s})", "TCONV(8, {k}, s={s}, p={p})"]),
)
@settings(max_examples=150, deadline=None)
def test_remedies_for_a_claim_do_what_they_say(n: int, k: int, s: int, p: int, m: int, kind: str) -> None:
    text = f"INPUT(8@{n}x{n}) → {kind.format(k=k, s=s, p=p)} : 8@{m}x{m}"
    before = check(text)
    for found in before.diagnostics:
        for fix in found.fixes if found.code == "claim" else ():
            after = check(edited(before.source.text, fix.edits))
            assert not [one for one in after.diagnostics if one.severity == "error"], (text, fix)
    for extent, size in re.findall(
        r"(\d+)(?: pixels)?(?:, or [^ ]+,)? (?:gives|would give) (\d+)", hints(text)
    ):
        again = check(f"INPUT(8@{extent}x{extent}) → {kind.format(k=k, s=s, p=p)} : 8@{size}x{size}")
        assert again.ok or kind.startswith("TCONV"), text


# ---- where a fix writes an argument

# fmt: off
PLACED = [
    # written, the fix's title, what comes of it
    ("CONV(8, 11)", "write p=2", "CONV(8, 11, p=2)"),
    ("CONV(8, 11,)", "write p=2", "CONV(8, 11, p=2,)"),
    ("CONV(8, 11, stride=1)", "write p=2", "CONV(8, 11, stride=1, pad=2)"),
    ("CONV(8, 11, p=1)", "write p=2", "CONV(8, 11, p=2)"),
    ("CONV(8, 11, pad=1)", "write p=2", "CONV(8, 11, pad=2)"),
    ("CONV(8, k=11)", "take an 8x8 kernel", "CONV(8, k=8)"),
    ("CONV(8, (5 + 6))", "take an 8x8 kernel", "CONV(8, 8)"),
    ("FC(192, 10)", "write FC(10)", "FC(10)"),
    ("FC( 192 , 10 , bias=no )", "write FC(10)", "FC( 10 , bias=no )"),
    ("BN(3)", "write BN", "BN"),
    ("CONV(3, 96, 3, 1)", "write CONV(96, 3, s=1)", "CONV(96, 3, s=1)"),
    ("CONV(96, 3, 2, 1)", "write CONV(96, 3, s=2, p=1)", "CONV(96, 3, s=2, p=1)"),
    ("POOL(2, max)", "write POOL(max, 2)", "POOL(max, 2)"),
    ("POOL(avg, 2, 1)", "write POOL(avg, 2, s=1)", "POOL(avg, 2, s=1)"),
    ("CONV(8, 3, padding=1)", "write pad", "CONV(8, 3, pad=1)"),
    ("CONV(8, kernel_size=3, padding=1)", "write kernel, pad", "CONV(8, kernel=3, pad=1)"),
    ("ReLU(inplace=yes)", "leave it out", "ReLU"),
    ("CONV(8, 3, s=2, s=2)", "leave the second one out", "CONV(8, 3, s=2)"),
    ("CONV(k=3, 8)", "put it first", "CONV(8, k=3)"),
    ("CONV(8, 3, bias=1)", "write yes", "CONV(8, 3, bias=yes)"),
    ("CONV(8, 3, bias=False)", "write no", "CONV(8, 3, bias=no)"),
    ("CONV(8, (3, 3))", "write 3x3", "CONV(8, 3x3)"),
    ("CONV(8, 3, p=(1, 1))", "write 1", "CONV(8, 3, p=1)"),
    ("CONV(8, 3, p=(1, 2))", "write 1:2", "CONV(8, 3, p=1:2)"),
    ("CONV(64/3, 3)", "round down: 64//3 = 21", "CONV(64//3, 3)"),
    ("DROPOUT(20)", "write 0.2", "DROPOUT(0.2)"),
    ("DROPOUT(20%)", "write 0.2", "DROPOUT(0.2)"),
    ("POOL(mean, 2)", "write avg", "POOL(avg, 2)"),
    ("nn.ReLU", "leave `nn.` out", "ReLU"),
]
# fmt: on


@pytest.mark.parametrize(("written", "title", "mended"), PLACED)
def test_where_a_fix_writes(written: str, title: str, mended: str) -> None:
    text = f"INPUT(3@8x8) → {written}"
    fixes = [fix for found in check(text).diagnostics for fix in found.fixes if fix.title == title]
    assert edited(text, fixes[0].edits) == f"INPUT(3@8x8) → {mended}"


# fmt: off
UNTOUCHED = [
    "net A(k = 11)\nINPUT(3@8x8) → CONV(8, k)",
    "default CONV(k = 11)\nINPUT(3@8x8) → CONV(8)",
    "block B(p) = CONV(8, 11, p=p)\nINPUT(3@8x8) → B(1)",
]
# fmt: on


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_computed_is_not_overwritten(text: str) -> None:
    """An argument that is a parameter stays one; one of a `default` is given to the layer alone."""
    for fix in (fix for found in check(text).diagnostics for fix in found.fixes):
        head, _, _ = edited(text, fix.edits).partition("INPUT")
        assert head == text.partition("INPUT")[0] or ", p" in head


# fmt: off
ELSEWHERE = [
    # as PyTorch or Keras write it, and here
    ("Conv2d(3, 8, 3)", "CONV(8, 3)"),
    ("Conv2d(3, 8, 3, padding=1)", "CONV(8, 3, pad=1)"),
    ("Conv2d(3, 8, 3, 2, 1)", "CONV(8, 3, s=2, p=1)"),
    ("Conv2d(in_channels=3, out_channels=8, kernel_size=3)", "CONV(from=3, filters=8, kernel=3)"),
    ("Conv2D(8, 3, strides=2)", "CONV(8, 3, stride=2)"),
    ("ConvTranspose2d(3, 8, 2, 2)", "TCONV(8, 2, s=2)"),
    ("Linear(192, 10)", "FC(10)"),
    ("Linear(192, 10, no)", "FC(10, bias=no)"),
    ("Dense(10)", "FC(10)"),
    ("MaxPool2d(2)", "POOL(max, 2)"),
    ("MaxPool2d(3, 2)", "POOL(max, 3, s=2)"),
    ("AvgPool2d(kernel_size=2)", "POOL(avg, window=2)"),
    ("AdaptiveAvgPool2d(1)", "APOOL(avg, 1)"),
    ("BatchNorm2d(3)", "BN"),
    ("GlobalAveragePooling2D()", "GAP"),
    ("GlobalMaxPooling2D()", "GPOOL(max)"),
    ("ReflectionPad2d(1)", "PAD(1, mode=reflect)"),
]
# fmt: on


@pytest.mark.parametrize(("written", "here"), ELSEWHERE)
def test_layers_of_elsewhere(written: str, here: str) -> None:
    text = f"INPUT(3@8x8) → {written}"
    ((fix,),) = (found.fixes for found in check(text).diagnostics)
    assert fix.safe
    assert edited(text, fix.edits) == f"INPUT(3@8x8) → {here}"
    assert check(f"INPUT(3@8x8) → {here}").ok


def test_no_input_of_other_proportions_is_named() -> None:
    """96·96 values from a square input would take one of 75×107."""
    text = "INPUT(3@227x227) → CONV(96, 11, s=4) → POOL(3, s=2) → FC(10, from=9216)"
    assert not check(text).ok
    assert "INPUT(" not in hints(text)


def test_a_claim_names_the_layer_before_that_is_at_fault() -> None:
    """The lecture gives AlexNet's first pool a stride of 1, and the sizes of a stride of 2."""
    found = check(read_source("alexnet_slide")).diagnostics[0]
    assert found.hints[0] == "s=2 at pool1, before it, gives 256@27x27"
    assert found.fixes[0].title == "write s=2 at pool1"
    source = found.span.source
    assert check(edited(source.text, found.fixes[0].edits)).ok


def test_a_remedy_before_must_leave_all_else_as_claimed() -> None:
    text = "INPUT(1@16x16) → POOL(2) : 1@8x8 → POOL(2) : 1@4x4 → CONV(4, 3) : 4@6x6"
    (found,) = check(text).diagnostics
    assert not any("before it" in hint for hint in found.hints)
