"""The generator's own picture of a network: plain dataclasses, no grammar, no shapes.

    shape = ShapeLit(Num(3), (Num(8), Num(8)))
    Net(main=Chain((Layer("INPUT", (("shape", shape),)), Layer("CONV", bare=True))))

stands for `INPUT(3@8x8) → CONV`. `text.to_text` writes such a tree in the language, `run.run` builds it in
torch. Arguments carry their full names; whether one is written in its place or by name is spelling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# ---------------------------------------------------------------------------------------------- expressions


@dataclass(frozen=True)
class Num:
    value: int | float


@dataclass(frozen=True)
class Flag:
    """`yes` or `no`."""

    value: bool


@dataclass(frozen=True)
class Word:
    """A word that is a value: `max`, `same`, `reflect`, `HWC`."""

    value: str


@dataclass(frozen=True)
class Name:
    """A parameter or a loop variable; as a parameter's value also a block or a kind."""

    id: str


@dataclass(frozen=True)
class In:
    """`in.C`: an axis of the shape that arrives."""

    axis: str


@dataclass(frozen=True)
class Binary:
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Not:
    operand: Expr


@dataclass(frozen=True)
class Func:
    """`min(a, b)`, `max(a, b)`, `len(t)`."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True)
class Index:
    """`n[i]`."""

    base: Expr
    index: Expr


@dataclass(frozen=True)
class Items:
    """A tuple, `(2, 3)`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Pair:
    """`1:2`: padding before and after."""

    before: Expr
    after: Expr


@dataclass(frozen=True)
class Axes:
    """`3x1`, `0:1x1:2`: one entry an axis."""

    items: tuple[Expr, ...]


@dataclass(frozen=True)
class ShapeLit:
    """`64@8x8`, `_@4x4`, and without extents the vector `120`; None is `_`."""

    channels: Expr | None
    extents: tuple[Expr | None, ...] = ()


Expr = Num | Flag | Word | Name | In | Binary | Not | Func | Index | Items | Pair | Axes | ShapeLit

# ---------------------------------------------------------------------------------------------------- steps


@dataclass(frozen=True)
class Layer:
    """`CONV(8, 3, p=1)`; `bare` is the kind without parentheses, whose arguments are assumed."""

    kind: str
    args: tuple[tuple[str, Expr], ...] = ()
    bare: bool = False


@dataclass(frozen=True)
class Call:
    """`Unit(8, s=2)`: a block, or a parameter whose value is a block or a kind (then perhaps bare)."""

    name: str
    args: tuple[tuple[str, Expr], ...] = ()
    bare: bool = False


@dataclass(frozen=True)
class Tap:
    """`e1` or `e[i]` at the start of a chain."""

    name: str
    index: Expr | None = None


@dataclass(frozen=True)
class Chain:
    """Steps one after another; as a step of another chain it is a group, `[a → b]`."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Parallel:
    """`{a | b}`, `{a + b}`, `{a ⊙ b}`."""

    op: str
    branches: tuple[Chain, ...]


@dataclass(frozen=True)
class Count:
    """`*3`, `*(n - 1)`."""

    times: Expr


@dataclass(frozen=True)
class Below:
    """`*(i < n)`."""

    var: str
    bound: Expr


@dataclass(frozen=True)
class Over:
    """`*(c in 8, 16)`, `*((c, n) in (8, 1), (16, 2))`; a single item is itself a tuple to run over."""

    targets: tuple[str, ...]
    items: tuple[Expr, ...]


@dataclass(frozen=True)
class FreeCount:
    """`*N` with N left open: the family's smallest member has one copy."""

    name: str


Times = Count | Below | Over | FreeCount


@dataclass(frozen=True)
class Repeat:
    body: Step
    times: Times


@dataclass(frozen=True)
class Guard:
    """`a?(cond)`, `a?(cond) else b`."""

    body: Step
    condition: Expr
    otherwise: Step | None = None


@dataclass(frozen=True)
class Maybe:
    """`a?`: a free choice; the member that is shown has it."""

    body: Step


@dataclass(frozen=True)
class Label:
    """`a as e1`, `a as e[i]`."""

    body: Step
    name: str
    index: Expr | None = None


@dataclass(frozen=True)
class Claim:
    """`a : 8@6x6`."""

    body: Step
    shape: ShapeLit


Step = Layer | Call | Tap | Chain | Parallel | Repeat | Guard | Maybe | Label | Claim

# ----------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True)
class Param:
    """A parameter; `domain` is ("range", low, high) or ("set", a, b, …) and always holds its value."""

    name: str
    default: Expr | None = None
    domain: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class BlockDef:
    name: str
    params: tuple[Param, ...]
    body: Chain


@dataclass(frozen=True)
class Default:
    """`default CONV(bias = no)`."""

    kind: str
    args: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Let:
    """`let NAME = chain` or `output NAME = chain`."""

    word: str
    name: str
    chain: Chain


@dataclass(frozen=True)
class Net:
    """A whole file. `style` seeds the spelling; 0 is the plain one."""

    main: Chain
    params: tuple[Param, ...] = ()
    defaults: tuple[Default, ...] = ()
    blocks: tuple[BlockDef, ...] = ()
    lets: tuple[Let, ...] = ()
    name: str = "Sample"
    style: int = field(default=0)

    def text(self) -> str:
        from oracle.text import to_text  # text.py imports this file

        return to_text(self)

    @property
    def is_family(self) -> bool:
        """Whether a count or a part is left open: `check` shows a member, `build` wants it bound."""
        return any(isinstance(s, Maybe) or _is_free(s) for s in walk(self))


def _is_free(step: Step) -> bool:
    return isinstance(step, Repeat) and isinstance(step.times, FreeCount)


# ------------------------------------------------------------------------------------------------- walking


def children(step: Step) -> tuple[Step, ...]:
    """The steps right inside one."""
    match step:
        case Chain(steps):
            return steps
        case Parallel(_, branches):
            return branches
        case Guard(body, _, otherwise):
            return (body,) if otherwise is None else (body, otherwise)
        case Repeat(body) | Maybe(body) | Label(body) | Claim(body):
            return (body,)
    return ()


def walk(net: Net) -> Iterator[Step]:
    """Every step of every chain, blocks first."""
    roots = [b.body for b in net.blocks] + [net.main] + [let.chain for let in net.lets]
    stack: list[Step] = list(reversed(roots))
    while stack:
        step = stack.pop()
        yield step
        stack.extend(reversed(children(step)))


def constructs(net: Net) -> frozenset[str]:
    """The language's constructs that occur, for statistics: {"Parallel |", "Repeat Below", …}."""
    found = {_construct(step) for step in walk(net)}
    found |= {let.word for let in net.lets}
    found |= {"Default"} if net.defaults else set()
    found |= {"net parameter"} if net.params else set()
    found |= {"block parameter" for b in net.blocks if b.params}
    found |= {"block default" for b in net.blocks for p in b.params if p.default}
    return frozenset(found)


def _construct(step: Step) -> str:
    match step:
        case Parallel(op):
            return f"Parallel {op}"
        case Repeat(_, times):
            return f"Repeat {type(times).__name__}"
        case Guard(_, _, otherwise):
            return "Guard else" if otherwise else "Guard"
        case Label(_, _, index) | Tap(_, index):
            return type(step).__name__ + (" index" if index else "")
        case Layer(_, _, True):
            return "bare Layer"
    return type(step).__name__
