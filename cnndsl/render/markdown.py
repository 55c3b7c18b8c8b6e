"""A report as Markdown: a table with the full path of each layer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import rows
from cnndsl.render import summary
from cnndsl.render.outline import of_row
from cnndsl.render.table import COLUMNS, FOLDED, GATED, cells, total_cells
from cnndsl.render.text import visible

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row
    from cnndsl.api import Report
    from cnndsl.network import Network


def report(found: Report, *, expand: bool, each: bool) -> Iterator[str]:
    """The lines of a report; several networks in a line each, unless `each`."""
    if each or len(found.networks) == 1:
        for network in found.networks:
            yield from _network(network, expand)
    elif found.program:
        yield from _heading(summary.family_title(found.program), summary.doc(found.program))
        yield from table_head(summary.VARIANT, summary.VARIANT_NUMBERS)
        yield from map(table_row, summary.variants(found.networks))
        yield ""
    yield from _list("Assumed for layers written without parentheses", summary.assumed(found.networks))
    yield from _list("This is one of a family of networks", summary.choices(found.networks))


def _network(network: Network, expand: bool) -> Iterator[str]:
    yield from _heading(summary.title(network), summary.doc(network.program))
    titles = [column.title.replace("\n", " ") for column in COLUMNS.values()]
    yield from table_head(titles, {number for number, column in enumerate(COLUMNS.values()) if column.right})
    notes: dict[str, None] = {}
    for row in rows(network, expand=expand):
        yield _layer(row)
        notes |= {FOLDED: None} if row.count > 1 else {}
        notes |= {GATED: None} if row.gated and row.sights else {}
    for texts in total_cells(network):
        yield table_row(f"**{texts[name]}**" if name in texts else "" for name in COLUMNS)
    yield ""
    yield from (f"{escaped(' '.join(note.split()))}\n" for note in notes)
    if network.known:
        yield from _list("Totals", [*summary.facts(network), *summary.inputs(network)])
        more = summary.further(network)
        yield from _list(f"Totals {more}", summary.sums(network.all_totals)) if more else ()


def _heading(title: str, doc: Iterable[str]) -> Iterator[str]:
    yield from (f"## {escaped(title)}", "")
    if lines := [escaped(line) for line in doc]:
        yield from (*lines, "")


def table_head(titles: Sequence[str], numbers: Collection[int]) -> Iterator[str]:
    yield table_row(titles)
    yield f"| {' | '.join('--:' if number in numbers else ':--' for number in range(len(titles)))} |"


def _layer(row: Row) -> str:
    texts = cells(of_row("", row, row.count)) | {"name": row.path}
    if row.count > 1:
        texts["name"] += f" ×{row.count}"
    return table_row(texts.get(name, "") for name in COLUMNS)


def table_row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(map(escaped, texts))} |"


def escaped(text: str) -> str:
    """Text in which nothing acts as Markdown or HTML, but `**` around a whole cell."""
    if text.startswith("**"):
        return text
    for sign in "\\`*_<>|[]#":
        text = text.replace(sign, f"\\{sign}")
    return visible(text)


def _list(title: str, items: Sequence[tuple[str, str]]) -> Iterator[str]:
    if items:
        yield from (f"{title}:", "")
        yield from (f"- {escaped(name)}: {escaped(text)}" for name, text in items)
        yield ""
