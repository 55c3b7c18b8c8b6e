"""The arguments of layers and blocks: evaluated, merged with defaults, bound."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnndsl.diagnostics import Edit, Fix, Problem, did_you_mean, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.compute import describe, words
from cnndsl.elaborate.evaluate import Scope, depends, evaluate, filled, rounded
from cnndsl.elaborate.holes import need_values
from cnndsl.elaborate.program import BlockDef
from cnndsl.layers import FC, Layer, made, name_arguments, usage, written
from cnndsl.record import Record, fresh
from cnndsl.shape import NOTHING, OpenSize, Shape
from cnndsl.source import Span
from cnndsl.syntax import ast


class Given(Record):
    """Arguments with their values, places and expressions: `#0` is the first one by position."""

    positional: list[Any]
    named: dict[str, Any]
    places: dict[str, Span]
    sources: dict[str, ast.Expr] = fresh(factory=dict)

    def place(self, at: str | None, otherwise: Span) -> Span:
        return self.places.get(at or "", otherwise)


def evaluate_arguments(
    arguments: ast.Arguments | None,
    scope: Scope,
    x: Shape | None,
    kind: type[Layer] | None = None,
    *,
    holes: bool = False,
) -> Given:
    """The arguments' values; positional ones come first. With `holes`, such as have none stay holes.

    `kind` is the layer kind that they are for, if they are for one.
    """
    given = Given([], {}, {})
    for item in arguments.items if arguments else ():
        if kind and isinstance(item.value, ast.Name) and item.value.name.lower() == "valid":
            _need_defined(item, scope)
        hole = isinstance(item.value, ast.Hole) and holes
        value = filled(item.value, scope) if hole else evaluate(item.value, scope, x)
        if item.name is None:
            if given.named:
                from cnndsl.elaborate.changes import moved

                hint, found = moved(arguments, item, kind)
                message = "an argument by position stands after one by name"
                raise located("too-many-arguments", message, item.span, hint, fixes=found)
            given.places[f"#{len(given.positional)}"] = item.value.span
            given.sources[f"#{len(given.positional)}"] = item.value
            given.positional.append(value)
        elif item.name in given.named:
            from cnndsl.elaborate.changes import taken_off

            message = f"`{item.name}` is given twice"
            raise located("repeated-argument", message, item.span, fixes=taken_off(arguments, item))
        else:
            given.places[item.name] = item.span
            given.sources[item.name] = item.value
            given.named[item.name] = value
    return given


def _need_defined(item: ast.Argument, scope: Scope) -> None:
    """Raise for the word `valid`, unless it is a name in the file."""
    if scope.find("valid") is None:
        from cnndsl.elaborate.changes import zero_padding

        message, at = "`valid` is not defined", item.value.span
        raise located("undefined", message, at, "it is written p=0 here", fixes=zero_padding(item))


class Bound(NamedTuple):
    """A layer with its arguments' places, and the text of what was assumed ("" if nothing)."""

    layer: Layer
    assumed: str
    given: Given


def bind_layer(
    kind: type[Layer], step: ast.LayerStep, scope: Scope, net: Scope, x: Shape, *, last: bool = False
) -> Bound:
    """The layer that a step means where `x` arrives.

    The file's `default`s for the kind come in where the step says nothing itself; they are
    evaluated in the net's scope. `last`: the step ends an output.
    """
    if step.arguments is None and kind.assumed == {} and kind.kind not in scope.program.defaults:
        return _bare(kind, x.rank)
    try:
        given = _by_name(kind, evaluate_arguments(step.arguments, scope, x, kind, holes=True), step, x)
    except Located as error:
        from cnndsl.elaborate.notation import retold

        raise retold(error, kind, step.arguments, scope) from None
    if any(isinstance(expr, ast.Binary) for expr in given.sources.values()):
        from cnndsl.elaborate.notation import need_windows

        need_windows(kind, given.sources)
    for statement in scope.program.defaults.get(kind.kind, ()):
        default = _default(kind, statement, scope, net)
        given.named = default.named | given.named
        given.places = default.places | given.places
        if net.values.items() <= scope.values.items():  # not in a block, which sees its own names alone
            given.sources = default.sources | given.sources
    assumed = _assumed(kind, step, given.named, last)
    need_values(kind, assumed | given.named, x)
    try:
        named = {name: (value, name) for name, value in (assumed | given.named).items()}
        layer = made(kind, x.rank, named)
    except Problem as problem:
        raise place(problem, given, step, kind) from None
    except OpenSize as error:
        raise depends(error, f"an argument of {kind.kind}", step.span) from None
    return Bound(layer, assumption(layer, assumed), given)


