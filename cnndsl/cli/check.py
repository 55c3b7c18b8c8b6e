"""`cnndsl check`: the layers of networks, and what is wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import click

from cnndsl.api import Report
from cnndsl.cli.options import WRONG_USAGE, Request, network_options, reports, status
from cnndsl.cli.output import colour_option, show, tell, tell_diagnostics
from cnndsl.elaborate.walk import MAX_ROWS
from cnndsl.render import terminal

HELP = """Show the layers of networks with their sizes and costs, and what is wrong with them.

\b
Examples:
  cnndsl check alexnet.cnn                a file, or a shipped network
  cnndsl check lenet5 --input 1@128x128   with another input
  cnndsl check resnet                     its variants, a line each
  cnndsl check resnet --variant ResNet50  the layers of one
  cnndsl check pattern --set N=2,M=3,K=1  a member of a family
  cnndsl check -e 'INPUT(3@32x32) → CONV(8, 3) → FC(10)'
  cnndsl check vgg --format json | jq '.networks[].totals.params'
  cat my.cnn | cnndsl check -

\b
The table goes to standard output, diagnostics go to standard error.
Exit status: 0 all is well, 1 a file has errors, 2 wrong usage.
"""


class Style(NamedTuple):
    """How reports are to be shown; `each`: all variants with their layers."""

    expand: bool
    each: bool
    colour: str


@click.command("check", help=HELP, short_help="Show the layers of networks.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown", "concise"]),
    default="table",
    help="json has the diagnostics inside; concise is a line for each diagnostic and nothing else.",
)
@click.option("--expand", is_flag=True, help="A line for each copy of what is repeated.")
@colour_option
@network_options
def command(request: Request, form: str, *, expand: bool, color: str) -> None:
    if not request.files and request.expression is None:
        raise click.UsageError(
            "name a FILE, a shipped network (`cnndsl specs` lists them), or - for standard input"
        )
    style = Style(expand, bool(request.variants), color)
    found: list[Report] = []
    for report in reports(request):
        if status(report) == WRONG_USAGE:
            report.networks, report.unchecked = [], ""  # without that option, it is not what was asked for
        if expand and any(network.all_totals.layers > MAX_ROWS for network in report.networks):
            message = f"--expand would write more than {MAX_ROWS} lines: look at the folded table"
            raise click.UsageError(message)
        if form in ONE_BY_ONE:
            ONE_BY_ONE[form](report, style, bool(found))
        found.append(report)
    if form in TOGETHER:
        TOGETHER[form](found, style)
    sys.exit(max(map(status, found)))


def _table(report: Report, style: Style, further: bool) -> None:
    from cnndsl.render.report import report as lines

    limit = terminal.columns(sys.stdout)
    if report.networks:
        show([[]] * further, style.colour)
        show(lines(report, expand=style.expand, each=style.each, limit=limit), style.colour)
    if (report.diagnostics or report.unchecked) and (report.networks or further):
        tell([[]], style.colour)
    tell_diagnostics(report, style.colour)


def _markdown(report: Report, style: Style, further: bool) -> None:
    from cnndsl.render.markdown import report as lines

    sys.stdout.writelines(f"{line}\n" for line in lines(report, expand=style.expand, each=style.each))
    tell_diagnostics(report, style.colour)


def _concise(report: Report, style: Style, further: bool) -> None:
    from cnndsl.render.diagnostics import concise

    show(map(concise, report.diagnostics), style.colour)


def _json(found: list[Report], style: Style) -> None:
    from cnndsl.render import json

    sys.stdout.write(json.text(found, expand=style.expand) + "\n")


def _csv(found: list[Report], style: Style) -> None:
    from cnndsl.render import csv

    csv.write([network for report in found for network in report.networks], sys.stdout, expand=style.expand)
    for report in found:
        tell_diagnostics(report, style.colour)


#: Formats that show each report when it is there, and those that need all; (…, whether others came before).
ONE_BY_ONE: dict[str, Callable[[Report, Style, bool], None]] = {
    "table": _table,
    "markdown": _markdown,
    "concise": _concise,
}
TOGETHER: dict[str, Callable[[list[Report], Style], None]] = {"json": _json, "csv": _csv}
