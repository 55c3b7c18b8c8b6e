"""A network, and what there is to say of it, as HTML: for notebooks and pages.

The parts are fragments whose colours come from `STYLE`, which stands once beside them. Text is
escaped; nothing is fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from cnndsl.render import summary
from cnndsl.render.diagnostics import detailed
from cnndsl.render.outline import outline
from cnndsl.render.table import COLUMNS, FOLDED, GATED, cells, name_pieces, total_cells
from cnndsl.render.text import Line, hook, visible

if TYPE_CHECKING:
    from cnndsl.diagnostics import Diagnostic
    from cnndsl.network import Network
    from cnndsl.render.outline import Entry

#: Colours of both kinds of surroundings: what says nothing of itself follows the page.
STYLE = """<style>
.cnn{--faint:#6b7280;--size:#0e7490;--good:#15803d;--error:#b91c1c;--warning:#a16207;--note:#0e7490;
 font:13px/1.45 system-ui,sans-serif}
@media(prefers-color-scheme:dark){.cnn{--faint:#9ca3af;--size:#67e8f9;--good:#86efac;--error:#fca5a5;
 --warning:#fde047;--note:#67e8f9}}
.cnn pre,.cnn td.name,.cnn td.layer{font-family:ui-monospace,Menlo,Consolas,monospace}
.cnn pre{font-size:inherit;line-height:1.3;overflow-x:auto}
.cnn table{font-size:inherit;border-collapse:collapse;margin:.5em 0;font-variant-numeric:tabular-nums}
.cnn table th,.cnn table td{padding:.1em .7em;text-align:left!important;white-space:pre;border:0}
.cnn table .right{text-align:right!important}
.cnn thead th{border-bottom:1px solid var(--faint)}
.cnn tfoot td{border-top:1px solid var(--faint)}
.cnn .title,.cnn .head,.cnn .group,.cnn .total,.cnn .place{font-weight:600}
.cnn .faint{color:var(--faint)}.cnn td.size,.cnn span.size{color:var(--size)}
.cnn td.output,.cnn .hint{color:var(--good)}
.cnn .error{color:var(--error);font-weight:600}.cnn .warning{color:var(--warning);font-weight:600}
.cnn .note{color:var(--note)}
</style>"""


def report(network: Network) -> str:
    """Title, table and totals of a network, with their style: what a notebook shows."""
    return f'{STYLE}<div class="cnn">{"".join(_network(network))}</div>'


def messages(diagnostics: Iterable[Diagnostic]) -> str:
    """Diagnostics with the lines that they speak of, as the terminal shows them; "" where there are none."""
    found = list(diagnostics)
    return f'{STYLE}<div class="cnn">{preformatted(detailed(found, None))}</div>' if found else ""


def note(text: str) -> str:
    """A remark beside a network, such as why something was not checked; "" where there is none."""
    return f'<div class="cnn"><span class="note">note: </span>{escape(visible(text))}</div>' if text else ""


def overview(networks: Sequence[Network]) -> str:
    """The variants of a file, in a line each."""
    titles = [_td(n, text, "th") for n, text in enumerate(summary.VARIANT)]
    rows = ["".join(_td(n, text) for n, text in enumerate(row)) for row in summary.variants(networks)]
    head = f"<thead><tr>{''.join(titles)}</tr></thead>"
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'{STYLE}<div class="cnn"><table>{head}<tbody>{body}</tbody></table></div>'


def _td(column: int, text: str, tag: str = "td") -> str:
    kind = ' class="right"' if column in summary.VARIANT_NUMBERS else ""
    return f"<{tag}{kind}>{escape(visible(text))}</{tag}>"


def preformatted(lines: Iterable[Line]) -> str:
    """Lines of a terminal with their colours."""
    return f"<pre>{chr(10).join(map(_line, lines))}</pre>"


def _line(line: Line) -> str:
    return "".join(_span(visible(text), style) for text, style in line)


def _span(text: str, style: str) -> str:
    return f'<span class="{style}">{escape(text)}</span>' if style else escape(text)


def _network(network: Network) -> Iterator[str]:
    yield f'<div class="title">{escape(summary.title(network))}</div>'
    yield from (f'<div class="faint">{escape(visible(line))}</div>' for line in summary.doc(network.program))
    with summary.named_sizes(network) as names:
        yield from table(network)
        yield from pairs(names)
        yield from facts(network)
    yield from remarks(network)


def remarks(network: Network) -> Iterator[str]:
    """What was assumed for the layers of a network, and what is free in it."""
    yield from _titled("Assumed for layers written without parentheses:", summary.assumed([network]))
    yield from _titled("This is one of a family of networks:", summary.choices([network]))


def facts(network: Network) -> Iterator[str]:
    """The totals, if all sizes are known."""
    if network.known:
        yield from pairs([*summary.facts(network), *summary.inputs(network)])
    else:
        yield f'<div class="error">{summary.NO_TOTALS}</div>'


def table(network: Network, elsewhere: str = "see below") -> Iterator[str]:
    """The lines of the table of a network; those of layers and blocks have a path in `data-path`."""
    entries = list(outline(network))
    yield "<table><thead><tr>"
    yield from (_cell("th", name, column.title.replace("\n", " ")) for name, column in COLUMNS.items())
    yield "</tr></thead><tbody>"
    yield from map(_entry, entries)
    yield "</tbody><tfoot>"
    yield from (f"<tr>{''.join(_cells(texts, 'total'))}</tr>" for texts in total_cells(network, elsewhere))
    yield "</tfoot></table>"
    rows = [entry.row for entry in entries if entry.row]
    gated = any(row.gated and row.sights for row in rows)
    notes = {FOLDED: any(entry.copies > 1 for entry in entries), GATED: gated}
    yield from (f'<div class="faint">{escape(note)}</div>' for note, holds in notes.items() if holds)


def _entry(entry: Entry) -> str:
    texts = cells(entry)
    path = f' data-path="{escape(hook(entry.path))}"' if entry.path else ""
    name = f'<td class="name">{_line(name_pieces(entry))}</td>'
    return f"<tr{path}>{name}{''.join(list(_cells(texts))[1:])}</tr>"


def _cells(texts: dict[str, str], style: str = "") -> Iterator[str]:
    for name, column in COLUMNS.items():
        text = texts.get(name, "")
        yield _cell("td", name, text, "error" if text == "?" else style or column.style)


def _cell(tag: str, name: str, text: str, style: str = "") -> str:
    classes = " ".join(dict.fromkeys(filter(None, (name, style, "right" * COLUMNS[name].right))))
    return f'<{tag} class="{classes}">{escape(visible(text))}</{tag}>'


def _titled(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield f'<div class="head">{title}</div>'
        yield from pairs(rows)


def pairs(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A small table of names and what they are."""
    body = [f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows]
    if body:
        yield f"<table><tbody>{''.join(body)}</tbody></table>"
