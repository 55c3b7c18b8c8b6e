"""From written arguments to a layer: `bind(Conv, 2, [96, 11], {"s": 4})`."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics import Change, Problem, did_you_mean
from cnndsl.layers.base import Habit, Layer, written
from cnndsl.layers.elsewhere import IDLE, activated, as_here, meant, plain, torch_order
from cnndsl.layers.hyper import REQUIRED, Hyper
from cnndsl.shape import NOTHING, Shape


def bind(kind: type[Layer], rank: int, positional: list[Any], named: dict[str, Any]) -> Layer:
    """The layer of `kind` for a map of `rank` axes with these arguments.

    Raises Problem: unknown-argument, repeated-argument, missing-argument, too-many-arguments,
    argument-type, argument-value. `at` names the argument as it was written, or counts it:
    "#0" is the first positional one.
    """
    return made(kind, rank, name_arguments(kind, positional, named))


def made(kind: type[Layer], rank: int, given: dict[str, tuple[Any, str]]) -> Layer:
    """The layer of arguments under their full names, as `name_arguments` gives them."""
    values = {}
    for spec in kind.hypers().values():
        if spec.name in given:
            value, at = given[spec.name]
            try:
                values[spec.field] = _read(spec, value, rank, at)
            except Problem as problem:
                raise _reordered(kind, given, rank, problem) from None
        elif spec.default is REQUIRED:
            hint, changes = _with_assumed(kind, given, spec) or Habit(_usage(kind))
            raise Problem("missing-argument", f"{kind.kind} needs its {spec.name}", hint, changes=changes)
        else:
            values[spec.field] = spec.assumed(rank)
    return kind(rank=rank, **values)


def _with_assumed(kind: type[Layer], given: dict[str, tuple[Any, str]], missing: Hyper) -> Habit | None:
    """For `CONV(64)`, without the kernel that a bare CONV is assumed to have."""
    assumed, specs = kind.assumed or {}, kind.hypers()
    if missing.name not in assumed or next(iter(specs)) not in given:
        return None
    further = {name: str(value) for name, value in assumed.items() if name not in given}
    before = [plain(given[name][0]) for name, spec in specs.items() if name in given and spec.positional]
    added = ", ".join(f"{specs[name].short}={value}" for name, value in further.items())
    hint = f"did you mean {kind.kind}({', '.join(before)}, {added})? A bare {kind.kind} has that"
    return Habit(hint, (Change(f"write {added}", further),))


def _reordered(kind: type[Layer], given: dict[str, tuple[Any, str]], rank: int, problem: Problem) -> Problem:
    """The problem of an argument, with the order that the arguments ought to have where it is another."""
    habit = kind.order_slip({name: value for name, (value, _) in given.items()}, rank)
    if problem.code == "argument-type" and habit:
        problem.hints, problem.changes = (habit.hint,), habit.changes
    return problem


def name_arguments(
    kind: type[Layer], positional: list[Any], named: dict[str, Any], x: Shape | None = None
) -> dict[str, tuple[Any, str]]:
    """Each argument's full name with its value and the spelling under which it was given.

    What arrives, `x`, tells which of PyTorch's arguments a number too many is.
    """
    given: dict[str, tuple[Any, str]] = {}
    places = [spec for spec in kind.hypers().values() if spec.positional] if positional else []
    for number, value in enumerate(positional):
        while places and places[0].leading and not isinstance(value, str):
            places.pop(0)
        if not places:
            raise _too_many(kind, positional, number, x or NOTHING)
        given[places.pop(0).name] = (value, f"#{number}")
    spellings = kind.spellings()
    for word, value in named.items():
        spec = spellings.get(word.lower())
        if spec is None:
            said = {spellings[one.lower()].name: one for one in named if one.lower() in spellings}
            given |= {name: (named[one], one) for name, one in said.items() if name not in given}
            raise _unknown(word, kind, positional, named, given, x or NOTHING)
        if spec.name in given:
            habit = torch_order(kind, positional, named, x or NOTHING)
            raise _repeated(word, spec.name, given[spec.name], value, positional, habit)
        given[spec.name] = (value, word)
    return given


def _read(spec: Hyper, value: Any, rank: int, at: str) -> Any:
    try:
        return spec.value(value, rank)
    except Problem as problem:
        problem.at = at
        problem.changes = tuple(
            one._replace(values={at: one.text}, text="") if one.text else one for one in problem.changes
        )
        raise


def _too_many(kind: type[Layer], positional: list[Any], number: int, x: Shape) -> Problem:
    message = f"{kind.kind} takes {_count(kind)} by position, this is one too many"
    habit = kind.torch_habit(positional, x)
    hint, changes = habit or as_here(kind, "", positional[0]) or (_usage(kind), ())
    return Problem("too-many-arguments", message, hint, at=f"#{number}", changes=changes)


def _count(kind: type[Layer]) -> str:
    number = sum(spec.positional for spec in kind.hypers().values())
    return ("no argument", "one argument")[number] if number < 2 else f"{number} arguments"


def _repeated(
    word: str, name: str, before: tuple[Any, str], again: Any, positional: list[Any], habit: Habit | None
) -> Problem:
    """For an argument that is there already, under another name or by its place."""
    value, at = before
    same = value == again
    how = "by position" if at.startswith("#") else f"by {at}"
    said = f"{how} it is {plain(value)}, by {word} it is {plain(again)}: leave one of the two out"
    hint, changes = Habit(said) if same or habit is None else habit
    if not any(change.safe for change in changes):
        changes = (*changes, Change(f"leave {word}={plain(again)} out", {word: None}, safe=same))
        if not same and at == f"#{len(positional) - 1}":
            changes = (*changes, Change(f"leave the {plain(value)} out", {at: None}))
    return Problem("repeated-argument", f"{name} is given twice", hint, at=word, changes=changes)


def _unknown(
    word: str,
    kind: type[Layer],
    positional: list[Any],
    named: dict[str, Any],
    given: dict[str, tuple[Any, str]],
    x: Shape,
) -> Problem:
    near = meant(word, kind) or did_you_mean(word, kind.hypers())
    hint = f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else _usage(kind)
    changes: tuple[Change, ...] = ()
    habit = activated(word, kind, named[word]) or as_here(kind, word, named[word])
    if habit := habit or torch_order(kind, positional, named, x):
        hint, changes = habit
    elif word.lower() in IDLE:
        hint, changes = (
            f"nothing depends on `{word}` here",
            (Change("leave it out", {word: None}, safe=True),),
        )
    elif meant(word, kind)[:1] and near[0] in given:
        again = _repeated(word, near[0], given[near[0]], named[word], positional, None)
        hint, changes = again.hints[0], again.changes
    elif near and near[0] not in given:
        names = {word: near[0]} | {other: one for other in named for one in meant(other, kind)[:1]}
        title = f"write {', '.join(names.values())}"
        changes = (Change(title, {}, names, safe=len(meant(word, kind)) == 1),)
        if turned := kind.turned(positional, x):
            hint, changes = _both(turned, changes[0])
    message = f"{kind.kind} has no argument `{word}`"
    return Problem("unknown-argument", message, hint, at=word, changes=changes)


def _both(turned: Habit, renamed: Change) -> Habit:
    """What is said of arguments in another order, one of which has another name: one alone does not help."""
    first, *_ = turned.changes or (Change(""),)
    title = f"{first.title}; {renamed.title}"
    return Habit(
        turned.hint, (renamed._replace(title=title, values=first.values, safe=False),) * bool(turned.changes)
    )


def _usage(kind: type[Layer]) -> str:
    """How the kind is written: `CONV(filters, kernel, s=1, p=0)`."""
    return f"it is written {usage(kind)}"


def usage(kind: type[Layer]) -> str:
    """A kind's signature: `POOL([max|avg|min], window, s=…, p=0)`."""
    parts = []
    for spec in kind.hypers().values():
        if spec.positional:
            parts.append(f"[{'|'.join(spec.words)}]" if spec.leading else spec.name)
        elif spec.default is None:
            parts.append(f"{spec.short}=…")
        else:
            parts.append(f"{spec.short}={written(spec.default)}")
    return f"{kind.kind}({', '.join(parts)})" if parts else kind.kind
