"""`cnndsl specs`: the shipped networks."""

from __future__ import annotations

import sys

import click

from cnndsl import api
from cnndsl.cli.output import colour_option, show
from cnndsl.render import summary, terminal
from cnndsl.render.text import aligned, cut, grouped

HELP = """List the shipped networks.

A name works wherever a FILE does, unless there is a file of that name.

\b
Examples:
  cnndsl specs
  cnndsl check googlenet
"""


@click.command("specs", help=HELP, short_help="List the shipped networks.")
@colour_option
def command(*, color: str) -> None:
    reports = {name: api.check(api.read_source(str(path))) for name, path in api.shipped().items()}
    head = ["name", "variants", "parameters"]
    rows = [head, *([name, variants(report), params(report)] for name, report in reports.items())]
    used = sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True))
    room = max(20, (terminal.columns(sys.stdout) or 1000) - used)
    said = ["what it is", *(cut(about(report), room) for report in reports.values())]
    lines = [[*row, text] for row, text in zip(rows, said, strict=True)]
    show(aligned(lines, right={1, 2}, head=True, styles=("total",)), color)


def variants(report: api.Report) -> str:
    """How many variants the file has; "" if it is one network."""
    return str(len(report.program.variants) or "") if report.program else ""


def params(report: api.Report) -> str:
    """The parameters of a network; of several, the fewest and the most."""
    if not report.ok:
        return "has errors"
    counts = sorted({network.totals.params for network in report.networks})
    return " – ".join(grouped(count) for count in dict.fromkeys((counts[0], counts[-1])))


def about(report: api.Report) -> str:
    """The first line that the file says of itself."""
    return next(iter(summary.doc(report.program)), "") if report.program else ""
