"""How weights start, in PyTorch: the last lines of the network's `__init__`.

for module in self.modules():
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from cnndsl.analysis.way import nodes
from cnndsl.elaborate.initial import initialisation
from cnndsl.emit.classes import spelt
from cnndsl.emit.layout import indented
from cnndsl.emit.options import Options
from cnndsl.emit.torch_rows import literal
from cnndsl.layers.initial import NORMS, Initialisation, Recipe
from cnndsl.network import LayerNode, Network
from cnndsl.source import Source
from cnndsl.syntax.parse import parse_initials


def init_lines(networks: list[Network], options: Options, module: str) -> list[str]:
    """The statements that give weights their first values; `module` is a variable for them.

    Raises Located where the option that replaces what the file says cannot be understood.
    """
    init = networks[0].init
    if options.init:
        init = initialisation(parse_initials(Source("--init", options.init)), networks[0].program)
    groups = _groups(init, networks) if init else {}
    lines: list[str] = []
    for (call, _), found in groups.items():
        names = " | ".join(sorted(found.classes))
        word = "elif" if lines else "if"
        lines += [f"{word} isinstance({module}, {names}):", *indented(_values(call, found, module))]
    return ["", f"for {module} in self.modules():", *indented(lines)] if lines else []


class _Group(NamedTuple):
    """The modules of one recipe: their classes; whether each has a weight, and a bias that starts at 0."""

    classes: set[str]
    weights: list[bool]
    biases: list[bool]


def _groups(init: Initialisation, networks: list[Network]) -> dict[tuple[str, bool], _Group]:
    """For each call that is to be written, and whether it is for norms, the modules that it is for."""
    groups: dict[tuple[str, bool], _Group] = {}
    for node in _layers(networks):
        recipe = init.recipes.get(node.kind.kind)
        if recipe is None or recipe.method == "torch":
            continue
        assert node.layer is not None and node.input is not None, "only checked networks are written"
        shapes, norm = node.layer.weight_shapes(node.input), node.kind.kind in NORMS
        group = groups.setdefault((ROWS[recipe.method](recipe), norm), _Group(set(), [], []))
        group.classes.add(spelt(node)[-1].partition("(")[0])
        group.weights.append("weight" in shapes)
        group.biases.append("bias" in shapes and not norm)
    return {key: group for key, group in groups.items() if any(group.weights)}


def _layers(networks: Iterable[Network]) -> Iterator[LayerNode]:
    for network in networks:
        yield from (node for node in nodes(network) if isinstance(node, LayerNode))


def _values(call: str, group: _Group, module: str) -> list[str]:
    """The first values of one of a group's modules."""
    lines = [call.replace("module.", f"{module}.")]
    if not all(group.weights):
        lines = [f"if {module}.weight is not None:", *indented(lines)]
    if any(group.biases):
        lines += [f"if {module}.bias is not None:", *indented([f"nn.init.zeros_({module}.bias)"])]
    return lines


# ---- a row for each method


def _call(name: str, *arguments: str, **named: tuple[str, str]) -> str:
    given = [f"{keyword}={text}" for keyword, (text, default) in named.items() if text != default]
    return f"nn.init.{name}({', '.join(('module.weight', *arguments, *given))})"


def _he(distribution: str) -> Callable[[Recipe], str]:
    def row(recipe: Recipe) -> str:
        slope = recipe.values["slope"]
        mode = (f'"{recipe.fan}"', '"fan_in"')
        if slope:
            return _call(f"kaiming_{distribution}_", a=(literal(slope), "0"), mode=mode)
        return _call(f"kaiming_{distribution}_", mode=mode, nonlinearity=('"relu"', ""))

    return row


def _gain(name: str) -> Callable[[Recipe], str]:
    return lambda recipe: _call(name, gain=(literal(recipe.values["gain"]), "1.0"))


def _normal(recipe: Recipe) -> str:
    values = recipe.values
    return _call("normal_", mean=(literal(values["mean"]), "0.0"), std=(literal(values["std"]), "1.0"))


def _truncated(recipe: Recipe) -> str:
    """PyTorch cuts at numbers, which are two standard deviations here."""
    mean, std = recipe.values["mean"], recipe.values["std"]
    return _call(
        "trunc_normal_",
        mean=(literal(mean), "0.0"),
        std=(literal(std), "1.0"),
        a=(_end(mean - 2 * std), "-2.0"),
        b=(_end(mean + 2 * std), "2.0"),
    )


def _end(value: float) -> str:
    """A sum without the last digit's noise: 0.3, not 0.30000000000000004."""
    return literal(float(f"{value:.12g}"))


def _uniform(recipe: Recipe) -> str:
    bound = recipe.values["bound"]
    return _call("uniform_", literal(-bound), literal(bound))


ROWS: dict[str, Callable[[Recipe], str]] = {
    "he": _he("normal"),
    "he_uniform": _he("uniform"),
    "glorot": _gain("xavier_normal_"),
    "glorot_uniform": _gain("xavier_uniform_"),
    "lecun": lambda recipe: _call("kaiming_normal_", nonlinearity=('"linear"', "")),
    "orthogonal": _gain("orthogonal_"),
    "normal": _normal,
    "truncated": _truncated,
    "uniform": _uniform,
}
