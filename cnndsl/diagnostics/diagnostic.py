"""One value for everything the checker has to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from cnndsl.diagnostics.catalogue import CATALOGUE
from cnndsl.record import Record
from cnndsl.source import Span

Severity = Literal["error", "warning", "note"]


class Label(Record):
    """A second place that belongs to the story, with what is to be said of it."""

    span: Span
    text: str


class Edit(Record):
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text after edits that do not touch each other."""
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def moved(place: int, edits: Iterable[Edit]) -> tuple[int, int]:
    """Where a place of the old text is in the new one: from … to, where an edit is about the place itself."""
    first = last = place
    for edit in edits:
        start, end, size = edit.span.start, edit.span.end, len(edit.text)
        if start < place < end:
            first, last = first - (place - start), last - (place - start) + size
        elif start == end == place:
            last += size
        elif end <= place:
            first, last = first + size - (end - start), last + size - (end - start)
    return first, last


class Fix(Record):
    """A change that mends the fault. `safe`: it keeps what the author can only have meant."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Diagnostic(Record):
    """`error[kernel-too-large]` at a span: a message, further places, hints and fixes."""

    code: str
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    hints: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        return CATALOGUE[self.code].severity

    def __str__(self) -> str:
        """`alexnet.cnn:5:26: error[claim]: this is 96@54x54, not 96@55x55 as claimed`."""
        line, column = self.span.source.position(self.span.start)
        place = f"{self.span.source.name}:{line}:{column}"
        return f"{place}: {self.severity}[{self.code}]: {self.message}"

    def __repr__(self) -> str:
        return f"<{self.severity}[{self.code}]: {self.message}>"


_NONE: Mapping[str, str] = MappingProxyType({})


class Change(NamedTuple):
    """What would mend a fault, for a rule that does not know the text: the caller makes a Fix of it.

    >>> Change("pad by 1", {"pad": "1"})
    >>> Change("write 3x5", text="3x5", safe=True)

    `values` are arguments of the layer by full name (`#0` is the first one by position) with what is
    to be written for them, None to take one off. `names` are other names for arguments, in the same
    way. `text` is for the place of what is at fault, `before` for that before the layer, `after` is a
    layer to follow it.
    """

    title: str
    values: Mapping[str, str | None] = _NONE
    names: Mapping[str, str] = _NONE
    text: str = ""
    safe: bool = False
    before: str = ""
    after: str = ""


class Problem(Exception):
    """A fault found by a rule that does not know where it stands in the text.

    >>> raise Problem("groups", "69 channels are not divisible by g = 4", at="groups")

    `at` names the argument at fault, so that the caller, who knows the text, can point at it;
    None means the whole layer.
    """

    def __init__(
        self, code: str, message: str, *hints: str, at: str | None = None, changes: tuple[Change, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hints = hints
        self.at = at
        self.changes = changes

    def fixes(self, span: Span) -> tuple[Fix, ...]:
        """Those of the changes that replace the text at fault, which stands at `span`."""
        return tuple(
            Fix(one.title, (Edit(span, one.text),), safe=one.safe) for one in self.changes if one.text
        )


class Located(Exception):
    """A diagnostic on its way up to the caller that collects them."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Fatal(Located):
    """A limit is passed: nothing more can be said of this network."""


def located(
    code: str,
    message: str,
    span: Span,
    *hints: str,
    labels: tuple[Label, ...] = (),
    fixes: tuple[Fix, ...] = (),
) -> Located:
    """An exception that carries a finished diagnostic: `raise located("undefined", "…", span)`."""
    return Located(Diagnostic(code, message, span, labels, hints, fixes))
