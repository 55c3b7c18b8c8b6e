"""The steps of a part of a network one after the other, as a pattern reads them."""

from __future__ import annotations

from typing import NamedTuple

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
from cnndsl.record import Record


class Use(NamedTuple):
    """A use of a block, and the place behind its last step: a pattern may take it as one step."""

    node: BlockNode
    end: int


class Word(NamedTuple):
    """Layers, parallel paths and taps in order, copies of a repeat in full; uses of blocks by place."""

    steps: list[Node]
    uses: dict[int, list[Use]]


def word_of(node: Node, blocks: set[str]) -> Word:
    """The word of a part. `blocks` are the names of blocks whose uses are looked for."""
    word = Word([], {})
    _spell(node, word, blocks)
    return word


def _spell(node: Node, word: Word, blocks: set[str]) -> None:
    match node:
        case LayerNode() | ParallelNode() | TapNode():
            word.steps.append(node)
        case ChainNode():
            for part in node.parts:
                _spell(part, word, blocks)
        case LabelNode():
            _spell(node.body, word, blocks)
        case ChoiceNode():
            if node.body:
                _spell(node.body, word, blocks)
        case BlockNode():
            start = len(word.steps)
            _spell(node.body, word, blocks)
            if node.block.name in blocks and len(word.steps) > start:
                word.uses.setdefault(start, []).insert(0, Use(node, len(word.steps)))
        case RepeatNode():
            for run in node.runs:
                _copies(word_of(run.body, blocks), run.copies, word)
        case _:  # what an error has left unknown
            word.steps.append(node)


def _copies(copy: Word, count: int, word: Word) -> None:
    start = len(word.steps)
    word.steps.extend(copy.steps * count)
    for number in range(count if copy.uses else 0):
        offset = start + number * len(copy.steps)
        for place, uses in copy.uses.items():
            moved = [Use(use.node, use.end + offset) for use in uses]
            word.uses.setdefault(place + offset, []).extend(moved)


class Place(NamedTuple):
    """Where a step stands: the uses of blocks around it, its path, the number of its copy."""

    uses: tuple[BlockNode, ...]
    path: str
    copies: tuple[tuple[int, int], ...]  # (number from 0, of how many) for each repeat around it


def place_of(node: Node, index: int) -> Place:
    """The place of a part's step number `index`."""
    uses: list[BlockNode] = []
    path: list[str] = []
    copies: list[tuple[int, int]] = []
    numbers = ""
    while True:
        if isinstance(node, BlockNode | LabelNode | LayerNode):
            path.append(node.name + numbers * (not node.name.endswith("]")))
            numbers = ""
        uses += [node] if isinstance(node, BlockNode) else []
        inside = _inside(node, index)
        if inside is None:
            return Place(tuple(uses), ".".join(path), tuple(copies))
        if isinstance(node, RepeatNode):
            copies.append((inside.copy, node.count))
            numbers += f"[{inside.copy}]"
        node, index = inside.part, inside.step


class _Inside(Record):
    """A part of a node, the number of its copy, and that of a step in it."""

    part: Node
    copy: int
    step: int


def _inside(node: Node, index: int) -> _Inside | None:
    """Where in a node a step is; None in a step itself."""
    if isinstance(node, LayerNode | ParallelNode | TapNode):
        return None
    for part, first, count in _parts(node):
        size = len(word_of(part, set()).steps)
        if index < size * count:
            number, rest = divmod(index, size)
            return _Inside(part, first + number, rest)
        index -= size * count
    return None


def _parts(node: Node) -> list[tuple[Node, int, int]]:
    """The parts of a node with the number of their first copy, and how many there are."""
    if isinstance(node, RepeatNode):
        return [(run.body, run.first, run.copies) for run in node.runs]
    return [(part, 0, 1) for part in node.inside]
