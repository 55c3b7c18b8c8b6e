"""What `draw` and `report` share: they write one file about one network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnndsl.begun import begun
from cnndsl.cli.options import Request, reports
from cnndsl.cli.output import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnndsl.api import Report
    from cnndsl.network import Network

#: The name that stands for standard output.
STDOUT = "-"


def only_report(request: Request, command: str) -> Report:
    """The report of the one file that is asked for, which has one network, or none."""
    if len(request.files) + (request.expression is not None) != 1:
        raise click.UsageError(f"{command} takes one FILE, or one network by -e")
    (report,) = reports(request)
    if len(request.variants) > 1:
        raise click.UsageError(f"{command} takes one --variant")
    if len(report.networks) > 1:
        names = ", ".join(network.name for network in report.networks)
        raise click.UsageError(f"{report.source.name} has variants, name one by --variant: {names}")
    return report


def ending_of(file: str, known: Sequence[str], what: str) -> str:
    """The ending of a file's name, in small letters; it must be one of those known."""
    ending = Path(file).suffix.lower()
    if ending not in known:
        raise click.UsageError(f"{file}: {what} are written as {', '.join(known)}")
    return ending


def network_of(report: Report, request: Request) -> Network | None:
    """The network of a report, or what stands before a syntax error."""
    if report.networks:
        return report.networks[0]
    options = {"settings": ",".join(request.settings), "input": request.input}
    return begun(report, variants=request.variants, **options)


def default_name(report: Report, ending: str) -> str:
    """`alexnet.svg` for `alexnet.cnn`; of a variant, `resnet-ResNet50.svg`."""
    stem = Path(report.source.name).stem if report.source.path else "network"
    variant = report.networks[0].variant if report.networks else None
    return f"{stem}-{variant}{ending}" if variant else f"{stem}{ending}"


def put(content: bytes, file: str, colour: str, *, unasked: bool, mark: str) -> int:
    """Write a file, and say so or why not; 1 if it is not written.

    A file that nobody named (`unasked`) replaces none but those that start with the `mark` of cnndsl's own.
    """
    if file == STDOUT:
        sys.stdout.buffer.write(content)
        return 0
    path = Path(file)
    try:
        if unasked and path.exists() and not path.read_bytes().startswith(mark.encode()):
            return _refuse(f"{file} is not written by cnndsl; name another file by -o", colour)
        path.write_bytes(content)
    except OSError as error:
        return _refuse(f"{file} cannot be written: {error.strerror}", colour)
    tell([[(f"wrote {file}", "")]], colour)
    return 0


def _refuse(why: str, colour: str) -> int:
    tell([[("error: ", "error"), (why, "")]], colour)
    return 1


def tell_nothing(why: str, file: str, colour: str) -> None:
    """Say that no file is written, where another of that name may be."""
    left = "nothing is written" if file == STDOUT else f"{file} is not written"
    tell([[("note: ", "note"), (f"{why}; {left}", "")]], colour)
