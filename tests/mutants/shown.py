"""A report in all formats in which it can be had."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable

from test_render_sarif import VALIDATOR

from cnndsl.api import Report
from cnndsl.elaborate.walk import MAX_ROWS
from cnndsl.render import csv, github, markdown, sarif, terminal
from cnndsl.render import json as as_json
from cnndsl.render.diagnostics import concise, detailed
from cnndsl.render.report import report as table
from cnndsl.render.text import Line

#: What acts on a terminal instead of being seen on it; the colours' own sequences aside.
_ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def show(report: Report) -> None:
    """Write a report in every format; an assertion fails where one cannot be read."""
    expand = sum(network.all_totals.layers for network in report.networks) < min(500, MAX_ROWS)
    for limit in (None, 40):
        _printed(table(report, expand=False, each=True, limit=limit, fixed=True))
        _printed(detailed(report.diagnostics, limit))
    _printed(table(report, expand=expand, each=False, limit=80))
    _printed(map(concise, report.diagnostics))
    _plain("\n".join(markdown.report(report, expand=expand, each=True)))
    _plain("\n".join(map(github.annotation, report.diagnostics)))
    json.loads(as_json.text([report], expand=expand))
    VALIDATOR.validate(json.loads(sarif.text([report, report])))
    csv.write(report.networks, io.StringIO(), expand=expand)


def _printed(lines: Iterable[Line]) -> None:
    kept = [*lines]
    for colour, some in ((False, kept), (True, kept[:200])):
        stream = io.StringIO()
        terminal.write(some, stream, colour=colour)
        _plain(_COLOUR.sub("", stream.getvalue()))


def _plain(text: str) -> None:
    text.encode("utf-8")
    found = _ACTING.search(text)
    assert not found, f"{found.group()!r} would act on a terminal"
