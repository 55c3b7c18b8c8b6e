"""`cnndsl report`: a network on a page of its own."""

from __future__ import annotations

import sys

import click

from cnndsl import api
from cnndsl.cli.options import Request, network_options, reports, status
from cnndsl.cli.output import colour_option, tell_diagnostics

HELP = """Write a page about a network: one HTML file that fetches nothing, to be sent and clicked through.

\b
It shows the picture and the table, where the parameters, MACs and activations sit, the receptive field
growing on the input, the diagnostics at their lines, and explains each layer that is clicked on.

\b
Examples:
  cnndsl report alexnet -o alexnet.html
  cnndsl report resnet --variant ResNet50 -o resnet50.html
  cnndsl report my.cnn --input 3@128x128 -o - > my.html

A network with errors is reported as well, as far as it is known.
Exit status: 0 all is well, 1 the file has errors, 2 wrong usage.
"""


@click.command("report", help=HELP, short_help="Write a page about a network.")
@click.option("-o", "out", metavar="FILE.html", required=True, help="Where to write, - for standard output.")
@colour_option
@network_options
def command(request: Request, out: str, *, color: str) -> None:
    if len(request.files) + (request.expression is not None) != 1:
        raise click.UsageError("report writes one page: name one FILE, or give -e")
    (report,) = reports(request)
    if len(report.networks) > 1:
        names = ", ".join(network.name for network in report.networks)
        raise click.UsageError(f"{report.source.name} has variants, name one by --variant: {names}")
    if report.networks or report.source.text:
        _write(report, out)
    tell_diagnostics(report, color)
    sys.exit(status(report))


def _write(report: api.Report, out: str) -> None:
    from cnndsl.begun import begun
    from cnndsl.webpage import webpage

    page = webpage(report, None if report.networks else begun(report))
    if out == "-":
        sys.stdout.write(page)
        return
    try:
        with open(out, "w", encoding="utf-8") as file:
            file.write(page)
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written: {error.strerror}") from None
