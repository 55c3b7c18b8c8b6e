"""Shapes as people write them, in INPUT and in claims: `3@224x224`, `224x224x3`, `3x224x224`."""

from __future__ import annotations

from cnndsl.diagnostics import Edit, Fix, located
from cnndsl.elaborate.evaluate import Scope, evaluate, open_extents
from cnndsl.shape import NOTHING, Shape
from cnndsl.syntax import ast
from cnndsl.values import Axes, Partial

#: An end of `224x224x3` of at most this many is the channels: grey, RGB, RGB with alpha.
FEW_CHANNELS = 4

_HOW = "a shape is written 3@224x224, a vector 784"


def read_input(expr: ast.Expr, scope: Scope) -> Shape:
    """The shape of an INPUT. An order without `@` is taken where one reading alone makes sense."""
    if isinstance(expr, ast.Open) or (isinstance(expr, ast.Name) and expr.name not in scope.values):
        open_extents(expr, scope, NOTHING)
    value = evaluate(expr, scope, NOTHING)
    if isinstance(value, Axes):
        value = _only_reading(value, expr)
    if isinstance(value, Partial):
        raise located(
            "argument-value", "the input's shape must be whole", expr.span, "write the numbers: 3@224x224"
        )
    if type(value) is int:
        value = Shape(value)
    if not isinstance(value, Shape):
        message = f"`{expr.span.text}` is no shape"
        raise located("argument-type", message, expr.span, _HOW)
    return value


def readings(numbers: tuple[int | None, ...]) -> tuple[Partial, Partial]:
    """The two readings of `AxBxC`: channels last, as on slides, and channels first, as in PyTorch."""
    return Partial(numbers[-1], numbers[:-1]), Partial(numbers[0], numbers[1:])


def _only_reading(axes: Axes, expr: ast.Expr) -> Shape:
    numbers = tuple(item for item in axes if isinstance(item, int))
    if len(numbers) < len(axes):
        raise located("argument-type", f"`{expr.span.text}` is no shape", expr.span, _HOW)
    last, first = (Shape(numbers[-1], numbers[:-1]), Shape(numbers[0], numbers[1:]))
    few_last, few_first = numbers[-1] <= FEW_CHANNELS, numbers[0] <= FEW_CHANNELS
    if few_last != few_first:
        return last if few_last else first
    both = [last] if last == first else [last, first]
    if len(numbers) == 2:
        both = [Shape(1, numbers), Shape(3, numbers), *both]
    fixes = tuple(Fix(f"write {shape}", (Edit(expr.span, str(shape)),)) for shape in both)
    options = " or ".join(map(str, both))
    message = f"`{expr.span.text}` does not say which number is the channels"
    raise located("ambiguous-shape", message, expr.span, f"the order is C@HxW: {options}", fixes=fixes)


def read_claim(expr: ast.Expr, scope: Scope, x: Shape | None) -> list[Partial]:
    """The readings of a claim; it holds if one of them does.

    `55x55x96` can be meant in the slides' order or in PyTorch's; the numbers decide.
    """
    if isinstance(expr, ast.AxesExpr):
        numbers: list[int | None] = []
        for item in expr.items:
            numbers += open_extents(item, scope, x)
        return list(readings(tuple(numbers)))
    if isinstance(expr, ast.ShapeExpr):
        value = evaluate(expr, scope, x)
        return [Partial(value.channels, value.extents)]
    numbers = open_extents(expr, scope, x)
    return [Partial(numbers[0], ())] if len(numbers) == 1 else list(readings(tuple(numbers)))


def holds(claim: Partial, actual: Shape) -> bool:
    """Whether a shape is as claimed, where the claim says something."""
    if len(claim.extents) != actual.rank:
        return False
    pairs = zip((claim.channels, *claim.extents), (actual.channels, *actual.extents), strict=True)
    return all(said is None or said == is_ for said, is_ in pairs)


def show(claim: Partial) -> str:
    """A claim as it would be written: `256@_x_`."""

    def text(number: int | None) -> str:
        return "_" if number is None else str(number)

    extents = "x".join(map(text, claim.extents))
    return f"{text(claim.channels)}@{extents}" if extents else text(claim.channels)
