"""Each printed equation is computed again, for layers drawn by hypothesis: `lhs = rhs`, by Python."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from explain_help import value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layer_draws import arguments, shapes

from cnndsl.diagnostics import Problem
from cnndsl.explain.costs import costs
from cnndsl.explain.fields import field
from cnndsl.explain.formula import Fact, Formula, worked
from cnndsl.explain.kinds import ROWS, rule
from cnndsl.layers import KINDS, Layer, Reach, bind
from cnndsl.shape import Shape


def holds(formula: Formula) -> bool:
    return value(formula.numbers) == value(formula.result)


#: What arrives has seen windows, or behind a layer that makes maps grow has units of two kinds.
REACHES = st.integers(1, 2).flatmap(
    lambda period: st.builds(
        Reach,
        st.tuples(*[st.integers(-9, 0)] * period),
        st.tuples(*[st.integers(0, 9)] * period),
        st.integers(1, 8),
    )
)


def drawn(data: st.DataObject, kind: str) -> tuple[Layer, Shape, Shape] | None:
    """A layer of the kind with the shapes around it; None where it refuses what arrives."""
    x = data.draw(shapes())
    named: dict[str, Any] = data.draw(arguments(kind, x))
    if kind == "INPUT":
        named = {"shape": x}
    try:
        layer = bind(KINDS[kind], x.rank, [], named)
        return layer, x, layer.output(x)
    except Problem:
        return None


def facts(layer: Layer, x: Shape, y: Shape, before: tuple[Reach, ...] | None) -> Iterator[Fact]:
    from cnndsl.analysis.fields import through

    yield from ROWS[layer.kind].sizes(layer, x, y)
    yield from costs(layer, x, y)
    yield from field(layer, x, before, through(before, layer.field(x)))


def test_every_kind_has_a_row() -> None:
    assert {kind.kind for kind in KINDS.values()} == ROWS.keys()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_every_equation_holds(kind: str, data: st.DataObject) -> None:
    made = drawn(data, kind)
    if made is None:
        return
    layer, x, y = made
    before = tuple(data.draw(REACHES) for _ in range(x.rank)) if x.rank else None
    found = list(facts(layer, x, y, before))
    for fact in found:
        assert fact.label or fact.text
        if fact.formula:
            assert holds(fact.formula), str(fact.formula)
    assert rule(layer)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_results_are_those_of_the_rules(kind: str, data: st.DataObject) -> None:
    made = drawn(data, kind)
    if made is None:
        return
    layer, x, y = made
    found = {fact.label: value(fact.formula.result) for fact in costs(layer, x, y) if fact.formula}
    assert found.get("weights", 0) == layer.weights(x)
    assert found.get("biases", 0) == layer.biases(x)
    assert found.get("neurons", 0) == layer.neurons(y)
    assert found.get("MACs", 0) == layer.macs(x, y)
    assert found.get("operations", 0) == layer.operations(x, y)
    if layer.macs(x, y):
        assert found["FLOPs"] == 2 * layer.macs(x, y) + layer.operations(x, y)


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("(W + 2p − w)/s + 1", {"W": 227, "p": 0, "w": 11, "s": 4}, "(227 + 2·0 − 11)/4 + 1"),
        ("D·w·h·C", {"D": 96, "w": 11, "h": 11, "C": 3}, "96·11·11·3"),
        ("a − p·j", {"a": -3, "p": 1, "j": Fraction(1, 2)}, "(−3) − 1·(1/2)"),
        ("C/f²", {"C": 64, "f": 2}, "64/2²"),
        ("max(0, W)", {"W": 34848}, "max(0, 34 848)"),
    ],
)
def test_letters_become_numbers(template: str, values: dict[str, Any], text: str) -> None:
    assert worked(template, values, 0).numbers == text


def test_a_wrong_equation_is_seen() -> None:
    assert holds(Formula("", "96·11·11·3", "34 848"))
    assert not holds(Formula("", "96·11·11·3", "34 849"))
    assert holds(Formula("", "⌊(224 + 2·0 − 11)/4⌋ + 1", "54"))
    assert not holds(Formula("", "(224 + 2·0 − 11)/4 + 1", "54"))
