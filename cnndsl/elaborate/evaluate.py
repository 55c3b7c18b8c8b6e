"""Expressions to values: `64*2^i`, `in.C // 2`, `3x1`, `round_to(x, 8)`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from cnndsl.diagnostics import Diagnostic, Problem, did_you_mean, located
from cnndsl.diagnostics.diagnostic import Fatal
from cnndsl.elaborate.compute import FUNCTIONS, compute, describe, limited, number, truth
from cnndsl.elaborate.program import Program
from cnndsl.layers import KINDS, find_kind
from cnndsl.record import Record, fresh
from cnndsl.shape import AXIS_LETTERS, NOTHING, Shape
from cnndsl.syntax import ast
from cnndsl.values import Axes, Pair, Partial

#: Operations that one network's expressions may cost, all together.
MAX_OPERATIONS = 2_000_000


class UnknownSize(Exception):
    """`in.C` is asked for after an error has left the arriving shape unknown."""


class Budget(Record):
    """Counts down the operations of a network's expressions, so that none runs for ever."""

    left: int = MAX_OPERATIONS

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
    #: In `expect`: what a path such as `conv1.neurons` or `params` stands for.
    paths: Callable[[ast.Expr], Any] | None = None

    def with_values(self, values: dict[str, Any]) -> Scope:
        return Scope(self.program, {**self.values, **values}, self.budget, self.paths)

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
        raise located(problem.code, problem.message, expr.span, *problem.hints) from None
    except ZeroDivisionError:
        raise located("expression", f"`{expr.span.text}` divides by zero", expr.span) from None
    except OverflowError:
        raise located("number-limit", f"`{expr.span.text}` is too large a number", expr.span) from None


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


@cache
def words() -> frozenset[str]:
    """The bare words that some layer takes: max, avg, same, reflect …"""
    specs = (spec for kind in KINDS.values() for spec in kind.hypers().values())
    return frozenset(word for spec in specs for word in spec.words)


def undefined(name: str, scope: Scope) -> Problem:
    if name.lower() in {"true", "false"}:
        here = "yes" if name.lower() == "true" else "no"
        return Problem("undefined", f"`{name}` is not defined", f"write {here}")
    if name in {param.name for param in scope.program.params}:
        hint = "hand it over as a parameter: a block sees its own alone"
        return Problem("undefined", f"`{name}` is a parameter of the net, not of this block", hint)
    if name.lower() in _CALLED_HERE:
        return Problem(
            "undefined", f"`{name}` is not defined", f"it is written {_CALLED_HERE[name.lower()]} here"
        )
    near = did_you_mean(name, [*scope.values, *scope.program.blocks, *words()])
    hint = "define it as a parameter of the net or block"
    if near:
        hint = f"did you mean {' or '.join(f'`{word}`' for word in near)}?"
    return Problem("undefined", f"`{name}` is not defined", hint)


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
        raise Problem("argument-type", f"`{expr.value.span.text}` is {describe(values)}, not a tuple")
    if type(index) is not int or not 0 <= index < len(values):
        last = f"the last is [{len(values) - 1}]" if values else "it is empty"
        raise Problem("argument-value", f"`{expr.value.span.text}` has no item [{describe(index)}]: {last}")
    return values[index]


def _call(expr: ast.Call, scope: Scope, x: Shape | None) -> Any:
    function = FUNCTIONS.get(expr.function)
    if function is None:
        near = did_you_mean(expr.function, FUNCTIONS)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FUNCTIONS)}"
        raise Problem("undefined", f"there is no function `{expr.function}`", hint)
    items = [argument.value for argument in expr.arguments.items]
    if any(argument.name for argument in expr.arguments.items):
        raise Problem("unknown-argument", f"{expr.function} takes its arguments by position")
    if expr.function == "sum" and len(items) == 2:
        return _sum(items[0], items[1], scope, x)
    values = [evaluate(item, scope, x) for item in items]
    try:
        return limited(function(*values))
    except (TypeError, ValueError):
        shown = ", ".join(describe(value) for value in values)
        raise Problem("argument-type", f"{expr.function} does not work on {shown or 'nothing'}") from None


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


def _paren(expr: ast.Paren, scope: Scope, x: Shape | None) -> Any:
    return evaluate(expr.inner, scope, x)


def _tuple(expr: ast.TupleExpr, scope: Scope, x: Shape | None) -> tuple[Any, ...]:
    return tuple(evaluate(item, scope, x) for item in expr.items)


def _axes(expr: ast.AxesExpr, scope: Scope, x: Shape | None) -> Axes:
    items = [evaluate(item, scope, x) for item in expr.items]
    return Axes(item if isinstance(item, Pair) else _extent(item) for item in items)


def _pair(expr: ast.PairExpr, scope: Scope, x: Shape | None) -> Pair:
    return Pair(_extent(evaluate(expr.before, scope, x)), _extent(evaluate(expr.after, scope, x)))


def _extent(value: Any) -> int:
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
    if isinstance(expr, ast.Open):
        return [None]
    if isinstance(expr, ast.Name) and expr.name not in scope.values:
        return [_named_extent(part, expr, scope) for part in split_name(expr.name)]
    return [_extent(evaluate(expr, scope, x))]


def _named_extent(part: str, expr: ast.Name, scope: Scope) -> int:
    if part.isdecimal():
        return int(part)
    if part in scope.values:
        return _extent(scope.values[part])
    message = f"`{part}` has no value: sizes by name are not computed yet"
    raise located(
        "hole",
        message,
        expr.span,
        "give the input by --input 3@224x224, or the name a value as a parameter of the net",
    )


def _hole(expr: ast.Hole, scope: Scope, x: Shape | None) -> Any:
    raise Problem("hole", "`?` is a hole to be solved for, which is not possible yet", "write the number")


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
    if type(value) is not int or value < 0:
        message = f"{what} is a whole number of 0 or more, this is {describe(value)}"
        raise located("repeat-count", message, expr.span)
    return value
