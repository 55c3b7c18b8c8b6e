"""The network at the beginning of a text that cannot be read to its end, so that it can be shown.

>>> begun(check("INPUT(3@32x32) → CONV(8, 3) FC(10)")).main.inside[1].output
Shape(8@30x30)
"""

from __future__ import annotations

import re
from typing import Any

from cnndsl.api import Report, check
from cnndsl.diagnostics import Diagnostic
from cnndsl.elaborate.context import sums, unknown
from cnndsl.network import ChainNode, Network, Node, Output
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.parse import at_fault, beginnings

#: So many statements with errors are left out at most.
MAX_LEFT_OUT = 4


def begun(report: Report, **options: Any) -> Network | None:
    """The network before the syntax error of a text, with the error on a step that stands for the rest.

    Where the error is before the network, the network without the statement at fault, with the error on the
    steps that need this. None where the text has neither, or no such error. The options are those of
    `check`, heeded where what they are about can be read.
    """
    if report.program or not report.diagnostics or report.diagnostics[0].span.source is not report.source:
        return None
    return _before(report, options) or _around(report, options)


def _before(report: Report, options: dict[str, Any]) -> Network | None:
    for text, end in beginnings(report.source):
        source = Source(report.source.name, text, report.source.path)
        networks = check(source, **options).networks or check(source).networks
        if networks:
            return _ended(networks[0], report.diagnostics[0], end)
    return None


def _around(report: Report, options: dict[str, Any], tries: int = MAX_LEFT_OUT) -> Network | None:
    """The network of a text without the statement that holds the error, or without several such."""
    error = report.diagnostics[0]
    statement = at_fault(error.span)
    if statement is None or not tries or report.program:
        return None
    text = report.source.text
    blank = "".join(sign if sign == "\n" else " " for sign in statement.text)
    source = Source(report.source.name, text[: statement.start] + blank + text[statement.end :])
    rest = check(source, **options)
    rest = rest if rest.networks else check(source)
    network = rest.networks[0] if rest.networks else None
    if not network and rest.diagnostics:
        network = _before(rest, options) or _around(rest, options, tries - 1)
    return _marked(network, error, statement.text) if network else None


def _marked(network: Network, error: Diagnostic, statement: str) -> Network:
    """The network with the error in place of those that come of the statement's absence."""
    words = {*re.findall(r"\w+", statement)}
    said: list[Diagnostic] = []
    placed = False
    for one in network.diagnostics:
        missed = one.code in {"unknown-layer", "undefined"} and (
            one.span.text in words or statement.startswith("use")
        )
        placed = placed or missed
        said.append(Diagnostic(error.code, error.message, one.span) if missed else one)
    network.diagnostics = said if placed else [*said, error]
    return network


def _ended(network: Network, error: Diagnostic, end: int) -> Network:
    """The network with a last step that bears the error."""
    rest = _rest(error.span, end)
    chains = [_longer(chain, rest) if chain.kind == "main" else chain for chain in network.chains]
    said = [Diagnostic(error.code, error.message, rest)]
    return Network(network.program, network.variant, network.arguments, chains, said, domain=network.domain)


def _longer(chain: Output, rest: Span) -> Output:
    node = chain.node
    last = unknown(ast.Step(span=rest), node.output)
    parts: list[Node] = [*node.inside, last] if isinstance(node, ChainNode) else [node, last]
    whole = ChainNode(syntax=node.syntax, input=node.input, output=None, parts=parts, **sums(parts))
    return Output(chain.name, whole, chain.kind, chain.counted)


def _rest(place: Span, end: int) -> Span:
    """What was not read, or where nothing is left, the place of the error."""
    text = place.source.text
    start = end + len(text[end:]) - len(text[end:].lstrip("→-> \t\r\n"))
    return Span(place.source, start, len(text.rstrip())) if text[start:].strip() else place
