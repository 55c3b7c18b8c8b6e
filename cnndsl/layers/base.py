"""What every layer kind is: hyperparameters, and the rules that follow from them.

A kind is one frozen class. Its fields, made by `hyper`, are its hyperparameters; its methods are
the rules that hold whatever the target: shapes, weights, multiply-accumulates, receptive field.
Rules raise `Problem`; the caller, who knows the text, adds the place.
"""

from __future__ import annotations

from collections.abc import Collection
from math import isqrt, prod
from typing import Any, ClassVar, NamedTuple

from cnndsl.diagnostics import Change, Problem
from cnndsl.layers.hyper import REQUIRED, Hyper, Reader, Record, hyper
from cnndsl.layers.reach import Reach
from cnndsl.shape import MAX_SIZE, Shape
from cnndsl.values import Pair, Partial

__all__ = [
    "REQUIRED",
    "Elementwise",
    "Field",
    "Habit",
    "Hyper",
    "Layer",
    "Reader",
    "Weightless",
    "brief",
    "hyper",
    "need_map",
    "within_limits",
    "written",
]

#: A tensor with this many values or more is an error: its size in bytes leaves 64 bits.
MAX_VALUES = 2**62


#: What a layer's output units read: a Reach per axis, or None where each sees the whole map.
Field = tuple[Reach, ...] | None


class Habit(NamedTuple):
    """What is said of arguments in PyTorch's order, and what would put them right."""

    hint: str
    changes: tuple[Change, ...] = ()


class Layer(Record):
    """The base of all kinds. `rank` is the number of axes of the map that arrives (0: a vector).

    Public rules take the shape `x` that arrives at the layer, and `y` that leaves it.
    """

    #: The kind as the language prints it, and further spellings of it.
    kind: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    #: Arguments assumed where the layer stands without parentheses; None: it must have its own.
    assumed: ClassVar[dict[str, Any] | None] = {}
    #: Whether the layer's outputs are counted as neurons (CONV, TCONV, FC).
    learnt: ClassVar[bool] = False
    #: Whether a map that arrives has as many axes as the one that leaves, whatever the arguments.
    keeps_rank: ClassVar[bool] = True

    rank: int

    @classmethod
    def hypers(cls) -> dict[str, Hyper]:
        """The hyperparameters by name, in the order of declaration."""
        return cls._hypers

    @classmethod
    def spellings(cls) -> dict[str, Hyper]:
        """The hyperparameters by letter and by name."""
        return cls._spellings

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        """For one who writes PyTorch's argument order: `FC(9216, 4096)`. NOTHING for an `x` not known."""
        return None

    @classmethod
    def order_slip(cls, given: dict[str, Any], rank: int) -> Habit | None:
        """For arguments of which one cannot be read, as they would be in another order: `CONV(3x3, 64)`.

        `rank` is that of the map that arrives.
        """
        return None

    @classmethod
    def turned(cls, positional: list[Any], x: Shape) -> Habit | None:
        """For arguments that can all be read, and hardly are meant in this order: `CONV(3, 64)`."""
        return None

    def output(self, x: Shape) -> Shape:
        """The shape that leaves the layer; raises Problem where it cannot be applied."""
        raise NotImplementedError(self.kind)

    def recovered(self, x: Shape) -> Shape | None:
        """The shape to go on with where `output` has refused `x`: known sizes, and others unknown.

        None where nothing can be said.
        """
        return None

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        """Shapes of the parameters that training changes: `weight`, `bias`."""
        raise NotImplementedError(self.kind)

    def macs(self, x: Shape, y: Shape) -> int:
        """Multiply-accumulates for one input, biases not counted."""
        raise NotImplementedError(self.kind)

    def operations(self, x: Shape, y: Shape) -> int:
        """Element-wise operations for one input, beside the multiply-accumulates."""
        raise NotImplementedError(self.kind)

    def field(self, x: Shape) -> Field:
        """What an output unit reads, axis by axis."""
        raise NotImplementedError(self.kind)

    def sizes(self, x: Shape) -> str:
        """The arithmetic behind the output's extents, worked with its numbers; "" if none."""
        return ""

    def need_no_remainder(self, x: Shape) -> None:
        """Require of an input of open size that no division leaves a remainder."""

    def remainders(self, x: Shape) -> tuple[int, ...]:
        """Pixels at the end of each axis that rounding down leaves unread."""
        return (0,) * x.rank

    def weights(self, x: Shape) -> int:
        return prod(self.weight_shapes(x).get("weight", (0,)))

    def biases(self, x: Shape) -> int:
        return prod(self.weight_shapes(x).get("bias", (0,)))

    def built_in(self, x: Shape) -> list[int]:
        """The sizes that a module built for `x` keeps: those of its weights."""
        return [size for shape in self.weight_shapes(x).values() for size in shape]

    def neurons(self, y: Shape) -> int:
        """Values in the output of a learnt layer; other kinds have none."""
        return y.numel if self.learnt else 0

    def arguments(self, shown: Collection[str] | None = None) -> str:
        """The hyperparameters as one would write them, defaults left out: `96, 11x11, s=4`.

        With `shown`, of those not given by position these alone.
        """
        parts = []
        for spec in self.hypers().values():
            if shown is not None and not spec.positional and spec.name not in shown:
                continue
            value = getattr(self, spec.field)
            default = REQUIRED if spec.default is REQUIRED else spec.value(spec.default, self.rank)
            if spec.positional and (spec.leading or value != default):
                parts.append(written(value))
            elif value != default:
                parts.append(f"{spec.short}={brief(value)}")
        return ", ".join(parts)

    def __str__(self) -> str:
        arguments = self.arguments()
        return f"{self.kind}({arguments})" if arguments else self.kind


