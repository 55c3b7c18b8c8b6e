"""How a shape comes about: the steps from the input that change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import first_words
from cnndsl.explain.costs import costs
from cnndsl.explain.explanation import Passed
from cnndsl.explain.formula import number
from cnndsl.explain.kinds import ROWS
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)

if TYPE_CHECKING:
    from cnndsl.explain.find import Level
    from cnndsl.layers import Layer
    from cnndsl.shape import Shape

#: A longer way is shown by its ends.
MAX_STEPS = 40

JOINS = {"+": "sum", "|": "concatenation", "⊙": "product"}


def trace(way: Sequence[Level]) -> list[Passed]:
    """The steps from the input to the end of a way that change the shape."""
    steps = [step for level in way for node, index in level.passed for step in _passed(node, index)]
    if len(steps) > MAX_STEPS:
        steps[MAX_STEPS // 2 : -MAX_STEPS // 2] = [Passed("…", "", "", "")]
    return steps


def _passed(node: Node, index: str) -> Iterator[Passed]:
    """The lines of a node; one that hands on the shape that arrives has none."""
    match node:
        case TapNode():
            yield Passed(node.name, "taken up here", "", str(node.output or "?"))
        case _ if node.output == node.input and not _is_input(node):
            return
        case LayerNode() if node.layer and node.input and node.output:
            size = worked_size(node.layer, node.input, node.output) if node.known else ""
            yield Passed(f"{node.name}{index}", str(node.layer), size, str(node.output))
        case BlockNode() | LabelNode():
            yield Passed(f"{node.name}{index}", _block(node), "", str(node.output or "?"))
        case ParallelNode():
            yield Passed("", joined(node), join_sum(node), str(node.output or "?"))
        case ChainNode():
            for part in node.parts:
                yield from _passed(part, index)
        case RepeatNode():
            for run in node.runs:
                yield from _passed(run.body, f"{index}[{run.first}]")
        case ChoiceNode(body=Node() as body):
            yield from _passed(body, index)
        case _:  # an error leaves it without a size
            name = node.name if isinstance(node, LayerNode) else first_words(node.span)
            yield Passed(f"{name}{index}", _layer(node), "", str(node.output or "?"))


def _layer(node: Node) -> str:
    return str(node.layer or "") if isinstance(node, LayerNode) else ""


def _is_input(node: Node) -> bool:
    return isinstance(node, LayerNode) and node.kind.kind == "INPUT"


def _block(node: BlockNode | LabelNode) -> str:
    return node.block.name if isinstance(node, BlockNode) else ""


def joined(node: ParallelNode) -> str:
    return f"{JOINS[node.operator]} of {len(node.branches)} paths"


def join_sum(node: ParallelNode) -> str:
    """Where paths are concatenated, the sum of their channels: `64 + 128 + 32 + 32 = 256`."""
    channels = [branch.output.channels for branch in node.branches if branch.output]
    if node.operator != "|" or node.output is None:
        return ""
    return f"{' + '.join(map(str, channels))} = {node.output.channels}"


#: Lines of a layer's size that are on the way to it: what they come to is no size of the output.
_BESIDE = ("padding by", "values per channel", "first window")


def worked_size(layer: Layer, x: Shape, y: Shape) -> str:
    """The arithmetic of a layer's extents in one line: `(227 + 2·0 − 11)/4 + 1 = 55`; "" if unknown."""
    if "?" in f"{x}{y}":
        return ""
    facts = [one for one in ROWS[layer.kind].sizes(layer, x, y) if one.formula]
    facts = [one for one in facts if not one.label.startswith(_BESIDE)]
    sizes = [one.formula for one in facts if one.formula and one.formula.numbers != one.formula.result]
    return ", ".join(f"{formula.numbers} = {formula.result}" for formula in sizes)


def worked_parameters(layer: Layer, x: Shape, y: Shape) -> str:
    """A layer's weights and biases: `96·11·11·3 + 96 = 34 944`; "" if it learns nothing."""
    found = {one.label: one.formula for one in costs(layer, x, y) if one.formula}
    parts = [formula for label in ("weights", "biases") if (formula := found.get(label))]
    if not parts:
        return ""
    sum_ = " + ".join(formula.numbers for formula in parts)
    return f"{sum_} = {number(layer.weights(x) + layer.biases(x))}"
