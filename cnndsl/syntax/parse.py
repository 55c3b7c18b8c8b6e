"""Text to syntax tree: `parse(Source("a.cnn", "INPUT → FC"))`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any

from cnndsl.diagnostics import Fix, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.build import Builder
from cnndsl.syntax.grammar import load

#: A text longer than this (in characters) is no description of a network.
MAX_TEXT = 4_000_000
#: What a fix of a longer text comes to is not tried.
MAX_TRIED = 20_000
#: So many tokens of a text that cannot be read are given up for the sake of those before.
MAX_BACK = 60
#: So many characters are read in search of what can be read, beyond the first text that may be it.
MAX_READ = 300_000

_STARTS = re.compile(
    r"^[ \t]*((?:block|net|let|output|variant|use|init|default|expect|input)\b)", re.MULTILINE | re.IGNORECASE
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}

_builder = Builder()
_lock = Lock()
_parsers: dict[str, Any] = {}


def parse(source: Source) -> ast.File:
    """The syntax tree of a file; raises Located with a diagnostic where the text is none."""
    file: ast.File = _run(source, "start")
    return file


def tokens(source: Source) -> list[Any]:
    """The tokens of a text that parses, each of the type that the parser took it for."""
    with _lock:
        parser, _ = _parser()
        _builder.source = source
        return [*parser.parse_interactive(source.text, start="start").iter_parse()]


def beginnings(source: Source) -> Iterator[tuple[str, int]]:
    """Texts that begin like one that cannot be read, and can be; and how far each is the same, longest first.

    Each ends with a whole step and with the brackets that this needs.
    """
    if len(source.text) > MAX_TEXT:
        return
    read, budget = _read(source), MAX_READ
    first = max(len(read) - MAX_BACK, 0) + 1
    still_open = [*_open_brackets(read, first)]
    for count in range(len(read), first - 1, -1):
        still, end = still_open[count - first], read[count - 1].end_pos
        goes_on = [str(token) for token in read[count : count + 1]] == ["("]
        if "(" in still or goes_on or budget <= 0:
            continue
        text = source.text[:end] + "".join(_CLOSING[sign] for sign in reversed(still))
        budget -= len(text)
        if _can_be_read(Source(source.name, text)):
            yield text, end


def at_fault(place: Span) -> Span | None:
    """The statement around the place of a syntax error, if a network can be told without it.

    That is all up to the next line that begins a statement. Without a `default` sizes would be others.
    """
    text = place.source.text
    if len(text) > MAX_READ // 4:
        return None
    starts = [found.start(1) for found in _STARTS.finditer(text)]
    start = max((one for one in starts if one <= place.start), default=-1)
    if start < 0 or text.startswith("default", start) or text[start : start + 5].lower() == "input":
        return None
    return Span(place.source, start, min((one for one in starts if one > start), default=len(text)))


def _open_brackets(read: Sequence[Any], first: int) -> Iterator[str]:
    """The brackets that are open behind so many tokens, from the first count asked for on."""
    stack: list[str] = []
    for count, token in enumerate(map(str, read), 1):
        if token in _CLOSING:
            stack.append(token)
        elif token in _CLOSING.values() and stack:
            stack.pop()
        if count >= first:
            yield "".join(stack)


def _read(source: Source) -> list[Any]:
    """The tokens before a syntax error, perhaps with the one that is at fault."""
    found: list[Any] = []
    with _lock:
        parser, errors = _parser()
        _builder.source = source
        with suppress(*errors, Located):
            found.extend(parser.parse_interactive(source.text, start="start").iter_parse())
    return found


def _can_be_read(source: Source) -> bool:
    try:
        parse(source)
    except Located:
        return False
    return True


def parse_arguments(source: Source) -> ast.Arguments:
    """The arguments of `--set`, written with parentheses: `(N=2, M=3)`."""
    arguments: ast.Arguments = _run(source, "arguments")
    return arguments


def parse_settings(source: Source) -> tuple[ast.Setting, ...]:
    """The settings of a family, such as `N=0..3, M=1, 2, 3`."""
    settings: tuple[ast.Setting, ...] = _run(source, "settings")
    return settings


def parse_question(source: Source) -> ast.Expr:
    """An expression of an option, such as `params <= 1e6 and rf >= 32`."""
    question: ast.Expr = _run(source, "question")
    return question


def parse_initials(source: Source) -> ast.Init:
    """What `--init` says: `he, FC=normal(0.01)`."""
    found: ast.Init = _run(source, "initials")
    return found


def _run(source: Source, start: str) -> Any:
    if len(source.text) > MAX_TEXT:
        raise located(
            "number-limit",
            f"the file has {len(source.text)} characters, the limit is {MAX_TEXT}",
            Span(source, 0, 1),
        )
    with _lock:  # one builder serves all parses: its source is set for each
        parser, errors = _parser()
        _builder.source = source
        try:
            tree = parser.parse(source.text, start=start)
        except errors as error:
            from cnndsl.syntax.faults import explain

            found = explain(source, error)
            found.diagnostic.fixes = tuple(
                fix for fix in found.diagnostic.fixes if _helps(fix, source, start, error.pos_in_stream)
            )
            raise found from None
    return tree


def _helps(fix: Fix, source: Source, start: str, before: int) -> bool:
    """Whether a text with the fix can be read, at least to beyond the place of the fix and of the fault.

    `before` is how far it could be read.
    """
    text, end = source.text, 0
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        end = max(end, edit.span.start + len(edit.text))
    before += len(text) - len(source.text)
    if len(text) > MAX_TRIED:
        return fix.safe
    parser, errors = _parser()
    _builder.source = Source(source.name, text)
    try:
        parser.parse(text, start=start)
    except errors as error:
        reached: int = error.pos_in_stream
        token = getattr(error, "token", None)
        return reached > max(end, before) and (token is None or token.type != "$END")
    except Located:
        return True  # said of what was read
    return True


def _parser() -> tuple[Any, Any]:
    if not _parsers:
        _parsers["parser"], _parsers["errors"] = load(_builder)
    return _parsers["parser"], _parsers["errors"]
