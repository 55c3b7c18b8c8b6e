"""Expressions of Python as text, laid out as formatters do: `2**i`, `n[i] ** 2`, `"zeros"`."""

from __future__ import annotations

import ast as py
from typing import Any

#: How tight operators bind; what binds looser stands in parentheses.
_IF, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _MINUS, _POWER, _ATOM = range(10)

_OPERATORS: dict[type[py.AST], tuple[str, int]] = {
    py.Add: ("+", _SUM),
    py.Sub: ("-", _SUM),
    py.Mult: ("*", _PRODUCT),
    py.Div: ("/", _PRODUCT),
    py.FloorDiv: ("//", _PRODUCT),
    py.Mod: ("%", _PRODUCT),
    py.Pow: ("**", _POWER),
    py.Or: ("or", _OR),
    py.And: ("and", _AND),
    py.Eq: ("==", _COMPARE),
    py.NotEq: ("!=", _COMPARE),
    py.Lt: ("<", _COMPARE),
    py.LtE: ("<=", _COMPARE),
    py.Gt: (">", _COMPARE),
    py.GtE: (">=", _COMPARE),
    py.Is: ("is", _COMPARE),
    py.IsNot: ("is not", _COMPARE),
}

SIGNS = {operator: sign for operator, (sign, _) in _OPERATORS.items()}


def source(expr: py.expr) -> str:
    """The expression's text.

    >>> source(ast.parse("min(2**(i+1), c)*3", mode="eval").body)
    'min(2 ** (i + 1), c) * 3'
    """
    return _text(expr)[0]


def constant(value: Any) -> str:
    """A number, flag or string; strings in double quotes, whatever they hold."""
    if isinstance(value, str):
        return _quoted(value)
    text = repr(value)
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if exponent and isinstance(value, float) else text


def _quoted(text: str) -> str:
    """Double quotes, unless the text has more of these than of single ones."""
    literal = ascii(text) if not text.isprintable() else repr(text)
    body = literal[1:-1]
    if literal[0] == '"' or '"' in body:
        return literal
    return f'"{body}"'


def _text(expr: py.expr) -> tuple[str, int]:
    """Text, and how tight its outermost operator binds."""
    match expr:
        case py.Constant():
            text = constant(expr.value)
            return text, _MINUS if text.startswith("-") else _ATOM
        case py.Name():
            return expr.id, _ATOM
        case py.Attribute():
            return f"{_inside(expr.value, _ATOM)}.{expr.attr}", _ATOM
        case py.Subscript():
            return f"{_inside(expr.value, _ATOM)}[{_index(expr.slice)}]", _ATOM
        case py.Call():
            return _call(expr), _ATOM
        case py.Tuple():
            return _tuple([_text(item)[0] for item in expr.elts]), _ATOM
        case py.BinOp():
            return _binary(expr)
        case py.UnaryOp():
            return _unary(expr)
        case py.Compare():
            sign, binds = _OPERATORS[type(expr.ops[0])]
            left, right = _inside(expr.left, binds + 1), _inside(expr.comparators[0], binds + 1)
            return f"{left} {sign} {right}", binds
        case py.IfExp():
            value, test = _inside(expr.body, _OR), _inside(expr.test, _OR)
            return f"{value} if {test} else {_inside(expr.orelse, _IF)}", _IF
        case py.BoolOp():
            sign, binds = _OPERATORS[type(expr.op)]
            return f" {sign} ".join(_inside(value, binds) for value in expr.values), binds
    raise TypeError(f"generated code has no {type(expr).__name__}")


def _inside(expr: py.expr, binds: int) -> str:
    """An operand, in parentheses where it binds looser."""
    text, own = _text(expr)
    return text if own >= binds else f"({text})"


def _call(expr: py.Call) -> str:
    function = _text(expr.func)[0]
    if len(expr.args) == 1 and isinstance(expr.args[0], py.GeneratorExp):
        (loop,) = expr.args[0].generators
        term, target, over = _text(expr.args[0].elt)[0], _text(loop.target)[0], _text(loop.iter)[0]
        return f"{function}({term} for {target} in {over})"
    return f"{function}({', '.join(_text(item)[0] for item in expr.args)})"


def _index(expr: py.expr) -> str:
    """An index, or the end of a slice from the start: `i`, `:i`, `: i + 1`."""
    if isinstance(expr, py.Slice) and expr.upper:
        return f":{'' if _simple(expr.upper) else ' '}{_text(expr.upper)[0]}"
    return _text(expr)[0]


def _tuple(items: list[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _binary(expr: py.BinOp) -> tuple[str, int]:
    sign, binds = _OPERATORS[type(expr.op)]
    if binds == _POWER:
        left, right = _inside(expr.left, _POWER + 1), _inside(expr.right, _MINUS)
        return f"{left}{sign}{right}" if _tight(expr) else f"{left} {sign} {right}", binds
    return f"{_inside(expr.left, binds)} {sign} {_inside(expr.right, binds + 1)}", binds


def _unary(expr: py.UnaryOp) -> tuple[str, int]:
    power = isinstance(expr.operand, py.BinOp) and isinstance(expr.operand.op, py.Pow)
    if isinstance(expr.op, py.Not):
        return f"not {_inside(expr.operand, _ATOM if power else _NOT)}", _NOT
    return f"-{_inside(expr.operand, _ATOM)}", _MINUS


def _tight(expr: py.BinOp) -> bool:
    """Whether a power is set without spaces: `2**i`, `2**-i`, but `2 ** (i + 1)`."""
    match expr.right:
        case py.BinOp(op=py.Pow()):
            right = _tight(expr.right)
        case py.UnaryOp(op=py.USub()):
            right = _simple(expr.right.operand)
        case _:
            right = _simple(expr.right)
    return _simple(expr.left) and right


def _simple(expr: py.expr) -> bool:
    """A number, a name, or an attribute of one."""
    match expr:
        case py.Constant():
            return isinstance(expr.value, int | float)
        case py.Attribute():
            return _simple(expr.value)
    return isinstance(expr, py.Name)
