"""The composite steps: branches, repeats, guards, blocks, labels, taps, claims, and faults in them.

Each yields options, the first that runs is taken: a repeat that fits once only falls back to its body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oracle.blocks import call, kind_parameter
from oracle.conditions import condition
from oracle.faults import bad
from oracle.maker import Maker, Options, Place, shape_literal
from oracle.run import shape_of
from oracle.tree import (
    Below,
    Binary,
    Chain,
    Claim,
    Count,
    Expr,
    FreeCount,
    Guard,
    Items,
    Label,
    Layer,
    Maybe,
    Name,
    Num,
    Over,
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
    from collections.abc import Iterator

    from torch import Tensor

# ------------------------------------------------------------------------------------------------ branches


def _concat(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    first, y = m.chain(x, place.inner(), 3)
    branches = [first]
    for _ in range(m.number(1, 2)):
        target = (m.number(1, 6), *shape_of(y)[1:])
        same = shape_of(x)[1:] == target[1:]
        branches.append(Chain((Layer("ID"),)) if same and m.chance(30) else m.to(x, target, place))
    yield Parallel("|", _any_order(m, branches))


def _sum(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    first, y = m.chain(x, place.inner(), 3)
    rest = [m.to(x, shape_of(y), place) for _ in range(m.pick((1, 1, 1, 2)))]
    yield Parallel("+", _any_order(m, [first, *rest]))


def _gated(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    """A gate per channel, or factors of one shape."""
    first, y = m.chain(x, place.inner(), 2) if m.chance(50) else (Chain((Layer("ID"),)), x)
    channels = shape_of(y)[0]
    gate = m.to(x, shape_of(y), place) if x.dim() < 3 or y.dim() < 3 or m.chance(30) else _gate(m, channels)
    yield Parallel("⊙", _any_order(m, [first, gate]))


def _gate(m: Maker, channels: int) -> Chain:
    """GAP, a squeeze, and back."""
    squeeze: tuple[Step, ...] = ()
    if m.chance(60):
        squeeze = (Layer("CONV", (("filters", Num(m.number(1, 3))), ("kernel", Num(1)))), Layer("ReLU"))
    pool = m.pick((Layer("GAP"), Layer("GPOOL", (("op", Word("max")),))))
    conv = Layer("CONV", (("filters", Num(channels)), ("kernel", Num(1))))
    return Chain((pool, *squeeze, conv, m.pick((Layer("SIGMOID"), Layer("HSIGMOID")))))


def _any_order(m: Maker, branches: list[Chain]) -> tuple[Chain, ...]:
    return tuple(branches[::-1] if m.chance(40) else branches)


# ------------------------------------------------------------------------------------------------- repeats


def _count(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    body, _ = m.body(x, place.inner())
    times = m.pick((2, 2, 3, 1, 0) if place.depth == 0 else (2, 1))
    yield Repeat(body, Count(m.context(x, place).expr(times)))
    yield Repeat(body, Count(Num(1)))
    yield body


def _below(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    var = ("i", "j", "m")[len(place.loops)] if len(place.loops) < 3 else m.name("i")
    index = var if place.depth == 0 and not place.loops else None
    body, _ = m.body(x, place.inner({var: 0}, loop=var, index=index))
    bound = m.number(2, 3) if place.depth == 0 else 2
    yield Repeat(body, Below(var, m.context(x, place).expr(bound)))
    yield Repeat(body, Below(var, Num(1)))


def _over(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    targets = tuple(m.name(stem) for stem in m.pick((("c",), ("c", "r"))))
    rows = [tuple(m.number(1, 6) for _ in targets) for _ in range(m.number(2, 3))]
    body, _ = m.body(x, place.inner(dict(zip(targets, rows[0], strict=True))))
    yield Repeat(body, Over(targets, _items(m, rows, place)))
    yield Repeat(body, Over(targets, _items(m, rows[:1] * 2, place)))


def _items(m: Maker, rows: list[tuple[int, ...]], place: Place) -> tuple[Expr, ...]:
    """`(8, 1), (16, 2)`, or the name of a tuple that the net declares for it."""
    exprs = tuple(Num(row[0]) if len(row) == 1 else Items(tuple(map(Num, row))) for row in rows)
    if not m.params or place.depth or not m.chance(30):
        return exprs
    name = m.name("rows")
    m.params.append(Param(name, Items(exprs)))
    place.scope.env[name] = tuple(row[0] if len(row) == 1 else row for row in rows)
    return (Name(name),)


def _free(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    if place.in_block:
        return
    body, _ = m.body(x, place.inner())
    yield Repeat(body, FreeCount(m.name("N"))) if place.depth == 0 and m.chance(70) else Maybe(body)


# ------------------------------------------------------------------------------------------ guards, claims


def _guard(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    holds = m.chance(60)
    test = condition(m.context(x, place), holds)
    live, _ = m.body(x, place.inner())
    if holds:
        yield Guard(live, test, m.dead(x, place) if m.chance(40) else None)
    else:
        yield Guard(m.dead(x, place), test, live if m.chance(60) else None)
    yield live


def _claim(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    body, y = m.step(x, place.inner())
    yield Claim(body, _with_holes(m, shape_of(y)))
    yield body


def _with_holes(m: Maker, shape: tuple[int, ...]) -> ShapeLit:
    literal = shape_literal(shape)
    if len(shape) < 2 or not m.chance(30):
        return literal
    entries: list[Expr | None] = [literal.channels, *literal.extents]
    entries[m.number(0, len(entries) - 1)] = None
    return ShapeLit(entries[0], tuple(entries[1:]))


# -------------------------------------------------------------------------------------------- labels, taps


def _label(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    """A named step, followed by what may want to skip back to it."""
    inner = place.inner()
    body, _ = m.step(x, inner)
    if place.loops and place.index is None:
        yield body
        return
    index = Name(place.index) if place.index else None
    yield Label(body, m.name("e"), index)
    yield body


def _tap(m: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    taps = [key for key, tap in place.scope.taps.items() if tap.dim() == x.dim()]
    if not taps:
        return
    name, at = m.pick(taps[::-1])
    tap = place.scope.taps[name, at]
    start = Tap(name, None if at is None else m.context(x, place).expr(at))
    op = m.pick(("|", "+"))
    first, y = m.chain(x, place.inner(), 2) if m.chance(40) else (Chain((Layer("ID"),)), x)
    target = shape_of(y) if op == "+" else (m.number(1, 6), *shape_of(y)[1:])
    direct = shape_of(tap) == target or (op == "|" and shape_of(tap)[1:] == target[1:])
    rest = () if direct else m.to(tap, target, _unhidden(place)).steps
    yield Parallel(op, (first, Chain((start, *rest))))


def _unhidden(place: Place) -> Place:
    """In a tap's chain other numbers arrive than where the branches part; plain ones are right anywhere."""
    return Place(place.scope, place.depth, hide=0)


