"""What is left of a mutant that fails, when all is taken away that has no part in it."""

from __future__ import annotations

from collections.abc import Callable

from mutants.mutate import tokens

#: So often it is tried to take something away.
MOST_TRIES = 400


def smallest(text: str, fails: Callable[[str], bool]) -> str:
    """The text without the lines and words that it needs not to fail."""
    tries = [MOST_TRIES]
    text = _without(text.splitlines(keepends=True), fails, tries)
    return _without(tokens(text), fails, tries)


def _without(parts: list[str], fails: Callable[[str], bool], tries: list[int]) -> str:
    size = max(1, len(parts) // 2)
    while size and tries[0] > 0:
        at = 0
        while at < len(parts) and tries[0] > 0:
            fewer = parts[:at] + parts[at + size :]
            tries[0] -= 1
            if fails("".join(fewer)):
                parts = fewer
            else:
                at += size
        size //= 2
    return "".join(parts)
