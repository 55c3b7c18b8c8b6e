"""Where the costs of a network sit: a line for each layer, with a bar for each kind of cost."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.render.text import grouped, hook, visible
from cnndsl.shape import Symbolic, unknown_size

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row

TITLES = ("parameters", "MACs", "activations")


class Cost(NamedTuple):
    """What a layer costs, its equal copies together; activations are the values of its output.

    Of an open input they are formulas; what an error leaves unknown is `?`.
    """

    params: int
    macs: int
    activations: int


class Column(NamedTuple):
    """One kind of cost: of all layers together, and of the one with most of it, as far as it is known.

    It is `whole` where all are numbers, so that there are shares of the whole, and `open` where some are
    formulas, which no number stands beside as a bar.
    """

    title: str
    total: int
    most: int
    whole: bool
    open: bool


def bars(layers: Sequence[Row]) -> str:
    """The bars, as long as the share of the largest of their kind; "" where there are no layers."""
    counted = [row for row in layers if row.kind != "FLATTEN"]  # which moves values, and makes none
    if not counted:
        return ""
    costs = [*map(_cost, counted)]
    columns = [*map(_column, TITLES, zip(*costs, strict=True))]
    head = "".join(
        f"<th>{column.title} <span class=faint>{escape(grouped(column.total))}</span></th>"
        for column in columns
    )
    lines = [_line(row, cost, columns) for row, cost in zip(counted, costs, strict=True) if cost != (0, 0, 0)]
    table = f"<thead><tr><th>layer</th>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f"<table class=bars>{table}</table>{_note(columns)}"


def _cost(row: Row) -> Cost:
    activations = row.output.numel if row.output else unknown_size()
    one = Cost(row.totals.params, row.totals.macs, activations)
    return Cost(*(row.count * number for number in one))


def _column(title: str, costs: Sequence[int]) -> Column:
    numbers = [cost for cost in costs if not isinstance(cost, Symbolic)]
    open_ = any(isinstance(cost, Symbolic) and not cost.unknown for cost in costs)
    return Column(title, sum(costs), max(numbers, default=0), len(numbers) == len(costs), open_)


def _note(columns: Sequence[Column]) -> str:
    """Why there are no shares of some costs."""
    said = []
    if any(grouped(column.total) == "?" for column in columns):
        said.append("Some costs are unknown, since some sizes are: numbers stand in place of shares.")
    if open_ := [column.title for column in columns if column.open]:
        titles = " and ".join(open_)
        said.append(f"The {titles} follow from the size of the input: given one by --input, they have bars.")
    return f'<p class="faint">{" ".join(said)}</p>' if said else ""


def _line(row: Row, cost: Cost, columns: Sequence[Column]) -> str:
    copies = f' <span class="note">×{grouped(row.count)}</span>' if row.count > 1 else ""
    cells = "".join(map(_cell, columns, cost))
    name = f'<td class="name">{escape(visible(row.path))}{copies}</td>'
    return f'<tr data-path="{escape(hook(row.path))}">{name}{cells}</tr>'


def _cell(column: Column, cost: int) -> str:
    text = escape(grouped(cost))
    if isinstance(cost, Symbolic):
        return f'<td class="{"error" if cost.unknown else "size"}" title="{text}">{text}</td>'
    if not cost:
        return "<td></td>"
    share = f"{100 * cost / column.total:.1f} %" if column.whole else ""
    tip = f"{text} {column.title}{f', {share} of all' if share else ''}"
    bar = f'<i class="{column.title}" style="--part:{cost / column.most:.4f}"></i>'
    return f'<td title="{tip}">{"" if column.open else bar}<b>{share or text}</b></td>'
