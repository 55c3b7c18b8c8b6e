"""Runs the command line within the test's own process."""

from __future__ import annotations

from typing import NamedTuple

from click.testing import CliRunner

from cnndsl.cli.app import app


class Run(NamedTuple):
    status: int
    out: str
    err: str


def run(*arguments: str, stdin: str | bytes | None = None, columns: int | None = None) -> Run:
    """`cnndsl` with arguments; a fault of cnndsl raises. `columns` is the width of the window."""
    environment = {"COLUMNS": str(columns) if columns else None, "NO_COLOR": None, "TERM": "xterm"}
    result = CliRunner().invoke(
        app, arguments, input=stdin, env=environment, catch_exceptions=False, prog_name="cnndsl"
    )
    return Run(result.exit_code, result.stdout, result.stderr)
