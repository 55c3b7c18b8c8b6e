"""Text to syntax tree: `parse(Source("a.cnn", "INPUT → FC"))`."""

from __future__ import annotations

from threading import Lock
from typing import Any

from cnndsl.diagnostics import located
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.build import Builder
from cnndsl.syntax.faults import explain
from cnndsl.syntax.grammar import load

#: A text longer than this (in characters) is no description of a network.
MAX_TEXT = 4_000_000

_builder = Builder()
_lock = Lock()
_parsers: dict[str, Any] = {}


def parse(source: Source) -> ast.File:
    """The syntax tree of a file; raises Located with a diagnostic where the text is none."""
    file: ast.File = _run(source, "start")
    return file


def parse_arguments(source: Source) -> ast.Arguments:
    """The arguments of `--set`, written with parentheses: `(N=2, M=3)`."""
    arguments: ast.Arguments = _run(source, "arguments")
    return arguments


def _run(source: Source, start: str) -> Any:
    if len(source.text) > MAX_TEXT:
        raise located(
            "number-limit",
            f"the file has {len(source.text)} characters, the limit is {MAX_TEXT}",
            Span(source, 0, 1),
        )
    with _lock:  # one builder serves all parses: its source is set for each
        parser, errors = _parser()
        _builder.source = source
        try:
            tree = parser.parse(source.text, start=start)
        except errors as error:
            raise explain(source, error) from None
    return tree


def _parser() -> tuple[Any, Any]:
    if not _parsers:
        _parsers["parser"], _parsers["errors"] = load(_builder)
    return _parsers["parser"], _parsers["errors"]
