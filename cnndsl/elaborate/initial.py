"""How weights start: from an `init` statement to a recipe for each kind of layer."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics import Edit, Fix, Label, Problem, did_you_mean, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.evaluate import Scope, evaluate
from cnndsl.elaborate.program import Program, unknown_kind
from cnndsl.layers import REQUIRED, find_kind
from cnndsl.layers.initial import (
    CALLED,
    FANS,
    METHODS,
    WEIGHTED,
    Initialisation,
    Recipe,
    method_called,
    need_applicable,
)
from cnndsl.shape import NOTHING
from cnndsl.source import Span
from cnndsl.syntax import ast


def initialisation(statement: ast.Init, program: Program) -> Initialisation:
    """What a statement says of each kind; raises Located where it cannot hold."""
    recipes: dict[str, Recipe] = {}
    written: list[str] = []
    places: dict[str, Span] = {}
    for number, item in enumerate(statement.items):
        kind = _kind(item)
        if number and not kind:
            hint = "for one kind of layer: FC = normal(0.01)"
            raise located("too-many-arguments", "the method for all kinds stands first", item.span, hint)
        if kind in places:
            label = Label(places[kind], "it is said here")
            message = f"how {kind} starts is said twice"
            raise located("repeated-argument", message, item.span, labels=(label,))
        places[kind] = item.span
        recipe = _recipe(item, kind, program)
        recipes |= {kind: recipe} if kind else dict.fromkeys(WEIGHTED, recipe)
        written.append(f"{kind} = {recipe}" if kind else str(recipe))
    return Initialisation(recipes, ", ".join(written))


def _kind(item: ast.Initial) -> str:
    """The kind that an item is for; "" for all."""
    if not item.kind:
        return ""
    kind = find_kind(item.kind)
    if kind is None:
        raise unknown_kind(item.kind, item.kind_span, ())
    return kind.kind


def _recipe(item: ast.Initial, kind: str, program: Program) -> Recipe:
    if find_kind(item.method):
        raise _kind_alone(item)
    try:
        method = method_called(item.method)
    except Problem as problem:
        raise _located(problem, item.method_span, _renamed(item)) from None
    try:
        need_applicable(method, kind or "CONV")
    except Problem as problem:
        raise _located(problem, item.span) from None
    given, fan = dict[str, float](), FANS[0]
    for argument in item.arguments.items if item.arguments else ():
        if argument.name is None and _word(argument) in FANS and METHODS[method].fan:
            fan = _word(argument)
            continue
        name = _name(argument, method, given)
        given[name] = _number(argument, name, program)
    missing = [name for name, value in METHODS[method].arguments.items() if value is REQUIRED]
    if unset := [name for name in missing if name not in given]:
        message, hint = f"{method} needs its {unset[0]}", f"for example {method}(0.01)"
        raise located("missing-argument", message, item.span, hint)
    return Recipe(method, given, fan)


def _kind_alone(item: ast.Initial) -> Located:
    """`init CONV(he)`, as `default` has it."""
    items = item.arguments.items if item.arguments else ()
    method = items[0].value.span.text if len(items) == 1 and items[0].name is None else "he"
    text = f"{item.method} = {method}"
    fixes = (Fix(f"write {text}", (Edit(item.span, text),)),) if items else ()
    message = f"{item.method} is a kind of layer, and a method is due"
    return located("undefined", message, item.method_span, f"for one kind of layer: {text}", fixes=fixes)


def _located(problem: Problem, span: Span, fixes: tuple[Fix, ...] = ()) -> Located:
    return located(problem.code, problem.message, span, *problem.hints, fixes=fixes)


def _renamed(item: ast.Initial) -> tuple[Fix, ...]:
    """The method that was meant, where it is clear which."""
    called = CALLED.get(item.method.lower())
    near = [called] if called else did_you_mean(item.method, METHODS)
    return tuple(Fix(f"write {one}", (Edit(item.method_span, one),), safe=bool(called)) for one in near)


def _word(argument: ast.Argument) -> str:
    return argument.value.name.lower() if isinstance(argument.value, ast.Name) else ""


def _name(argument: ast.Argument, method: str, given: dict[str, Any]) -> str:
    """Which argument of the method this is."""
    names = [*METHODS[method].arguments]
    takes = ", ".join([*(" or ".join(FANS) for _ in range(METHODS[method].fan)), *names]) or "nothing"
    if argument.name is not None and argument.name not in names:
        near = did_you_mean(argument.name, names)
        hint = f"did you mean {near[0]}?" if near else f"it takes {takes}"
        message = f"{method} has no argument `{argument.name}`"
        fixes = tuple(Fix(f"write {one}", (_edit(argument, one),)) for one in near)
        raise located("unknown-argument", message, argument.span, hint, fixes=fixes)
    place = len(given)
    by_place = [name for name in names if METHODS[method].arguments[name] is REQUIRED]
    if argument.name is None and (place >= len(by_place) or by_place[place] in given):
        hint = f"it takes {takes}"
        raise located(
            "too-many-arguments", f"`{argument.span.text}` is one too many for {method}", argument.span, hint
        )
    name = argument.name or by_place[place]
    if name in given:
        raise located("repeated-argument", f"`{name}` is given twice", argument.span)
    return name


def _edit(argument: ast.Argument, name: str) -> Edit:
    start = argument.span.start
    return Edit(Span(argument.span.source, start, start + len(argument.name or "")), name)


def _number(argument: ast.Argument, name: str, program: Program) -> float:
    """The value of an argument: a number, the same for all variants."""
    params = {param.name for param in program.params}
    for node in ast.walk(argument.value):
        if isinstance(node, ast.Name) and node.name in params:
            message = f"`{node.name}` may differ from network to network, `init` holds for the whole file"
            raise located("argument-type", message, node.span, "write a number")
    value = evaluate(argument.value, Scope(program), NOTHING)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise located("argument-type", f"`{name}` is a number", argument.span, f"{name}=0.01")
    if name in ("std", "bound") and value < 0:
        raise located("argument-value", f"`{name}` is {value}, which is below 0", argument.span)
    if abs(value) > _LARGEST:
        raise located("argument-value", f"`{name}` is out of all proportion", argument.span)
    return float(value)


#: No weight of float32 is larger.
_LARGEST = 1e38
