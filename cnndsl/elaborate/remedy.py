"""Padding that was forgotten in one of several paths: `{ CONV(64, 3, p=1) | CONV(64, 3) }`.

`join` knows shapes alone; here the layers of the paths are known as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnndsl.diagnostics import Change, Diagnostic, Edit, Fix, Problem
from cnndsl.elaborate.broken import changed
from cnndsl.elaborate.changes import Call, fixes
from cnndsl.elaborate.compute import words
from cnndsl.layers import Conv, Pool
from cnndsl.layers.base import brief
from cnndsl.layers.windows import spanned
from cnndsl.network import (
    BlockNode,
    ChainNode,
    LabelNode,
    LayerNode,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)
from cnndsl.shape import OpenSize, Shape
from cnndsl.syntax import ast
from cnndsl.values import Pair

#: A repeat with more copies is not looked at.
MAX_COPIES = 20


def improve(found: Diagnostic, node: ParallelNode) -> None:
    """Put the padding that a path lacks before the remedies that follow from the shapes."""
    spans = (found.span, *(label.span for label in found.labels[:1]))
    branches = [branch for branch in node.branches if branch.span in spans]
    if len(branches) == 2 and all(branch.output and branch.output.closed for branch in branches):
        small, large = sorted(branches, key=_extents)
        _pad(found, small, large.output or Shape(0), alike=node.operator != "|")


def _extents(node: Node) -> tuple[int, ...]:
    return node.output.extents if node.output else ()


class _Other(Exception):
    """A path has more than layers, one after the other."""


class _Placed(NamedTuple):
    """A layer, and the innermost use of a block that it is in."""

    node: LayerNode
    use: BlockNode | None


def _layers(node: Node, use: BlockNode | None = None) -> Iterator[_Placed]:
    """The layers of a path in their order, those of a repeat for each copy."""
    match node:
        case LayerNode() if node.layer:
            yield _Placed(node, use)
        case ChainNode():
            for part in node.parts:
                yield from _layers(part, use)
        case LabelNode():
            yield from _layers(node.body, use)
        case BlockNode():
            yield from _layers(node.body, node)
        case RepeatNode() if sum(run.copies for run in node.runs) <= MAX_COPIES:
            for run in node.runs:
                for _ in range(run.copies):
                    yield from _layers(run.body, use)
        case _:
            raise _Other


def _pad(found: Diagnostic, small: Node, wanted: Shape, *, alike: bool) -> None:
    """With padding of half a window in all its layers, the smaller path is as large as the other.

    `alike`: the channels have to agree as well.
    """
    first = small.parts[0] if isinstance(small, ChainNode) else None
    parts = small.parts[1:] if isinstance(small, ChainNode) and isinstance(first, TapNode) else [small]
    texts, x = dict[_Placed, str](), first.output if isinstance(first, TapNode) else small.input
    try:
        for one in (one for part in parts for one in _layers(part)):
            layer, pads = one.node.layer, _half(one.node)
            if layer and pads:
                layer = changed(layer, "pad", pads)
                texts[one] = brief(pads)
            x = layer.output(x) if layer and x else None
    except (Problem, OpenSize, _Other):
        return
    if texts and x and x.extents == wanted.extents and (not alike or x == wanted):
        _told(found, texts, x)


def _half(node: LayerNode) -> tuple[Pair, ...]:
    """Padding of half a window, where the layer has another; () where it keeps its own."""
    layer = node.layer
    if not isinstance(layer, Conv | Pool) or isinstance(layer.pad, str):
        return ()
    window = layer.kernel if isinstance(layer, Conv) else layer.window
    spans = [spanned(size, dilation) for size, dilation in zip(window, layer.dilation, strict=True)]
    pads = tuple(Pair(span // 2, span // 2) for span in spans)
    return pads if pads != layer.pad and all(span % 2 for span in spans) else ()


def _told(found: Diagnostic, texts: dict[_Placed, str], x: Shape) -> None:
    edits = dict[tuple[int, int], Edit]()
    for one, text in texts.items():
        made = _written(one, text)
        placed = {(edit.span.start, edit.span.end): edit for edit in made}
        if not made or any(edits.get(place, edit).text != edit.text for place, edit in placed.items()):
            return
        edits |= placed
    names = " and ".join(
        dict.fromkeys(f"p={_shown(one, text)} at {_name(one)}" for one, text in texts.items())
    )
    if len(names) < 60:
        found.hints = (f"with {names} it is {'x'.join(map(str, x.extents))} as well",)
        found.fixes = (Fix(f"write {names}", tuple(edits.values())), *found.fixes)


def _shown(one: _Placed, text: str) -> str:
    """Half of a block's own `k`, which fits in every use of it, for a number."""
    kernel, pad = (one.node.sources.get(name) for name in ("kernel", "pad"))
    own = one.use and isinstance(kernel, ast.Name) and not isinstance(pad, ast.Name)
    return f"{kernel.span.text}//2" if own and kernel and "x" not in text else text


def _name(one: _Placed) -> str:
    return f"{one.use.name}.{one.node.name}" if one.use else one.node.name


def _written(one: _Placed, text: str) -> tuple[Edit, ...]:
    """The padding written at the layer, or at the use of its block for a parameter there."""
    pad, step = one.node.sources.get("pad"), one.node.syntax
    if one.use and isinstance(pad, ast.Name):
        return _argument(one.use, pad.name, text)
    assert isinstance(step, ast.LayerStep)
    places = {name: expr.span for name, expr in one.node.sources.items()}
    call = Call(one.node.kind, step.name_span, step.arguments, places, words())
    made = fixes((Change("", {"pad": _shown(one, text)}),), call, step.span)
    return made[0].edits if made else ()


def _argument(use: BlockNode, name: str, text: str) -> tuple[Edit, ...]:
    step, params = use.syntax, [param.name for param in use.block.syntax.params]
    if not isinstance(step, ast.LayerStep) or name not in params:
        return ()
    items = step.arguments.items if step.arguments else ()
    places = {param: item.span for param, item in zip(params, items, strict=False) if item.name is None}
    places |= {item.name: item.span for item in items if item.name}
    call = Call(None, step.name_span, step.arguments, places, words())
    made = fixes((Change("", {name: text}),), call, step.span)
    return made[0].edits if made else ()
