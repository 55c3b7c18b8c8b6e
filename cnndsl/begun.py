"""The network at the beginning of a text that cannot be read to its end, so that it can be shown.

>>> begun(check("INPUT(3@32x32) → CONV(8, 3) FC(10)")).main.inside[1].output
Shape(8@30x30)
"""

from __future__ import annotations

from typing import Any

from cnndsl.api import Report, check
from cnndsl.diagnostics import Diagnostic
from cnndsl.elaborate.context import sums, unknown
from cnndsl.network import ChainNode, Network, Node, Output
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.parse import beginnings


def begun(report: Report, **options: Any) -> Network | None:
    """The network before the syntax error of a text, with the error on a step that stands for the rest.

    None where the text has no network before the error, or no such error. The options are those of `check`,
    heeded where what they are about stands before the error.
    """
    if report.program or not report.diagnostics or report.diagnostics[0].span.source is not report.source:
        return None
    for text, end in beginnings(report.source):
        source = Source(report.source.name, text, report.source.path)
        networks = check(source, **options).networks or check(source).networks
        if networks:
            return _ended(networks[0], report.diagnostics[0], end)
    return None


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
