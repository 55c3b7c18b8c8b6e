"""Random networks: every step can be explained, its equations hold, its numbers are the table's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain_help import value
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle.strategies import networks

from cnndsl.analysis.rows import rows
from cnndsl.api import check
from cnndsl.explain.step import explain
from cnndsl.render.explained import explained
from cnndsl.render.text import plain
from cnndsl.render.traced import traced

if TYPE_CHECKING:
    from oracle.tree import Net

    from cnndsl.analysis.rows import Row
    from cnndsl.network import Network

EVERY = settings(
    database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
#: Steps of one network that are looked at.
MOST = 12


@seed(1998)
@settings(EVERY, max_examples=200)
@given(networks())
def test_random_networks(net: Net) -> None:
    report = check(net.text())
    for network in report.networks[:1]:
        assert [plain(line) for line in traced(network, 100)]
        for row in [*rows(network, expand=True)][:MOST]:
            if row.kind != "?":
                compare(network, row)


def compare(network: Network, row: Row) -> None:
    explanation = explain(network, row.path)
    assert [plain(line) for line in explained(explanation, 80)]
    found = {}
    for section in explanation.sections:
        for fact in section.facts:
            if fact.formula:
                found[fact.label] = value(fact.formula.result)
                assert value(fact.formula.numbers) == found[fact.label], f"{row.path}: {fact.formula}"
    if explanation.sections and row.kind != "FLATTEN":
        assert found.get("weights", 0) == row.totals.weights
        assert found.get("biases", 0) == row.totals.biases
        assert found.get("MACs", 0) == row.totals.macs
        assert found.get("operations", 0) == row.totals.operations
