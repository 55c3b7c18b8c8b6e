"""What the strategy yields: how much of it is valid, and whether anything of the language is missing."""

from __future__ import annotations

from collections import Counter
from functools import cache

from hypothesis import given, seed, settings

from oracle.run import DELIBERATE, Trace, run
from oracle.signature import KINDS
from oracle.strategies import networks
from oracle.tree import Net, constructs

EXAMPLES = 500
CONSTRUCTS = {
    "Call", "Chain", "Claim", "Default", "Guard", "Guard else", "Label", "Label index", "Layer", "Maybe",
    "Parallel +", "Parallel |", "Parallel ⊙", "Repeat Below", "Repeat Count", "Repeat FreeCount",
    "Repeat Over", "Tap", "Tap index", "bare Layer", "block default", "block parameter", "let",
    "net parameter", "output",
}  # fmt: skip


@cache
def sample() -> list[tuple[Net, Trace]]:
    """The first examples of one seed, each with its verdict."""
    found: list[tuple[Net, Trace]] = []

    @seed(2012)
    @settings(max_examples=EXAMPLES, database=None, deadline=None)
    @given(networks())
    def collect(net: Net) -> None:
        found.append((net, run(net)))

    collect()
    return found


def valid() -> list[tuple[Net, Trace]]:
    return [(net, trace) for net, trace in sample() if trace.ok]


def test_about_half_are_valid() -> None:
    assert len(sample()) >= EXAMPLES
    assert 0.4 <= len(valid()) / len(sample()) <= 0.7


def test_every_kind_and_join_occurs_in_a_valid_network() -> None:
    rows = Counter(row.kind for _, trace in valid() for row in trace.rows)
    assert {*KINDS, "|", "+", "⊙"} - set(rows) == set()


def test_every_construct_occurs_in_a_valid_network() -> None:
    assert set().union(*(constructs(net) for net, _ in valid())) == CONSTRUCTS


def test_every_rank_occurs() -> None:
    ranks = Counter(len(trace.rows[0].shape) - 1 for _, trace in valid())
    assert set(ranks) == {0, 1, 2, 3}


def test_most_are_of_a_size_worth_reading() -> None:
    lengths = sorted(len(trace.rows) for _, trace in valid())
    assert lengths[len(lengths) // 2] >= 5
    assert lengths[-1] <= 80


def test_faults_are_of_many_sorts() -> None:
    """Most exceptions of the table come up by chance, and most kinds are refused by torch."""
    refused = [trace.failure for _, trace in sample() if trace.failure]
    assert len({f.deliberate for f in refused if f.deliberate} & {row.name for row in DELIBERATE}) >= 8
    assert len({f.where for f in refused if not f.deliberate}) >= 10


def test_the_meta_device_counts_what_the_cpu_runs() -> None:
    for net, trace in valid()[::2]:
        on_meta = run(net, "meta")
        assert (on_meta.rows, on_meta.parts, on_meta.failure) == (trace.rows, trace.parts, None)


def test_nothing_is_left_free_on_request() -> None:
    @settings(max_examples=100, database=None, deadline=None, derandomize=True)
    @given(networks(free=False))
    def check(net: Net) -> None:
        assert not net.is_family

    check()
