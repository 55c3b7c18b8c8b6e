"""`cnndsl explain`: what a code means, how layers are written, and how a network's numbers come about."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from cnndsl import api
from cnndsl.cli.options import Request, complete, network_options, reports, status
from cnndsl.cli.output import colour_option, show, tell, tell_diagnostics
from cnndsl.diagnostics import CATALOGUE, did_you_mean
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.explain import initial, pages
from cnndsl.layers import KINDS
from cnndsl.render import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from click.shell_completion import CompletionItem

    from cnndsl.layers import Layer
    from cnndsl.network import Network
    from cnndsl.render.text import Line

HELP = """Explain a diagnostic's code, a kind of layer, a layer or a network, with the numbers worked.

\b
Examples:
  cnndsl explain                            all codes
  cnndsl explain kernel-too-large           what a code means, with examples
  cnndsl explain CONV                       a kind of layer: its arguments, an example
  cnndsl explain init                       how weights can start
  cnndsl explain alexnet                    a network, from its input to its output
  cnndsl explain alexnet conv1              a layer: its size, weights, receptive field
  cnndsl explain googlenet i3a.conv2        a layer in a block, by the path in the table
  cnndsl explain googlenet i3a              the block itself
  cnndsl explain resnet --variant ResNet50 conv1
  cnndsl explain -e 'INPUT(3@32x32) → CONV(8, 3)' conv1

\b
Exit status: 0 all is well, 1 the file has errors, 2 wrong usage.
"""

#: Steps that are listed where a path leads nowhere.
MAX_LISTED = 40


def complete_word(context: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes, kinds of layers and networks; behind a network the paths of its layers."""
    from click.shell_completion import CompletionItem

    given: tuple[str, ...] = context.params.get("files") or ()
    if len(given) == 1 and not pages.code_of(given[0]):
        return [CompletionItem(path) for path in _paths(given[0]) if path.startswith(incomplete)]
    names = (*CATALOGUE, "init", *(kind.kind for kind in KINDS.values()))
    codes = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return [*codes, *complete(context, param, incomplete)]


def _paths(name: str) -> list[str]:
    from cnndsl.explain.find import paths

    try:
        networks = api.check(api.read_source(name)).networks
    except Located:
        return []
    return list(dict.fromkeys(path for network in networks for path in paths(network)))


WORDS = click.argument(
    "files", nargs=-1, metavar="[CODE | KIND | FILE [LAYER]]", shell_complete=complete_word
)


@click.command("explain", help=HELP, short_help="Explain a code, a kind of layer, a layer or a network.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    help="markdown: the page of a code as it stands, others in a code block.",
)
@colour_option
@partial(network_options, argument=WORDS)
def command(request: Request, form: str, *, color: str) -> None:
    words = request.files
    if len(words) + (request.expression is not None) > 2:
        raise click.UsageError("explain takes a CODE, a KIND of layer, a FILE, or a FILE and one LAYER of it")
    if not words and request.expression is None:
        _codes(form, color)
    elif request.expression is None and len(words) == 1 and (code := _code(words[0])):
        _page(code, form, color)
    elif request.expression is None and words == ("init",) and not os.path.exists("init"):
        _paged(initial.page(), form, color)
    elif request.expression is None and len(words) == 1 and (kind := _kind(words[0])):
        _write(_layer(kind, words[0]), form, color)
    else:
        sys.exit(_network(request, form, color))


# ---- codes


def _codes(form: str, colour: str) -> None:
    from cnndsl.render.page import listing

    if form == "markdown":
        sys.stdout.write(pages.index())
    else:
        show(listing(CATALOGUE, terminal.columns(sys.stdout)), colour)


def _code(word: str) -> str | None:
    """The code that a word is; wrong usage where it can only be one that there is not."""
    code = pages.code_of(word)
    if code is None and pages.is_printed(word):
        near = pages.alike(word)
        hint = f", did you mean {' or '.join(near)}?" if near else "; `cnndsl explain` lists all"
        raise click.UsageError(f"there is no code `{word}`{hint}")
    return code


def _page(code: str, form: str, colour: str) -> None:
    _paged(pages.page(code), form, colour)


def _paged(text: str, form: str, colour: str) -> None:
    """Show a page, which is written in Markdown."""
    from cnndsl.render.page import page

    if form == "markdown":
        sys.stdout.write(text)
    else:
        show(page(text, terminal.columns(sys.stdout)), colour)


# ---- layer kinds


def _kind(word: str) -> type[Layer] | None:
    """The layer kind that a word is, unless a file is called so."""
    from cnndsl.explain.layers import kind_of

    return None if os.path.exists(word) else kind_of(word)


def _layer(kind: type[Layer], word: str) -> Iterable[Line]:
    from cnndsl.explain.layers import kind_page
    from cnndsl.render.kind import kind as lines

    return lines(kind_page(kind, word), terminal.columns(sys.stdout))


# ---- networks


def _network(request: Request, form: str, colour: str) -> int:
    """Explain a network or a layer of it, and return the exit status."""
    file, layer = _split(request)
    (report,) = reports(request._replace(files=file))
    if report.program is None and not report.source.text:
        _refuse_typo(file)
    if len(report.networks) > 1:
        names = ", ".join(network.name for network in report.networks)
        raise click.UsageError(f"{report.source.name} has variants, name one by --variant: {names}")
    for network in report.networks:
        _write(_lines(network, layer), form, colour)
    if report.networks and report.diagnostics:
        tell([[]], colour)
    tell_diagnostics(report, colour)
    return status(report)


def _split(request: Request) -> tuple[tuple[str, ...], str]:
    """The file, none beside -e, and the path of a layer, "" for the whole network."""
    words = request.files
    file = words[:1] if request.expression is None else ()
    rest = words[len(file) :]
    return file, rest[0] if rest else ""


def _refuse_typo(file: tuple[str, ...]) -> None:
    """A word that is neither a file nor a network may be meant as a code, or as a kind of layer."""
    word = file[0] if file else ""
    for what, near in (
        ("code", pages.alike(word)),
        ("kind of layer", did_you_mean(word, (kind.kind for kind in KINDS.values()))),
    ):
        if near and not did_you_mean(word, api.shipped()):
            raise click.UsageError(f"there is no {what} `{word}`, did you mean {' or '.join(near)}?")


def _lines(network: Network, layer: str) -> Iterable[Line]:
    limit = terminal.columns(sys.stdout)
    if not layer:
        from cnndsl.render.traced import traced

        return traced(network, limit)
    from cnndsl.explain.find import NoSuchStep
    from cnndsl.explain.step import explain
    from cnndsl.render.explained import explained

    try:
        return explained(explain(network, layer), limit)
    except NoSuchStep as error:
        raise click.UsageError(_nowhere(network, error.path, error.near, error.steps)) from None


def _nowhere(network: Network, path: str, near: list[str], steps: list[str]) -> str:
    message = f"{network.name} has no step `{path}`"
    if near:
        message += f", did you mean {' or '.join(near)}?"
    more = f", … ({len(steps) - MAX_LISTED} more)" if len(steps) > MAX_LISTED else ""
    return f"{message}\nIts steps: {', '.join(steps[:MAX_LISTED])}{more}"


def _write(lines: Iterable[Line], form: str, colour: str) -> None:
    if form == "markdown":
        from cnndsl.render.text import plain

        sys.stdout.writelines(("```text\n", *(f"{plain(line)}\n" for line in lines), "```\n"))
    else:
        show(lines, colour)
