"""Layers as PyTorch and Keras write them: `Conv2d(3, 64, 3, padding=1)` is `CONV(64, 3, pad=1)` here."""

from __future__ import annotations

from cnndsl.diagnostics import Change, Edit, Fix
from cnndsl.elaborate.changes import Call, fixes
from cnndsl.layers import Layer, find_kind
from cnndsl.layers.bind import meant
from cnndsl.source import Span
from cnndsl.syntax import ast

#: PyTorch's arguments by position, as they are called here; "" is one that is found here.
_ORDERS = {
    "CONV": ("", "filters", "kernel", "s", "p", "d", "g", "bias", "pad_mode"),
    "TCONV": ("", "filters", "kernel", "s", "p", "output_pad", "g", "bias", "d"),
    "FC": ("", "outputs", "bias"),
    "POOL": ("window", "s", "p", "d"),
    "BN": ("", "eps", "momentum", "affine"),
    "INORM": ("", "eps", "momentum", "affine"),
    "GN": ("groups", "", "eps", "affine"),
}
#: Names of PyTorch's layers end so; Keras writes `Conv2D`, and leaves the channels out as we do.
_TORCH = ("1d", "2d", "3d")


def rewritten(step: ast.LayerStep, here: str) -> tuple[Fix, ...]:
    """The step in this language, where it is `here`: `POOL(max, …)`, say."""
    name, _, rest = here.partition("(")
    kind = find_kind(name)
    if kind is None:
        return ()
    edits = [Edit(step.name_span, kind.kind)]
    if "…" not in rest and rest:  # GPOOL(max)
        arguments = (
            step.arguments.span if step.arguments else Span(step.span.source, step.span.end, step.span.end)
        )
        edits.append(Edit(arguments, f"({rest}"))
    elif step.arguments is None and rest:
        return ()
    elif step.arguments and kind.hypers():
        found = _arguments(step, step.arguments, kind, rest)
        if found is None:
            return ()
        edits += found
    elif step.arguments:
        edits.append(Edit(step.arguments.span, ""))
    text = _shown(step.span, edits)
    return (Fix(f"write {text}" if len(text) < 50 else f"write it as {kind.kind}", tuple(edits), safe=True),)


def _arguments(
    step: ast.LayerStep, arguments: ast.Arguments, kind: type[Layer], rest: str
) -> list[Edit] | None:
    """The edits that put PyTorch's arguments into our order and under our names."""
    items = arguments.items
    positional = [item for item in items if item.name is None]
    order = _order(step, kind, len(positional))
    if len(positional) > len(order):
        return None
    names = {
        item.name: words[0]
        for item in items
        if item.name
        for words in [meant(item.name, kind)]
        if len(words) == 1
    }
    given = {*names.values(), *order[: len(positional)]}
    by_place = [spec.name for spec in kind.hypers().values() if spec.positional and not spec.leading]
    values = {f"#{place}": None for place in range(len(positional)) if not order[place]}
    named = {
        f"#{place}": order[place] for place in range(len(positional)) if order[place] not in ("", *by_place)
    }
    if any(name not in given for name in by_place) and any(order):
        return None
    places = {f"#{place}": item.value.span for place, item in enumerate(positional)}
    places |= {item.name: item.span for item in items if item.name}
    call = Call(kind, step.name_span, arguments, places, frozenset())
    changes = (Change("", values, {**names, **named}),)
    made = fixes(changes, call, step.span)
    edits = list(made[0].edits) if made else []
    before, _, after = rest.rstrip(")").partition("…")
    start, end = items[0].span.start if items else 0, items[-1].span.end if items else 0
    if items and before:
        edits.append(Edit(Span(step.span.source, start, start), before))
    if items and after:
        edits.append(Edit(Span(step.span.source, end, end), after))
    return edits


def _order(step: ast.LayerStep, kind: type[Layer], count: int) -> tuple[str, ...]:
    order = _ORDERS.get(kind.kind)
    ours = tuple(spec.name for spec in kind.hypers().values() if spec.positional and not spec.leading)
    if order is None:
        return ours
    if not step.name.endswith(_TORCH) and kind.kind != "GN" and not (kind.kind == "FC" and count > 1):
        return tuple(word for word in order if word)
    return order


def _shown(span: Span, edits: list[Edit]) -> str:
    """The text of a step after edits."""
    text, start = span.text, span.start
    for edit in sorted(edits, key=lambda one: (one.span.start, one.span.end), reverse=True):
        text = text[: edit.span.start - start] + edit.text + text[edit.span.end - start :]
    return " ".join(text.split())
