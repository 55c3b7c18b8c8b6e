"""The arithmetic in messages, worked again: `⌊(224 − 11)/4⌋ + 1 = 54` is read, and both sides computed.

>>> wrong_equations("its size is ⌊(224 − 11)/4⌋ + 1 = 55")
['⌊(224 − 11)/4⌋ + 1 = 55']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

_NUMBER = r"\d{1,3}(?: \d{3})+(?!\d)|\d+(?:_\d{3})+|\d+(?:\.\d+)?"
_TOKEN = re.compile(rf"\s*({_NUMBER}|//|[-+−·×/^()⌊⌋⌈⌉])")
#: A run of numbers and signs with an equals sign in it; what comes before says whether it is all of it.
_RUN = re.compile(r"[\d\s.+−·×/^()⌊⌋⌈⌉_-]*[=≈][\d\s.+−·×/^()⌊⌋⌈⌉=≈_]*")
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")
_CLOSES = {")": "(", "⌋": "⌊", "⌉": "⌈"}


def equations(text: str) -> Iterator[str]:
    """The equations in a text whose sides are numbers and signs; not `p=1`, nor what the author wrote."""
    text = _QUOTED.sub(" ` ", text)
    for found in _RUN.finditer(text):
        before, after = text[: found.start()].rstrip()[-1:], text[found.end() :].lstrip()[:1]
        run = found.group().strip()
        if (before.isalpha() and run[0] in "=+−·×/^)⌋⌉") or (after.isalpha() and run[-1] in "+−·×/^(⌊⌈"):
            continue  # `p=1`, and closed forms: `⌊(H − 1)/2⌋ + 1`
        sides = re.split("[=≈]", run)
        if all(side.strip() for side in sides) and any(re.search(r"[+−·×/^]", side) for side in sides):
            yield _balanced(run)


def _balanced(run: str) -> str:
    """Without brackets at its ends that belong to the sentence around it: `= 55 (`."""
    while run.count("(") > run.count(")") and run.rstrip().endswith("("):
        run = run.rstrip()[:-1].rstrip()
    while run.count(")") > run.count("(") and run.rstrip().endswith(")"):
        run = run.rstrip()[:-1].rstrip()
    while run.count("(") > run.count(")") and run.startswith("("):
        run = run[1:]
    return run


def wrong_equations(text: str) -> list[str]:
    """The equations in a text that do not hold, or cannot be read."""
    return [one for one in equations(text) if not _holds(one)]


def _holds(equation: str) -> bool:
    signs = re.findall("[=≈]", equation)
    try:
        sides = [(side, value(side)) for side in re.split("[=≈]", equation)]
    except ValueError:
        return False
    pairs = zip(sides, sides[1:], signs, strict=False)
    return all(a == b if sign == "=" else abs(a - b) <= _slack(text) for (_, a), (text, b), sign in pairs)


def _slack(text: str) -> Fraction:
    """Half of the last place of a rounded number."""
    return Fraction(1, 2 * 10 ** len(text.strip().partition(".")[2]))


def value(text: str) -> Fraction:
    """What an expression comes to; raises ValueError where it is none."""
    reader = _Reader(text.strip())
    found = reader.sum()
    if reader.at != len(reader.text):
        raise ValueError(text)
    return found


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def _peek(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        return found[1] if found else ""

    def _next(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        if not found:
            raise ValueError(self.text)
        self.at = found.end()
        return found[1]

    def sum(self) -> Fraction:
        total = self._product()
        while self._peek() in ("+", "−", "-"):
            total = total + self._product() if self._next() == "+" else total - self._product()
        return total

    def _product(self) -> Fraction:
        total = self._power()
        while self._peek() in ("·", "×", "/", "//"):
            match self._next():
                case "/":
                    total /= self._power()
                case "//":
                    total = Fraction(floor(total / self._power()))
                case _:
                    total *= self._power()
        return total

    def _power(self) -> Fraction:
        base = self._atom()
        if self._peek() != "^":
            return base
        self._next()
        return Fraction(base ** int(self._power()))

    def _atom(self) -> Fraction:
        token = self._next()
        if token in ("−", "-"):
            return -self._atom()
        if token in _CLOSES.values():
            inner = self.sum()
            if _CLOSES.get(self._next()) != token:
                raise ValueError(self.text)
            return Fraction({"(": lambda n: n, "⌊": floor, "⌈": ceil}[token](inner))
        if not token[0].isdigit():
            raise ValueError(self.text)
        return Fraction(token.replace(" ", "").replace("_", ""))
