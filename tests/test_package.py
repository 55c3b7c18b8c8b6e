"""What an installation consists of: the files found, the version, the parser built ahead."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lark import Lark

import cnndsl
from cnndsl.api import shipped
from cnndsl.resources import folder
from cnndsl.syntax import grammar

ROOT = Path(__file__).parent.parent
SPECS = sorted((ROOT / "specs").glob("*.cnn"))


def test_resources_are_found() -> None:
    assert "start:" in Path(folder("grammars"), "cnn.lark").read_text(encoding="utf-8")
    assert set(shipped()) == {path.stem for path in SPECS}


def test_the_command_and_the_changelog_know_the_version() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "cnndsl", "--version"], capture_output=True, text=True, check=True
    )
    assert cnndsl.__version__ in run.stdout
    assert re.search(rf"^## \[{re.escape(cnndsl.__version__)}\]", _text("CHANGELOG.md"), re.MULTILINE)


def test_what_is_offered_is_there() -> None:
    for name in set(cnndsl.__all__) - {"torch"}:
        assert getattr(cnndsl, name)
    with pytest.raises(AttributeError, match="no_such_name"):
        cnndsl.no_such_name  # noqa: B018 - the access is the test


def test_the_core_asks_for_three_packages_only() -> None:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"]}
    assert names == {"lark", "click", "rich"}


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# ---- the parser built ahead


def test_the_grammar_is_free_of_conflicts() -> None:
    Lark(grammar.grammar_text(), parser="lalr", start=list(grammar.STARTS), strict=True)


def test_the_parser_built_ahead_is_that_of_the_grammar() -> None:
    assert grammar.grammar_text() == _built_ahead().GRAMMAR, "it is stale: run `pip install -e .`"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_both_parsers_give_the_same_tree(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8")
    assert _tree(_ahead().parse(text, start="start")) == _tree(_now().parse(text, start="start"))


#: What takes the place of a token: names that are words elsewhere, signs that are parts of others.
SLIPS = ("in", "x", "net", "x3", "[", ".*", "..", "-", "3e", "é", '"', "no", "1 0", "as if")


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_both_parsers_read_as_far_in_wrong_texts(spec: Path) -> None:
    ahead, now, text = _ahead(), _now(), spec.read_text(encoding="utf-8")[:1500]
    words = [*re.finditer(r"\w+|\S", text)]
    for number, word in enumerate(words[:: max(1, len(words) // 25)]):
        wrong = text[: word.start()] + SLIPS[number % len(SLIPS)] + text[word.end() :]
        assert _outcome(ahead, wrong) == _outcome(now, wrong), wrong


def _outcome(parser: Any, text: str) -> Any:
    """The tree, or where the text is wrong, and what could stand there."""
    try:
        return _tree(parser.parse(text, start="start"))
    except Exception as raised:  # noqa: BLE001 - each library has exceptions of its own
        error: Any = raised
        token = getattr(error, "token", None)
        known = getattr(error, "accepts", None) or getattr(error, "allowed", None) or ()
        return type(error).__name__, error.pos_in_stream, token and token.type, sorted(known)


@pytest.mark.parametrize("text", ["()", "(N=2, M=3)", "(64, 3x3, p=1:2, bias=no, in.C // 2, _)"])
def test_both_parsers_give_the_same_arguments(text: str) -> None:
    assert _tree(_ahead().parse(text, start="arguments")) == _tree(_now().parse(text, start="arguments"))


def test_a_grammar_that_was_edited_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    edited = grammar.grammar_text() + "\n// edited\n"
    monkeypatch.setattr(grammar, "grammar_text", lambda: edited)
    assert isinstance(grammar.load(None)[0], Lark)


def _built_ahead() -> Any:
    return importlib.import_module("cnndsl.syntax._parser")  # `pip install -e .` writes it


@cache
def _ahead() -> Any:
    assert grammar.grammar_text() == _built_ahead().GRAMMAR
    return grammar.load(None)[0]


@cache
def _now() -> Any:
    return grammar._from_grammar(None)[0]


def _tree(node: Any) -> Any:
    """Names, tokens and places, whichever of the two libraries the nodes belong to."""
    if hasattr(node, "children"):
        return (str(node.data), [_tree(child) for child in node.children])
    return (node.type, str(node), node.start_pos, node.end_pos)
