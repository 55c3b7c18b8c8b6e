"""Conditions that are known to hold, or not to, for what arrives."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from oracle.tree import Binary, Expr, In, Name, Not, Num
from oracle.values import AXES

if TYPE_CHECKING:
    from collections.abc import Callable

    from oracle.draws import Context

_TESTS: tuple[tuple[str, Callable[[int, int], bool]], ...] = (
    ("==", operator.eq), ("!=", operator.ne), ("<", operator.lt), ("<=", operator.le), (">", operator.gt),
    (">=", operator.ge),
)  # fmt: skip


def condition(c: Context, holds: bool) -> Expr:
    """`in.C > 4`, `s != 1 or in.C != c`, `not (w == 3)`: its value here is `holds`."""
    style = c.number(0, 9)
    if style < 6:
        return _comparison(c, holds)
    if style == 6:
        return Not(_comparison(c, not holds))
    if style == 7:
        return Binary("and", _comparison(c, True if holds else c.chance(50)), _comparison(c, holds))
    if style == 8:
        return Binary("or", _comparison(c, False if not holds else c.chance(50)), _comparison(c, holds))
    return Binary("==", Binary("%", In("C"), Num(2)), Num(c.channels % 2 if holds else 1 - c.channels % 2))


def _comparison(c: Context, holds: bool) -> Expr:
    subject, value = c.pick(_subjects(c))
    op, test = c.pick(_TESTS)
    others = [n for n in (value, value + 1, value - 1, value + 3) if test(value, n) == holds and n >= 0]
    if others:
        return Binary(op, subject, Num(c.pick(others)))
    return Binary("==" if holds else "!=", subject, Num(value))


def _subjects(c: Context) -> list[tuple[Expr, int]]:
    found: list[tuple[Expr, int]] = [(In("C"), c.channels)]
    found += [(In(letter), n) for letter, n in zip(AXES[c.rank][1:], c.extents, strict=True)]
    found += [(Name(name), held) for name, held in c.env.items() if isinstance(held, int)]
    return found
