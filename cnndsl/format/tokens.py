"""A file's tokens, each with what stands before it: comments, line breaks, blank lines."""

from __future__ import annotations

from cnndsl.record import Record, fresh
from cnndsl.source import Source
from cnndsl.syntax import parse


class Comment(Record):
    """`# text`; `own_line`: nothing stands before it on its line, `blank`: a blank line does."""

    text: str
    own_line: bool = False
    blank: bool = False


class Gap(Record):
    """What stands between a token and the one before; `blank`: a blank line right before the token."""

    comments: list[Comment] = fresh(factory=list)
    newline: bool = False
    blank: bool = False

    def after(self, earlier: Gap) -> Gap:
        """The gap that is left where the token between two gaps is dropped."""
        comments = [*earlier.comments, *self.comments]
        return Gap(comments, earlier.newline or self.newline, earlier.blank or self.blank)


class Token(Record):
    """A word or sign of the language; `gap` is what stands before it."""

    type: str
    text: str
    start: int
    end: int
    gap: Gap


def scan(source: Source) -> tuple[list[Token], Gap]:
    """The tokens of a text that parses, and what stands behind the last."""
    found: list[Token] = []
    end = 0
    for one in parse.tokens(source):
        gap = _gap(source.text[end : one.start_pos], first=not found)
        found.append(Token(one.type, str(one), one.start_pos, one.end_pos, gap))
        end = one.end_pos
    return found, _gap(source.text[end:], first=not found)


def _gap(text: str, *, first: bool) -> Gap:
    """A text of white space and comments, read line by line; `first`: it starts the file."""
    comments: list[Comment] = []
    lines = text.split("\n")
    blank = False
    for number, line in enumerate(lines):
        words = line.strip()
        if words:
            comments.append(Comment(_tidy(words), first or number > 0, blank and bool(comments or not first)))
            blank = False
        elif 0 < number < len(lines) - 1 or (first and number < len(lines) - 1):
            blank = True
    return Gap(comments, len(lines) > 1, blank)


def _tidy(comment: str) -> str:
    """`#text` as `# text`; other marks (`#!`, `##`, `#---`) may mean something to somebody."""
    return f"# {comment[1:]}" if comment[1:2].isalnum() else comment
