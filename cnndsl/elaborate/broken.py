"""A claim about an output that does not hold: why the shape is another, and what would make it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cnndsl.diagnostics import Change, Diagnostic, Edit, Fix, Problem
from cnndsl.elaborate.changes import Call, fixes
from cnndsl.elaborate.compute import words
from cnndsl.elaborate.shapes import show
from cnndsl.layers import Conv, Input, Layer, Pool, TConv, Windowed
from cnndsl.layers.base import brief
from cnndsl.network import LayerNode, Node
from cnndsl.shape import OpenSize, Shape
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.values import Partial


def broken(step: ast.Claimed, claim: Partial, node: Node, actual: Shape) -> Diagnostic:
    """The diagnostic for a claim that does not hold."""
    message = f"this is {actual}, not {step.claim.span.brief} as claimed"
    hints, found = [*_reason(step, claim, node, actual)], list[Fix]()
    if _flattened(claim, actual):
        end = step.body.span.end
        found.append(Fix("flatten first", (Edit(Span(step.span.source, end, end), " → FLATTEN"),)))
    elif isinstance(node, LayerNode) and node.kind is Input:
        hints.append(f"the input's shape stands in parentheses: INPUT({show(claim)})")
    elif isinstance(node, LayerNode) and node.layer and node.input and node.input.closed and actual.closed:
        changes = [*_changes(node.layer, node.input, claim, actual)]
        hints += _told(node.layer, node.input, claim, changes)
        found += _fixes(changes, node, step)
    if actual.closed:
        found.append(Fix(f"claim {actual}", (Edit(step.claim.span, str(actual)),)))
    return Diagnostic("claim", message, step.claim.span, hints=tuple(hints), fixes=tuple(found))


def _flattened(claim: Partial, actual: Shape) -> bool:
    return bool(actual.rank and not claim.extents and claim.channels == actual.numel)


def _reason(step: ast.Claimed, claim: Partial, node: Node, actual: Shape) -> Iterator[str]:
    layer = node.layer if isinstance(node, LayerNode) else None
    worked = layer.sizes(node.input) if layer and node.input and not actual.unknown else ""
    if worked:
        yield f"its size is {worked}"
    if _flattened(claim, actual):
        flat = f"{actual.numel} = {actual.factors}"
        yield f"{flat} once flattened: claim it after FLATTEN, FC flattens by itself"
    if isinstance(step.claim, ast.AxesExpr | ast.Name) and len(claim.extents) + 1 == actual.rank:
        yield f"it does not say the channels: write _@{step.claim.span.brief}"


def _changes(layer: Layer, x: Shape, claim: Partial, actual: Shape) -> Iterator[Change]:
    """One argument each that would make the layer's output as claimed."""
    if len(claim.extents) != actual.rank:
        return
    filters = getattr(layer, "filters", None)
    if claim.channels not in (None, actual.channels):
        if filters and _fits(claim.extents, actual.extents):
            yield Change(f"make it {claim.channels} filters", {"filters": str(claim.channels)})
        return
    for name, value in candidates(layer):
        try:
            output = changed(layer, name, value).output(x)
        except (Problem, OpenSize):
            continue
        if _fits(claim.extents, output.extents):
            text = brief(value) if not isinstance(value, bool) else "yes"
            short = layer.hypers()[name].short
            yield Change(f"write {short}={text}", {name: text})


def _fits(claimed: Iterable[int | None], extents: Iterable[int]) -> bool:
    return all(said in (None, is_) for said, is_ in zip(claimed, extents, strict=True))


