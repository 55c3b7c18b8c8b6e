"""A claim that does not hold because of a layer before: the pool whose stride should have been 2.

>>> found = earlier(network, diagnostic, step)
>>> found.hint, found.fix.title
('s=2 at pool1, before it, gives 256@27x27', 'write s=2 at pool1')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cnndsl.analysis import way
from cnndsl.diagnostics import Change, Fix, Problem, edited
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate import elaborate
from cnndsl.elaborate.broken import candidates, changed
from cnndsl.elaborate.changes import Call, fixes
from cnndsl.elaborate.compute import words
from cnndsl.elaborate.program import Collector
from cnndsl.files import find_used
from cnndsl.layers import Layer, Windowed
from cnndsl.layers.base import brief
from cnndsl.network import LayerNode, Network
from cnndsl.shape import OpenSize, Shape
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.parse import parse

#: Layers before the claim that are looked at, and remedies that are tried out on the whole network.
MAX_BACK = 8
MAX_TRIALS = 6


class Remedy(NamedTuple):
    """What another layer would have to be, said and as a fix."""

    hint: str
    fix: Fix


def earlier(network: Network, body: ast.Step, said: tuple[int | None, ...]) -> Remedy | None:
    """An argument of a layer before `body` with which its extents are as claimed, and all else holds."""
    at = way.way_to(network, lambda node: node.syntax is body)
    if at is None or not isinstance(at[0], LayerNode):
        return None
    path = _plain([*at[1], way.Step("", at[0])])
    for trial, (name, change, node, shape) in enumerate(_changes(path, said)):
        if trial == MAX_TRIALS:
            return None
        for fix in _fixes(change, node):
            if _mends(network, fix):
                text = change.title.removeprefix("write ")
                fix.title = f"{change.title} at {name}"
                return Remedy(f"{text} at {name}, before it, gives {shape}", fix)
    return None


def _plain(steps: list[way.Step]) -> list[tuple[str, LayerNode]]:
    """The last layers on a way, as far back as it has no parallel paths."""
    found: list[tuple[str, LayerNode]] = []
    for name, node in reversed(steps):
        if not isinstance(node, LayerNode) or not node.layer or not node.input or not node.input.closed:
            break
        found.insert(0, (name, node))
    return found[-MAX_BACK - 1 :]


def _changes(
    path: list[tuple[str, LayerNode]], said: tuple[int | None, ...]
) -> Iterator[tuple[str, Change, LayerNode, Shape]]:
    """Changes of one layer on the path that make its end as claimed, the nearest layer first."""
    for number in range(len(path) - 2, -1, -1):
        name, node = path[number]
        assert node.layer is not None and node.input is not None
        if not isinstance(node.layer, Windowed):
            continue
        tried = set()
        for argument, value in candidates(node.layer):
            layers = [changed(node.layer, argument, value), *(one.layer for _, one in path[number + 1 :])]
            shape = _through(layers, node.input)
            if shape and _fits(said, shape) and argument not in tried:
                tried.add(argument)
                text = brief(value) if not isinstance(value, bool) else "yes"
                short = node.layer.hypers()[argument].short
                yield name, Change(f"write {short}={text}", {argument: text}), node, shape


def _through(layers: Iterable[Layer | None], x: Shape) -> Shape | None:
    """The shape behind some layers; None where one of them refuses it."""
    try:
        for layer in layers:
            x = layer.output(x) if layer else x
    except (Problem, OpenSize):
        return None
    return x


def _fits(said: tuple[int | None, ...], shape: Shape) -> bool:
    return len(said) == shape.rank and all(a in (None, b) for a, b in zip(said, shape.extents, strict=True))


def _fixes(change: Change, node: LayerNode) -> tuple[Fix, ...]:
    if not isinstance(node.syntax, ast.LayerStep):
        return ()
    written = {name: expr.span for name, expr in node.sources.items()}
    call = Call(node.kind, node.syntax.name_span, node.syntax.arguments, written, words())
    return fixes((change,), call, node.syntax.span)


def _mends(network: Network, fix: Fix) -> bool:
    """Whether the network has no errors with a fix."""
    source = network.program.source
    if any(edit.span.source is not source for edit in fix.edits):
        return False
    text = edited(source.text, fix.edits)
    try:
        program = Collector(parse, find_used).network(Source(source.name, text, source.path))
        again: Any = elaborate(program, network.variant, network.settings, strict=network.strict)
    except Located:
        return False
    return bool(again.ok)
