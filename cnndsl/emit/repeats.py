"""Repeats as loops; copy by copy where a loop cannot say it."""

from __future__ import annotations

import ast as py
from typing import Any

from cnndsl.emit import plan as plans
from cnndsl.emit.attempt import Attempt
from cnndsl.emit.planner import Planner, Rule
from cnndsl.emit.printer import source
from cnndsl.emit.python import name, names_in, replaced, simplified
from cnndsl.emit.scope import Occ, State, Varies, agrees, literal, one
from cnndsl.emit.steps import flatten
from cnndsl.emit.syntax import counted_by
from cnndsl.network import ChainNode, ChoiceNode, LabelNode, LayerNode, Node, RepeatNode
from cnndsl.syntax import ast

#: Equal copies that are written out where no loop can say them.
MAX_COPIES = 1000

#: Layers of a part that, written twice, reads better than a loop.
MAX_SHORT = 4

RepeatStep = ast.Repeat | ast.IndexedRepeat | ast.ListRepeat


def _repeat(planner: Planner, step: RepeatStep, occs: list[Occ], state: State) -> plans.Plan:
    if not any(occ.node.runs for occ in occs):
        planner.freeze_names(counted_by(step), state)
        return plans.Sequence()
    parts: list[plans.Plan] = []
    if not state.flat and (first := _flattening(occs)):
        parts.append(flatten(planner, first, state))
    parts.append(_repeated(planner, step, occs, state))
    return plans.flat(parts)


def _repeated(planner: Planner, step: RepeatStep, occs: list[Occ], state: State) -> plans.Plan:
    """A loop, or the copies one by one."""
    attempt = Attempt(planner, state)
    if not (planner.classes.impatient and any(len(occ.node.runs) > 1 for occ in occs)):
        try:
            plan = _rolled(planner, step, occs, state)
        except Varies:
            attempt.undo()
            planner.classes.attempts += 1
        else:
            planner.active = attempt.active
            if not _is_short(step, plan):
                return plan
            attempt.undo()
            return _written_out(planner, step, occs, state)
    planner.freeze_names(counted_by(step), state)
    return _unrolled(planner, step, occs, state)


def _is_short(step: RepeatStep, plan: plans.Plan) -> bool:
    """Whether two copies of a few layers read better than a loop that hands on their channels."""
    if not (isinstance(plan, plans.Loop) and plan.carried and isinstance(step, ast.Repeat)):
        return False
    twice = isinstance(step.count, ast.Number) and step.count.value == 2
    layers = [part for part in plan.body.parts if isinstance(part, plans.Modules) and not part.kept]
    return twice and len(layers) == len(plan.body.parts) <= MAX_SHORT


def _written_out(planner: Planner, step: RepeatStep, occs: list[Occ], state: State) -> plans.Plan:
    """The two copies, one after the other."""
    return plans.flat(
        [
            planner.sequence(step.body, [occ.at(occ.node.runs[number].body) for occ in occs], state)
            for number in (0, -1)
        ]
    )


def _flattening(occs: list[Occ]) -> list[Occ]:
    """Occurrences of a repeat whose first layer flattens: the flatten goes before the loop."""
    found = [occ for occ in occs if occ.node.runs and _first_flattens(occ.node.runs[0].body)]
    return found if found and len(found) == sum(bool(occ.node.runs) for occ in occs) else []


def _first_flattens(node: Node) -> bool:
    match node:
        case LayerNode():
            return node.flattens
        case ChainNode():
            return _first_flattens(node.parts[0])
        case RepeatNode():
            return bool(node.runs) and _first_flattens(node.runs[0].body)
        case LabelNode():
            return _first_flattens(node.body)
        case ChoiceNode():
            return node.body is not None and _first_flattens(node.body)
    return False


# ---- loops


