"""Extents in closed form: under windows that round down, each stays `(size + a) // s + b`.

So a net whose INPUT is `1@size x size` can say what its flatten gives for any size:
`16 * ((size - 12) // 4) ** 2`.
"""

from __future__ import annotations

import ast as py
from typing import NamedTuple

from cnndsl.emit.python import simplified
from cnndsl.layers import (
    FC,
    APool,
    Conv,
    Crop,
    Gap,
    GPool,
    Pad,
    Permute,
    PixelShuffle,
    Pool,
    Reshape,
    TConv,
    Upsample,
)
from cnndsl.layers.windows import Axis
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Node,
    ParallelNode,
    RepeatNode,
)


class Extent(NamedTuple):
    """`(size + before) // stride + after`, or with stride 0 the number `after`."""

    before: int = 0
    stride: int = 1
    after: int = 0

    def slid(self, offset: int, stride: int) -> Extent:
        """The extent after `(extent + offset) // stride + 1`."""
        if not self.stride:
            return Extent(0, 0, (self.after + offset) // stride + 1)
        return Extent(self.before + self.stride * (self.after + offset), self.stride * stride, 1)

    def of(self, size: py.expr) -> py.expr:
        """The extent as source, in terms of the input's size."""
        if not self.stride:
            return py.Constant(self.after)
        found = _plus(size, self.before + self.stride * self.after)
        return simplified(
            py.BinOp(found, py.FloorDiv(), py.Constant(self.stride)) if self.stride > 1 else found
        )


def _plus(expr: py.expr, number: int) -> py.expr:
    if not number:
        return expr
    return py.BinOp(expr, py.Add() if number > 0 else py.Sub(), py.Constant(abs(number)))


#: An extent for each axis; None where there is no closed form.
Extents = tuple[Extent, ...] | None


def extents_at(root: Node, target: Node) -> Extents:
    """The extents that arrive at `target`, on the way from `root`, which starts with the INPUT."""
    walk = _Walk(target)
    walk.through(root, ())
    return walk.found


class _Walk:
    """Follows the extents through the network, up to the node that is looked for."""

    def __init__(self, target: Node) -> None:
        self._target = target
        self.found: Extents = None
        self.done = False

    def through(self, node: Node, x: Extents) -> Extents:
        if self.done:
            return None
        if node is self._target:
            self.found, self.done = x, True
            return None
        match node:
            case ChainNode():
                for part in node.parts:
                    x = self.through(part, x)
                return x
            case ParallelNode():
                leaving = {self.through(branch, x) for branch in node.branches}
                return leaving.pop() if len(leaving) == 1 else None
            case LabelNode() | BlockNode():
                return self.through(node.body, x)
            case ChoiceNode():
                return self.through(node.body, x) if node.body else x
            case RepeatNode():
                return self._repeated(node, x)
            case LayerNode():
                return _after(node, x)
        return None

    def _repeated(self, node: RepeatNode, x: Extents) -> Extents:
        for run in node.runs:
            before, x = x, self.through(run.body, x)
            if run.copies > 1 and x != before:
                return None
        return x


def _after(node: LayerNode, x: Extents) -> Extents:
    """The extents that leave a layer."""
    assert node.layer is not None and node.input is not None and node.output is not None
    if node.kind.kind == "INPUT":
        return tuple(Extent() for _ in node.output.extents)
    if isinstance(node.layer, Pool | Conv):
        return _slid(node.layer.axes(node.input), x) if x else None
    if isinstance(node.layer, GPool | Gap | APool):
        return tuple(Extent(0, 0, extent) for extent in node.output.extents)
    kept = not isinstance(node.layer, _MOVING) and node.output.extents == node.input.extents
    return x if kept else None


#: Kinds that do more with positions than this module knows.
_MOVING = (TConv, Upsample, Permute, Reshape, PixelShuffle, Pad, Crop, FC)


def _slid(axes: tuple[Axis, ...], x: tuple[Extent, ...]) -> Extents:
    if any(axis.ceil for axis in axes):
        return None
    return tuple(_one(axis, extent) for axis, extent in zip(axes, x, strict=True))


def _one(axis: Axis, extent: Extent) -> Extent:
    offset = -1 if axis.same else axis.slack - axis.extent  # ⌈e/s⌉ = (e − 1) // s + 1
    return extent.slid(offset, axis.stride)
