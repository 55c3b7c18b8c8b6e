"""Short names for writing trees by hand: `net("3@8x8", step("CONV", filters=8, kernel=3), step("ReLU"))`."""

from __future__ import annotations

from typing import Any

from oracle.tree import (
    Binary,
    BlockDef,
    Call,
    Chain,
    Expr,
    Flag,
    Layer,
    Let,
    Name,
    Net,
    Num,
    Parallel,
    Param,
    ShapeLit,
    Step,
    Word,
)  # fmt: skip


def expr(value: Any) -> Expr:
    """Numbers, `yes`/`no`, words and names for what they are in Python; `"$w"` is the name w."""
    match value:
        case bool():
            return Flag(value)
        case int() | float():
            return Num(value)
        case str():
            return Name(value[1:]) if value.startswith("$") else Word(value)
    found: Expr = value
    return found


def _args(args: dict[str, Any]) -> tuple[tuple[str, Expr], ...]:
    return tuple((name.rstrip("_"), expr(value)) for name, value in args.items())


def step(kind: str, **args: Any) -> Layer:
    return Layer(kind, _args(args))


def use(name: str, **args: Any) -> Call:
    return Call(name, _args(args))


def chain(*steps: Step) -> Chain:
    return Chain(steps)


def join(op: str, *branches: Step) -> Parallel:
    return Parallel(op, tuple(b if isinstance(b, Chain) else Chain((b,)) for b in branches))


def block(name: str, params: str, *steps: Step) -> BlockDef:
    return BlockDef(name, tuple(Param(p) for p in params.split()), Chain(steps))


def shape(text: str) -> ShapeLit:
    """`3@8x8`, `_@4x4`, `120`."""
    channels, _, extents = text.partition("@")
    entries = [None if n == "_" else Num(int(n)) for n in (channels, *filter(None, extents.split("x")))]
    return ShapeLit(entries[0], tuple(entries[1:]))


def net(entry: str, *steps: Step, blocks: tuple[BlockDef, ...] = (), lets: tuple[Let, ...] = ()) -> Net:
    return Net(Chain((step("INPUT", shape=shape(entry)), *steps)), blocks=blocks, lets=lets)


def times(left: Any, right: Any, op: str = "*") -> Binary:
    return Binary(op, expr(left), expr(right))
