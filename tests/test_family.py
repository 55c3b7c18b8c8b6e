"""Families: every member is what `check` makes of it, all of them are there, in the order that is told."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from math import prod
from typing import Any

import pytest
from family_help import FAMILIES, checked, families, told
from hypothesis import HealthCheck, given
from hypothesis import settings as how

import cnndsl
from cnndsl.analysis.family import Family, Member
from cnndsl.api import SpecError
from cnndsl.elaborate.shared import Kept
from cnndsl.families import family, opened, selected
from cnndsl.source import Source


def opened_text(text: str, **options: Any) -> Family:
    return opened(Source("f", text), **options)


def members(text: str, **options: Any) -> list[Member]:
    return [*family(Source("f", text), **options)]


def agree(text: str, **options: Any) -> list[Member]:
    """All members, each of which is what `check` says."""
    open_ = opened_text(text, **options)
    found = [*selected(open_).members()]
    for member in found:
        choices = [choice.name for choice in open_.open(member.variant)]
        assert told(member) == checked(open_.program, member, choices), member.values
    return found


# ---- each member


@pytest.mark.parametrize("name", FAMILIES)
def test_members_are_what_check_says(name: str) -> None:
    found = agree(FAMILIES[name])
    assert any(member.ok for member in found)
    again = [told(member) for member in reversed(members(FAMILIES[name]))]
    assert again[::-1] == [told(member) for member in found]


@how(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(families())
def test_members_of_random_families_are_what_check_says(text: str) -> None:
    agree(text, settings="k=1,3, n=0..2, w=3,4")


@pytest.mark.long
@how(max_examples=500, deadline=None)
@given(families())
def test_members_of_many_random_families_are_what_check_says(text: str) -> None:
    agree(text)


def test_a_member_is_what_check_shows() -> None:
    """By the way of a user: the report of one member against its row."""
    (member,) = members(FAMILIES["pattern"], settings="N=2, M=2, K=1, pool1=yes")
    report = cnndsl.check(FAMILIES["pattern"], settings="N=2, M=2, K=1, pool1=yes")
    (network,) = report.networks
    assert (member.totals, member.output) == (network.totals, network.output)
    (member,) = members(FAMILIES["pattern"], settings="N=2, M=5, K=1, pool1=yes")
    (found,) = cnndsl.check(FAMILIES["pattern"], settings="N=2, M=5, K=1, pool1=yes").diagnostics
    assert member.reason == f"{found.code}: {found.message}"


def test_parts_named_after_a_parameter() -> None:
    """`Act?` is called after what Act is; it stays one choice of the family."""
    text = "net A(Act = ReLU in {ReLU, TANH})\nINPUT(1@4x4) → CONV(2, 3) → Act? → [Act → ReLU]? → FC(2)"
    found = members(text)
    assert [[*member.values.values()][1:] for member in found[:4]] == [
        [True, True],
        [True, False],
        [False, True],
        [False, False],
    ]
    layers = [member.totals.layers for member in found if member.totals]
    assert layers == [6, 4, 5, 3] * 2


# ---- all of them, in order


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in {"dependent", "variants"}])
def test_the_members_are_the_product_of_the_domains(name: str) -> None:
    open_ = opened_text(FAMILIES[name])
    domains = [[*itertools.chain(*(choice.values or ()))] for choice in open_.choices]
    names = [choice.name for choice in open_.choices]
    found = [tuple(member.values[name] for name in names) for member in selected(open_).members()]
    assert found == [*itertools.product(*domains)]
    assert open_.number == len(found) == prod(map(len, domains))


def test_a_domain_may_depend_on_another_parameter() -> None:
    open_ = opened_text(FAMILIES["dependent"])
    found = [(member.values["n"], member.values["k"]) for member in selected(open_).members()]
    assert found == [(n, k) for n in range(4) for k in range(n + 1)]
    assert open_.number is None


def test_variants_come_one_after_the_other() -> None:
    found = [
        (member.variant, member.values["w"], member.values["p"]) for member in members(FAMILIES["variants"])
    ]
    each = [*itertools.product(range(1, 4), range(2))]
    expected: list[Any] = [("A", *one) for one in each]
    expected += [("B", 3, p) for p in range(2)]  # it says what w is
    assert found == expected + [("C", *one) for one in each]
    set_ = members(FAMILIES["variants"], settings="w=3, n=(1, 1)", variants=["B"])
    assert [(member.values["n"], member.values["w"]) for member in set_] == [((1, 1), 3)] * 2


def test_variants_of_which_all_is_set_are_one() -> None:
    found = members(FAMILIES["variants"], settings="n=(1, 2), w=1..2")
    assert [(member.variant, member.name, member.values["w"]) for member in found[::2]] == [
        (None, "V", 1),
        (None, "V", 2),
    ]
    whole = members(FAMILIES["variants"], settings="n=(1, 2), w=1..2", variants=["B"])
    assert [told(member) for member in found] == [told(member) for member in whole]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("N=1, M=2, K=0, pool1=yes", [(1, True, 2, 0)]),
        ("N=0..2, M=1, K=0, pool1=no", [(n, False, 1, 0) for n in range(3)]),
        (
            "K=4, 2, 0..1, N=1, M=1, pool1=no, yes",
            [(1, p, 1, k) for p in (False, True) for k in (4, 2, 0, 1)],
        ),
        ("N=10..10, M=0, K=0, pool1=yes", [(10, True, 0, 0)]),
    ],
)
def test_settings_name_the_values_in_their_order(settings: str, expected: list[Any]) -> None:
    found = members(FAMILIES["pattern"], settings=settings)
    assert [tuple(member.values[name] for name in ("N", "pool1", "M", "K")) for member in found] == expected


def test_counts_run_as_far_as_the_lecture_says() -> None:
    open_ = opened_text(FAMILIES["pattern"])
    domains = {choice.name: choice.values for choice in open_.choices}
    assert domains == {"N": (range(4),), "pool1": ((True, False),), "M": (range(6),), "K": (range(3),)}
    assert [choice.name for choice in open_.choices if choice.assumed] == ["M"]


# ---- conditions, order, limit


@pytest.mark.parametrize(
    "where",
    [
        "params <= 2000",
        "rf >= 8 and macs < 50_000",
        "N == 2 or not pool1",
        "params/(M + 1) > 500",
        "N == 1 or H == 8",
    ],
)
@pytest.mark.parametrize("sort", ["", "macs", "-params", "rf*10 - K"])
@pytest.mark.parametrize("limit", [None, 1, 7])
def test_conditions_and_order_are_those_of_the_whole_list(where: str, sort: str, limit: int | None) -> None:
    whole = [member for member in members(FAMILIES["pattern"]) if _holds(where, member)]
    if sort:
        whole.sort(key=lambda member: _key(sort, member))
    found = members(FAMILIES["pattern"], where=where, sort=sort, limit=limit)
    assert [member.values for member in found] == [member.values for member in whole[:limit]]


def _names(member: Member) -> dict[str, Any]:
    """What a condition can ask of a member, in Python."""
    known = dict(member.values)
    if member.totals and member.output and member.last.sights:
        known |= {name: getattr(member.totals, name) for name in ("params", "macs")}
        known |= {"rf": member.last.sights[0].size, "C": member.output.channels}
    return known


def _holds(where: str, member: Member) -> bool:
    try:
        return bool(eval(where, {}, _names(member)))  # noqa: S307 - Python reads these conditions alike
    except NameError:
        return False


def _key(sort: str, member: Member) -> tuple[bool, float]:
    """Members without an answer come last."""
    try:
        return False, eval(sort, {}, _names(member))  # noqa: S307
    except NameError:
        return True, 0


def test_only_valid_or_invalid_ones() -> None:
    everyone = members(FAMILIES["pattern"])
    for only in ("valid", "invalid"):
        found = members(FAMILIES["pattern"], only=only)
        assert [one.values for one in found] == [m.values for m in everyone if m.ok == (only == "valid")]


def test_members_without_the_step_that_is_asked_for_do_not_pass() -> None:
    selection = selected(opened_text(FAMILIES["pattern"]), where="conv1.macs > 0")
    found = [*selection.members()]
    assert found
    assert all(member.values["N"] and member.values["M"] for member in found)
    question = selection.where
    assert question
    assert question.answered == len(found)
    assert question.unanswered == selection.tally.valid - len(found)
    assert question.fault
    assert question.fault.message == "there is no `conv1` in Net"


def test_a_search_ends_when_it_is_told_to() -> None:
    selection = selected(opened_text(FAMILIES["pattern"], settings="M=0..100000"), sort="params")
    selection.look = lambda tally: setattr(selection, "stopped", tally.seen == 100)
    found = [*selection.members()]
    assert selection.tally.seen == 100
    assert selection.ended_early
    assert len(found) == 100
    assert found[0].totals == min(member.totals for member in found if member.totals)


# ---- as many as one likes


def _peak(settings: str) -> int:
    """The memory that a search through so many members takes at most."""
    text = "net F(a = 1 in 1..99, b = 1 in 1..49)\nINPUT(1@9x9) → CONV(a, 3) → CONV(b, 3) → FC(2)"
    open_ = opened_text(text, settings=settings)
    open_._members.nodes = Kept(40)
    gc.collect()
    tracemalloc.start()
    found = [*selected(open_, where="macs > 10", sort="-params", limit=3).members()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 3
    return peak


def test_memory_does_not_grow_with_the_members() -> None:
    """A network kept for each of 1 800 members would take 5 MB; Python keeps some hundred KB at hand."""
    _peak("a=1..2")
    assert _peak("a=1..40") < _peak("a=1..4") + 1_000_000


def test_a_range_is_not_written_out() -> None:
    found = family(Source("f", FAMILIES["pattern"]), settings="M=0..1_000_000_000_000, N=0..1_000_000_000")
    tracemalloc.start()
    assert [member.values["K"] for member in itertools.islice(found, 4)] == [0, 1, 2, 0]
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


# ---- what is wrong with a file, or with what is asked


@pytest.mark.parametrize(
    ("options", "code", "at", "message", "hint"),
    [  # the hint as it starts
        ({"where": "parms <= 5"}, "undefined", "parms", "there is no `parms` to ask for", "did you mean"),
        ({"where": "params"}, "argument-type", "params", "a condition is needed, this is", "compare"),
        ({"where": "params <"}, "syntax", "<", "the text ends here", "a name or a number"),
        ({"where": "params = 5"}, "syntax", "=", "`=` cannot stand here", "a comparison is written =="),
        ({"where": "params <= yes"}, "argument-type", "params <= yes", "a number is needed, this is", ""),
        ({"where": "not 3"}, "argument-type", "not 3", "a condition is needed, this is 3", ""),
        ({"sort": "pool1"}, "argument-type", "pool1", "members are sorted by a number", "--sort"),
        ({"sort": "foo"}, "undefined", "foo", "there is no `foo` to ask for", "there are params, weights"),
        ({"sort": "mac"}, "undefined", "mac", "there is no `mac` to ask for", "did you mean macs?"),
        ({"settings": "Q=1"}, "undefined", "Q=1", "there is no `Q` to set", "there is N, pool1, M, K to set"),
        ({"settings": "N=x"}, "undefined", "x", "`x` is not defined", ""),
        ({"settings": "N=3..1"}, "argument-value", "3..1", "the range is empty: 3 is more than 1", ""),
        ({"settings": "N=0..2.5"}, "argument-type", "2.5", "a range runs over whole numbers, this is", ""),
        ({"settings": "N=1, 0..3"}, "repeated-argument", "0..3", "`0..3` is among the values before it", ""),
        ({"settings": "N=1, N=2"}, "repeated-argument", "N=2", "`N` is given twice", "N=1,2 names two"),
        ({"settings": "1, 2"}, "too-many-arguments", "1", "values follow the name that they are", "--set"),
        ({"settings": "N=-1"}, "repeat-count", "N=-1", "N is a whole number of 0 or more, not -1", ""),
        ({"settings": "pool1=0..1"}, "argument-type", "pool1=0..1", "pool1 is yes or no, not 0", ""),
        ({"settings": "N=1.."}, "syntax", ".", "the text ends here", "a name or a number"),
        ({"input": "3@HxW"}, "symbolic-size", "INPUT(3@16x16)", "members of a family are", "give the"),
        ({"input": "3@0x3"}, "argument-value", "3@0x3", "", ""),
        ({"variants": ["A"]}, "undefined", "A", "f has no variants", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_what_is_asked(
    options: dict[str, Any], code: str, at: str, message: str, hint: str
) -> None:
    """Each with the place in the option's text."""
    with pytest.raises(SpecError) as error:
        members(FAMILIES["pattern"], **options)
    (found,) = error.value.diagnostics
    assert (found.code, found.span.text) == (code, at)
    assert found.message.startswith(message)
    assert any(one.startswith(hint) for one in found.hints) or not hint


