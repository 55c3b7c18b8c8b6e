"""Sets of numbers that repeat themselves, against Python's sets of the numbers below 300."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.analysis.inputs import Inputs, boxes
from cnndsl.analysis.periodic import ALL, NotWorkedOut, Sizes, solutions
from cnndsl.shape.size import Domain, Relation, Requirement

NUMBERS = range(1, 300)
SIGNS = {"≥": lambda n: n >= 0, "=": lambda n: n == 0, "≠": lambda n: n != 0}


@st.composite
def sets(draw: st.DrawFn) -> Sizes:
    start, period = draw(st.integers(1, 12)), draw(st.sampled_from((1, 2, 3, 4, 6, 8)))
    head = draw(st.frozensets(st.integers(1, start - 1))) if start > 1 else frozenset()
    return Sizes(head, start, period, draw(st.frozensets(st.integers(0, period - 1))))


def listed(sizes: Sizes) -> list[int]:
    return [number for number in NUMBERS if number in sizes]


@given(sets(), sets())
def test_what_two_sets_share(one: Sizes, other: Sizes) -> None:
    assert listed(one.both(other)) == [number for number in listed(one) if number in other]
    assert one.within(other) == (set(listed(one)) <= set(listed(other)))


@given(sets(), sets())
def test_equal_sets_have_one_plain_form(one: Sizes, other: Sizes) -> None:
    assert listed(one.plain) == listed(one)
    assert (one.plain == other.plain) == (listed(one) == listed(other))
    assert one.plain.period <= one.period


@given(sets(), st.integers(1, 60))
def test_the_nearest_numbers(sizes: Sizes, number: int) -> None:
    below = [one for one in listed(sizes) if one <= number]
    above = [one for one in listed(sizes) if one >= number]
    assert sizes.near(number) == (max(below, default=None), min(above, default=None))
    assert sizes.empty == (not listed(sizes))
    assert sizes.empty or sizes.least == listed(sizes)[0]


@given(sets())
def test_the_text_tells_the_set(sizes: Sizes) -> None:
    """Read back word by word, it is the set."""
    text = str(sizes)
    if "…" in text or text == "none":
        return
    found: set[int] = set()
    for part in text.replace(" and ", ", ").split(", "):
        found |= read(part, text)
    assert sorted(found) == listed(sizes) or " modulo " in text


def read(part: str, text: str) -> set[int]:
    """The numbers of one part of a text, those modulo a period left out."""
    if " modulo " in text:
        return set()
    words = part.split()
    least = int(words[-1]) if words[-2:-1] == ["from"] else 1
    match words:
        case ["from", *_]:
            return {n for n in NUMBERS if n >= least}
        case ["multiples", "of", period, *_]:
            return {n for n in NUMBERS if n >= least and n % int(period) == 0}
        case ["even" | "odd" as parity, "numbers", *_]:
            return {n for n in NUMBERS if n >= least and n % 2 == (parity == "odd")}
        case [first, "to", last]:
            return {*range(int(first), int(last) + 1)}
    return {int(part)}


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        (ALL, "from 1"),
        (Sizes.from_(63), "from 63"),
        (Sizes.every(32), "multiples of 32"),
        (Sizes.from_(40).both(Sizes.every(16)), "multiples of 16 from 48"),
        (Sizes.every(2), "even numbers"),
        (Sizes.every(2, 1), "odd numbers from 1"),
        (Sizes.from_(6).both(Sizes.every(4, 3)), "3 modulo 4 from 7"),
        (Sizes.only(range(227, 259)), "227 to 258"),
        (Sizes.only({7}), "7"),
        (Sizes.only(()), "none"),
        (Sizes(frozenset({2, 5, 6}), 9, 1, frozenset({0})), "2, 5 to 6 and from 9"),
        (Sizes(frozenset(), 1, 4, frozenset({0, 2})), "even numbers"),
        (Sizes(frozenset(), 5, 8, frozenset({1, 5})), "1 modulo 4 from 5"),
        (Sizes(frozenset({1, 2}), 3, 1, frozenset({0})), "from 1"),
    ],
)
def test_sets_as_text(sizes: Sizes, text: str) -> None:
    assert str(sizes) == text


# ---- solving

DOMAIN = Domain()
H, W = DOMAIN.extent("H"), DOMAIN.extent("W")
steps = st.lists(st.tuples(st.integers(-12, 12), st.integers(1, 4)), max_size=4)


def walked(size: Any, through: list[tuple[int, int]]) -> Any:
    for padded, stride in through:
        size = (size + padded) // stride + 1
    return size


@settings(max_examples=300, deadline=None)
@given(steps, st.integers(0, 3), steps, st.integers(-20, 20), st.sampled_from("≥=≠"))
def test_relations_are_solved_exactly(
    one: list[tuple[int, int]], times: int, other: list[tuple[int, int]], number: int, sign: Any
) -> None:
    size = walked(H, one) - times * walked(H, other) - number
    if type(size) is int:
        return
    try:
        found = solutions(Relation(size, sign))
    except NotWorkedOut:
        return
    assert listed(found) == [n for n in NUMBERS if SIGNS[sign](size.at({"H": n}))]


@settings(max_examples=200, deadline=None)
@given(steps, steps, st.integers(-5, 400), st.sampled_from("≥=≠"))
def test_products_are_solved_exactly(
    one: list[tuple[int, int]], other: list[tuple[int, int]], number: int, sign: Any
) -> None:
    """Factors may be below 1 for small inputs, where the product falls."""
    size = 2 * walked(H, one) * walked(H, other) - number
    found = solutions(Relation(size, sign))
    assert listed(found) == [n for n in NUMBERS if SIGNS[sign](size.at({"H": n}))]


@settings(max_examples=100, deadline=None)
@given(steps, steps, st.integers(1, 400))
def test_products_of_two_extents_are_solved_exactly(
    one: list[tuple[int, int]], other: list[tuple[int, int]], number: int
) -> None:
    """Where both factors are extents of a map, so 1 or more."""
    sizes = (walked(H, one), walked(W, other))
    needed: list[tuple[Relation, ...]] = [(Relation(size - 1, "≥"),) for size in sizes]
    needed.append((Relation(prod(sizes) - number, "="),))
    found = Inputs(("H", "W"), boxes([Requirement(either, None) for either in needed], ("H", "W")))
    for h, w in product(range(1, 40), range(1, 300, 3)):
        values = {"H": h, "W": w}
        numbers = [size.at(values) for size in sizes]
        assert (values in found) == (min(numbers) > 0 and prod(numbers) == number)


def test_what_is_too_long_to_tell_is_given_up() -> None:
    for size in (H // 4099 * 2 - H // 2, H // 64 - H // 65, H * H - 2 * H * W, H * H - (H // 2) * H):
        with pytest.raises(NotWorkedOut):
            boxes([Requirement((Relation(size, "="),), None)], ("H", "W"))
    with pytest.raises(NotWorkedOut):
        Sizes.every(4096).both(Sizes.every(4095))


def test_of_many_sets_those_inside_others_go() -> None:
    either = (Relation(H - 5, "≥"), Relation(W - 5, "≥"), Relation(H - 9, "≥"))
    assert str(Inputs(("H", "W"), boxes([Requirement(either, None)], ("H", "W")))) == (
        "H from 5, W from 1; or H from 1, W from 5"
    )


def test_the_least_and_the_nearest_input() -> None:
    found = Inputs(("H", "W"), [{"H": Sizes.from_(5), "W": ALL}, {"H": ALL, "W": Sizes.from_(3)}])
    assert found.least == {"H": 1, "W": 3}
    assert found.nearest({"H": 2, "W": 2}) == {"H": 2, "W": 3}
    assert found.nearest({"H": 7, "W": 1}) == {"H": 7, "W": 1}
    assert {"H": 4, "W": 2} not in found
