"""A report for a terminal: title, table and what there is to say below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnndsl.render import summary
from cnndsl.render.table import GAP, WIDEST, broken, table
from cnndsl.render.text import Line, aligned

if TYPE_CHECKING:
    from cnndsl.api import Report
    from cnndsl.network import Network


def report(
    found: Report, *, expand: bool, each: bool, limit: int | None, fixed: bool = False
) -> Iterator[Line]:
    """The lines of a report: a table for each network if `each`, else several in a line each.

    `fixed` tells the inputs that a module built for this one accepts as well. `limit` is the width of
    the window, None where there is none.
    """
    networks = found.networks
    if each or len(networks) == 1:
        for number, network in enumerate(networks):
            yield from [[]] * bool(number)
            yield from _network(network, expand=expand, limit=limit, fixed=fixed)
    elif found.program:
        yield from _title(summary.family_title(found.program), summary.doc(found.program), limit)
        yield from _variants(networks)
    yield from _assumed(networks)
    yield from _free(networks)


def _network(network: Network, *, expand: bool, limit: int | None, fixed: bool) -> Iterator[Line]:
    yield from _title(summary.title(network), summary.doc(network.program), limit)
    with summary.named_sizes(network) as names:
        yield from table(network, expand=expand, limit=limit)
        yield []
        if names:
            yield from aligned(names)
            yield []
        yield from _totals(network, limit, fixed=fixed)


def _totals(network: Network, limit: int | None, *, fixed: bool) -> Iterator[Line]:
    if not network.known:
        yield [(summary.NO_TOTALS, "error")]
        return
    yield from _pairs([*summary.facts(network), *summary.inputs(network, fixed=fixed)], limit)
    if more := summary.further(network):
        yield from ([], [(more, "total")])
        yield from _pairs(summary.sums(network.all_totals), limit)


def _pairs(facts: Sequence[tuple[str, str]], limit: int | None) -> list[Line]:
    """Names and what they are, a sum that is too long in two lines."""
    room = (limit or WIDEST) - GAP - max(len(name) for name, _ in facts)
    rows = [
        (name * (number == 0), line)
        for name, text in facts
        for number, line in enumerate(broken(text, " = ", room))
    ]
    return aligned(rows, styles=("total",))


def _title(title: str, doc: list[str], limit: int | None) -> Iterator[Line]:
    yield from ([(line, "title")] for line in _wrapped(title, limit))
    for text in doc:
        yield from ([(line, "faint")] for line in _wrapped(text, limit))
    yield []


def _wrapped(text: str, limit: int | None) -> list[str]:
    if limit is None or len(text) <= limit:
        return [text]
    import textwrap

    return textwrap.wrap(text, limit)


def _variants(networks: Sequence[Network]) -> Iterator[Line]:
    each = summary.variants(networks)
    yield from aligned([summary.VARIANT, *each], right=summary.VARIANT_NUMBERS, head=True, styles=("total",))
    yield from ([], [(f"--variant {networks[-1].name}", "hint"), (" shows its layers", "")])


def _assumed(networks: Sequence[Network]) -> Iterator[Line]:
    assumed = summary.assumed(networks)
    if assumed:
        yield from ([], [("Assumed for layers written without parentheses:", "head")])
        yield from aligned([("", *one) for one in assumed], styles=("", "", "faint"))


def _free(networks: Sequence[Network]) -> Iterator[Line]:
    choices = summary.choices(networks)
    if choices:
        yield from ([], [("This is one of a family of networks:", "head")])
        yield from aligned([("", *one) for one in choices], styles=("", "", "faint"))
        yield [("  another one, for example: ", ""), (summary.another(networks), "hint")]
        yield [("  all of them: ", ""), ("cnndsl family", "hint")]
