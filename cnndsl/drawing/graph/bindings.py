"""What the parameters of a block stand for where one drawing in its place is for uses with other values.

    block Unit(filters, kernel) = CONV(filters, kernel) → ReLU
    block Inception(width) = Unit(width, 1) → Unit(2*width, 3)

The drawing of Inception shows `CONV(width, 1)` and `CONV(2*width, 3)`, whatever widths it is used with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnndsl.network import BlockNode
from cnndsl.render.text import shown
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.elaborate.program import BlockDef
    from cnndsl.layers import Layer

#: A parameter's name by what it stands for in the block around.
Bindings = dict[str, str]


def bindings(uses: Sequence[BlockNode], outer: Bindings) -> Bindings | None:
    """The bindings of a block's uses, which stand for each other; None where they are written differently."""
    first = uses[0]
    written = _written(first.block, first.syntax)
    if any(_written(use.block, use.syntax) != written for use in uses[1:]):
        return None
    found: Bindings = {}
    for param in first.block.syntax.params:
        values = [use.arguments[param.name] for use in uses]
        if all(value == values[0] for value in values):
            found[param.name] = shown(values[0])
        elif param.name in written:
            found[param.name] = substituted(written[param.name], outer)
        elif param.default:
            found[param.name] = substituted(_text(param.default), found)
    return found


def _written(block: BlockDef, step: ast.Step) -> dict[str, str]:
    """The arguments of a use as they are written, by parameter."""
    given = step.arguments if isinstance(step, ast.LayerStep) else None
    names = [param.name for param in block.syntax.params]
    items = given.items if given else ()
    return {item.name or names[place]: _text(item.value) for place, item in enumerate(items)}


def _text(expression: ast.Expr) -> str:
    return " ".join(expression.span.text.split())


def substituted(text: str, bound: Bindings) -> str:
    """The text of a step or an expression with what its names stand for."""
    if not bound:
        return text
    name = "|".join(map(re.escape, sorted(bound, key=len, reverse=True)))
    return re.sub(rf"(?<![\w.])({name})(?!\w|\s*\(|\s*=(?!=))", lambda found: _put(found, bound), text)


def _put(found: re.Match[str], bound: Bindings) -> str:
    """What a name stands for, in parentheses where it is part of an expression."""
    value = bound[found.group()]
    before, after = found.string[: found.start()].rstrip(), found.string[found.end() :].lstrip()
    whole = before[-1:] in {"", "(", ",", "="} and after[:1] in {"", ")", ","}
    return value if whole or re.fullmatch(r"[\w.\"]+", value) else f"({value})"


_SUM = re.compile(r"(?<=[(,=])(\s*)(\d+)\s*(//|[*+-])\s*(\d+)(?=\s*[,)])")
_PLAIN = re.compile(r",\s*(?:p=0|s=1|d=1|g=1)(?=\s*[,)])")


def tidied(text: str, layers: Sequence[Layer | None]) -> str:
    """A layer's text as that of a layer with numbers is: sums worked out, nothing plain, no bias told.

    >>> tidied("CONV(width, 3, s=1, p=3//2)", [])
    'CONV(width, 3, p=1)'
    """
    text = _PLAIN.sub("", _SUM.sub(_worked_out, text))
    unbiased = bool(layers) and all(getattr(layer, "bias", True) is False for layer in layers)
    return f"{text[:-1]}, bias=no)" if unbiased and "bias" not in text and text.endswith(")") else text


def _worked_out(found: re.Match[str]) -> str:
    space, left, sign, right = found.groups()
    a, b = int(left), int(right)
    if sign == "//":
        return f"{space}{a // b}" if b else found.group()
    return space + str({"*": a * b, "+": a + b, "-": a - b}[sign])
