"""What the planner knows at a point of a class: instances, names, the channels that arrive.

A class is planned from all its uses at once. An `Occ` is one of them: the node that the step at
hand became there, and the values of the Python names in its `__init__`. Whatever source text the
planner writes for a size, it computes for each occurrence and compares with the checked network,
so that a text that would be wrong for one of them is never used.
"""

from __future__ import annotations

import ast as py
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnndsl.elaborate.program import BlockDef
from cnndsl.emit.python import compute, name
from cnndsl.network import Node


class Varies(Exception):
    """A size or a choice differs between occurrences in a way that no expression here tells."""


@dataclass(eq=False)
class Occ:
    """One occurrence of a step: its node, and the values of the Python names there.

    `use` numbers the use of the class that it is in.
    """

    node: Any
    env: dict[str, Any]
    use: int

    def at(self, node: Node | None) -> Occ:
        """The occurrence of a part of the step, in the same scope."""
        return Occ(node, self.env, self.use)

    def inside(self, node: Node | None, values: Mapping[str, Any] | None = None) -> Occ:
        """The occurrence of a part in a scope of its own: a branch, a copy."""
        return Occ(node, {**self.env, **(values or {})}, self.use)


@dataclass(eq=False)
class State:
    """The channels that arrive, as source; `flat` where they are a vector's values.

    `owned` are the variables that code here may assign to: those of this path.
    """

    channels: py.expr
    flat: bool
    names: dict[str, py.expr]
    owned: set[str] = field(default_factory=set)
    depth: int = 0  # of loops around
    index: str = ""  # the language's name of the innermost loop's index, if `forward` knows it

    def copy(self) -> State:
        return State(self.channels, self.flat, self.names, {*self.owned}, self.depth, self.index)

    def branch(self) -> State:
        """For a path of its own: what it assigns, the others do not see."""
        return State(self.channels, self.flat, self.names, set(), self.depth, self.index)

    def loop(self, names: dict[str, py.expr], index: str) -> State:
        """For a loop's body, which may assign to what it carries alone."""
        return State(self.channels, self.flat, {**self.names, **names}, set(), self.depth + 1, index)


def agrees(expr: py.expr, occs: Sequence[Occ], values: Sequence[Any]) -> bool:
    """Whether an expression has the value wanted at each occurrence."""
    return all(
        type(found := compute(expr, occ.env)) is type(value) and found == value
        for occ, value in zip(occs, values, strict=True)
    )


def literal(value: Any, known: Mapping[Any, str]) -> py.expr:
    """A value as Python source; blocks and layer kinds become the classes that `known` tells.

    Raises Varies for one that has no class of its own.
    """
    if isinstance(value, BlockDef | type):
        if value not in known:
            raise Varies
        return name(known[value])
    if isinstance(value, tuple):
        return py.Tuple([literal(item, known) for item in value], py.Load())
    return py.Constant(value)


def one(values: Iterable[Any]) -> Any:
    """The only one of the values; raises Varies if they differ."""
    found = iter(values)
    first = next(found)
    for other in found:
        if other != first or type(other) is not type(first):
            raise Varies
    return first
