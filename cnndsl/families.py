"""The members of a family, as `import cnndsl` offers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from cnndsl.analysis.family import Family, Member, Question, Selection
from cnndsl.api import SpecError, chosen, input_shape
from cnndsl.diagnostics import Problem, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.program import Collector, Program
from cnndsl.elaborate.resolve import unresolved
from cnndsl.files import find_used, read_source
from cnndsl.shape import Shape
from cnndsl.source import Source, Span
from cnndsl.syntax.parse import parse, parse_question, parse_settings

if TYPE_CHECKING:
    from os import PathLike


def family(
    file: str | PathLike[str] | Source,
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = None,
    only: Literal["valid", "invalid"] | None = None,
    **options: Any,
) -> Iterator[Member]:
    """The members of a file that leaves counts, optional parts or parameters open, one after the other.

    >>> for member in family("pattern", settings="M=1..3, K=1", where="params <= 6e5", sort="-rf", limit=2):
    ...     print(member.values, member.totals.params, member.last.output)
    {'N': 3, 'pool1': True, 'M': 3, 'K': 1} 562186 64@4x4
    {'N': 2, 'pool1': True, 'M': 3, 'K': 1} 451402 64@4x4

    `where` is a condition in the language of `expect`, `sort` what members are sorted by, the least
    first. Sorted ones are looked at all before the first of them comes; `limit` are kept (1 000, unless it is
    given). Otherwise each comes as it is found, in the order of an odometer whose last wheel runs fastest;
    there may be millions of them. The options are those of `opened`. Raises SpecError on a file with errors
    and on options that mean nothing; a member with an error is one that tells its `reason`.
    """
    source = file if isinstance(file, Source) else read_source(str(file))
    selection = selected(opened(source, **options), where=where, sort=sort, limit=limit, only=only)
    return _reported(selection.members())


def opened(
    source: Source, *, settings: str = "", input: str = "", variants: Iterable[str] = (), strict: bool = False
) -> Family:
    """The family that a source describes; raises SpecError.

    `settings` give parameters, free counts and optional parts other values (`"N=1,2,3, M=0..9"`), `input`
    replaces the input's shape, `variants` narrows the file's variants, `strict` makes a division with a
    remainder an error.
    """
    try:
        given = parse_settings(Source("--set", settings)) if settings.strip() else ()
        shape = _shape(input) if input else None
        program = Collector(parse, find_used).network(source)
        _refuse(program)
        return Family(program, chosen(program, tuple(variants)), given, strict=strict, input=shape)
    except Located as error:
        raise SpecError([error.diagnostic]) from None


def selected(
    family: Family,
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = None,
    only: Literal["valid", "invalid"] | None = None,
) -> Selection:
    """Those members that pass, in the order that is asked for; raises SpecError."""
    try:
        asked = [
            Question(parse_question(Source(option, text)), family) if text.strip() else None
            for option, text in (("--where", where), ("--sort", sort))
        ]
    except Located as error:
        raise SpecError([error.diagnostic]) from None
    return Selection(family, where=asked[0], sort=asked[1], limit=limit, only=only)


def _reported(members: Iterator[Member]) -> Iterator[Member]:
    try:
        yield from members
    except Located as error:
        raise SpecError([error.diagnostic]) from None


def _shape(text: str) -> Shape:
    try:
        return input_shape(text)
    except Problem as problem:
        raise located(
            problem.code, problem.message, Span(Source("--input", text), 0, len(text)), *problem.hints
        ) from None


def _refuse(program: Program) -> None:
    """Raise for what no member can do without, and for holes."""
    if errors := [*unresolved(program)]:
        raise SpecError(errors)
    if holes := program.holes:
        message = "a hole has a value that fits, and is no choice of a family"
        raise located("hole", message, holes[0].span, "`cnndsl solve` finds the values that fit")
