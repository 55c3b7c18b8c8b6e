"""Shapes for the comments behind modules: `96@55x55`, over a loop's copies `64@112x112 … 512@7x7`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from cnndsl.network import LayerNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnndsl.emit.scope import Occ
    from cnndsl.network import Node
    from cnndsl.shape import Shape

#: Kinds whose shape is always worth a comment; others get one where they change it.
_SHOWN = {"CONV", "TCONV", "POOL"}


def comment(occs: Sequence[Occ]) -> str:
    """The shapes that leave a step, where they are the same wherever the class is used.

    None of a vector, whose length stands in its FC.
    """
    if not any(worth_showing(occ.node) for occ in occs) or any(occ.node.output.rank == 0 for occ in occs):
        return ""
    return _agreed([(occ.use, str(occ.node.output)) for occ in occs])


def flat_comment(occs: Sequence[Occ]) -> str:
    """The product that a flatten forms: `256·6·6 = 9216`."""
    maps = [(occ.use, occ.node.input) for occ in occs if occ.node.input.rank]
    return _agreed([(use, product(shape)) for use, shape in maps if shape.numel != shape.channels])


def worth_showing(node: Node) -> bool:
    return not isinstance(node, LayerNode) or node.kind.kind in _SHOWN or node.output != node.input


def product(shape: Shape) -> str:
    return f"{shape.factors} = {shape.numel}"


def _agreed(texts: Iterable[tuple[int, str]]) -> str:
    """What all uses have in common: one text, or a sequence over the copies of a loop."""
    by_use: dict[int, list[str]] = {}
    for use, text in texts:
        by_use.setdefault(use, []).append(text)
    sequences = {tuple(text for text, _ in groupby(found)) for found in by_use.values()}
    if len(sequences) != 1:
        return ""
    (sequence,) = sequences
    return ", ".join(sequence) if len(sequence) < 3 else f"{sequence[0]} … {sequence[-1]}"
