"""Steps of a network by their paths: `conv1`, `stage2.block1.conv2`, `fc1[1]`, `conv2[0..3]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

from cnndsl.analysis.rows import End, Part, Row, Walk, first_words, walked
from cnndsl.diagnostics import did_you_mean
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
)

#: Networks of more layers are looked at with equal copies folded.
MAX_EXPANDED = 20_000
#: Names that are listed where a path leads nowhere.
MAX_LISTED = 60

_INDEX = re.compile(r"\[(\d+)(?:\.\.(\d+))?\]")
_INDICES = re.compile(rf"(?:{_INDEX.pattern})*")


class NoSuchStep(Exception):
    """A path that leads nowhere: what it may have meant, else what there is."""

    def __init__(self, path: str, near: list[str], steps: list[str]) -> None:
        super().__init__(path)
        self.path, self.near, self.steps = path, near, steps


class Level(NamedTuple):
    """A node on the way down to a step, and what stands before it in the same chain or repeat."""

    node: Node
    passed: tuple[tuple[Node, str], ...] = ()  # with the index of the copy, "" outside repeats


class Step(NamedTuple):
    """A layer (`row`) or a block, labelled part or chain (`end`), and the way to it."""

    parts: tuple[Part, ...]
    way: list[Level]
    row: Row | None = None
    end: End | None = None
    chain: Output | None = None  # where the step is a whole chain
    others: tuple[str, ...] = ()  # the paths of further steps of that name, which differ

    @property
    def path(self) -> str:
        return ".".join(map(str, self.parts))

    @property
    def node(self) -> Node:
        return self.way[-1].node


class Survey(NamedTuple):
    """All layers and all ends of named parts, each copy by itself where they are not too many.

    `named` has them by their paths without the numbers of copies, `folded` those of the table.
    """

    rows: list[Row]
    ends: list[End]
    named: dict[str, list[Row | End]]
    folded: dict[str, list[Row | End]]


_surveyed: WeakKeyDictionary[Network, Survey] = WeakKeyDictionary()


def survey(network: Network) -> Survey:
    """What there is to find in a network, which is looked through once."""
    if network not in _surveyed:
        folded = walked(network)
        rows, ends = folded.rows, folded.ends
        if network.all_totals.layers <= MAX_EXPANDED:
            walk = Walk(expand=True)
            rows, ends = list(walk.network(network)), walk.ends
        _surveyed[network] = Survey(rows, ends, _named(rows, ends), _named(folded.rows, folded.ends))
    return _surveyed[network]


def _named(rows: Iterable[Row], ends: Iterable[End]) -> dict[str, list[Row | End]]:
    named: dict[str, list[Row | End]] = {}
    found: list[Row | End] = [*rows, *ends]
    for one in found:
        named.setdefault(_bare(one.path), []).append(one)
    return named


def find(network: Network, path: str) -> Step:
    """The first step that a path means; raises NoSuchStep."""
    path = " ".join(path.split())
    found = [one for one in survey(network).named.get(_bare(path), ()) if _means(path, one.parts)]
    if found:
        return _step(network, found)
    for chain in network.chains:
        if chain.name and chain.name == path:
            return _chain(network, chain)
    raise _nowhere(network, path)


def paths(network: Network) -> list[str]:
    """The paths of a network's steps, equal copies folded, in the order in which they run."""
    found = walked(network)
    named = dict.fromkeys(end.path for end in found.ends)
    return [*dict.fromkeys(row.path for row in found.rows if row.kind != "?"), *named]


def _means(path: str, parts: Sequence[Part]) -> bool:
    """Whether a path means the step of these parts: `e.conv1[0][1..3]`.

    It is held against each part, not split: what an error leaves without a name is called as it is
    written, `FOO(0.5)`.
    """
    rest = f"{path}."
    for part in parts:
        after = _behind(rest, part)
        if after is None:
            return False
        rest = after
    return not rest


def _behind(path: str, part: Part) -> str | None:
    """What follows a part at the start of a path; indices that the path leaves out mean all copies."""
    if not path.startswith(part.name):
        return None
    match = _INDICES.match(path, len(part.name))
    assert match is not None, "no index is one of its matches"
    asked = [(int(first), int(last or first)) for first, last in _INDEX.findall(match[0])]
    if len(asked) > len(part.copies) or path[match.end() : match.end() + 1] != ".":
        return None
    each = zip(asked, part.copies, strict=False)
    fits = all(low < first + count and first <= high for (low, high), (first, count) in each)
    return path[match.end() + 1 :] if fits else None


