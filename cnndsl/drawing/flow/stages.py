"""A network as the maps and vectors that its layers make, one after the other.

Layers that keep the size, such as activations, are told beside the map that they work on. Paths in parallel
do not fit into such a picture, save those that take up an earlier map of the same size, as a U-Net does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import Place, first_words
from cnndsl.drawing import labels
from cnndsl.drawing.flow.partial import inner_paths, partly_connected, scales_channels, selects
from cnndsl.layers import Conv, Crop, Elementwise, Flatten, Identity
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
    bare,
)
from cnndsl.record import Record, fresh

if TYPE_CHECKING:
    from cnndsl.drawing.faults import Faults
    from cnndsl.layers import Layer
    from cnndsl.shape import Shape

#: More maps than this do not fit side by side.
MAX_STAGES = 120


class Unfit(ValueError):
    """A network that cannot be drawn as a row of maps, and why."""


class Stage(Record):
    """A map or a vector, and the layer that makes it, with its name and its whole path.

    `extras` are layers behind it that keep its size. `joined` are the earlier stages that it takes up,
    of which one may be taken up `before` a layer behind it, and led through layers that are `skipped` here.
    An FC may be `flattened` by a layer of its own, and a stage may be `behind` one of unknown size.
    """

    node: Node
    output: Shape | None
    paths: list[str]
    layer: Layer | None = None
    kind: str = ""
    name: str = ""
    whole: str = ""
    extras: list[Node] = fresh(factory=list)
    joined: list[int] = fresh(factory=list)
    flattened: bool = False
    partly: bool = False
    skipped: list[LayerNode] = fresh(factory=list)
    before: list[Node] = fresh(factory=list)
    tip: str = ""
    fault: bool = False
    behind: bool = False

    @property
    def lost(self) -> bool:
        return self.output is None or self.output.unknown

    @property
    def window(self) -> tuple[int, ...] | None:
        """The kernel or the pool's window, where the layer has one."""
        layer = self.layer
        found: tuple[int, ...] | None = getattr(layer, "kernel", None) or getattr(layer, "window", None)
        return found

    @property
    def is_vector(self) -> bool:
        return self.output is not None and self.output.rank == 0


def stages(network: Network, faults: Faults) -> list[Stage]:
    """The stages of a network; raises Unfit where it is no row of maps."""
    if len(network.chains) > 1:
        raise Unfit("it has several chains")
    walk = _Walk(faults)
    walk.node(network.main, Place(), Place())
    walk.settle()
    if not walk.found:
        raise Unfit("it has no layers")
    _tell_apart(walk.found)
    return walk.found


def _tell_apart(found: list[Stage]) -> None:
    """Let stages with the name of another have their whole path."""
    counts = Counter(stage.name for stage in found)
    for stage in found:
        if stage.kind not in {"", "JOINT"} and counts[stage.name] > 1:
            stage.name = stage.whole


