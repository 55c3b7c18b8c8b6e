"""`cnndsl draw`: networks as pictures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

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
from cnndsl.cli.output import colour_option, tell, tell_diagnostics
from cnndsl.drawing import STYLES
from cnndsl.drawing.formats import FORMATS, MissingLibrary, written
from cnndsl.drawing.limits import too_large
from cnndsl.drawing.page import PAGE_WIDTH
from cnndsl.drawing.suited import suited

if TYPE_CHECKING:
    from cnndsl.network import Network

HELP = """Draw a network, with the sizes of its layers computed.

\b
Examples:
  cnndsl draw alexnet                   writes alexnet.svg
  cnndsl draw my.cnn -o figure.pdf      or .png, .tex (TikZ), .mmd (Mermaid)
  cnndsl draw lenet5 --variant Digits --style lenet     planes, as in the LeNet paper
  cnndsl draw vgg --variant VGG16 --style blocks        blocks, as in the AlexNet paper
  cnndsl draw googlenet --style graph                   boxes and arrows
  cnndsl draw resnet --variant ResNet50 --expand
  cnndsl draw alexnet --width 320 --bare -o column.pdf  for a paper's column
  cnndsl draw -e 'INPUT(3@32x32) → [CONV → ReLU]*2 → FC(10)' -o - > net.svg

\b
A network with errors is drawn as well: its faulty layer is marked, and sizes that are unknown are ?.
Of a text that cannot be read, what stands before the fault is drawn, or the chain without the statement
at fault.
Exit status: 0 all is well, 1 the file has errors or is not written, 2 wrong usage.
"""

#: What a picture's file starts with, so that others are not replaced unasked.
MARK = '<svg xmlns="http://www.w3.org/2000/svg" class="cnndsl"'


@click.command("draw", help=HELP, short_help="Draw a network.")
@click.option(
    "--style",
    type=click.Choice([*STYLES]),
    default=None,
    help="What it looks like: by default what suits the network.",
)
@click.option("-o", "file", default="", metavar="FILE", help="Where to write, - for standard output.")
@click.option(
    "--expand",
    is_flag=True,
    help="Draw every copy of a repeat and every use of a block in a graph, as planes and blocks always do.",
)
@click.option(
    "--width",
    type=click.IntRange(min=200),
    default=None,
    metavar="PX",
    help=f"Where rows are broken, in pixels, 96 to the inch: {PAGE_WIDTH} if not given; 320 is a paper's "
    "column, 672 its page.",
)
@click.option("--bare", is_flag=True, help="The network alone, without title, scale and legend.")
@colour_option
@network_options
def command(
    request: Request,
    style: str | None,
    file: str,
    *,
    expand: bool,
    width: int | None,
    bare: bool,
    color: str,
) -> None:
    report = only_report(request, "draw")
    ending = ".svg" if file in {"", STDOUT} else ending_of(file, FORMATS, "pictures")
    if ending == ".mmd" and width:
        raise click.UsageError("--width says nothing of a Mermaid graph: what shows it lays it out")
    if ending == ".mmd" and style not in {None, "graph"}:
        raise click.UsageError(f"Mermaid draws graphs alone: leave out --style {style}")
    network = network_of(report, request)
    tell_diagnostics(report, color)
    worst, target = status(report), file or default_name(report, ".svg")
    if network is None:
        tell_nothing("there is no network to be drawn", target, color)
        sys.exit(worst)
    if problem := too_large(network, expand=expand):
        raise click.UsageError(problem)
    how = Look(style or "", expand, width or PAGE_WIDTH, bare)
    try:
        content = _content(network, ending, how, color)
    except MissingLibrary as error:
        raise click.UsageError(str(error)) from None
    sys.exit(max(worst, put(content, target, color, unasked=not file, mark=MARK)))


class Look(NamedTuple):
    """How a network is to be drawn."""

    style: str
    expand: bool
    width: int
    bare: bool


def _content(network: Network, ending: str, look: Look, colour: str) -> bytes:
    """The file; of a network whose errors keep it from the style, a graph, which marks them too."""
    try:
        return written(network, ending, **look._asdict())
    except ValueError as error:
        unfit = f"{network.name} does not fit the style {look.style}: {error}"
        if not network.ok:
            tell([[("note: ", "note"), (f"{unfit}; it is drawn as a graph", "")]], colour)
            return written(network, ending, **look._replace(style="graph")._asdict())
        best = suited(network)
        hint = f"--style {best} draws it" if best != "graph" else "--style graph draws any network"
        raise click.UsageError(f"{unfit}; {hint}") from None