def _rolled(planner: Planner, step: RepeatStep, occs: list[Occ], state: State) -> plans.Plan:
    names, targets, index = _targets(planner, step)
    iterable = _iterable(planner, step, occs, state)
    copies = [
        occ.inside(run.body, {names[key].id: value for key, value in run.values.items()})
        for occ in occs
        for run in occ.node.runs
    ]
    loop = plans.Loop(targets, iterable, plans.Sequence())
    inside = state.loop(dict(names), index)
    changes = any(copy.node.input.channels != copy.node.output.channels for copy in copies)
    attempt = Attempt(planner, state)
    if not changes and not state.flat:
        loop.body = _body(planner, step.body, copies, inside)
        if source(inside.channels) == source(state.channels):
            return loop
        attempt.undo()
        inside = state.loop(dict(names), index)
    return _carrying(planner, step, occs, copies, loop, state, inside)


def _carrying(
    planner: Planner,
    step: RepeatStep,
    occs: list[Occ],
    copies: list[Occ],
    loop: plans.Loop,
    state: State,
    inside: State,
) -> plans.Plan:
    """A loop whose copies hand the channels on in a variable."""
    owned = isinstance(state.channels, py.Name) and state.channels.id in state.owned
    loop.carried = planner.variable(state, occs)
    loop.start = "" if owned else source(state.channels)
    if loop.start:  # the loop's header comes after it
        for occ in occs:
            occ.env[loop.carried] = occ.node.input.numel if state.flat else occ.node.input.channels
        state.channels = name(loop.carried)
        loop.iterable = _iterable(planner, step, occs, state)
    inside.owned.add(loop.carried)
    inside.channels = name(loop.carried)
    again = any(occ.node.count > 1 for occ in occs)
    inside.flat = state.flat and not (again and any(copy.node.output.rank for copy in copies))
    for copy in copies:
        copy.env[loop.carried] = copy.node.input.numel if inside.flat else copy.node.input.channels
    loop.body = _body(planner, step.body, copies, inside)
    loop.step = "" if _is_up_to_date(loop, copies, inside) else source(inside.channels)
    for occ in occs:
        occ.env[loop.carried] = occ.node.output.channels
    state.channels = _after(loop, occs, inside)
    state.flat = inside.flat if all(occ.node.runs for occ in occs) else inside.flat and state.flat
    return loop


def _after(loop: plans.Loop, occs: list[Occ], inside: State) -> py.expr:
    """The channels after a loop: the variable, or what the last of a fixed number of copies leaves."""
    if not names_in(name(loop.iterable)):
        left = simplified(replaced(inside.channels, _last(loop)))
        own = {loop.carried, *loop.target.split(", ")}
        if not names_in(left) & own and agrees(left, occs, _leaving(occs)):
            return left
    return name(loop.carried)


def _last(loop: plans.Loop) -> dict[str, py.expr]:
    """The values of the loop's own variables in its last copy: `c` and `n` of `for c, n in ((64, 2),)`."""
    over, targets = name(loop.iterable), loop.target.split(", ")
    match over:
        case py.Call(args=[py.Constant(value=int() as count)]):
            return {targets[0]: py.Constant(count - 1)}
        case py.Tuple(elts=[*_, py.Tuple(elts=items)]) if len(targets) == len(items) > 1:
            return dict(zip(targets, items, strict=True))
        case py.Tuple(elts=[*_, item]) if len(targets) == 1:
            return {targets[0]: item}
    return {}


def _is_up_to_date(loop: plans.Loop, copies: list[Occ], state: State) -> bool:
    """Whether the variable holds the channels at the end of the body, which may have assigned to it."""
    variable = name(loop.carried)
    assigned = loop.carried in plans.assigned(loop.body)
    return source(state.channels) == loop.carried or (assigned and agrees(variable, copies, _leaving(copies)))


def _leaving(occs: list[Occ]) -> list[int]:
    return [occ.node.output.channels for occ in occs]


def _body(planner: Planner, body: ast.Step, copies: list[Occ], state: State) -> plans.Sequence:
    """The loop's body: modules, or where it needs statements in `forward` a class of its own."""
    alone = not planner.exchanges(body)
    attempt, flat = Attempt(planner, state), state.flat
    if not (alone and planner.needs_statements(body)):
        plan = planner.sequence(body, copies, state)
        if state.flat and not flat:
            raise Varies  # the next copy would get a vector
        if plans.pure(plan):
            return plan
        if not alone:
            _check_statements(plan)
            return plan
        attempt.undo()
    return plans.flat([planner.classes.own_class(planner, body, copies, state)])


