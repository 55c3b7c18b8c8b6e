"""The classes of one file: a class for each block, made from all its uses, and one for the net."""

from __future__ import annotations

import ast as py
from collections.abc import Iterator
from typing import Any

from cnndsl.diagnostics import Problem, located
from cnndsl.elaborate.names import parts
from cnndsl.elaborate.program import BlockDef
from cnndsl.emit import plan as plans
from cnndsl.emit import repeats, steps
from cnndsl.emit.names import Namespace, snake
from cnndsl.emit.planner import ClassPlan, Parameter, Planner
from cnndsl.emit.python import compute, name, names_in, source
from cnndsl.emit.scope import Occ, State, Varies, one
from cnndsl.emit.steps import attribute, comment
from cnndsl.emit.texts import Written
from cnndsl.emit.torch_rows import spell
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Network,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)
from cnndsl.shape import Shape
from cnndsl.syntax import ast

#: Attempts to find a loop for a repeat, before the network is called too intricate.
MAX_ATTEMPTS = 3000


class Classes:
    """Plans classes on demand, callees before their callers; `order` is the order to write them in."""

    rules = steps.RULES | repeats.RULES

    def __init__(self, networks: list[Network], namespace: Namespace) -> None:
        self.namespace = namespace
        self.order: list[ClassPlan] = []
        #: The class of each block that has but one.
        self.names: dict[BlockDef, str] = {}
        self._plans: dict[int, ClassPlan] = {}  # by the id of a use's body
        self._uses: dict[BlockDef, list[BlockNode]] = {}
        self._as_values: set[BlockDef] = set()
        self._attempts = 0
        seen: set[int] = set()
        for network in networks:
            self._as_values |= _blocks_in(network.arguments)
            for chain in network.chains:
                self._collect(chain.node, seen)
        for block in self._uses:
            self._plan_block(block)

    def _collect(self, node: Node, seen: set[int]) -> None:
        """Gather the uses of blocks, each body once."""
        if isinstance(node, BlockNode):
            if id(node.body) in seen:
                return
            seen.add(id(node.body))
            self._as_values |= _blocks_in(node.arguments)
            self._collect(node.body, seen)
            self._uses.setdefault(node.block, []).append(node)
        for inner in inside(node):
            self._collect(inner, seen)

    def spend(self) -> None:
        """Count an attempt; planning must end also where a spec is made to be hard."""
        self._attempts += 1
        if self._attempts > MAX_ATTEMPTS:
            raise Intricate

    # ---- blocks

    def _plan_block(self, block: BlockDef) -> None:
        uses = self._uses[block]
        if id(uses[0].body) in self._plans:
            return
        class_name = self.namespace.fresh(block.name)
        try:
            plan = self._plan(class_name, block, uses)
        except Varies:
            self._plan_each(class_name, block, uses)
            return
        self.names[block] = plan.name
        self.order.append(plan)
        self._plans |= {id(use.body): plan for use in uses}

    def _plan_each(self, class_name: str, block: BlockDef, uses: list[BlockNode]) -> None:
        """A class for each use: where no text tells them apart, each has its own numbers."""
        for number, use in enumerate(uses):
            plan = self._plan(class_name if number == 0 else self.namespace.fresh(block.name), block, [use])
            self.order.append(plan)
            self._plans[id(use.body)] = plan

    def _plan(self, class_name: str, block: BlockDef, uses: list[BlockNode]) -> ClassPlan:
        parameters = [Parameter("in_channels", [_channels(use.input) for use in uses])]
        for param in block.syntax.params:
            values = [use.arguments[param.name] for use in uses]
            parameters.append(Parameter(param.name, values, param.default, param.name))
        bodies: list[Node] = [use.body for use in uses]
        flat = all(use.input is not None and use.input.rank == 0 for use in uses)
        fixed = block in self._as_values
        return self._class(class_name, block.syntax.doc, parameters, block.syntax.body, bodies, flat, fixed)

    def _class(
        self,
        class_name: str,
        doc: str,
        parameters: list[Parameter],
        body: ast.Step,
        bodies: list[Node],
        flat: bool,
        fixed: bool = False,
    ) -> ClassPlan:
        planner = Planner(self, parameters, tapped(bodies), fixed)
        occs = [
            Occ(node, {p.name: p.values[number] for p in planner.parameters})
            for number, node in enumerate(bodies)
        ]
        state = planner.state(name(planner.parameters[0].name), flat)
        plan = planner.sequence(body, occs, state)
        return ClassPlan(
            class_name,
            doc,
            planner.parameters,
            plans.pruned(plan, names_in(state.channels)),
            state.channels,
            planner.stored,
            planner.locals,
            fixed,
        )

    # ---- uses of blocks

    def call(self, planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State) -> plans.Plan:
        """The module that a use of a block is, in terms of the names around it."""
        blocks = list(dict.fromkeys(occ.node.block for occ in occs))
        if len(blocks) > 1:
            return self._polymorphic(planner, step, occs, state)
        for block in blocks:
            self._plan_block(block)
        plan = one(self._plans[id(occ.node.body)] for occ in occs)
        arguments = self._arguments(planner, plan, step, occs, state)
        call = _call(plan.name, plan, arguments)
        leaving = [_channels(occ.node.output) for occ in occs]
        expr = _substituted(plan.channels, arguments, plan)
        module = plans.Modules(
            [call], attribute([occ.node for occ in occs]), comment([occ.node for occ in occs])
        )
        state.flat = all(occ.node.output.rank == 0 for occ in occs)
        try:
            channels = planner.value("", [expr], occs, leaving, state.loop({}, ""))
        except Varies:
            return self._asking(planner, module, [plan], occs, state)
        settled = planner.settle(channels, occs, state)
        return plans.Sequence([module, settled] if settled else [module])

    def _asking(
        self, planner: Planner, module: plans.Modules, made: list[ClassPlan], occs: list[Occ], state: State
    ) -> plans.Plan:
        """A module that is asked for the channels that leave it, since only its class knows."""
        for plan in made:
            plan.keep_channels = True
        module.kept = planner.locals.fresh("layer")
        return plans.Sequence([module, planner.assign(f"{module.kept}.out_channels", occs, state)])

    def _polymorphic(
        self, planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State
    ) -> plans.Plan:
        """A use of a parameter that stands for one block or another: they share a signature."""
        called = one(state.names.get(step.name) for _ in occs)
        made = list({id(plan): plan for occ in occs if (plan := self._plans.get(id(occ.node.body)))}.values())
        signatures = {tuple(p.name for p in plan.parameters) for plan in made}
        if (
            called is None
            or len(signatures) != 1
            or any(plan.name not in self.names.values() for plan in made)
        ):
            raise Varies
        arguments = self._arguments(planner, made[0], step, occs, state)
        module = plans.Modules([_call(source(called), made[0], arguments)], snake(step.name))
        state.flat = all(occ.node.output.rank == 0 for occ in occs)
        return self._asking(planner, module, made, occs, state)

    def _arguments(
        self, planner: Planner, plan: ClassPlan, step: ast.LayerStep, occs: list[Occ], state: State
    ) -> dict[str, py.expr]:
        """What each constructor argument is in terms of the caller's names."""
        arriving = [_channels(occ.node.input) for occ in occs]
        channels = planner.value("in_channels", [state.channels], occs, arriving, state)
        state.channels = channels
        block: BlockDef = occs[0].node.block
        written = _written(step, block)
        inner: dict[str, py.expr] = {}
        found: dict[str, py.expr] = {}
        for parameter in plan.parameters:
            if parameter is plan.parameters[0]:
                found[parameter.name] = channels
                continue
            own = parameter.source_name
            if not own:
                values = [self._added_value(parameter, plan, occ) for occ in occs]
                found[parameter.name] = planner.value(parameter.name, [], occs, values, state)
                continue
            if own in written:
                expr = planner.translated(written[own], state)
            else:
                callee = State(channels, state.flat, inner)
                expr = planner.translated(parameter.default, callee)
            if own not in _used(plan):
                inner[own] = expr if expr is not None else py.Constant(None)
                continue
            values = [occ.node.arguments[own] for occ in occs]
            found[parameter.name] = inner[own] = planner.value(own, [expr], occs, values, state)
        return found

    def _added_value(self, parameter: Parameter, plan: ClassPlan, occ: Occ) -> Any:
        """The value of a planner's own parameter in the use that an occurrence is."""
        uses = self._uses[occ.node.block]
        number = next(i for i, use in enumerate(uses) if use.body is occ.node.body)
        return parameter.values[number]

    # ---- classes for parts without a name

    def own_class(self, planner: Planner, body: ast.Step, copies: list[Occ], state: State) -> plans.Plan:
        """A class for the body of a loop that needs statements in `forward`."""
        self.spend()
        visible = {key: expr for key, expr in state.names.items() if isinstance(expr, py.Name)}
        parameters = [Parameter("in_channels", [_channels(copy.node.input) for copy in copies])]
        for key, visible_name in visible.items():
            values = [compute(visible_name, copy.env) for copy in copies]
            parameters.append(Parameter(key, values, None, key))
        flat = state.flat
        wanted = self.namespace.fresh(_title(body))
        plan = self._class(wanted, "", parameters, body, [copy.node for copy in copies], flat)
        arriving = [_channels(copy.node.input) for copy in copies]
        arguments: dict[str, py.expr] = {
            plan.parameters[0].name: planner.value("in_channels", [state.channels], copies, arriving, state)
        }
        for parameter in plan.parameters[1:]:
            if not parameter.source_name:
                raise Varies
            arguments[parameter.name] = visible[parameter.source_name]
        self.order.append(plan)
        call = _call(
            plan.name, plan, {key: value for key, value in arguments.items() if key in used_names(plan)}
        )
        leaving = [_channels(copy.node.output) for copy in copies]
        expr = _substituted(plan.channels, arguments, plan)
        state.channels = planner.value("out_channels", [expr], copies, leaving, state)
        state.flat = all(copy.node.output.rank == 0 for copy in copies)
        return plans.Modules([call], snake(plan.name))

    # ---- layers

    def spell(self, node: LayerNode, written: Written) -> list[str]:
        """A layer's modules, in PyTorch's words; raises Located where it has none."""
        assert node.layer is not None and node.input is not None, "only checked networks are planned"
        x = Shape(node.input.numel) if node.flattens else node.input
        try:
            expressions = spell(node.layer, x, written.texts(node.layer))
        except Problem as problem:
            raise located(problem.code, problem.message, node.span, *problem.hints) from None
        return expressions


