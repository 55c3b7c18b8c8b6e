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
    rows = [[name, params(report), about(report)] for name, report in reports.items()]
    used = max(len(name) for name, _, _ in rows) + max(len(count) for _, count, _ in rows) + 4
    room = max(20, (terminal.columns(sys.stdout) or 1000) - used)
    head = ("name", "parameters", "what it is")
    lines = [head, *([name, count, cut(text, room)] for name, count, text in rows)]
    show(aligned(lines, right={1}, head=True, styles=("total",)), color)


def params(report: api.Report) -> str:
    """The parameters of a network; of several, the fewest and the most."""
    if not report.ok:
        return "has errors"
    counts = sorted({network.totals.params for network in report.networks})
    return " – ".join(grouped(count) for count in dict.fromkeys((counts[0], counts[-1])))


def about(report: api.Report) -> str:
    """The first line that the file says of itself, and how many variants it has."""
    if report.program is None:
        return ""
    line = next(iter(summary.doc(report.program)), "")
    count = len(report.program.variants)
    return f"{line} ({count} variants)" if count else line