#: Layers such as BN or ReLU, of which nothing is said and nothing has to be assumed, by kind and rank.
_bare_layers: dict[tuple[str, int], Bound] = {}


def _bare(kind: type[Layer], rank: int) -> Bound:
    key = kind.kind, rank
    if key not in _bare_layers:
        _bare_layers[key] = Bound(made(kind, rank, {}), "", Given([], {}, {}))
    return _bare_layers[key]


def _default(kind: type[Layer], statement: ast.Default, scope: Scope, net: Scope) -> Given:
    """The arguments of a `default`: the same for all layers of the kind, unless holes are tried out."""
    known: dict[ast.Default, Given] = scope.budget.defaults
    if statement in known:
        return known[statement]
    names = net if scope.program is net.program else Scope(scope.program, {}, scope.budget)
    given = _by_name(
        kind, evaluate_arguments(statement.arguments, names, NOTHING, kind, holes=True), statement
    )
    if not any(isinstance(node, ast.Hole) for node in ast.walk(statement)):
        known[statement] = given
    return given


def _by_name(
    kind: type[Layer], given: Given, written: ast.LayerStep | ast.Default, x: Shape | None = None
) -> Given:
    """The same arguments under their full names."""
    try:
        said = name_arguments(kind, given.positional, given.named, x)
    except Problem as problem:
        raise place(problem, given, written, kind) from None
    named = {name: value for name, (value, _) in said.items()}
    places = {name: given.places[at] for name, (_, at) in said.items()}
    sources = {name: given.sources[at] for name, (_, at) in said.items()}
    return Given([], named, places, sources)


def _assumed(kind: type[Layer], step: ast.LayerStep, named: dict[str, Any], last: bool) -> dict[str, Any]:
    """What is assumed for a layer without parentheses; a bare FC that ends a network has 10 outputs."""
    if step.arguments is not None:
        return {}
    if kind.assumed is None:
        message = f"{kind.kind} needs arguments"
        raise located("missing-argument", message, step.span, f"it is written {usage(kind)}")
    assumed = {**kind.assumed, "outputs": 10} if last and kind is FC else kind.assumed
    return {name: value for name, value in assumed.items() if name not in named}


def assumption(layer: Layer, assumed: dict[str, Any]) -> str:
    """What a layer without parentheses was taken to be, in full: `CONV(64, 3x3, s=1, p=1)`."""
    if not assumed:
        return ""
    parts = []
    for spec in layer.hypers().values():
        value = getattr(layer, spec.field)
        if spec.positional:
            parts.append(written(value))
        elif spec.name in {*assumed, "stride"}:
            strides = getattr(layer, "strides", value) if spec.name == "stride" else value
            parts.append(f"{spec.short}={written_axis(strides)}")
    return f"{layer.kind}({', '.join(parts)})"


def written_axis(value: Any) -> str:
    """A value per axis as one number where the axes agree: strides and paddings."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        first = value[0]
        return written(first[0] if isinstance(first, tuple) and len(set(first)) == 1 else first)
    return written(value)


def place(
    problem: Problem, given: Given, written: ast.Step | ast.Default, kind: type[Layer] | None = None
) -> Located:
    """A rule's problem, with the place of the argument at fault, and fixes."""
    span = given.place(problem.at, written.span)
    found: tuple[Fix, ...] = ()
    if problem.changes and isinstance(written, ast.LayerStep | ast.Default):
        from cnndsl.elaborate.changes import Call, fixes

        name = written.name_span if isinstance(written, ast.LayerStep) else written.kind_span
        call = Call(kind, name, written.arguments, given.places, words())
        found = fixes(problem.changes, call, span)
    if problem.at and isinstance(given.named.get(problem.at), float):
        found = (*found, *rounded(given.sources.get(problem.at), given.named[problem.at]))
    return located(problem.code, problem.message, span, *problem.hints, fixes=found)


