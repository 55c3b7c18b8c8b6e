"""Cutting a failing network down to what fails."""

from __future__ import annotations

from oracle.run import run
from oracle.shrink import smallest
from oracle.tree import Count, Label, Net, Num, Repeat, Tap
from oracle.trees import chain, join, net, step


def rejects_a_pool(found: Net) -> bool:
    trace = run(found)
    return trace.failure is not None and trace.failure.where == "POOL"


def test_only_the_cause_is_left() -> None:
    large = step("POOL", op="avg", window=9, stride=2, count_pad=False)
    body = Repeat(join("+", chain(step("BN"), large), step("ID")), Count(Num(2)))
    found = smallest(net("3@8x8", step("ReLU"), body, step("FC", outputs=3)), rejects_a_pool)
    assert found.text() == "INPUT(3@8x8) → POOL(9)\n"


def test_a_cut_that_takes_a_name_away_is_not_made() -> None:
    def taps(found: Net) -> bool:
        return len(run(found).rows) > 3 and "e1" in found.text()

    skip = net("3@8x8", Label(step("ReLU"), "e1"), step("BN"), join("|", step("ID"), Tap("e1")), step("GAP"))
    assert run(smallest(skip, taps)).ok
