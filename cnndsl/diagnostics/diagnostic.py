"""One value for everything the checker has to say."""

from __future__ import annotations

from collections.abc import Mapping
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


_NONE: Mapping[str, str] = MappingProxyType({})


class Change(NamedTuple):
    """What would mend a fault, for a rule that does not know the text: the caller makes a Fix of it.

    >>> Change("pad by 1", {"pad": "1"})
    >>> Change("write 3x5", text="3x5", safe=True)

    `values` are arguments of the layer by full name (`#0` is the first one by position) with what is
    to be written for them, None to take one off. `names` are other names for arguments, in the same
    way. `text` is for the place of what is at fault, `before` for that before the layer.
    """

    title: str
    values: Mapping[str, str | None] = _NONE
    names: Mapping[str, str] = _NONE
    text: str = ""
    safe: bool = False
    before: str = ""


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
