"""Diagnostics as annotations of GitHub Actions: a workflow command each.

::error title=cnndsl (claim),file=my.cnn,line=5,col=26,endLine=5,endColumn=35::my.cnn:5:26: error[claim]: …
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.render import json
from cnndsl.render.diagnostics import concise, place
from cnndsl.render.text import plain, visible

if TYPE_CHECKING:
    from cnndsl.diagnostics import Diagnostic, Fix

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}

#: What would end a message or a property, or begin an escape.
_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}


def annotation(diagnostic: Diagnostic) -> str:
    """The workflow command for a diagnostic, in a line."""
    properties = {"title": f"cnndsl ({diagnostic.code})", **_where(diagnostic)}
    listed = ",".join(f"{name}={_escaped(str(value), _PROPERTY)}" for name, value in properties.items())
    return f"::{COMMANDS[diagnostic.severity]} {listed}::{_escaped(_message(diagnostic), _MESSAGE)}"


def _where(diagnostic: Diagnostic) -> dict[str, str | int]:
    """The place, if it is in a file; columns are for one line alone, GitHub refuses others."""
    source = diagnostic.span.source
    if source.path is None and not source.name.endswith(".cnn"):
        return {}
    where: dict[str, str | int] = {"file": visible(source.name)}
    if not source.text:
        return where
    found = json.span(diagnostic.span)
    where |= {"line": found["line"], "endLine": found["end_line"]}
    if found["line"] == found["end_line"]:
        where |= {"col": found["column"], "endColumn": found["end_column"]}
    return where


def _message(diagnostic: Diagnostic) -> str:
    """All there is to say; the log shows the message without its place, so that it begins with it."""
    lines = [plain(concise(diagnostic))]
    lines += [f"{place(label.span)}: {label.text}" for label in diagnostic.labels]
    lines += [f"help: {hint}" for hint in diagnostic.hints]
    lines += [_fix(fix) for fix in diagnostic.fixes]
    return "\n".join(map(visible, lines))


def _fix(fix: Fix) -> str:
    edits = "; ".join(f"{place(edit.span)}: {_edit(edit.span.text, edit.text)}" for edit in fix.edits)
    return f"{'fix' if fix.safe else 'fix (unsafe)'}: {fix.title} ({edits})"


def _edit(old: str, new: str) -> str:
    if not old:
        return f"insert `{new}`"
    return f"`{old}` → `{new}`" if new else f"delete `{old}`"


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
