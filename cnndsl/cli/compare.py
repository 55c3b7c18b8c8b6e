"""`cnndsl compare`: networks side by side."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cnndsl import api
from cnndsl.cli.options import ARGUMENT, WRONG_USAGE, Request, complete, network_options, reports, status
from cnndsl.cli.output import colour_option, show, tell, tell_diagnostics
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.render import terminal
from cnndsl.source import Source, Span

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

HELP = """Show networks side by side: what corresponds in one row, sizes, costs, and where the parameters are.

\b
Examples:
  cnndsl compare lenet5:Digits alexnet    two networks, as the lecture draws them
  cnndsl compare alexnet vgg:VGG16        one of a file's variants
  cnndsl compare vgg:VGG11,VGG19          two of them
  cnndsl compare resnet                   all variants of a file
  cnndsl compare alexnet vgg:VGG16 --input 3@227x227
  cnndsl compare my.cnn -e 'INPUT(3@32x32) → [CONV → ReLU → POOL]*2 → FC'
  cnndsl compare alexnet vgg:VGG16 --format markdown

\b
Stages, the layers between two downsamplings, stand beside those that work on maps of about the same
scale. A layer is named without padding and bias; equal ones in a row are one, ×N; activations and norms
are counted and not shown. % and bars are shares of the network's own parameters. What is in a block
stands below. Where the window has no room for all networks, there is the table of what they come to.

\b
Exit status: 0 all is well, 1 a file has errors, 2 wrong usage.
"""


def complete_network(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and shipped networks; behind a colon the variants of one."""
    from click.shell_completion import CompletionItem

    name, colon, _ = incomplete.rpartition(":")
    if not colon:
        return complete(context, param, incomplete)
    try:
        program = api.check(api.read_source(name)).program
    except Located:
        return []
    found = [f"{name}:{variant}" for variant in (program.variants if program else ())]
    return [CompletionItem(one) for one in found if one.startswith(incomplete)]


NETWORKS = click.argument("files", nargs=-1, metavar="[FILE[:VARIANT,…]]...", shell_complete=complete_network)


@click.command("compare", help=HELP, short_help="Show networks side by side.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "json"]),
    default="table",
    help="json has the diagnostics inside.",
)
@colour_option
@partial(network_options, argument=NETWORKS)
def command(request: Request, form: str, *, color: str) -> None:
    found = [report for name, one in _requests(request) for report in _told(reports(one), name)]
    worst = max(map(status, found), default=0)
    networks = [network for report in found for network in report.networks]
    if worst < WRONG_USAGE and not any(not report.networks for report in found) and len(networks) < 2:
        raise click.UsageError("name two networks or more: FILEs, FILE:VARIANT, or a FILE with variants")
    if form == "json":
        from cnndsl.render import compared_json

        sys.stdout.write(compared_json.text(found) + "\n")
        sys.exit(worst)
    if networks and worst < WRONG_USAGE:
        _show(networks, form, color)
    for number, report in enumerate(report for report in found if report.diagnostics):
        tell([[]] if number or networks else [], color)
        tell_diagnostics(report, color)
    sys.exit(worst)


def _show(networks: list[Any], form: str, colour: str) -> None:
    from cnndsl.render import compared

    if form == "markdown":
        sys.stdout.writelines(f"{line}\n" for line in compared.markdown(networks))
    else:
        show(compared.lines(networks, terminal.columns(sys.stdout)), colour)


def _requests(request: Request) -> list[tuple[str, Request]]:
    """A request for each file, with the variants that are named behind it; "" where none are."""
    found = [("", request._replace(files=()))] if request.expression is not None else []
    for name in request.files:
        file, variants = split(name)
        one = request._replace(files=(file,), expression=None, variants=variants or request.variants)
        found.append((name if variants else "", one))
    return found


def _told(found: Iterable[api.Report], name: str) -> Iterator[api.Report]:
    """Reports whose errors about variants stand where these are named: at `VGG99` in `vgg:VGG99`."""
    for report in found:
        for one in report.diagnostics if name else ():
            if one.span.source.name == "--variant":
                start = name.rindex(":") + 1 + f",{name.rpartition(':')[2]},".index(f",{one.span.text},")
                one.span = Span(Source(ARGUMENT, name), start, start + len(one.span.text))
        yield report


def split(name: str) -> tuple[str, tuple[str, ...]]:
    """A file and the variants behind a colon; a colon can also be part of a file's name.

    >>> split("resnet:ResNet18,ResNet50")
    ('resnet', ('ResNet18', 'ResNet50'))
    """
    file, colon, rest = name.rpartition(":")
    variants = tuple(rest.split(","))
    if not colon or os.path.exists(name) or not all(one.isidentifier() for one in variants):
        return name, ()
    return file, variants
