"""The parser for `grammars/cnn.lark`: from tables built ahead, or else from the grammar.

Building LALR tables takes longer than checking a network, so the build of the package writes a
stand-alone parser (`_parser.py`, by lark's own generator) that also spares the import of lark.
It bears the grammar's text; where the two differ, as while the grammar is being edited, the
grammar wins.
"""

from __future__ import annotations

from typing import Any

from cnndsl.resources import folder
from cnndsl.syntax.quick import contextual_lexer

STARTS = ("start", "arguments", "initials", "settings", "question")


def grammar_text() -> str:
    with open(f"{folder('grammars')}/cnn.lark", encoding="utf-8") as file:
        return file.read()


def load(builder: Any) -> tuple[Any, tuple[type[Exception], ...]]:
    """A parser that calls `builder` for each rule, and the exceptions that it raises."""
    try:
        from cnndsl.syntax import _parser  # type: ignore[attr-defined,unused-ignore]
    except ImportError:
        return _from_grammar(builder)
    if grammar_text() != _parser.GRAMMAR:
        return _from_grammar(builder)
    plugins = {"ContextualLexer": contextual_lexer(_parser)}
    parser = _parser.Lark_StandAlone(transformer=builder, _plugins=plugins)
    return parser, (_parser.UnexpectedCharacters, _parser.UnexpectedToken)


def _from_grammar(builder: Any) -> tuple[Any, tuple[type[Exception], ...]]:
    from lark import Lark, UnexpectedCharacters, UnexpectedToken

    parser = Lark(
        grammar_text(), parser="lalr", maybe_placeholders=False, start=list(STARTS), transformer=builder
    )
    return parser, (UnexpectedCharacters, UnexpectedToken)