def candidates(layer: Layer) -> Iterator[tuple[str, Any]]:
    """Other values for one argument, nearest first: each name once is enough."""
    rank = layer.rank
    if isinstance(layer, TConv):
        most = max(*layer.stride, *layer.dilation)
        yield from (("output_pad", (extra,) * rank) for extra in range(1, most))
    if isinstance(layer, Pool) and not layer.ceil:
        yield "ceil", True
    if isinstance(layer, Conv | Pool):
        kernel: tuple[int, ...] = layer.kernel if isinstance(layer, Conv) else layer.window
        strides: tuple[int, ...] = layer.stride if isinstance(layer, Conv) else layer.strides
        most = min(kernel) // 2 if isinstance(layer, Pool) else max(kernel)
        yield from (("pad", layer.hypers()["pad"].value(pad, rank)) for pad in range(min(most, 11) + 1))
        if isinstance(layer.pad, str):
            return
        yield from (("stride", (s,) * rank) for s in range(1, 6) if (s,) * rank != strides)


def changed(layer: Layer, name: str, value: Any) -> Layer:
    values = {**layer.__dict__, layer.hypers()[name].field: value}
    return type(layer)(**values)


def _told(layer: Layer, x: Shape, claim: Partial, changes: list[Change]) -> Iterator[str]:
    """What the remedies are, and which map would give what is claimed."""
    titles = [change.title.removeprefix("write ") for change in changes if change.title.startswith("write ")]
    if isinstance(layer, TConv) and titles:
        yield _mapped(layer, x, titles[0], claim)
    elif isinstance(layer, Pool) and "ceil=yes" in titles:
        yield _rounded(layer, x)
    elif isinstance(layer, Windowed):
        yield from _arriving(layer, x, claim, titles)


def _mapped(layer: TConv, x: Shape, title: str, claim: Partial) -> str:
    """`7 and 8 both map to 4; output_pad=1 gives 8`."""
    axis = next(n for n, said in enumerate(claim.extents) if said is not None)
    first = layer.output(x).extents[axis] - layer.output_pad[axis]
    last, gives = first + layer.stride[axis] - 1, f"{title} gives {claim.extents[axis]}"
    if not first < claim.extents[axis] <= last:  # type: ignore[operator]
        return gives
    both = f"{first} and {last} both map" if last == first + 1 else f"{first} to {last} all map"
    return f"under such a CONV {both} to {x.extents[axis]}; {gives}"


def _rounded(layer: Pool, x: Shape) -> str:
    """`(112 − 3)/2 + 1 = 55.5: floor gives 55, ceil=yes gives 56`."""
    axis = next(axis for axis in layer.axes(x) if axis.slack % axis.stride)
    up = axis._replace(ceil=True)
    gives = f"floor gives {axis.outputs}, ceil=yes gives {up.outputs}"
    return f"{axis.unrounded}: {gives} (as Caffe and GoogLeNet)"


def _arriving(layer: Windowed, x: Shape, claim: Partial, remedies: list[str]) -> Iterator[str]:
    """`227 pixels, or p=2, would give 55`."""
    each = [(axis, said) for axis, said in zip(layer.axes(x), claim.extents, strict=False) if said]
    each = [(axis, said) for axis, said in each if axis.outputs != said and not axis.same]
    wanted = {((said - 1) * axis.stride + axis.extent - axis.slack, said) for axis, said in each}
    if len(wanted) != 1:
        return
    ((extent, said),) = wanted
    if extent < 1:
        return
    or_ = f", or {remedies[0]}," if remedies else ""
    left = each[0][0].remainder
    if left:
        division = each[0][0].arithmetic.partition(" + 1 =")[0].strip("⌊⌋")
        unread = f"{left} pixel{'s' * (left > 1)} unread"
        yield f"{division} leaves {unread}; {extent}{or_} gives {said}"
    else:
        yield f"a map of {extent} pixels{or_} would give {said}"


def _fixes(changes: list[Change], node: LayerNode, step: ast.Claimed) -> Iterator[Fix]:
    if not isinstance(node.syntax, ast.LayerStep):
        return
    written = {name: expr.span for name, expr in node.sources.items()}
    call = Call(node.kind, node.syntax.name_span, node.syntax.arguments, written, words())
    seen: set[str] = set()
    for change in changes:
        (name,) = change.values
        if name not in seen:
            seen.add(name)
            yield from fixes((change,), call, step.span)
