"""Writes a tree in the language: `to_text(net)`, in the spelling that `net.style` seeds.

to_text(Net(Chain((Layer("INPUT", bare=True), Layer("FC", (("outputs", Num(10)),))))) == "INPUT → FC(10)\n"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.signature import SIGNATURES
from oracle.spelling import Spelling
from oracle.tree import (
    Axes,
    Below,
    Binary,
    BlockDef,
    Call,
    Chain,
    Claim,
    Count,
    Default,
    Expr,
    Flag,
    FreeCount,
    Func,
    Guard,
    In,
    Index,
    Items,
    Label,
    Layer,
    Let,
    Maybe,
    Name,
    Net,
    Not,
    Num,
    Over,
    Pair,
    Parallel,
    Param,
    Repeat,
    ShapeLit,
    Step,
    Tap,
    Times,
    Word,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEVELS = (
    ("or",),
    ("and",),
    ("not",),
    ("<", "<=", ">", ">=", "==", "!="),
    ("+", "-"),
    ("*", "/", "//", "%"),
    ("^",),
)
_LEVEL = {op: level for level, ops in enumerate(_LEVELS) for op in ops}
_ATOM = len(_LEVELS)


def to_text(net: Net) -> str:
    """The file: parameters, defaults and blocks, lets with an INPUT, the network, other lets."""
    return Writer(net).file()


class Writer:
    def __init__(self, net: Net) -> None:
        self.net = net
        self.spell = Spelling(net.style)
        self.order = {block.name: tuple(p.name for p in block.params) for block in net.blocks}
        refs = {p.name: p.default.id for p in net.params if isinstance(p.default, Name)}
        self.order |= {name: self.order[block] for name, block in refs.items() if block in self.order}

    # ----------------------------------------------------------------------------------------- statements

    def file(self) -> str:
        before = [let for let in self.net.lets if isinstance(let.chain.steps[0], Layer)]
        after = [let for let in self.net.lets if not isinstance(let.chain.steps[0], Layer)]
        parts = [self._header()] if self.net.params else []
        middle = [self._default(d) for d in self.net.defaults] + [self._block(b) for b in self.net.blocks]
        parts += self.spell.shuffled(middle) + [self._let(let) for let in before]
        parts += [self.chain(self.net.main)] + [self._let(let) for let in after]
        gaps = [self.spell.newline() + self.spell.pick("", "\n") for _ in parts]
        return "".join(part + gap.rstrip(" ") for part, gap in zip(parts, gaps, strict=True))

    def _header(self) -> str:
        return f"net {self.net.name}({self._params(self.net.params)})"

    def _params(self, params: tuple[Param, ...]) -> str:
        return ", ".join(map(self._param, params)) + (self._trailing() if params else "")

    def _param(self, param: Param) -> str:
        default = "" if param.default is None else self.spell.pick(" = ", "=") + self.expr(param.default)
        match param.domain:
            case ("range", low, high):
                return f"{param.name}{default} in {low}..{high}"
            case ("set", *values):
                return f"{param.name}{default} in {{{', '.join(map(str, values))}}}"
        return param.name + default

    def _default(self, default: Default) -> str:
        return f"default {self.spell.kind(default.kind)}({self._named(default.kind, default.args)})"

    def _block(self, block: BlockDef) -> str:
        gap = self.spell.pick(" ", self.spell.newline())
        return f"block {block.name}({self._params(block.params)}) ={gap}{self.chain(block.body)}"

    def _let(self, let: Let) -> str:
        return f"{let.word} {let.name} = {self.chain(let.chain)}"

    # ---------------------------------------------------------------------------------------------- steps

    def chain(self, chain: Chain) -> str:
        text = self.step(chain.steps[0])
        for step in chain.steps[1:]:
            text += self.spell.arrow() + self.step(step)
        return text

    def step(self, step: Step) -> str:
        match step:
            case Layer():
                return self._layer(step)
            case Call(name, args, bare):
                return name if bare else f"{name}({self._args(self.order.get(name, ()), {}, args)})"
            case Tap(name, index):
                return name + self._at(index)
            case Chain():
                return f"[{self._inside(self.chain(step))}]"
            case Parallel(op, branches):
                sign = self.spell.pick(op, ".*") if op == "⊙" else op
                between = f"{self.spell.newline() if self.spell.chance(0.5) else ' '}{sign} "
                return "{" + self._inside(between.join(map(self.chain, branches)), " ") + "}"
            case Repeat(body, times):
                return self._postfixed(body) + self.spell.pick("*", " * ") + self._times(times)
            case Maybe(body):
                return self._postfixed(body) + "?"
            case Guard(body, condition, otherwise):
                other = "" if otherwise is None else f" else {self._atom(otherwise)}"
                return f"{self._postfixed(body)}?({self.expr(condition)}){other}"
            case Label(body, name, index):
                return f"{self._labelled(body)} as {name}{self._at(index)}"
            case Claim(body, shape):
                named = self.step(body) if isinstance(body, Label) else self._labelled(body)
                return f"{named} : {self.expr(shape)}"

    def _inside(self, text: str, pad: str = "") -> str:
        return (
            f"{self.spell.newline()}{text}{self.spell.newline()}"
            if self.spell.chance(0.1)
            else pad + text + pad
        )

    def _atom(self, step: Step) -> str:
        return self.step(step if isinstance(step, (Layer, Call, Chain, Parallel)) else Chain((step,)))

    def _postfixed(self, step: Step) -> str:
        """Under a postfix operator: `a*2?` is `[a*2]?`, but an `else` and a label would take it over."""
        if isinstance(step, (Repeat, Maybe)) or (isinstance(step, Guard) and step.otherwise is None):
            return self.step(step if self.spell.chance(0.5) else Chain((step,)))
        return self._atom(step)

    def _labelled(self, step: Step) -> str:
        has_else = isinstance(step, Guard) and step.otherwise is not None
        return self.step(Chain((step,)) if has_else or isinstance(step, (Claim, Label, Tap)) else step)

    def _at(self, index: Expr | None) -> str:
        return "" if index is None else f"[{self.expr(index)}]"

    def _times(self, times: Times) -> str:
        match times:
            case FreeCount(name):
                return name
            case Count(count):
                return self.expr(count) if isinstance(count, (Num, Name)) else f"({self.expr(count)})"
            case Below(var, bound):
                return f"({var} < {self.expr(bound, 4)})"
            case Over(targets, items):
                names = targets[0] if len(targets) == 1 else f"({', '.join(targets)})"
                comma = self._trailing() if len(items) > 1 else ""
                return f"({names} in {', '.join(map(self.expr, items))}{comma})"

    # -------------------------------------------------------------------------------------------- arguments

    def _layer(self, layer: Layer) -> str:
        kind = self.spell.kind(layer.kind)
        if layer.bare:
            return kind
        if not layer.args:
            return kind + self.spell.pick("", "()")
        signature = SIGNATURES[layer.kind]
        if layer.kind == "INPUT":
            return f"{kind}({self._input(layer.args[0][1])})"
        return f"{kind}({self._args(signature.positional, signature.letters, layer.args)})"

    def _input(self, shape: Expr) -> str:
        """Now and then in the slides' order, H·W·C, or in torch's, where one reading alone makes sense."""
        match shape:
            case ShapeLit(Num(int(c)), (Num(int(h)), Num(int(w)))) if c <= 4 < min(
                h, w
            ) and self.spell.chance(0.1):
                return self.spell.pick(f"{h}x{w}x{c}", f"{c}x{h}x{w}")
        return self.expr(shape)

    def _args(
        self, positional: tuple[str, ...], letters: dict[str, str], args: tuple[tuple[str, Expr], ...]
    ) -> str:
        """Some in their places, the rest by name in any order. `op` leads, or is left out."""
        given = dict(args)
        in_place = [name for name in positional if name in given or name != "op"]
        holds = next((i for i, name in enumerate(in_place) if name not in given), len(in_place))
        least = 1 if in_place[:1] == ["op"] else 0
        count = max(least, holds - self.spell.below(holds + 1)) if self.spell.chance(0.25) else holds
        words = [self.expr(given[name]) for name in in_place[:count]]
        rest = [(name, expr) for name, expr in args if name not in in_place[:count]]
        written = ", ".join(words + self._pairs(letters, rest))
        return written + self._trailing() if written else ""

    def _pairs(self, letters: dict[str, str], named: Iterable[tuple[str, Expr]]) -> list[str]:
        def pair(name: str, expr: Expr) -> str:
            short = letters.get(name, name)
            return self.spell.pick(short, name) + self.spell.pick("=", " = ") + self.expr(expr)

        return self.spell.shuffled([pair(name, expr) for name, expr in named])

    def _named(self, kind: str, args: tuple[tuple[str, Expr], ...]) -> str:
        written = ", ".join(self._pairs(SIGNATURES[kind].letters, args))
        return written + self._trailing() if written else ""

    def _trailing(self) -> str:
        return "," if self.spell.chance(0.05) else ""

    # ------------------------------------------------------------------------------------------ expressions

    def expr(self, expr: Expr, level: int = 0) -> str:
        """Parentheses where the operator binds less than `level`."""
        match expr:
            case Binary(op, left, right):
                return self._binary(op, left, right, level)
            case Not(operand):
                text = f"not {self.expr(operand, _LEVEL['not'])}"
                return f"({text})" if level > _LEVEL["not"] else text
            case Num(int(value)):
                return self.spell.integer(value)
            case Num(value):
                return self.spell.floating(value)
            case Flag(value):
                return "yes" if value else "no"
            case Word(value):
                return self._word(value)
            case Name(name):
                return name
            case In(axis):
                return f"in.{axis}"
            case Func(name, args):
                return f"{name}({', '.join(map(self.expr, args))})"
            case Index(base, index):
                return f"{self.expr(base, _ATOM)}[{self.expr(index)}]"
            case Items(items):
                return f"({', '.join(map(self.expr, items))}{',' if len(items) == 1 else ''})"
            case Pair(before, after):
                return f"{self._extent(before)}:{self._extent(after)}"
            case Axes(items):
                return self._by(items).join(map(self._extent, items))
            case ShapeLit(channels, extents):
                return self._shape(channels, extents)

    def _word(self, word: str) -> str:
        """`same` is always bare, `"HWC"` mostly a string, the others mostly bare."""
        quoted = f'"{word}"'
        if word == "same":
            return word
        return self.spell.pick(quoted, word) if word.isupper() else self.spell.pick(word, word, word, quoted)

    def _binary(self, op: str, left: Expr, right: Expr, level: int) -> str:
        """Left-associative, `^` to the right; comparisons do not chain."""
        own = _LEVEL[op]
        tight_left, tight_right = own + (own == 3 or op == "^"), own + (op != "^")
        gap = "" if op == "^" else " "
        if op in ("+", "-", "*", "//") and self.spell.chance(0.2):
            gap = ""
        text = f"{self.expr(left, tight_left)}{gap}{op}{gap}{self.expr(right, tight_right)}"
        return f"({text})" if level > own else text

    def _extent(self, expr: Expr | None) -> str:
        if expr is None:
            return "_"
        bare = isinstance(expr, (Num, Name, Pair))
        return self.expr(expr) if bare else f"({self.expr(expr)})"

    def _shape(self, channels: Expr | None, extents: tuple[Expr | None, ...]) -> str:
        first = self._extent(channels)
        return f"{first}@{self._by(extents).join(map(self._extent, extents))}" if extents else first

    def _by(self, entries: tuple[Expr | None, ...]) -> str:
        """`kx3` would be a name, so a name may only stand last without spaces."""
        return " x " if any(_ends_in_name(e) for e in entries[:-1]) else self.spell.by()


def _ends_in_name(expr: Expr | None) -> bool:
    return isinstance(expr, Name) or (isinstance(expr, Pair) and isinstance(expr.after, Name))
