"""The stages of a network: what stands between two downsamplings, with the pool that ends it.

AlexNet: CONV, POOL · CONV, POOL · CONV, CONV, CONV, POOL · and a head of three FC.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log2
from typing import Any, Literal, NamedTuple

from cnndsl.analysis.fields import HasTap, effect
from cnndsl.layers import FC, APool, Conv, Elementwise, Field, Flatten, Input, Pool, TConv
from cnndsl.layers.pool import WholeMap
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
    Totals,
)
from cnndsl.record import Record, fresh
from cnndsl.shape import Shape

POOLS = (Pool, APool, WholeMap)
#: Extents that differ by more than this factor are another scale, where nothing else tells it.
CHANGE = 1.5
#: A block that holds more than this is shown closed: blocks that double blocks would never end.
MOST = 200


class Item(Record):
    """A layer, a use of a block, parallel paths, or a group: `count` equal ones in a row.

    `totals` are those of all of them. An FC that flattens what arrives has an `implied` item before it.
    """

    node: Node
    count: int
    totals: Totals
    output: Shape | None
    implied: bool = False

    @property
    def key(self) -> Any:
        """What equal items share."""
        match self.node:
            case LayerNode(layer=None):
                return self.node
            case LayerNode():
                return self.node.layer
            case BlockNode():
                return self.node.block, _typed(tuple(self.node.arguments.values()))
        return self.node.syntax


class Stage(Record):
    """Items that work on maps of one scale, and the pools behind them.

    `scale` is how many of the input's pixels lie between two units there. `totals` count all layers,
    norms and activations among them. The role of a further chain is `chain`, and it has a name.
    """

    role: Literal["input", "stage", "head", "chain"]
    scale: float = 1.0
    items: list[Item] = fresh(factory=list)
    pools: list[Item] = fresh(factory=list)
    totals: Totals = Totals()
    name: str = ""

    @property
    def all_items(self) -> list[Item]:
        return [*self.items, *self.pools]

    @property
    def output(self) -> Shape | None:
        items = self.all_items
        return items[-1].output if items else None


class Shares(NamedTuple):
    """The totals of a network by the kind of layer: CONV and TCONV, FC, and all others."""

    conv: Totals = Totals()
    fc: Totals = Totals()
    other: Totals = Totals()

    def plus(self, added: Shares, times: int = 1) -> Shares:
        return Shares(*(one.plus(more, times) for one, more in zip(self, added, strict=True)))


def stages(network: Network) -> list[Stage]:
    """The stages of the main chain from the input to the head, and the further chains that count."""
    found = _Cut().main(network.main)
    return [*found, *(_chain(chain) for chain in network.chains if chain.counted and chain.name)]


def _chain(chain: Output) -> Stage:
    items = [_item(*atom) for atom in _Parts().atoms(chain.node) if _visible(atom.node)]
    return Stage("chain", items=_merged(items), totals=chain.node.totals, name=chain.name)


def shares(network: Network) -> Shares:
    """The totals of the main output by the kind of layer."""
    known: dict[Node, Shares] = {}
    total = Shares()
    for chain in network.chains:
        if chain.counted:
            total = total.plus(_shares(chain.node, known))
    return total


def _shares(node: Node, known: dict[Node, Shares]) -> Shares:
    if node not in known:
        found, own = Shares(), node.totals
        for part, copies in parts(node):
            found = found.plus(_shares(part, known), copies)
            own = own.plus(part.totals, -copies)
        kind = node.kind if isinstance(node, LayerNode) else type(None)
        place = "conv" if issubclass(kind, Conv | TConv) else "fc" if kind is FC else "other"
        known[node] = found.plus(Shares()._replace(**{place: own}))
    return known[node]


def parts(node: Node) -> list[tuple[Node, int]]:
    """The parts directly inside a node, each with the number of its copies."""
    if isinstance(node, RepeatNode):
        return [(run.body, run.copies) for run in node.runs]
    return [(part, 1) for part in node.inside]


def visible_parts(node: Node) -> list[tuple[Node, int]]:
    """The layers and blocks that are shown of a part, with the number of equal ones."""
    return [(part, times) for part, times in _Parts().atoms(node) if _visible(part)]


# ---- what is seen of a chain


class _Atom(NamedTuple):
    """A node that is not taken apart, and how often it stands there in a row."""

    node: Node
    times: int


class _Parts:
    """Takes chains apart; what it finds of a node it keeps, since equal copies are one node."""

    def __init__(self) -> None:
        self._effects: dict[Node, Field] = {}
        self._open: dict[Node, bool] = {}
        self._tapping: dict[Node, bool] = {}

    def atoms(self, node: Node, times: int = 1) -> Iterator[_Atom]:
        """What a chain is made of: blocks closed, unless they hold a stage or no more than a layer."""
        match node:
            case ChainNode():
                for part in node.parts:
                    yield from self.atoms(part, times)
            case LabelNode():
                yield from self.atoms(node.body, times)
            case ChoiceNode():
                if node.body:
                    yield from self.atoms(node.body, times)
            case BlockNode() if self._is_open(node):
                yield from self.atoms(node.body, times)
            case RepeatNode():
                for run in node.runs:
                    yield from self._copies(run.body, run.copies, times)
            case _:
                yield _Atom(node, times)

    def _copies(self, body: Node, copies: int, times: int) -> Iterator[_Atom]:
        """Equal copies: each atom so often where one alone is seen, else a group."""
        atoms = [*self.atoms(body)]
        if copies == 1 or sum(_visible(atom.node) for atom in atoms) <= 1:
            yield from (_Atom(atom.node, atom.times * copies * times) for atom in atoms)
        else:
            yield _Atom(body, copies * times)

    def _is_open(self, block: BlockNode) -> bool:
        if block not in self._open:
            self._open[block] = self._opens(block)
        return self._open[block]

    def _opens(self, block: BlockNode) -> bool:
        """Whether a block is shown by what is in it: one layer, a pool's stage, blocks in a row, a head."""
        inside = [atom for atom in self.atoms(block.body) if _visible(atom.node)]
        if len(inside) <= 1:
            return not (inside and isinstance(inside[0].node, ParallelNode))
        if len(inside) > MOST:
            return False
        if _is_flat(block.output) and not _is_flat(block.input):
            return True
        if any(_is_pool(atom.node) and self.stride(atom.node) > 1 for atom in inside):
            return True
        uses: dict[str, int] = {}
        for node, times in inside:
            if isinstance(node, BlockNode):
                uses[node.block.name] = uses.get(node.block.name, 0) + times
        return max(uses.values(), default=0) > 1 or sum(self.stride(one.node) != 1 for one in inside) > 1

    def stride(self, node: Node) -> float:
        """How many times further apart the units that leave a part are than those that arrive."""
        try:
            field = effect(node, self._effects)
        except HasTap:  # of parallel paths, one that starts from what arrives tells it
            branches = node.branches if isinstance(node, ParallelNode) else []
            found = [self.stride(branch) for branch in branches if not self._has_tap(branch)]
            return found[0] if found else _shrinking(node)
        if not field:
            return 1.0 if field is None else _shrinking(node)
        return max((float(reach.jump) for reach in field), key=lambda jump: abs(log2(jump)))

    def _has_tap(self, node: Node) -> bool:
        if node not in self._tapping:
            self._tapping[node] = isinstance(node, TapNode) or any(map(self._has_tap, node.inside))
        return self._tapping[node]


