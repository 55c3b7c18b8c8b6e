"""The page: one file of HTML with its styles and script inside, which fetches nothing.

Whatever belongs to a layer bears its path in `data-path`; the script shows the explanation of the
layer that is clicked on, wherever on the page that is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import rows, walked
from cnndsl.drawing import draw
from cnndsl.drawing.faults import faults
from cnndsl.drawing.limits import too_large
from cnndsl.explain.step import explain
from cnndsl.render import html, summary
from cnndsl.render.diagnostics import detailed
from cnndsl.render.explained import explained
from cnndsl.render.text import hook, visible
from cnndsl.webpage.bars import bars
from cnndsl.webpage.listing import listing
from cnndsl.webpage.sight import sight

if TYPE_CHECKING:
    from cnndsl.api import Report
    from cnndsl.network import Network

#: Of a network with more layers than this, equal ones counted once, the rest is not explained: the
#: page would take a browser too long.
MAX_EXPLAINED = 2000


#: What a page starts with: other files are not replaced unasked.
MARK = '<!doctype html>\n<html lang="en" class="cnndsl"><head>'


def webpage(report: Report, network: Network | None = None) -> str:
    """The page of a report's first network, or of another one that is shown in its place."""
    network = network or (report.networks[0] if report.networks else None)
    name = network.name if network else report.source.name
    with ExitStack() as named:
        names = named.enter_context(summary.named_sizes(network)) if network else []
        body = "".join(_body(report, network, names))
    title = f'<meta charset="utf-8"><title>{escape(name)}</title>'
    head = f'{title}<meta name="viewport" content="width=device-width">'
    style = f"{html.STYLE}<style>{_file('page.css')}</style>"
    script = f"<script>{_file('page.js')}</script>"
    return f"""{MARK}{head}{style}</head><body class="cnn">{body}{script}</body></html>
"""


def _file(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _body(report: Report, network: Network | None, names: Sequence[Sequence[str]]) -> Iterator[str]:
    """The parts of the page; sizes that are long formulas go by the `names` that are told in its head."""
    yield "<header>"
    yield f"<h1>{escape(summary.title(network) if network else report.source.name)}</h1>"
    if network:
        yield from (f"<p>{escape(visible(line))}</p>" for line in summary.doc(network.program))
        yield from html.facts(network)
        yield from html.pairs(names)
    yield "</header><main>"
    if report.diagnostics or report.unchecked:
        said = html.preformatted(detailed(report.diagnostics, None)) if report.diagnostics else ""
        wrong = any(one.severity == "error" for one in report.diagnostics)
        title = "What is wrong" if wrong else "What to know"
        yield _section("diagnostics", title, said + html.note(report.unchecked))
    if network:
        yield from _network(network)
    yield _section("source", "Source", listing(report.source, report.diagnostics))
    yield "</main>"
    if network:
        yield '<aside id="explanation" aria-live="polite"><p class="faint">Click on a layer, or walk through'
        yield " them with the keys ↑ and ↓: it is explained here. Esc clears this.</p></aside>"
        yield from _explanations(network)


def _network(network: Network) -> Iterator[str]:
    layers = [*rows(network)]
    yield _section("picture", "Picture", html.note(too_large(network, expand=False)) or draw(network))
    yield _section("layers", "Layers", "".join((*html.table(network, "see above"), *html.remarks(network))))
    if shares := bars(layers):
        yield _section("bars", "Where the parameters, MACs and activations sit", shares)
    if seen := sight(layers):
        yield _section("field", "How the receptive field grows", seen)


def _section(name: str, title: str, content: str) -> str:
    return f'<section id="{name}"><h2>{title}</h2>{content}</section>'


def _explanations(network: Network) -> Iterator[str]:
    """What is said of each layer, out of sight until it is asked for."""
    found, wrong = walked(network), faults(network).at
    steps: dict[str, list[str]] = {}
    for path, node in ((one.path, one.node) for each in (found.rows, found.ends) for one in each):
        steps.setdefault(path, []).extend(wrong.get(node, ()) if node else ())
    for path, messages in islice(steps.items(), MAX_EXPLAINED):
        said = "".join(f'<p class="error">{escape(visible(message))}</p>' for message in messages)
        told = html.preformatted(explained(explain(network, path), 76))
        yield f'<template data-for="{escape(hook(path))}">{said}{told}</template>'
