"""Extents in closed form: under windows that round down, each stays `(size + a) // s`.

So a net whose INPUT is `1@size x size` can say what its flatten gives for any size:
`16 * ((size - 12) // 4) ** 2`.
"""

from __future__ import annotations

import ast as py
from typing import NamedTuple

from cnndsl.emit.python import simplified
from cnndsl.emit.syntax import counted_by, names_of, written_arguments
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
    """`(size + offset) // stride`, or with stride 0 the number `offset`."""

    offset: int = 0
    stride: int = 1

    def slid(self, offset: int, stride: int) -> Extent:
        """The extent after a window: `(extent + offset) // stride + 1`."""
        if not self.stride:
            return Extent((self.offset + offset) // stride + 1, 0)
        return Extent(self.offset + self.stride * (offset + stride), self.stride * stride)

    def of(self, size: py.expr) -> py.expr:
        """The extent as source, in terms of the input's size."""
        if not self.stride:
            return py.Constant(self.offset)
        found = _plus(size, self.offset)
        return simplified(
            py.BinOp(found, py.FloorDiv(), py.Constant(self.stride)) if self.stride > 1 else found
        )


def _plus(expr: py.expr, number: int) -> py.expr:
    if not number:
        return expr
    return py.BinOp(expr, py.Add() if number > 0 else py.Sub(), py.Constant(abs(number)))


#: An extent for each axis; None where there is no closed form.
Extents = tuple[Extent, ...] | None


class Arrival(NamedTuple):
    """What is known of the extents that arrive somewhere: their form, and the names they depend on beside."""

    form: Extents
    names: frozenset[str]


def arrival(root: Node, target: Node) -> Arrival:
    """What arrives at `target`, on the way from `root`, which starts with the INPUT."""
    walk = _Walk(target)
    walk.through(root, ())
    return walk.found


class _Walk:
    """Follows the extents through the network, up to the node that is looked for."""

    def __init__(self, target: Node) -> None:
        self._target = target
        self._names: frozenset[str] = frozenset()
        self.found = Arrival(None, frozenset())
        self._done = False

    def through(self, node: Node, x: Extents) -> Extents:
        if self._done:
            return None
        if node is self._target:
            self.found, self._done = Arrival(x, self._names), True
            return None
        match node:
            case ChainNode():
                for part in node.parts:
                    x = self.through(part, x)
                return x
            case ParallelNode():
                leaving = {self.through(branch, x) for branch in node.branches}
                return leaving.pop() if len(leaving) == 1 else None
            case LabelNode():
                return self.through(node.body, x)
            case ChoiceNode():
                return self.through(node.body, x) if node.body else x
            case BlockNode():
                return self._block(node, x)
            case RepeatNode():
                return self._repeat(node, x)
            case LayerNode():
                self._names = frozenset() if isinstance(node.layer, _SETTING) else self._names | _named(node)
                return _after(node, x)
        return None

    def _block(self, node: BlockNode, x: Extents) -> Extents:
        """Through a block's body, whose parameters stand for what its use says."""
        outer, self._names = self._names, frozenset()
        y = self.through(node.body, x)
        given = written_arguments(node.syntax, node.block)
        self._names = outer.union(*(names_of(given[name]) for name in self._names & given.keys()))
        return y

    def _repeat(self, node: RepeatNode, x: Extents) -> Extents:
        y = x
        for run in node.runs:
            before, y = y, self.through(run.body, y)
            if run.copies > 1 and y != before:
                y = None
        if y != x:
            self._names = self._names.union(*map(names_of, counted_by(node.syntax)))
        return y


def _named(node: LayerNode) -> frozenset[str]:
    """The names in the hyperparameters by which a layer changes extents."""
    assert node.input is not None and node.output is not None
    if node.input.extents == node.output.extents:
        return frozenset()
    windows = (expr for field, expr in node.sources.items() if field not in _CHANNELS)
    return frozenset[str]().union(*map(names_of, windows))


#: Hyperparameters that say nothing of extents.
_CHANNELS = {"filters", "outputs", "bias", "groups", "ceil"}


def _after(node: LayerNode, x: Extents) -> Extents:
    """The extents that leave a layer."""
    assert node.layer is not None and node.input is not None and node.output is not None
    if node.kind.kind == "INPUT":
        return tuple(Extent() for _ in node.output.extents)
    if isinstance(node.layer, Pool | Conv):
        return _slid(node.layer.axes(node.input), x) if x else None
    if isinstance(node.layer, _SETTING):
        return tuple(Extent(extent, 0) for extent in node.output.extents)
    kept = not isinstance(node.layer, _MOVING) and node.output.extents == node.input.extents
    return x if kept else None


#: Kinds whose output has the same extents whatever arrives.
_SETTING = (GPool, Gap, APool)
#: Kinds that do more with positions than this module knows.
_MOVING = (TConv, Upsample, Permute, Reshape, PixelShuffle, Pad, Crop, FC)


def _slid(axes: tuple[Axis, ...], x: tuple[Extent, ...]) -> Extents:
    if any(axis.ceil for axis in axes):
        return None
    return tuple(_one(axis, extent) for axis, extent in zip(axes, x, strict=True))


def _one(axis: Axis, extent: Extent) -> Extent:
    offset = -1 if axis.same else axis.slack - axis.extent  # ⌈e/s⌉ = (e − 1) // s + 1
    return extent.slid(offset, axis.stride)
