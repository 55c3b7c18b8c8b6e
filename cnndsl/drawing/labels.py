"""What is written on the drawing of a layer, which may stand for several that differ in their numbers."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cnndsl.network import BlockNode, LabelNode, LayerNode, Node
from cnndsl.render.outline import use, use_of
from cnndsl.render.text import counted, grouped, shown, visible

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


def looks(node: Node) -> tuple[Hashable, ...]:
    """All that the drawing of a part shows; an index in a label tells copies apart."""
    named = node.name if isinstance(node, LayerNode | BlockNode | LabelNode) else ""
    own = _call(node) if isinstance(node, LayerNode | BlockNode) else ""
    index = named if named.endswith("]") else ""
    return (own, size_of(node.output), index, *map(looks, node.inside))


def _call(node: Node) -> str:
    if isinstance(node, BlockNode):
        return visible(_brief(use(node)))
    if isinstance(node, LayerNode) and node.layer:
        return visible(_brief(str(node.layer)))
    return written(node)


#: A computed fraction with more digits than anybody reads in a box: `0.101818181818`.
_LONG = re.compile(r"(\d+\.0*[1-9]\d{3})\d{3,}")


def _brief(text: str) -> str:
    """The text with such fractions cut: `0.1018…`."""
    return _LONG.sub(r"\1…", text)


def differ_in_numbers(one: BlockNode, other: BlockNode) -> bool:
    """Whether two uses of a block differ at most in arguments that are numbers."""
    pairs = ((one.arguments[name], other.arguments[name]) for name in one.arguments)
    return all(a == b or (type(a) is type(b) and isinstance(a, int | float)) for a, b in pairs)


def together(blocks: Sequence[BlockNode]) -> str:
    """Uses of a block that differ in numbers alone: `MBConv(48, drop=0.0182…0.0364)`."""
    first = blocks[0]
    values = {name: _span([block.arguments[name] for block in blocks]) for name in first.arguments}
    return visible(_brief(use_of(first.block, values)))


def _span(values: Sequence[Any]) -> str:
    """A value, or from the least to the greatest."""
    if all(value == values[0] for value in values):
        return shown(values[0])
    ends = min(values), max(values)
    return "…".join(f"{end:.3g}" if isinstance(end, float) else shown(end) for end in ends)


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
