"""The members of a family for programs: a line each, written as they come; no number is rounded."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from cnndsl.render.family import Columns
from cnndsl.render.json import TOTALS, fields, line, plain, shape, span
from cnndsl.render.text import field_size, visible

if TYPE_CHECKING:
    from cnndsl.analysis.family import Family, Member

#: Writes one member.
Writer = Callable[["Member"], None]

#: Changes whenever a property of a JSON line changes its meaning or goes.
SCHEMA = 1

_COSTS = ("params", "weights", "biases", "neurons", "macs", "flops")


def csv_writer(family: Family, stream: TextIO) -> Writer:
    """Writes the head of a table of comma-separated values, and then members."""
    columns, out = Columns(family, fixed=True), csv.writer(stream, lineterminator="\n")
    out.writerow(
        [*columns.heads, "valid", "code", "message", "last_map", "output", *_COSTS, "receptive_field"]
    )

    def write(member: Member) -> None:
        out.writerow([*map(visible, columns.values(member)), *_values(member)])

    return write


def _values(member: Member) -> list[Any]:
    error, totals = member.error, member.totals
    if totals is None:
        said = [error.code, visible(error.message)] if error else ["", ""]
        return ["no", *said, *[""] * (len(_COSTS) + 3)]
    costs = [getattr(totals, name) for name in _COSTS]
    sees = field_size(member.last.sights)
    return ["yes", "", "", member.last.output or "", member.output or "", *costs, sees]


def json_writer(family: Family, stream: TextIO) -> Writer:
    """Writes members as JSON lines; `cnndsl/schema/family.schema.json` tells what each property means."""

    def write(member: Member) -> None:
        stream.write(line(_object(family, member)) + "\n")

    return write


def _object(family: Family, member: Member) -> dict[str, Any]:
    error, totals = member.error, member.totals
    return {
        "schema": SCHEMA,
        "network": member.name,
        "variant": member.variant,
        "file": family.program.source.name,
        "values": {name: plain(value) for name, value in member.values.items()},
        "valid": member.ok,
        "error": {"code": error.code, "message": error.message, "span": span(error.span)} if error else None,
        "output": shape(member.output),
        "last_map": shape(member.last.output),
        "receptive_field": fields(member.last.sights) if totals else None,
        "totals": {name: getattr(totals, name) if totals else None for name in TOTALS},
    }
