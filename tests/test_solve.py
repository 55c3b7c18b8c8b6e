"""Holes: the values that fit are found, all of them, and nothing else is."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest
from cli_help import run
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.analysis.solve import Bounds, Solved
from cnndsl.api import check
from cnndsl.layers.base import written


def solved(text: str, **options: object) -> Solved:
    found = check(text, **options).solved  # type: ignore[arg-type]
    assert found is not None
    return found


def values(text: str, **options: object) -> list[tuple[str, ...]]:
    """The solutions, the simplest first, with their values in the order of the text."""
    return [tuple(map(written, one.values.values())) for one in solved(text, **options).solutions]


class Case(NamedTuple):
    text: str
    first: str  # the values of the simplest solution, in the order of the text
    solutions: int = 1


CASES = [
    Case("INPUT(3@227x227) → CONV(96, 11, s=4, p=?) : 96@55x55", "0", 2),
    Case("INPUT(3@227x227) → CONV(96, k=?, s=?, p=?) : 96@55x55", "11 4 0", 6),
    Case("INPUT(3@224x224) → CONV(64, ?, s=2, p=3) : 64@112x112", "7", 2),
    Case("INPUT(3@32x32) → POOL(?) : 3@16x16", "2"),
    Case("INPUT(3@32x32) → POOL(avg, 3, s=?, p=1) : 3@16x16", "2"),
    Case("INPUT(3@32x32) → CONV(3, ?x3, p=?x1) : 3@32x32", "3 1", 6),
    Case("INPUT(3@32x32) → CONV(3, 3, d=?, p=2) : 3@32x32", "2"),
    Case("INPUT(1@7x7) → TCONV(1, 3, s=2, p=1, output_pad=?) : 1@14x14", "1"),
    Case("INPUT(1@7x7) → TCONV(1, ?, s=2) : 1@14x14", "2"),
    Case("INPUT(1@8x8) → UPSAMPLE(?) : 1@32x32", "4"),
    Case("INPUT(64@8x8) → PIXELSHUFFLE(?) : 16@16x16", "2"),
    Case("INPUT(60@8x8) → CONV(64, 3, g=?)", "1", 3),
    Case("INPUT(3@8x8) → CONV(?, 3) : 16@6x6 → FC(?) : 10", "16 10"),
    Case("INPUT(3@8x8) → {CONV(?, 3, p=1) | CONV(10, 1)} : 64@8x8", "54"),
    Case("INPUT(3@8x8) → {CONV(64, 3, p=?) + CONV(?, 1)}", "1 64"),
    Case("INPUT(3@8x8) → [CONV(8, 3, p=?)]*3 : 8@8x8", "1"),
    Case("INPUT(3@8x8) → CONV(8, 3, bias=?) → FC(4)", "yes", 2),
    Case("INPUT(3@8x8) → CONV(8, 3) → FC(4, from=?)", "288"),
    Case("INPUT(3@?x?) → CONV(96, 11, s=4) : 96@55x55", "227 227"),
    Case("INPUT(?@8x8) → CONV(8, 3, from=3)", "3"),
    Case("INPUT(?) → FC(10, from=784)", "784"),
    Case("INPUT(3@?x?) → POOL(2) → FC(10, from=108)", "12 12", 9),
    Case("INPUT(3@?x?) → CONV(8, 3, p=1) as a → POOL(2) → {TCONV(8, 2, s=2) | a} : _@20x_", "20 20"),
    Case("INPUT(1@32x32) → CONV(6, 5) → POOL(?) → CONV(16, 5) → POOL(?) : 16@5x5", "2 2", 2),
    Case("default CONV(p=?)\nINPUT(1@32x32) → CONV(6, 3) → CONV(6, 3) : 6@32x32", "1"),
    Case("block B(c) = CONV(c, 3, p=?) → ReLU\nINPUT(1@32x32) → B(6) → B(8) : 8@28x28", "0"),
    Case("INPUT(1@32x32) → CONV(6, 3, p=?) as a → CONV(6, 3, p=1) → {ID + a} : 6@32x32\noutput o = a", "1"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text[:60])
def test_finds_the_simplest_value_and_all_others(case: Case) -> None:
    report = check(case.text)
    assert report.ok, [one.message for one in report.diagnostics]
    assert " ".join(values(case.text)[0]) == case.first
    assert solved(case.text).count == case.solutions
    assert all(network.known for network in report.networks)


FAILING = {
    "INPUT(3@30x30) → CONV(9, ?) : 9@55x55": ("no k gives 9@55x55", "k=1 comes closest: 9@30x30"),
    "INPUT(3@30x30) → POOL(3, s=?) : 3@9x8": ("no s gives 3@9x8", "s=3 comes closest: 3@10x10"),
    "INPUT(3@30x30) → CONV(?, 3) → FC(2)": (
        "nothing tells what stands here: any number from 1 fits",
        "claim",
    ),
    "INPUT(3@?x?) → CONV(8, 5) → POOL(2) → FC(2)": (
        "nothing tells what stands here: any number from 6 fits",
        "claim",
    ),
    "INPUT(3@30x30) → DROPOUT(?) → FC(2)": ("nothing tells what stands here: any number fits", "claim"),
    "INPUT(3@?x?) → POOL(2) → FC(8, from=7)": ("no value could be worked out for this hole", "the search"),
}


@pytest.mark.parametrize("text", FAILING)
def test_says_why_nothing_fits_and_what_comes_closest(text: str) -> None:
    message, hint = FAILING[text]
    report = check(text)
    (found,) = [one for one in report.diagnostics if one.severity == "error"]
    assert (found.code, found.message) == ("hole", message)
    assert any(hint in one for one in found.hints), found.hints
    assert found.span.text == "?"


def test_a_window_on_a_vector_is_refused_whatever_its_holes() -> None:
    found = check("INPUT(3) → CONV(8, k=?, s=?) → FC(10)").diagnostics
    assert [one.severity for one in found] == ["error"]


def test_says_what_the_values_reach() -> None:
    (found,) = check("INPUT(3@224x224) → CONV(96, 11, s=4, p=?) : 96@80x80").diagnostics
    assert "the values tried give 96@54x54 to 96@56x56" in found.hints


@pytest.mark.parametrize("before", ["CONV(?, 3)", "CONV(8, 99)", "CONVV(8)"])
def test_a_hole_behind_a_fault_is_not_blamed(before: str) -> None:
    assert len(check(f"INPUT(3@32x32) → {before} → FC(?) : 10").diagnostics) == 1


def test_a_name_that_a_block_does_not_see_is_no_index() -> None:
    text = "net A(n = 2, c = 8)\nblock B(k) = CONV(c, k) → ReLU\nINPUT(3@32x32) → [B(5)]*n → FC(10)"
    found = next(one for one in check(text).diagnostics if one.code == "undefined")
    assert found.fixes == ()
    assert not any("*(c <" in hint for hint in found.hints)


def test_options_that_do_not_go_together_are_refused() -> None:
    text = "INPUT(3@32x32) → CONV(8, 3, p=?) : 8@32x32 → ReLU → FC(10)"
    for words in (
        ["solve", "-e", text, "--input", "3@16x16"],
        ["check", "-e", text, "--diff", "--format", "json"],
    ):
        assert run(*words).status == 2, words


def test_solves_under_settings() -> None:
    report = check("net A(c = 8)\nINPUT(3@32x32) → CONV(c, 3, p=?) : 9@32x32 → ReLU → FC(10)", settings="c=9")
    assert report.ok
    assert not report.unchecked


def test_other_faults_come_first() -> None:
    codes = [one.code for one in check("INPUT(3@30x30) → CONVV(3) → CONV(9, ?) : 9@28x28").diagnostics]
    assert codes == ["unknown-layer"]


def test_bounds_are_told_and_can_be_moved() -> None:
    text = "INPUT(3@99x99) → CONV(9, ?) : 9@85x85"
    assert not check(text).ok
    assert values(text, bounds=Bounds(kernel=15)) == [("15",)]
    assert "kernels to 15" in str(solved(text, bounds=Bounds(kernel=15)).bounds)


def test_a_solution_holds_for_all_variants() -> None:
    text = "net A(n)\nvariant X = (30)\nvariant Y = (31)\nINPUT(3@(n)x30) → CONV(8, ?, s=2) : 8@14x14 → FC(2)"
    report = check(text)
    assert report.ok
    assert [network.output for network in report.networks]
    assert [network.name for network in report.networks] == ["X", "Y"]


# ---- against brute force

windows = st.tuples(st.integers(3, 40), st.integers(1, 30))


@given(windows, st.booleans())
@settings(max_examples=40, deadline=None)
def test_all_windows_are_found_and_nothing_else(sizes: tuple[int, int], pool: bool) -> None:
    extent, output = sizes
    kind = "POOL(max, {}, s={}, p={})" if pool else "CONV(2, {}, s={}, p={})"
    channels = 1 if pool else 2

    def fits(k: int, s: int, p: int) -> bool:
        return extent + 2 * p >= k and (extent + 2 * p - k) // s + 1 == output

    triples = [(k, s, p) for k in range(1, 8) for s in range(1, k + 1) for p in range(k // 2 + 1)]
    expected = {triple for triple in triples if fits(*triple)}
    text = f"INPUT(1@{extent}) → {kind.format('k=?', '?', '?').replace('k=?', '?')} : {channels}@{output}"
    found = check(text, bounds=Bounds(kernel=7)).solved
    assert found is not None
    assert {tuple(one.values.values()) for one in found.solutions} == expected
    assert found.count == len(expected)
    assert found.complete


@given(st.integers(8, 24), st.integers(1, 20))
@settings(max_examples=20, deadline=None)
def test_holes_of_a_whole_chain(extent: int, output: int) -> None:
    text = f"INPUT(1@{extent}) → CONV(2, ?, p=?) → POOL(?, s=?) → CONV(3, ?, s=2) : 3@{output}"
    singles = [(k, p) for k in range(1, 6) for p in range(k // 2 + 1)]
    pools = [(k, s) for k in range(1, 6) for s in range(1, k + 1)]
    expected = set()
    for (k, p), (w, s), last in product(singles, pools, range(1, 6)):
        size = extent + 2 * p - k + 1
        size = (size - w) // s + 1 if size >= w else 0
        if size >= last and (size - last) // 2 + 1 == output:
            expected.add((k, p, w, s, last))
    found = check(text, bounds=Bounds(kernel=5)).solved
    assert found is not None
    assert found.count == len(expected)
    assert found.complete
    listed = {tuple(one.values.values()) for one in found.solutions}
    assert listed <= expected
    assert len(listed) == min(len(expected), 1000)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 12), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_inputs_are_found_from_a_claim_below(kernel: int, stride: int, output: int, window: int) -> None:
    body = f"CONV(2, {kernel}, s={stride}) → POOL({window})"
    found = check(f"INPUT(1@?) → {body} : 2@{output}").solved
    assert found is not None
    fitting = set()
    for extent in range(1, 200):
        size = (extent - kernel) // stride + 1 if extent >= kernel else 0
        if size >= window and (size - window) // window + 1 == output:
            fitting.add(extent)
    (solution,) = found.solutions
    (sizes,) = solution.sets.values()
    assert {extent for extent in range(1, 200) if extent in sizes} == fitting
    assert next(iter(solution.values.values())) == min(fitting)
