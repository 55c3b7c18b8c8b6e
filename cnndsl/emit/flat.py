"""The flat style: a network layer by layer, as one would write it from the table.

    self.conv1 = nn.Conv2d(3, 96, 11, stride=4)  # 96@55x55
    …
    x = self.conv1(x)

A module is called as its row's path: `block2[0].conv1` is `self.block2_0_conv1`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cnndsl.analysis.rows import Part, Place
from cnndsl.emit.classes import spelt
from cnndsl.emit.comments import product, worth_showing
from cnndsl.emit.names import MODULE_ATTRIBUTES, Namespace
from cnndsl.emit.nets import first_shape, starts_with_input
from cnndsl.emit.steps import FLATTEN
from cnndsl.emit.torch_helpers import OWN_NAMES
from cnndsl.emit.torch_rows import Texts
from cnndsl.emit.uses import taps
from cnndsl.layers import Input
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Network,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)
from cnndsl.shape import Shape

#: Variables for the paths of a join, and for those of joins within paths.
_LETTERS = "yzuvw"


class _Lines:
    """Statements, with an empty line where one block ends and another begins."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._group: Part | None = None

    def add(self, line: str, parts: tuple[Part, ...]) -> None:
        group = parts[0] if len(parts) > 1 else None
        if group != self._group and self.lines:
            self.lines.append("")
        self._group = group
        self.lines.append(line)


class _Here(NamedTuple):
    """Where a step stands: its path, the labels there, those taken up later, the joins around it."""

    place: Place
    labels: dict[str, str]  # each with the variable that keeps it
    wanted: set[str]
    depth: int = 0

    def at(self, place: Place) -> _Here:
        return self._replace(place=place)


