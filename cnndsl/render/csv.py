"""The layers of all networks as comma-separated values: plain digits, nothing for what is unknown."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from cnndsl.analysis.rows import rows
from cnndsl.render.outline import of_row
from cnndsl.render.text import field_size, visible

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row
    from cnndsl.network import Network

COLUMNS = (
    "network", "path", "count", "kind", "layer", "input", "output", "size", "params",
    "weights", "biases", "neurons", "macs", "receptive_field", "gated",
)  # fmt: skip


def write(networks: Iterable[Network], stream: TextIO, *, expand: bool) -> None:
    """One table for all networks; costs are those of one copy."""
    out = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    out.writeheader()
    for network in networks:
        out.writerows(_values(network, row) for row in rows(network, expand=expand))


def _values(network: Network, row: Row) -> dict[str, Any]:
    entry = of_row("", row, row.count)
    costs = {name: getattr(row.totals, name) for name in COLUMNS[8:13]} if row.known else {}
    values = {
        "network": network.name,
        "path": row.path,
        "count": row.count,
        "kind": row.kind,
        "layer": entry.step,
        "input": row.input or "",
        "output": row.output or "",
        "size": entry.size,
        "receptive_field": field_size(row.sights) if row.output and row.kind != "FLATTEN" else "",
        "gated": "yes" if row.gated else "",
    }
    return {name: visible(str(value)) for name, value in (values | costs).items()}