def _visible(node: Node) -> bool:
    """Whether a node is shown: it learns, pools or changes the shape; others come with what is before."""
    if isinstance(node, LayerNode):
        if node.kind.learnt or (issubclass(node.kind, (*POOLS, Input)) and node.kind is not APool):
            return True
        if node.kind is Flatten and _is_flat(node.input):  # C@1x1 has its C values already
            return False
        return not issubclass(node.kind, Elementwise) and node.input != node.output
    return node.totals.layers > 0 or not node.known or isinstance(node, TapNode)


def _is_pool(node: Node) -> bool:
    return isinstance(node, LayerNode) and issubclass(node.kind, POOLS)


def _is_flat(shape: Shape | None) -> bool:
    """Whether a shape is a vector, or a map of a single unit."""
    return shape is not None and all(type(extent) is int and extent == 1 for extent in shape.extents)


def _shrinking(node: Node) -> float:
    """The factor by which extents shrink, of a part whose units' fields cannot be told; 1 if unknown."""
    if not (node.input and node.output and node.input.closed and node.output.closed):
        return 1.0
    pairs = zip(node.input.extents, node.output.extents, strict=False)
    most = max((before / after for before, after in pairs), key=lambda one: abs(log2(one)), default=1.0)
    return most if most >= CHANGE or most <= 1 / CHANGE else 1.0


