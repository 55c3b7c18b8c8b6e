"""What single tokens stand for: operators between branches, and numbers."""

from __future__ import annotations

from typing import Any, Self

from cnndsl.diagnostics import Problem


class Mark(str):  # noqa: SLOT000 - a token as lark's own are: a text with a place
    """An operator between branches, with the place of its token."""

    start_pos: int
    end_pos: int

    def __new__(cls, text: str, token: Any) -> Self:
        mark = super().__new__(cls, text)
        mark.start_pos, mark.end_pos = token.start_pos, token.end_pos
        return mark


def parse_number(text: str) -> int | float:
    """`62_378_344` as an int, `0.5` and `5e6` as a float."""
    digits = text.replace("_", "")
    if len(digits) > 300:
        raise Problem("number-limit", f"a number of {len(digits)} digits is too long")
    return int(digits) if digits.isdecimal() else float(digits)
