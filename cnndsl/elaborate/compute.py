"""Arithmetic on the values of the language: operators, functions, limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from cnndsl.diagnostics import Problem
from cnndsl.elaborate.program import BlockDef
from cnndsl.layers import KINDS
from cnndsl.layers.base import Layer, written
from cnndsl.shape import OpenSize, Shape, Symbolic
from cnndsl.values import Axes, Pair, Partial

#: No whole number in a network comes near this; above it an expression is an error.
MAX_NUMBER = 10**18


def compute(operator: str, left: Any, right: Any) -> Any:
    """Arithmetic and comparison. Raises Problem on operands that have none."""
    if operator in {"==", "!="}:
        for side in (left, right):
            if isinstance(side, Symbolic) and left != right:
                raise OpenSize(side)
        _need_alike(left, right)
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return same == (operator == "==")
    work = _ARITHMETIC[operator]
    if operator in _COMPARISONS:
        return work(number(left), number(right))
    return each(lambda a, b: work(number(a), number(b)), left, right)


@cache
def words() -> frozenset[str]:
    """The bare words that some layer takes: max, avg, same, reflect …"""
    specs = (spec for kind in KINDS.values() for spec in kind.hypers().values())
    return frozenset(word for spec in specs for word in spec.words)


def _need_alike(left: Any, right: Any) -> None:
    """Raise where a number would be compared with a text; a word such as `same` may stand for one."""
    for one, other in ((left, right), (right, left)):
        if _is_number(one) and isinstance(other, str) and other not in words():
            hint = "a number stands without quotes"
            raise Problem("argument-type", f"{describe(one)} is a number, {describe(other)} is a text", hint)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Symbolic) and not isinstance(value, bool)


def each(function: Callable[..., Any], *values: Any) -> Any:
    """The function of the values; where one is a tuple, of each of its items: `2 * (16, 24)` is (32, 48)."""
    lengths = {len(value) for value in values if type(value) is tuple}  # no window, no shape
    if not lengths:
        return limited(function(*values))
    if len(lengths) > 1:
        shown = " and ".join(map(describe, values))
        raise Problem("argument-type", f"item by item, tuples are of one length, not {shown}")
    columns = [value if type(value) is tuple else (value,) * max(lengths) for value in values]
    return tuple(each(function, *items) for items in zip(*columns, strict=True))


def _divide(a: float, b: float) -> float:
    exact = isinstance(a, int) and isinstance(b, int) and a % b == 0
    return a // b if exact else a / b


def _power(a: float, b: float) -> float:
    if isinstance(a, int) and isinstance(b, int) and b > 0 and a.bit_length() * b > 200:
        raise OverflowError
    result: Any = a**b
    if isinstance(result, complex):
        raise Problem("expression", f"{a}^{b} is no real number")
    return float(result) if isinstance(result, float) else int(result)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "^": _power,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

_COMPARISONS = frozenset({"<", "<=", ">", ">="})


def round_to(value: float, divisor: int) -> int:
    """The nearest multiple of `divisor`, but no more than 10 % below `value` (MobileNet's rule)."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def _length(value: Any) -> int:
    if not isinstance(value, tuple):
        raise TypeError
    return len(value)


#: The functions of the language; `sum` also takes an index, see _sum.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *values: min(map(number, values)),
    "max": lambda *values: max(map(number, values)),
    "ceil": lambda value: math.ceil(number(value)),
    "floor": lambda value: math.floor(number(value)),
    "round": lambda value: round(number(value)),
    "len": _length,
    "sum": lambda values: sum(map(number, values)),
    "round_to": lambda value, divisor: round_to(number(value), number(divisor)),
}

#: Those of them that are computed for each item of a tuple.
EACH = frozenset({"ceil", "floor", "round", "round_to"})


def number(value: Any) -> Any:
    """The value, if it is a number; raises Problem otherwise."""
    if not _is_number(value):
        raise Problem("argument-type", f"a number is needed, this is {describe(value)}")
    return value


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Problem(
            "argument-type", f"a condition is needed, this is {describe(value)}", "compare it: in.C != 64"
        )
    return value


def limited(value: Any) -> Any:
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        raise Problem("number-limit", f"a number above {MAX_NUMBER:.0e} is too large")
    if isinstance(value, float) and not math.isfinite(value):
        raise OverflowError
    return value


def describe(value: Any) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, BlockDef):
        return f"the block {value.name}"
    if isinstance(value, type) and issubclass(value, Layer):
        return f"the layer {value.kind}"
    if isinstance(value, Axes | Pair | Shape):
        return str(value)
    if isinstance(value, float | Partial):
        return written(value)
    if isinstance(value, tuple):
        inner = ", ".join(map(describe, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return str(value)
