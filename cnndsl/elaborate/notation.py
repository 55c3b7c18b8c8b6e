"""Arguments in other notations: `s:2` for `s=2`, a decimal comma `0,5`, a kernel `3*3`."""

from __future__ import annotations

from math import prod

from cnndsl.diagnostics import Edit, Fix, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.evaluate import Scope
from cnndsl.layers import Layer
from cnndsl.layers import readers as read
from cnndsl.syntax import ast

#: Numbers of more digits are no slip of the pen.
LONGEST = 12
#: What reads a number that may have a decimal point.
_FRACTIONS = (read.number, read.positive, read.not_negative, read.not_zero, read.probability)


def retold(error: Located, kind: type[Layer], arguments: ast.Arguments | None, scope: Scope) -> Located:
    """An error of a layer's arguments; where another notation is behind it, said so."""
    items = arguments.items if arguments else ()
    if error.diagnostic.code == "undefined":
        return _with_colon(error, kind, items, scope) or error
    if error.diagnostic.code == "too-many-arguments":
        return _decimal_comma(error, kind, items) or error
    return error


def _with_colon(
    error: Located, kind: type[Layer], items: tuple[ast.Argument, ...], scope: Scope
) -> Located | None:
    """`s:2` is a pair of paddings; where `s` is an argument and nothing else, `s=2` is meant."""
    for item in items:
        pair = item.value
        if item.name or not isinstance(pair, ast.PairExpr) or not isinstance(pair.before, ast.Name):
            continue
        name = pair.before.name
        if name.lower() not in kind.spellings() or scope.find(name) is not None:
            continue
        text = f"{name}={pair.after.span.brief}"
        if text.endswith("…"):
            return None
        fix = Fix(f"write {text}", (Edit(pair.span, text),), safe=True)
        message = f"an argument by name is written {text}, not {pair.span.brief}"
        return located(error.diagnostic.code, message, pair.span, fixes=(fix,))
    return None


def _decimal_comma(error: Located, kind: type[Layer], items: tuple[ast.Argument, ...]) -> Located | None:
    """`DROPOUT(0,5)`: two numbers for one."""
    places = [spec for spec in kind.hypers().values() if spec.positional]
    if len(places) != 1 or places[0].read not in _FRACTIONS or len(items) != 2:
        return None
    whole, rest = (item.value.span.text for item in items)
    plain = whole.isdecimal() and rest.isdecimal() and len(whole + rest) <= LONGEST
    both = items[0].span.to(items[1].span)
    if not plain or any(item.name for item in items) or "#" in both.text:
        return None
    text = f"{whole}.{rest}"
    fix = Fix(f"write {text}", (Edit(both, text),), safe=whole == "0")
    hint = f"is this one number? A decimal has a point: {text}"
    return located(error.diagnostic.code, error.diagnostic.message, error.diagnostic.span, hint, fixes=(fix,))


def need_windows(kind: type[Layer], sources: dict[str, ast.Expr]) -> None:
    """Raise for a window `3*3`, which is 9; in parentheses a product is taken as one."""
    for name, expr in sources.items():
        spec = kind.hypers().get(name)
        if not (spec and spec.read is read.window and spec.positional and isinstance(expr, ast.Binary)):
            continue
        factors = [one for one in (expr.left, expr.right) if isinstance(one, ast.Number)]
        numbers = [one.value for one in factors if type(one.value) is int]
        text = "x".join(one.span.text for one in factors)
        if expr.operator != "*" or len(numbers) < 2 or len(text) > LONGEST:
            continue
        product = prod(numbers)
        message = f"{name} = {expr.span.brief} is {product}; a window of {text} is written {text}"
        fix = Fix(f"write {text}", (Edit(expr.span, text),))
        raise located(
            "argument-value", message, expr.span, f"if {product} is meant, write {product}", fixes=(fix,)
        )


def optional_setting(error: Located, arguments: ast.Arguments | None, counts: set[str]) -> Located:
    """An error of `--set pool1=maybe`: what is no count is an optional part, which is there or not.

    In `--set N=1,2` the 2 is a second value rather than an argument by position.
    """
    span = error.diagnostic.span
    if error.diagnostic.code == "too-many-arguments":
        return located(
            error.diagnostic.code, "a name has one value here", span, "`cnndsl family` tries several"
        )
    for item in arguments.items if arguments else ():
        if item.value.span == span and item.name and item.name not in counts:
            hint = f"an optional part is there or not: {item.name}=yes or {item.name}=no"
            return located(error.diagnostic.code, error.diagnostic.message, span, hint)
    return error


def numbered(error_name: str, count: ast.Expr) -> tuple[str, Fix]:
    """What is said of an index `i` that a repetition `*3` does not count: the hint, and the fix."""
    text = f"({error_name} < {count.span.text})"
    hint = f"a repetition counts its copies where it names the index: *{text}"
    return hint, Fix(f"write *{text}", (Edit(count.span, text),))
