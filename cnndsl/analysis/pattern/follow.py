"""Whether a network follows a pattern, with which counts, or where it first departs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations
from typing import NamedTuple

from cnndsl.analysis.pattern.atoms import BlockAtom, ParallelAtom
from cnndsl.analysis.pattern.automaton import Automaton, Pattern, compile_pattern, kinds_of
from cnndsl.analysis.pattern.derive import Derived, derive
from cnndsl.analysis.pattern.run import Happening, Runner, Taken, bits
from cnndsl.analysis.pattern.word import Place, Word, place_of, word_of
from cnndsl.diagnostics import located
from cnndsl.layers import (
    APool,
    Flatten,
    Identity,
    Layer,
    LocalResponseNorm,
    LogSoftmax,
    Softmax,
)
from cnndsl.layers.noise import Noise
from cnndsl.layers.norm import Norm
from cnndsl.network import LayerNode, Network, Node, ParallelNode
from cnndsl.record import Record
from cnndsl.source import Span

#: What a pattern that does not speak of it passes over: it does not change what the network is.
BESIDES: tuple[type[Layer], ...] = (
    *(Norm, LocalResponseNorm, Noise),
    *(Flatten, Identity, Softmax, LogSoftmax),
)
#: A network of more layers than this is not gone through one by one.
MAX_LAYERS = 1_000_000
#: Orders of the paths of a sum that are tried.
MAX_PATHS = 5


class Departure(NamedTuple):
    """The first step that the pattern does not have: `found`, None behind the last one.

    `expected` are the steps that it would have, as written; `ends` says whether it may end there.
    """

    found: Node | None
    span: Span
    expected: list[str]
    ends: bool
    place: Place


class Match(Record):
    """How a network follows a pattern; of one that departs, `derived` goes as far as it follows."""

    network: Network
    pattern: Pattern
    derived: Derived
    departure: Departure | None = None

    @property
    def follows(self) -> bool:
        return self.departure is None


def match(network: Network, pattern: Pattern) -> Match:
    """How the main chain of a network follows a pattern.

    Raises Located where the pattern means nothing for this network, or the network is too long.
    """
    if network.main.totals.layers > MAX_LAYERS:
        message = f"{network.name} has more than {MAX_LAYERS} layers, which are not gone through one by one"
        raise located("number-limit", message, network.main.span)
    automaton = compile_pattern(pattern, network.program.blocks)
    follower = _Follower(kinds_of(pattern), _blocks_of(automaton))
    runner = follower.runner(automaton)
    word = word_of(network.main, follower.blocks)
    way = runner.way(word)
    if way is not None:
        return Match(network, pattern, derive(way, follower.inside, automaton.marks))
    place, states = _furthest(runner, word)
    so_far = runner.way(_until(word, place), states)
    assert so_far is not None, "the states at a place are those that its beginning leads to"
    found = derive(so_far, follower.inside, automaton.marks)
    return Match(network, pattern, found, _departure(network, automaton, word, place, states))


def _furthest(runner: Runner, word: Word) -> tuple[int, int]:
    """The last place that the pattern leads to, and the states there."""
    reached = runner.reach(word)
    place = max(place for place, states in enumerate(reached) if states)
    return place, reached[place]


def _until(word: Word, place: int) -> Word:
    uses = {at: [use for use in those if use.end <= place] for at, those in word.uses.items() if at < place}
    return Word(word.steps[:place], uses)


def _departure(network: Network, automaton: Automaton, word: Word, place: int, states: int) -> Departure:
    atoms = [automaton.takes[state][0] for state in bits(states) if state in automaton.takes]
    atoms.sort(key=lambda atom: atom.step.span.start)
    expected = [*dict.fromkeys(atom.text for atom in atoms)]
    ends = bool(states >> automaton.end & 1)
    if place == len(word.steps):
        last = word.steps[-1].span if word.steps else network.main.span
        return Departure(None, last, expected, ends, Place((), "", ()))
    found = word.steps[place]
    return Departure(found, found.span, expected, ends, place_of(network.main, place))


class _Follower:
    """Runs automata over words, with those of parallel paths inside them; each path is run once."""

    def __init__(self, kinds: set[str], blocks: set[str]) -> None:
        self.blocks = blocks
        self._kinds = kinds
        self._runners: dict[Automaton, Runner] = {}
        self._ways: dict[tuple[Automaton, Node], list[Happening] | None] = {}

    def runner(self, automaton: Automaton) -> Runner:
        if automaton not in self._runners:
            for atom, _ in automaton.takes.values():
                if isinstance(atom, ParallelAtom):
                    atom.ways = self.ways
            self._runners[automaton] = Runner(automaton, self._passes)
        return self._runners[automaton]

    def _passes(self, node: Node) -> bool:
        """Whether a pattern that does not speak of a layer passes over it."""
        if not isinstance(node, LayerNode) or node.kind.kind in self._kinds:
            return False
        same = node.output is not None and node.input == node.output
        return issubclass(node.kind, BESIDES) or (node.kind is APool and same)

    def inside(self, taken: Taken) -> Iterable[Iterable[Happening]]:
        """The ways through the paths of parallel paths that were taken."""
        if isinstance(taken.atom, ParallelAtom) and isinstance(taken.node, ParallelNode):
            return self.ways(taken.atom, taken.node) or ()
        return ()

    def ways(self, atom: ParallelAtom, node: ParallelNode) -> list[list[Happening]] | None:
        """A way through each path; those of a sum or product may stand in any order."""
        if atom.operator != node.operator or len(atom.branches) != len(node.branches):
            return None
        orders: Iterable[tuple[Automaton, ...]] = [tuple(atom.branches)]
        if node.operator != "|" and len(node.branches) <= MAX_PATHS:
            orders = permutations(atom.branches)
        for order in orders:
            ways = [self._way(path, branch) for path, branch in zip(order, node.branches, strict=True)]
            found = [way for way in ways if way is not None]
            if len(found) == len(ways):
                return found
        return None

    def _way(self, automaton: Automaton, node: Node) -> list[Happening] | None:
        key = automaton, node
        if key not in self._ways:
            self._ways[key] = self.runner(automaton).way(word_of(node, self.blocks))
        return self._ways[key]


#: Finds the ways through parallel paths.
Ways = Callable[[ParallelAtom, ParallelNode], list[list[Happening]] | None]


def _blocks_of(automaton: Automaton) -> set[str]:
    """The network's blocks that a pattern takes as one step."""
    found: set[str] = set()
    for atom, _ in automaton.takes.values():
        if isinstance(atom, BlockAtom):
            found.add(atom.name)
        elif isinstance(atom, ParallelAtom):
            found = found.union(*map(_blocks_of, atom.branches))
    return found