# -------------------------------------------------------------------------------------------------- faults


def fault(m: Maker, x: Tensor, place: Place) -> Step:
    """Something wrong, mostly a layer."""
    other = (_wrong_join, _wrong_join, _too_often, _wrong_claim)
    return m.pick(other)(m, x, place) if m.chance(30) else bad(m.context(x, place))


def _wrong_join(m: Maker, x: Tensor, place: Place) -> Step:
    shape = shape_of(x)
    op = m.pick(("+", "|", "⊙"))
    wrong: list[tuple[int, ...]] = [
        (shape[0] + 1, *shape[1:]),
        (1, *shape[1:]),
        (shape[0], *(1 for _ in shape[1:])),
    ]
    wrong += [(shape[0], *(n + 1 for n in shape[1:])), (shape[0],), (*shape, 1) if len(shape) < 4 else (1,)]
    wrong += [(shape[0], *shape[1:-1], 1), (1, *(1 for _ in shape[1:]))]
    odd = m.to(x, m.pick(wrong), place)
    return Parallel(op, _any_order(m, [Chain((Layer("ID"),)), odd]))


def _wrong_claim(m: Maker, x: Tensor, place: Place) -> Step:
    shape = list(shape_of(x))
    at = m.number(0, len(shape) - 1)
    shape[at] += 1
    return Claim(m.pick((Layer("ReLU"), Layer("BN"), Layer("ID"))), shape_literal(shape))


def _too_often(m: Maker, x: Tensor, place: Place) -> Step:
    """Shrinks until nothing is left."""
    if x.dim() < 3:
        return bad(m.context(x, place))
    small = min(shape_of(x)[1:])
    shrink = m.pick((("POOL", "window", 2, small.bit_length()), ("CONV", "kernel", 3, small // 2 + 1)))
    kind, argument, size, times = shrink
    filters: tuple[tuple[str, Any], ...] = (("filters", Num(2)),) if kind == "CONV" else ()
    layer = Layer(kind, (*filters, (argument, Num(size))))
    loops: tuple[Times, ...] = (Count(Num(times)), Below("t", Binary("+", Num(times - 1), Num(1))))
    return Repeat(layer, m.pick(loops))


CHOICES: tuple[Options, ...] = (
    _concat, _concat, _sum, _sum, _gated, _count, _count, _below, _below, _over, _guard, _guard, _claim,
    _label, _label, _label, _tap, _tap, _tap, _tap, call, call, call, call, kind_parameter,
)  # fmt: skip
WITH_FREE_PARTS = (*CHOICES, *(_free,) * 10)
