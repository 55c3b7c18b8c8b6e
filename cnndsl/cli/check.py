"""`cnndsl check`: the layers of networks, and what is wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

import click

from cnndsl.api import Report
from cnndsl.cli.options import WRONG_USAGE, Request, is_own, network_options, reports, status
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
  cnndsl check -e 'INPUT(3@32x32) → CONV(8, 3) → ReLU → FC(10)'
  cnndsl check alexnet --format json | jq .totals.params
  cnndsl check vgg --format json | jq '.networks[].totals.params'    of several networks
  cat my.cnn | cnndsl check -

\b
Mistakes of which cnndsl knows the remedy:
  cnndsl check my.cnn --diff              show what would be changed
  cnndsl check my.cnn --fix               change it in the file, where the remedy is sure
  cnndsl check my.cnn --fix --unsafe-fixes  … and where you may have meant something else
  cnndsl check my.cnn --watch             check anew whenever the file is saved

\b
The table goes to standard output, diagnostics go to standard error. With --fix, the text
of - and of -e has no file and goes, mended, to standard output in place of the table.
A project's settings stand in its pyproject.toml:
  [tool.cnndsl]
  pedantic = true
  ignore = ["linear-pair"]

\b
Exit status: 0 all is well, 1 a file has errors (after --fix: still has some; with --diff:
there is something to fix), 2 wrong usage.
"""


class Style(NamedTuple):
    """How reports are to be shown; `each`: all variants with their layers."""

    expand: bool
    each: bool
    colour: str
    fixed: bool = False  # also the inputs that leave the weights as many


class Mode(NamedTuple):
    """What is to be done besides showing the reports; the names are those of the options."""

    fix: bool
    unsafe_fixes: bool
    diff: bool
    watch: bool


@click.command("check", help=HELP, short_help="Show the layers of networks.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown", "concise", "sarif", "github"]),
    default="table",
    help="json has the diagnostics inside; concise, sarif and github (annotations) have nothing else.",
)
@click.option("--expand", is_flag=True, help="A line for each copy of what is repeated.")
@click.option(
    "--fixed-weights", is_flag=True, help="Also the inputs that the module built for this one takes."
)
@click.option("--fix", is_flag=True, help="Apply the safe fixes, in the files themselves.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff, the other fixes as well.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--watch", is_flag=True, help="Check anew whenever a file is saved; Ctrl-C ends it.")
@colour_option
@network_options
def command(
    request: Request, form: str, *, expand: bool, fixed_weights: bool, color: str, **others: bool
) -> None:
    mode = Mode(**others)
    _refuse(request, form, mode)
    style = Style(expand, bool(request.variants), color, fixed_weights)
    if mode.watch:
        from cnndsl.cli.watch import watch

        watch(request.files, lambda: reports(request), lambda found: _show(found, form, style), color)
    elif mode.fix or mode.diff:
        sys.exit(_mend(request, form, mode, style))
    sys.exit(_show(reports(request), form, style))


def _mend(request: Request, form: str, mode: Mode, style: Style) -> int:
    """Apply fixes, or show what they would change; the exit status."""
    from cnndsl.cli.fixing import Fixing

    fixing = Fixing(request, style.colour, unsafe=mode.unsafe_fixes)
    if mode.diff:
        return fixing.diff()
    worst = _show(fixing.reports(), "messages" if _fileless(request) else form, style)
    return max(worst, fixing.failed)


def _fileless(request: Request) -> bool:
    return request.expression is not None or "-" in request.files


def _refuse(request: Request, form: str, mode: Mode) -> None:
    """Raise UsageError for options that do not go together."""
    if not request.files and request.expression is None:
        raise click.UsageError(
            "name a FILE, a shipped network (`cnndsl specs` lists them), or - for standard input"
        )
    if mode.unsafe_fixes and not (mode.fix or mode.diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")
    if mode.diff and form != "table":
        raise click.UsageError("--diff prints a diff, which has no other --format")
    if mode.fix and not mode.diff and _fileless(request) and (form != "table" or request.files[1:]):
        raise click.UsageError("--fix prints the mended text of - and -e, and nothing else can be with it")
    if mode.watch and (mode.fix or mode.diff or _fileless(request)):
        raise click.UsageError("--watch waits for FILEs to be saved; it goes without --fix, --diff, - and -e")


def _show(found: Iterable[Report], form: str, style: Style) -> int:
    """Show reports as they come, and return the exit status."""
    shown: list[Report] = []
    for report in found:
        _prepare(report, style)
        if form in ONE_BY_ONE:
            ONE_BY_ONE[form](report, style, bool(shown))
        shown.append(report)
    if form in TOGETHER:
        TOGETHER[form](shown, style)
    if form in DETAILED:
        _close(shown, style)
    return max(map(status, shown))


def _prepare(report: Report, style: Style) -> None:
    if status(report) == WRONG_USAGE:
        report.networks, report.unchecked = [], ""  # without that option, it is not what was asked for
    if style.expand and any(network.all_totals.layers > MAX_ROWS for network in report.networks):
        message = f"--expand would write more than {MAX_ROWS} lines: look at the folded table"
        raise click.UsageError(message)


def _close(shown: list[Report], style: Style) -> None:
    """Say once, at the end, what can be done about the findings."""
    diagnostics = [diagnostic for report in shown for diagnostic in report.diagnostics]
    if not diagnostics:
        return
    from cnndsl.fixes import count_fixable
    from cnndsl.render.diagnostics import closing

    own = [report for report in shown if report.source.path is None or is_own(report.source)]
    lines = list(closing(diagnostics, *count_fixable(own)))
    apart = lines and len(shown[-1].diagnostics) == 1  # several end in a line that counts them
    tell([*([[]] if apart else []), *lines], style.colour)


def _table(report: Report, style: Style, further: bool) -> None:
    from cnndsl.render.report import report as lines

    limit = terminal.columns(sys.stdout)
    if report.networks:
        show([[]] * further, style.colour)
        found = lines(report, expand=style.expand, each=style.each, limit=limit, fixed=style.fixed)
        show(found, style.colour)
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


def _messages(report: Report, style: Style, further: bool) -> None:
    tell_diagnostics(report, style.colour)


def _github(report: Report, style: Style, further: bool) -> None:
    from cnndsl.render.github import annotation

    sys.stdout.writelines(f"{annotation(diagnostic)}\n" for diagnostic in report.diagnostics)


def _sarif(found: list[Report], style: Style) -> None:
    from cnndsl.render import sarif

    sys.stdout.write(sarif.text(found) + "\n")


#: Formats that show each report when it is there, and those that need all; (…, whether others came before).
ONE_BY_ONE: dict[str, Callable[[Report, Style, bool], None]] = {
    "table": _table,
    "markdown": _markdown,
    "concise": _concise,
    "github": _github,
    "messages": _messages,
}
TOGETHER: dict[str, Callable[[list[Report], Style], None]] = {"json": _json, "csv": _csv, "sarif": _sarif}

#: Formats beside which the diagnostics are shown in full.
DETAILED = {"table", "markdown", "csv", "messages"}
