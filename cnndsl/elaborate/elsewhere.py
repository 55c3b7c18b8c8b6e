"""Layers as PyTorch and Keras write them: `Conv2d(3, 64, 3, padding=1)` is `CONV(64, 3, pad=1)` here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnndsl.diagnostics import Change, Edit, Fix, Problem
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.arguments import bind_layer
from cnndsl.elaborate.changes import Call, fixes
from cnndsl.elaborate.evaluate import Scope, UnknownSize, evaluate
from cnndsl.elaborate.holes import NeedsValue
from cnndsl.layers import FC, Layer, find_kind
from cnndsl.layers.claims import arriving as counted
from cnndsl.layers.elsewhere import meant
from cnndsl.shape import NOTHING, OpenSize, Shape
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.parse import parse_arguments

#: PyTorch's arguments by position, as they are called here; "" is what arrives, which is found here.
_ORDERS = {
    "CONV": ("", "filters", "kernel", "s", "p", "d", "g", "bias", "pad_mode"),
    "TCONV": ("", "filters", "kernel", "s", "p", "output_pad", "g", "bias", "d"),
    "FC": ("", "outputs", "bias"),
    "POOL": ("window", "s", "p", "d"),
    "BN": ("", "eps", "momentum", "affine"),
    "INORM": ("", "eps", "momentum", "affine"),
    "GN": ("groups", "", "eps", "affine"),
}
#: The same by name, where there is no name for it here.
_CHANNELS = ("num_features", "num_channels")
#: Names of PyTorch's layers end so; Keras writes `Conv2D`, and leaves the channels out as we do.
_TORCH = ("1d", "2d", "3d")


class Rewritten(NamedTuple):
    """A step in this language: the fix, what is to be said of its numbers, its text ("" if it has none).

    `keeps`: what PyTorch is told of the channels that arrive is not so, or not known to be so.
    """

    fixes: tuple[Fix, ...] = ()
    hints: tuple[str, ...] = ()
    text: str = ""
    keeps: bool = False


class _Arguments(NamedTuple):
    edits: list[Edit]
    hint: str = ""
    keeps: bool = False


def rewritten(step: ast.LayerStep, here: str, scope: Scope, x: Shape | None) -> Rewritten:
    """The step in this language, where it is `here`: `POOL(max, …)`, say; `x` arrives.

    What PyTorch is told of the channels that arrive is left out where it is right, and kept as
    `from=256` where it is not, or where that is not known.
    """
    name, _, rest = here.partition("(")
    kind = find_kind(name)
    if kind is None:
        return Rewritten()
    found = _Arguments([Edit(step.name_span, kind.kind)])
    if "…" not in rest and rest:  # GPOOL(max)
        arguments = (
            step.arguments.span if step.arguments else Span(step.span.source, step.span.end, step.span.end)
        )
        found.edits.append(Edit(arguments, f"({rest}"))
    elif step.arguments is None and rest:
        return Rewritten()
    elif step.arguments and kind.hypers():
        given = _arguments(step, step.arguments, kind, rest, _Arriving(kind, scope, x))
        if given is None:
            return Rewritten()
        found = given._replace(edits=found.edits + given.edits)
    elif step.arguments:
        found.edits.append(Edit(step.arguments.span, ""))
    text = _shown(step.span, found.edits)
    title = f"write {text}" if len(text) < 50 else f"write it as {kind.kind}"
    fix = Fix(title, tuple(found.edits), safe=not found.hint)
    return Rewritten((fix,), (found.hint,) if found.hint else (), text, found.keeps)


class _Arriving(NamedTuple):
    """What a layer is told of what arrives, held against what does."""

    kind: type[Layer]
    scope: Scope
    x: Shape | None

    @property
    def number(self) -> int | None:
        """The values, or channels, that arrive, where that is known."""
        if self.x is None or self.x == NOTHING:
            return None
        size = self.x.numel if self.kind is FC else self.x.channels
        return size if type(size) is int else None

    def agrees(self, told: ast.Expr) -> bool:
        try:
            return bool(evaluate(told, self.scope, self.x) == self.number)
        except (Located, Problem, UnknownSize, OpenSize):
            return False


def _arguments(
    step: ast.LayerStep, arguments: ast.Arguments, kind: type[Layer], rest: str, arriving: _Arriving
) -> _Arguments | None:
    """The edits that put PyTorch's arguments into our order and under our names."""
    items = arguments.items
    positional = [item for item in items if item.name is None]
    order = _order(step, kind)
    if len(positional) > len(order):
        return None
    names = {
        item.name: found[0]
        for item in items
        if item.name
        for found in [meant(item.name, kind)]
        if len(found) == 1
    }
    spellings = kind.spellings()
    ours = {
        spellings[item.name.lower()].name for item in items if item.name and item.name.lower() in spellings
    }
    given = {*names.values(), *ours, *order[: len(positional)]}
    by_place = [spec.name for spec in kind.hypers().values() if spec.positional and not spec.leading]
    named = {
        f"#{place}": order[place] for place in range(len(positional)) if order[place] not in ("", *by_place)
    }
    if any(name not in given for name in by_place) and any(order):
        return None
    told = {f"#{place}": item.value for place, item in enumerate(positional) if not order[place]}
    told |= {item.name: item.value for item in items if item.name in _CHANNELS and not meant(item.name, kind)}
    values, hint = _kept(told, kind, arriving)
    if hint is None:
        return None
    places = {f"#{place}": item.value.span for place, item in enumerate(positional)}
    places |= {item.name: item.span for item in items if item.name}
    call = Call(kind, step.name_span, arguments, places, frozenset())
    changes = (Change("", values, {**names, **named}),)
    made = fixes(changes, call, step.span)
    edits = [*(made[0].edits if made else ()), *_around(items, rest)]
    return _Arguments(edits, hint, keeps="from" in values or bool(hint))


