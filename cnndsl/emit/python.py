"""Expressions of the language as expressions of Python.

They are built as Python syntax trees, so that parentheses and quotes are right by construction,
and can be computed, so that the emitter can check each against the sizes it stands for.
"""

from __future__ import annotations

import ast as py
import copy
import math
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from cnndsl.elaborate.evaluate import round_to
from cnndsl.emit.names import Namespace
from cnndsl.emit.printer import source
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
_FUNCTIONS = {
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
_KNOWN = {"min": min, "max": max, "round": round, "len": len, "sum": sum, "range": range, "math": math}


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
        case ast.Unary(operator="not"):
            return py.UnaryOp(py.Not(), inner(expr.operand))
        case ast.Unary():
            return py.UnaryOp(py.USub(), inner(expr.operand))
        case ast.Binary():
            return _binary(expr.operator, inner(expr.left), inner(expr.right))
        case ast.Subscript():
            return py.Subscript(inner(expr.value), inner(expr.index), py.Load())
        case ast.TupleExpr() | ast.AxesExpr():
            return py.Tuple([inner(item) for item in expr.items], py.Load())
        case ast.Call():
            return _call(expr, names, channels)
    raise Untranslatable(expr.span.text)


def _binary(operator: str, left: py.expr, right: py.expr) -> py.expr:
    if operator in _BINARY:
        return py.BinOp(left, _BINARY[operator](), right)
    if operator in _COMPARE:
        return py.Compare(left, [_COMPARE[operator]()], [right])
    return py.BoolOp(py.And() if operator == "and" else py.Or(), [left, right])


def _call(expr: ast.Call, names: dict[str, py.expr], channels: py.expr | None) -> py.expr:
    items = [item.value for item in expr.arguments.items]
    function = name(_FUNCTIONS[expr.function])
    if expr.function == "sum" and len(items) == 2:
        return py.Call(function, [_terms(items[0], items[1], names, channels)], [])
    return py.Call(function, [translate(item, names, channels) for item in items], [])


def _terms(
    term: ast.Expr, bound: ast.Expr, names: dict[str, py.expr], channels: py.expr | None
) -> py.GeneratorExp:
    """What `sum(n[j], j < 3)` adds up: `n[j] for j in range(3)`."""
    assert isinstance(bound, ast.Binary) and isinstance(bound.left, ast.Name), "the checker refuses others"
    taken = set[str]().union(*map(names_in, names.values()), names_in(channels) if channels else set())
    index = py.Name(Namespace(taken).fresh(bound.left.name), py.Load())
    limit = py.Call(name("range"), [translate(bound.right, names, channels)], [])
    each = translate(term, {**names, bound.left.name: index}, channels)
    return py.GeneratorExp(each, [py.comprehension(py.Name(index.id, py.Store()), limit, [], 0)])


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


def compute(expr: py.expr, values: dict[str, Any]) -> Any:
    """The expression's value; None where it has none."""
    code = compile(py.fix_missing_locations(py.Expression(expr)), "<expression>", "eval")
    try:
        return eval(  # noqa: S307 - an expression of this module's own making, without builtins
            code, {"__builtins__": {}, "round_to": round_to, **_KNOWN, **values}
        )
    except (ArithmeticError, LookupError, NameError, TypeError, ValueError, AttributeError):
        return None


def simplified(expr: py.expr) -> py.expr:
    """The number that an expression without names is, else the expression."""
    value = None if names_in(expr) else compute(expr, {})
    return py.Constant(value) if isinstance(value, bool | int | float) else expr


def whole_division(expr: py.expr) -> py.expr:
    """The same with `//` for `/`, which the language leaves whole where it divides."""
    if not any(isinstance(node, py.Div) for node in py.walk(expr)):
        return expr

    class Replace(py.NodeTransformer):
        def visit_Div(self, node: py.Div) -> py.operator:
            return py.FloorDiv()

    return Replace().visit(copy.deepcopy(expr))  # type: ignore[no-any-return]


def replaced(expr: py.expr, names: Mapping[str, py.expr]) -> py.expr:
    """The same with expressions for some of its names."""

    class Replace(py.NodeTransformer):
        def visit_Name(self, node: py.Name) -> py.expr:
            return names.get(node.id, node)

    return Replace().visit(copy.deepcopy(expr))  # type: ignore[no-any-return]


def names_in(expr: py.expr) -> set[str]:
    """The variables of an expression, without the functions that it calls."""
    called = {id(name) for call in py.walk(expr) if isinstance(call, py.Call) for name in py.walk(call.func)}
    names = (node for node in py.walk(expr) if isinstance(node, py.Name) and id(node) not in called)
    return {node.id for node in names}
