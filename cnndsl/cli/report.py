"""`cnndsl report`: a network on a page of its own."""

from __future__ import annotations

import sys

import click

from cnndsl.cli.onefile import (
    STDOUT,
    default_name,
    ending_of,
    network_of,
    only_report,
    put,
    tell_nothing,
)
from cnndsl.cli.options import Request, network_options, status
from cnndsl.cli.output import colour_option, tell_diagnostics
from cnndsl.webpage import MARK, webpage

#: What a page's file ends with.
FORMATS = (".html", ".htm")

HELP = """Write a page about a network: one HTML file that fetches nothing, to be sent and clicked through.

\b
It shows the picture and the table, where the parameters, MACs and activations sit, the receptive field
growing on the input, the diagnostics at their lines, and explains each layer that is clicked on.

\b
Examples:
  cnndsl report alexnet                 writes alexnet.html
  cnndsl report resnet --variant ResNet50 -o resnet50.html
  cnndsl report my.cnn --input 3@128x128 -o - > my.html

\b
A network with errors is reported as well, as far as it is known.
Exit status: 0 all is well, 1 the file has errors or is not written, 2 wrong usage.
"""


@click.command("report", help=HELP, short_help="Write a page about a network.")
@click.option("-o", "out", default="", metavar="FILE.html", help="Where to write, - for standard output.")
@colour_option
@network_options
def command(request: Request, out: str, *, color: str) -> None:
    report = only_report(request, "report")
    if out not in {"", STDOUT}:
        ending_of(out, FORMATS, "pages")
    tell_diagnostics(report, color)
    worst, target = status(report), out or default_name(report, ".html")
    if report.source.text.strip():
        page = webpage(report, network_of(report, request))
        sys.exit(max(worst, put(page.encode(), target, color, unasked=not out, mark=MARK)))
    tell_nothing("there is nothing to be reported", target, color)
    sys.exit(worst)
