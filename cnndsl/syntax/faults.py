"""Syntax errors as a reader of lecture slides would want to be told."""

from __future__ import annotations

import re
from typing import Any

from cnndsl.diagnostics import Edit, Fix, Label, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.source import Source, Span
from cnndsl.syntax import slips

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_SKIP = re.compile(r'#[^\n]*|"[^"\n]*"|[\[\](){}]')
_STATEMENTS = {"NET", "VARIANT", "DEFAULT", "INIT", "BLOCK", "LET", "OUTPUT", "USE", "EXPECT"}

_ARROW = re.compile(r"[⇒➔➜⟹—–−-]+>?")

#: What to say of a terminal that could stand at the fault; others are not worth a mention.
_READABLE = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "ARROW": "`→`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "BAR": "`|`",
}


def explain(source: Source, error: Any) -> Located:
    """The diagnostic for lark's error: unbalanced brackets first, they are the commonest cause."""
    unbalanced = _unbalanced(source)
    token = getattr(error, "token", None)
    at_end = token is not None and token.type == "$END"
    if token is None:
        span = Span(source, error.pos_in_stream, error.pos_in_stream + 1)
    elif at_end:  # lark gives the end the place of the last token
        span = Span(source, max(0, (token.end_pos or 0) - 1), token.end_pos or 0)
    else:
        span = Span(source, token.start_pos, token.end_pos)
    accepts = _accepts(error)
    if slip := slips.slip(source, span):
        return slip
    if unbalanced and (at_end or unbalanced.diagnostic.span.start <= span.start):
        return unbalanced
    if token is None:
        return _bad_character(source, span)
    if token.type in {"NAME", "LSQB", "LBRACE"} and "ARROW" in accepts:
        return missing_arrow(span)
    return unbalanced or _unexpected(source, span, token, accepts, at_end)


def missing_arrow(span: Span) -> Located:
    """Two steps without an arrow between them; `span` is the second one."""
    if repeated := slips.copies(span.source, span):
        return repeated
    edit = Edit(Span(span.source, span.start, span.start), "→ ")
    return located(
        "missing-arrow",
        f"an arrow is missing before `{_shortened(span.text)}`",
        span,
        "steps follow each other by `→` (or `->`)",
        fixes=(Fix("insert an arrow", (edit,), safe=True),),
    )


def _accepts(error: Any) -> set[str]:
    accepts = getattr(error, "accepts", None) or getattr(error, "expected", None)
    return set(accepts or getattr(error, "allowed", None) or ())


def _unbalanced(source: Source) -> Located | None:
    """The first bracket that has no partner of its kind."""
    opened: list[tuple[str, int]] = []
    for match in _SKIP.finditer(source.text):
        sign, place = match.group(), match.start()
        if sign in _CLOSING:
            opened.append((sign, place))
        elif sign in ")]}":
            if opened and _CLOSING[opened[-1][0]] == sign:
                opened.pop()
                continue
            return _wrong_bracket(source, sign, place, opened)
    if not opened:
        return None
    sign, place = opened[-1]
    span = Span(source, place, place + 1)
    message, due = f"this `{sign}` is never closed", _CLOSING[sign]
    fixes = slips.closings(source, place, due)
    return located("unclosed-bracket", message, span, f"add the `{due}`", fixes=fixes)


def _wrong_bracket(source: Source, sign: str, place: int, opened: list[tuple[str, int]]) -> Located:
    span = Span(source, place, place + 1)
    if not opened:
        fix = Fix("remove it", (Edit(span, ""),))
        return located(
            "unclosed-bracket",
            f"this `{sign}` closes nothing",
            span,
            "remove it, or open it before",
            fixes=(fix,),
        )
    mate, start = opened[-1]
    label = Label(Span(source, start, start + 1), f"the `{mate}` that is open here")
    return located(
        "unclosed-bracket",
        f"`{sign}` stands where a `{_CLOSING[mate]}` is due",
        span,
        f"close the `{mate}` first",
        labels=(label,),
        fixes=(Fix(f"write `{_CLOSING[mate]}`", (Edit(span, _CLOSING[mate]),), safe=True),),
    )


