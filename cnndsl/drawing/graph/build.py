"""From a network to the parts of its graph.

Several nodes are followed at once where one drawing stands for all of them: the uses of a block that is
drawn aside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnndsl.analysis.rows import Place, first_words
from cnndsl.drawing import labels
from cnndsl.drawing.fonts import fitted, wrapped
from cnndsl.drawing.graph.bindings import Bindings, bindings, substituted, tidied
from cnndsl.drawing.graph.copies import free_name, shown, together
from cnndsl.drawing.graph.parallel import Parallel
from cnndsl.drawing.graph.parts import SMALL, Cells, Frame, Joint, Leaf, Link, Part, Wire
from cnndsl.drawing.graph.sequence import Sequence
from cnndsl.drawing.look import style_of
from cnndsl.layers import Elementwise, Identity, Input
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
    Run,
    TapNode,
    bare,
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
_SIGNS = {"+": "+", "⊙": "×", "|": "concat"}


class Aside(NamedTuple):
    """A block that is drawn aside."""

    title: str
    uses: int
    part: Part


class Builder:
    """Makes the parts of a network's chains, then those of the blocks that are drawn aside."""

    def __init__(self, network: Network, folding: Folding, faults: Faults, *, expand: bool) -> None:
        self._network, self._folding, self._faults, self._expand = network, folding, faults, expand
        self._chains = {chain.name: chain for chain in network.chains if chain.name}
        self._drawn: set[str] = set()
        self._labels: dict[str, Part] = {}
        self._aside: dict[int, Uses] = {}
        self._bound: Bindings = {}
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
        uses, self._labels, self._bound = self._aside[number], {}, {}
        title = labels.heading([node for node, _ in uses]) + self._folding.variant(number)
        return Aside(title, sum(place.count for _, place in uses), self.part(_bodies(uses), root=True))

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
                return self._choice(node, uses)
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
        cells = Cells("" if fused else _shown(uses), self._call(nodes), size)
        implied = [f"{path}.flatten" for path in _paths([use for use in uses if _flattens(use[0])])]
        tip = labels.tip(node, paths[0]) if len(paths) == 1 else f"{node.name} of {len(paths)} uses"
        leaf = self._leaf(node, cells, style_of(node.kind), (*paths, *implied), tip, fused=fused)
        leaf.rooted = issubclass(node.kind, Input)
        return leaf

    def _unknown(self, node: Node, uses: Uses) -> Leaf:
        """A step that an error leaves without a kind."""
        paths = [place.path(first_words(n.span)) for n, place in uses]
        cells = Cells("", labels.written(node), "?")
        return self._leaf(node, cells, "unknown", tuple(paths), labels.written(node))

    def _leaf(
        self, node: Node, cells: Cells, style: str, paths: tuple[str, ...], tip: str, *, fused: bool = False
    ) -> Leaf:
        messages = self._faults.at.get(node, [])
        if messages:
            style = "fault"
        elif not node.known or _lost(node):
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
        outer = self._labels, self._bound
        title = self._call([each for each, _ in uses])
        bound = bindings([each for each, _ in uses if isinstance(each, BlockNode)], self._bound)
        self._labels, self._bound = {}, bound or {}
        parts = self._parts(_bodies(uses))
        self._labels, self._bound = outer
        if parts and bound is not None and node not in self._faults.at and _is_stack(parts):
            first = parts[0]
            assert isinstance(first, Leaf)
            if first.cells.name:
                first.cells = first.cells._replace(name=f"{_shown(uses)}.{first.cells.name}")
            first.paths = (*first.paths, *_paths(uses))
            return parts
        return [self._framed(title, _one(parts), uses, name=_shown(uses))]

    def _call(self, nodes: list[Node]) -> str:
        """The layer or the use of a block: as it is written, where the uses of the block around differ."""
        if labels.agree(nodes):
            return labels.call(nodes)
        text = substituted(labels.written(nodes[0]), self._bound)
        layers = [node.layer for node in nodes if isinstance(node, LayerNode)]
        return tidied(text, layers) if len(layers) == len(nodes) else text

    def _compact(self, node: BlockNode, uses: Uses, number: int) -> Leaf:
        """A use of a block that is drawn aside."""
        nodes = [each for each, _ in uses]
        self._aside.setdefault(number, []).extend(uses)
        paths = _paths(uses)
        name = self._call(nodes) + self._folding.variant(number)
        tip = labels.tip(node, paths[0])
        return self._leaf(node, Cells(_shown(uses), name, labels.size(nodes)), "block", paths, tip)

    def _framed(self, title: str, body: Part, uses: Uses, name: str = "") -> Part:
        """A frame around what has a name; a block that only passes values on has none."""
        if body.wire:
            return Wire(paths=_paths(uses), title=title)
        frame = Frame(body=body, title=title, name=name, paths=_paths(uses), tip=title)
        node = uses[0][0]
        if node not in self._faults.at:
            return frame
        said = self._leaf(node, Cells("", title, labels.size([node])), "fault", _paths(uses), title)
        return Sequence(parts=[frame, said])

    # ---- structure

    def _repeat(self, node: RepeatNode, uses: Uses) -> list[Part]:
        if self._expand:
            return self._unfolded(node, uses)
        groups = together(node, self._folding)
        name = free_name(node, self._network)
        free = f"×{name} ({name} = {node.count})" if name else ""
        if free and len(groups) == 1:
            return _marked(self._copies(node, uses, groups[0]), free)
        found: list[Part] = []
        for runs in groups:
            parts, count = self._copies(node, uses, runs), sum(node.runs[number].copies for number in runs)
            found += _marked(parts, f"×{grouped(count)}") if count > 1 else parts
        return _marked(found, free) if free else found

    def _unfolded(self, node: RepeatNode, uses: Uses) -> list[Part]:
        found: list[Part] = []
        for index, run in enumerate(node.runs):
            bodies = [(n.inside[index], place) for n, place in uses]
            for number in range(run.first, run.first + run.copies):
                found += self._parts(_repeated(bodies, number, 1))
        return found

    def _copies(self, node: RepeatNode, uses: Uses, numbers: range) -> list[Part]:
        """The parts of copies that look the same, drawn once."""
        runs = [_runs(n, node, numbers) for n, _ in uses]
        copies = [
            (run.body, place.repeated(run.first, run.copies))
            for own, (_, place) in zip(runs, uses, strict=True)
            for run in own
        ]
        parts = self._parts(copies)
        blocks = [bare(one) for one, _ in copies]
        if len(numbers) > 1 and self._is_aside(blocks[0]):
            self._retell(parts[0], blocks, [bare(own[-1].body) for own in runs])
        return parts

    def _is_aside(self, node: Node) -> bool:
        return isinstance(node, BlockNode) and self._folding.aside(node) is not None

    def _retell(self, part: Part, uses: list[Node], last: list[Node]) -> None:
        """Write on the box of several uses of a block what they are, and the size that leaves the last."""
        assert isinstance(part, Leaf)
        blocks = [node for node in uses if isinstance(node, BlockNode)]
        label = part.cells.label
        if len(last) == 1:
            number = self._folding.structure(blocks[0])
            label = labels.together(blocks) + self._folding.variant(number)
        part.cells = part.cells._replace(label=label, output=labels.size(last))

    def _choice(self, node: ChoiceNode, uses: Uses) -> list[Part]:
        parts = self._parts([(n.inside[0], place) for n, place in uses]) if node.body else []
        return _marked(parts, "optional") if node.free else parts

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
        part.name, part.tip = "", ", ".join(names)
        return part

    def _joint(self, node: ParallelNode, uses: Uses) -> Leaf:
        words = f"{_JOINTS[node.operator]} of {len(node.branches)} paths"
        nodes = [each for each, _ in uses]
        tip = labels.visible_lines([words, f"→ {node.output}"]) if node.output else words
        if node in self._faults.at or node.output is None:
            return self._leaf(node, Cells("", _SIGNS[node.operator], labels.size(nodes)), "join", (), tip)
        if node.operator == "|":
            return Leaf(cells=Cells("", _SIGNS["|"], labels.size(nodes)), style="join", title=tip)
        return Joint(sign=_SIGNS[node.operator], title=tip)

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


