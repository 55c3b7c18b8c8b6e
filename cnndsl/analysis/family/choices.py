"""What a family leaves open: which parameters, counts and optional parts, and their values.

In a file, `N = 2 in 0..3` leaves N open; a bare pattern the counts and optional parts that it doesn't
bind. The caller's `--set N=1,2,3` or `--set N=0..9` takes the place of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from cnndsl.diagnostics import located
from cnndsl.elaborate.arguments import check_domain
from cnndsl.elaborate.compute import describe
from cnndsl.elaborate.evaluate import Scope, evaluate
from cnndsl.elaborate.leaves import typed
from cnndsl.elaborate.optional import optional_parts
from cnndsl.elaborate.program import Program
from cnndsl.elaborate.repeats import COURSE_RANGES
from cnndsl.elaborate.resolve import free_counts
from cnndsl.record import Record
from cnndsl.shape import NOTHING
from cnndsl.source import Span
from cnndsl.syntax import ast

#: How far the lecture's counts run; one that it leaves without an end runs to `OPEN_END`.
COURSE_ENDS = {"N": 3, "K": 2}
OPEN_END = 5

#: Values of a part: a range, or some that are named.
Values = Sequence[Any]


class Choice(Record):
    """One thing that is left open, with its values in order."""

    name: str
    span: Span
    #: What the values are, piece by piece; None where they depend on other parameters.
    values: tuple[Values, ...] | None
    #: The parameter, where it is one.
    param: ast.Param | None = None
    #: How its range was come by, where nobody has said it.
    assumed: str = ""
    #: Whether the caller has named the values.
    set: bool = False
    #: Whether it is an optional part, which is there or not.
    part: bool = False

    def given(self, scope: Scope) -> Iterator[Any]:
        """The values, where the parameters before it have those of a scope."""
        for piece in self.values if self.values is not None else _domain(self.param, scope):
            yield from piece

    @property
    def count(self) -> int | None:
        """How many values there are; None where that depends on other parameters."""
        return None if self.values is None else sum(map(_size, self.values))

    @property
    def fixed(self) -> bool:
        """Whether the caller has bound it to one value."""
        return self.set and self.count == 1


def _size(values: Values) -> int:
    return max(0, values.stop - values.start) if isinstance(values, range) else len(values)


def choices(program: Program, settings: Sequence[ast.Setting]) -> list[Choice]:
    """What a program leaves open, in the order of its text, with the caller's settings.

    Raises Located where a setting means nothing.
    """
    given = _given(program, settings)
    known = {choice.name: choice for choice in (*_parameters(program), *_counts(program))}
    for choice in _optional(program):
        known.setdefault(choice.name, choice)
    params = {param.name: param for param in program.params}
    for name, (span, values) in given.items():
        if name not in known and name not in params:
            there = sorted(known.values(), key=lambda one: one.span.start)
            raise _nothing_to_set(name, span, dict.fromkeys([*params, *(one.name for one in there)]))
        choice = known.get(name) or Choice(name, span, (), params[name])
        _check(program, choice, values, span)
        choice.values, choice.assumed, choice.set = values, "", True
        known[name] = choice
    order = {name: number for number, name in enumerate(params)}
    return sorted(known.values(), key=lambda one: (order.get(one.name, len(order)), one.span.start))


def number_of(choices: Sequence[Choice]) -> int | None:
    """How many members there are; None where that is not known beforehand."""
    counts = [choice.count for choice in choices]
    return None if None in counts else prod(count for count in counts if count is not None)


def assignments(
    program: Program, choices: Sequence[Choice], values: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """All combinations, the last choice running fastest; `values` are those of choices before."""
    if not choices:
        yield dict(values)
        return
    first, *rest = choices
    for value in first.given(Scope(program, {**values})):
        yield from assignments(program, rest, {**values, first.name: value})


# ---- what there is to choose


def _parameters(program: Program) -> Iterator[Choice]:
    """The parameters that have a domain."""
    names = {param.name for param in program.params}
    for param in program.params:
        if param.choices is None and param.low is None:
            continue
        ends = param.choices or (param.low, param.high)
        depends = any(
            isinstance(node, ast.Name) and node.name in names
            for end in ends
            if end is not None
            for node in ast.walk(end)
        )
        values = None if depends else tuple(_domain(param, Scope(program)))
        if values and param.low and param.high:
            _not_empty(values[0], param.low.span.to(param.high.span))
        yield Choice(param.name, param.span, values, param)


def _domain(param: ast.Param | None, scope: Scope) -> list[Values]:
    """The values that a parameter's declaration allows."""
    assert param is not None
    if param.choices is not None:
        found = {typed(value): value for value in (evaluate(one, scope, NOTHING) for one in param.choices)}
        return [tuple(found.values())]
    assert param.low is not None
    assert param.high is not None
    return [_range(param.low, param.high, scope)]


