"""Every step of every shipped network and of every test program can be explained, and its equations hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from explain_help import value
from test_cases import PROGRAMS, run

from cnndsl.api import check, read_source, shipped
from cnndsl.explain.explanation import Explanation
from cnndsl.explain.find import find, paths
from cnndsl.explain.formula import Formula
from cnndsl.explain.step import explain
from cnndsl.network import Network
from cnndsl.render.explained import explained
from cnndsl.render.text import plain
from cnndsl.render.traced import traced

#: Paths of one network that are looked at.
MOST = 80


def explanations(network: Network) -> Iterator[Explanation]:
    for path in paths(network)[:MOST]:
        yield explain(network, path)


def formulas(explanation: Explanation) -> Iterator[tuple[Formula, bool]]:
    """All formulas, and whether each is exact; how weights start is told to four digits."""
    for section in explanation.sections:
        for fact in section.facts:
            if fact.formula:
                yield fact.formula, section.title != "Weights at the start"


@pytest.mark.parametrize("name", shipped())
def test_shipped_networks(name: str) -> None:
    network = check(read_source(name)).networks[0]
    assert all(plain(line) is not None for line in traced(network, 100))
    for explanation in explanations(network):
        assert explanation.sections
        assert [*explained(explanation, 80)]
        for formula, exact in formulas(explanation):
            worked, told = value(formula.numbers), value(formula.result)
            slack = 0 if exact else abs(worked) / 2000
            assert abs(worked - told) <= slack, f"{explanation.title}: {formula}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_all_programs_good_and_bad(name: str) -> None:
    for network in run(PROGRAMS[name]).networks:
        assert [*traced(network, None)]
        for explanation in explanations(network):
            text = "\n".join(plain(line) for line in explained(explanation, None))
            assert explanation.title in text


@pytest.mark.parametrize("name", shipped())
def test_the_numbers_are_those_of_the_table(name: str) -> None:
    network = check(read_source(name)).networks[0]
    for path in paths(network)[:MOST]:
        row = find(network, path).row
        if row is None or row.kind == "FLATTEN":
            continue
        found = {
            fact.label: fact.formula.result
            for section in explain(network, path).sections
            for fact in section.facts
            if fact.formula
        }
        for label, count in (("weights", row.totals.weights), ("MACs", row.totals.macs)):
            assert value(found.get(label, "0")) == count, path