@pytest.mark.parametrize(
    ("text", "settings", "code", "at"),
    [
        ("net D(k = 1 in {1, 2})\nINPUT(1@9x9) → CONV(2, k)", "k=1..3", "argument-value", "k=1..3"),
        ("net D(k = 1 in 1..5)\nINPUT(1@9x9) → CONV(2, k)", "k=3..7", "argument-value", "k=3..7"),
        ("net D(k = 1 in 5..1)\nINPUT(1@9x9) → CONV(2, k)", "", "argument-value", "5..1"),
        ("net D(k = 1 in 1..2.5)\nINPUT(1@9x9) → CONV(2, k)", "", "argument-type", "2.5"),
        ("INPUT(1@9x9) → CONVV(2, 3)*N", "", "unknown-layer", "CONVV"),
        ("INPUT(1@9x9) → CONV(2, ?)*N", "", "hole", "?"),
        ("INPUT(1@HxW) → CONV(2, 3)*N", "", "symbolic-size", "INPUT(1@HxW)"),
        ("INPUT(1@9x9) CONV(2, 3)*N", "", "missing-arrow", "CONV(2, 3)*N"),
    ],
)
def test_what_is_wrong_with_a_file(text: str, settings: str, code: str, at: str) -> None:
    with pytest.raises(SpecError) as error:
        members(text, settings=settings)
    (found,) = error.value.diagnostics
    assert (found.code, found.span.text) == (code, at)


def test_a_value_outside_a_domain_that_depends_is_a_member_with_an_error() -> None:
    found = members(FAMILIES["dependent"], settings="n=0..1, k=0..1")
    assert [member.ok for member in found] == [True, False, True, True]
    assert found[1].reason == "argument-value: `k` is a whole number from 0 to 0, not 1"
