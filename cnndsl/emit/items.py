"""Arithmetic item by item: `2 * n` for a tuple is `tuple(2 * item for item in n)` in Python."""

from __future__ import annotations

import ast as py
from collections.abc import Mapping
from typing import Any, NamedTuple

from cnndsl.elaborate.compute import EACH
from cnndsl.emit.python import FUNCTIONS, compute, name, names_in

_EACH = {FUNCTIONS[function] for function in EACH}


class _Lifted(NamedTuple):
    """What is computed of an item, and what the items are of."""

    item: py.expr
    over: py.expr


def item_by_item(expr: py.expr, values: Mapping[str, Any]) -> py.expr:
    """The same as a tuple of its items, where a part of it is a tuple that is computed with."""
    variable = next(text for text in ("value", "item", "number", "one") if text not in names_in(expr))
    lifted = _lifted(expr, name(variable), values)
    if lifted is None or lifted.over is expr:
        return expr
    target = py.Name(variable, py.Store())
    items = py.GeneratorExp(lifted.item, [py.comprehension(target, lifted.over, [], 0)])
    return py.Call(name("tuple"), [items], [])


def _lifted(expr: py.expr, variable: py.expr, values: Mapping[str, Any]) -> _Lifted | None:
    """The expression for one item; None where it is no tuple, or runs over two."""
    match expr:
        case py.BinOp():
            left, right = (_lifted(side, variable, values) for side in (expr.left, expr.right))
            if (left and right) or not (left or right):
                return None
            if left:
                return _Lifted(py.BinOp(left.item, expr.op, expr.right), left.over)
            assert right is not None
            return _Lifted(py.BinOp(expr.left, expr.op, right.item), right.over)
        case py.Call(args=[first, *others]):
            lifted = _lifted(first, variable, values)
            if lifted is None or _called(expr.func) not in _EACH:
                return None
            return _Lifted(py.Call(expr.func, [lifted.item, *others], []), lifted.over)
        case py.Name() | py.Subscript() | py.Tuple() if type(compute(expr, values)) is tuple:
            return _Lifted(variable, expr)
    return None


def _called(function: py.expr) -> str:
    """`math.ceil` of a call."""
    if isinstance(function, py.Attribute) and isinstance(function.value, py.Name):
        return f"{function.value.id}.{function.attr}"
    return function.id if isinstance(function, py.Name) else ""
