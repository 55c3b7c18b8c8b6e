"""Kinds that move values around: FLATTEN, RESHAPE, PERMUTE, SHUFFLE, PIXELSHUFFLE and SLICE."""

from __future__ import annotations

from itertools import permutations
from math import prod
from typing import Any

from cnndsl.diagnostics import Change, Problem
from cnndsl.layers import readers as read
from cnndsl.layers.base import Field, Habit, Weightless, hyper, need_map, written
from cnndsl.layers.claims import need_divisible
from cnndsl.layers.reach import Reach
from cnndsl.layers.windows import joined
from cnndsl.shape import AXIS_LETTERS, OpenSize, Shape, differ, unknown_size
from cnndsl.values import Partial


class Moving(Weightless):
    """Computes nothing. An output unit reads the unit in its own place, unless a kind says more."""

    def operations(self, x: Shape, y: Shape) -> int:
        return 0

    def field(self, x: Shape) -> Field:
        return (Reach(),) * x.rank


class Flatten(Moving):
    """`FLATTEN`: the map as a vector, channel by channel, row by row. FC does it by itself."""

    kind = "FLATTEN"
    keeps_rank = False

    def output(self, x: Shape) -> Shape:
        return Shape(x.numel)

    def field(self, x: Shape) -> Field:
        """Positions are lost; on a vector nothing happens."""
        return None if x.rank else ()

    def sizes(self, x: Shape) -> str:
        product = str(x.numel)  # of an open map, the factors themselves
        return f"{x.factors} = {product}" if x.rank and product != x.factors else ""


