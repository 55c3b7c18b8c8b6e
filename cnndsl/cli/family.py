"""`cnndsl family`: the members of families, with what they cost."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from cnndsl.api import Report, SpecError
from cnndsl.cli.options import Request, network_options, not_blank, options, sources, status
from cnndsl.cli.output import colour_option, show, tell, tell_diagnostics
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.render import terminal
from cnndsl.render.text import counted

if TYPE_CHECKING:
    from cnndsl.analysis.family import Family, Member, Question, Selection
    from cnndsl.render.text import Line
    from cnndsl.source import Source

HELP = """List the members of a family of networks, with what they cost.

A file makes a family by counts and optional parts that it leaves free (`[CONV → ReLU]*N`, `POOL?`),
by domains of its parameters (`net Small(width = 1.0 in {0.5, 0.75, 1.0}, size = 224 in 128..256)`)
and by its variants.

\b
Examples:
  cnndsl family pattern                        the lecture's pattern
  cnndsl family pattern --set N=1,2 --set M=0..3,K=1,pool1=yes
  cnndsl family pattern --where 'params <= 1e6 and rf >= 32' --sort macs --limit 9
  cnndsl family pattern --sort -rf             the widest receptive field first
  cnndsl family vgg --input 3@64x64            the variants, at another size
  cnndsl family vgg --set classes=10,100
  cnndsl family pattern --set M=0..9 --invalid what goes wrong, and where
  cnndsl family -e 'INPUT → [CONV → ReLU → POOL?]*M → FC'
  cnndsl family pattern --set M=0..500 --format csv > members.csv
  cnndsl family pattern --format json | jq -c 'select(.valid) | .values'