def _kept(
    told: dict[str, ast.Expr], kind: type[Layer], arriving: _Arriving
) -> tuple[dict[str, str | None], str | None]:
    """What becomes of the numbers told of what arrives, and what is to be said of a wrong one.

    None where nothing is known of it, and nothing here would keep it.
    """
    values: dict[str, str | None] = dict.fromkeys(told)
    wrong = next((expr for expr in told.values() if not arriving.agrees(expr)), None)
    if wrong is None:
        return values, ""
    if "from" in kind.hypers():
        return {**values, "from": wrong.span.text}, ""
    number = arriving.number
    return values, None if number is None else f"{counted(number)}, not {wrong.span.text}"


def _around(items: tuple[ast.Argument, ...], rest: str) -> Iterator[Edit]:
    """The word of `POOL(max, …)` before the arguments, or what follows them."""
    before, _, after = rest.rstrip(")").partition("…")
    if items and before:
        start = items[0].span
        yield Edit(Span(start.source, start.start, start.start), before)
    if items and after:
        end = items[-1].span
        yield Edit(Span(end.source, end.end, end.end), after)


def output(text: str, step: ast.LayerStep, scope: Scope, net: Scope, x: Shape) -> Shape | None:
    """The shape to go on with behind a step that is to be written `text`; None where that has none."""
    name, opening, rest = text.partition("(")
    kind = find_kind(name)
    try:
        arguments = parse_arguments(Source("", opening + rest)) if opening else None
        if kind is None or any(isinstance(node, ast.Hole) for node in ast.walk(step)):
            return None
        meant = ast.LayerStep(step.span, kind.kind, step.name_span, arguments)
        layer = bind_layer(kind, meant, scope, net, x).layer
        try:
            return layer.output(x)
        except Problem:  # a wrong `from`, say
            return layer.recovered(x)
    except (Located, Problem, UnknownSize, OpenSize, NeedsValue):
        return None


def _order(step: ast.LayerStep, kind: type[Layer]) -> tuple[str, ...]:
    """What each place is for: in PyTorch's order the first is what arrives, at Keras' `Conv2D` as here."""
    items = step.arguments.items if step.arguments else ()
    count = len(items) if any(not item.name for item in items) else 0
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
