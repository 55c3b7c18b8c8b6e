"""Printed arithmetic, computed again in fractions."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil, floor, gcd, prod, sqrt

SIGNS = {
    "−": "-",
    "·": "*",
    "⌊": "floor(",
    "⌋": ")",
    "⌈": "ceil(",
    "⌉": ")",
    "²": "**2",
    "³": "**3",
    "^": "**",
    "√": "root",
}


def value(text: str) -> Fraction:
    """What an expression comes to, in fractions so that nothing is rounded."""
    joined = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)
    for sign, python in SIGNS.items():
        joined = joined.replace(sign, python)
    exact = re.sub(r"(?<!\*\*)(?<![\d.])(\d+(\.\d+)?)", r"Fraction('\1')", joined)
    names = {"Fraction": Fraction, "floor": floor, "ceil": ceil, "gcd": _gcd, "max": max, "prod": prod}
    names["root"] = lambda square: Fraction(sqrt(square))
    return Fraction(eval(exact, names))  # noqa: S307 - a formula of ours


def _gcd(a: Fraction, b: Fraction) -> int:
    return gcd(int(a), int(b))
