"""What steps are called: the label, else the kind in lower case with a number (`conv1`)."""

from __future__ import annotations

from functools import cached_property

from cnndsl.elaborate.evaluate import Scope
from cnndsl.elaborate.program import BlockDef, check_free
from cnndsl.layers.base import Layer
from cnndsl.record import Record, fresh
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.syntax.ast import parts


class Names(Record):
    """The names of a body's steps by syntax node, and where its labels stand."""

    steps: dict[ast.Step, str] = fresh(factory=dict)
    labels: dict[str, Span] = fresh(factory=dict)
    indexed: set[str] = fresh(factory=set)  # those of the labels that have an index

    @cached_property
    def optional(self) -> set[str]:
        """The names of optional parts."""
        return {name for step, name in self.steps.items() if isinstance(step, ast.Optional)}


def name_steps(body: ast.Step, scope: Scope, taken: dict[str, Span]) -> Names:
    """Names for all steps of a block's body or of the network's chains.

    `taken` are the names that labels must not clash with; raises Located where one does.
    """
    names = Names()
    _find_labels(body, names, {**taken})
    _Numbering(names, scope).visit(body)
    return names


def _find_labels(step: ast.Step, names: Names, taken: dict[str, Span]) -> None:
    if isinstance(step, ast.Labelled):
        alike = step.index is not None and step.name in names.indexed
        if not alike:
            check_free(step.name, step.name_span, taken)
        if step.index is not None:
            names.indexed.add(step.name)
        names.labels[step.name] = taken[step.name] = step.name_span
    for inner in parts(step):
        _find_labels(inner, names, taken)


class _Numbering:
    """Counts the steps of each kind; a labelled group has a count of its own."""

    def __init__(self, names: Names, scope: Scope) -> None:
        self._names, self._scope = names, scope
        self._counts: dict[str, int] = {}

    def visit(self, step: ast.Step) -> None:
        match step:
            case ast.LayerStep():
                self._number(step, self._kind(step.name))
            case ast.Labelled():
                self._labelled(step)
            case ast.Optional():
                self._optional(step)
            case _:
                for inner in parts(step):
                    self.visit(inner)

    def _number(self, step: ast.Step, kind: str) -> None:
        if not kind:
            return
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        name = f"{kind}_{count}" if kind[-1].isdigit() else f"{kind}{count}"  # relu6_1
        if name in self._names.labels:
            self._number(step, kind)
        else:
            self._names.steps[step] = name

    def _kind(self, name: str) -> str:
        value = self._scope.find(name)
        if isinstance(value, BlockDef):
            return value.name.lower()
        return value.kind.lower() if isinstance(value, type) and issubclass(value, Layer) else ""

    def _labelled(self, step: ast.Labelled) -> None:
        body = step.body
        while isinstance(body, ast.Claimed):
            body = body.body
        if isinstance(body, ast.LayerStep):
            self.visit(body)
            self._names.steps[body] = step.name
        else:
            _Numbering(self._names, self._scope).visit(body)

    def _optional(self, step: ast.Optional) -> None:
        self.visit(step.body)
        own = self._names.steps.get(step.body)
        if own:
            self._names.steps[step] = own
        else:
            self._number(step, "option")
