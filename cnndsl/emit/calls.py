"""Calls of classes: what a block's use hands to the constructor, and what leaves the module."""

from __future__ import annotations

import ast as py
from typing import Any

from cnndsl.emit import plan as plans
from cnndsl.emit.comments import comment
from cnndsl.emit.derived import computed, with_sources
from cnndsl.emit.from_net import FROM_NET
from cnndsl.emit.names import snake
from cnndsl.emit.planner import ClassPlan, Outer, Parameter, Planner
from cnndsl.emit.printer import source
from cnndsl.emit.python import compute, names_in, replaced, simplified
from cnndsl.emit.scope import Occ, State, Varies, agrees, one
from cnndsl.emit.steps import attribute, labelled
from cnndsl.emit.syntax import written_arguments
from cnndsl.syntax import ast


def call(planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State) -> plans.Plan:
    """The module that a use of a block is, in terms of the names around it."""
    if len({occ.node.block for occ in occs}) > 1:
        return _polymorphic(planner, step, occs, state)
    plan = one(planner.classes.plan_of(occ.node) for occ in occs)
    arguments = _arguments(planner, plan, step, occs, state)
    module = _module(text_of_call(plan.name, plan, arguments), occs, step, state)
    return _left(planner, module, plan, arguments, occs, state)


def _left(
    planner: Planner,
    module: plans.Modules,
    plan: ClassPlan,
    arguments: dict[str, py.expr],
    occs: list[Occ],
    state: State,
) -> plans.Plan:
    """The module, and the channels that leave it: in the caller's names, or else it is asked for them."""
    leaving = [occ.node.output.channels for occ in occs]
    state.flat = all(occ.node.output.rank == 0 for occ in occs)
    expr = _leaving(plan, arguments)
    if expr is None and any(map(names_in, arguments.values())):
        return _asking(planner, module, [plan], occs, state)
    try:
        channels = planner.value("", [expr], occs, leaving, state.loop({}, ""))
    except Varies:
        return _asking(planner, module, [plan], occs, state)
    settled = planner.settle(channels, occs, state)
    return plans.Sequence([module, settled] if settled else [module])


def _module(text: str, occs: list[Occ], step: ast.LayerStep, state: State) -> plans.Modules:
    nodes = [occ.node for occ in occs]
    named = labelled(nodes, nodes[0].block.name.lower())
    name = attribute(nodes, state) if named or len({node.block for node in nodes}) == 1 else snake(step.name)
    return plans.Modules([text], name, comment(occs), snake(step.name), named)


def _asking(
    planner: Planner, module: plans.Modules, made: list[ClassPlan], occs: list[Occ], state: State
) -> plans.Plan:
    """A module that is asked for the channels that leave it, since only its class knows."""
    for plan in made:
        plan.keep_channels = True
    module.kept = planner.locals.fresh("layer")
    return plans.Sequence([module, planner.assign(f"{module.kept}.out_channels", occs, state)])


def _polymorphic(planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State) -> plans.Plan:
    """A use of a parameter that stands for one block or another: one call suits them all."""
    called = state.names.get(step.name)
    if called is None or not agrees(called, occs, [occ.node.block for occ in occs]):
        raise Varies
    made: dict[int, tuple[ClassPlan, list[Occ]]] = {}
    for occ in occs:
        plan = planner.classes.plan_of(occ.node)
        if plan.name != planner.classes.names.get(occ.node.block):
            raise Varies
        made.setdefault(id(plan), (plan, []))[1].append(occ)
    given = [(plan, _arguments(planner, plan, step, own, state)) for plan, own in made.values()]
    text = one(text_of_call(source(called), plan, arguments) for plan, arguments in given)
    module = _module(text, occs, step, state)
    state.flat = all(occ.node.output.rank == 0 for occ in occs)
    leaving = [occ.node.output.channels for occ in occs]
    for channels in (
        state.channels,
        *(left for plan, arguments in given if (left := _leaving(plan, arguments))),
    ):
        if agrees(channels, occs, leaving):
            settled = planner.settle(channels, occs, state)
            return plans.Sequence([module, settled] if settled else [module])
    return _asking(planner, module, [plan for plan, _ in given], occs, state)


def _leaving(plan: ClassPlan, arguments: dict[str, py.expr]) -> py.expr | None:
    """The channels that leave a class's module in the caller's names, if these tell them."""
    known = names_in(plan.channels) <= arguments.keys()
    return simplified(replaced(plan.channels, arguments)) if known else None


