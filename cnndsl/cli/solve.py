"""`cnndsl solve`: the values that fit in the holes of networks."""

from __future__ import annotations

import sys

import click

from cnndsl.api import Report, check
from cnndsl.cli.options import Request, network_options, options, sources
from cnndsl.cli.output import colour_option, show, tell_diagnostics

HELP = """Find values for the holes `?` of networks, so that their claims hold.

\b
Examples:
  cnndsl solve my.cnn
  cnndsl solve -e 'INPUT(3@227x227) → CONV(96, k=?, s=?, p=?) : 96@55x55'
  cnndsl solve -e 'INPUT(3@?x?) → CONV(96, 11, s=4) : 96@55x55'
  cnndsl solve my.cnn --max-kernel 31 --format json

\b
Solutions come in the order in which one would try them: exact divisions first, then strides of 1, odd
kernels, no padding or one that keeps the size. `cnndsl check --fix` writes the first one into the file.
Exit status: 0 there are solutions (or no holes), 1 there are none, 2 wrong usage.
"""


@click.command("solve", help=HELP, short_help="Find values for holes.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", help="How to print it."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="Solutions to print at most.")
@click.option(
    "--max-kernel", type=click.IntRange(1, 99), default=11, help="The largest window that is tried."
)
@click.option(
    "--max-dilation", type=click.IntRange(1, 32), default=4, help="The largest dilation that is tried."
)
@colour_option
@network_options
def command(
    request: Request, form: str, *, limit: int, max_kernel: int, max_dilation: int, color: str
) -> None:
    from cnndsl.analysis.solve import Bounds

    if not request.files and request.expression is None:
        raise click.UsageError("name a FILE, or - for standard input")
    if request.input:
        raise click.UsageError("claims are about the input as written: solve goes without --input")
    bounds = Bounds(max_kernel, max_dilation)
    found = [
        one if isinstance(one, Report) else check(one, bounds=bounds, **options(request, one))
        for one in sources(request)
    ]
    from cnndsl.render import solved

    if form == "json":
        sys.stdout.write(solved.text(found, limit) + "\n")
    for number, report in enumerate(found if form == "table" else ()):
        show([[]] * bool(number), color)
        show(solved.lines(report, limit), color)
        report.diagnostics = [one for one in report.diagnostics if one.code != "solved"]  # the table has them
        tell_diagnostics(report, color)
    sys.exit(any(not report.ok for report in found))
