"""Kinds that change a map's size without reading a window: UPSAMPLE, PAD and CROP."""

from __future__ import annotations

from math import gcd

from cnndsl.diagnostics import Problem
from cnndsl.layers import readers as read
from cnndsl.layers.base import Field, Weightless, hyper, need_map
from cnndsl.layers.claims import need_border
from cnndsl.layers.reach import MAX_PERIOD, Reach, sliding
from cnndsl.layers.rearrange import Moving
from cnndsl.layers.windows import joined
from cnndsl.shape import Shape, below

#: The rank that a mode of interpolation is made for; the others work on any map.
_MODE_RANK = {"bilinear": 2, "trilinear": 3, "bicubic": 2}
_MODES = ("nearest", "linear", "bilinear", "trilinear", "bicubic")


class Upsample(Weightless):
    """`UPSAMPLE(2)`: each pixel becomes 2×2; `UPSAMPLE(2, linear)` interpolates between them.

    `linear` is bilinear on an image and trilinear on a volume. `align=yes` keeps the corner pixels
    in the corners, as PyTorch's align_corners.
    """

    kind = "UPSAMPLE"
    assumed = None

    scale: tuple[int, ...] = hyper(read.window, positional=True)
    mode: str = hyper(read.Word(*_MODES), "nearest", positional=True)
    align: bool = hyper(read.flag, False)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        rank = _MODE_RANK.get(self.mode, x.rank)
        if rank != x.rank:
            raise Problem(
                "rank",
                f"{self.mode} works on maps of {rank} axes, but {x} arrives",
                f"{'nearest' if self.mode == 'bicubic' else 'linear'} works here",
                at="mode",
            )
        if self.align and self.mode == "nearest":
            raise Problem("argument-value", "nearest has nothing to align; linear and bicubic do", at="align")
        return Shape(x.channels, tuple(e * s for e, s in zip(x.extents, self.scale, strict=True)))

    @property
    def neighbours(self) -> int:
        """Pixels along each axis that an output pixel is made from."""
        return {"nearest": 1, "bicubic": 4}.get(self.mode, 2)

    def operations(self, x: Shape, y: Shape) -> int:
        """A weighted sum of the neighbours for each output value; nearest copies."""
        return 0 if self.mode == "nearest" else y.numel * self.neighbours**x.rank

    def field(self, x: Shape) -> Field:
        each = zip(x.extents, self.scale, strict=True)
        return tuple(self._reach(extent, scale) for extent, scale in each)

    def _reach(self, extent: int, scale: int) -> Reach:
        """Output pixel o lies at (o + ½)/scale − ½, or at o·(n − 1)/(m − 1) where corners align.

        It is made from the pixels around; one that lies on a pixel is made from that alone.
        """
        if scale == 1:
            return Reach()
        if self.mode == "nearest":
            return Reach((0,) * scale, (0,) * scale, 1)
        over, under = (extent - 1, extent * scale - 1) if self.align else (1, scale)
        shared = gcd(over, under)
        shift = 0 if self.align else 1 - scale  # in halves of an output pixel
        units = range(min(under // shared, MAX_PERIOD))
        places = [divmod(2 * unit * over + shift, 2 * under) for unit in units]
        more = self.neighbours // 2 - 1
        lefts = tuple(place - more * (rest > 0) for place, rest in places)
        rights = tuple(place + (1 + more) * (rest > 0) for place, rest in places)
        return Reach(lefts, rights, over // shared)

    def sizes(self, x: Shape) -> str:
        each = zip(x.extents, self.scale, strict=True)
        return joined([f"{scale}·{extent} = {scale * extent}" for extent, scale in each])


class Pad(Moving):
    """`PAD(1)`: a border of zeros, one pixel wide; `PAD(0:1)` adds it after each axis alone.

    `mode=reflect`, `replicate` and `circular` take the border from the map; `value=` is a constant.
    """

    kind = "PAD"
    assumed = None

    pad: read.Pads = hyper(read.padding, letter="p", positional=True)
    mode: str = hyper(read.Word("zeros", "reflect", "replicate", "circular"), "zeros")
    value: float = hyper(read.number, 0)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        if self.value and self.mode != "zeros":
            message = f"value is for a constant border, not for {self.mode}"
            raise Problem("argument-value", message, at="value")
        need_border(self.mode, x, self.pad, "pad")
        return Shape(x.channels, tuple(e + a + b for e, (a, b) in zip(x.extents, self.pad, strict=True)))

    def field(self, x: Shape) -> Field:
        return tuple(sliding(before, -before) for before, _ in self.pad)

    def sizes(self, x: Shape) -> str:
        each = zip(x.extents, self.pad, strict=True)
        return joined([f"{e} + {a} + {b} = {e + a + b}" for e, (a, b) in each])


class Crop(Moving):
    """`CROP(2)`: takes 2 pixels off each side of the map; `CROP(0:1)` one after each axis."""

    kind = "CROP"
    assumed = None

    pad: read.Pads = hyper(read.padding, letter="p", positional=True)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        extents = tuple(e - a - b for e, (a, b) in zip(x.extents, self.pad, strict=True))
        empty = [axis for axis, extent in enumerate(extents) if below(extent, 1)]
        if empty:
            raise Problem("empty-output", f"nothing is left: {self._arithmetic(x, empty[0])}", at="pad")
        return Shape(x.channels, extents)

    def field(self, x: Shape) -> Field:
        return tuple(sliding(-before, before) for before, _ in self.pad)

    def sizes(self, x: Shape) -> str:
        return joined([self._arithmetic(x, axis) for axis in range(x.rank)])

    def _arithmetic(self, x: Shape, axis: int) -> str:
        extent, (before, after) = x.extents[axis], self.pad[axis]
        return f"{extent} − {before} − {after} = {extent - before - after}".replace("-", "−")
