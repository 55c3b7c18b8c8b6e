"""From a network to the parts of its graph.

Several nodes are followed at once where one drawing stands for all of them: the uses of a block that is
drawn aside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnndsl.analysis.rows import Place, first_words
from cnndsl.drawing import labels
from cnndsl.drawing.fonts import fitted, wrapped
from cnndsl.drawing.graph.folding import bare
from cnndsl.drawing.graph.parallel import Parallel
from cnndsl.drawing.graph.parts import SMALL, Cells, Frame, Joint, Leaf, Link, Part, Wire
from cnndsl.drawing.graph.sequence import Sequence
from cnndsl.drawing.look import style_of
from cnndsl.layers import Elementwise, Identity
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Network,
    Node,
    Output,
    ParallelNode,
    RepeatNode,
    TapNode,
)
from cnndsl.render.text import grouped

if TYPE_CHECKING:
    from cnndsl.drawing.faults import Faults
    from cnndsl.drawing.graph.folding import Folding

#: The nodes that one drawing stands for, all of one structure, and where each of them stands.
Uses = list[tuple[Node, Place]]

#: The width of a message in a box, and the lines of it that are shown.
NOTE_WIDTH, NOTE_LINES = 300, 4
#: The width of the names of uses that are drawn as one.
NAMES_WIDTH = 170
_JOINTS = {"+": "sum", "⊙": "product", "|": "concatenation"}


class Aside(NamedTuple):
    """A block that is drawn aside."""

    title: str
    uses: int
    part: Part


class Builder:
    """Makes the parts of a network's chains, then those of the blocks that are drawn aside."""

    def __init__(self, network: Network, folding: Folding, faults: Faults, *, expand: bool) -> None:
        self._folding, self._faults, self._expand = folding, faults, expand
        self._chains = {chain.name: chain for chain in network.chains if chain.name}
        self._drawn: set[str] = set()
        self._labels: dict[str, Part] = {}
        self._aside: dict[int, Uses] = {}
        self._level = 0
        self.styles: set[str] = set()

    def chain(self, chain: Output) -> Part:
        self._drawn.add(chain.name)
        return self.part([(chain.node, Place())], root=True)

    def drawn(self, chain: Output) -> bool:
        """Whether a chain stands where another one takes it up."""
        return chain.name in self._drawn

    def asides(self) -> list[Aside]:
        """The blocks drawn aside, each with the parts that all its uses share."""
        found = {number: self._drawn_aside(number) for number in self._folding.outer_first}
        return [found[number] for number in self._folding.order]

    def _drawn_aside(self, number: int) -> Aside:
        uses, self._labels = self._aside[number], {}
        title = labels.heading([node for node, _ in uses]) + self._folding.variant(number)
        return Aside(title, len(uses), self.part(_bodies(uses), root=True))

    # ---- parts

    def part(self, uses: Uses, *, root: bool = False) -> Part:
        """A part for a node, or for nodes of the same structure."""
        parts = self._parts(uses)
        return Sequence(parts=parts, root=True) if parts and root else _one(parts)

    def _parts(self, uses: Uses) -> list[Part]:
        """The parts of a node as they stand in a sequence: those of a chain in a chain are its own."""
        node = uses[0][0]
        match node:
            case ChainNode():
                inner = [[(n.inside[i], place) for n, place in uses] for i in range(len(node.parts))]
                return [part for each in inner for part in self._parts(each)]
            case ChoiceNode():
                return self._parts([(n.inside[0], place) for n, place in uses]) if node.body else []
            case RepeatNode():
                return self._repeat(node, uses)
            case TapNode():
                return self._tap(node, uses)
            case BlockNode():
                return self._block(node, uses)
        return [self._named(node, uses)]

    def _named(self, node: Node, uses: Uses) -> Part:
        match node:
            case LayerNode():
                part: Part = self._layer(node, uses)
            case LabelNode():
                part = self._framed(node.name, self.part(_bodies(uses)), uses)
            case ParallelNode():
                return self._parallel(node, uses)
            case _:
                return self._unknown(node, uses)
        self._labels[node.name] = part
        return part

    # ---- boxes

    def _layer(self, node: LayerNode, uses: Uses) -> Part:
        nodes = [each for each, _ in uses]
        same = node.output is not None and node.output == node.input
        fused = same and issubclass(node.kind, Elementwise) and node not in self._faults.at
        paths = _paths(uses)
        if issubclass(node.kind, Identity) and node not in self._faults.at:
            return Wire(paths=paths, title=f"{paths[0]}: passes on what arrives")
        size = "" if fused and not _lost(node) else labels.size(nodes)
        cells = Cells("" if fused else _shown(uses), labels.call(nodes), size)
        implied = [f"{path}.flatten" for path in paths if node.flattens and node.input and node.output]
        tip = labels.tip(node, paths[0]) if len(paths) == 1 else f"{node.name} of {len(paths)} uses"
        return self._leaf(node, cells, style_of(node.kind), (*paths, *implied), tip, fused=fused)

    def _unknown(self, node: Node, uses: Uses) -> Leaf:
        """A step that an error leaves without a kind."""
        paths = [".".join(map(str, place.parts(first_words(n.span)))) for n, place in uses]
        cells = Cells("", labels.written(node), "?")
        return self._leaf(node, cells, "unknown", tuple(paths), labels.written(node))

    def _leaf(
        self, node: Node, cells: Cells, style: str, paths: tuple[str, ...], tip: str, *, fused: bool = False
    ) -> Leaf:
        messages = self._faults.at.get(node, [])
        if messages:
            style = "fault"
        elif _lost(node):
            style = "unknown"
        self.styles.add(style)
        notes = tuple(line for text in messages for line in wrapped(text, SMALL, NOTE_WIDTH, NOTE_LINES))
        title = labels.visible_lines([tip, *messages])
        return Leaf(cells=cells, style=style, paths=paths, title=title, fused=fused, notes=notes)

    def _block(self, node: BlockNode, uses: Uses) -> list[Part]:
        number = self._folding.aside(node)
        parts: list[Part] = (
            self._drawn_here(node, uses) if number is None else [self._compact(node, uses, number)]
        )
        self._labels[node.name] = parts[-1]
        return parts

    def _drawn_here(self, node: BlockNode, uses: Uses) -> list[Part]:
        """The parts of a block in a frame; none around a single layer and what sticks to it."""
        outer, self._labels = self._labels, {}
        parts = self._parts(_bodies(uses))
        self._labels = outer
        agree = labels.agree([each for each, _ in uses])
        if parts and agree and node not in self._faults.at and _is_stack(parts):
            first = parts[0]
            assert isinstance(first, Leaf)
            if first.cells.name:
                first.cells = first.cells._replace(name=f"{_shown(uses)}.{first.cells.name}")
            first.paths = (*first.paths, *_paths(uses))
            return parts
        title = labels.call([each for each, _ in uses])
        return [self._framed(title, _one(parts), uses)]

    def _compact(self, node: BlockNode, uses: Uses, number: int) -> Leaf:
        """A use of a block that is drawn aside."""
        nodes = [each for each, _ in uses]
        self._aside.setdefault(number, []).extend(uses)
        paths = _paths(uses)
        name = labels.call(nodes) + self._folding.variant(number)
        tip = labels.tip(node, paths[0])
        return self._leaf(node, Cells(_shown(uses), name, labels.size(nodes)), "block", paths, tip)

    def _letter(self, node: BlockNode) -> str:
        """What tells the structure of a block from others of it."""
        number = self._folding.aside(node)
        return "" if number is None else self._folding.variant(number)

    def _framed(self, title: str, body: Part, uses: Uses) -> Part:
        """A frame around what has a name; a block that only passes values on has none."""
        if body.wire:
            return Wire(paths=_paths(uses), title=title)
        frame = Frame(body=body, title=title, paths=_paths(uses), tip=title)
        node = uses[0][0]
        if node not in self._faults.at:
            return frame
        said = self._leaf(node, Cells("", title, labels.size([node])), "fault", _paths(uses), title)
        return Sequence(parts=[frame, said])

    # ---- structure

    def _repeat(self, node: RepeatNode, uses: Uses) -> list[Part]:
        found: list[Part] = []
        alike = 0
        for index, run in enumerate(node.runs):
            if index < alike:
                continue
            alike = self._alike(node, index)
            if alike > index + 1:
                found.append(self._together(node, uses, index, alike))
                continue
            spread = self._expand or run.copies == 1
            count = 1 if spread else run.copies
            for first in range(run.first, run.first + run.copies, count):
                parts = self._parts([(n.inside[index], place.repeated(first, count)) for n, place in uses])
                found += parts if spread else self._times(parts, count)
        return found

    def _alike(self, node: RepeatNode, index: int) -> int:
        """How far the copies from one on are the same use of a block drawn aside.

        Their sizes may differ where their numbers do not, and their numbers where no size depends on them.
        """
        end, first = index + 1, bare(node.runs[index].body)
        if not isinstance(first, BlockNode) or first.name.endswith("]") or self._folding.aside(first) is None:
            return end
        while end < len(node.runs) and self._like(first, bare(node.runs[end].body)):
            end += 1
        return end

    def _like(self, one: BlockNode, other: Node) -> bool:
        if not isinstance(other, BlockNode) or self._folding.structure(one) != self._folding.structure(other):
            return False
        sized = one.output == other.output and one.totals == other.totals
        return labels.agree([one, other]) or (sized and labels.differ_in_numbers(one, other))

    def _together(self, node: RepeatNode, uses: Uses, start: int, end: int) -> Part:
        """One box for such copies, with the size that leaves the last."""
        runs = [(n, place, number) for number in range(start, end) for n, place in uses]
        each = [
            (bare(n.inside[number]), place.repeated(node.runs[number].first, node.runs[number].copies))
            for n, place, number in runs
        ]
        (leaf,) = self._parts(each)
        assert isinstance(leaf, Leaf)
        blocks = [one for one, _ in each if isinstance(one, BlockNode)]
        last = blocks[-len(uses) :]
        first, count = node.runs[start].first, sum(run.copies for run in node.runs[start:end])
        together = [
            (one, place.repeated(first, count)) for (one, _), (_, place) in zip(each, uses, strict=False)
        ]
        label = leaf.cells.label if len(uses) > 1 else labels.together(blocks) + self._letter(blocks[0])
        leaf.cells = Cells(_shown(together), label, labels.size(last), f"×{grouped(count)}")
        return leaf

    def _times(self, parts: list[Part], copies: int) -> list[Part]:
        """One copy with the number of them: in its box, or on a frame around it."""
        times = f"×{grouped(copies)}"
        if not parts:
            return []
        only = parts[0]
        if len(parts) > 1:
            return [Frame(body=Sequence(parts=parts), title=times)]
        if type(only) is Leaf:
            only.cells = only.cells._replace(times=times)
            return parts
        if isinstance(only, Frame):
            only.title = f"{only.title}  {times}"
            return parts
        return [Frame(body=only, title=times)]

    def _parallel(self, node: ParallelNode, uses: Uses) -> Part:
        branches = [
            self._branch([[(n.inside[index], place) for n, place in uses] for index in alike])
            for alike in self._folding.branches(node)
        ]
        return Parallel(branches=branches, joint=self._joint(node, uses), centred=node.operator == "|")

    def _branch(self, alike: list[Uses]) -> Part:
        """A branch, or one drawing for several that are uses of a block: ×6."""
        part = self.part([use for uses in alike for use in uses])
        if len(alike) == 1:
            return part
        names = dict.fromkeys(labels.call([node]) for uses in alike for node, _ in uses)
        part = part if isinstance(part, Frame) else Frame(body=part)
        part.title = f"{fitted(', '.join(names), SMALL, NAMES_WIDTH)}  ×{len(alike)}"
        part.tip = ", ".join(names)
        return part

    def _joint(self, node: ParallelNode, uses: Uses) -> Leaf:
        words = f"{_JOINTS[node.operator]} of {len(node.branches)} paths"
        nodes = [each for each, _ in uses]
        tip = labels.visible_lines([words, f"→ {node.output}"]) if node.output else words
        if node in self._faults.at or node.output is None:
            return self._leaf(node, Cells("", node.operator, labels.size(nodes)), "join", (), tip)
        if node.operator == "|":
            return Leaf(cells=Cells("", "concat", labels.size(nodes)), style="join", title=tip)
        return Joint(sign={"+": "+", "⊙": "×"}[node.operator], title=tip)

    def _tap(self, node: TapNode, uses: Uses) -> list[Part]:
        """What is taken up: a chain of its own that is drawn here, or the output of a part further up."""
        chain = self._chains.get(node.name)
        if chain and chain.name not in self._drawn and uses[0][1].count == 1:
            part = Frame(body=self.chain_inside(chain), title=f"{chain.kind} {chain.name}")
            self._labels[chain.name] = part
            return [part]
        source = self._labels.get(node.name)
        link = None
        if source:
            link = source.link = source.link or Link()
            link.uses += 1
        cells = Cells("", node.name, labels.size([n for n, _ in uses]))
        self.styles.add("tap")
        return [Leaf(cells=cells, style="tap", enters=link, rooted=True, title=f"the output of {node.name}")]

    def chain_inside(self, chain: Output) -> Part:
        self._drawn.add(chain.name)
        return self.part([(chain.node, Place())])


def _one(parts: list[Part]) -> Part:
    """Parts as one."""
    if not parts:
        return Part()
    return parts[0] if len(parts) == 1 else Sequence(parts=parts)


def _is_stack(parts: list[Part]) -> bool:
    """Whether all parts but the first stick to the one above."""
    return all(type(part) is Leaf for part in parts) and all(
        isinstance(part, Leaf) and part.fused for part in parts[1:]
    )


def _lost(node: Node) -> bool:
    """Whether an error has left the size unknown that leaves a node."""
    return node.output is None or node.output.unknown


def _bodies(uses: Uses) -> Uses:
    """What is inside of blocks or labelled parts."""
    return [(node.inside[0], place.inside(_name(node))) for node, place in uses]


def _paths(uses: Uses) -> tuple[str, ...]:
    return tuple(".".join(map(str, place.parts(_name(node)))) for node, place in uses)


def _shown(uses: Uses) -> str:
    """The name as the table has it, with the numbers of its copies; of several uses without."""
    node, place = uses[0]
    return str(place.parts(_name(node))[-1]) if len(uses) == 1 else _name(node)


def _name(node: Node) -> str:
    assert isinstance(node, LayerNode | BlockNode | LabelNode), "nothing else has a name"
    return node.name