def _flattens(node: Node) -> bool:
    """Whether a layer is an FC with a flatten of its own, as the table has it."""
    return isinstance(node, LayerNode) and node.flattens and bool(node.input and node.output)


def _paths(uses: Uses) -> tuple[str, ...]:
    return tuple(place.path(_name(node)) for node, place in uses)


def _shown(uses: Uses) -> str:
    return shown(_name(uses[0][0]), [place for _, place in uses])


def _runs(node: Node, first: RepeatNode, numbers: range) -> list[Run]:
    """The runs of a repeat in the places of those of another; all of them where all are one drawing."""
    assert isinstance(node, RepeatNode)
    whole = len(numbers) == len(first.runs)
    return node.runs if whole else [node.runs[number] for number in numbers]


def _repeated(uses: Uses, first: int, copies: int) -> Uses:
    return [(node, place.repeated(first, copies)) for node, place in uses]


def _marked(parts: list[Part], mark: str) -> list[Part]:
    """Parts with a mark such as `×3`: in their box, or on a frame around them."""
    if not parts:
        return []
    only = parts[0]
    if len(parts) == 1 and type(only) is Leaf:
        only.cells = only.cells._replace(times=f"{only.cells.times} {mark}".strip())
        return parts
    if len(parts) == 1 and isinstance(only, Frame):
        only.title = f"{only.title}  {mark}"
        return parts
    return [Frame(body=_one(parts), title=mark)]


def _name(node: Node) -> str:
    assert isinstance(node, LayerNode | BlockNode | LabelNode), "nothing else has a name"
    return node.name
