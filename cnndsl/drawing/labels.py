"""What is written on the drawing of a layer, which may stand for several that differ in their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnndsl.network import BlockNode, LayerNode, Node
from cnndsl.render.outline import use
from cnndsl.render.text import counted, grouped, visible

if TYPE_CHECKING:
    from cnndsl.shape import Shape

#: So much of a text that was not understood is quoted.
MAX_WRITTEN = 72
#: A formula longer than this is shown when the pointer is on the layer, and shortened in its box.
MAX_SIZE = 48


def call(nodes: Iterable[Node]) -> str:
    """The layer or the use of a block: with its numbers where all have the same, else as it is written."""
    found = {_call(node): node for node in nodes}
    if len(found) == 1:
        return next(iter(found))
    return written(next(iter(found.values())))


def agree(nodes: Iterable[Node]) -> bool:
    """Whether all have the same numbers."""
    return len({_call(node) for node in nodes}) == 1


def _call(node: Node) -> str:
    if isinstance(node, BlockNode):
        return visible(use(node))
    if isinstance(node, LayerNode) and node.layer:
        return visible(str(node.layer))
    return written(node)


def heading(blocks: Iterable[Node]) -> str:
    """A block with its numbers where all uses have the same, else with its parameters."""
    found = {_call(node): node for node in blocks}
    if len(found) == 1:
        return next(iter(found))
    block = next(iter(found.values()))
    assert isinstance(block, BlockNode)
    return f"{block.block.name}({', '.join(param.name for param in block.block.syntax.params)})"


def written(node: Node) -> str:
    """A step as the text has it."""
    text = visible(" ".join(node.span.text[:1000].split()))
    return text if len(text) <= MAX_WRITTEN else f"{text[: MAX_WRITTEN - 1]}…"


def size(nodes: Iterable[Node]) -> str:
    """The size that leaves: of all of them if they agree, `?` where it is unknown."""
    found = {size_of(node.output) for node in nodes}
    return found.pop() if len(found) == 1 else ""


def size_of(shape: Shape | None) -> str:
    """A shape; `?` where it is unknown."""
    if shape is None or shape.unknown:
        return "?"
    text = str(shape)
    return text if len(text) <= MAX_SIZE else f"{text[: MAX_SIZE - 1]}…"


def tip(node: Node, path: str) -> str:
    """What the pointer shows: the layer's path, its arithmetic and its costs."""
    lines = [f"{path}: {_call(node)}"]
    lines += [f"{node.input} → {node.output}"] if node.input and node.output else []
    if isinstance(node, LayerNode) and node.layer and node.input and node.known:
        lines += filter(None, [node.layer.sizes(node.input)])
    totals = node.totals
    if node.known and totals.params != 0:
        lines.append(counted(totals.params, "parameter") + f", {grouped(totals.macs)} MACs")
    return visible_lines(lines)


def visible_lines(lines: Iterable[str]) -> str:
    return " · ".join(map(visible, lines))
