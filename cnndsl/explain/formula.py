"""Formulas in the letters of the lecture, worked with their numbers.

>>> str(worked("(W + 2p − w)/s + 1", {"W": 227, "p": 0, "w": 11, "s": 4}, 55))
'(W + 2p − w)/s + 1 = (227 + 2·0 − 11)/4 + 1 = 55'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

#: From here on the digits of a number are set in groups of three.
GROUPED = 10_000

#: A letter with its marks (`W′`, `p₁`), and the digit that may touch it (`2p`).
_LETTER = re.compile(r"(\d?)([^\W\d_][^\W_²]*[′₁₂]?)")


class Formula(NamedTuple):
    """A formula in letters, the same with its numbers, and what it comes to."""

    letters: str
    numbers: str
    result: str

    def __str__(self) -> str:
        return " = ".join(self.parts)

    @property
    def parts(self) -> list[str]:
        """What stands between the equal signs: nothing is said twice."""
        return list(dict.fromkeys(part for part in self if part))


class Fact(NamedTuple):
    """One line: what it is, a formula or a text, and what there is to add below it."""

    label: str
    formula: Formula | None = None
    text: str = ""
    notes: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return str(self.formula) if self.formula else self.text


class Section(NamedTuple):
    """Lines below a heading; `legend` says what their letters mean."""

    title: str
    facts: list[Fact]
    legend: str = ""


def number(value: Any) -> str:
    """A number as it is printed: `9216`, `34 848`, `0.5`, `1/2`; a symbolic size in its letters."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    text = f"{value:,}".replace(",", " ") if plain and abs(value) >= GROUPED else str(value)
    return text.replace("-", "−")


def worked(template: str, values: Mapping[str, Any], result: Any) -> Formula:
    """A formula whose letters are replaced by their values; words without a value stay."""

    def replaced(match: re.Match[str]) -> str:
        digit, letter = match.groups()
        if letter not in values:
            return match[0]
        return f"{digit}{'·' * bool(digit)}{operand(values[letter])}"

    return Formula(template, _LETTER.sub(replaced, template), number(result))


def operand(value: Any) -> str:
    """A number inside a formula: in parentheses where its signs would be misread."""
    text = number(value)
    plain = text.replace(" ", "").replace(".", "")
    return text if plain.isalnum() or _enclosed(text) else f"({text})"


def _enclosed(text: str) -> bool:
    """Whether a text is one pair of ⌊⌋ or ⌈⌉."""
    return text[0] in "⌊⌈" and text[-1] in "⌋⌉" and not any(sign in text[1:-1] for sign in "⌊⌈")


def fact(label: str, template: str, values: Mapping[str, Any], result: Any, *notes: str) -> Fact:
    """A line with a worked formula."""
    return Fact(label, worked(template, values, result), notes=tuple(note for note in notes if note))


def merged(facts: Iterator[Fact]) -> list[Fact]:
    """Lines that differ in their letters alone as one: `width, height`, in the letters of the width."""
    found: dict[tuple[Any, ...], Fact] = {}
    for one in facts:
        what = one.label.rpartition(" by ")[0]
        key = (what, *one.formula[1:], one.notes) if one.formula else (what, one.text, one.notes)
        same = found.get(key)
        found[key] = one._replace(label=f"{one.label}, {_axis(same.label)}") if same else one
    return list(found.values())


def _axis(label: str) -> str:
    """`height` of `padding by height`."""
    return label.rpartition(" by ")[2]
