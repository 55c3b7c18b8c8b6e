"""Slips of the pen that can be put right: `10%`, `nn.Linear`, `→ →`, a bracket that is not closed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnndsl.diagnostics import Edit, Fix, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.source import Source, Span
from cnndsl.syntax import notation

_PERCENT = re.compile(r"(\d+(?:\.\d*)?)\s*%\s*$")
_MODULE = re.compile(
    r"\b(?:torch\.)?(?:nn|F|layers|keras|tf|functional)(?=\.)(?:\.(?:nn|layers|functional)(?=\.))*\."
)
_COUNTED = re.compile(r"(\d+)\s*\*\s*(\w+(?:\([^()]*\))?|\[[^\[\]]*\])")

REPEATED = "a repetition is written with one star: *2"

#: What is written for a sign that was meant otherwise, by the hint that says so.
_MEANT = {
    "a comparison is written ==": "==",
    "a power is written ^": "^",
    "a comment starts with #": "#",
    "steps follow each other by →": "→",
    "one arrow too many, or a step is missing": "",
    "one comma too many, or an argument is missing": "",
}


def slip(source: Source, span: Span) -> Located | None:
    """The diagnostic for a slip that ends, or stands, at `span`; None if it is none of those known."""
    own = _percent(source, span) or _module(source, span) or copies(source, span) or _start(source, span)
    return own or notation.slip(source, span)


def _percent(source: Source, span: Span) -> Located | None:
    before = _PERCENT.search(source.text, max(0, span.start - 40), span.start)
    if before is None:
        return None
    place = Span(source, before.start(), before.end())
    part = f"{float(before[1]) / 100:.10g}"
    message = f"`{place.text.strip()}` is written {part} here"
    return located("syntax", message, place, fixes=(Fix(f"write {part}", (Edit(place, part),), safe=True),))


def _module(source: Source, span: Span) -> Located | None:
    line = source.text.rfind("\n", 0, span.start) + 1
    for found in _MODULE.finditer(source.text, line):
        if found.start() <= span.start < found.end():
            place = Span(source, found.start(), found.end())
            fix = Fix(f"leave `{place.text}` out", (Edit(place, ""),), safe=True)
            message = f"layers have no `{place.text}` in front here"
            return located("syntax", message, place, fixes=(fix,))
    return None


_METHODS = re.compile(r"(?:^|\n)\s*init[ \t]+[^\n#]*?[\w)]([ \t]+)([^\W\d_]\w*)[ \t]*$")


def _start(source: Source, span: Span) -> Located | None:
    """`init he FC = normal(0.01)` lacks a comma."""
    before = _METHODS.search(source.text, max(0, source.text.rfind("\n", 0, span.start)), span.start)
    if before is None or span.text != "=":
        return None
    place = Span(source, before.start(2), before.end(2))
    fix = Fix("insert a comma", (Edit(Span(source, before.start(1), before.start(1)), ","),), safe=True)
    return located("syntax", f"a comma is missing before `{before[2]}`", place, fixes=(fix,))


_COPIES = re.compile(r"(?:[x×X]\s*)?(\d{1,9})(?![\w@.×])")
_TIMES = re.compile(r"[x×X]\s*$")


def copies(source: Source, span: Span) -> Located | None:
    """`[…]x3`, `[…] × 3` and `[…]3`: a repetition is written `*3`."""
    text = source.text
    sign = _TIMES.search(text, max(0, span.start - 8), span.start)
    found, head = _COPIES.match(text, span.start), text[: sign.start() if sign else span.start]
    end = len(head.rstrip())
    wanted = "]}" if found and found[0].isdecimal() and not sign else "]})"
    if found is None or text[end - 1 : end] not in [*wanted]:
        return None
    written = text[len(head) : found.end()]
    if re.search(rf"\b{written}\s*:(?!=)|\bas\s+{written}\b|\blet\s+{written}\b", text):
        return None  # a label `x3` with its arrow forgotten
    place = Span(source, end, found.end())
    fix = Fix(f"write *{found[1]}", (Edit(place, f"*{found[1]}"),), safe=True)
    message = f"`{written}` is written *{found[1]} here"
    return located("syntax", message, Span(source, len(head), found.end()), fixes=(fix,))


def group(span: Span) -> tuple[Fix, ...]:
    """The fix for parentheses around steps."""
    text, depth = span.source.text, 0
    for place in range(span.start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            edits = (Edit(span, "["), Edit(Span(span.source, place, place + 1), "]"))
            return (Fix("write [ ]", edits, safe=True),)
    return ()


def mended(span: Span, hint: str) -> tuple[Fix, ...]:
    """The fix for what a hint says of the text at `span`."""
    source, text = span.source, span.source.text
    if hint.startswith("a group stands in [ ]"):
        return group(span)
    if hint.startswith("a repetition's count comes after"):
        found = _COUNTED.match(text, span.start)
        place = Span(source, span.start, found.end()) if found else span
        return _fix(place, f"{found[2]}*{found[1]}", safe=True) if found else ()
    if hint == "a power is written ^":
        return _fix(Span(source, span.start - 1, span.end), "^", safe=text[span.start - 1] == "*")
    if hint == REPEATED:
        return _fix(Span(source, span.start - 1, span.end), "*", safe=True, title="write * alone")
    if hint == "the arrow is → or ->":
        found = re.compile(r"[=\-−]*\s*>|[=\-−]+(?=\s*[^\W\d_\[{])").match(text, span.start)
        return _fix(Span(source, span.start, found.end()), "→", safe=found[0] != "=") if found else ()
    if hint == "paths are joined by `|`, `+` or `⊙`":
        return _fix(span, " |")
    if hint == "steps follow each other by →" and not text[span.start - 1].isspace():
        return _fix(span, " →")
    if hint == "a comment starts with #":
        return _fix(span, "#", safe=True)
    return _fix(span, _MEANT[hint], safe=hint == "a comparison is written ==") if hint in _MEANT else ()


def _fix(place: Span, text: str, *, safe: bool = False, title: str = "") -> tuple[Fix, ...]:
    title = title or (f"write {text.strip()}" if text.strip() else f"remove `{place.text}`")
    return (Fix(title, (Edit(place, text),), safe=safe),)


#: What is said beside the fix of `at_fault`, by the type of the token.
HINTS = {
    "LSQB": ("the bracket of an index touches the name: n[1]",),
    "$END": ("one arrow too many, or a step is missing",),
}
_SPACED = re.compile(r"\w(\s+)$")
_LAST_ARROW = re.compile(r"[ \t]*(→|->|⟶)(?:\s|#[^\n]*)*$")


def at_fault(source: Source, span: Span, kind: str, *, at_end: bool) -> tuple[Fix, ...]:
    """The fix for a token that cannot stand where it stands: `n [1]`, or an arrow that leads nowhere."""
    before = source.text[: span.start]
    if kind == "LSQB" and (found := _SPACED.search(before)):
        return _fix(Span(source, found.start(1), span.start), "", safe=True, title="close the gap")
    if at_end and (found := _LAST_ARROW.search(source.text)):
        return _fix(Span(source, found.start(), found.end(1)), "", title="remove the last arrow")
    return ()


_WORD = re.compile(r'"[\w. /-]*')


def unclosed_string(source: Source, span: Span) -> tuple[Fix, ...]:
    """The closing quote behind the word, or before the end of the arguments."""
    found = _WORD.match(source.text, span.start)
    end = found.end() if found else span.end
    return _fix(Span(source, end, end), '"', title='close it: `"`')


#: Where an argument list or a group that is not closed can have been meant to end.
_ENDS = {
    ")": re.compile(r"\s*(?:→|->|⟶|[\]}\n#]|$)"),
    "]": re.compile(r"\s*(?:[\n}#]|$)"),
    "}": re.compile(r"\s*(?:[\n#]|$)"),
}


_COUNT = re.compile(r"\s*\*\s*(?:\d|\w+\s*(?:→|->|⟶|$|[\]}#\n])|\()")


def closings(source: Source, place: int, due: str) -> tuple[Fix, ...]:
    """The fix that closes the bracket at `place` where its line, or its list of arguments, ends.

    A group is more likely to be closed before the count that follows it: `[CONV(8, 3) → ReLU*2 → FC`.
    """
    found = _ENDS[due].search(source.text, place + 1)
    at = found.start() if found else len(source.text)
    end = Fix(f"close it: `{due}`", (Edit(Span(source, at, at), due),))
    counts = [*_counts(source.text, place + 1, at)] if due == "]" else []
    before = [Fix("close it before its count", (Edit(Span(source, at, at), due),)) for at in counts[-1:]]
    return (*before, end)


def _counts(text: str, start: int, end: int) -> Iterator[int]:
    """Where the counts of repetitions begin that stand in no further bracket."""
    depth = 0
    for place in range(start, end):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        if depth == 0 and text[place] == "*" and _COUNT.match(text, place):
            yield len(text[:place].rstrip())
