"""Evaluates the tree's expressions, given the names in sight and the shape that arrives.

evaluate(Binary("//", In("C"), Num(2)), {}, (64, 8, 8)) == 32
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from oracle.tree import (
    Axes,
    Binary,
    Expr,
    Flag,
    Func,
    In,
    Index,
    Items,
    Name,
    Not,
    Num,
    Pair,
    ShapeLit,
    Word,
)  # fmt: skip

AXES = {0: "C", 1: "CL", 2: "CHW", 3: "CDHW"}


class PairValue(NamedTuple):
    before: int
    after: int


class AxesValue(NamedTuple):
    items: tuple[Any, ...]


class ShapeValue(NamedTuple):
    channels: int | None
    extents: tuple[int | None, ...]


class Ref(NamedTuple):
    """A parameter's value that is a block or a kind."""

    name: str


class DeliberateError(Exception):
    """Something that torch may take and the language refuses; args: a name in DELIBERATE, then facts."""


Env = Mapping[str, Any]
Arriving = tuple[int, ...] | None

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
    "/": operator.truediv, "^": operator.pow, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "and": lambda a, b: a and b, "or": lambda a, b: a or b,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "len": len}


def evaluate(expr: Expr, env: Env, arriving: Arriving) -> Any:
    """The value of an expression; `yes` is True, `1:2` a PairValue, `3x1` an AxesValue."""

    def value(inner: Expr) -> Any:
        return evaluate(inner, env, arriving)

    match expr:
        case Num(v) | Flag(v) | Word(v):
            return v
        case Name(name):
            return env[name]
        case In(axis):
            return _arriving(axis, arriving)
        case Binary(op, left, right):
            return _OPERATORS[op](value(left), value(right))
        case Not(operand):
            return not value(operand)
        case Func(name, args):
            return _FUNCTIONS[name](*map(value, args))
        case Index(base, index):
            return value(base)[value(index)]
        case Items(items):
            return tuple(map(value, items))
        case Pair(before, after):
            return PairValue(value(before), value(after))
        case Axes(items):
            return AxesValue(tuple(map(value, items)))
        case ShapeLit():
            return _shape(expr, value)


def _arriving(axis: str, arriving: Arriving) -> int:
    letters = "" if arriving is None else AXES[len(arriving) - 1]
    if axis not in letters:
        raise DeliberateError("axes", f"in.{axis} where {arriving} arrives")
    assert arriving is not None
    return arriving[letters.index(axis)]


def _shape(literal: ShapeLit, value: Callable[[Expr], Any]) -> ShapeValue:
    def entry(expr: Expr | None) -> int | None:
        return None if expr is None else value(expr)

    return ShapeValue(entry(literal.channels), tuple(map(entry, literal.extents)))
