"""Where the output goes: data to stdout, messages to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from cnndsl.render import terminal

if TYPE_CHECKING:
    from cnndsl.api import Report
    from cnndsl.render.text import Line

colour_option: Callable[[Any], Any] = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours: on a terminal, unless NO_COLOR is set; or always; or never.",
)


def show(lines: Iterable[Line], colour: str) -> None:
    """Print lines to stdout."""
    terminal.write(lines, sys.stdout, colour=terminal.in_colour(sys.stdout, colour))


def tell(lines: Iterable[Line], colour: str) -> None:
    """Print messages to stderr, below what stdout has shown so far."""
    sys.stdout.flush()
    terminal.write(lines, sys.stderr, colour=terminal.in_colour(sys.stderr, colour))


def tell_diagnostics(report: Report, colour: str) -> None:
    """The diagnostics of a report, and why something was not checked."""
    if report.diagnostics:
        from cnndsl.render.diagnostics import detailed

        tell(detailed(report.diagnostics, terminal.columns(sys.stderr)), colour)
    if report.unchecked:
        tell([[("note: ", "note"), (report.unchecked, "")]], colour)
