"""Guards as conditions: what is there for some uses only, or would be for other arguments."""

from __future__ import annotations

import ast as py

from cnndsl.emit import plan as plans
from cnndsl.emit.planner import Planner, Rule
from cnndsl.emit.printer import source
from cnndsl.emit.python import name, names_in
from cnndsl.emit.scope import Occ, State, Varies, agrees, one
from cnndsl.emit.syntax import counted_by
from cnndsl.network import ChoiceNode, Node, ParallelNode
from cnndsl.syntax import ast


def _guard(planner: Planner, step: ast.Guard, occs: list[Occ], state: State) -> plans.Plan:
    taken = [occ for occ in occs if occ.node.taken]
    left = [occ for occ in occs if not occ.node.taken]
    if not left and _could_be_left(planner, step, occs, state):
        return _always(planner, step, occs, state)
    if not (left and taken):
        planner.freeze_names(counted_by(step), state)
    if not left:
        return planner.sequence(step.body, [occ.at(occ.node.body) for occ in taken], state)
    if not taken:
        return _otherwise(planner, step, left, state)
    values = [occ.node.taken for occ in occs]
    test = planner.value("condition", [planner.translated(step.condition, state)], occs, values, state)
    if isinstance(step.body, ast.Parallel) and step.path is not None and step.body.operator != "|":
        return _with_path(planner, step.body, step.path, test, occs, state)
    then_state, else_state = state.branch(), state.branch()
    then = planner.sequence(step.body, [occ.inside(occ.node.body) for occ in taken], then_state)
    other = _otherwise(planner, step, [occ.inside(occ.node) for occ in left], else_state)
    state.flat = then_state.flat and else_state.flat
    condition = plans.Condition(source(test), then, other)
    leaving = [occ.node.output.channels for occ in occs]
    both = [then_state.channels, else_state.channels]
    try:
        settled = planner.settle(planner.value("", both, occs, leaving, state.loop({}, "")), occs, state)
        return plans.Sequence([condition, settled] if settled else [condition])
    except Varies:
        return _assigning(planner, condition, both, occs, state)


def _could_be_left(planner: Planner, step: ast.Guard, occs: list[Occ], state: State) -> bool:
    """Whether a part that is there in every use could be left out by other arguments, and all else stay."""
    test = planner.translated(step.condition, state)
    if step.otherwise is not None and step.path is None:
        return False  # nothing is known of what would be there instead
    if test is None or not names_in(test) or planner.exchanges(step.body):
        return False
    changes = any(occ.node.input.extents != occ.node.output.extents for occ in occs)
    return not changes and not state.flat and agrees(test, occs, [True] * len(occs))


def _always(planner: Planner, step: ast.Guard, occs: list[Occ], state: State) -> plans.Plan:
    """A part that every use has, on its condition all the same."""
    test = planner.translated(step.condition, state)
    assert test is not None, "or it could not be left out"
    if isinstance(step.body, ast.Parallel) and step.path is not None and step.body.operator != "|":
        return _with_path(planner, step.body, step.path, test, occs, state)
    then_state, before = state.branch(), state.channels
    then = planner.sequence(step.body, [occ.inside(occ.node.body) for occ in occs], then_state)
    condition = plans.Condition(source(test), then, plans.Sequence())
    leaving = [occ.node.output.channels for occ in occs]
    arriving = [occ.node.input.channels for occ in occs]
    for channels in (then_state.channels, before):
        if agrees(channels, [*occs, *occs], [*leaving, *arriving]):
            settled = planner.settle(channels, occs, state)
            return plans.Sequence([condition, *filter(None, [settled])])
    return _assigning(planner, condition, [then_state.channels, before], occs, state)


def _with_path(
    planner: Planner, step: ast.Parallel, number: int, test: py.expr, occs: list[Occ], state: State
) -> plans.Plan:
    """A sum or product one path of which is there on a condition: the others are the same in both arms."""
    branches: list[plans.Sequence] = []
    candidates: list[py.expr] = []
    for n, branch in enumerate(step.branches):
        path = state.branch()
        there = [occ for occ in occs if occ.node.taken or n != number]
        own = [occ.inside(_path_of(occ.node, n, number)) for occ in there]
        branches.append(planner.sequence(branch, own, path))
        candidates += [path.channels] * (n != number)
        for occ, inner in zip(there, own, strict=True):
            occ.env.update(inner.env)
    left = [branch for n, branch in enumerate(branches) if n != number]
    other = left[0] if len(left) == 1 else plans.Sequence([plans.Join(step.operator, left)])
    then = plans.Sequence([plans.Join(step.operator, branches)])
    leaving = [occ.node.output.channels for occ in occs]
    settled = planner.settle(planner.value("", candidates, occs, leaving, state), occs, state)
    return plans.Sequence([plans.Condition(source(test), then, other), *filter(None, [settled])])


def _path_of(node: ChoiceNode, n: int, conditional: int) -> Node | None:
    """The node of the path with a number; where the conditional one is not there, others move up."""
    if isinstance(node.body, ParallelNode):
        return node.body.branches[n if node.taken else n - (n > conditional)]
    return node.body


def _assigning(
    planner: Planner, condition: plans.Condition, both: list[py.expr], occs: list[Occ], state: State
) -> plans.Plan:
    """A condition whose two ways leave different channels: each assigns them to one variable."""
    variable = planner.variable(state, occs)
    for way, channels in zip((condition.then, condition.otherwise), both, strict=True):
        if source(channels) != variable:
            way.parts.append(plans.Assign(variable, source(channels)))
    for occ in occs:
        occ.env[variable] = occ.node.output.channels
    state.channels = name(variable)
    return condition


def _otherwise(planner: Planner, step: ast.Guard, occs: list[Occ], state: State) -> plans.Sequence:
    if step.otherwise is None:
        return plans.Sequence()
    return planner.sequence(step.otherwise, [occ.at(occ.node.body) for occ in occs], state)


def _optional(planner: Planner, step: ast.Optional, occs: list[Occ], state: State) -> plans.Plan:
    """An optional part has been bound: it is there or not."""
    if not one(occ.node.taken for occ in occs):
        return plans.Sequence()
    return planner.sequence(step.body, [occ.at(occ.node.body) for occ in occs], state)


RULES: dict[type[ast.Step], Rule] = {
    ast.Guard: _guard,
    ast.Optional: _optional,
}
