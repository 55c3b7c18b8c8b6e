"""What the tests of the formatter share: trees without their places, comments, programs made untidy."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

from cnndsl.elaborate.shapes import FEW_CHANNELS
from cnndsl.format import format_source
from cnndsl.format.spelling import bare_word
from cnndsl.format.tokens import scan
from cnndsl.layers import find_kind
from cnndsl.record import Record
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.parse import parse

ROOT = Path(__file__).parent.parent
LIMIT = 110


def formatted(text: str) -> str:
    return format_source(Source("<text>", text))


def tree(text: str) -> Any:
    """The syntax tree as tuples: no spans, and one spelling for what has several."""
    return _plain(parse(Source("<text>", text)).statements)


def _plain(node: Any) -> Any:
    match node:
        case ast.LayerStep():
            return "layer", _kind(node.name), _arguments(node.arguments, node.name)
        case ast.Default():
            return "default", _kind(node.kind), _arguments(node.arguments, node.kind)
        case ast.Initial():
            return "initial", _kind(node.kind), node.method.lower(), _plain(node.arguments)
        case ast.Name():
            return "name", _kind(node.name)
        case tuple() if not hasattr(node, "source"):
            return tuple(map(_plain, node))
        case Record():
            skipped = ("span", "name_span", "kind_span", "depth")
            return type(node).__name__, *(
                (name, _plain(value)) for name, value in vars(node).items() if name not in skipped
            )
    return node


def _kind(name: str) -> str:
    kind = find_kind(name)
    return kind.kind if kind else name


def _arguments(arguments: ast.Arguments | None, layer: str) -> Any:
    kind = find_kind(layer)
    if arguments is None:
        return None
    spelt = (
        {word: spec.name for spec in kind.hypers().values() for word in (spec.letter, spec.name)}
        if kind
        else {}
    )
    return [
        (spelt.get(item.name.lower(), item.name) if item.name else None, _value(item.value, layer))
        for item in arguments.items
    ]


def _value(value: ast.Expr, layer: str) -> Any:
    """An INPUT's `224x224x3` as the `3@224x224` that it means."""
    if _kind(layer) == "INPUT" and isinstance(value, ast.AxesExpr):
        numbers = [one.value for one in value.items if isinstance(one, ast.Number) and type(one.value) is int]
        if len(numbers) == len(value.items) and (numbers[0] <= FEW_CHANNELS) != (numbers[-1] <= FEW_CHANNELS):
            first, *rest = numbers if numbers[0] <= FEW_CHANNELS else [numbers[-1], *numbers[:-1]]
            return _plain(parse(Source("", f"INPUT({first}@{'x'.join(map(str, rest))})")).statements)[0][1][
                1
            ][0][2][0][1]
    if isinstance(value, ast.Name) and (word := bare_word(layer, value.name)):
        return _plain(ast.Name(value.span, word))
    return _plain(value)


def comments(text: str) -> list[str]:
    """The words of a text's comments in their order."""
    tokens, end = scan(Source("<text>", text))
    gaps = [*(token.gap for token in tokens), end]
    return [comment.text.lstrip("#").strip() for gap in gaps for comment in gap.comments]


def too_wide(text: str) -> list[str]:
    """Lines of code above the limit that could be broken."""
    return [line for line in _without_comments(text).split("\n") if len(line) > LIMIT and _breakable(line)]


def _breakable(line: str) -> bool:
    """Whether there is an arrow or a comma in the line, other than the arrow that starts it."""
    return bool(re.search(r"→|, | [|+⊙] | and ", line.strip().lstrip("→|+⊙{[ ")))


def _without_comments(text: str) -> str:
    return re.sub(r'("[^"\n]*")|\s*#[^\n]*', lambda match: match.group(1) or "", text)


def untidy(text: str, dice: random.Random) -> str:
    """The same tokens with other white space between them, and comments anywhere."""
    tokens, _ = scan(Source("<text>", text))
    pieces = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before and token.type != "TOUCHING_LSQB":
            pieces.append(" " if before.type == "X" else _white(dice))  # no comment may stand behind an x
        pieces.append(
            {"ARROW": dice.choice(["→", "->", "⟶"]), "TIMES": dice.choice(["⊙", ".*"])}.get(
                token.type, token.text
            )
        )
    return "".join(pieces) + dice.choice(["", "\n", "  # the end", "\n\n\n"])


def _white(dice: random.Random) -> str:
    roll = dice.random()
    if roll < 0.7:
        return " "
    if roll < 0.85:
        return dice.choice(["\n", "\n  ", "\n\n\n", " \t", "\n \n"])
    return dice.choice(
        [" # aside {}\n", "\n# above {}\n", " #tight {} ( [ → \n\n", "\n\n  # one {}\n# two {}\n"]
    ).replace("{}", str(dice.randrange(100)))


def invariants(text: str) -> str:
    """The formatted text, which holds all that must hold of it."""
    found = formatted(text)
    assert tree(found) == tree(text)
    assert comments(found) == comments(text)
    assert formatted(found) == found
    assert found == "" or (found.endswith("\n") and not found.endswith("\n\n") and not found.startswith("\n"))
    assert not re.search(r"[ \t]\n|\n\n\n", found)
    assert "\t" not in re.sub('"[^"\n]*"', "", _without_comments(found))
    assert too_wide(found) == []
    return found
