"""Networks of a known build that chance alone would hardly find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracle.tree import (
    Below,
    Binary,
    BlockDef,
    Call,
    Chain,
    Count,
    Expr,
    In,
    Label,
    Layer,
    Name,
    Num,
    Parallel,
    Param,
    Repeat,
    ShapeLit,
    Step,
    Tap,
)  # fmt: skip

if TYPE_CHECKING:
    from oracle.maker import Maker, Place


def unet(m: Maker, start: Layer, place: Place) -> Chain:
    """Down with a tap a level, and up again with the skips; refused where an extent does not halve."""
    depth, width = m.number(1, 3), m.number(1, 4)
    return Chain((_halving(m, start, depth), *_levels(m, depth, width), *_end(m)))


def _halving(m: Maker, start: Layer, depth: int) -> Layer:
    """Mostly extents that halve `depth` times."""
    shape = start.args[0][1]
    assert isinstance(shape, ShapeLit)
    rank = max(1, len(shape.extents))
    multiple = 2**depth
    extents: list[Expr] = [Num(multiple * m.number(1, 4 // rank + 1)) for _ in range(rank)]
    if m.plan.faults:
        m.plan.faults, m.made = [], 1
        extents[0] = Num(multiple + m.number(1, multiple - 1))
    return Layer("INPUT", (("shape", ShapeLit(shape.channels, tuple(extents))),))


def _levels(m: Maker, depth: int, width: int) -> tuple[Step, ...]:
    i = Name("i")
    double = _double(m)
    wide = Binary("*", Num(width), Binary("^", Num(2), i))
    name = m.name("e")
    down = Chain((Label(_call(double, wide), name, i), Layer("POOL", (("window", Num(2)),))))
    half = Binary("//", In("C"), Num(2))
    up = Layer("TCONV", (("filters", half), ("kernel", Num(2)), ("stride", Num(2))))
    skip = Tap(name, Binary("-", Binary("-", Num(depth), Num(1)), i))
    join = Parallel("|", (Chain((up,)), Chain((skip,))))
    back = Chain((join, _call(double, half)))
    below = Below("i", Num(depth))
    return (Repeat(down, below), _call(double, Num(width * 2**depth)), Repeat(back, below))


def _double(m: Maker) -> str:
    """`block Unit1(c) = [CONV(c, 3, p=1) → BN → ReLU]*2`."""
    conv = Layer("CONV", (("filters", Name("c")), ("kernel", Num(3)), ("pad", Num(1))))
    body = Repeat(Chain((conv, Layer("BN"), Layer("ReLU"))), Count(Num(m.number(1, 2))))
    block = BlockDef(m.name("Unit"), (Param("c"),), Chain((body,)))
    m.blocks.append(block)
    m.machine.blocks[block.name] = block
    return block.name


def _call(block: str, filters: Expr) -> Call:
    return Call(block, (("c", filters),))


def _end(m: Maker) -> tuple[Step, ...]:
    return (Layer("CONV", (("filters", Num(2)), ("kernel", Num(1)))),) if m.chance(50) else ()
