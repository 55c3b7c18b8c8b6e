"""Expressions to values: `64*2^i`, `in.C // 2`, `3x1`, `round_to(x, 8)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnndsl.diagnostics import Change, Diagnostic, Edit, Fix, Problem, did_you_mean, located
from cnndsl.diagnostics.diagnostic import Fatal
from cnndsl.elaborate.compute import EACH, FUNCTIONS, compute, describe, each, limited, number, truth, words
from cnndsl.elaborate.program import Program
from cnndsl.layers import find_kind
from cnndsl.record import Record, fresh
from cnndsl.shape import AXIS_LETTERS, NOTHING, OpenSize, Shape, Symbolic
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.values import Axes, Pair, Partial

#: Operations that one network's expressions may cost, all together.
MAX_OPERATIONS = 2_000_000


class UnknownSize(Exception):
    """`in.C` is asked for after an error has left the arriving shape unknown."""


class Budget(Record):
    """Counts down the operations of a network's expressions, so that none runs for ever.

    All scopes of a network share it, and with it the values of holes, and the arguments of `default`s
    once they are evaluated.
    """

    left: int = MAX_OPERATIONS
    holes: dict[ast.Expr, Any] = fresh(factory=dict)
    defaults: dict[ast.Default, Any] = fresh(factory=dict)

    def spend(self, expr: ast.Expr) -> None:
        self.left -= 1
        if self.left < 0:
            message = f"the expressions take more than {MAX_OPERATIONS} operations"
            raise Fatal(Diagnostic("number-limit", message, expr.span))


class Scope(Record):
    """The names that an expression sees: parameters and loop indices by value, blocks, kinds."""

    program: Program
    values: dict[str, Any] = fresh(factory=dict)
    budget: Budget = fresh(factory=Budget)
    #: The named extents of the input, which all scopes of a network share.
    extents: dict[str, Any] = fresh(factory=dict)
    #: In `expect`: what a path such as `conv1.neurons` or `params` stands for.
    paths: Callable[[ast.Expr], Any] | None = None

    def with_values(self, values: dict[str, Any]) -> Scope:
        return Scope(self.program, {**self.values, **values}, self.budget, self.extents, self.paths)

    def find(self, name: str) -> Any:
        """The value, block or kind of this name; None if there is none."""
        if name in self.values:
            return self.values[name]
        return self.program.blocks.get(name) or find_kind(name)


def evaluate(expr: ast.Expr, scope: Scope, x: Shape | None) -> Any:
    """The value of `expr` where shape `x` arrives.

    Raises Located where it has none, and UnknownSize where that is an earlier error's fault.
    """
    try:
        scope.budget.spend(expr)
        return _RULES[type(expr)](expr, scope, x)
    except Problem as problem:
        fixes = problem.fixes(expr.span)
        raise located(problem.code, problem.message, expr.span, *problem.hints, fixes=fixes) from None
    except OpenSize as error:
        raise depends(error, f"`{expr.span.brief}`", expr.span) from None
    except ZeroDivisionError:
        raise located("expression", f"`{expr.span.brief}` divides by zero", expr.span) from None
    except OverflowError:
        raise located("number-limit", f"`{expr.span.brief}` is too large a number", expr.span) from None


def depends(error: OpenSize, what: str, span: Span) -> Exception:
    """The diagnostic where a closed form stands in the place of a number."""
    if error.size.unknown:
        return UnknownSize()
    message = f"{what} must be a number, but {error.size} depends on the input's size"
    return located(
        "symbolic-size", message, span, f"give the input numbers: --input {error.size.domain.example}"
    )


def _literal(expr: Any, scope: Scope, x: Shape | None) -> Any:
    return limited(expr.value)


def _name(expr: ast.Name, scope: Scope, x: Shape | None) -> Any:
    value = scope.find(expr.name)
    if value is None and (word := next((w for w in (expr.name, expr.name.lower()) if w in words()), "")):
        return word
    if value is None and (axes := _split_axes(expr, scope, x)):
        return axes
    if value is None and scope.paths:
        return scope.paths(expr)
    if value is None:
        raise undefined(expr.name, scope)
    return value


def undefined(name: str, scope: Scope) -> Problem:
    if name.lower() in {"true", "false"}:
        return _instead(name, "yes" if name.lower() == "true" else "no")
    if name in {param.name for param in scope.program.params}:
        hint = "hand it over as a parameter: a block sees its own alone"
        return Problem("undefined", f"`{name}` is a parameter of the net, not of this block", hint)
    if name.lower() in _CALLED_HERE:
        return _instead(name, _CALLED_HERE[name.lower()])
    near = did_you_mean(name, [*scope.values, *scope.program.blocks, *words()])
    hint = "define it as a parameter of the net or block"
    if near:
        hint = f"did you mean {' or '.join(f'`{word}`' for word in near)}?"
    changes = (Change(f"write {near[0]}", text=near[0]),) if near else ()
    return Problem("undefined", f"`{name}` is not defined", hint, changes=changes)


def _instead(name: str, here: str) -> Problem:
    """What is called otherwise here can only have been meant so; `p=0` is no value, so only said."""
    message, change = f"`{name}` is not defined", Change(f"write {here}", text=here, safe=True)
    if "=" in here:
        return Problem("undefined", message, f"it is written {here} here")
    return Problem("undefined", message, changes=(change,))


#: Words of other frameworks.
_CALLED_HERE = {
    "average": "avg",
    "mean": "avg",
    "maximum": "max",
    "minimum": "min",
    "valid": "p=0",
    "symmetric": "reflect",
    "edge": "replicate",
    "constant": "zeros",
    "none": "no",
}


def split_name(name: str) -> list[str]:
    """`kxk` as the extents k and k: the lexer reads it as one name."""
    return name.replace("×", "x").split("x")


def _split_axes(expr: ast.Name, scope: Scope, x: Shape | None) -> Axes | None:
    parts = split_name(expr.name)
    values = [int(part) if part.isdecimal() else scope.values.get(part) for part in parts]
    sizes = [value for value in values if isinstance(value, int)]
    return Axes(sizes) if len(parts) > 1 and len(sizes) == len(parts) else None


def _arriving(expr: ast.Arriving, scope: Scope, x: Shape | None) -> int:
    if x is None:
        raise UnknownSize
    if x == NOTHING:
        raise Problem("undefined", f"nothing arrives here, so there is no `in.{expr.letter}`")
    letters = AXIS_LETTERS[x.rank]
    letter = expr.letter.upper()
    if letter == "C":
        return x.channels
    if letter not in letters or not letter:
        have = ", ".join(f"in.{one}" for one in "C" + letters)
        what = str(x) if x.rank else f"a vector of {x} values"
        raise Problem("undefined", f"there is no `in.{expr.letter}`: {what} arrives here, which has {have}")
    return x.extents[letters.index(letter)]


def _attribute(expr: ast.Attribute, scope: Scope, x: Shape | None) -> Any:
    if scope.paths:
        return scope.paths(expr)
    raise Problem("expression", f"`.{expr.name}` can only be asked for in `expect`")


def _subscript(expr: ast.Subscript, scope: Scope, x: Shape | None) -> Any:
    values, index = evaluate(expr.value, scope, x), evaluate(expr.index, scope, x)
    if not isinstance(values, tuple) or isinstance(values, Pair):
        raise Problem("argument-type", f"`{expr.value.span.brief}` is {describe(values)}, not a tuple")
    if type(index) is not int or not 0 <= index < len(values):
        last = f"the last is [{len(values) - 1}]" if values else "it is empty"
        raise Problem("argument-value", f"`{expr.value.span.brief}` has no item [{describe(index)}]: {last}")
    return values[index]


def _call(expr: ast.Call, scope: Scope, x: Shape | None) -> Any:
    function = FUNCTIONS.get(expr.function)
    if function is None:
        near = did_you_mean(expr.function, FUNCTIONS)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FUNCTIONS)}"
        fixes = (_named(expr, near[0]),) if near else _window(expr)
        hint = "an extent that is computed stands in parentheses" if fixes and not near else hint
        raise located("undefined", f"there is no function `{expr.function}`", expr.span, hint, fixes=fixes)
    items = [argument.value for argument in expr.arguments.items]
    if any(argument.name for argument in expr.arguments.items):
        raise Problem("unknown-argument", f"{expr.function} takes its arguments by position")
    if expr.function == "sum" and len(items) == 2:
        return _sum(items[0], items[1], scope, x)
    values = [evaluate(item, scope, x) for item in items]
    try:
        return each(function, *values) if expr.function in EACH else limited(function(*values))
    except (TypeError, ValueError):
        shown = ", ".join(describe(value) for value in values)
        raise Problem("argument-type", f"{expr.function} does not work on {shown or 'nothing'}") from None


def _named(expr: ast.Call, function: str) -> Fix:
    span = expr.span
    return Fix(
        f"write {function}", (Edit(Span(span.source, span.start, span.start + len(expr.function)), function),)
    )


def _window(expr: ast.Call) -> tuple[Fix, ...]:
    """`3x(k)` and `kx(k)` are windows: the second reads as a call of `kx`."""
    first, items = expr.function[:-1], expr.arguments.items
    if not first or expr.function[-1] not in "x×" or len(items) != 1:
        return ()
    text = f"({first})x{expr.arguments.span.text}"
    return (Fix(f"write {text}", (Edit(expr.span, text),), safe=True),)


def rounded(expr: ast.Expr | None, value: Any) -> tuple[Fix, ...]:
    """For a division that leaves a fraction where a whole number is needed: `//` rounds down."""
    inner = expr.inner if isinstance(expr, ast.Paren) else expr
    if not (isinstance(inner, ast.Binary) and inner.operator == "/" and isinstance(value, float)):
        return ()
    place = Span(inner.span.source, inner.left.span.end, inner.right.span.start)
    text = place.text.replace("/", "//", 1)
    title = f"round down: {inner.left.span.text}//{inner.right.span.text} = {int(value // 1)}"
    return (Fix(title, (Edit(place, text),)),) if value >= 0 else ()


def _sum(term: ast.Expr, bound: ast.Expr, scope: Scope, x: Shape | None) -> Any:
    """`sum(expr, j < n)`: the sum of expr over j = 0 … n−1."""
    if not (isinstance(bound, ast.Binary) and bound.operator == "<" and isinstance(bound.left, ast.Name)):
        raise Problem("expression", "sum over an index is written sum(expr, j < n)")
    limit = whole(bound.right, scope, x, "the limit of the sum")
    total: int | float = 0
    for index in range(limit):
        total += number(evaluate(term, scope.with_values({bound.left.name: index}), x))
    return limited(total)


def _unary(expr: ast.Unary, scope: Scope, x: Shape | None) -> Any:
    value = evaluate(expr.operand, scope, x)
    return not truth(value) if expr.operator == "not" else -number(value)


def _binary(expr: ast.Binary, scope: Scope, x: Shape | None) -> Any:
    left = evaluate(expr.left, scope, x)
    if expr.operator == "and":
        return truth(left) and truth(evaluate(expr.right, scope, x))
    if expr.operator == "or":
        return truth(left) or truth(evaluate(expr.right, scope, x))
    return compute(expr.operator, left, evaluate(expr.right, scope, x))


def _conditional(expr: ast.Conditional, scope: Scope, x: Shape | None) -> Any:
    holds = truth(evaluate(expr.condition, scope, x))
    return evaluate(expr.value if holds else expr.otherwise, scope, x)


def _paren(expr: ast.Paren, scope: Scope, x: Shape | None) -> Any:
    return evaluate(expr.inner, scope, x)


def _tuple(expr: ast.TupleExpr, scope: Scope, x: Shape | None) -> tuple[Any, ...]:
    return tuple(evaluate(item, scope, x) for item in expr.items)


def _axes(expr: ast.AxesExpr, scope: Scope, x: Shape | None) -> Axes:
    items: list[Any] = [_part(item, scope, x) for item in expr.items]
    sizes: list[Any] = [one if isinstance(one, Pair | ast.Hole) else _extent(one) for one in items]
    return Axes(sizes)


def _pair(expr: ast.PairExpr, scope: Scope, x: Shape | None) -> Pair:
    before, after = _part(expr.before, scope, x), _part(expr.after, scope, x)
    ends: list[Any] = [one if isinstance(one, ast.Hole) else _extent(one) for one in (before, after)]
    return Pair(*ends)


def _part(expr: ast.Expr, scope: Scope, x: Shape | None) -> Any:
    """The value of a part of a window or padding, which may be a hole."""
    return filled(expr, scope) if isinstance(expr, ast.Hole) else evaluate(expr, scope, x)


def filled(hole: ast.Expr, scope: Scope) -> Any:
    """The value of a hole; the hole itself as long as it has none."""
    return scope.budget.holes.get(hole, hole)


def _extent(value: Any) -> int:
    if isinstance(value, Symbolic):
        raise OpenSize(value)
    if type(value) is not int:
        raise Problem("argument-type", f"an extent is a whole number, this is {describe(value)}")
    return value


def _shape(expr: ast.ShapeExpr, scope: Scope, x: Shape | None) -> Shape | Partial:
    extents: list[int | None] = []
    for item in expr.extents:
        extents += open_extents(item, scope, x)
    channels = open_extents(expr.channels, scope, x)[0]
    if channels is None or None in extents:
        return Partial(channels, tuple(extents))
    return Shape(channels, tuple(extent for extent in extents if extent is not None))


def open_extents(expr: ast.Expr, scope: Scope, x: Shape | None) -> list[int | None]:
    """The numbers of one extent as written: `_` is open, a name such as `HxW` is two."""
    if isinstance(expr, ast.Open | ast.Hole):
        return [scope.budget.holes.get(expr)]
    if isinstance(expr, ast.Name) and expr.name not in scope.values:
        return [_named_extent(part, expr, scope) for part in split_name(expr.name)]
    return [_extent(evaluate(expr, scope, x))]


def _named_extent(part: str, expr: ast.Name, scope: Scope) -> int:
    if part.isdecimal():
        return int(part)
    if part in scope.values:
        return _extent(scope.values[part])
    if part in scope.extents:
        size: int = scope.extents[part]
        return size
    if not part:
        raise located("argument-type", f"an extent is missing beside the x of `{expr.name}`", expr.span)
    message = f"`{part}` is neither a parameter nor an extent of the input"
    raise located("undefined", message, expr.span, "the input names its extents: INPUT(3@HxW)")


def _hole(expr: ast.Hole, scope: Scope, x: Shape | None) -> Any:
    if expr in scope.budget.holes:
        return scope.budget.holes[expr]
    message = "a hole stands for an argument of a layer, or for a size of the input or of a claim"
    raise Problem("hole", message, "write the value")


def _open(expr: ast.Open, scope: Scope, x: Shape | None) -> Partial:
    """`_` on its own: a vector of open length."""
    return Partial(None, ())


_RULES: dict[type[ast.Expr], Callable[[Any, Scope, Shape | None], Any]] = {
    ast.Number: _literal,
    ast.String: _literal,
    ast.Flag: _literal,
    ast.Name: _name,
    ast.Arriving: _arriving,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Conditional: _conditional,
    ast.Paren: _paren,
    ast.TupleExpr: _tuple,
    ast.AxesExpr: _axes,
    ast.PairExpr: _pair,
    ast.ShapeExpr: _shape,
    ast.Hole: _hole,
    ast.Open: _open,
}


def whole(expr: ast.Expr, scope: Scope, x: Shape | None, what: str) -> int:
    """The value of `expr` as a count of 0 or more; `what` names it in the message."""
    value = evaluate(expr, scope, x)
    if isinstance(value, Symbolic):
        raise depends(OpenSize(value), what, expr.span)
    if type(value) is not int or value < 0:
        message = f"{what} is a whole number of 0 or more, this is {describe(value)}"
        raise located("repeat-count", message, expr.span, fixes=rounded(expr, value))
    return value
