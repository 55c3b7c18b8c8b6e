"""Source text and places in it."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

#: So much of a text is quoted in a message.
MAX_QUOTED = 40


class Source:
    """A text with a name: `Source("alexnet.cnn", text)`. Compared by identity.

    `path` is the file's absolute path, where there is one.
    """

    def __init__(self, name: str, text: str, path: str | None = None) -> None:
        self.name, self.text, self.path = name, text, path

    @cached_property
    def line_starts(self) -> list[int]:
        starts = [0]
        for number, character in enumerate(self.text):
            if character == "\n":
                starts.append(number + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, in code points."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line break."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive, in code points) of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def brief(self) -> str:
        """The text as a message quotes it: in one line, and not long."""
        words = " ".join(self.text[:1000].split())
        return words if len(words) <= MAX_QUOTED else f"{words[: MAX_QUOTED - 1]}…"

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of the other."""
        return Span(self.source, self.start, other.end)
