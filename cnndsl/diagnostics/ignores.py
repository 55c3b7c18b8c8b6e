"""`# cnndsl: ignore[unread-pixels]`: comments that switch findings off.

At the end of a line the comment holds for that line, on a line of its own for the whole file.
Only warnings and notes can be ignored: an error stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnndsl.diagnostics.catalogue import CATALOGUE
from cnndsl.diagnostics.diagnostic import Diagnostic, Edit, Fix
from cnndsl.diagnostics.suggest import did_you_mean
from cnndsl.record import Record, fresh
from cnndsl.source import Source, Span

#: Comments, and strings, in which a `#` starts none.
_COMMENTS = re.compile(r'"[^"\n]*"|#[^\n]*')
_ADDRESSED = re.compile(r"#\s*cnndsl:")
_IGNORE = re.compile(r"#\s*cnndsl:\s*ignore\s*\[([^\]\n]*)\]")
_CODE = re.compile(r"[^,\s][^,]*(?<!\s)")


class Ignores(Record):
    """What the comments of a text ignore, and what is wrong with them."""

    everywhere: set[str] = fresh(factory=set)
    lines: dict[int, set[str]] = fresh(factory=dict)
    diagnostics: list[Diagnostic] = fresh(factory=list)

    def hold_for(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment ignores a finding, on any line of its text."""
        code, span = diagnostic.code, diagnostic.span
        if code in self.everywhere:
            return True
        if not any(code in codes for codes in self.lines.values()):
            return False
        first, last = (span.source.position(place)[0] for place in (span.start, span.end))
        return any(code in codes for line, codes in self.lines.items() if first <= line <= last)


def ignores(source: Source) -> Ignores:
    """The comments of a text that ignore codes."""
    found = Ignores()
    if "cnndsl:" not in source.text:
        return found
    for comment in _COMMENTS.finditer(source.text):
        if _ADDRESSED.match(comment[0]):
            _read(found, source, comment)
    return found


def _read(found: Ignores, source: Source, comment: re.Match[str]) -> None:
    start = comment.start()
    said = _IGNORE.match(comment[0])
    codes = list(_CODE.finditer(said[1])) if said else []
    if not said or not codes:
        span = Span(source, start, comment.end())
        message = "this comment ignores nothing"
        hints = ("it is written # cnndsl: ignore[unread-pixels]",)
        found.diagnostics.append(Diagnostic("unknown-code", message, span, hints=hints))
        return
    line, column = source.position(start)
    alone = not source.line(line)[: column - 1].strip()
    where = found.everywhere if alone else found.lines.setdefault(line, set())
    for code in codes:
        place = start + said.start(1) + code.start()
        wrong = refused(code[0], Span(source, place, place + len(code[0])))
        if wrong:
            found.diagnostics.append(wrong)
        else:
            where.add(code[0])


def refused(code: str, span: Span) -> Diagnostic | None:
    """The diagnostic where a code cannot be ignored: it is none, or an error's."""
    if code not in CATALOGUE:
        legal = [name for name, entry in CATALOGUE.items() if entry.severity != "error"]
        near = did_you_mean(code, legal)
        hints = (f"did you mean {' or '.join(near)}?",) if near else ("`cnndsl explain` lists the codes",)
        fixes = (Fix(f"write {near[0]}", (Edit(span, near[0]),)),) if near else ()
        shown = code if len(code) <= 40 else code[:40] + "…"
        return Diagnostic("unknown-code", f"there is no code `{shown}`", span, hints=hints, fixes=fixes)
    if CATALOGUE[code].severity == "error":
        hint = f"`cnndsl explain {code}` tells how to mend it"
        message = f"`{code}` is an error: only warnings and notes can be ignored"
        return Diagnostic("unknown-code", message, span, hints=(hint,))
    return None


def kept(
    diagnostics: Iterable[Diagnostic], sources: dict[Source, Ignores], codes: frozenset[str]
) -> list[Diagnostic]:
    """The diagnostics that neither a comment nor the caller's `codes` ignore."""
    return [
        diagnostic
        for diagnostic in diagnostics
        if diagnostic.severity == "error"
        or not (
            diagnostic.code in codes
            or ((said := sources.get(diagnostic.span.source)) and said.hold_for(diagnostic))
        )
    ]