def _bad_character(source: Source, span: Span) -> Located:
    character = source.text[span.start : span.start + 1]
    if character == '"':
        fixes = slips.unclosed_string(source, span)
        return located(
            "syntax", "this string is not closed on its line", span, 'add the closing `"`', fixes=fixes
        )
    if character == "[":
        if fixes := slips.at_fault(source, span, "LSQB", at_end=False):
            return located("syntax", "`[` cannot stand here", span, *slips.HINTS["LSQB"], fixes=fixes)
        return located("syntax", "`[` cannot stand here", span, "steps follow each other by `→`")
    if character in "⇒➔➜⟹—–−":
        arrow = _ARROW.match(source.text, span.start)
        place = Span(source, span.start, arrow.end()) if arrow else span
        fix = Fix("write →", (Edit(place, "→"),), safe=True)
        return located(
            "syntax", f"`{place.text}` means nothing here", place, "the arrow is → or ->", fixes=(fix,)
        )
    if character == "_":
        return located("syntax", "names don't start with `_`", span)
    if character == ";":
        hint = "arguments are separated by `,`, steps by →"
        fix = Fix("write `,`", (Edit(span, ","),), safe=True)
        return located("syntax", "`;` means nothing here", span, hint, fixes=(fix,))
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return located("syntax", f"`{shown}` means nothing here", span)


def _unexpected(source: Source, span: Span, token: Any, accepts: set[str], at_end: bool) -> Located:
    whole = "text" if source.name.startswith("--") else "file"
    what = f"the {whole} ends here" if at_end else f"`{_shortened(str(token))}` cannot stand here"
    if (
        token.type in _STATEMENTS | {"IN", "AS", "ELSE", "AND", "OR", "NOT", "YES", "NO"}
        and "NAME" in accepts
    ):
        hint = f"`{token}` is a word of the language and cannot be a name"
        return located("syntax", what, span, hint)
    if token.type == "STAR" and _repeated(source.text[: span.start]):
        return located("syntax", what, span, slips.REPEATED, fixes=slips.mended(span, slips.REPEATED))
    if taught := _taught(token.type, accepts, at_end):
        return located("syntax", what, span, taught, fixes=slips.mended(span, taught))
    if fixes := slips.at_fault(source, span, token.type, at_end=at_end):
        return located("syntax", what, span, *slips.HINTS.get(token.type, ()), fixes=fixes)
    likely = [text for name, text in _READABLE.items() if name in accepts]
    hints = (f"{' or '.join(likely[:4])} would be right",) if likely else ()
    return located("syntax", what, span, *hints)


def _repeated(before: str) -> bool:
    """Whether a second star, as in `[…]**2` and `CONV(8, 3)**2`, stands behind a step."""
    return before.endswith(("]*", "}*", ")*")) and before.count("(") == before.count(")")


def _taught(kind: str, accepts: set[str], at_end: bool) -> str:
    """What a frequent slip was meant to be; "" if it is none."""
    if at_end:
        return ""
    step_due = {"NAME", "LSQB", "LBRACE"} <= accepts and "NUMBER" not in accepts
    for kinds, holds, hint in (
        ("BAR PLUS TIMES", accepts & {"BAR", "PLUS", "TIMES"}, _ONE_JOIN),
        ("BAR PLUS TIMES", "ARROW" in accepts, "paths that are joined stand in braces: { … + … }"),
        ("EQUAL", "EQ" in accepts, "a comparison is written =="),
        ("COMMA", "BAR" in accepts, "paths are joined by `|`, `+` or `⊙`"),
        ("COMMA", "ARROW" in accepts, "steps follow each other by →"),
        ("COMMA", "NAME" in accepts, "one comma too many, or an argument is missing"),
        ("EQUAL GT MINUS", "ARROW" in accepts and "RPAR" not in accepts, "the arrow is → or ->"),
        ("MINUS CARET SLASH PERCENT", accepts & {"ARROW", "NUMBER"}, _COMPUTED),
        ("STAR", {"LPAR", "NUMBER"} <= accepts, "a power is written ^"),
        ("IF", "ARROW" in accepts, "only a path in braces has an `if`; a step has a?(condition)"),
        ("ARROW", step_due, "one arrow too many, or a step is missing"),
        (
            "DOTDOT",
            True,
            "a range is the domain of a parameter, `N = 2 in 0..3`; `cnndsl family --set N=0..3` tries one",
        ),
        ("DSLASH", step_due or "ARROW" in accepts, "a comment starts with #"),
        ("LPAR", step_due, "a group stands in [ ], parallel paths in { }"),
        ("LSQB", "NUMBER" in accepts, "a list has no brackets of its own: *(c in 8, 16)"),
        ("NUMBER", "LPAR" in accepts and "ARROW" in accepts, "arguments stand in parentheses: CONV(64, 3)"),
        ("NUMBER", step_due, "a repetition's count comes after what it repeats: CONV(64, 3)*3"),
    ):
        if kind in kinds.split() and holds:
            return hint
    return ""


_ONE_JOIN = "one pair of braces holds one of `|`, `+`, `⊙`: put the inner paths in braces of their own"
_COMPUTED = "a computed count stands in parentheses: *(10^3)"


def _shortened(text: str, limit: int = 30) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
