"""`cnndsl fmt`: files in their canonical layout."""

from __future__ import annotations

import sys
from typing import NamedTuple

import click

from cnndsl import api
from cnndsl.cli.fixing import show_diff
from cnndsl.cli.options import Request, complete, is_own, sources, status
from cnndsl.cli.output import colour_option, tell, tell_diagnostics
from cnndsl.cli.rewrite import NotWritten, rewrite
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.formatting import fmt
from cnndsl.source import Source

HELP = """Write files in the one canonical layout; comments and line breaks between stages stay.

\b
Examples:
  cnndsl fmt my.cnn               writes the file anew
  cnndsl fmt --check *.cnn        names the files that would change
  cnndsl fmt --diff my.cnn        shows what would change
  cnndsl fmt --annotate my.cnn    … with each size as a claim: CONV(8, 3) : 8@30x30
  cnndsl fmt --strip my.cnn       … without claims
  cnndsl fmt --annotate alexnet   a shipped network, to standard output
  cnndsl fmt - < my.cnn           standard input to standard output

\b
--strip and --annotate together write all claims anew. What cannot be read, or not be annotated
for an error, is left as it is.
Exit status: 0 all is well, 1 errors, or a file would change (--check, --diff), 2 wrong usage.
"""


class Wish(NamedTuple):
    """What is asked for: claims written or taken out; `dry`: nothing is to be changed."""

    annotate: bool
    strip: bool
    check: bool
    diff: bool
    colour: str

    @property
    def dry(self) -> bool:
        return self.check or self.diff


@click.command("fmt", help=HELP, short_help="Write files in the canonical layout.")
@click.argument("files", nargs=-1, metavar="FILE...", shell_complete=complete)
@click.option("--check", is_flag=True, help="Change nothing; say which files would change.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@click.option("--annotate", is_flag=True, help="Write a claim behind each step that makes a size.")
@click.option("--strip", is_flag=True, help="Take all claims out; `expect` lines stay.")
@colour_option
def command(
    files: tuple[str, ...], *, check: bool, diff: bool, annotate: bool, strip: bool, color: str
) -> None:
    if not files:
        raise click.UsageError("name a FILE, a shipped network, or - for standard input")
    wish = Wish(annotate, strip, check, diff, color)
    request = Request(files, None, (), "", (), False, False, ())
    sys.exit(max([_one(source, wish) for source in sources(request)]))


def _one(source: Source | api.Report, wish: Wish) -> int:
    """Format one source; its exit status."""
    if isinstance(source, api.Report):
        tell_diagnostics(source, wish.colour)
        return status(source)
    try:
        text = fmt(source, annotate=wish.annotate, strip=wish.strip)
    except (Located, api.SpecError) as error:
        found = [error.diagnostic] if isinstance(error, Located) else [*error.diagnostics]
        tell_diagnostics(api.Report(source, diagnostics=found), wish.colour)
        return 1
    return _dry(source, text, wish) if wish.dry else _put(source, text, wish.colour)


def _dry(source: Source, text: str, wish: Wish) -> int:
    if wish.diff:
        show_diff(source, text, wish.colour)
    if text == source.text:
        return 0
    tell([[(f"would format {source.name}", "")]], wish.colour)
    return 1


def _put(source: Source, text: str, colour: str) -> int:
    """Write the text where it came from; of what is no file of the user's, to standard output."""
    if not is_own(source):
        sys.stdout.write(text)
        return 0
    if text == source.text:
        tell([[(f"{source.name} is formatted already", "")]], colour)
        return 0
    try:
        rewrite(source, text)
    except NotWritten as error:
        tell([[("error: ", "error"), (str(error), "")]], colour)
        return 1
    tell([[(f"formatted {source.name}", "")]], colour)
    return 0
