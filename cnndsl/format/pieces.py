"""What a program is laid out from: pieces of text that a line may break before, in nested groups."""

from __future__ import annotations

from typing import Literal

from cnndsl.format.tokens import Gap
from cnndsl.record import Record, fresh

#: Before which pieces a line may break: an arrow; `|`, `+`, `⊙`; a body after `=`; the first, a
#: further and the closing piece of a list in parentheses; `*(…)`, `?(…)`, `as`; `and`, `or`.
#: "" is none of these.
Kind = Literal["", "arrow", "sign", "body", "hang", "item", "close", "post", "and"]


class Group(Record):
    """A statement, brackets, or a branch in braces; `depth` is how many are around it.

    `lead` is the arrow before the step that the group's bracket opens. `column` is where that
    bracket stands, and `margin` where its step starts on that line: set when lines are made.
    `hanging`: what stands in the parentheses has lines of its own.
    """

    kind: Literal["statement", "{", "branch", "[", "("]
    parent: Group | None = None
    depth: int = 0
    lead: Piece | None = None
    column: int = 0
    margin: int = 0
    hanging: bool = False

    def inner(self, kind: Literal["{", "branch", "[", "("], lead: Piece | None = None) -> Group:
        return Group(kind, self, self.depth + 1, lead)


class Piece(Record):
    """A token as it will be written.

    `space`: a blank stands before it on a line; `gap`: what the author has before it; `opens`: the
    group whose bracket it is. `cell`: a column of aligned lines may start here; `key` says what
    kind of thing stands in it. `stage`: an arrow that is the place to break a long chain. `step`:
    of a "post" piece, the first piece of the step that it belongs to.
    """

    text: str
    group: Group
    space: bool = False
    kind: Kind = ""
    gap: Gap = fresh(factory=Gap)
    broken: bool = False
    opens: Group | None = None
    cell: str = ""
    key: str = ""
    stage: bool = False
    step: Piece | None = None
    column: int = 0


class Layout(Record):
    """A statement: its pieces, and the word that it starts with ("" is the free chain)."""

    word: str
    pieces: list[Piece] = fresh(factory=list)