def bind_block(block: BlockDef, step: ast.LayerStep, scope: Scope, x: Shape | None) -> dict[str, Any]:
    """The values of a block's parameters in one use of it."""
    given = evaluate_arguments(step.arguments, scope, x)
    inner = Scope(block.program, {}, scope.budget)
    return bind_params(block.syntax.params, given, inner, x, f"the block {block.name}", step.span)


def bind_params(
    params: tuple[ast.Param, ...], given: Given, inner: Scope, x: Shape | None, owner: str, span: Span
) -> dict[str, Any]:
    """Parameters by position and by name; defaults are evaluated in order, and see those before."""
    names = [param.name for param in params]
    if len(given.positional) > len(params):
        count = f"takes {len(params)} argument{'s' * (len(params) != 1)}"
        extra = given.places[f"#{len(params)}"]
        raise located(
            "too-many-arguments", f"{owner} {count}, this is one too many", extra, _signature(owner, params)
        )
    values = dict(zip(names, given.positional, strict=False))
    for name, value in given.named.items():
        if name not in names:
            near = did_you_mean(name, names)
            hint = f"did you mean `{near[0]}`?" if near else _signature(owner, params)
            at = given.places[name]
            edit = Edit(Span(at.source, at.start, at.start + len(name)), near[0]) if near else None
            found = (Fix(f"write {near[0]}", (edit,)),) if edit else ()
            raise located("unknown-argument", f"{owner} has no parameter `{name}`", at, hint, fixes=found)
        if name in values:
            said = f"by position it is {describe(values[name])}, by name {describe(value)}"
            hint = f"{said}: leave one of the two out"
            raise located("repeated-argument", f"`{name}` is given twice", given.places[name], hint)
        values[name] = value
    bound: dict[str, Any] = {}
    for param in params:
        if param.name in values:
            bound[param.name] = values[param.name]
        elif param.default is not None:
            scope = Scope(inner.program, {**inner.values, **bound}, inner.budget)
            bound[param.name] = evaluate(param.default, scope, x)
        else:
            raise located(
                "missing-argument", f"{owner} needs `{param.name}`", span, _signature(owner, params)
            )
        if param.choices is not None or param.low is not None:
            place = given.places.get(param.name) or given.places.get(f"#{names.index(param.name)}")
            seen = Scope(inner.program, {**inner.values, **bound}, inner.budget)
            check_domain(param, bound[param.name], seen, place or param.span)
    return bound


def _signature(owner: str, params: tuple[ast.Param, ...]) -> str:
    name = owner.rsplit(" ", 1)[-1]
    if not params:
        return f"it has none: {name}"
    shown = (f"{p.name}={p.default.span.text}" if p.default else p.name for p in params)
    return f"it is written {name}({', '.join(shown)})"


def _bound(expr: ast.Expr, scope: Scope) -> Any:
    """An end of a domain."""
    value = evaluate(expr, scope, NOTHING)
    if type(value) is not int:
        raise located(
            "argument-type", f"a domain runs over whole numbers, this is {describe(value)}", expr.span
        )
    return value


def check_domain(param: ast.Param, value: Any, scope: Scope, span: Span) -> None:
    """Raise where a value lies outside the domain that its parameter declares."""
    if param.choices is not None:
        choices = [evaluate(choice, scope, NOTHING) for choice in param.choices]
        if value not in choices:
            legal = ", ".join(map(describe, choices))
            raise located("argument-value", f"`{param.name}` is one of {legal}, not {describe(value)}", span)
    if param.low is not None and param.high is not None:
        low, high = _bound(param.low, scope), _bound(param.high, scope)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            legal = f"a whole number from {describe(low)} to {describe(high)}"
            raise located("argument-value", f"`{param.name}` is {legal}, not {describe(value)}", span)
