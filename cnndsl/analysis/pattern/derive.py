"""What a way through a pattern comes to: its counts, its choices, and the network in the pattern's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from cnndsl.analysis.pattern.atoms import Atom
from cnndsl.analysis.pattern.automaton import Event, Mark
from cnndsl.analysis.pattern.run import Happening, Passed, Taken
from cnndsl.network import LayerNode, ParallelNode
from cnndsl.record import Record, fresh

#: Gives the ways through the paths of a step that was taken; nothing for a layer.
Inside = Callable[[Taken], Iterable[Iterable[Happening]]]


class Derived(Record):
    """What a way comes to.

    `text` is the network in the pattern's words: `INPUT → [CONV → ReLU]*2 → POOL → FC`. `counts`,
    `choices` and `values` are by name in the order of the pattern's text, with one entry for each time
    that they came up; `passed` counts steps that were passed over by their kind.
    """

    text: str = ""
    counts: dict[str, list[int]] = fresh(factory=dict)
    choices: dict[str, list[bool]] = fresh(factory=dict)
    values: dict[str, list[Any]] = fresh(factory=dict)
    passed: dict[str, int] = fresh(factory=dict)


def derive(way: Iterable[Happening], inside: Inside, marks: Iterable[Mark]) -> Derived:
    """What a way comes to; `marks` are the repeats and optional parts that its pattern has."""
    found = Derived()
    for mark in sorted(marks, key=lambda mark: mark.place):
        if mark.name:
            found.counts.setdefault(mark.name, [])
        elif mark.optional:
            found.choices.setdefault(mark.optional, [])
    found.text = _Builder(found, inside).whole(way)
    return found


class _Builder:
    """Follows a way; what it says of a part is a list of steps as text."""

    def __init__(self, found: Derived, inside: Inside) -> None:
        self._found, self._inside = found, inside
        self._texts: dict[Atom, str] = {}

    def whole(self, way: Iterable[Happening]) -> str:
        return " → ".join(self._part(iter(way))[0])

    def _part(self, way: Iterator[Happening]) -> tuple[list[str], str]:
        """The steps up to an event that closes what they are in, and the kind of that event."""
        steps: list[str] = []
        for one in way:
            if isinstance(one, Taken):
                steps.append(self._step(one))
            elif isinstance(one, Passed):
                kind = one.node.kind.kind if isinstance(one.node, LayerNode) else "?"
                self._found.passed[kind] = self._found.passed.get(kind, 0) + 1
            elif one.kind in ("copy", "end", "chosen"):
                return steps, one.kind
            else:
                steps += self._copies(one, way) if one.kind == "begin" else self._choice(one, way)
        return steps, ""

    def _step(self, taken: Taken) -> str:
        atom, node = taken
        for name, value in atom.values(node):
            self._found.values.setdefault(name, []).append(value)
        if isinstance(node, ParallelNode):
            paths = [self.whole(path) or "ID" for path in self._inside(taken)]
            return f"{{ {f' {node.operator} '.join(paths)} }}"
        if atom not in self._texts:
            self._texts[atom] = atom.text
        return self._texts[atom]

    def _copies(self, event: Event, way: Iterator[Happening]) -> Iterator[str]:
        copies: list[str] = []
        _, closed = self._part(way)
        while closed == "copy":
            steps, closed = self._part(way)
            copies.append(" → ".join(steps))
        if event.mark.name:
            self._found.counts[event.mark.name].append(len(copies))
        return (_times(text, len([*equal])) for text, equal in groupby(copies) if text)

    def _choice(self, event: Event, way: Iterator[Happening]) -> list[str]:
        if event.mark.optional:
            self._found.choices[event.mark.optional].append(event.kind == "taken")
        return self._part(way)[0]


def _times(text: str, count: int) -> str:
    """So many equal copies: `[CONV → ReLU]*2`."""
    if count == 1:
        return text
    return f"[{text}]*{count}" if " → " in text or "*" in text else f"{text}*{count}"
