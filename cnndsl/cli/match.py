"""`cnndsl match`: whether networks follow a pattern, with which counts, and where they depart from it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from cnndsl.analysis.pattern import LECTURE
from cnndsl.cli.options import WRONG_USAGE, Request, network_options, not_blank, reports, status
from cnndsl.cli.output import colour_option, show, tell, tell_diagnostics
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.files import read_source
from cnndsl.render import terminal
from cnndsl.source import Source

if TYPE_CHECKING:
    from cnndsl.analysis.pattern import Match, Pattern
    from cnndsl.api import Report

HELP = f"""Tell whether networks follow a pattern, and with which counts.

\b
The pattern is the lecture's unless another one is given:
  {LECTURE}

\b
Examples:
  cnndsl match alexnet                    N = 1, 1, 3; M = 3; K = 2
  cnndsl match vgg                        its variants, a line each
  cnndsl match googlenet                  where it departs from the pattern
  cnndsl match -e 'INPUT(3@32x32) → [CONV → ReLU → POOL]*2 → FC'
  cnndsl match vgg --pattern 'INPUT → [[CONV(c, 3x3) → ReLU]*N → POOL]*M → [FC → ReLU]*K → FC'
  cnndsl match resnet --variant ResNet50 \\
    --pattern 'INPUT → CONV → ReLU → POOL → Bottleneck*N → GAP → FC'

\b
A pattern is a network in the language, from INPUT on, or a FILE that holds one. Counts and names that
it does not define are free; a name that stands at two places has values of its own at each, all of
which are listed. A layer without arguments stands for any of its kind, CONV(3x3) for one with that
kernel, a name for a block of the network's file. BN and other norms, LRN, DROPOUT, FLATTEN, ID and
SOFTMAX are passed over, unless the pattern speaks of them.

\b
Exit status: 0 all networks follow the pattern, 1 one does not or has errors, 2 wrong usage.
"""


#: What a network has in its text and the name of a file hardly ever.
_SIGNS = ("[", "(", "{", "→", "->", " ")


@click.command("match", help=HELP, short_help="Tell whether networks follow a pattern.")
@click.option(
    "--pattern",
    default=LECTURE,
    metavar="NETWORK",
    callback=not_blank,
    help="The pattern; the lecture's by default.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it."
)
@colour_option
@network_options
def command(request: Request, pattern: str, form: str, *, color: str) -> None:
    if not request.files and request.expression is None:
        raise click.UsageError("name a FILE, a shipped network, or - for standard input")
    from cnndsl.analysis.pattern import read_pattern
    from cnndsl.render import matched

    try:
        wanted = read_pattern(_source(pattern))
    except Located as error:
        _refuse(error, WRONG_USAGE, color)
    try:
        found = [(report, _matches(report, wanted)) for report in reports(request)]
    except Located as error:  # the pattern asks for what no layer has, or the network is too long
        of_pattern = error.diagnostic.span.source is wanted.program.source
        _refuse(error, WRONG_USAGE if of_pattern else 1, color)
    if form == "json":
        sys.stdout.write(matched.text(found, wanted.text) + "\n")
    for number, (report, matches) in enumerate(found if form == "text" else ()):
        show([[]] * bool(number), color)
        show(matched.lines(matches, terminal.columns(sys.stdout)) if matches else [], color)
        if report.diagnostics and matches:
            tell([[]], color)
        tell_diagnostics(report, color)
    sys.exit(max(_status(report, matches) for report, matches in found))


def _matches(report: Report, pattern: Pattern) -> list[Match]:
    from cnndsl.analysis.pattern import match

    return [match(network, pattern) for network in report.networks] if status(report) != WRONG_USAGE else []


def _status(report: Report, matches: list[Match]) -> int:
    return status(report) or int(not all(match.follows for match in matches))


def _source(pattern: str) -> Source:
    """The text of a pattern, which may stand in a file."""
    is_text = not os.path.exists(pattern) and any(sign in pattern.lower() for sign in ("input", *_SIGNS))
    return Source("--pattern", pattern) if is_text else read_source(pattern)


def _refuse(error: Located, status: int, colour: str) -> NoReturn:
    """Say why nothing can be told, and end."""
    from cnndsl.render.diagnostics import detailed

    tell(detailed([error.diagnostic], terminal.columns(sys.stderr)), colour)
    sys.exit(status)
