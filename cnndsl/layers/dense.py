"""FC, the fully connected layer."""

from __future__ import annotations

from typing import Any, ClassVar

from cnndsl.diagnostics import Change
from cnndsl.layers import readers as read
from cnndsl.layers.base import Field, Habit, Layer, hyper
from cnndsl.layers.claims import from_first, need_features
from cnndsl.layers.reach import Reach, sliding
from cnndsl.shape import NOTHING, OpenSize, Shape


class FC(Layer):
    """`FC(4096)`: 4096 neurons, each connected to every value that arrives.

    A map is flattened first; with `flatten=no` the layer works on the last axis of a map.
    """

    kind = "FC"
    keeps_rank = False
    assumed: ClassVar[dict[str, Any]] = {"outputs": 256}
    learnt = True

    outputs: int = hyper(read.count, positional=True)
    bias: bool = hyper(read.flag, True)
    flatten: bool = hyper(read.flag, True)
    from_: int | None = hyper(read.features, None)

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        """For `FC(9216, 4096)`, as PyTorch's Linear has it."""
        if not all(isinstance(item, int) for item in positional[:2]):
            return None
        first, second = positional[:2]
        arriving = x.numel if x != NOTHING and x.closed else None
        if second == arriving != first:
            call = f"FC({read.shown(first)})"
            change = Change(f"write {call}", {"#1": None}, safe=True)
            return Habit(
                f"the {read.shown(second)} values that arrive are found: write {call}",
                (change,) * (len(positional) == 2),
            )
        habit = from_first(f"FC({read.shown(second)}", read.shown(first), found=first == arriving)
        return habit if len(positional) == 2 else Habit(habit.hint)

    def features(self, x: Shape) -> int:
        """How many values each neuron reads."""
        return x.numel if self.flatten or not x.rank else x.extents[-1]

    def output(self, x: Shape) -> Shape:
        need_features(self.from_, x, self.flatten)
        if self.flatten or not x.rank:
            return Shape(self.outputs)
        return Shape(x.channels, (*x.extents[:-1], self.outputs))

    def recovered(self, x: Shape) -> Shape | None:
        """What arrives is not as claimed, what leaves is as given."""
        if self.flatten or not x.rank:
            return Shape(self.outputs)
        return Shape(x.channels, (*x.extents[:-1], self.outputs))

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"weight": (self.outputs, self.features(x))}
        return shapes | {"bias": (self.outputs,)} if self.bias else shapes

    def macs(self, x: Shape, y: Shape) -> int:
        return y.numel * self.features(x)

    def operations(self, x: Shape, y: Shape) -> int:
        """The bias: one addition for each output value."""
        return y.numel if self.bias else 0

    def field(self, x: Shape) -> Field:
        """The whole map; with `flatten=no` the whole of the last axis, at every step."""
        if self.flatten or not x.rank:
            return None
        if not x.closed:
            raise OpenSize(x.extents[-1])
        return (*(Reach(),) * (x.rank - 1), sliding(0, x.extents[-1] - 1, 0))