class FlatNet:
    """Writes one network: the lines of `__init__` and of `forward`."""

    def __init__(self, network: Network) -> None:
        self._chains = {chain.name: chain for chain in network.chains}
        self._attributes = Namespace(MODULE_ATTRIBUTES)
        self._variables = Namespace({*OWN_NAMES, "self", "x"})
        self._init, self._forward = _Lines(), _Lines()
        self._results: dict[str, str] = {}
        self.expressions: list[str] = []
        others = [name for name in network.program.lets if name in self._chains]
        own = [name for name in others if starts_with_input(self._chains[name].node)]
        #: The argument of `forward` for each chain that starts with an INPUT, the main one first.
        self.inputs = {"": "x"} | {name: self._variables.fresh(name) for name in own}
        self.shapes = [_sizes(first_shape(self._chains[name].node)) for name in self.inputs]
        self._here = _Here(Place(), {}, taps([chain.node for chain in network.chains]))
        self.outputs = [chain.name for chain in network.chains if chain.kind == "output"]
        results = [self._chain(name) for name in ("", *self.outputs)]
        self.init, self.forward = self._init.lines, [*self._forward.lines, f"return {', '.join(results)}"]

    def _chain(self, name: str) -> str:
        """The variable that holds a chain's output; its statements where it is first taken up."""
        if name not in self._results:
            variable = self.inputs.get(name) or self._variables.fresh(name)
            value = self._step(self._chains[name].node, self._here, variable, variable)
            self._results[name] = value if name else self._settled(value, variable, Place())
        return self._results[name]

    def _settled(self, value: str, variable: str, place: Place) -> str:
        """The same value in `variable`."""
        if value != variable:
            self._say(f"{variable} = {value}", place)
        return variable

    def _say(self, line: str, place: Place) -> None:
        self._forward.add(line, place.parts(""))

    # ---- steps: each sends `value` on and returns what holds the result; it may assign to `variable`

    def _step(self, node: Node, here: _Here, value: str, variable: str) -> str:
        match node:
            case LayerNode():
                return self._kept(node, here, self._layer(node, here, value, variable), here.place)
            case BlockNode():
                result = self._block(node, here, value, variable)
                return self._kept(node, here, result, here.place.inside(node.name))
            case LabelNode():
                inside = here.at(here.place.inside(node.name))
                result = self._step(node.body, inside, value, variable)
                return self._kept(node, here, result, inside.place)
            case TapNode():
                return here.labels[node.name] if node.name in here.labels else self._chain(node.name)
            case ChainNode():
                for part in node.parts:
                    value = self._step(part, here, value, variable)
            case RepeatNode():
                for run in node.runs:
                    for number in range(run.first, run.first + run.copies):
                        copy = here.at(here.place.repeated(number, 1))
                        value = self._step(run.body, copy, value, variable)
            case ChoiceNode(body=Node() as body):
                return self._step(body, here, value, variable)
            case ParallelNode():
                return self._join(node, here, value, variable)
        return value

    def _kept(self, node: LayerNode | BlockNode | LabelNode, here: _Here, value: str, place: Place) -> str:
        """Keep the value of a label that a later path takes up."""
        if node.name in here.wanted:
            if node.name not in here.labels:
                here.labels[node.name] = self._variables.fresh(plain(node.name))
            self._say(f"{here.labels[node.name]} = {value}", place)
        return value

    def _block(self, node: BlockNode, here: _Here, value: str, variable: str) -> str:
        inside = _Here(here.place.inside(node.name), {}, taps([node.body]), here.depth)
        result = self._step(node.body, inside, value, variable)
        own = inside.labels.values()
        result = self._settled(result, variable, inside.place) if result in own else result
        for name in own:
            self._variables.release(name)
        return result

    def _layer(self, node: LayerNode, here: _Here, value: str, variable: str) -> str:
        assert node.layer is not None and node.input is not None, "only checked networks are written"
        if node.kind is Input:
            return value
        x, parts = node.input, here.place.parts(node.name)
        if node.flattens:
            value, x = self._flatten(x, here, value, variable), Shape(x.numel)
        *before, last = spelt(node, Texts(node.layer, str(x.channels))) or [""]
        for expression in before:
            value = self._module(expression, "pad", parts, node, here, value, variable)
        return self._module(last, "", parts, node, here, value, variable) if last else value

    def _module(
        self,
        expression: str,
        suffix: str,
        parts: tuple[Part, ...],
        node: LayerNode,
        here: _Here,
        value: str,
        variable: str,
    ) -> str:
        """A module of its own; a flatten is a call in `forward`."""
        assert node.input is not None, "only checked networks are written"
        if expression == FLATTEN:
            return self._flatten(node.input, here, value, variable)
        self.expressions.append(expression)
        path = ".".join(map(str, parts)) + (f".{suffix}" if suffix else "")
        attribute = self._attributes.fresh(plain(path))
        shown = worth_showing(node) and node.output and node.output.rank and not suffix
        note = f"  # {node.output}" if shown else ""
        self._init.add(f"self.{attribute} = {expression}{note}", parts)
        self._say(f"{variable} = self.{attribute}({value})", here.place)
        return variable

    def _flatten(self, x: Shape, here: _Here, value: str, variable: str) -> str:
        note = f"  # {product(x)}" if x.numel != x.channels else ""
        self._say(f"{variable} = torch.flatten({value}, 1){note}", here.place)
        return variable

    # ---- joins

    def _join(self, node: ParallelNode, here: _Here, value: str, variable: str) -> str:
        inside = here._replace(depth=here.depth + 1)
        names = self._branch_names(node, here.depth)
        values = [self._step(branch, inside, value, name or variable) for branch, name in names]
        if node.operator == "|":
            note = f"  # {node.output}" if node.output and node.output.rank else ""
            joined = f"torch.cat([{', '.join(values)}], dim=1){note}"
        else:
            joined = {"+": " + ", "⊙": " * "}[node.operator].join(values)
        self._say(f"{variable} = {joined}", here.place)
        for _, name in names:
            self._variables.release(name)
        return variable

    def _branch_names(self, node: ParallelNode, depth: int) -> list[tuple[Node, str]]:
        """The paths, each with a variable of its own if it computes anything: `y`, or `y1`, `y2`, …"""
        letter, working = _LETTERS[depth % len(_LETTERS)], [works(branch) for branch in node.branches]
        names, count = [], 0
        for branch, at_work in zip(node.branches, working, strict=True):
            count += at_work
            wanted = f"{letter}{count}" if sum(working) > 1 else letter
            names.append((branch, self._variables.fresh(wanted) if at_work else ""))
        return names


def _sizes(shape: Shape) -> tuple[int, ...]:
    return (shape.channels, *shape.extents)


def works(node: Node) -> bool:
    """Whether a path computes anything: it is not the identity, nor a label alone."""
    match node:
        case LayerNode():
            return node.kind is not Input and (node.flattens or bool(spelt(node)))
        case TapNode():
            return False
        case ParallelNode():
            return True
    return any(works(inner) for inner in node.inside)


def plain(path: str) -> str:
    """A path as the name of an attribute: `block2[0].conv1` is `block2_0_conv1`."""
    return re.sub(r"[.\[]", "_", path).replace("]", "")
