"""Dropouts: they switch values off at random in training and are the identity afterwards."""

from __future__ import annotations

from cnndsl.layers import readers as read
from cnndsl.layers.base import Elementwise, hyper, need_map
from cnndsl.shape import Shape


class Noise(Elementwise):
    """Acts in training only."""

    probability: float = hyper(read.probability, 0.5, positional=True)

    def operations(self, x: Shape, y: Shape) -> int:
        """None: counted as it runs once trained."""
        return 0


class Dropout(Noise):
    """`DROPOUT(0.5)`: switches each value off with probability 0.5."""

    kind = "DROPOUT"


class DropChannels(Noise):
    """`DROP2D(0.5)`: switches whole channels off."""

    kind = "DROP2D"
    aliases = ("DROPOUT2D",)

    def output(self, x: Shape) -> Shape:
        need_map(self, x)
        return x


class DropPath(Noise):
    """`DROPPATH(0.1)`: switches the whole branch off for a sample (stochastic depth)."""

    kind = "DROPPATH"
