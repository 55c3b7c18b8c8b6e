"""A whole report for a terminal: title, table and what there is to say below it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from cnndsl.render import summary
from cnndsl.render.table import table
from cnndsl.render.text import Line

if TYPE_CHECKING:
    from cnndsl.api import Report
    from cnndsl.network import Network

def report(
    found: Report, *, expand: bool, each: bool, limit: int | None, bound: Collection[str]
) -> Iterator[Line]:
    """The lines of a report: a table for each network if `each`, else several in a line each.

    `limit` is the width of the window, `bound` names what the caller has set.
    """
    networks = found.networks
    if each or len(networks) == 1:
        for number, network in enumerate(networks):
            yield from [[]] * bool(number)
            yield from _network(network, expand=expand, limit=limit)
    elif found.program:
        yield from _title(summary.family_title(found.program), summary.doc(found.program))
        yield from summary.variants(networks)
        yield [("", ""), ("--variant ", "hint"), (f"{networks[-1].name}", "hint"), (" shows its layers", "")]
    yield from _apart(summary.assumptions(networks))
    yield from _apart(summary.free(networks, bound))


def _network(network: Network, *, expand: bool, limit: int | None) -> Iterator[Line]:
    yield from _title(summary.title(network), summary.doc(network.program))
    yield from table(network, expand=expand, limit=limit)
    yield from _apart(summary.totals(network))


def _title(title: str, doc: list[str]) -> Iterator[Line]:
    yield [(title, "title")]
    yield from ([(text, "faint")] for text in doc)
    yield []


def _apart(lines: Iterator[Line]) -> Iterator[Line]:
    """The lines below an empty one, if there are any."""
    first = next(lines, None)
    if first is not None:
        yield from ([], first)
        yield from lines