def _range(low: ast.Expr, high: ast.Expr, scope: Scope) -> range:
    ends = [evaluate(end, scope, NOTHING) for end in (low, high)]
    for end, value in zip((low, high), ends, strict=True):
        if type(value) is not int:
            message = f"a range runs over whole numbers, this is {describe(value)}"
            raise located("argument-type", message, end.span)
    return range(ends[0], ends[1] + 1)


def _not_empty(values: Values, span: Span) -> None:
    if isinstance(values, range) and not values:
        message = f"the range is empty: {values.start} is more than {values.stop - 1}"
        raise located("argument-value", message, span)


def _counts(program: Program) -> Iterator[Choice]:
    """The counts that a bare pattern leaves free."""
    if program.params:
        return
    for name, span in free_counts(program).items():
        end = COURSE_ENDS.get(name, OPEN_END)
        said = COURSE_RANGES.get(name, f"{name} ≥ 0")
        assumed = "" if name in COURSE_ENDS else f"taken, since {said} has no end: --set {name}=0..9 goes on"
        yield Choice(name, span, (range(end + 1),), assumed=assumed)


def _optional(program: Program) -> Iterator[Choice]:
    for step, name in optional_parts(program).items():
        yield Choice(name, step.span, ((True, False),), part=True)


# ---- what the caller sets


def _given(program: Program, settings: Sequence[ast.Setting]) -> dict[str, tuple[Span, tuple[Values, ...]]]:
    """The values by name, and where these stand."""
    scope, name = Scope(program), ""
    found: dict[str, tuple[Span, tuple[Values, ...]]] = {}
    for setting in settings:
        if setting.name in found:
            message = f"`{setting.name}` is given twice"
            raise located("repeated-argument", message, setting.span, f"{setting.name}=1,2 names two values")
        if not setting.name and not name:
            message = "values follow the name that they are for"
            raise located("too-many-arguments", message, setting.span, "--set N=1,2,3 or --set N=0..3")
        name = setting.name or name
        span, before = found.get(name, (setting.span, ()))
        piece = _piece(setting, scope)
        _check_once(piece, before, setting)
        found[name] = span, (*before, piece)
    return found


def _piece(setting: ast.Setting, scope: Scope) -> Values:
    if len(setting.values) == 2:
        values = _range(*setting.values, scope)
        _not_empty(values, setting.values[0].span.to(setting.values[1].span))
        return values
    return (evaluate(setting.values[0], scope, NOTHING),)


def _check_once(piece: Values, before: tuple[Values, ...], setting: ast.Setting) -> None:
    """Raise where a value is among those that were named before."""
    if any(_overlap(piece, other) for other in before):
        text = setting.values[0].span.to(setting.values[-1].span).text
        raise located("repeated-argument", f"`{text}` is among the values before it", setting.span)


def _overlap(one: Values, other: Values) -> bool:
    """Whether two pieces have a value in common; each is a range or one value."""
    if isinstance(one, range) and isinstance(other, range):
        return max(one.start, other.start) < min(one.stop, other.stop)
    if isinstance(one, range):
        one, other = other, one
    if isinstance(other, range):
        return type(one[0]) is int and one[0] in other
    return bool(typed(one[0]) == typed(other[0]))


def _nothing_to_set(name: str, span: Span, known: Iterable[str]) -> Exception:
    names = ", ".join(known)
    hint = f"there is {names} to set" if names else "this network has nothing to set"
    return located("undefined", f"there is no `{name}` to set", span, hint)


def _check(program: Program, choice: Choice, values: tuple[Values, ...], span: Span) -> None:
    """Raise where values don't suit what they are for."""
    for value in (value for piece in values for value in _telling(piece, choice.param)):
        if choice.param and choice.values is not None:
            check_domain(choice.param, value, Scope(program), span)
        elif choice.part and not isinstance(value, bool):
            raise located("argument-type", f"{choice.name} is yes or no, not {describe(value)}", span)
        elif not choice.part and not choice.param and (type(value) is not int or value < 0):
            message = f"{choice.name} is a whole number of 0 or more, not {describe(value)}"
            raise located("repeat-count", message, span)


def _telling(piece: Values, param: ast.Param | None) -> Values:
    """What must be right of a piece for all of it to be right: of a range in a range, its ends."""
    if isinstance(piece, range) and not (param and param.choices):
        return piece[0], piece[-1]
    return piece
