"""A program in its canonical layout, with its claims as they are, all of them or none."""

from __future__ import annotations

from cnndsl.analysis.annotations import missing, orders
from cnndsl.api import Report, SpecError, check
from cnndsl.files import normal
from cnndsl.format import Claims, format_source
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.parse import parse


def fmt(text: str | Source, *, annotate: bool = False, strip: bool = False) -> str:
    """The text in its canonical layout.

    >>> fmt("INPUT(32x32x3)->conv(8,3)->FC(10)", annotate=True)
    'INPUT(3@32x32) → CONV(8, 3) : 8@30x30 → FC(10) : 10\\n'

    `strip` takes all claims out, `annotate` writes one behind each step that makes a size and has
    none; both together write all of them anew. Raises Located where the text does not parse, and
    with `annotate` SpecError where the network has errors.
    """
    source = text if isinstance(text, Source) else Source("<text>", normal(text))
    if strip:
        source = _again(source, format_source(source, Claims(strip=True)))
    file = parse(source)
    if not annotate:
        return format_source(source, Claims(orders=_orders(file)))
    report = _checked(file)
    if not report.ok:
        raise SpecError(report.diagnostics)
    claims = Claims(add=missing(file, report.networks), orders=orders(file, report.networks))
    return format_source(source, claims)


def _again(source: Source, text: str) -> Source:
    return Source(source.name, text, source.path)


def _checked(file: ast.File) -> Report:
    return check(file.source)


def _orders(file: ast.File) -> dict[tuple[int, int], str]:
    """Where the channels stand in claims such as `55x55x96`: for the network to say, if it is right."""
    if not any(isinstance(node, ast.Claimed) and isinstance(node.claim, ast.AxesExpr) for node in _all(file)):
        return {}
    report = _checked(file)
    return orders(file, report.networks) if report.ok else {}


def _all(file: ast.File) -> list[object]:
    return [node for statement in file.statements for node in ast.walk(statement)]
