"""The members of a family one after the other, in a constant amount of memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cnndsl.analysis.family.choices import Choice, assignments, choices, number_of
from cnndsl.analysis.lastmap import LastMap, last_map
from cnndsl.diagnostics import Diagnostic, located
from cnndsl.elaborate.optional import optional_parts
from cnndsl.elaborate.program import Program
from cnndsl.elaborate.shared import Members, Stop
from cnndsl.network import Network, Totals
from cnndsl.record import Record
from cnndsl.shape import Shape
from cnndsl.syntax import ast


class Member(Record):
    """One member of a family: the values that make it, and what it comes to, or why it doesn't.

    >>> member.values, member.ok, member.totals.params
    ({'N': 1, 'pool1': True, 'M': 2, 'K': 1}, True, 1090122)

    `totals`, `output` and `last` (its last map) are None where there is an `error`.
    """

    name: str
    variant: str | None
    values: dict[str, Any]
    totals: Totals | None = None
    output: Shape | None = None
    last: LastMap = LastMap(None, None)
    error: Diagnostic | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    @property
    def reason(self) -> str:
        """Why it is none: `kernel-too-large: the 2x2 window does not fit: …`; "" if it is one."""
        return f"{self.error.code}: {self.error.message}" if self.error else ""


class Candidate(NamedTuple):
    """A member that is being looked at. `network` is None where there is an error."""

    variant: str | None
    values: dict[str, Any]
    network: Network | None
    error: Diagnostic | None

    def member(self, name: str) -> Member:
        """All that is kept of it."""
        if self.network is None:
            return Member(name, self.variant, self.values, error=self.error)
        network = self.network
        last = last_map(network)
        return Member(name, self.variant, self.values, network.totals, network.output, last)


class Family:
    """All members of a program, or of some of its variants.

    >>> family = Family(program, [None], parse_settings(Source("--set", "N=0..3, M=2")))
    >>> family.number, [choice.name for choice in family.choices]

    Members come in the order of an odometer: the variants one after the other, in each the choices in
    the order of the text, the last one running fastest.
    """

    def __init__(
        self,
        program: Program,
        variants: Sequence[str | None],
        settings: Sequence[ast.Setting] = (),
        *,
        strict: bool = False,
        input: Shape | None = None,
    ) -> None:
        self.program, self.choices = program, choices(program, settings)
        self.variants = [None] if self._alike(variants) else variants
        self._members = Members(program, optional=optional_parts(program), strict=strict, input=input)

    @property
    def number(self) -> int | None:
        """How many members there are; None where a domain depends on another parameter."""
        numbers = [number_of(self.open(variant)) for variant in self.variants]
        return None if None in numbers else sum(number for number in numbers if number is not None)

    def open(self, variant: str | None) -> list[Choice]:
        """What is left open in a variant: not the parameters that it gives, unless the caller sets them."""
        if variant is None:
            return self.choices
        bound = self._bound(variant)
        return [choice for choice in self.choices if choice.set or choice.name not in bound]

    def _bound(self, variant: str) -> set[str]:
        """The parameters that a variant gives."""
        given = self.program.variants[variant].arguments.items
        by_position = sum(item.name is None for item in given)
        named = {item.name for item in given if item.name}
        return {param.name for param in self.program.params[:by_position]} | named

    def _alike(self, variants: Sequence[str | None]) -> bool:
        """Whether all variants are one, since the caller sets whatever they give."""
        own = {choice.name for choice in self.choices if choice.set}
        return len(variants) > 1 and all(name and self._bound(name) <= own for name in variants)

    def candidates(self) -> Iterator[Candidate]:
        """The members, each as it is looked at; raises Located where none can be looked at."""
        for variant in self.variants:
            for values in assignments(self.program, self.open(variant), {}):
                yield self._candidate(variant, values)

    def name(self, variant: str | None) -> str:
        return variant or self.program.name

    def _candidate(self, variant: str | None, values: dict[str, Any]) -> Candidate:
        network, error = None, None
        try:
            network = self._members.elaborate(variant, values)
        except Stop as stop:
            error = stop.diagnostic
        self._need_numbers()
        return Candidate(variant, {**self._members.arguments, **values}, network, error)

    def _need_numbers(self) -> None:
        """Raise where the input's size is open: closed forms cannot be compared."""
        domain = self._members.domain
        if domain is not None:
            chain = self.program.chain
            assert chain is not None
            message = "members of a family are compared by numbers, and the input's size has none"
            hint = f"give the input numbers: --input {domain.example}"
            raise located("symbolic-size", message, chain.steps[0].span, hint)
