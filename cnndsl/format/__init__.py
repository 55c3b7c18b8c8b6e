"""One layout for every program: `format_source(Source("a.cnn", "INPUT->conv(64,3)->FC"))`.

A formatted file has the same syntax tree and the same comments, and is its own formatted text.
Authors say where lines end: an arrow that starts a line starts a stage, and stays there. All else
follows from the program.
"""

from __future__ import annotations

from cnndsl.format.lines import render
from cnndsl.format.printer import Claims, Printer
from cnndsl.format.tokens import scan
from cnndsl.source import Source
from cnndsl.syntax.parse import parse

__all__ = ["Claims", "format_source"]


def format_source(source: Source, claims: Claims | None = None) -> str:
    """The text in its canonical layout; raises Located where it does not parse.

    >>> format_source(Source("a.cnn", "input(32x32x3)->conv(64,3x3,pad=1)->FC(10)"))
    'INPUT(3@32x32) → CONV(64, 3x3, p=1) → FC(10)\\n'
    """
    file = parse(source)
    tokens, end = scan(source)
    printer = Printer(tokens, end, claims or Claims())
    return render(printer.layouts(file), printer.rest)
