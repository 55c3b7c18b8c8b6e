"""Convolutions of which each filter sees some of the maps, as C3 of LeNet-5: parallel paths as one layer."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.analysis.rows import Place
from cnndsl.layers import Conv, Identity, Layer, Slice
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Node,
    ParallelNode,
    RepeatNode,
)


def selects(node: Node) -> bool:
    """Whether a part only picks channels of what arrives: `{ SLICE(0, 2) | SLICE(3, 5) }`, `ID`."""
    match node:
        case LayerNode():
            return issubclass(node.kind, Slice | Identity)
        case ParallelNode(operator="|"):
            return all(map(selects, node.branches))
        case ChainNode() | BlockNode() | LabelNode() | ChoiceNode():
            return all(map(selects, node.inside))
    return False


def partly_connected(node: ParallelNode) -> Layer | None:
    """The convolution of paths that are concatenated: the same in all of them, each of some channels."""
    paths = [*_paths(node)]
    last = [path[-1] for path in paths if path]
    layers = [one.layer for one in last if isinstance(one, LayerNode) and isinstance(one.layer, Conv)]
    sliced = any(_slices(step) for path in paths for step in path)
    if not layers or len(layers) < len(paths) or not sliced or layers[0].groups > 1:
        return None
    if not all(selects(step) for path in paths for step in path[:-1]):
        return None
    same = {one.arguments().partition(",")[2] for one in layers}  # without the number of filters
    return layers[0] if len(same) == 1 else None


def _paths(node: Node) -> Iterator[list[Node]]:
    """The steps of each path that is concatenated; joints inside joints are parts of these."""
    steps = [*_steps(node)]
    if len(steps) == 1 and isinstance(steps[0], ParallelNode) and steps[0].operator == "|":
        for branch in steps[0].branches:
            yield from _paths(branch)
    else:
        yield steps


def _steps(node: Node) -> Iterator[Node]:
    if isinstance(node, ChainNode | BlockNode | LabelNode | ChoiceNode):
        for inner in node.inside:
            yield from _steps(inner)
    else:
        yield node


def _slices(node: Node) -> bool:
    return (isinstance(node, LayerNode) and node.kind is Slice) or any(map(_slices, node.inside))


def scales_channels(node: LayerNode) -> bool:
    """Whether a layer is a factor for each channel: `CONV(in.C, 1, g=in.C)`."""
    layer, x = node.layer, node.input
    if not isinstance(layer, Conv) or x is None or x.unknown or node.output != x:
        return False
    return set(layer.kernel) == {1} and layer.groups == x.channels


def inner_paths(node: Node, place: Place) -> Iterator[str]:
    """The paths of all layers and named parts inside a part that stands there."""
    if isinstance(node, LayerNode | BlockNode | LabelNode):
        yield place.path(node.name)
    match node:
        case BlockNode() | LabelNode():
            yield from inner_paths(node.body, place.inside(node.name))
        case RepeatNode():
            for run in node.runs:
                yield from inner_paths(run.body, place.repeated(run.first, run.copies))
        case _:
            for inner in node.inside:
                yield from inner_paths(inner, place)