def _check_statements(plan: plans.Sequence) -> None:
    """Raise Varies where a loop in `forward` would need loops or conditions of its own, or has no modules."""
    if not plans.makes_module(plan):
        raise Varies  # there would be no list of modules to run over
    _check_loops(plan)


def _check_loops(plan: plans.Sequence) -> None:
    for part in plan.parts:
        if isinstance(part, plans.Loop | plans.Condition) and not plans.pure(part):
            raise Varies
        if isinstance(part, plans.Join):
            for branch in part.branches:
                _check_loops(branch)


def _targets(planner: Planner, step: RepeatStep) -> tuple[dict[str, py.Name], str, str]:
    """Python's names for a loop's own, the loop's target, and the index that `forward` can know."""
    if isinstance(step, ast.Repeat):
        return {}, "_", ""
    wanted = (step.index,) if isinstance(step, ast.IndexedRepeat) else step.names
    names = {key: py.Name(planner.index(key), py.Load()) for key in wanted}
    targets = ", ".join(value.id for value in names.values())
    return names, targets, targets if isinstance(step, ast.IndexedRepeat) else ""


def _iterable(planner: Planner, step: RepeatStep, occs: list[Occ], state: State) -> str:
    if not isinstance(step, ast.ListRepeat):
        count = step.count if isinstance(step, ast.Repeat) else step.limit
        counts = [occ.node.count for occ in occs]
        expr = planner.value("repeats", [planner.translated(count, state)], occs, counts, state)
        return f"range({source(expr)})"
    values = [tuple(_item(step, run.values) for run in occ.node.runs) for occ in occs]
    written: py.expr | None = None
    if step.spread:
        written = planner.translated(step.values[0], state)
    else:
        items = [planner.translated(value, state) for value in step.values]
        if all(item is not None for item in items):
            written = py.Tuple([item for item in items if item is not None], py.Load())
    return source(planner.value("items", [written], occs, values, state))


def _item(step: ast.ListRepeat, values: dict[str, Any]) -> Any:
    """The list's item that a copy's names were taken from."""
    return values[step.names[0]] if len(step.names) == 1 else tuple(values[key] for key in step.names)


# ---- copy by copy


def _unrolled(planner: Planner, step: RepeatStep, occs: list[Occ], state: State) -> plans.Plan:
    """Each run written out, with its index as a number."""
    runs = one(tuple((run.first, run.copies) for run in occ.node.runs) for occ in occs)
    parts: list[plans.Plan] = []
    for number, (_first, count) in enumerate(runs):
        own = [occ.at(occ.node.runs[number].body) for occ in occs]
        values = one(occ.node.runs[number].values for occ in occs)
        names = {key: literal(value, planner.classes.names) for key, value in values.items()}
        if count > 1:
            parts.append(_alike(planner, step, own, count, state))
            continue
        inside = State(
            state.channels, state.flat, {**state.names, **names}, state.owned, state.depth, state.index
        )
        parts += planner.sequence(step.body, own, inside).parts
        state.channels, state.flat = inside.channels, inside.flat
    return plans.flat(parts)


def _alike(planner: Planner, step: RepeatStep, occs: list[Occ], count: int, state: State) -> plans.Plan:
    """Equal copies within an unrolled repeat: a loop where one can say it, else written out."""
    attempt, inside = Attempt(planner, state), state.loop({}, "")
    try:
        body = _body(planner, step.body, [occ.inside(occ.node) for occ in occs], inside)
        state.channels = planner.value("", [state.channels], occs, _leaving(occs), inside)
        return plans.Loop("_", f"range({count})", body)
    except Varies:
        planner.classes.attempts += 1
        if count > MAX_COPIES:
            raise
        attempt.undo()
        return plans.flat([planner.sequence(step.body, occs, state) for _ in range(count)])


RULES: dict[type[ast.Step], Rule] = {
    ast.Repeat: _repeat,
    ast.IndexedRepeat: _repeat,
    ast.ListRepeat: _repeat,
}