class Weightless(Layer):
    """Learns nothing and multiplies nothing by weights."""

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {}

    def macs(self, x: Shape, y: Shape) -> int:
        return 0


class Elementwise(Weightless):
    """Maps each value on its own: shape kept, nothing learnt, one operation a value."""

    def output(self, x: Shape) -> Shape:
        return x

    def recovered(self, x: Shape) -> Shape | None:
        return x

    def operations(self, x: Shape, y: Shape) -> int:
        return y.numel

    def field(self, x: Shape) -> Field:
        return (Reach(),) * x.rank


def written(value: Any) -> str:
    """A hyperparameter's value in the language: `3x3`, `yes`, `1:2`, `256@4x4`, `1e-6`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= 10**30:
        return f"a number of {value.bit_length()} bits"  # nobody would read its digits
    if isinstance(value, float):
        shown = float(f"{value:.12g}")  # 0.075 for a computed 0.07500000000000001
        mantissa, exponent, power = repr(shown).partition("e")
        return f"{mantissa}e{int(power)}" if exponent else mantissa
    if isinstance(value, (Partial, Shape)):
        return _written_shape(value)
    if isinstance(value, Pair):
        before, after = map(written, value)
        return before if before == after else f"{before}:{after}"
    if isinstance(value, tuple):
        return "x".join(written(item) for item in (_once(value) if _is_pads(value) else value))
    return str(value)


def _written_shape(shape: Partial | Shape) -> str:
    channels, *sizes = ("_" if size is None else written(size) for size in (shape.channels, *shape.extents))
    extents = "x".join(sizes)
    if isinstance(shape, Partial) and shape.slide:
        return extents
    return f"{channels}@{extents}" if extents else channels


def brief(value: Any) -> str:
    """As `written`, equal entries for all axes once: (4, 4) is `4`."""
    return written(_once(value))


def _is_pads(value: tuple[Any, ...]) -> bool:
    return bool(value) and isinstance(value[0], Pair)


def _once(value: Any) -> Any:
    per_axis = isinstance(value, tuple) and not isinstance(value, (Pair, Partial))
    return value[:1] if per_axis and len(set(value)) == 1 else value


def need_map(layer: Layer, x: Shape) -> None:
    """Raises Problem unless a map arrives."""
    if x.rank == 0:
        reshape, values = _map_of(x.channels), f"{x.channels} value{'s' * (x.channels != 1)}"
        raise Problem(
            "rank",
            f"{layer.kind} works on a map, but a vector of {values} arrives",
            f"{reshape} makes a map of it",
            changes=(Change(f"put {reshape} before it", before=f"{reshape} → "),),
        )


def _map_of(values: int) -> str:
    """A RESHAPE that turns a vector into an image, if it is one: `RESHAPE(1@28x28)`."""
    for channels in (1, 3):
        side = isqrt(values // channels)
        if channels * side * side == values and side > 1:
            return f"RESHAPE({channels}@{side}x{side})"
    return f"RESHAPE({values}@1x1)"


def within_limits(layer: Layer, x: Shape, y: Shape) -> Shape:
    """`y`, the output of `layer` for `x`; raises Problem where it or the weights are too large."""
    for size in (y.channels, *y.extents):
        if type(size) is int and size > MAX_SIZE:
            raise Problem("number-limit", f"the output {y} has a size of {size}; {MAX_SIZE} is the limit")
        if getattr(size, "growth", (1, 1))[0] > MAX_SIZE:
            raise Problem(
                "number-limit",
                f"no input is so large that anything is left of it here: {MAX_SIZE} is the limit",
            )
    if y.closed and y.numel >= MAX_VALUES:
        raise Problem("number-limit", f"the output {y} has {y.numel} values; no machine holds them")
    for name, shape in layer.weight_shapes(x).items():
        if type(prod(shape)) is int and prod(shape) >= MAX_VALUES:
            message = f"the {name} would have {prod(shape)} values; no machine holds them"
            raise Problem("number-limit", message)
    return y