# ---- cutting a chain into stages


class _Cut:
    """Cuts the main chain at each change of scale."""

    def __init__(self) -> None:
        self._parts = _Parts()

    def main(self, node: Node) -> list[Stage]:
        atoms = [*self._parts.atoms(node)]
        start = next((n + 1 for n, atom in enumerate(atoms) if _is_input(atom.node)), 0)
        head = len(atoms)
        while head > start and _is_flat(atoms[head - 1].node.output):
            head -= 1
        found = [self._input(atoms[:start])] if start else []
        found += self._stages(atoms[start:head])
        if atoms[head:]:
            found.append(self._head(atoms[head:]))
        return found

    @staticmethod
    def _input(atoms: list[_Atom]) -> Stage:
        stage = Stage("input")
        for atom in atoms:
            stage.items += [_item(*atom)] if _is_input(atom.node) else []
            stage.totals = stage.totals.plus(atom.node.totals, atom.times)
        return stage

    def _stages(self, atoms: list[_Atom]) -> list[Stage]:
        found, scale = [Stage("stage")], 1.0
        for node, times in atoms:
            if _visible(node):
                factor = self._parts.stride(node)
                self._add(found, _item(node, times), factor, scale)
                scale *= factor
            found[-1].totals = found[-1].totals.plus(node.totals, times)
        for stage in found:
            stage.items, stage.pools = _merged(stage.items), _merged(stage.pools)
        return [stage for stage in found if stage.all_items or stage.totals.layers]

    @staticmethod
    def _add(found: list[Stage], item: Item, factor: float, scale: float) -> None:
        """Put an item into the last stage, or a new one where it changes the scale or a pool was last."""
        if _is_pool(item.node) and factor > 1:
            found[-1].scale = found[-1].scale if found[-1].all_items else scale
            found[-1].pools.append(item)
            return
        if found[-1].pools or (factor != 1 and found[-1].items):
            found.append(Stage("stage"))
        found[-1].scale = scale * factor
        found[-1].items.append(item)

    @staticmethod
    def _head(atoms: list[_Atom]) -> Stage:
        """The layers behind the last map, none of them merged: the first FC is not as the second."""
        stage = Stage("head")
        for node, times in atoms:
            if isinstance(node, LayerNode) and node.flattens and node.input and not _is_flat(node.input):
                stage.items.append(Item(node, 1, Totals(), Shape(node.input.numel), True))
            if _visible(node):
                stage.items.append(_item(node, times))
            stage.totals = stage.totals.plus(node.totals, times)
        return stage


def _is_input(node: Node) -> bool:
    return isinstance(node, LayerNode) and node.kind is Input


def _item(node: Node, times: int) -> Item:
    return Item(node, times, Totals().plus(node.totals, times), node.output)


def _merged(items: list[Item]) -> list[Item]:
    """Items of which equal ones in a row are one."""
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        if last and last.key == item.key:
            totals = last.totals.plus(item.totals)
            found[-1] = Item(item.node, last.count + item.count, totals, item.output)
        else:
            found.append(item)
    return found


def _typed(value: Any) -> Any:
    """A value as a key that tells 1 from 1.0 and yes."""
    return (type(value), tuple(map(_typed, value))) if isinstance(value, tuple) else (type(value), value)
