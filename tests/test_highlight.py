"""The Pygments lexer: whatever the language says has a colour, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, _TokenType

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "specs").glob("*.cnn")) + sorted((ROOT / "tests" / "format" / "tidy").glob("*.cnn"))


def tokens(text: str) -> list[tuple[_TokenType, str]]:
    """What the lexer makes of a text, found by its name as Sphinx would."""
    return list(get_lexer_by_name("cnn", stripnl=False, ensurenl=False).get_tokens(text))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_sign_of_a_network_is_known(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = tokens(text)
    assert "".join(value for _, value in found) == text
    assert [value for token, value in found if token is Error] == []


def test_a_sign_that_is_none_of_the_language_is_told() -> None:
    assert (Error, "$") in tokens("INPUT → $")


@pytest.mark.parametrize(
    ("text", "value", "token"),
    [
        ("# padded", "# padded", Comment.Single),
        ("net AlexNet", "net", Keyword.Declaration),
        ("net AlexNet", "AlexNet", Name.Class),
        ("block Fire(s) = CONV(s, 1)", "Fire", Name.Class),
        ("output aux = i4a → GAP", "aux", Name.Variable),
        ("→ CONV(96, 11x11)", "CONV", Name.Builtin),
        ("→ LeakyReLU", "LeakyReLU", Name.Builtin),
        ("→ Fire(16)", "Fire", Name),
        ("→ CONV(96, 11x11)", "x", Operator),
        ("INPUT(3@H x W)", "x", Operator),
        ("INPUT(3@HxW)", "x", Operator),
        ("INPUT(3@HxW)", "H", Name),
        ("INPUT(3@HxW)", "W", Name),
        ("INPUT(3@Hx32)", "32", Number),
        ("INPUT(3@32xW)", "W", Name),
        ("INPUT(1@D×HxW)", "H", Name),
        ("ReLU : 3@_xW → Fixed(2)", "Fixed", Name),
        ("CONV(maxwidth, 3)", "maxwidth", Name),
        ("CONV(8, 3xk)", "k", Name),
        ("CONV(8, k=?)", "?", Operator),
        ("CONV(8, bias=no)", "bias", Name.Attribute),
        ("CONV(8, bias=no)", "no", Keyword.Constant),
        ("[ReLU]*(i in n)", "in", Keyword),
        ("expect params == 62_378_344", "62_378_344", Number),
        ("expect params == 62_378_344", "expect", Keyword.Declaration),
        ("SCALE(init=0.5)", "init", Name.Attribute),
        ('use "blocks.cnn"', '"blocks.cnn"', String.Double),
        ("a -> b", "->", Operator.Word),
    ],
)
def test_what_a_word_is(text: str, value: str, token: _TokenType) -> None:
    assert (token, value) in tokens(text)


def test_files_are_known_by_their_ending() -> None:
    assert get_lexer_for_filename("alexnet.cnn").name == "cnndsl"
