"""Options that `check` and `build` share, and the reports that they ask for."""

from __future__ import annotations

import os.path
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from cnndsl import api
from cnndsl.diagnostics import CATALOGUE, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.files import normal
from cnndsl.source import Source, Span
from cnndsl.syntax.parse import MAX_TEXT

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from cnndsl.config import Settings

Command = Callable[..., None]

#: A variant that is named behind its file, as in `cnndsl compare vgg:VGG99`, is at fault there.
ARGUMENT = "FILE:VARIANT"
#: The names of sources that are options or arguments: what is wrong in them is wrong usage.
OPTIONS = {"--set", "--input", "--variant", "--class-name", "--init", "--where", "--sort", ARGUMENT}
WRONG_USAGE = 2


class WrongSettings(click.ClickException):
    """The project's settings cannot be understood."""

    exit_code = WRONG_USAGE


class Request(NamedTuple):
    """What is asked for, as the options have it."""

    files: tuple[str, ...]
    expression: str | None
    settings: tuple[str, ...]
    input: str
    variants: tuple[str, ...]
    strict: bool
    pedantic: bool
    ignore: tuple[str, ...]


def network_options(
    command: Command,
    argument: Callable[[Command], Command] | None = None,
    *,
    settings: Callable[[Command], Command] | None = None,
    warnings: bool = True,
) -> Command:
    """The arguments that say which networks are meant; the command gets them as a `Request`.

    `argument` declares its `files` where they are more than FILEs, and may stand beside -e; `settings`
    its `--set` where that takes more. Without `warnings`, it has no options about these.
    """

    def with_request(
        files: tuple[str, ...],
        expression: str | None,
        settings: tuple[str, ...],
        shape: str,
        variants: tuple[str, ...],
        strict: bool,
        pedantic: bool = False,
        ignore: tuple[str, ...] = (),
        **others: Any,
    ) -> None:
        if files and expression is not None and argument is None:
            raise click.UsageError("give FILEs or -e, not both")
        request = Request(files, expression, settings, shape, variants, strict, pedantic, ignore)
        command(request, **others)

    with_request.__doc__ = command.__doc__
    chosen = (argument or FILES, *_WHICH, settings or SETTINGS, *_HOW, *(_WARNINGS if warnings else ()))
    for option in reversed(chosen):
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


def _codes(context: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of `--ignore`, each of which must be one of a warning."""
    if not given:
        return ()
    codes = [code.strip() for text in given for code in text.split(",")]
    from cnndsl.config import not_ignored

    for code in codes:
        if wrong := not_ignored(code):
            raise click.BadParameter(wrong, context, param)
    return tuple(codes)


def _complete_code(context: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from cnndsl.config import not_ignored

    return [code for code in CATALOGUE if code.startswith(incomplete) and not not_ignored(code)]


def not_blank(context: click.Context, param: click.Parameter, given: Any) -> Any:
    """What an option is given, which says something: an unset variable of the shell does not."""
    if context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE:
        texts = given if isinstance(given, tuple) else (given,)
        if not all(text.strip() for text in texts):
            raise click.BadParameter(f"it is empty, {param.metavar} is missing", context, param)
    return given


FILES = click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=complete)
_WHICH = (
    click.option("-e", "expression", metavar="NETWORK", help="A network written here instead of a FILE."),
    click.option(
        "--variant",
        "variants",
        multiple=True,
        metavar="NAME",
        callback=not_blank,
        help="One of the file's variants; may be repeated.",
    ),
)
SETTINGS = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="N=2,M=3",
    callback=not_blank,
    help="Values for parameters, free counts and optional parts (yes, no).",
)
_HOW = (
    click.option(
        "--input",
        "shape",
        default="",
        metavar="3@128x128",
        callback=not_blank,
        help="Another shape for the input.",
    ),
    click.option("--strict", is_flag=True, help="Divisions with a remainder are errors."),
)
_WARNINGS = (
    click.option("--pedantic", is_flag=True, help="Warn of more, such as what costs time for nothing."),
    click.option(
        "--ignore",
        multiple=True,
        metavar="CODE",
        callback=_codes,
        shell_complete=_complete_code,
        help="Say nothing of this kind of warning; may be repeated.",
    ),
)


def reports(request: Request) -> Iterator[api.Report]:
    """A report for each file, checked when its turn comes."""
    for source in sources(request):
        yield source if isinstance(source, api.Report) else api.check(source, **options(request, source))


def sources(request: Request) -> Iterator[Source | api.Report]:
    """The texts asked for; for one that cannot be read, the report that says why."""
    if request.expression is not None:
        yield Source("-e", request.expression)
    for name in request.files:
        try:
            yield _standard_input() if name == "-" else api.read_source(name)
        except Located as error:
            yield api.Report(error.diagnostic.span.source, diagnostics=[error.diagnostic])


def _standard_input() -> Source:
    """The text that comes by a pipe, and no more of it than a text may have."""
    data = sys.stdin.buffer.read(4 * MAX_TEXT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the standard input is not UTF-8 text: byte {error.start + 1} is invalid"
        raise located("unreadable", message, Span(Source("<stdin>", ""), 0, 0), "save it as UTF-8") from None
    return Source("<stdin>", normal(text))


def options(request: Request, source: Source) -> dict[str, Any]:
    """The options of `api.check`: those of the command line, and what the source's project asks for."""
    project = _settings(source)
    return {
        "settings": ", ".join(request.settings),
        "input": request.input,
        "variants": dict.fromkeys(request.variants),
        "strict": request.strict,
        "pedantic": request.pedantic or bool(project and project.pedantic),
        "ignore": (*request.ignore, *(project.ignore if project else ())),
    }


def _settings(source: Source) -> Settings | None:
    """The settings for a source's folder; a shipped network belongs to no project of the user's."""
    if source.path and not is_own(source):
        return None
    from cnndsl.config import BadSettings, find_settings

    try:
        return find_settings(os.path.dirname(source.path or "."))
    except BadSettings as error:
        raise WrongSettings(str(error)) from None


def is_own(source: Source) -> bool:
    """Whether a source is the file of that name, rather than a shipped network so called."""
    return (
        source.path is not None
        and os.path.exists(source.name)
        and os.path.exists(source.path)
        and os.path.samefile(source.name, source.path)
    )


def status(report: api.Report) -> int:
    """What the program ends with: 0, 1 for errors in the file, 2 for errors in the options."""
    errors = [diagnostic for diagnostic in report.diagnostics if diagnostic.severity == "error"]
    if any(error.span.source.name in OPTIONS for error in errors):
        return WRONG_USAGE
    return 1 if errors else 0