def _step(network: Network, found: list[Row | End]) -> Step:
    first, *more = found
    chain = first.chain.node if isinstance(first, Row) else None
    nodes = [chain] if chain else [one.node for one in network.chains]
    parts = first.parts[:-1] if isinstance(first, Row) and first.node is None else first.parts
    way = next(filter(None, (descend(node, parts) for node in nodes)), [])
    equal = _copies(network, first.parts)
    others = [one.path for one in more if _copies(network, one.parts) != equal]
    row = first if isinstance(first, Row) else None
    return Step(first.parts, way, row, None if isinstance(first, Row) else first, others=tuple(others))


def _chain(network: Network, chain: Output) -> Step:
    end = End((Part(chain.name),), chain.node.output, walked(network).maps.get(chain.name))
    return Step(end.parts, [Level(chain.node)], end=end, chain=chain)


def _copies(network: Network, parts: Sequence[Part]) -> tuple[Part, ...]:
    """The folded path that covers a step, `conv2[0..3]`; its own where it has no equals."""
    for one in survey(network).folded.get(_bare(".".join(map(str, parts))), ()):
        if len(one.parts) == len(parts) and all(map(_covers, one.parts, parts)):
            return one.parts
    return tuple(parts)


def copies(network: Network, step: Step) -> tuple[str, int]:
    """The path of all equal copies of a step, and their number."""
    folded = _copies(network, step.parts)
    number = 1
    for part in folded:
        for _, count in part.copies:
            number *= count
    return ".".join(map(str, folded)), number


def _covers(folded: Part, part: Part) -> bool:
    if folded.name != part.name or len(folded.copies) != len(part.copies):
        return False
    each = zip(folded.copies, part.copies, strict=True)
    return all(first <= own < first + count for (first, count), (own, _) in each)


# ---- the way down


def descend(node: Node, parts: Sequence[Part], repeats: int = 0) -> list[Level] | None:
    """The nodes from `node` down to the step of that path, None if it is not inside.

    `repeats` counts the repeats since the last named part.
    """
    match node:
        case LayerNode():
            return [Level(node)] if len(parts) == 1 and parts[0].name == node.name else None
        case BlockNode() | LabelNode():
            return _into(node, parts)
        case ChainNode():
            passed = [(part, "") for part in node.parts]
            return _first(node, ((part, passed[:at]) for at, part in enumerate(node.parts)), parts, repeats)
        case ParallelNode():
            return _first(node, ((branch, []) for branch in node.branches), parts, repeats)
        case ChoiceNode(body=Node() as body):
            return _first(node, [(body, [])], parts, repeats)
        case RepeatNode():
            return _first(node, _runs(node, parts[0], repeats), parts, repeats + 1)
        case _ if type(node) is Node and [part.name for part in parts] == [first_words(node.span)]:
            return [Level(node)]  # a step that an error leaves without a kind
    return None


def _into(node: BlockNode | LabelNode, parts: Sequence[Part]) -> list[Level] | None:
    if parts[0].name != node.name:
        return None
    if len(parts) == 1:
        return [Level(node)]
    below = descend(node.body, parts[1:])
    return [Level(node), *below] if below else None


def _first(
    node: Node, inside: Iterable[tuple[Node, list[tuple[Node, str]]]], parts: Sequence[Part], repeats: int
) -> list[Level] | None:
    for child, passed in inside:
        if below := descend(child, parts, repeats):
            return [Level(node, tuple(passed)), *below]
    return None


def _runs(node: RepeatNode, part: Part, level: int) -> Iterator[tuple[Node, list[tuple[Node, str]]]]:
    """The copies that can hold a part, with those before."""
    wanted = part.copies[level][0] if level < len(part.copies) else None
    passed: list[tuple[Node, str]] = []
    for run in node.runs:
        same = (run.body, f"[{run.first}]")
        if wanted is None:
            yield run.body, passed
        elif _holds(run, wanted):
            yield run.body, [*passed, same] if wanted > run.first else passed
        passed = [*passed, same]


def _holds(run: Run, index: int) -> bool:
    return run.first <= index < run.first + run.copies


# ---- a path that leads nowhere


def _nowhere(network: Network, path: str) -> NoSuchStep:
    known = paths(network)
    ending = [one for one in known if one.endswith(f".{path}")]
    plain = {_bare(one): one for one in reversed(known)}
    near = ending[:3] or [plain[name] for name in did_you_mean(_bare(path), plain)]
    return NoSuchStep(path, near, known)


def _bare(path: str) -> str:
    """A path without the numbers of its copies."""
    return re.sub(r"\[[\d.]+\]", "", path)
