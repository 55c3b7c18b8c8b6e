"""Where a step stands: the names it sees, its labels, the blocks around it."""

from __future__ import annotations

from typing import Any

from cnndsl.elaborate.evaluate import Scope
from cnndsl.elaborate.names import Names
from cnndsl.elaborate.program import BlockDef
from cnndsl.network import Node, Totals
from cnndsl.record import Record, fresh
from cnndsl.shape import Shape
from cnndsl.syntax import ast


class Labels(Record):
    """Shapes by label. Inside a repeat, labels without an index belong to one copy alone."""

    shapes: dict[str, Shape | None] = fresh(factory=dict)
    outer: Labels | None = None
    inside_repeat: set[str] = fresh(factory=set)

    def find(self, name: str) -> tuple[bool, Shape | None]:
        if name in self.shapes:
            return True, self.shapes[name]
        return self.outer.find(name) if self.outer else (False, None)

    def set(self, name: str, shape: Shape | None, *, indexed: bool) -> None:
        """Record a label; an indexed one is visible outside the repeat it stands in."""
        (self.root if indexed else self).shapes[name] = shape
        if self.outer and not indexed:
            self.root.inside_repeat.add(name)

    @property
    def root(self) -> Labels:
        """The labels of the whole block or network."""
        return self.outer.root if self.outer else self


class Context(Record):
    """Where a step stands: the names it sees, its labels, the blocks around it."""

    scope: Scope
    labels: Labels
    names: Names
    blocks: tuple[BlockDef, ...] = ()

    def inside_repeat(self, scope: Scope) -> Context:
        """The context of one copy of a repeat: labels without an index are its own."""
        return Context(scope, Labels(outer=self.labels), self.names, self.blocks)


def unknown(step: ast.Step, x: Shape | None) -> Node:
    """The node of a step that an error leaves without a size."""
    return Node(syntax=step, input=x, output=None, known=False)


def sums(parts: list[Node]) -> dict[str, Any]:
    """The totals of parts, whether they are known, and the rows of their table."""
    total = Totals(*map(sum, zip(*(part.totals for part in parts), strict=True))) if parts else Totals()
    known = all(part.known for part in parts)
    return {"totals": total, "known": known, "rows": sum(part.rows for part in parts)}
