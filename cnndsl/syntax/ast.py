"""The syntax tree: dataclasses named after the grammar's rules, each with its span.

Nodes compare by identity: two `CONV(64, 3)` in one file are two nodes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cnndsl.source import Source, Span

# ---- expressions


@dataclass(slots=True, eq=False)
class Expr:
    span: Span


@dataclass(slots=True, eq=False)
class Number(Expr):
    value: int | float


@dataclass(slots=True, eq=False)
class String(Expr):
    value: str


@dataclass(slots=True, eq=False)
class Flag(Expr):
    """`yes` or `no`."""

    value: bool


@dataclass(slots=True, eq=False)
class Name(Expr):
    name: str


@dataclass(slots=True, eq=False)
class Arriving(Expr):
    """`in.C`, `in.H`: a letter of the shape that arrives."""

    letter: str


@dataclass(slots=True, eq=False)
class Attribute(Expr):
    value: Expr
    name: str


@dataclass(slots=True, eq=False)
class Subscript(Expr):
    value: Expr
    index: Expr


@dataclass(slots=True, eq=False)
class Call(Expr):
    function: str
    arguments: Arguments


@dataclass(slots=True, eq=False)
class Unary(Expr):
    """`-a`, `not a`."""

    operator: str
    operand: Expr


@dataclass(slots=True, eq=False)
class Binary(Expr):
    """Arithmetic, comparison, `and`, `or`."""

    operator: str
    left: Expr
    right: Expr


@dataclass(slots=True, eq=False)
class Paren(Expr):
    """An expression in parentheses: kept, since an extent may be one."""

    inner: Expr


@dataclass(slots=True, eq=False)
class TupleExpr(Expr):
    items: tuple[Expr, ...]


@dataclass(slots=True, eq=False)
class Hole(Expr):
    """`?`: to be solved for."""


@dataclass(slots=True, eq=False)
class Open(Expr):
    """`_`: left open."""


@dataclass(slots=True, eq=False)
class AxesExpr(Expr):
    """`11x11`, `0:1x1:2`: one item per axis."""

    items: tuple[Expr, ...]


@dataclass(slots=True, eq=False)
class PairExpr(Expr):
    """`1:2`: before and after."""

    before: Expr
    after: Expr


@dataclass(slots=True, eq=False)
class ShapeExpr(Expr):
    """`96@55x55`."""

    channels: Expr
    extents: tuple[Expr, ...]


# ---- arguments


@dataclass(slots=True, eq=False)
class Argument:
    span: Span
    name: str | None
    value: Expr


@dataclass(slots=True, eq=False)
class Arguments:
    span: Span
    items: tuple[Argument, ...]


# ---- steps of a chain


@dataclass(slots=True, eq=False)
class Step:
    span: Span


@dataclass(slots=True, eq=False)
class LayerStep(Step):
    """A name with or without arguments: a layer kind, a block, or a label's tap."""

    name: str
    name_span: Span
    arguments: Arguments | None


@dataclass(slots=True, eq=False)
class TapStep(Step):
    """`e[i]`: the output of an indexed label."""

    name: str
    index: Expr


@dataclass(slots=True, eq=False)
class Chain(Step):
    steps: tuple[Step, ...]


@dataclass(slots=True, eq=False)
class Parallel(Step):
    """`{a | b}`, `{a + b}`, `{a ⊙ b}`."""

    operator: Literal["|", "+", "⊙"]
    branches: tuple[Chain, ...]


@dataclass(slots=True, eq=False)
class Repeat(Step):
    """`a*n`: `count` copies."""

    body: Step
    count: Expr


@dataclass(slots=True, eq=False)
class IndexedRepeat(Step):
    """`a*(i < n)`: copies in which `index` is 0, 1, …"""

    body: Step
    index: str
    limit: Expr


@dataclass(slots=True, eq=False)
class ListRepeat(Step):
    """`a*((c, n) in (64, 2), (128, 3))`: a copy for each value; `names` take it apart.

    `values` is the list as written, or (with `spread`) one expression whose tuple is the list.
    """

    body: Step
    names: tuple[str, ...]
    values: tuple[Expr, ...]
    spread: bool


@dataclass(slots=True, eq=False)
class Optional(Step):
    """`a?`: a free choice."""

    body: Step


@dataclass(slots=True, eq=False)
class Guard(Step):
    """`a?(condition) else b`."""

    body: Step
    condition: Expr
    otherwise: Step | None


@dataclass(slots=True, eq=False)
class Labelled(Step):
    """`a as e[i]`."""

    body: Step
    name: str
    index: Expr | None
    name_span: Span


@dataclass(slots=True, eq=False)
class Claimed(Step):
    """`a : 96@55x55`."""

    body: Step
    claim: Expr


# ---- statements


@dataclass(slots=True, eq=False)
class Param:
    """`N = 2 in 0..3`; a domain is a range (low, high) or a tuple of choices."""

    span: Span
    name: str
    default: Expr | None
    low: Expr | None = None
    high: Expr | None = None
    choices: tuple[Expr, ...] | None = None


@dataclass(slots=True, eq=False)
class Net:
    span: Span
    name: str
    name_span: Span
    params: tuple[Param, ...]
    doc: str = ""


@dataclass(slots=True, eq=False)
class Variant:
    span: Span
    name: str
    name_span: Span
    arguments: Arguments


@dataclass(slots=True, eq=False)
class Default:
    span: Span
    kind: str
    kind_span: Span
    arguments: Arguments


@dataclass(slots=True, eq=False)
class Block:
    span: Span
    name: str
    name_span: Span
    params: tuple[Param, ...]
    body: Chain
    doc: str = ""


@dataclass(slots=True, eq=False)
class Let:
    """`let NAME = chain`, or with `output` set `output NAME = chain`."""

    span: Span
    name: str
    name_span: Span
    body: Chain
    output: bool


@dataclass(slots=True, eq=False)
class Use:
    span: Span
    path: str


@dataclass(slots=True, eq=False)
class Expect:
    span: Span
    claim: Expr


Statement = Net | Variant | Default | Block | Let | Use | Expect | Chain


@dataclass(slots=True, eq=False)
class File:
    """A parsed file: its statements in order."""

    source: Source
    statements: tuple[Statement, ...] = field(default=())
