"""How a thing is written: every choice that the language leaves open is made here, from one seed.

Spelling(0).arrow() == "→"              # seed 0 is the plain spelling, others vary
Spelling(7).kind("CONV") in ("CONV", "conv", "Conv")
"""

from __future__ import annotations

import random

_COMMENTS = ("", " a comment", " → CONV(3) {", " it's 3x3", " as e1 : 8@4x4", " größer ⊙", ' """ \\n {x}')


class Spelling:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._plain = seed == 0

    def pick(self, *choices: str) -> str:
        """The first of the choices in half of the cases, and always when plain."""
        return choices[0] if self._plain or self._random.random() < 0.5 else self._random.choice(choices)

    def chance(self, share: float) -> bool:
        return not self._plain and self._random.random() < share

    def below(self, n: int) -> int:
        return 0 if self._plain else self._random.randrange(n)

    def shuffled(self, items: list[str]) -> list[str]:
        if not self._plain:
            self._random.shuffle(items)
        return items

    def kind(self, kind: str) -> str:
        return self.pick(kind, kind.lower(), kind.upper(), kind.capitalize())

    def arrow(self) -> str:
        return self.pick(" → ", " -> ", " ⟶ ", "→", self.newline() + "→ ", " →" + self.newline())

    def newline(self) -> str:
        """The end of a line, perhaps with a comment, and blank or comment lines after it."""
        if self.chance(0.85):
            return "\n" + " " * self.below(5)
        comment = "" if self._plain else self._comment()
        return f"{comment}\n" + ("" if self._plain else self.pick("", "\n", f"  {self._comment()}\n"))

    def _comment(self) -> str:
        return " #" + self._random.choice(_COMMENTS)

    def by(self) -> str:
        """Between extents."""
        return self.pick("x", "x", " x ", "×")

    def integer(self, value: int) -> str:
        return f"{value:_}" if value >= 1000 and self.chance(0.5) else str(value)

    def floating(self, value: float) -> str:
        return f"{value:e}" if self.chance(0.1) else repr(value)
