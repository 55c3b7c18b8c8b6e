"""How weights start: the methods of `init`, and the standard deviation that each gives a layer.

>>> Recipe("he").std((96, 3, 11, 11))  # the weights of AlexNet's first layer
0.0742...

A weight's fan-in is how many of its values an output adds up, its fan-out how many an input goes
into, both counted on the weight as PyTorch does: D·w·h and C·w·h for D filters of C·w·h.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod, sqrt
from typing import NamedTuple

from cnndsl.diagnostics import Problem, did_you_mean
from cnndsl.layers.hyper import REQUIRED

#: The kinds whose weights a method given for all holds for; their biases start at 0.
WEIGHTED = ("CONV", "TCONV", "FC")
#: Kinds that can be named beside them; left alone they start at 1, and their shift at 0.
NORMS = ("BN", "GN", "LN", "INORM")

FANS = ("fan_in", "fan_out")
#: A normal distribution that is cut at two standard deviations has this part of its own.
CUT = 0.8796256610342398

Shape = tuple[int, ...]
Values = Mapping[str, float]


class Method(NamedTuple):
    """A method of `init`. `arguments` have their defaults; `fan` is for those with `fan_in` or `fan_out`.

    `formula` is the standard deviation, where n is the fan that counts and m the other one, `std` the
    same computed; `source` is where it is from. `sized` methods follow from a weight's shape; that of a
    norm layer is one number a channel.
    """

    says: str
    formula: str
    std: Callable[[Values, Shape, float], float]
    source: str = ""
    arguments: Mapping[str, float | object] = {}
    fan: bool = False
    sized: bool = True


def fans(weight: Shape) -> tuple[int, int]:
    """The fan-in and fan-out of a weight: `(out, in, *kernel)`."""
    return prod(weight[1:]), weight[0] * prod(weight[2:])


def _he(values: Values, weight: Shape, fan: float) -> float:
    return sqrt(2 / ((1 + values["slope"] ** 2) * fan))


def _glorot(values: Values, weight: Shape, fan: float) -> float:
    return values["gain"] * sqrt(2 / sum(fans(weight)))


def _orthogonal(values: Values, weight: Shape, fan: float) -> float:
    return values["gain"] / sqrt(max(weight[0], prod(weight[1:])))


_HE = "He et al. 2015, Delving deep into rectifiers"
_GLOROT = "Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks"
_UNIFORM = "uniform between ±√3·std"

METHODS: dict[str, Method] = {
    "he": Method("normal", "√(2/((1 + slope²)·n))", _he, _HE, {"slope": 0.0}, fan=True),
    "he_uniform": Method(_UNIFORM, "√(2/((1 + slope²)·n))", _he, _HE, {"slope": 0.0}, fan=True),
    "glorot": Method("normal", "gain·√(2/(n + m))", _glorot, _GLOROT, {"gain": 1.0}),
    "glorot_uniform": Method(_UNIFORM, "gain·√(2/(n + m))", _glorot, _GLOROT, {"gain": 1.0}),
    "lecun": Method(
        "normal",
        "√(1/n)",
        lambda values, weight, fan: sqrt(1 / fan),
        "LeCun et al. 1998, Efficient BackProp",
    ),
    "orthogonal": Method(
        "a matrix with orthogonal rows or columns, a row of n for each filter",
        "gain·√(1/max(n, rows))",
        _orthogonal,
        "Saxe et al. 2014, Exact solutions to the nonlinear dynamics of learning in deep linear networks",
        {"gain": 1.0},
    ),
    "normal": Method(
        "normal around the mean",
        "std",
        lambda values, weight, fan: values["std"],
        "",
        {"std": REQUIRED, "mean": 0.0},
        sized=False,
    ),
    "truncated": Method(
        "normal around the mean, cut at two standard deviations",
        "0.8796·std",
        lambda values, weight, fan: CUT * values["std"],
        "",
        {"std": REQUIRED, "mean": 0.0},
        sized=False,
    ),
    "uniform": Method(
        "uniform between −bound and bound",
        "bound/√3",
        lambda values, weight, fan: values["bound"] / sqrt(3),
        "",
        {"bound": REQUIRED},
        sized=False,
    ),
    "torch": Method(
        "uniform between ±√(1/n), and biases alike: PyTorch's own",
        "√(1/(3·n))",
        lambda values, weight, fan: sqrt(1 / (3 * fan)),
        "",
        sized=False,
    ),
}

#: What methods are called elsewhere.
CALLED = {
    "kaiming": "he",
    "kaiming_normal": "he",
    "kaiming_uniform": "he_uniform",
    "msra": "he",
    "xavier": "glorot",
    "xavier_normal": "glorot",
    "xavier_uniform": "glorot_uniform",
    "gaussian": "normal",
    "trunc_normal": "truncated",
    "truncated_normal": "truncated",
    "default": "torch",
    "pytorch": "torch",
}


class Recipe(NamedTuple):
    """A method with its arguments. `given` are those that it was given, by name."""

    method: str
    given: Mapping[str, float] = {}
    fan: str = "fan_in"

    @property
    def values(self) -> dict[str, float]:
        """All arguments, defaults among them."""
        spec = METHODS[self.method].arguments
        defaults = {name: value for name, value in spec.items() if isinstance(value, float)}
        return {**defaults, **self.given}

    @property
    def formula(self) -> str:
        """The standard deviation in letters, without arguments that change nothing."""
        formula, values = METHODS[self.method].formula, self.values
        if not values.get("slope"):
            formula = formula.replace("((1 + slope²)·n)", "n")
        return formula.removeprefix("gain·") if values.get("gain") == 1 else formula

    def std(self, weight: Shape) -> float:
        """The standard deviation of a weight of this shape."""
        return METHODS[self.method].std(self.values, weight, fans(weight)[self.fan == "fan_out"])

    def __str__(self) -> str:
        """`he(fan_out)`, `normal(0.01)`, as the language writes it."""
        needed = {name for name, value in METHODS[self.method].arguments.items() if value is REQUIRED}
        shown = [self.fan] if self.fan != "fan_in" else []
        shown += [
            f"{value:g}" if name in needed else f"{name}={value:g}" for name, value in self.given.items()
        ]
        return f"{self.method}({', '.join(shown)})" if shown else self.method


class Initialisation(NamedTuple):
    """The recipes of a network by kind of layer; a kind without one starts as PyTorch has it."""

    recipes: Mapping[str, Recipe]
    text: str

    def __str__(self) -> str:
        return self.text


def method_called(name: str) -> str:
    """The method of that name; raises Problem with what it may have been meant to be."""
    word = name.lower()
    if word in METHODS:
        return word
    if here := CALLED.get(word):
        raise Problem("undefined", f"there is no method `{name}` for weights", f"it is called {here} here")
    near = did_you_mean(name, METHODS)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(METHODS)}"
    raise Problem("undefined", f"there is no method `{name}` for weights", hint)


def need_applicable(method: str, kind: str) -> None:
    """Raise Problem where the weights of a kind cannot start so."""
    if kind not in (*WEIGHTED, *NORMS):
        message = f"`init` has nothing to say of {kind}"
        raise Problem("argument-value", message, f"it is for {', '.join((*WEIGHTED, *NORMS))}")
    if kind in NORMS and METHODS[method].sized:
        message = f"{method} needs a fan-in, and {kind} has one weight for each channel"
        raise Problem("argument-value", message, "for example normal(0.02, mean=1)")
