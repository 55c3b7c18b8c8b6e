"""Where a step stands: the names it sees, its labels, the blocks around it."""

from __future__ import annotations

from typing import Any

from cnndsl.elaborate.evaluate import Scope
from cnndsl.elaborate.names import Names
from cnndsl.elaborate.program import BlockDef
from cnndsl.layers import Layer
from cnndsl.network import Node, Totals, unknown_totals
from cnndsl.record import Record, fresh
from cnndsl.shape import Shape, unknown_size
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


def unknown(step: ast.Step, x: Shape | None, scope: Scope | None = None) -> Node:
    """The node of a step that an error leaves without a size; `scope` are the names that it sees."""
    output = guessed(x) if scope and keeps_rank(step, scope) else None
    return Node(syntax=step, input=x, output=output, known=False, totals=unknown_totals())


def keeps_rank(step: ast.Step, scope: Scope, blocks: tuple[str, ...] = ()) -> bool:
    """Whether all layers of a step leave a map as many axes as it has, as far as they are known."""
    if not isinstance(step, ast.LayerStep):
        return all(keeps_rank(inner, scope, blocks) for inner in ast.parts(step))
    target = scope.find(step.name)
    if isinstance(target, BlockDef):
        inside = Scope(target.program)
        return target.name in blocks or keeps_rank(target.syntax.body, inside, (*blocks, target.name))
    return not (isinstance(target, type) and issubclass(target, Layer)) or target.keeps_rank


def guessed(x: Shape | None) -> Shape | None:
    """What to go on with after a step of which nothing is known: a map stays one, of unknown size."""
    return Shape(unknown_size(), tuple(unknown_size() for _ in x.extents)) if x and x.rank else None


def sums(parts: list[Node]) -> dict[str, Any]:
    """The totals of parts, whether they are known, and the rows of their table."""
    weights = biases = neurons = macs = operations = layers = rows = 0
    known = True
    for part in parts:
        own = part.totals
        weights += own[0]
        biases += own[1]
        neurons += own[2]
        macs += own[3]
        operations += own[4]
        layers += own[5]
        rows += part.rows
        known = known and part.known
    totals = Totals(weights, biases, neurons, macs, operations, layers)
    return {"totals": totals, "known": known, "rows": rows}
