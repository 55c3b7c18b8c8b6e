"""What a caller asks of members: `params <= 1e6 and rf >= 32`, as `expect` has it, or `macs`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnndsl.analysis.expects import QUANTITIES, bare_names, quantity
from cnndsl.analysis.family.members import Candidate, Family
from cnndsl.diagnostics import Diagnostic, did_you_mean, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.compute import describe, words
from cnndsl.elaborate.evaluate import Scope, evaluate
from cnndsl.elaborate.program import Program
from cnndsl.shape import NOTHING
from cnndsl.syntax import ast

#: The extents of the output, which can be asked for as well.
_AXES = frozenset("CDHWLcdhwl")


class _NoAnswer(Exception):
    """A member that is none has no quantities."""


class Question:
    """An expression about members. Not every member has an answer: it may lack the step that is asked for.

    `unanswered` counts those that are valid and have none, and `fault` says why the first has none.
    """

    def __init__(self, expr: ast.Expr, family: Family) -> None:
        self.expr, self._program = expr, family.program
        self.answered = self.unanswered = 0
        self.fault: Diagnostic | None = None
        _check_names(expr, {choice.name for choice in family.choices}, family.program)

    def answer(self, candidate: Candidate) -> Any:
        """What it comes to; None where there is no answer. Raises Located on a question that has none."""
        network = candidate.network
        if network is None:
            return self._of_values(candidate.values)
        try:
            value = quantity(self.expr, network, candidate.values)
        except Located as error:
            if error.diagnostic.code == "argument-type" and not self.answered:
                raise
            self.unanswered += 1
            self.fault = self.fault or error.diagnostic
            return None
        self.answered += 1
        return value

    def need_answers(self) -> None:
        """Raise Located where valid members were asked and none has an answer: then it means nothing here."""
        if self.fault and not self.answered:
            raise Located(self.fault)

    def _of_values(self, values: dict[str, Any]) -> Any:
        """The answer where a member has nothing but its values."""
        try:
            return evaluate(self.expr, Scope(self._program, {**values}, paths=_no_answer), NOTHING)
        except (Located, _NoAnswer):
            return None

    def truth(self, candidate: Candidate) -> bool:
        """The answer of a condition, which does not hold where it has none."""
        value = self.answer(candidate)
        if not isinstance(value, bool | None):
            message = f"a condition is needed, this is {describe(value)}"
            raise located("argument-type", message, self.expr.span, "compare it: params <= 1e6")
        return bool(value)

    def number(self, candidate: Candidate) -> float | None:
        """The answer of what members are sorted by."""
        value = self.answer(candidate)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            message = f"members are sorted by a number, this is {describe(value)}"
            raise located("argument-type", message, self.expr.span, "--sort macs, --sort -params")
        number: float | None = value
        return number


def _no_answer(expr: ast.Expr) -> Any:
    raise _NoAnswer


def _check_names(expr: ast.Expr, choices: Iterable[str], program: Program) -> None:
    """Raise where a name means nothing in any member."""
    values = dict.fromkeys([*choices, *(param.name for param in program.params)])
    for name in bare_names(expr):
        known = name.name in values or name.name in QUANTITIES or name.name in _AXES
        if not (known or name.name in words() or Scope(program).find(name.name)):
            near = did_you_mean(name.name, [*values, *QUANTITIES])
            there = ", ".join((*QUANTITIES, *values))
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {there}, conv1.macs …"
            raise located("undefined", f"there is no `{name.name}` to ask for", name.span, hint)
