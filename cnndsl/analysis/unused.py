"""Blocks of a file that nothing uses, and parameters that nothing asks for: found in the text alone.

A name is looked for as a word; that is quick, and errs on the side of silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cnndsl.analysis.way import nodes
from cnndsl.diagnostics import Diagnostic
from cnndsl.elaborate.program import Program
from cnndsl.layers import find_kind
from cnndsl.network import LayerNode, Network
from cnndsl.source import Span
from cnndsl.syntax import ast

_ASIDE = re.compile(r'#[^\n]*|"[^"\n]*"')


def unused(program: Program) -> Iterator[Diagnostic]:
    """The blocks and parameters of the file that are defined for nothing."""
    own = [block.syntax for block in program.blocks.values() if block.program is program]
    text = program.source.text
    chosen = any(_takes_a_block(param, program) for param in program.params)
    for block in own:
        elsewhere = "" if chosen else f"{text[: block.span.start]} {text[block.span.end :]}"
        if not chosen and not _mentioned(block.name, elsewhere):
            hint = "use it as a step, or take it out"
            yield _finding(block.name_span, f"nothing uses the block `{block.name}`", hint)
        for param in _idle(block.params, [block.body.span]):
            message = f"the block {block.name} makes no use of its `{param.name}`"
            yield _finding(param.span, message, "use it in the block, or take it out")
    if program.net and program.net.params:
        for param in _idle(program.params, _spans(program)):
            message = f"the network makes no use of its parameter `{param.name}`"
            yield _finding(param.span, message, "use it in the network, or take it out")


def idle_init(statement: ast.Init, networks: Iterable[Network]) -> Iterator[Diagnostic]:
    """The kinds that `init` names and no network has."""
    named = [item for item in statement.items if item.kind]
    if not named:
        return
    found = {node.kind for network in networks for node in nodes(network) if isinstance(node, LayerNode)}
    for item in named:
        kind = find_kind(item.kind)
        if kind not in found:
            message = f"`init` says how {item.kind} starts, and there is none here"
            yield _finding(item.span, message, "take it out")


def _takes_a_block(param: ast.Param, program: Program) -> bool:
    """Whether a parameter may stand for a block, so that `--set` can name any of them."""
    name = param.default.name if isinstance(param.default, ast.Name) else ""
    return param.default is None or name in program.blocks or bool(find_kind(name))


def _finding(span: Span, message: str, hint: str) -> Diagnostic:
    return Diagnostic("unused", message, span, hints=(hint,))


def _spans(program: Program) -> list[Span]:
    """Where the parameters of the net are known."""
    chains = [program.chain, *(let.body for let in program.lets.values())]
    found = [chain.span for chain in chains if chain]
    found += [one.arguments.span for many in program.defaults.values() for one in many]
    return [*found, *(expect.span for expect in program.expects)]


def _idle(params: tuple[ast.Param, ...], spans: Iterable[Span]) -> Iterator[ast.Param]:
    """The parameters that are mentioned neither in these places nor by the parameters behind them."""
    if not params:
        return
    text = " ".join(span.text for span in spans)
    for number, param in enumerate(params):
        if not _mentioned(param.name, text) and not _mentioned(param.name, _defaults(params[number + 1 :])):
            yield param


def _defaults(params: tuple[ast.Param, ...]) -> str:
    """The expressions of parameters, which see those before them."""
    found = [one for param in params for one in (param.default, param.low, param.high) if one]
    found += [one for param in params for one in param.choices or ()]
    return " ".join(expr.span.text for expr in found)


def _mentioned(name: str, text: str) -> bool:
    """Whether a name stands in a text, if only as the k of `3xk`.

    `s=` is an argument's name, and the letter of `in.s` none.
    """
    word = re.compile(rf"(?<![^\W\dxX×])(?<![\w\])]\.){name}(?![^\WxX×])(?!\s*=(?!=))")
    return bool(word.search(text)) and ("#" not in text or bool(word.search(_ASIDE.sub("", text))))
