"""Expressions of the language as expressions of Python.

They are built as Python syntax trees, so that parentheses and quotes are right by construction,
and can be computed, so that the emitter can check each against the sizes it stands for.
"""

from __future__ import annotations

import ast as py
import math
from collections.abc import Callable, Mapping
from functools import cache
from itertools import groupby
from types import CodeType
from typing import Any, TypeGuard

from cnndsl.elaborate.compute import round_to
from cnndsl.emit.names import Namespace
from cnndsl.emit.printer import source
from cnndsl.emit.torch_helpers import OWN_NAMES
from cnndsl.syntax import ast


class Untranslatable(Exception):
    """An expression that depends on what the generated code does not know, such as `in.H`."""


_BINARY: dict[str, type[py.operator]] = {
    "+": py.Add,
    "-": py.Sub,
    "*": py.Mult,
    "/": py.Div,
    "//": py.FloorDiv,
    "%": py.Mod,
    "^": py.Pow,
}
_COMPARE: dict[str, type[py.cmpop]] = {
    "==": py.Eq,
    "!=": py.NotEq,
    "<": py.Lt,
    "<=": py.LtE,
    ">": py.Gt,
    ">=": py.GtE,
}
#: Functions of the language and what they are called in Python.
FUNCTIONS = {
    "min": "min",
    "max": "max",
    "round": "round",
    "len": "len",
    "ceil": "math.ceil",
    "floor": "math.floor",
    "round_to": "round_to",
    "sum": "sum",
}
#: What generated expressions may use beside their own names, for computing them here.
_KNOWN = {
    "min": min,
    "max": max,
    "round": round,
    "len": len,
    "sum": sum,
    "range": range,
    "tuple": tuple,
    "math": math,
    "round_to": round_to,
}


def translate(expr: ast.Expr, names: dict[str, py.expr], channels: py.expr | None) -> py.expr:
    """`expr` in Python, with each name replaced by what `names` says; `in.C` is `channels`.

    Raises Untranslatable where a name has no Python counterpart.
    """

    def inner(child: ast.Expr) -> py.expr:
        return translate(child, names, channels)

    match expr:
        case ast.Number() | ast.String() | ast.Flag():
            return py.Constant(expr.value)
        case ast.Paren():
            return inner(expr.inner)
        case ast.Name() if expr.name in names:
            return names[expr.name]
        case ast.Arriving() if expr.letter.upper() == "C" and channels is not None:
            return channels
        case ast.Unary():
            return py.UnaryOp(py.Not() if expr.operator == "not" else py.USub(), inner(expr.operand))
        case ast.Binary():
            return _binary(expr.operator, inner(expr.left), inner(expr.right))
        case ast.Conditional():
            return py.IfExp(inner(expr.condition), inner(expr.value), inner(expr.otherwise))
        case ast.Subscript():
            return py.Subscript(inner(expr.value), inner(expr.index), py.Load())
        case ast.TupleExpr() | ast.AxesExpr() | ast.PairExpr():
            items = (expr.before, expr.after) if isinstance(expr, ast.PairExpr) else expr.items
            return py.Tuple([inner(item) for item in items], py.Load())
        case ast.Call():
            return _call(expr, names, channels)
    raise Untranslatable(expr.span.text)


def _binary(operator: str, left: py.expr, right: py.expr) -> py.expr:
    if operator in _BINARY:
        return py.BinOp(left, _BINARY[operator](), right)
    if operator in {"==", "!="} and isinstance(right, py.Constant) and isinstance(right.value, bool):
        return left if right.value is (operator == "==") else py.UnaryOp(py.Not(), left)
    if operator in _COMPARE:
        return py.Compare(left, [_COMPARE[operator]()], [right])
    return py.BoolOp(py.And() if operator == "and" else py.Or(), [left, right])


def _call(expr: ast.Call, names: dict[str, py.expr], channels: py.expr | None) -> py.expr:
    items = [item.value for item in expr.arguments.items]
    function = name(FUNCTIONS[expr.function])
    if expr.function == "sum" and len(items) == 2:
        term, bound = items
        return py.Call(function, [_terms(term, bound, names, channels)], [])
    return py.Call(function, [translate(item, names, channels) for item in items], [])


def _terms(term: ast.Expr, bound: ast.Expr, names: dict[str, py.expr], channels: py.expr | None) -> py.expr:
    """What `sum(2*n[j], j < 3)` adds up: `2 * n[j] for j in range(3)`; of `sum(n[j], j < 3)`, `n[:3]`."""
    assert isinstance(bound, ast.Binary) and isinstance(bound.left, ast.Name), "the checker refuses others"
    if _are_items(term, bound.left.name):
        stop = translate(bound.right, names, channels)
        return py.Subscript(translate(term.value, names, channels), py.Slice(None, stop), py.Load())
    taken = set[str]().union(*map(names_in, names.values()), names_in(channels) if channels else set())
    index = py.Name(Namespace(OWN_NAMES | taken).fresh(bound.left.name), py.Load())
    limit = py.Call(name("range"), [translate(bound.right, names, channels)], [])
    each = translate(term, {**names, bound.left.name: index}, channels)
    return py.GeneratorExp(each, [py.comprehension(py.Name(index.id, py.Store()), limit, [], 0)])


