"""The formatter on random programs of the oracle: `pytest -m long` tries many more."""

from __future__ import annotations

import random

import pytest
from format_help import invariants, tree, untidy
from hypothesis import given, settings
from oracle.strategies import networks
from oracle.tree import Net

from cnndsl.api import check
from cnndsl.formatting import fmt


def laid_out(made: Net) -> None:
    """The tree, the comments and the report stay; so they do with the white space drawn at random."""
    text = made.text()
    found = invariants(text)
    invariants(untidy(text, random.Random(text)))
    before, after = check(text), check(found)
    assert [one.code for one in before.diagnostics] == [one.code for one in after.diagnostics]
    assert not before.ok or [one.totals for one in before.networks] == [one.totals for one in after.networks]


def claimed(made: Net) -> None:
    """What is annotated checks; without its claims it is what it was, and gets the same ones again."""
    before = check(made.text())
    if not before.ok:
        return
    bare = fmt(made.text(), strip=True)
    full = fmt(bare, annotate=True)
    after = check(full)
    assert after.ok, full
    assert [one.totals for one in before.networks] == [one.totals for one in after.networks]
    assert tree(fmt(full, strip=True)) == tree(bare)
    assert fmt(fmt(full, strip=True), annotate=True) == fmt(full, annotate=True) == full
    assert check(fmt(made.text(), annotate=True)).ok


@settings(max_examples=100, deadline=None)
@given(networks())
def test_random_programs(made: Net) -> None:
    laid_out(made)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_random_claims(made: Net) -> None:
    claimed(made)


@pytest.mark.long
@settings(max_examples=3_000, deadline=None)
@given(networks())
def test_many_random_programs(made: Net) -> None:
    laid_out(made)
    claimed(made)
