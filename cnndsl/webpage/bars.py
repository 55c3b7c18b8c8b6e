"""Where the costs of a network sit: a line for each layer, with a bar for each kind of cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.render.text import grouped

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row

TITLES = ("parameters", "MACs", "activations")


class Cost(NamedTuple):
    """What a layer costs, its equal copies together; activations are the values of its output."""

    params: int
    macs: int
    activations: int


def bars(layers: Sequence[Row]) -> str:
    """The bars, as long as the share of the largest of their kind; "" where a size is open."""
    counted = [row for row in layers if row.kind != "FLATTEN"]  # which moves values, and makes none
    costs = [cost for row in counted if (cost := _cost(row))]
    if not costs or len(costs) < len(counted):
        return ""
    totals = [sum(column) for column in zip(*costs, strict=True)]
    largest = [max(column) for column in zip(*costs, strict=True)]
    head = "".join(
        f"<th>{title} <span class=faint>{grouped(total)}</span></th>"
        for title, total in zip(TITLES, totals, strict=True)
    )
    body = "".join(
        _line(row, cost, totals, largest) for row, cost in zip(counted, costs, strict=True) if any(cost)
    )
    return f"<table class=bars><thead><tr><th>layer</th>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cost(row: Row) -> Cost | None:
    """The costs of a row, if they are numbers: those of an open input are formulas."""
    if not row.known or row.output is None or row.output.unknown or not row.output.closed:
        return None
    one = Cost(row.totals.params, row.totals.macs, row.output.numel)
    return Cost(*(row.count * number for number in one))


def _line(row: Row, cost: Cost, totals: Sequence[int], largest: Sequence[int]) -> str:
    copies = f' <span class="note">×{grouped(row.count)}</span>' if row.count > 1 else ""
    cells = "".join(_bars(cost, totals, largest))
    path = escape(row.path)
    return f'<tr data-path="{path}"><td class="name">{path}{copies}</td>{cells}</tr>'


def _bars(cost: Cost, totals: Sequence[int], largest: Sequence[int]) -> Iterator[str]:
    for title, number, total, most in zip(TITLES, cost, totals, largest, strict=True):
        if not number:
            yield "<td></td>"
            continue
        share, width = 100 * number / total, 100 * number / most
        tip = f"{grouped(number)} {title}, {share:.1f} % of all"
        yield f'<td title="{tip}"><i class="{title}" style="width:{width:.2f}%"></i><b>{share:.1f} %</b></td>'
