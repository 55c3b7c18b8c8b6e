"""Activations. Each maps every value on its own, except SOFTMAX, which shares 1 among the channels."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics import Change
from cnndsl.layers import readers as read
from cnndsl.layers.base import Elementwise, Habit, hyper
from cnndsl.shape import Shape


class ReLU(Elementwise):
    """`ReLU`: max(0, x)."""

    kind = "ReLU"


class Leaky(Elementwise):
    """`LEAKY(0.01)`: x, and 0.01·x below 0."""

    kind = "LEAKY"
    aliases = ("LEAKYRELU",)

    slope: float = hyper(read.number, 0.01, positional=True)


class PReLU(Elementwise):
    """`PRELU`: as LEAKY, but the slope is learnt: one for all channels, or `per_channel=yes`."""

    kind = "PRELU"

    per_channel: bool = hyper(read.flag, False)
    init: float = hyper(read.number, 0.25)

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        return Habit("write PRELU for one slope, PRELU(per_channel=yes) for one each")

    def weight_shapes(self, x: Shape) -> dict[str, tuple[int, ...]]:
        return {"weight": (x.channels if self.per_channel else 1,)}


class Elu(Elementwise):
    """`ELU(1.0)`: x, and α·(exp(x) − 1) below 0."""

    kind = "ELU"

    alpha: float = hyper(read.number, 1.0, positional=True)


class Celu(Elementwise):
    """`CELU(1.0)`: x, and α·(exp(x/α) − 1) below 0; its slope has no jump."""

    kind = "CELU"

    alpha: float = hyper(read.not_zero, 1.0, positional=True)


class Selu(Elementwise):
    """`SELU`: an ELU scaled so that activations keep mean 0 and variance 1."""

    kind = "SELU"


class Gelu(Elementwise):
    """`GELU`: x·Φ(x), Φ being the normal distribution function."""

    kind = "GELU"


class Silu(Elementwise):
    """`SILU`: x·sigmoid(x), also known as swish."""

    kind = "SILU"
    aliases = ("SWISH",)


class Mish(Elementwise):
    """`MISH`: x·tanh(softplus(x))."""

    kind = "MISH"


class ReLU6(Elementwise):
    """`RELU6`: min(max(0, x), 6)."""

    kind = "RELU6"


class HSwish(Elementwise):
    """`HSWISH`: x·relu6(x + 3)/6, MobileNetV3's cheap SILU."""

    kind = "HSWISH"
    aliases = ("HARDSWISH",)


class HSigmoid(Elementwise):
    """`HSIGMOID`: relu6(x + 3)/6, a cheap SIGMOID."""

    kind = "HSIGMOID"
    aliases = ("HARDSIGMOID",)


class Sigmoid(Elementwise):
    """`SIGMOID`: 1/(1 + exp(−x)), between 0 and 1."""

    kind = "SIGMOID"


class Tanh(Elementwise):
    """`TANH`: the hyperbolic tangent, between −1 and 1."""

    kind = "TANH"


class Softplus(Elementwise):
    """`SOFTPLUS`: log(1 + exp(x)), a smooth ReLU."""

    kind = "SOFTPLUS"


class Softmax(Elementwise):
    """`SOFTMAX`: exp(x)/Σ exp(x) over the channels, so that they add up to 1."""

    kind = "SOFTMAX"

    @classmethod
    def torch_habit(cls, positional: list[Any], x: Shape) -> Habit | None:
        hint = f"{cls.kind} always runs over the channels (PyTorch's dim=1): write {cls.kind}"
        change = Change(f"write {cls.kind}", {"#0": None}, safe=True)
        return Habit(hint, (change,) if positional == [1] else ())


class LogSoftmax(Softmax):
    """`LOGSOFTMAX`: the logarithm of SOFTMAX."""

    kind = "LOGSOFTMAX"