class _Walk:
    """Follows the chain, with two places: of the copy at hand, and as the table folds equal copies."""

    def __init__(self, faults: Faults) -> None:
        self.found: list[Stage] = []
        self._faults = faults
        self._labels: dict[str, tuple[int, int]] = {}  # stages, with how many of their extras
        self._flat: Stage | None = None  # a flatten that may belong to the FC behind it
        self._picked: list[str] = []  # paths of what only picks channels, for the layer behind it

    def node(self, node: Node, here: Place, folded: Place) -> None:
        match node:
            case ChainNode():
                for part in node.parts:
                    self.node(part, here, folded)
            case ChoiceNode():
                if node.body:
                    self.node(node.body, here, folded)
            case BlockNode() | LabelNode():
                self._inside(node, here, folded)
            case RepeatNode():
                self._repeat(node, here, folded)
            case ParallelNode():
                self._parallel(node, here, folded)
            case TapNode():
                raise Unfit("it takes up a map where there is no joint")
            case LayerNode():
                self._layer(node, here, folded)
                self._labels[node.name] = self._here()
            case _:
                paths = [folded.path(first_words(node.span))]
                self._add(Stage(node, None, paths, name=labels.written(node), tip=labels.written(node)))

    def _inside(self, node: BlockNode | LabelNode, here: Place, folded: Place) -> None:
        outer = self._labels
        if isinstance(node, BlockNode):
            self._labels = {}
        first = len(self.found)
        self.node(node.body, here.inside(node.name), folded.inside(node.name))
        self._labels = outer
        self._labels[node.name] = self._here()
        for stage in self.found[first:][-1:]:
            stage.paths.append(folded.path(node.name))
            stage.name = node.name if stage.partly else stage.name
            stage.fault = stage.fault or node in self._faults.at

    def _repeat(self, node: RepeatNode, here: Place, folded: Place) -> None:
        for run in node.runs:
            together = folded.repeated(run.first, run.copies)
            for number in range(run.first, run.first + run.copies):
                self.node(run.body, here.repeated(number, 1), together)
                if len(self.found) > MAX_STAGES:
                    raise Unfit(f"it has more than {MAX_STAGES} maps")

    def _parallel(self, node: ParallelNode, here: Place, folded: Place) -> None:
        """A convolution in parts, or a joint of one path with earlier maps."""
        if selects(node):
            self._picked += inner_paths(node, folded)
            return
        if layer := partly_connected(node):
            paths, self._picked = [*self._picked, *inner_paths(node, folded)], []
            tip = f"{node.input} → {node.output}: convolutions that see some of the maps each"
            self._add(Stage(node, node.output, paths, layer, "CONV", "convs", partly=True, tip=tip))
            return
        copies = [copy for branch in node.branches for copy in _copies(branch)]
        taps = [tap for tap, _ in copies]
        others = [branch for branch in node.branches if not [*_copies(branch)]]
        known = [place for tap in taps if (place := self._stage(tap))]
        if len(others) != 1 or len(known) < len(taps) or node.operator == "⊙":
            raise Unfit("it has paths in parallel")
        if self.found and (identity := _identity(others[0])):
            self.settle()
            self.found[-1].paths.append(folded.path(identity.name))
        else:
            self.node(others[0], here, folded)
        words = {"|": "concat", "+": "sum"}[node.operator]
        joint = Stage(node, node.output, [], kind="JOINT", name=words, tip=words)
        joint.joined = [number for number, _ in known]
        joint.before = [one for number, extras in known for one in self.found[number].extras[extras:]][:1]
        joint.skipped = [layer for _, layers in copies for layer in layers]
        joint.paths = [folded.path(layer.name) for layer in joint.skipped]
        self._add(joint)

    def _here(self) -> tuple[int, int]:
        """The last stage, and how many layers behind it there are so far."""
        return len(self.found) - 1, len(self.found[-1].extras) if self.found else 0

    def _stage(self, tap: TapNode) -> tuple[int, int] | None:
        """The stage that a tap takes up, and how many layers behind it stand before the tap."""
        number, extras = self._labels.get(tap.name, (-1, 0))
        fits = number >= 0 and self.found[number].output == tap.output
        return (number, extras) if fits else None

    def _layer(self, node: LayerNode, here: Place, folded: Place) -> None:
        path = here.path(node.name)
        paths = [folded.path(node.name)]
        if node.flattens and node.input and node.output:
            paths += [f"{each}.flatten" for each in paths]
        kept = node.output == node.input and (issubclass(node.kind, Elementwise) or scales_channels(node))
        if issubclass(node.kind, Flatten) and node not in self._faults.at:
            self.settle()
            self._flat = Stage(node, node.output, paths, node.layer, "FLATTEN", node.name, path, tip=path)
            return
        if kept and self.found and node not in self._faults.at:
            self.settle()
            self.found[-1].paths += paths
            self.found[-1].extras.append(node)
            return
        tip = labels.tip(node, path)
        name = str(here.parts(node.name)[-1])
        self._add(Stage(node, node.output, paths, node.layer, node.kind.kind, name, path, tip=tip))

    def _add(self, stage: Stage) -> None:
        if self._flat and stage.kind == "FC":
            stage.paths += self._flat.paths  # behind its own, which is the one that a page explains
            stage.flattened = True
            self._flat = None
        self.settle()
        stage.fault = stage.node in self._faults.at
        stage.behind = bool(self.found) and (self.found[-1].behind or self.found[-1].lost)
        self.found.append(stage)

    def settle(self) -> None:
        """Let a flatten be a stage of its own where no FC follows; raises Unfit for a pick of channels."""
        if self._picked:
            raise Unfit("it has paths in parallel")
        if self._flat:
            flat, self._flat = self._flat, None
            self._add(flat)


def _copies(branch: Node) -> Iterator[tuple[TapNode, list[LayerNode]]]:
    """The tap that a branch is, with the layers that fit it to what it joins; nothing of any other branch."""
    parts = branch.inside if isinstance(branch, ChainNode) else [branch]
    layers = [part for part in parts[1:] if isinstance(part, LayerNode) and _fits(part)]
    if isinstance(parts[0], TapNode) and len(layers) == len(parts) - 1:
        yield parts[0], layers


def _fits(node: LayerNode) -> bool:
    """Whether a layer changes no more than the border or the channels of a map."""
    if issubclass(node.kind, Conv):
        return (
            node.input is not None and node.output is not None and node.input.extents == node.output.extents
        )
    return issubclass(node.kind, Crop | Elementwise)


def _identity(branch: Node) -> LayerNode | None:
    """The ID that a branch is, if it is no more."""
    only = bare(branch)
    return only if isinstance(only, LayerNode) and issubclass(only.kind, Identity) else None
