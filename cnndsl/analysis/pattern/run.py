"""Runs an automaton over a word: in time linear in the word, whatever the pattern.

Sets of states are the bits of an int. Backwards over the word, each place gets the states from which
the rest can be taken; forwards, the first way that stays among them is the one that is meant. What
has been worked out for a set of states and a step is kept, so equal copies cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cnndsl.analysis.pattern.atoms import Atom
from cnndsl.analysis.pattern.automaton import Automaton, Event
from cnndsl.analysis.pattern.word import Word
from cnndsl.network import Node


class Taken(NamedTuple):
    """A step of the network that an atom of the pattern takes."""

    atom: Atom
    node: Node


class Passed(NamedTuple):
    """A step that a pattern which does not speak of it passes over."""

    node: Node


#: What happens on the way through a word, in order.
Happening = Event | Taken | Passed


class Runner:
    """An automaton that is run over words. `passes` tells which steps are passed over."""

    def __init__(self, automaton: Automaton, passes: Callable[[Node], bool]) -> None:
        self.automaton, self._passes = automaton, passes
        self._ahead = [self._closure(state) for state in range(len(automaton.ways))]
        self._behind = self._turned(self._ahead)
        self._taking = sum(1 << state for state in automaton.takes)
        self._known: dict[tuple[int, Node], bool] = {}
        self._passed: dict[Node, bool] = {}
        self._steps: dict[tuple[bool, int, Node], int] = {}
        self._moves: dict[tuple[int, Node, int], tuple[tuple[Happening, ...], int]] = {}

    def _closure(self, state: int) -> int:
        """The states that can be reached without taking a step."""
        seen, waiting = 1 << state, [state]
        while waiting:
            for way in self.automaton.ways[waiting.pop()]:
                if not seen >> way.target & 1:
                    seen |= 1 << way.target
                    waiting.append(way.target)
        return seen

    @staticmethod
    def _turned(ahead: list[int]) -> list[int]:
        behind = [0] * len(ahead)
        for state, reached in enumerate(ahead):
            for other in bits(reached):
                behind[other] |= 1 << state
        return behind

    def _takes(self, state: int, node: Node) -> bool:
        key = state, node
        if key not in self._known:
            self._known[key] = self.automaton.takes[state][0].takes(node)
        return self._known[key]

    def passes(self, node: Node) -> bool:
        if node not in self._passed:
            self._passed[node] = self._passes(node)
        return self._passed[node]

    # ---- sets of states

    def _forward(self, states: int, node: Node) -> int:
        """The states after a step."""
        key = True, states, node
        if key not in self._steps:
            after = states if self.passes(node) else 0
            for state in bits(states & self._taking):
                if self._takes(state, node):
                    after |= self._ahead[self.automaton.takes[state][1]]
            self._steps[key] = after
        return self._steps[key]

    def _backward(self, states: int, node: Node) -> int:
        """The states before a step after which they are `states`."""
        key = False, states, node
        if key not in self._steps:
            before = states if self.passes(node) else 0
            for state in bits(self._taking):
                if states >> self.automaton.takes[state][1] & 1 and self._takes(state, node):
                    before |= self._behind[state]
            self._steps[key] = before
        return self._steps[key]

    def reach(self, word: Word) -> list[int]:
        """The states at each place of the word that its beginning leads to."""
        found = [0] * (len(word.steps) + 1)
        found[0] = self._ahead[self.automaton.start]
        for place, node in enumerate(word.steps):
            if states := found[place]:
                found[place + 1] |= self._forward(states, node)
                for use in word.uses.get(place, ()):
                    found[use.end] |= self._forward(states, use.node)
        return found

    def alive(self, word: Word, last: int | None = None) -> list[int]:
        """The states at each place from which the rest of the word leads to a state of `last`."""
        found = [0] * (len(word.steps) + 1)
        end = 1 << self.automaton.end if last is None else last
        for state in bits(end):
            found[-1] |= self._behind[state]
        for place in range(len(word.steps) - 1, -1, -1):
            states = self._backward(found[place + 1], word.steps[place])
            for use in word.uses.get(place, ()):
                states |= self._backward(found[use.end], use.node)
            found[place] = states
        return found

    # ---- the way

    def way(self, word: Word, last: int | None = None) -> list[Happening] | None:
        """The first way through the whole word that ends in a state of `last`; None if there is none."""
        alive = self.alive(word, last)
        state, place = self.automaton.start, 0
        if not alive[0] >> state & 1:
            return None
        happened: list[Happening] = []
        while place < len(word.steps):
            uses = word.uses.get(place)
            if uses:
                ahead = [(use.node, alive[use.end], use.end) for use in uses]
                found, state, place = self._move(
                    state, [*ahead, (word.steps[place], alive[place + 1], place + 1)]
                )
            else:
                found, state = self._single(state, word.steps[place], alive[place + 1])
                place += 1
            happened += found
        ends = 1 << self.automaton.end if last is None else last
        happened += next(events for one, events in self._onward(state) if ends >> one & 1)
        return happened

    def _single(self, state: int, node: Node, alive: int) -> tuple[tuple[Happening, ...], int]:
        """What happens in a step at which no use of a block begins, and the state after it."""
        key = state, node, alive
        if key not in self._moves:
            self._moves[key] = self._move(state, [(node, alive, 0)])[:2]
        return self._moves[key]

    def _move(self, state: int, ahead: list[tuple[Node, int, int]]) -> tuple[tuple[Happening, ...], int, int]:
        """What happens next, the state after it and the place; `ahead` are steps and what lies behind."""
        for one, events in self._onward(state):
            if one in self.automaton.takes:
                atom, then = self.automaton.takes[one]
                for node, alive, place in ahead:
                    if alive >> then & 1 and self._takes(one, node):
                        return (*events, Taken(atom, node)), then, place
        node, _, place = ahead[-1]
        return (Passed(node),), state, place

    def _onward(self, state: int) -> Iterator[tuple[int, tuple[Event, ...]]]:
        """The states that no step is needed for, the first ones first, with what happens on the way."""
        seen: set[int] = set()
        waiting: list[tuple[int, tuple[Event, ...]]] = [(state, ())]
        while waiting:
            one, events = waiting.pop()
            if one not in seen:
                seen.add(one)
                yield one, events
                ways = self.automaton.ways[one]
                waiting += [(way.target, (*events, *way.events)) for way in reversed(ways)]


def bits(states: int) -> Iterator[int]:
    """The numbers of a set."""
    while states:
        lowest = states & -states
        yield lowest.bit_length() - 1
        states ^= lowest
