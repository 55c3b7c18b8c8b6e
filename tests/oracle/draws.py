"""Draws for the generators, and the many ways to write the number that was drawn.

c = Context(Tape(data), env={"w": 8}, shape=(16, 6, 6))
c.expr(8)            # Num(8), or Name("w"), or in.C // 2
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from oracle.tree import Axes, Binary, Expr, Func, In, Index, Name, Num, Pair
from oracle.values import AXES

T = TypeVar("T")
Shape = tuple[int, ...]


class Tape:
    """Choices read off random bytes, two each; past the end all are 0.

    Hypothesis makes five of six examples by copying parts of the one before; with one draw of bytes for a
    whole network there are no parts, and five hundred examples are five hundred networks.
    """

    LENGTH = 1024

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, n: int) -> int:
        self._at += 2
        return int.from_bytes(self._data[self._at - 2 : self._at], "little") % n


class Draws:
    """Every choice shrinks to the first or the least."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def number(self, low: int, high: int) -> int:
        return low if high <= low else low + self.tape.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        return self.number(0, 99) >= 100 - percent


class Context(Draws):
    """Draws at one place: the names in sight, what arrives, and how willingly numbers are hidden."""

    def __init__(
        self, tape: Tape, env: dict[str, Any], shape: Shape, loops: Sequence[str] = (), hide: int = 20
    ) -> None:
        super().__init__(tape)
        self.env, self.shape, self.loops, self.hide = env, shape, loops, hide

    @property
    def channels(self) -> int:
        return self.shape[0]

    @property
    def extents(self) -> Shape:
        return self.shape[1:]

    @property
    def rank(self) -> int:
        return len(self.shape) - 1

    def expr(self, value: int) -> Expr:
        """The number itself, or an expression that is equal to it here and now."""
        if not self.chance(self.hide):
            return Num(value)
        found = self._by_names(value) + self._by_loops(value) + self._by_arrival(value)
        return self.pick(found) if found else Num(value)

    def named(self, value: int) -> Expr:
        """The number, or a parameter that is equal to it: for where nothing arrives yet."""
        return self.pick([Num(value), *self._by_names(value)])

    def _by_names(self, value: int) -> list[Expr]:
        found: list[Expr] = []
        for name, held in self.env.items():
            if name in self.loops:
                continue
            if isinstance(held, int):
                found += _near(Name(name), held, value)
            elif isinstance(held, tuple) and value in held:
                found.append(Index(Name(name), Num(held.index(value))))
        return found

    def _by_loops(self, value: int) -> list[Expr]:
        """The first copy sees index 0."""
        found: list[Expr] = []
        for name in self.loops:
            i, v = Name(name), Num(value)
            found += [
                Binary("+", v, i),
                Binary("*", v, Binary("+", i, Num(1))),
                Binary("*", v, Binary("^", Num(2), i)),
            ]
            found += [Func("max", (v, i)), Func("min", (v, Binary("+", i, v)))]
            for base, held in self.env.items():
                if isinstance(held, tuple) and held[:1] == (value,):
                    found.append(Index(Name(base), i))
        return found

    def _by_arrival(self, value: int) -> list[Expr]:
        letters = AXES[self.rank]
        found = _near(In("C"), self.channels, value)
        found += [In(letter) for letter, n in zip(letters[1:], self.extents, strict=True) if n == value]
        return found

    def window(self, values: Sequence[int]) -> Expr:
        """`3`, or an entry an axis."""
        if len(values) == 1 or (len(set(values)) == 1 and not self.chance(25)):
            return self.expr(values[0])
        return Axes(tuple(map(self.expr, values)))

    def padding(self, pairs: Sequence[tuple[int, int]]) -> Expr:
        """`1`, `1:2`, `1x2` or `0:1x1:2`, whichever can say it."""
        entries = tuple(self.expr(b) if b == a and not self.chance(10) else _pair(b, a) for b, a in pairs)
        if len(pairs) == 1 or (len(set(pairs)) == 1 and not self.chance(25)):
            return entries[0]
        return Axes(entries)


def _pair(before: int, after: int) -> Expr:
    return Pair(Num(before), Num(after))


def _near(base: Expr, held: int, value: int) -> list[Expr]:
    found: list[Expr] = [base] if held == value else []
    if 2 * held == value:
        found.append(Binary("*", Num(2), base))
    if held + 1 == value:
        found.append(Binary("+", base, Num(1)))
    if held - 1 == value:
        found.append(Binary("-", base, Num(1)))
    if held // 2 == value:
        found.append(Binary("//", base, Num(2)))
    return found
