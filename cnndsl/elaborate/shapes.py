"""Shapes as people write them, in INPUT and in claims: `3@224x224`, `224x224x3`, `3x224x224`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostics import Diagnostic, Edit, Fix, located
from cnndsl.elaborate.evaluate import Scope, evaluate, open_extents, split_name
from cnndsl.shape import NOTHING, Shape, Symbolic, differ, unknown_size
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.values import Axes, Partial

if TYPE_CHECKING:
    from cnndsl.shape.size import Domain

#: An end of `224x224x3` of at most this many is the channels: grey, RGB, RGB with alpha.
FEW_CHANNELS = 4
#: More than this of them, as many as one of the extents, are certainly an extent in the wrong place.
MANY_CHANNELS = 16

_HOW = "a shape is written 3@224x224, a vector 784"


class Extents:
    """Makes sizes of the names that the extents of an input have, and a domain when there is one."""

    def __init__(self, domain: Domain | None = None, *, solving: bool = False) -> None:
        self.domain, self.solving = domain, solving
        #: The holes whose sizes are solved for, by the names of these.
        self.holes: dict[str, ast.Expr] = {}

    def wanted(self, hole: ast.Expr) -> int:
        """A size to be solved for, named after the place of its hole."""
        name = f"?{hole.span.source.name}:{hole.span.start}"
        self.holes[name] = hole
        return self(name)

    def __call__(self, name: str) -> int:
        from cnndsl.shape.size import Domain

        self.domain = self.domain or Domain()
        size: Any = self.domain.extent(name)
        found: int = size
        return found


def read_input(expr: ast.Expr, scope: Scope, extents: Extents) -> Shape:
    """The shape of an INPUT. An order without `@` is taken where one reading alone makes sense.

    `extents` makes a size of a name: `3@HxW` leaves the input's size open.
    """
    if isinstance(expr, ast.ShapeExpr):
        _declare(expr.extents, scope, extents)
        _fill((expr.channels, *expr.extents), scope, extents)
    elif isinstance(expr, ast.Hole):
        _fill((expr,), scope, extents)
    if isinstance(expr, ast.Open) or (isinstance(expr, ast.Name) and expr.name not in scope.values):
        open_extents(expr, scope, NOTHING)
    value = evaluate(expr, scope, NOTHING)
    if isinstance(value, Axes):
        value = _only_reading(value, expr)
    if isinstance(value, Partial):
        raise located(
            "argument-value", "the input's shape must be whole", expr.span, "write the numbers: 3@224x224"
        )
    if type(value) is int or isinstance(value, Symbolic):
        size: Any = value
        value = Shape(size)
    if not isinstance(value, Shape):
        message = f"`{expr.span.brief}` is no shape"
        fixes = listed(expr.items, expr.span) if isinstance(expr, ast.TupleExpr) else ()
        raise located("argument-type", message, expr.span, _HOW, fixes=fixes)
    return value


def _declare(items: Iterable[ast.Expr], scope: Scope, extents: Extents) -> None:
    """Make known the names among an input's extents that are no parameters."""
    for item in items:
        if isinstance(item, ast.Name) and item.name not in scope.values:
            for part in split_name(item.name):
                if part and not part.isdecimal() and part not in scope.values:
                    scope.extents[part] = extents(part)


def _fill(items: Iterable[ast.Expr], scope: Scope, extents: Extents) -> None:
    """Names for the holes among an input's sizes: what is required of them is solved for."""
    for item in items:
        if isinstance(item, ast.Hole) and item not in scope.budget.holes:
            scope.budget.holes[item] = extents.wanted(item) if extents.solving else unknown_size()


def readings(numbers: tuple[int | None, ...]) -> tuple[Partial, Partial]:
    """The two readings of `AxBxC`: channels last, as on slides, and channels first, as in PyTorch."""
    return Partial(numbers[-1], numbers[:-1]), Partial(numbers[0], numbers[1:])


def _only_reading(axes: Axes, expr: ast.Expr) -> Shape:
    numbers = tuple(item for item in axes if isinstance(item, int))
    if len(numbers) < len(axes):
        raise located("argument-type", f"`{expr.span.brief}` is no shape", expr.span, _HOW)
    both, sure = _sensible(numbers)
    if sure:
        return both[0]
    fixes = tuple(Fix(f"write {shape}", (Edit(expr.span, str(shape)),)) for shape in both)
    options = " or ".join(map(str, both))
    message = f"`{expr.span.brief}` does not say which number is the channels"
    raise located("ambiguous-shape", message, expr.span, f"the order is C@HxW: {options}", fixes=fixes)


def _sensible(numbers: tuple[int, ...]) -> tuple[list[Shape], bool]:
    """The shapes that sizes without `@` can mean, and whether one end alone can be the channels."""
    last, first = (Shape(numbers[-1], numbers[:-1]), Shape(numbers[0], numbers[1:]))
    few_last, few_first = numbers[-1] <= FEW_CHANNELS, numbers[0] <= FEW_CHANNELS
    if few_last != few_first:
        return [last if few_last else first], True
    both = [last] if last == first else sorted([last, first], key=lambda shape: len({*shape.extents}))
    return [Shape(1, numbers), Shape(3, numbers), *both] if len(numbers) == 2 else both, False


def listed(items: Sequence[ast.Expr], span: Span) -> tuple[Fix, ...]:
    """The fixes for a shape that is written as a list: `INPUT(3, 32, 32)`, which stands at `span`."""
    numbers = tuple(item.value for item in items if isinstance(item, ast.Number) and type(item.value) is int)
    if not len(items) == len(numbers) > 1:
        return ()
    both, sure = _sensible(numbers)
    both = both if len(numbers) == 2 else both[::-1]  # a list has PyTorch's order
    return tuple(Fix(f"write {shape}", (Edit(span, str(shape)),), safe=sure) for shape in both)


def slip_of_order(expr: ast.Expr, shape: Shape) -> Diagnostic | None:
    """The warning for `224@224x3`: the slides' order H×W×C behind the sign that is for C@H×W."""
    if not isinstance(expr, ast.ShapeExpr) or shape.rank not in (2, 3) or not shape.closed:
        return None
    *extents, last = shape.extents
    if not (last <= FEW_CHANNELS < shape.channels and shape.channels in extents):
        return None
    meant = Shape(last, (shape.channels, *extents))
    order = {2: "C@HxW", 3: "C@DxHxW"}[shape.rank]
    message = f"{shape.channels} channels? The order is {order}; did you mean {meant}?"
    fix = Fix(f"write {meant}", (Edit(expr.span, str(meant)),), safe=shape.channels > MANY_CHANNELS)
    return Diagnostic("shape-order", message, expr.span, fixes=(fix,))


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
    """Whether a shape is as claimed, where the claim says something; of closed forms that is required."""
    if len(claim.extents) != actual.rank:
        return False
    pairs = [*zip((claim.channels, *claim.extents), (actual.channels, *actual.extents), strict=True)]
    numbers = [pair for pair in pairs if not isinstance(pair[1], Symbolic)]
    if any(said is not None and differ(is_, said) for said, is_ in numbers):
        return False
    refused = [said is not None and differ(is_, said) for said, is_ in pairs]
    return not any(refused)


def show(claim: Partial) -> str:
    """A claim as it would be written: `256@_x_`."""

    def text(number: int | None) -> str:
        return "_" if number is None else str(number)

    extents = "x".join(map(text, claim.extents))
    return f"{text(claim.channels)}@{extents}" if extents else text(claim.channels)