\b
--where and --sort take an expression as `expect` does: params, weights, biases, neurons,
macs, flops, rf, the output's C, H, W, paths such as conv1.macs, and the family's own
names: 'N >= 2 and pool1'. Members come in the order of an odometer, the last of what is
free running fastest; --sort puts the least first, --sort -macs the greatest. json (a line
each) and csv are written as the members are found, however many there are. Ctrl-C ends
the search and shows what was found.
Exit status: 0 there are such members, 1 there are none, 2 wrong usage, 130 Ctrl-C.
"""

#: So many members a table shows unless --limit says otherwise, and so many it can show.
ROWS, MOST = 1_000, 100_000
INTERRUPTED = 130

SETTINGS = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="N=1,2,M=0..5",
    callback=not_blank,
    help="Values for parameters, free counts and optional parts (yes, no), all of which are tried.",
)


class Asked(NamedTuple):
    """What is asked of the members; the names are those of the options."""

    where: str
    sort: str
    limit: int | None
    valid: bool
    invalid: bool

    @property
    def only(self) -> Literal["valid", "invalid"] | None:
        return "valid" if self.valid else "invalid" if self.invalid else None


def _complete_quantity(context: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from cnndsl.analysis.expects import QUANTITIES

    names = [*QUANTITIES, *(f"-{name}" for name in QUANTITIES)]
    return [name for name in names if name.startswith(incomplete)]


@click.command("family", help=HELP, short_help="List the members of a family.")
@click.option(
    "--where", default="", metavar="CONDITION", callback=not_blank, help="Only members for which it holds."
)
@click.option(
    "--sort",
    default="",
    metavar="EXPRESSION",
    callback=not_blank,
    shell_complete=_complete_quantity,
    help="The least of it first; the first 1 000, unless --limit is given.",
)
@click.option("--limit", type=click.IntRange(1, MOST), help="So many members at most.")
@click.option("--valid", is_flag=True, help="Only members without errors.")
@click.option("--invalid", is_flag=True, help="Only members with an error.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown"]),
    default="table",
    help="json has a line for each member.",
)
@colour_option
@partial(network_options, settings=SETTINGS, warnings=False)
def command(request: Request, form: str, *, color: str, **asked: Any) -> None:
    wanted = Asked(**asked)
    if len(request.files) != 1 and request.expression is None:
        raise click.UsageError("name one FILE, a shipped network (`cnndsl specs` lists them), or -")
    if wanted.valid and wanted.invalid:
        raise click.UsageError("--valid and --invalid leave nothing: give one of them")
    (source,) = sources(request)
    if isinstance(source, Report):
        sys.exit(_fail(source, color))
    try:
        sys.exit(_Search(request, source, wanted, form, color).run())
    except SpecError as error:
        sys.exit(_fail(Report(source, diagnostics=[*error.diagnostics]), color))
    except Located as error:
        sys.exit(_fail(Report(source, diagnostics=[error.diagnostic]), color))


def _fail(report: Report, colour: str) -> int:
    tell_diagnostics(report, colour)
    return status(report)


class _Search:
    """One run of the command."""

    def __init__(self, request: Request, source: Source, asked: Asked, form: str, colour: str) -> None:
        from cnndsl.families import opened, selected

        chosen = options(request, source)
        names = "settings", "input", "variants", "strict"
        self._family: Family = opened(source, **{name: chosen[name] for name in names})
        self._selection: Selection = selected(
            self._family, where=asked.where, sort=asked.sort, limit=asked.limit, only=asked.only
        )
        self._request, self._source, self._form, self._colour = request, source, form, colour
        self._start = time.monotonic()
        self._streams = form in {"json", "csv"}

    def run(self) -> int:
        from cnndsl.render.progress import Bar

        wanted = sys.stderr.isatty() and not (self._streams and sys.stdout.isatty())
        with Bar(self._family.number, wanted=wanted) as bar, _ended_by_ctrl_c(self._selection):
            self._selection.look = lambda tally: bar.reached(tally.seen)
            members = self._selection.members()
            shown = self._write(members) if self._streams else self._collect(members)
        if not self._streams:
            self._show(shown)
        self._summarise(shown)
        return self._close()

    def _write(self, members: Iterator[Member]) -> list[Member]:
        """Write members as they come; nothing before the first of them is found, which may be refused."""
        from cnndsl.render.members import csv_writer, json_writer

        first = [*islice(members, 1)]
        write = {"json": json_writer, "csv": csv_writer}[self._form](self._family, sys.stdout)
        for member in chain(first, members):
            write(member)
        return []

    def _collect(self, members: Iterator[Member]) -> list[Member]:
        """Those that a table has room for; the others are looked at all the same."""
        most = self._selection.limit or ROWS
        shown = [*islice(members, most)]
        for _ in members:
            pass
        return shown

    def _show(self, members: list[Member]) -> None:
        from cnndsl.render import family as render

        if self._form == "markdown":
            sys.stdout.writelines(f"{line}\n" for line in render.markdown(self._family, members))
        else:
            show(render.title(self._family), self._colour)
            if members:
                show(render.table(self._family, members, terminal.columns(sys.stdout)), self._colour)
        show([[]], self._colour)

    def _summarise(self, shown: list[Member]) -> None:
        """Say how many members there are; beside data for programs, on stderr."""
        from cnndsl.render import family as render

        listed = self._selection.given if self._streams else len(shown)
        seconds = time.monotonic() - self._start
        say = tell if self._streams else show
        say([[(render.summary(self._selection, listed, seconds), "")]], self._colour)
        typable = "\n" not in (self._request.expression or "")
        if shown and typable and self._form == "table":
            show([render.example(self._family, shown[0], *self._words())], self._colour)

    def _words(self) -> list[str]:
        """The words by which `check` finds the same network."""
        request = self._request
        words = [*request.files] if request.expression is None else ["-e", request.expression]
        return [
            *words,
            *["--input", request.input][: 2 * bool(request.input)],
            *["--strict"] * request.strict,
        ]

    def _unchecked(self) -> str:
        """What of the file has not been looked at."""
        program = self._family.program
        others = self._request.input or self._family.choices
        told = [*["claims"] * bool(others and program.claims), *["expectations"] * bool(program.expects)]
        about = "about the network as written: `cnndsl check` looks at them"
        return f"{' and '.join(told)} are {about}" if told else ""

    def _close(self) -> int:
        """Say what else there is to say, and return the exit status."""
        from cnndsl.render import family as render

        selection, tally = self._selection, self._selection.tally
        report = Report(self._source)
        for text in render.assumptions(self._family) if self._form != "table" else ():
            tell([[("note: ", "note"), (text, "")]], self._colour)
        for option, question in (("--where", selection.where), ("--sort", selection.sort)):
            if question and question.fault:
                tell([unanswered(option, question)], self._colour)
        if not tally.valid and selection.first_error and selection.first_error.error:
            report.diagnostics.append(selection.first_error.error)
        else:
            report.unchecked = self._unchecked()
        tell_diagnostics(report, self._colour)
        if selection.stopped:
            return INTERRUPTED
        found = tally.passed and (tally.valid or selection.only == "invalid")
        return status(report) or (0 if found else 1)


def unanswered(option: str, question: Question) -> Line:
    """That some of the members have no answer, and why the first of them has none."""
    assert question.fault is not None
    number = counted(question.unanswered, "member")
    what = "do not pass" if option == "--where" else "come last"
    text = f"{number} have no answer to {option} and {what}: {question.fault.message}"
    return [("note: ", "note"), (text, "")]


@contextmanager
def _ended_by_ctrl_c(selection: Selection) -> Iterator[None]:
    """The first Ctrl-C ends the search after the member at hand, the second the program."""

    def end(*_: object) -> None:
        selection.stopped = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
