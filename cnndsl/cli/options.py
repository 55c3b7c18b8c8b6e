"""Options that `check` and `build` share, and the reports that they ask for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cnndsl import api
from cnndsl.diagnostics import located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.files import normal
from cnndsl.source import Source, Span
from cnndsl.syntax.parse import MAX_TEXT

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = Callable[..., None]

#: The names of sources that are options: what is wrong in them is wrong usage.
OPTIONS = {"--set", "--input", "--variant"}
WRONG_USAGE = 2


class Request(NamedTuple):
    """What is asked for, as the options have it."""

    files: tuple[str, ...]
    expression: str | None
    settings: tuple[str, ...]
    input: str
    variants: tuple[str, ...]
    strict: bool


def network_options(command: Command) -> Command:
    """The arguments that say which networks are meant; the command gets them as a `Request`."""

    def with_request(
        files: tuple[str, ...],
        expression: str | None,
        settings: tuple[str, ...],
        shape: str,
        variants: tuple[str, ...],
        strict: bool,
        **others: Any,
    ) -> None:
        if files and expression is not None:
            raise click.UsageError("give FILEs or -e, not both")
        command(Request(files, expression, settings, shape, variants, strict), **others)

    with_request.__doc__ = command.__doc__
    for option in reversed(_OPTIONS):
        option(with_request)
    return with_request


def complete(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files of networks, folders, and shipped networks that a name may become."""
    from pathlib import Path

    from click.shell_completion import CompletionItem

    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [
        f"{path}/" if path.is_dir() else str(path) for path in paths if path.is_dir() or path.suffix == ".cnn"
    ]
    return [CompletionItem(name) for name in [*found, *api.shipped()] if name.startswith(incomplete)]


_OPTIONS = (
    click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=complete),
    click.option("-e", "expression", metavar="NETWORK", help="A network written here instead of a FILE."),
    click.option(
        "--variant",
        "variants",
        multiple=True,
        metavar="NAME",
        help="One of the file's variants; may be repeated.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="N=2,M=3",
        help="Values for parameters, free counts and optional parts (yes, no).",
    ),
    click.option("--input", "shape", default="", metavar="3@128x128", help="Another shape for the input."),
    click.option("--strict", is_flag=True, help="Divisions with a remainder are errors."),
)


def reports(request: Request) -> Iterator[api.Report]:
    """A report for each file, checked when its turn comes."""
    if request.expression is not None:
        yield _check(Source("-e", request.expression), request)
    for name in request.files:
        try:
            source = _standard_input() if name == "-" else api.read_source(name)
        except Located as error:
            yield api.Report(error.diagnostic.span.source, diagnostics=[error.diagnostic])
        else:
            yield _check(source, request)


def _standard_input() -> Source:
    """The text that comes by a pipe, and no more of it than a text may have."""
    data = sys.stdin.buffer.read(4 * MAX_TEXT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the standard input is not UTF-8 text: byte {error.start + 1} is invalid"
        raise located("unreadable", message, Span(Source("<stdin>", ""), 0, 0), "save it as UTF-8") from None
    return Source("<stdin>", normal(text))


def _check(source: Source, request: Request) -> api.Report:
    return api.check(
        source,
        settings=", ".join(setting for setting in request.settings if setting.strip()),
        input=request.input,
        variants=dict.fromkeys(request.variants),
        strict=request.strict,
    )


def status(report: api.Report) -> int:
    """What the program ends with: 0, 1 for errors in the file, 2 for errors in the options."""
    errors = [diagnostic for diagnostic in report.diagnostics if diagnostic.severity == "error"]
    if any(error.span.source.name in OPTIONS for error in errors):
        return WRONG_USAGE
    return 1 if errors else 0