class Intricate(Exception):
    """No loops were found for the repeats within a bounded number of attempts."""


def inside(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node, blocks' bodies left out."""
    match node:
        case ChainNode():
            yield from node.parts
        case ParallelNode():
            yield from node.branches
        case RepeatNode():
            yield from (run.body for run in node.runs)
        case ChoiceNode() if node.body:
            yield node.body
        case LabelNode():
            yield node.body


def tapped(nodes: list[Node]) -> set[str]:
    """The labels, without their index, that are taken up in bodies; blocks in them have their own."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, TapNode):
            found.add(node.name.split("[")[0])
        found |= tapped(list(inside(node)))
    return found


def _blocks_in(arguments: dict[str, Any]) -> set[BlockDef]:
    """The blocks among values, also inside tuples."""
    found: set[BlockDef] = set()
    stack = list(arguments.values())
    while stack:
        value = stack.pop()
        if isinstance(value, BlockDef):
            found.add(value)
        elif isinstance(value, tuple):
            stack += value
    return found


def _channels(shape: Shape | None) -> int:
    assert shape is not None, "only checked networks are planned"
    return shape.channels


def _written(step: ast.LayerStep, block: BlockDef) -> dict[str, ast.Expr]:
    """The expressions that a use gives for the block's parameters."""
    items = step.arguments.items if step.arguments else ()
    params = [param.name for param in block.syntax.params]
    positional = [item.value for item in items if item.name is None]
    return dict(zip(params, positional, strict=False)) | {i.name: i.value for i in items if i.name}


def used_names(plan: ClassPlan) -> set[str]:
    """The parameters that a class's text mentions; a fixed signature keeps all."""
    if plan.keep_signature:
        return {parameter.name for parameter in plan.parameters}
    words = plans.names(plan.body) | names_in(plan.channels) if plan.keep_channels else plans.names(plan.body)
    return {parameter.name for parameter in plan.parameters if parameter.name in words}


def kept(plan: ClassPlan) -> list[Parameter]:
    """The constructor's arguments, in order."""
    used = used_names(plan)
    return [parameter for parameter in plan.parameters if parameter.name in used]


def defaults(plan: ClassPlan) -> dict[str, str]:
    """The source of defaults; an argument has none where a later one has none."""
    found: dict[str, str] = {}
    for parameter in reversed(kept(plan)):
        if not parameter.default_text:
            break
        found[parameter.name] = parameter.default_text
    return found


def _used(plan: ClassPlan) -> set[str]:
    return {p.source_name for p in plan.parameters if p.name in used_names(plan)}


def _call(callee: str, plan: ClassPlan, arguments: dict[str, py.expr]) -> str:
    """`Inception(192, 64, 96)`: by position up to the first argument left at its default."""
    shown, by_position = [], True
    optional = defaults(plan)
    for parameter in plan.parameters:
        if parameter.name not in arguments or parameter.name not in used_names(plan):
            continue
        text = source(arguments[parameter.name])
        if text == optional.get(parameter.name):
            by_position = False
            continue
        shown.append(text if by_position else f"{parameter.name}={text}")
    return f"{callee}({', '.join(shown)})"


def _substituted(expr: py.expr, arguments: dict[str, py.expr], plan: ClassPlan) -> py.expr | None:
    """The callee's channels in the caller's names."""
    if not names_in(expr) <= arguments.keys():
        return None

    class Replace(py.NodeTransformer):
        def visit_Name(self, node: py.Name) -> py.expr:
            return arguments.get(node.id, node)

    return Replace().visit(py.parse(py.unparse(expr), mode="eval").body)  # type: ignore[no-any-return]


def _title(step: ast.Step) -> str:
    """A class name for a part without one, after what it does."""
    if isinstance(step, ast.Labelled):
        return step.name.title().replace("_", "")
    if isinstance(step, ast.Parallel):
        return {"|": "Concat", "+": "Residual", "⊙": "Gated"}[step.operator]
    for inner in parts(step):
        title = _title(inner)
        if title != "Part":
            return title
    return "Part"