def _arguments(
    planner: Planner, plan: ClassPlan, step: ast.LayerStep, occs: list[Occ], state: State
) -> dict[str, py.expr]:
    """What each constructor argument is in terms of the caller's names."""
    arriving = [occ.node.input.channels for occ in occs]
    channels = planner.value("in_channels", [state.channels], occs, arriving, state)
    state.channels = channels
    written = written_arguments(step, occs[0].node.block)
    used = used_names(plan)
    #: What the block's parameters are, by their names in the spec; a default may read those before it.
    inner: dict[str, py.expr] = {}
    found: dict[str, py.expr] = {plan.parameters[0].name: channels}
    for parameter in plan.parameters[1:]:
        own = parameter.source_name
        if not own:
            values = [_value(planner, parameter, occ) for occ in occs]
            found[parameter.name] = planner.value(parameter.name, [], occs, values, state)
            continue
        if own in written:
            expr = planner.translated(written[own], state)
        elif own.startswith(FROM_NET):
            expr = state.names.get(own)
        else:
            expr = planner.translated(parameter.written, State(channels, state.flat, inner))
        if parameter.derived is None and parameter.name in used:
            values = [_value(planner, parameter, occ) for occ in occs]
            expr = found[parameter.name] = planner.value(own, [expr], occs, values, state)
        inner[own] = expr if expr is not None else py.Constant(None)
    return found


def _value(planner: Planner, parameter: Parameter, occ: Occ) -> Any:
    """The value of a parameter in the use that an occurrence is."""
    return parameter.values[planner.classes.number_of(occ.node)]


# ---- classes for parts without a name


def own_class(planner: Planner, body: ast.Step, copies: list[Occ], state: State) -> plans.Plan:
    """A class for the body of a loop that needs statements in `forward`."""
    visible = {key: expr for key, expr in state.names.items() if isinstance(expr, py.Name)}
    arriving = [copy.node.input.numel if state.flat else copy.node.input.channels for copy in copies]
    parameters = [Parameter("in_features" if state.flat else "in_channels", arriving)]
    for key, visible_name in visible.items():
        values = [compute(visible_name, copy.env) for copy in copies]
        parameters.append(Parameter(key, values, None, key))
    bodies = [copy.node for copy in copies]
    plan = planner.classes.plan_part(body, parameters, bodies, state.flat, Outer(planner, visible))
    arguments = {
        plan.parameters[0].name: planner.value("in_channels", [state.channels], copies, arriving, state)
    }
    for parameter in plan.parameters[1:]:
        if not parameter.source_name:
            raise Varies
        arguments[parameter.name] = visible[parameter.source_name]
    planner.classes.order.append(plan)
    name = snake(plan.name)
    module = plans.Modules([text_of_call(plan.name, plan, arguments)], name, comment(copies), name)
    return _left(planner, module, plan, arguments, copies, state)


# ---- the constructor


def used_names(plan: ClassPlan) -> set[str]:
    """The arguments that a class's text mentions; a fixed signature keeps all."""
    words = _needed(plan)
    handed = (parameter for parameter in plan.parameters if parameter.derived is None)
    return {parameter.name for parameter in handed if plan.keep_signature or parameter.name in words}


def _needed(plan: ClassPlan) -> set[str]:
    """The names that a class's text mentions, and those that the constructor computes them from."""
    words = plan.mentioned.union(name for name, _ in stored(plan))
    if plan.keep_channels:
        words |= names_in(plan.channels)
    return with_sources(words, plan.parameters)


def computed_first(plan: ClassPlan) -> list[tuple[str, str]]:
    """The names that the constructor computes from its arguments, each with its source."""
    return [(parameter.name, source(expr)) for parameter, expr in computed(plan, _needed(plan))]


def stored(plan: ClassPlan) -> list[tuple[str, str]]:
    """The parameters that `forward` reads, each with the attribute that keeps it."""
    return [
        (name, attribute) for name, attribute in plan.stored.items() if f"self.{attribute}" in plan.mentioned
    ]


def mentions(plan: ClassPlan) -> set[str]:
    """All names that a class's text mentions."""
    own = [parameter.default for parameter in kept(plan) if parameter.default is not None]
    own += [expr for _, expr in computed(plan, _needed(plan))]
    texts = [source(expr) for expr in (*own, *[plan.channels][: plan.keep_channels])]
    return plan.mentioned.union(*map(plans.words, texts))


def kept(plan: ClassPlan) -> list[Parameter]:
    """The constructor's arguments, in order."""
    used = used_names(plan)
    return [parameter for parameter in plan.parameters if parameter.name in used]


def defaults(plan: ClassPlan) -> dict[str, str]:
    """The source of defaults; an argument has none where a later one has none."""
    found: dict[str, str] = {}
    for parameter in reversed(kept(plan)):
        if parameter.default is None:
            break
        found[parameter.name] = source(parameter.default)
    return found


def text_of_call(callee: str, plan: ClassPlan, arguments: dict[str, py.expr]) -> str:
    """`Block(192, 64, stride=2)`: by position up to the first flag or argument that has a default."""
    shown, by_position = [], True
    optional, used = defaults(plan), used_names(plan)
    for parameter in plan.parameters:
        if parameter.name not in arguments or parameter.name not in used:
            continue
        text = source(arguments[parameter.name])
        by_position = by_position and parameter.name not in optional and text not in {"True", "False"}
        if text == optional.get(parameter.name):
            continue
        shown.append(text if by_position else f"{parameter.name}={text}")
    return f"{callee}({', '.join(shown)})"