class Reshape(Moving):
    """`RESHAPE(256@4x4)`: the same values in the same order as another map; `_` is worked out."""

    kind = "RESHAPE"
    assumed = None
    keeps_rank = False

    shape: Partial = hyper(read.partial_shape, positional=True)

    def output(self, x: Shape) -> Shape:
        sizes = (self.shape.channels, *self.shape.extents)
        known = prod(size for size in sizes if size is not None)
        if differ(x.numel % known, 0) if None in sizes else differ(x.numel, known):
            raise Problem("shape", self._mismatch(x, known), at="shape")
        channels, *extents = (x.numel // known if size is None else size for size in sizes)
        return Shape(channels, tuple(extents))

    def recovered(self, x: Shape) -> Shape | None:
        channels, *extents = (size or unknown_size() for size in (self.shape.channels, *self.shape.extents))
        return Shape(channels, tuple(extents))

    def _mismatch(self, x: Shape, known: int) -> str:
        arriving = f"{x.factors} = {x.numel} values arrive" if x.rank else f"{x.numel} values arrive"
        if None in (self.shape.channels, *self.shape.extents):
            return f"{arriving}, which no {written(self.shape)} holds: {known} does not divide {x.numel}"
        return f"{arriving}, but {self} takes {known}"

    def built_in(self, x: Shape) -> list[int]:
        """The sizes of the map that it makes; to flatten takes none."""
        y = self.output(x)
        return [y.channels, *y.extents] if y.rank and y != x else []

    def field(self, x: Shape) -> Field:
        """Positions are lost, unless the shape stays the same."""
        y = self.output(x)
        if y != x and y.rank == x.rank and not x.closed:  # for some input it may
            raise OpenSize(x.numel)
        return super().field(x) if y == x else None

    def sizes(self, x: Shape) -> str:
        return f"{x.factors} = {self.output(x).factors}"


def order(value: Any, rank: int, name: str) -> str:
    """The axes of the map in a new order: "HWC"."""
    axes = "C" + AXIS_LETTERS[rank]
    if not isinstance(value, str):
        message = f"{name} names the axes {', '.join(axes)} in a new order"
        raise Problem("argument-type", f"{message}; this is {read.shown(value)}")
    if sorted(value.upper()) != sorted(axes):
        what = f"the axes of this map are {', '.join(axes)}" if rank else "a vector has the axis C alone"
        raise Problem("argument-value", f"{read.shown(value)} does not name each axis once: {what}")
    return value.upper()


#: Every order of a map's axes, as a bare word.
ORDERS = tuple("".join(word) for axes in ("CL", "CHW", "CDHW") for word in permutations(axes))


class Permute(Moving):
    """`PERMUTE(HWC)`: the axes in a new order; the first one becomes the channels."""

    kind = "PERMUTE"
    assumed = None

    order: str = hyper(order, positional=True, words=ORDERS)

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        """For `PERMUTE(0, 2, 3, 1)`, as PyTorch counts the axes, the batch among them or not."""
        letters = "C" + AXIS_LETTERS[x.rank]
        batch = len(positional) == len(letters) + 1 and positional[0] == 0
        places = [place - batch for place in positional[batch:] if type(place) is int]
        if not x.rank or sorted(places) != [*range(len(letters))] or len(places) + batch < len(positional):
            return None
        call = f"PERMUTE({''.join(letters[place] for place in places)})"
        values: dict[str, str | None] = {f"#{number}": None for number in range(1, len(positional))}
        change = Change(f"write {call}", {"#0": call[8:-1], **values}, safe=True)
        return Habit(f"the axes go by their letters: {call}", (change,))

    @property
    def places(self) -> tuple[int, ...]:
        """For each new axis the place of the old one, 0 for the channels."""
        return tuple(("C" + AXIS_LETTERS[self.rank]).index(letter) for letter in self.order)

    def output(self, x: Shape) -> Shape:
        sizes = (x.channels, *x.extents)
        channels, *extents = (sizes[place] for place in self.places)
        return Shape(channels, tuple(extents))

    def field(self, x: Shape) -> Field:
        """The whole map, unless every axis stays in its place."""
        return super().field(x) if self.places == tuple(range(x.rank + 1)) else None


class Shuffle(Moving):
    """`SHUFFLE(4)`: mixes the channels of 4 groups, taking one from each in turn (ShuffleNet)."""

    kind = "SHUFFLE"
    assumed = None

    groups: int = hyper(read.count, positional=True)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        need_divisible(x.channels, self.groups, "arriving channels are", "groups")
        return x


class PixelShuffle(Moving):
    """`PIXELSHUFFLE(2)`: four channels become one of twice the height and width: 64@8x8 is 16@16x16."""

    kind = "PIXELSHUFFLE"
    assumed = None

    factor: int = hyper(read.count, positional=True)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        if x.rank != 2:
            raise Problem("rank", f"PIXELSHUFFLE works on images, C@HxW, but {x} arrives")
        if differ(x.channels % self.factor**2, 0):
            raise Problem("shape", self._mismatch(x), at="factor")
        return Shape(x.channels // self.factor**2, tuple(extent * self.factor for extent in x.extents))

    def _mismatch(self, x: Shape) -> str:
        channels = "channel is" if x.channels == 1 else "channels are"
        return f"{x.channels} arriving {channels} not divisible by {self.factor}² = {self.factor**2}"

    def field(self, x: Shape) -> Field:
        return (Reach((0,) * self.factor, (0,) * self.factor, 1),) * x.rank

    def sizes(self, x: Shape) -> str:
        return joined([f"{self.factor}·{extent} = {self.factor * extent}" for extent in x.extents])


class Slice(Moving):
    """`SLICE(0, 16)`: the channels 0 to 15."""

    kind = "SLICE"
    assumed = None

    start: int = hyper(read.index, positional=True)
    stop: int = hyper(read.index, positional=True)

    def output(self, x: Shape) -> Shape:
        if not self.start < self.stop:
            raise Problem("empty-output", f"no channel lies between {self.start} and {self.stop}", at="stop")
        if self.stop > x.channels:
            hints = (f"SLICE({self.start}, {x.channels}) goes to the end",) if self.start < x.channels else ()
            message = f"{x.channels} channels arrive, so a slice cannot stop at {self.stop}"
            changes = (Change(f"stop at {x.channels}", {"stop": str(x.channels)}),) if hints else ()
            raise Problem("argument-value", message, *hints, at="stop", changes=changes)
        return Shape(self.stop - self.start, x.extents)
