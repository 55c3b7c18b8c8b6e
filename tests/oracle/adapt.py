"""Steps that lead from one shape to another, so that branches can meet: `adapt(c, (8, 4, 4))`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from oracle.good import layer
from oracle.tree import Layer, Num, ShapeLit, Step, Word

if TYPE_CHECKING:
    from oracle.draws import Context, Shape

_MOST_WEIGHTS = 20_000


def adapt(c: Context, target: Shape) -> tuple[Step, ...]:
    """Steps from the context's shape to the target; never none."""
    if c.shape == target:
        return _unchanged(c)
    if len(target) == 1:
        pool = (Layer("GAP"),) if c.rank and c.chance(30) else ()
        return (*pool, *_dense(c, target[0]))
    if c.rank != len(target) - 1:
        shape = ShapeLit(Num(target[0]), tuple(map(Num, target[1:])))
        return (*_dense(c, math.prod(target)), layer("RESHAPE", shape=shape))
    return (*_narrow(c, target[0]), *_convolved(c, target))


def _dense(c: Context, outputs: int) -> tuple[Step, ...]:
    """By way of two values where one layer would have a great many weights."""
    first = (layer("FC", outputs=Num(2)),) if math.prod(c.shape) * outputs > _MOST_WEIGHTS else ()
    return (*first, layer("FC", outputs=Num(outputs)))


def _narrow(c: Context, filters: int) -> tuple[Step, ...]:
    return (layer("CONV", filters=Num(2), kernel=Num(1)),) if c.channels * filters > _MOST_WEIGHTS else ()


def _unchanged(c: Context) -> tuple[Step, ...]:
    """Mostly the plain skip."""
    plain, norm, scale = (Layer("ID"),), (Layer("BN"),), (Layer("ReLU"), Layer("SCALE"))
    steps: list[tuple[Step, ...]] = [plain, plain, norm, scale]
    steps.append((Layer("LN"), layer("DROPPATH", probability=Num(0.1))))
    if c.channels**2 > _MOST_WEIGHTS:
        return c.pick(steps)
    if c.rank:
        conv = layer("CONV", filters=c.expr(c.channels), kernel=Num(3), pad=Num(1))
        steps += [(conv, Layer("BN")), (layer("PAD", pad=Num(1)), layer("CROP", pad=Num(1)))]
        steps.append((layer("POOL", op=Word("max"), window=Num(3), stride=Num(1), pad=Num(1)),))
    else:
        steps.append((layer("FC", outputs=c.expr(c.channels)),))
    return c.pick(steps)


def _convolved(c: Context, target: Shape) -> tuple[Step, ...]:
    """A strided 1x1 convolution where the extents allow one, else what enlarges or pools."""
    filters, extents = c.expr(target[0]), target[1:]
    if c.extents == extents:
        kernel = (
            {"kernel": Num(1)} if c.chance(60) else {"kernel": Num(3), "pad": c.pick((Num(1), Word("same")))}
        )
        return (layer("CONV", filters=filters, **kernel), *((Layer("BN"),) if c.chance(30) else ()))
    for s in (2, 3):
        if all(math.ceil(n / s) == m for n, m in zip(c.extents, extents, strict=True)):
            return (layer("CONV", filters=filters, kernel=Num(1), stride=Num(s)),)
        if all(n * s == m for n, m in zip(c.extents, extents, strict=True)):
            up = layer("TCONV", filters=filters, kernel=Num(s), stride=Num(s))
            return c.pick(
                ((up,), (layer("UPSAMPLE", scale=Num(s)), layer("CONV", filters=filters, kernel=Num(1))))
            )
    return (layer("APOOL", size=c.window(extents)), layer("CONV", filters=filters, kernel=Num(1)))
