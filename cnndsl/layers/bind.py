"""From written arguments to a layer: `bind(Conv, 2, [96, 11], {"s": 4})`."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics import Change, Problem, did_you_mean
from cnndsl.layers.base import Elementwise, Habit, Layer, written
from cnndsl.layers.hyper import REQUIRED, Hyper
from cnndsl.shape import NOTHING, Shape

#: Arguments as PyTorch and Keras call them, where the edit distance would not find ours.
_ELSEWHERE = {
    "padding": "pad",
    "kernel_size": "kernel window size",
    "pool_size": "window",
    "strides": "stride",
    "in_channels": "from",
    "in_features": "from",
    "out_channels": "filters",
    "out_features": "outputs",
    "units": "outputs",
    "output_padding": "output_pad",
    "padding_mode": "pad_mode",
    "num_groups": "groups",
    "use_bias": "bias",
    "negative_slope": "slope",
    "ceil_mode": "ceil",
    "count_include_pad": "count_pad",
    "scale_factor": "scale",
    "align_corners": "align",
    "output_size": "size",
    "upscale_factor": "factor",
    "rate": "probability",
    "p": "probability pad",
}


#: Arguments elsewhere that say nothing of the network.
_IDLE = ("inplace", "device", "dtype", "name")


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
                raise _reordered(kind, given, problem) from None
        elif spec.default is REQUIRED:
            raise Problem("missing-argument", f"{kind.kind} needs its {spec.name}", _usage(kind))
        else:
            values[spec.field] = spec.assumed(rank)
    return kind(rank=rank, **values)


def _reordered(kind: type[Layer], given: dict[str, tuple[Any, str]], problem: Problem) -> Problem:
    """The problem of an argument, with the order that the arguments ought to have where it is another."""
    habit = kind.order_slip({name: value for name, (value, _) in given.items()})
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
            raise _unknown(word, kind, named)
        if spec.name in given:
            change = Change("leave the second one out", {word: None}, safe=given[spec.name][0] == value)
            raise Problem("repeated-argument", f"{spec.name} is given twice", at=word, changes=(change,))
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
    hint, changes = habit or _as_here(kind, "", positional[0]) or (_usage(kind), ())
    return Problem("too-many-arguments", message, hint, at=f"#{number}", changes=changes)


def _count(kind: type[Layer]) -> str:
    number = sum(spec.positional for spec in kind.hypers().values())
    return ("no argument", "one argument")[number] if number < 2 else f"{number} arguments"


def _unknown(word: str, kind: type[Layer], named: dict[str, Any]) -> Problem:
    near = meant(word, kind) or did_you_mean(word, kind.hypers())
    hint = f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else _usage(kind)
    changes: tuple[Change, ...] = ()
    if habit := _activated(word, kind, named[word]) or _as_here(kind, word, named[word]):
        hint, changes = habit
    elif word.lower() in _IDLE:
        hint, changes = (
            f"nothing depends on `{word}` here",
            (Change("leave it out", {word: None}, safe=True),),
        )
    elif near and near[0] not in named:
        names = {word: near[0]} | {other: one for other in named for one in meant(other, kind)[:1]}
        title = f"write {', '.join(names.values())}"
        changes = (Change(title, {}, names, safe=len(meant(word, kind)) == 1),)
    message = f"{kind.kind} has no argument `{word}`"
    return Problem("unknown-argument", message, hint, at=word, changes=changes)


#: Arguments elsewhere with a value that says what holds here anyway, and how.
_ANYWAY = {
    "SOFTMAX": ("dim", 1, "it is over the channels"),
    "LOGSOFTMAX": ("dim", 1, "it is over the channels"),
    "FLATTEN": ("start_dim", 1, "it flattens the whole map"),
}


def _as_here(kind: type[Layer], word: str, value: Any) -> Habit | None:
    """For `Softmax(dim=1)` and `Flatten(1)`; `word` is "" for an argument by position."""
    name, usual, here = _ANYWAY.get(kind.kind, ("", 0, ""))
    if not name or word.lower() not in ("", name):
        return None
    change = Change("leave it out", {word or "#0": None}, safe=type(value) is int and value == usual)
    return Habit(f"{here}: write {kind.kind}", (change,) if type(value) is int else ())


def _activated(word: str, kind: type[Layer], value: Any) -> Habit | None:
    """For Keras' `Dense(10, activation="relu")`: the activation is a layer of its own."""
    from cnndsl.layers import find_kind

    if word.lower() != "activation":
        return None
    if isinstance(value, str) and value.lower() in ("linear", "none"):
        return Habit(
            "a layer has no activation of its own", (Change("leave it out", {word: None}, safe=True),)
        )
    found = value if isinstance(value, type) else find_kind(value) if isinstance(value, str) else None
    if found is None or not issubclass(found, Elementwise):
        return Habit(f"an activation is a layer of its own: {kind.kind}(…) → ReLU")
    change = Change(f"put {found.kind} behind it", {word: None}, after=found.kind, safe=True)
    return Habit(f"an activation is a layer of its own: {kind.kind}(…) → {found.kind}", (change,))


def meant(word: str, kind: type[Layer]) -> list[str]:
    """The arguments that PyTorch's or Keras' name for one can mean: `padding` is `pad`."""
    return [name for name in _ELSEWHERE.get(word.lower(), "").split() if name in kind.hypers()]


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
