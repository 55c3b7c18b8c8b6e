"""Diagnostics as SARIF 2.1.0, the format that code scanners exchange (OASIS, sarif-v2.1.0)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import cnndsl
from cnndsl.diagnostics import CATALOGUE
from cnndsl.explain.pages import page
from cnndsl.render import json
from cnndsl.render.text import visible

if TYPE_CHECKING:
    from cnndsl.api import Report
    from cnndsl.diagnostics import Diagnostic, Edit, Fix
    from cnndsl.source import Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def text(reports: Iterable[Report]) -> str:
    """The document: one run, with the rules that its results speak of."""
    found = [diagnostic for report in reports for diagnostic in report.diagnostics]
    codes = sorted({diagnostic.code for diagnostic in found})
    run = {
        "tool": {
            "driver": {
                "name": "cnndsl",
                "version": cnndsl.__version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "artifacts": _artifacts(found),
        "results": [_result(diagnostic, codes) for diagnostic in found],
    }
    return json.dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, Any]:
    entry = CATALOGUE[code]
    more = f"`cnndsl explain {code}` tells more."
    return {
        "id": code,
        "shortDescription": {"text": entry.summary},
        "help": {"text": f"{entry.summary} {more}", "markdown": page(code)},
        "defaultConfiguration": {"level": entry.severity},
    }


def _artifacts(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """The texts that are spoken of; with their contents where they come from no file."""
    sources = {source.name: source for one in found for source in _sources(one)}
    return [
        {"location": _uri(source)} | ({} if source.path else {"contents": {"text": source.text}})
        for source in sources.values()
    ]


def _sources(diagnostic: Diagnostic) -> list[Source]:
    return [diagnostic.span.source, *(label.span.source for label in diagnostic.labels)]


def _result(diagnostic: Diagnostic, codes: Sequence[str]) -> dict[str, Any]:
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": visible_lines(diagnostic.message, *diagnostic.hints)},
        "locations": [{"physicalLocation": _location(diagnostic.span)}],
        "relatedLocations": [
            {"id": number, "message": {"text": label.text}, "physicalLocation": _location(label.span)}
            for number, label in enumerate(diagnostic.labels)
        ],
        "fixes": [_fix(fix) for fix in diagnostic.fixes],
    }


def visible_lines(message: str, *hints: str) -> str:
    """A message and its hints, a line each, as plain text."""
    return "\n".join(visible(line) for line in (*message.splitlines(), *(f"help: {hint}" for hint in hints)))


def _fix(fix: Fix) -> dict[str, Any]:
    changed: dict[Source, list[Edit]] = {}
    for edit in fix.edits:
        changed.setdefault(edit.span.source, []).append(edit)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": _uri(source), "replacements": [_replacement(edit) for edit in edits]}
            for source, edits in changed.items()
        ],
        "properties": {"safe": fix.safe},
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}


def _location(span: Span) -> dict[str, Any]:
    """A place; what could not be read has no lines."""
    where = {"artifactLocation": _uri(span.source)}
    return where | ({"region": _region(span)} if span.source.text or span.source.path is None else {})


def _region(span: Span) -> dict[str, int]:
    """Lines and columns count from 1; the end is the place behind the last character."""
    place = json.span(span)
    return {
        "startLine": place["line"],
        "startColumn": place["column"],
        "endLine": place["end_line"],
        "endColumn": place["end_column"],
    }


def _uri(source: Source) -> dict[str, str]:
    """The name as a URI: relative as it was given, or of a file."""
    name = source.name.replace("\\", "/")
    scheme = "file://" if name.startswith("/") else "file:///" if name[1:3] == ":/" else ""
    return {"uri": scheme + quote(name, safe="/" + ":" * bool(scheme))}
