"""What the items of a stage are called: `CONV(96, 11x11, s=4)`, `Bottleneck(64) ×3`, `sum of 2 paths`.

`room` is what a text may take before it is shortened: none for names alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from cnndsl.analysis.stages import Item, visible_parts
from cnndsl.layers import Input
from cnndsl.network import BlockNode, ChainNode, LayerNode, Node, ParallelNode, TapNode
from cnndsl.render.text import cut, shown
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.layers import Layer
    from cnndsl.network import Network

#: Arguments that a layer is known by, beside those by position.
SHOWN = {"stride", "dilation", "groups", "scale", "factor"}
#: Longer texts of groups and parallel paths are told by their names, or their number.
USUAL = 44
BRIEF, WHOLE = 0, 2_000
#: Uses of a block that are shown.
MAX_USES = 3
_JOINED = {"+": "sum", "|": "concatenation", "⊙": "product"}


def item_text(item: Item, room: int = USUAL, *, counted: bool = True) -> str:
    """`CONV(64, 3x3) ×2`; with no room blocks go by their name alone."""
    text = "FLATTEN" if item.implied else node_text(item.node, room)
    return f"{text} ×{item.count}" if counted and item.count > 1 else text


def node_text(node: Node, room: int = USUAL) -> str:
    match node:
        case LayerNode():
            return short(node.layer) if node.layer else cut(node.span.brief, USUAL)
        case BlockNode():
            return use_text(node) if room else node.block.name
        case ParallelNode():
            return _paths(node, room)
        case TapNode():
            return node.name
        case ChainNode():
            return f"[{_path(node, room)}]"
    return cut(node.span.brief, USUAL)


def short(layer: Layer) -> str:
    """A layer as the slides name it, without padding and bias: `CONV(96, 11x11, s=4)`."""
    arguments = layer.arguments(SHOWN)
    return f"{layer.kind}({arguments})" if arguments and not isinstance(layer, Input) else layer.kind


def use_text(node: BlockNode) -> str:
    """A use of a block, without what is at its default: `Bottleneck(128, s=2)`."""
    texts = []
    for param in node.block.syntax.params:
        value, default = node.arguments.get(param.name), param.default
        if not (isinstance(default, ast.Number | ast.Flag | ast.String) and default.value == value):
            texts.append(f"{param.name}={shown(value)}" if default else shown(value))
    return f"{node.block.name}({', '.join(texts)})" if texts else node.block.name


def _paths(node: ParallelNode, room: int) -> str:
    """`{ TCONV(512, 2x2, s=2) | e[3] }`, or where that is long `sum of 2 paths`."""
    paths = [_path(branch, room) or "ID" for branch in node.branches]
    text = f"{{ {f' {node.operator} '.join(paths)} }}"
    return text if len(text) <= room else f"{_JOINED[node.operator]} of {len(paths)} paths"


def _path(node: Node, room: int) -> str:
    """What is in a part: layers that learn, pool or change the shape, and blocks, equal ones as one."""
    parts = [Item(part, times, part.totals, part.output) for part, times in visible_parts(node)]
    text = " → ".join(item_text(part, room) for part in parts)
    if len(text) <= room:
        return text
    runs = groupby(parts, key=lambda part: item_text(part, BRIEF, counted=False))
    counts = [(name, sum(part.count for part in alike)) for name, alike in runs]
    return cut(" → ".join(f"{name} ×{count}" if count > 1 else name for name, count in counts), USUAL)


def blocks_in(networks: Iterable[Network]) -> Iterator[tuple[str, str]]:
    """Uses of each block that is shown, and what is in them: those that differ in more than numbers."""
    seen: dict[tuple[str, str], set[str]] = {}
    for node in (node for network in networks for node in _uses(network)):
        inside = _path(node.body, WHOLE)
        known = seen.setdefault((node.block.name, node.block.program.source.name), set())
        structure = re.sub(r"\d+", "", inside)
        if structure not in known and len(known) < MAX_USES:
            known.add(structure)
            yield use_text(node), inside


def _uses(network: Network) -> Iterator[BlockNode]:
    """The uses of blocks that are shown, on their own or in a group."""
    for part, _ in visible_parts(network.main):
        for node in (part, *(inner for inner, _ in visible_parts(part))):
            if isinstance(node, BlockNode):
                yield node
