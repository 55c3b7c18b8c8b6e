"""Edits of a layer's text: an argument more, a step more or less."""

from __future__ import annotations

from cnndsl.diagnostics import Edit
from cnndsl.layers import Layer, find_kind
from cnndsl.layers.base import Hyper
from cnndsl.network import LayerNode
from cnndsl.source import Span
from cnndsl.syntax import ast


def with_argument(node: LayerNode, name: str, value: str) -> Edit | None:
    """Give a layer an argument by name, in place of what it says: `CONV(8, 3)` → `CONV(8, 3, p=2)`.

    A layer without parentheses gets all that was assumed for it as well. None where the step is no
    kind's name but a parameter, which may stand for another kind elsewhere.
    """
    step = node.syntax
    if not isinstance(step, ast.LayerStep) or find_kind(step.name) is not node.kind or not node.layer:
        return None
    spec = node.kind.hypers()[name]
    argument = f"{spec.short}={value}"
    if step.arguments is None:
        said = [text for text in (_without(node.layer, spec).arguments(), argument) if text]
        return Edit(_after(step.span), f"({', '.join(said)})")
    items = step.arguments.items
    for item in items:
        if item.name in _spellings(spec):
            return Edit(item.value.span, value)
    return Edit(_after(items[-1].span), f", {argument}") if items else None


def _without(layer: Layer, spec: Hyper) -> Layer:
    """The layer with one hyperparameter at its default."""
    return type(layer)(**(vars(layer) | {spec.field: spec.value(spec.default, layer.rank)}))


def _spellings(spec: Hyper) -> set[str]:
    return {spec.name, spec.short}


def _after(span: Span) -> Span:
    return Span(span.source, span.end, span.end)


def inserted(chain: ast.Chain, number: int, text: str) -> Edit:
    """Put a step behind step `number` of a chain."""
    return Edit(_after(chain.steps[number].span), f" → {text}")
