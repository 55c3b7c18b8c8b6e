"""A layer that needs a map and gets a vector: what made it one, and where the layer belongs instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnndsl.diagnostics import Diagnostic, Edit, Fix
from cnndsl.layers import FC, Flatten, Input, Layer, Windowed
from cnndsl.network import LayerNode, Network
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.syntax.edits import removed

if TYPE_CHECKING:
    from cnndsl.analysis.way import Step

_ONE_PIXEL = re.compile(r"RESHAPE\(\d+@1x1\)")


def tell(network: Network, found: Diagnostic, node: LayerNode, passed: list[Step]) -> None:
    """Say of a vector that arrives where a map is needed where it comes from, and what to do about it."""
    if node.input is None or node.input.rank:
        return
    _drop_pixel(found, node.layer)
    made = next((step for step in reversed(passed) if not _keeps(step)), None)
    at_start = made is None or (isinstance(made.node, LayerNode) and made.node.kind is Input)
    if at_start:
        _signal(found, passed[0] if passed else None)
    elif made and isinstance(made.node, LayerNode) and made.node.kind is Flatten:
        _without_flatten(network, found, node, made)
    elif made and isinstance(made.node, LayerNode) and made.node.kind is FC:
        _before_fc(network, found, node, made)


def _drop_pixel(found: Diagnostic, layer: Layer | None) -> None:
    """Take off the RESHAPE to a map of one pixel, where the window would not fit that either."""
    if not isinstance(layer, Windowed):
        return
    size: tuple[int, ...] = getattr(layer, "kernel", ()) or getattr(layer, "window", (1,))
    pad = getattr(layer, "pad", "same")
    if isinstance(pad, str) or max(size) <= 1 + max(map(sum, pad)):
        return
    found.hints = tuple(hint for hint in found.hints if not _ONE_PIXEL.search(hint))
    found.fixes = tuple(fix for fix in found.fixes if not _ONE_PIXEL.search(fix.title))


def _keeps(step: Step) -> bool:
    node = step.node
    return isinstance(node, LayerNode) and node.input == node.output and node.kind not in (Input, FC)


def _signal(found: Diagnostic, start: Step | None) -> None:
    """`INPUT(100)` is a vector; a signal of one channel is `1@100`."""
    step = start.node.syntax if start else None
    items = step.arguments.items if isinstance(step, ast.LayerStep) and step.arguments else ()
    if len(items) != 1 or not isinstance(items[0].value, ast.Number):
        return
    text = f"1@{items[0].value.span.text}"
    fix = Fix(f"write INPUT({text})", (Edit(items[0].value.span, text),))
    found.hints = (f"INPUT({text}) is a signal of one channel", *_or(found.hints))
    found.fixes = (fix, *found.fixes)


def _or(hints: tuple[str, ...]) -> Iterator[str]:
    for hint in hints:
        yield f"or: {hint}" if hint.startswith("RESHAPE") else hint


def _without_flatten(network: Network, found: Diagnostic, node: LayerNode, made: Step) -> None:
    """`FLATTEN → CONV`: the map that arrives at the FLATTEN is what the layer works on."""
    place = _place(network, made.node.syntax)
    edit = removed(*place) if place else None
    found.hints = (
        f"{node.kind.kind} works on the map before it: leave {made.name} out, FC flattens by itself",
    )
    if edit:
        found.fixes = (Fix(f"leave {made.name} out", (edit,)),)


def _before_fc(network: Network, found: Diagnostic, node: LayerNode, made: Step) -> None:
    """`FC → POOL`: behind an FC there are no axes any more."""
    found.hints = (
        f"an FC leaves no map: a {node.kind.kind} belongs before {made.name}",
        *_or(found.hints),
    )
    here, first = _place(network, node.syntax), _place(network, made.node.syntax)
    mapped = made.node.input is not None and made.node.input.rank
    if here is None or first is None or here[0] is not first[0] or not mapped:
        return
    edit, start = removed(*here), first[0].steps[first[1]].span
    if edit:
        moved = Edit(Span(start.source, start.start, start.start), f"{here[0].steps[here[1]].span.text} → ")
        found.fixes = (Fix(f"put it before {made.name}", (moved, edit)), *found.fixes)


def _place(network: Network, wanted: ast.Step) -> tuple[ast.Chain, int] | None:
    """The chain of the network in which a step stands, and its number there; None in a block."""
    for chain in network.chains:
        for step in ast.walk(chain.node.syntax):
            if isinstance(step, ast.Chain):
                for number, inner in enumerate(step.steps):
                    if _bare(inner) is wanted:
                        return step, number
    return None


def _bare(step: ast.Step) -> ast.Step:
    while isinstance(step, ast.Labelled | ast.Claimed):
        step = step.body
    return step
