"""Two streams of channels, as AlexNet has on its two GPUs: the lines that join them, or do not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from cnndsl.drawing.flow import words
from cnndsl.layers import (
    FC,
    APool,
    Conv,
    Crop,
    Elementwise,
    Flatten,
    GroupNorm,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    Pad,
    PixelShuffle,
    Pool,
    Reshape,
    Softmax,
    TConv,
    Upsample,
)
from cnndsl.layers.pool import WholeMap
from cnndsl.network import LayerNode, Node

if TYPE_CHECKING:
    from cnndsl.drawing.flow.placing import Way
    from cnndsl.drawing.flow.stages import Stage
    from cnndsl.drawing.flow.strip import Figure

#: Kinds beside the element-wise ones of which each half of the output is made of one half of what arrives.
_APART = (Pool, APool, WholeMap, Upsample, Pad, Crop, Flatten, Reshape, PixelShuffle)
#: Element-wise kinds that compare channels.
_MIXING = (LayerNorm, Softmax)


def has_streams(row: Sequence[Stage]) -> bool:
    """Whether some layer works on two halves of its channels."""
    return any(isinstance(stage.layer, Conv | TConv) and stage.layer.groups == 2 for stage in row)


def streams(row: Sequence[Stage]) -> list[int]:
    """For each stage how many figures it has: two for those between input and output, where they can be."""
    split = has_streams(row)
    return [
        2 if split and 0 < number < len(row) - 1 and (words.channels(stage) or 1) % 2 == 0 else 1
        for number, stage in enumerate(row)
    ]


def notes(row: Sequence[Stage]) -> list[str]:
    """What the lines do not show: a local normalisation reads some channels across the middle."""
    halves = [stage for stage, parts in zip(row, streams(row), strict=True) if parts > 1]
    layers = [_layer(node) for stage in halves for node in stage.extras]
    most = max((layer.size // 2 for layer in layers if isinstance(layer, LocalResponseNorm)), default=0)
    return [f"LRN also reads up to {most} channels of the other stream"] if most else []


def lines(before: Stage, after: Stage, one: Figure, other: Figure) -> list[Way]:
    """Between the ports of two figures: of each stream where its channels stay apart, else between all."""
    apart = len(one.ports) == len(other.ports) and keeps_apart(before, after)
    pairs = zip(one.ports, other.ports, strict=True) if apart else product(one.ports, other.ports)
    found: list[Way] = []
    for start, end in pairs:
        if start.window:
            found += [(corner, end.aim) for corner in start.window]
        else:
            found += zip(start.edge, end.face, strict=False)
    return found


def keeps_apart(before: Stage, after: Stage) -> bool:
    """Whether each half of a stage's channels is made of one half of those of the stage before it."""
    return all(_keeps(layer) for layer in (*map(_layer, before.extras), after.layer))


def _layer(node: Node) -> Layer | None:
    return node.layer if isinstance(node, LayerNode) else None


def _keeps(layer: Layer | None) -> bool:
    match layer:
        case Conv() | TConv() | GroupNorm():
            return layer.groups % 2 == 0
        case FC():
            return not layer.flatten
        case Elementwise():
            return not isinstance(layer, _MIXING)
    return isinstance(layer, _APART)
