"""How weights start, explained: of a layer with its numbers, and all methods on a page."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt
from typing import Any

from cnndsl.explain.formula import Fact, Formula, fact, number
from cnndsl.layers import REQUIRED, Layer
from cnndsl.layers.initial import METHODS, Recipe, fans
from cnndsl.shape import Shape

PAGE = """# init
How the weights of a network start. The first method is for all of CONV, TCONV and FC, whose biases then
start at 0; others are for single kinds. Norm layers start at a scale of 1 and a shift of 0 unless they are
named. Without `init` all starts as PyTorch has it; `cnndsl build --init METHOD` replaces what the file says.

```cnn good
init he(fan_out), FC = normal(0.01)
INPUT(3@32x32) → CONV(64, 3x3, p=1) → BN → ReLU → GAP → FC(10)
```

"""

LETTERS = """
n is the fan-in, how many values of the weight an output adds up: C·w·h for filters that span C channels,
the inputs of an FC. m is the fan-out, D·w·h for D filters, the outputs of an FC; with `fan_out`, n is
that. Both are counted on the weight as PyTorch does; that of a TCONV has its axes the other way round.
"""


def page() -> str:
    """The page of `init`, as Markdown."""
    return PAGE + "\n".join(_items()) + "\n" + LETTERS


def _items() -> Iterator[str]:
    for name, method in METHODS.items():
        needed = ", ".join(word for word, value in method.arguments.items() if value is REQUIRED)
        others = [f"{word}={value:g}" for word, value in method.arguments.items() if isinstance(value, float)]
        shown = ", ".join([*([needed] if needed else []), *(["fan_in"] if method.fan else []), *others])
        source = f" ({method.source})" if method.source else ""
        std = f"; std = {method.formula}" if method.formula != "std" else ""
        yield f"- `{name}{f'({shown})' if shown else ''}`: {method.says}{std}{source}"


def start(layer: Layer, x: Shape, recipe: Recipe) -> Iterator[Fact]:
    """How the weights of a layer start, worked."""
    weight, method = layer.weight_shapes(x).get("weight", ()), METHODS[recipe.method]
    if not weight or not all(type(size) is int for size in weight):
        return
    yield Fact("method", text=f"{recipe}: {method.says}{_from(method.source)}")
    letters: dict[str, Any] = {name: _whole(value) for name, value in recipe.values.items()}
    letters["rows"] = weight[0]
    if method.sized or recipe.method == "torch":
        by_name = dict(zip(("fan-in", "fan-out"), fans(weight), strict=True))
        own = "fan-out" if recipe.fan == "fan_out" else "fan-in"
        letters |= {"n": by_name[own], "m": by_name["fan-out"]}
        for letter, name in (("n", own), ("m", "fan-out")):
            if letter in recipe.formula.replace("max", ""):
                factors = weight[1:] if name == "fan-in" else (weight[0], *weight[2:])
                yield Fact(name, _product(letter, factors))
    std = recipe.std(weight)
    shown = float(f"{std:.4g}")
    yield fact("std", recipe.formula, letters, shown) if recipe.formula != "std" else _plain(shown)
    if "uniform" in method.says:
        yield Fact("between", text=f"±{number(float(f'{sqrt(3) * std:.4g}'))}")
    if layer.biases(x) and recipe.method != "torch":
        yield Fact("biases", text="0")


def _plain(std: float) -> Fact:
    return Fact("std", text=number(std))


def _whole(value: float) -> float:
    return int(value) if value.is_integer() else value


def _from(source: str) -> str:
    return f" ({source})" if source else ""


def _product(letter: str, factors: tuple[int, ...]) -> Formula:
    return Formula(letter, "·".join(map(number, factors)), number(prod(factors)))
