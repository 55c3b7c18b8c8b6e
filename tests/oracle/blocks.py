"""Blocks: made where they are first called, called again elsewhere; kinds and blocks as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle.maker import Maker, Place
from oracle.run import Scope
from oracle.signature import PLAIN
from oracle.tree import Binary, BlockDef, Call, Chain, Expr, Func, In, Name, Num, Param, Step
from oracle.values import Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from oracle.draws import Context

_PARAMS = ("w", "s", "k", "q")
_Named = tuple[tuple[str, Expr], ...]


def call(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    """A call of a block that is there, else of a new one."""
    if m.blocks and m.chance(50):
        block = m.pick(m.blocks)
        yield Call(block.name, _arguments(m, m.context(x, place), block))
    yield new_block(m, x, place)


def new_block(m: Maker, x: Tensor, place: Place) -> Call:
    """Its body sees its own parameters alone; the values are those of this first call."""
    c = m.context(x, place)
    names = _PARAMS[: m.number(0, 3)]
    params = tuple(Param(name, _default(c) if m.chance(40) else None) for name in names)
    given: dict[str, int] = {p.name: m.number(1, 6) for p in params if p.default is None or m.chance(30)}
    env: dict[str, Any] = {p.name: m.machine.argument(p.default, {}, x) for p in params if p.default} | given
    act = (Param("act", Name(m.pick(PLAIN))),) if m.chance(15) else ()
    env |= {p.name: Ref(p.default.id) for p in act if isinstance(p.default, Name)}
    inside = Place(Scope(env), place.depth + 1, hide=60, in_block=True)
    body, _ = m.chain(x, inside, 4)
    if act:
        body = Chain((*body.steps, Call("act", bare=m.chance(50))))
    block = BlockDef(m.name("Unit"), _ordered((*params, *act)), body)
    m.blocks.append(block)
    m.machine.blocks[block.name] = block
    return Call(block.name, tuple((name, c.expr(value)) for name, value in given.items()))


def _ordered(params: tuple[Param, ...]) -> tuple[Param, ...]:
    """Those with a default come last."""
    return tuple(sorted(params, key=lambda p: p.default is not None))


def _default(c: Context) -> Expr:
    """A number, or what arrives at the block's entry."""
    return c.pick((Num(2), Num(1), In("C"), Binary("//", In("C"), Num(2)) if c.channels > 1 else In("C"),
                   Func("max", (Num(2), In("C")))))  # fmt: skip


def _arguments(m: Maker, c: Context, block: BlockDef) -> _Named:
    """Other numbers than at the first call; a kind where the block takes one."""
    args: list[tuple[str, Expr]] = []
    for param in block.params:
        if param.default is not None and m.chance(60):
            continue
        takes_kind = isinstance(param.default, Name)
        args.append((param.name, Name(m.pick(PLAIN)) if takes_kind else c.expr(m.number(1, 6))))
    return tuple(args)


def kind_parameter(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    """`Act = HSWISH` or `Body = Unit1`, declared by the net and called by that name."""
    if not m.params or place.depth:
        return
    targets = [*PLAIN[:6], *(b.name for b in m.blocks if not b.params)]
    target = m.pick(targets)
    name = m.name("Act" if target in PLAIN else "Body")
    m.params.append(Param(name, Name(target)))
    place.scope.env[name] = Ref(target)
    yield Call(name, bare=target in PLAIN and m.chance(60))
