"""The tables of docs/zoo.md: `cog -r -I docs -I tests docs/zoo.md` writes them, `--check` compares."""

from __future__ import annotations

from pathlib import Path

import cog
from zoo import BEYOND, ZOO, differences, network_of, networks

from cnndsl.analysis.rows import receptive_field
from cnndsl.api import shipped
from cnndsl.network import Network
from cnndsl.render.text import grouped


def torchvision() -> None:
    """The networks of torchvision, and whether they are equal."""
    _table(
        ("network", "spec", "lines", "parameters", "MACs", "receptive field", "equal to torchvision?"),
        [
            [name, *_spec(entry.spec), *_counts(network_of(name), entry.beside), _verdict(name)]
            for name, entry in ZOO.items()
        ],
    )


def beyond() -> None:
    """The networks beyond torchvision, and what is published of them."""
    _table(
        ("network", "spec", "lines", "parameters", "MACs", "receptive field", "published", "by"),
        [
            [net.name, *_spec(one.spec), *_counts(net, "none"), one.params, one.source]
            for one in BEYOND
            for net in [networks(one.spec)[one.variant]]
        ],
    )


def _spec(name: str) -> tuple[str, str]:
    """A link to the file, and its lines that are neither blank nor comment."""
    text = Path(shipped()[name]).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return f"[{name}](../specs/{name}.cnn)", str(len(lines))


def _counts(net: Network, beside: str) -> tuple[str, str, str]:
    params = (net.totals if beside == "none" else net.all_totals).params
    macs = (net.all_totals if beside == "run" else net.totals).macs
    sights = receptive_field(net)
    field = "x".join(str(size) for size in dict.fromkeys(one.size for one in sights)) if sights else "all"
    return grouped(params), grouped(macs), field


def _verdict(name: str) -> str:
    found = differences(name)
    return "; ".join(found) or "yes"


def _table(head: tuple[str, ...], rows: list[list[str]]) -> None:
    right = {"lines", "parameters", "MACs", "receptive field"}
    cog.outl(f"| {' | '.join(head)} |")
    cog.outl(f"| {' | '.join('---:' if title in right else '---' for title in head)} |")
    for row in rows:
        cog.outl(f"| {' | '.join(row)} |")
