"""The syntax tree: records named after the grammar's rules, each with its span.

Nodes compare by identity: two `CONV(64, 3)` in one file are two nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from cnndsl.record import Record
from cnndsl.source import Source, Span


class Syntax(Record):
    """A node that can hold others; `depth` is how many levels of them are below it."""

    span: Span
    depth = 0  # no field: most nodes hold none


# ---- expressions


class Expr(Syntax):
    """A part of a text that has a value."""


class Number(Expr):
    value: int | float


class String(Expr):
    value: str


class Flag(Expr):
    """`yes` or `no`."""

    value: bool


class Name(Expr):
    name: str


class Arriving(Expr):
    """`in.C`, `in.H`: a letter of the shape that arrives."""

    letter: str


class Attribute(Expr):
    value: Expr
    name: str


class Subscript(Expr):
    value: Expr
    index: Expr


class Call(Expr):
    function: str
    arguments: Arguments


class Unary(Expr):
    """`-a`, `not a`."""

    operator: str
    operand: Expr


class Binary(Expr):
    """Arithmetic, comparison, `and`, `or`."""

    operator: str
    left: Expr
    right: Expr


class Conditional(Expr):
    """`a if condition else b`."""

    value: Expr
    condition: Expr
    otherwise: Expr


class Paren(Expr):
    """An expression in parentheses: kept, since an extent may be one."""

    inner: Expr


class TupleExpr(Expr):
    items: tuple[Expr, ...]


class Hole(Expr):
    """`?`: to be solved for."""


class Open(Expr):
    """`_`: left open."""


class AxesExpr(Expr):
    """`11x11`, `0:1x1:2`: one item per axis."""

    items: tuple[Expr, ...]


class PairExpr(Expr):
    """`1:2`: before and after."""

    before: Expr
    after: Expr


class ShapeExpr(Expr):
    """`96@55x55`."""

    channels: Expr
    extents: tuple[Expr, ...]


# ---- arguments


class Argument(Syntax):
    """`s=4`, or by position `96`."""

    name: str | None
    value: Expr


class Arguments(Syntax):
    """`(96, 11x11, s=4)`."""

    items: tuple[Argument, ...]


class Setting(Record):
    """`N=2` or `N=0..3` among the settings of a family, or a further value for the name before it.

    `values` is the value, or both ends of a range.
    """

    span: Span
    name: str | None
    values: tuple[Expr, ...]


# ---- steps of a chain


class Step(Syntax):
    """A part of a chain."""


class LayerStep(Step):
    """A name with or without arguments: a layer kind, a block, or a label's tap."""

    name: str
    name_span: Span
    arguments: Arguments | None


class TapStep(Step):
    """`e[i]`: the output of an indexed label."""

    name: str
    index: Expr


class Chain(Step):
    steps: tuple[Step, ...]


class Parallel(Step):
    """`{a | b}`, `{a + b}`, `{a ⊙ b}`."""

    operator: Literal["|", "+", "⊙"]
    branches: tuple[Chain, ...]


class Repeat(Step):
    """`a*n`: `count` copies."""

    body: Step
    count: Expr


class IndexedRepeat(Step):
    """`a*(i < n)`: copies in which `index` is 0, 1, …"""

    body: Step
    index: str
    limit: Expr


class ListRepeat(Step):
    """`a*((c, n) in (64, 2), (128, 3))`: a copy for each value; `names` take it apart.

    `values` is the list as written, or (with `spread`) one expression whose tuple is the list.
    """

    body: Step
    names: tuple[str, ...]
    values: tuple[Expr, ...]
    spread: bool


class Optional(Step):
    """`a?`: a free choice."""

    body: Step


class Guard(Step):
    """`a?(condition) else b`.

    `{ a + b if (condition) }` is one as well: the braces with all paths, else what is left without that
    one, whose number is `path`.
    """

    body: Step
    condition: Expr
    otherwise: Step | None
    path: int | None = None


class Labelled(Step):
    """`a as e[i]`."""

    body: Step
    name: str
    index: Expr | None
    name_span: Span


class Claimed(Step):
    """`a : 96@55x55`."""

    body: Step
    claim: Expr


def parts(step: Step) -> tuple[Step, ...]:
    """The steps inside a step."""
    match step:
        case Chain():
            return step.steps
        case Parallel():
            return step.branches
        case Guard(path=None, otherwise=Step() as otherwise):
            return (step.body, otherwise)
        case Repeat() | IndexedRepeat() | ListRepeat() | Optional() | Guard() | Labelled() | Claimed():
            return (step.body,)
    return ()


# ---- statements


class Param(Record):
    """`N = 2 in 0..3`; a domain is a range (low, high) or a tuple of choices."""

    span: Span
    name: str
    default: Expr | None
    low: Expr | None = None
    high: Expr | None = None
    choices: tuple[Expr, ...] | None = None


class Net(Record):
    span: Span
    name: str
    name_span: Span
    params: tuple[Param, ...]
    doc: str = ""


class Variant(Record):
    span: Span
    name: str
    name_span: Span
    arguments: Arguments


class Default(Record):
    span: Span
    kind: str
    kind_span: Span
    arguments: Arguments


class Initial(Record):
    """`he` for all kinds, `FC = normal(0.01)` for one."""

    span: Span
    kind: str  # "" for all
    kind_span: Span
    method: str
    method_span: Span
    arguments: Arguments | None


class Init(Record):
    """How weights start: `init he, FC = normal(0.01)`."""

    span: Span
    items: tuple[Initial, ...]


class Block(Record):
    span: Span
    name: str
    name_span: Span
    params: tuple[Param, ...]
    body: Chain
    doc: str = ""


class Let(Record):
    """`let NAME = chain`, or with `output` set `output NAME = chain`."""

    span: Span
    name: str
    name_span: Span
    body: Chain
    output: bool


class Use(Record):
    span: Span
    path: str


class Expect(Record):
    span: Span
    claim: Expr


Statement = Net | Variant | Default | Init | Block | Let | Use | Expect | Chain


class File(Record):
    """A parsed file: its statements in order."""

    source: Source
    statements: tuple[Statement, ...] = ()


def children(node: Record) -> list[Record]:
    """The syntax nodes directly below a node, in the order of its fields."""
    found: list[Record] = []
    for value in node.__dict__.values():
        if isinstance(value, Record):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item for item in value if isinstance(item, Record)]
    return found


def walk(node: Record) -> Iterator[Record]:
    """A node and all below it; without recursion, so of any depth."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting += children(here)