def _are_items(term: ast.Expr, index: str) -> TypeGuard[ast.Subscript]:
    """Whether a sum's terms are the items of a tuple, from the first: `n[j]`."""
    match term:
        case ast.Subscript(value=ast.Name() as values, index=ast.Name() as at):
            return at.name == index != values.name
    return False


def name(text: str) -> py.expr:
    """A Python name, dotted ones included."""
    return py.parse(text, mode="eval").body


def product(factors: list[py.expr]) -> py.expr:
    """`256 * 6 * 6`, factors of 1 left out; an expression that stands twice is squared."""
    kept = [factor for factor in factors if not (isinstance(factor, py.Constant) and factor.value == 1)]
    powers: list[py.expr] = []
    for text, same in groupby(kept, source):
        first, *others = same
        if others and not text.isdecimal():
            first = py.BinOp(first, py.Pow(), py.Constant(1 + len(others)))
            others = []
        powers += [first, *others]
    result = powers[0] if powers else py.Constant(1)
    for factor in powers[1:]:
        result = py.BinOp(result, py.Mult(), factor)
    return result


def total(terms: list[py.expr]) -> py.expr:
    """`a + b + c`; equal names are counted: `2 * a`."""
    texts = [source(term) for term in terms]
    distinct = list(dict.fromkeys(texts))
    parts = [(texts.count(text), terms[texts.index(text)]) for text in distinct]
    summands = [part if count == 1 else product([py.Constant(count), part]) for count, part in parts]
    result = summands[0]
    for summand in summands[1:]:
        result = py.BinOp(result, py.Add(), summand)
    return simplified(result)


def compute(expr: py.expr, values: Mapping[str, Any]) -> Any:
    """The expression's value; None where it has none."""
    if isinstance(expr, py.Constant):
        return expr.value
    if isinstance(expr, py.Name):
        return values.get(expr.id)
    try:
        return eval(  # noqa: S307 - an expression of this module's own making, without builtins
            _code(source(expr)), {"__builtins__": {}, **_KNOWN, **values}
        )
    except (ArithmeticError, LookupError, NameError, TypeError, ValueError, AttributeError):
        return None


@cache
def _code(text: str) -> CodeType:
    return compile(text, "<expression>", "eval")


def simplified(expr: py.expr) -> py.expr:
    """The same with the arithmetic of numbers done: `c * (1 + 1)` is `c * 2`."""
    folded = _folded(expr) if isinstance(expr, py.BinOp) else expr
    value = None if isinstance(folded, py.Constant) or names_in(folded) else compute(folded, {})
    return py.Constant(value) if isinstance(value, bool | int | float) else folded


def _folded(expr: py.expr) -> py.expr:
    if not isinstance(expr, py.BinOp):
        return expr
    node = py.BinOp(_folded(expr.left), expr.op, _folded(expr.right))
    match node:
        case py.BinOp(left=py.Constant(value=int() as a), right=py.Constant(value=int() as b)):
            value = compute(node, {})
            return py.Constant(value) if isinstance(value, int) and abs(a) + abs(b) < _LARGE else node
        case py.BinOp(left=py.Constant(), right=py.Constant()):
            return node
        case py.BinOp(op=py.Add() | py.Sub(), right=py.Constant(value=int(0))):
            return node.left
        case py.BinOp(op=py.Add(), left=py.Constant(value=int(0))):
            return node.right
        case py.BinOp(
            op=py.Mult(),
            left=py.Constant(value=int() as a),
            right=py.BinOp(op=py.Mult(), left=py.Constant(value=int() as b)) as product,
        ):
            return py.BinOp(py.Constant(a * b), py.Mult(), product.right)
    return node


#: Numbers above this are left as they are written: `2**40`.
_LARGE = 10_000


def whole_division(expr: py.expr) -> py.expr:
    """The same with `//` for `/`, which the language leaves whole where it divides."""
    if not any(isinstance(node, py.Div) for node in py.walk(expr)):
        return expr

    def changed(node: py.expr) -> py.expr | None:
        if isinstance(node, py.BinOp) and isinstance(node.op, py.Div):
            return py.BinOp(_rebuilt(node.left, changed), py.FloorDiv(), _rebuilt(node.right, changed))
        return None

    return _rebuilt(expr, changed)


def replaced(expr: py.expr, names: Mapping[str, py.expr]) -> py.expr:
    """The same with expressions for some of its names."""
    return _rebuilt(expr, lambda node: names.get(node.id) if isinstance(node, py.Name) else None)


def _rebuilt(expr: py.expr, change: Callable[[py.expr], py.expr | None]) -> py.expr:
    """The same with the parts that `change` makes others of."""
    found = change(expr)
    if found is not None:
        return found
    fields = {field: _rebuilt_field(value, change) for field, value in py.iter_fields(expr)}
    return type(expr)(**fields)


def _rebuilt_field(value: Any, change: Callable[[py.expr], py.expr | None]) -> Any:
    if isinstance(value, list):
        return [_rebuilt_field(item, change) for item in value]
    return _rebuilt(value, change) if isinstance(value, py.expr) else value


def names_in(expr: py.expr) -> set[str]:
    """The variables of an expression, without the functions that it calls."""
    called = {id(name) for call in py.walk(expr) if isinstance(call, py.Call) for name in py.walk(call.func)}
    names = (node for node in py.walk(expr) if isinstance(node, py.Name) and id(node) not in called)
    return {node.id for node in names}
