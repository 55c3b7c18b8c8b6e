"""The values that fit in the holes of a network, as a table and as JSON.

k at 1:30  s at 1:35  p at 1:40  parameters           MACs
──────────────────────────────────────────────────────────
11         4          0              62 378  1 135 256 096
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from cnndsl.elaborate import elaborate
from cnndsl.layers.base import written
from cnndsl.render.json import dumped, plain, span
from cnndsl.render.text import Line, aligned, counted, grouped

if TYPE_CHECKING:
    from cnndsl.analysis.solve import Solution, Solved
    from cnndsl.api import Report
    from cnndsl.network import Network
    from cnndsl.syntax import ast


def lines(report: Report, limit: int) -> Iterator[Line]:
    """The solutions, the simplest first, with what each of them costs."""
    found = report.solved
    if found is None:
        yield [(f"{report.source.name} has no holes to solve for", "")] if report.ok else []
        return
    if not found.solutions:
        return
    heads = [_head(found, hole) for hole in found.solutions[0].values]
    rows = [[*heads, "parameters", "MACs"]]
    rows += [_row(report, solution) for solution in islice(found.solutions, limit)]
    yield from aligned(rows, right={len(heads), len(heads) + 1}, head=True)
    yield []
    yield [(_closing(found, min(limit, len(found.solutions))), "faint")]


def _head(found: Solved, hole: ast.Expr) -> str:
    """What a hole stands for, and where: `k at 1:30`, line and column."""
    line, column = hole.span.source.position(hole.span.start)
    return f"{found.names.get(hole, 'size')} at {line}:{column}"


def _row(report: Report, solution: Solution) -> list[str]:
    values = [_value(solution, hole) for hole in solution.values]
    totals = _network(report, solution).totals
    return [*values, grouped(totals.params), grouped(totals.macs)]


def _value(solution: Solution, hole: ast.Expr) -> str:
    """The value, and where others do as well, which: `227 (227 to 230)`."""
    value = written(solution.values[hole])
    sizes = solution.sets.get(hole)
    return value if sizes is None or str(sizes) == value else f"{value} ({sizes})"


def _network(report: Report, solution: Solution) -> Network:
    assert report.program is not None
    first = report.networks[0]
    return elaborate(report.program, first.variant, first.settings, holes=solution.values)


def _closing(found: Solved, listed: int) -> str:
    known = counted(found.count, "solution")
    more = f", of which these are the {listed} simplest" if listed < found.count else ""
    cut = "" if found.complete else "; the search was cut short, there may be more"
    return f"{known}{more}; searched: {found.bounds}{cut}"


def text(reports: Sequence[Report], limit: int) -> str:
    """A JSON document with an object for each file."""
    return dumped({"schema": 1, "files": [_object(report, limit) for report in reports]})


def _object(report: Report, limit: int) -> dict[str, Any]:
    found = report.solved
    solutions = found.solutions[:limit] if found else []
    return {
        "file": report.source.name,
        "bounds": found.bounds._asdict() if found else None,
        "complete": found.complete if found else True,
        "count": found.count if found else 0,
        "holes": [{"name": found.names.get(one), "span": span(one.span)} for one in found.holes]
        if found
        else [],
        "solutions": [_solution(report, solution) for solution in solutions],
    }


def _solution(report: Report, solution: Solution) -> dict[str, Any]:
    totals = _network(report, solution).totals
    values = [
        {"span": span(hole.span), "value": plain(value), "all": str(solution.sets.get(hole, value))}
        for hole, value in solution.values.items()
    ]
    return {"values": values, "params": totals.params, "macs": totals.macs}
