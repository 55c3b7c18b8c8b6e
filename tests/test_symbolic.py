"""Closed forms of sizes: they compute as numbers do, and print what they are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import ceil, gcd
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnndsl.layers import KINDS, bind
from cnndsl.layers.windows import Axis, same_padding
from cnndsl.shape import OpenSize, Shape, unknown_size
from cnndsl.shape.formula import Formula, formula
from cnndsl.shape.size import Domain, Size, covers
from cnndsl.values import Pair

DOMAIN = Domain()
H, W = DOMAIN.extent("H"), DOMAIN.extent("W")
PLACES = [{"H": h, "W": w} for h, w in ((1, 1), (2, 7), (3, 2), (10, 31), (64, 63), (229, 224), (12345, 1))]


def at(value: Any, values: dict[str, int]) -> int:
    number: int = value if type(value) is int else value.at(values)
    return number


# ---- arithmetic

#: An expression as a function: of sizes it gives a size, of numbers a number.
Expression = Callable[[Any, Any], Any]
small = st.integers(-9, 9)
positive = st.integers(1, 9)


def extend(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(lambda a, b: lambda h, w: a(h, w) + b(h, w), inner, inner),
        st.builds(lambda a, b: lambda h, w: a(h, w) - b(h, w), inner, inner),
        st.builds(lambda a, n: lambda h, w: a(h, w) + n, inner, small),
        st.builds(lambda a, n: lambda h, w: n - a(h, w), inner, small),
        st.builds(lambda a, n: lambda h, w: n * a(h, w), inner, small),
        st.builds(lambda a, n: lambda h, w: a(h, w) // n, inner, positive),
        st.builds(lambda a, n: lambda h, w: a(h, w) % n, inner, positive),
    )


starts: list[Expression] = [lambda h, w: h, lambda h, w: w]
expressions = st.recursive(st.sampled_from(starts), extend, max_leaves=5)


@settings(max_examples=500)
@given(expressions)
def test_sizes_compute_as_numbers_do(expression: Expression) -> None:
    size = expression(H, W)
    for values in PLACES:
        assert at(size, values) == expression(values["H"], values["W"])


@settings(max_examples=300)
@given(expressions)
def test_the_text_of_a_size_is_its_value(expression: Expression) -> None:
    size = expression(H, W)
    for values in PLACES:
        assert evaluated(str(size), values) == at(size, values)


def evaluated(text: str, values: dict[str, int]) -> int:
    """The value of a printed closed form, by Python."""
    for ours, theirs in (("⌊", "("), ("⌋", ")"), ("/", "//"), ("·", "*"), ("−", "-")):
        text = text.replace(ours, theirs)
    number: int = eval(text, {}, values)  # noqa: S307
    return number


@settings(max_examples=300)
@given(expressions)
def test_a_size_grows_by_equal_steps(expression: Expression) -> None:
    size = expression(H, W)
    if type(size) is int:
        return
    period, grown = size.growth
    for values in PLACES:
        later = {name: extent + period for name, extent in values.items()}
        assert at(size, later) == at(size, values) + grown


@settings(max_examples=300)
@given(expressions)
def test_a_rising_size_never_falls(expression: Expression) -> None:
    size = expression(H, H)
    if type(size) is int or not size.rising:
        return
    found = [at(size, {"H": extent}) for extent in range(1, 60)]
    assert found == sorted(found)


@settings(max_examples=300)
@given(expressions, expressions)
def test_products_compute_as_numbers_do(one: Expression, other: Expression) -> None:
    a, b = one(H, W), other(H, W)
    costs = 3 * a * b + a - b * 2 + 5
    for values in PLACES:
        x, y = at(a, values), at(b, values)
        assert at(costs, values) == 3 * x * y + x - y * 2 + 5
        assert evaluated(str(costs), values) == at(costs, values)


# ---- one rounding

steps = st.lists(st.tuples(st.integers(-12, 12), st.integers(1, 4)), min_size=1, max_size=5)


def walked(size: Any, through: list[tuple[int, int]]) -> Any:
    """A size after windows that slide: each adds what is padded, and divides by the stride."""
    for padded, stride in through:
        size = (size + padded) // stride + 1
    return size


@settings(max_examples=500)
@given(steps)
def test_windows_leave_one_rounding(through: list[tuple[int, int]]) -> None:
    size = walked(H, through)
    assert str(size).count("⌊") <= 1
    assert at(size, {"H": 997}) == walked(997, through)


@settings(max_examples=500)
@given(steps, steps)
def test_equal_functions_of_one_rounding_are_equal(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    a, b = walked(H, one), walked(H, other)
    period = a.growth[0] * b.growth[0] // gcd(a.growth[0], b.growth[0])
    alike = a.growth == b.growth and all(
        at(a, {"H": extent}) == at(b, {"H": extent}) for extent in range(1, min(period, 2000) + 1)
    )
    assert (a == b) == alike
    assert a != b or (hash(a) == hash(b) and str(a) == str(b))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (H, "H"),
        ((H + 6 - 7) // 2 + 1, "⌊(H − 1)/2⌋ + 1"),
        (((H + 6 - 7) // 2 + 1 + 2 - 3) // 2 + 1, "⌊(H − 1)/4⌋ + 1"),
        ((H + 3 - 11) // 4 + 1, "⌊(H − 8)/4⌋ + 1"),
        ((H - 2) // 2 + 1, "⌊H/2⌋"),
        (2 * (H // 2), "2·⌊H/2⌋"),
        (2 * (H // 2) + 1, "2·⌊H/2⌋ + 1"),
        ((2 * H) // 2, "H"),
        ((2 * H + 1) // 2, "H"),
        ((4 * H + 3) // 2, "2·H + 1"),
        (4 * (H // 2) // 2, "2·⌊H/2⌋"),
        ((3 * (H // 2)) // 2, "⌊H/2⌋ + ⌊H/4⌋"),
        ((3 * (H // 2) + 2 * W) // 5, "⌊(3·⌊H/2⌋ + 2·W)/5⌋"),
        (H % 2, "H − 2·⌊H/2⌋"),
        (5 - H // 2, "−⌊H/2⌋ + 5"),
        (H + W, "H + W"),
        ((H + W) // 2, "⌊(H + W)/2⌋"),
        (H - H, "0"),
        (64 * 9 * H * W + 10, "576·H·W + 10"),
        (((H - 1) // 2 + 1) * 8, "8·⌊(H − 1)/2⌋ + 8"),
        (8 * ((H - 1) // 2 + 1) * ((W - 1) // 2 + 1), "8·(⌊(H − 1)/2⌋ + 1)·(⌊(W − 1)/2⌋ + 1)"),
    ],
)
def test_sizes_as_text(size: object, text: str) -> None:
    assert str(size) == text


def test_what_has_no_answer_without_the_input_raises() -> None:
    for ask in (
        lambda: H < 3,
        lambda: H >= W,
        lambda: bool(H),
        lambda: int(H),
        lambda: 3 // H,
        lambda: H / 2,
    ):
        with pytest.raises(OpenSize):
            ask()
    for ask in (lambda: H // 0, lambda: H // -2, lambda: H // W, lambda: H * 1.5, lambda: range(H)):
        with pytest.raises(OpenSize):
            ask()


def test_sizes_of_different_inputs_differ() -> None:
    assert Domain().extent("H") != H
    assert DOMAIN.extent("H") == H
    assert str(unknown_size() + 1) == "?"


def test_a_formula_of_one_size_keeps_it() -> None:
    assert str(formula(2 * H - 4)) == "2·(H − 2)"
    assert isinstance(formula(H) * W, Formula)
    assert (formula(H) * W) // 1 == formula(W) * H
    with pytest.raises(OpenSize):
        _ = (formula(H) * W) // 2


@settings(max_examples=200)
@given(expressions, expressions)
def test_one_size_covers_another(one: Expression, other: Expression) -> None:
    """Where it says so; it may give up."""
    a, b = one(H, H), other(H, H)
    if covers(a, b):
        for extent in range(1, 300):
            x, y = at(a, {"H": extent}), at(b, {"H": extent})
            assert x >= y or min(x, y) < 1


def test_a_map_covers_its_strided_copies() -> None:
    assert covers(H, (H - 1) // 3 + 1)
    assert covers(H - 4, (H - 5) // 3 + 1)
    assert covers(H, 2 * (H // 2))
    assert covers(H, 1)
    assert covers(H, H)
    assert not covers((H - 1) // 3 + 1, H)
    assert not covers(H, W)
    assert not covers((H + 1) // 2, 2 * ((H + 2) // 4))


# ---- the layers' rules


def outputs(kind: str, extents: tuple[Any, ...], **arguments: Any) -> tuple[Any, ...]:
    layer = bind(KINDS[kind], len(extents), [], arguments)
    sizes: tuple[Any, ...] = layer.output(Shape(1, extents)).extents
    return sizes


WINDOWS = [*product((1, 2, 3, 5, 7), (1, 2, 3, 4), (0, 1, 2, 3), (1, 2))]


@pytest.mark.parametrize(("kernel", "stride", "pad", "dilation"), WINDOWS)
def test_windows_keep_the_closed_form(kernel: int, stride: int, pad: int, dilation: int) -> None:
    start = (H + 1) // 3 + 2  # behind other layers
    calls: list[tuple[str, dict[str, Any]]] = [
        ("CONV", {"filters": 1, "kernel": kernel, "pad": pad}),
        ("CONV", {"filters": 1, "kernel": kernel, "pad": "same"}),
    ]
    if pad <= kernel // 2:
        calls += [("POOL", {"window": kernel, "pad": pad, "ceil": up}) for up in (False, True)]
    for kind, arguments in calls:
        arguments |= {"stride": stride, "dilation": dilation}
        (size,) = outputs(kind, (start,), **arguments)
        assert str(size).count("⌊") == 1
        for extent in range(36, 66):
            assert (at(size, {"H": extent}),) == outputs(kind, (at(start, {"H": extent}),), **arguments)


def test_same_padding_is_what_the_stride_leaves_over() -> None:
    for kernel, stride, dilation in product((1, 2, 3, 4, 6), (1, 2, 3, 5, 8), (1, 2)):
        pair: Any = same_padding(H, kernel, dilation, stride)  # type: ignore[arg-type]
        for extent in range(1, 40):
            numbers = Pair(*(at(size, {"H": extent}) for size in pair))
            assert numbers == same_padding(extent, kernel, dilation, stride)


def ceil_by_definition(extent: int, pad: int, span: int, stride: int) -> int:
    """⌈(n + 2p − span)/s⌉ + 1, less one if the last window would start in the padding behind."""
    found = ceil((extent + 2 * pad - span) / stride) + 1
    return found - 1 if (found - 1) * stride >= extent + pad else found


def test_rounding_up_is_one_rounding() -> None:
    for kernel, dilation, stride in product(range(1, 8), range(1, 4), range(1, 9)):
        span = dilation * (kernel - 1) + 1
        for pad, extent in product(range(kernel // 2 + 1), range(1, 40)):
            axis = Axis(extent, Pair(pad, pad), kernel, dilation, stride, ceil=True)
            assert axis.outputs == ceil_by_definition(extent, pad, span, stride), axis


@pytest.mark.parametrize(
    ("kind", "given", "text"),
    [
        ("TCONV", {"filters": 1, "kernel": 2, "stride": 2}, "2·⌊H/2⌋"),
        ("UPSAMPLE", {"scale": 2}, "2·⌊H/2⌋"),
        ("UPSAMPLE", {"scale": 3}, "3·⌊H/2⌋"),
        ("PAD", {"pad": 1}, "⌊(H + 2)/2⌋ + 1"),
        ("CROP", {"pad": 1}, "⌊(H − 6)/2⌋ + 1"),
    ],
)
def test_what_makes_maps_grow_stays_nested(kind: str, given: dict[str, Any], text: str) -> None:
    (half,) = outputs("POOL", (H,), window=2)
    (size,) = outputs(kind, (half,), **given)
    assert str(size) == text


def test_a_stride_that_divides_takes_the_nesting_away() -> None:
    (up,) = outputs("UPSAMPLE", (H,), scale=4)
    assert outputs("POOL", (up,), window=2) == (2 * H,)
    assert outputs("POOL", (up,), window=4) == (H,)
    assert outputs("CONV", (up,), filters=1, kernel=3, stride=2, pad=1) == (2 * H,)
    (odd,) = outputs("POOL", (up,), window=3)
    assert str(odd) == "H + ⌊H/3⌋"
    (half,) = outputs("POOL", (H,), window=2)
    (back,) = outputs("UPSAMPLE", (half,), scale=2)
    assert outputs("POOL", (back,), window=2) == (half,)


def test_a_size_is_as_quick_as_it_can_be_where_it_is_a_number() -> None:
    """Integers stay integers: there is no wrapping of numbers."""
    for kind, name in (("CONV", "kernel"), ("POOL", "window"), ("UPSAMPLE", "scale")):
        arguments = {"filters": 1} if kind == "CONV" else {}
        assert all(type(size) is int for size in outputs(kind, (8, 9), **arguments, **{name: 2}))


def test_the_domain_keeps_each_requirement_once() -> None:
    domain = Domain()
    size = domain.extent("H")
    assert isinstance(size, Size)
    for _ in range(3):
        outputs("CONV", (size, size), filters=1, kernel=5)
    assert [str(relation.size) + relation.sign for (relation,) in domain.requirements] == ["H − 5≥"]
