"""The language's colours for everything that uses Pygments: Sphinx, MkDocs, rich, notebooks.

>>> from pygments import highlight, lexers, formatters
>>> text = "INPUT(3@32x32) → CONV(64, 3x3) → ReLU"
>>> html = highlight(text, lexers.get_lexer_by_name("cnn"), formatters.HtmlFormatter())
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType

from cnndsl.layers import find_kind

_STATEMENTS = ("net", "variant", "default", "block", "let", "output", "use", "expect", "init")
_WORDS = ("as", "else", "or", "and", "not", "in")
#: What a statement's name stands behind, and what the name is.
_NAMED = (("net", Name.Class), ("block", Name.Class), ("variant", Name.Class), ("let|output", Name.Variable))


class CnnLexer(RegexLexer):
    """Tokens of a network: kinds of layers are built-in names, in any case, as the language reads them."""

    name = "cnndsl"
    url = ""
    aliases: ClassVar[list[str]] = ["cnn", "cnndsl"]
    filenames: ClassVar[list[str]] = ["*.cnn"]
    mimetypes: ClassVar[list[str]] = ["text/x-cnn"]

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Text.Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"[^"\n]*"', String.Double),
            *(
                (rf"\b({word})(\s+)([^\W\d_]\w*)", bygroups(Keyword.Declaration, Text.Whitespace, token))
                for word, token in _NAMED
            ),
            (words(_STATEMENTS, prefix=r"\b", suffix=r"\b(?!\s*=[^=])"), Keyword.Declaration),
            (words(_WORDS, prefix=r"\b", suffix=r"\b"), Keyword),
            (r"\b(yes|no)\b", Keyword.Constant),
            (r"→|->|⟶", Operator.Word),
            # between extents an x is a sign: 11x11, 96@55x55, 3xk
            (r"(?<=[\d_?)])[xX×](?=\s*[\w?(])|(?<=[\w)] )[xX](?= [\w(])|×", Operator),
            (r"\d[\d_]*(\.\d+)?([eE][+-]?\d+)?", Number),
            (r"(\.)([^\W\d_]\w*)", bygroups(Operator, Name.Attribute)),
            (r"([^\W\d_]\w*)(\s*)(=)(?!=)", bygroups(Name.Attribute, Text.Whitespace, Operator)),
            (r"[^\W\d_](?:(?![xX](?=\d))\w)*", Name),
            (r"\?|⊙|\.\*|\.\.|//|==|!=|<=|>=|[≤≥@_|+\-−*/%^:<>=.]", Operator),
            (r"[()\[\]{},]", Punctuation),
        ]
    }

    def get_tokens_unprocessed(
        self,
        text: Any,  # a str; the types of Pygments know it as any iterable of them
        stack: Any = ("root",),
    ) -> Iterator[tuple[int, _TokenType, str]]:
        """Tokens with their places; kinds of layers are told apart, and in shapes the extents of a name."""
        in_shape = False
        for place, token, value in super().get_tokens_unprocessed(text, stack):
            in_shape = value == "@" or (in_shape and (token in _OF_SHAPES or value in _EXTENTS))
            if token is Name and in_shape:
                yield from _extents(place, value)
            else:
                yield place, Name.Builtin if token is Name and find_kind(value) else token, value


#: What a shape goes on with behind its `@`.
_OF_SHAPES = (Name, Number, Text.Whitespace)
_EXTENTS = {"x", "X", "×", "_", "?"}


def _extents(place: int, name: str) -> Iterator[tuple[int, _TokenType, str]]:
    """The tokens of `HxW`, which stands for two extents."""
    for match in re.finditer("[x×]|[^x×]+", name):
        token = Operator if match[0] in "x×" else Number if match[0].isdecimal() else Name
        yield place + match.start(), token, match[0]
