"""The classes of one file: a class for each block, made from all its uses, and one for the net."""

from __future__ import annotations

import ast as py
from types import SimpleNamespace
from typing import Any

from cnndsl.diagnostics import Problem, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.evaluate import Scope, UnknownSize, evaluate
from cnndsl.elaborate.program import BlockDef, Program
from cnndsl.emit import calls, guards, repeats, steps
from cnndsl.emit import plan as plans
from cnndsl.emit.attempt import drop
from cnndsl.emit.derived import derive, expanded
from cnndsl.emit.from_net import FROM_NET, FromNet
from cnndsl.emit.names import Namespace
from cnndsl.emit.planner import ClassPlan, Outer, Parameter, Planner
from cnndsl.emit.python import name, names_in
from cnndsl.emit.scope import Occ, Varies, literal
from cnndsl.emit.syntax import names_of
from cnndsl.emit.texts import Written
from cnndsl.emit.torch_rows import Texts, spell
from cnndsl.emit.uses import choices, grouped, inside, tapped
from cnndsl.layers import find_kind
from cnndsl.network import BlockNode, LayerNode, Network, Node
from cnndsl.shape import Shape
from cnndsl.syntax import ast
from cnndsl.syntax.ast import parts

#: After so many failed attempts at loops, repeats whose copies differ are written out at once.
MAX_ATTEMPTS = 3000


class Classes:
    """Plans classes on demand, callees before their callers; `order` is the order to write them in."""

    rules = steps.RULES | repeats.RULES | guards.RULES
    call = staticmethod(calls.call)
    own_class = staticmethod(calls.own_class)

    def __init__(self, networks: list[Network], namespace: Namespace) -> None:
        self.namespace, self._program = namespace, networks[0].program
        self.order: list[ClassPlan] = []
        #: The classes that values stand for: of blocks that have but one, of layer kinds.
        self.names: dict[Any, str] = {}
        self._plans: dict[int, ClassPlan] = {}  # by the id of a use's body
        self._numbers: dict[int, int] = {}  # the place of a use among those of its class
        self._uses: dict[BlockDef, list[BlockNode]] = {}
        self._as_values: set[BlockDef] = set()
        self.attempts = 0
        self.from_net = FromNet(networks)
        bodies = _Bodies(self.from_net)
        for network in networks:
            self._as_values |= _blocks_in(network.arguments)
            for chain in network.chains:
                bodies.collect(chain.node, network)
        self._as_values |= bodies.as_values
        self._uses = bodies.uses
        self.names |= bodies.callees()
        for block in self._uses:
            self._plan_block(block)

    @property
    def impatient(self) -> bool:
        """Whether planning must come to an end: a spec can be made to be hard."""
        return self.attempts > MAX_ATTEMPTS

    # ---- blocks

    def plan_of(self, use: BlockNode) -> ClassPlan:
        """The class of a use."""
        self._plan_block(use.block)
        return self._plans[id(use.body)]

    def number_of(self, use: BlockNode) -> int:
        """The place of a use among those that its class was planned from."""
        return self._numbers[id(use.body)]

    def _plan_block(self, block: BlockDef) -> None:
        uses = self._uses[block]
        if id(uses[0].body) in self._plans:
            return
        class_name = self.namespace.fresh(block.name)
        try:
            self.names[block] = self._planned(class_name, block, uses).name
        except Varies:
            self._plan_apart(class_name, block, uses)

    def _plan_apart(self, class_name: str, block: BlockDef, uses: list[BlockNode]) -> None:
        """Several classes, for uses that no text tells apart: as few as can be found quickly."""
        waiting = [(group, 1) for group in reversed(grouped(uses, self._modules_of))]
        while waiting:
            group, level = waiting.pop()
            try:
                self._planned(class_name, block, group)
                class_name = self.namespace.fresh(block.name)
            except Varies:
                if len(group) == 1:
                    raise
                finer = grouped(group, self._exactly) if level == 1 else [[use] for use in group]
                waiting += [(part, level + 1) for part in reversed(finer)]

    def _planned(self, class_name: str, block: BlockDef, uses: list[BlockNode]) -> ClassPlan:
        plan = self._plan(class_name, block, uses)
        self.order.append(plan)
        for number, use in enumerate(uses):
            self._plans[id(use.body)], self._numbers[id(use.body)] = plan, number
        return plan

    def _plan(self, class_name: str, block: BlockDef, uses: list[BlockNode]) -> ClassPlan:
        flat = all(use.input is not None and use.input.rank == 0 for use in uses)
        arriving = [_channels(use.input) for use in uses]
        parameters = [Parameter("in_features" if flat else "in_channels", arriving)]
        for param in block.syntax.params:
            values = [use.arguments[param.name] for use in uses]
            parameters.append(self.parameter(param, values, block.program))
        parameters += [self._of_net(wanted, uses) for wanted in self.from_net.needed(block)]
        bodies: list[Node] = [use.body for use in uses]
        fixed = block in self._as_values
        return self._class(class_name, block.syntax.doc, parameters, block.syntax.body, bodies, flat, fixed)

    def _of_net(self, wanted: str, uses: list[BlockNode]) -> Parameter:
        """A parameter of the net that a block's layers need, as an argument of its class."""
        program = self._program
        (param,) = [param for param in program.params if param.name == wanted]
        values = [self.from_net.value(use.body, wanted) for use in uses]
        return Parameter(wanted, values, self._default(param.default, program), f"{FROM_NET}{wanted}")

    def parameter(self, param: ast.Param, values: list[Any], program: Program) -> Parameter:
        """A parameter of the spec as a constructor argument, with its default if that is a plain value."""
        return Parameter(param.name, values, self._default(param.default, program), param.name, param.default)

    def _default(self, expr: ast.Expr | None, program: Program) -> py.expr | None:
        if expr is None:
            return None
        try:
            return literal(evaluate(expr, Scope(program), None), self.names)
        except (Varies, Located, UnknownSize):
            return None

    def plan_part(
        self, body: ast.Step, parameters: list[Parameter], bodies: list[Node], flat: bool, outer: Outer
    ) -> ClassPlan:
        """A class for a part without a name, called after what it does."""
        return self._class(
            self.namespace.fresh(_title(body)), "", parameters, body, bodies, flat, outer=outer
        )

    def _class(
        self,
        class_name: str,
        doc: str,
        parameters: list[Parameter],
        body: ast.Step,
        bodies: list[Node],
        flat: bool,
        fixed: bool = False,
        outer: Outer | None = None,
    ) -> ClassPlan:
        planner = Planner(self, parameters, tapped(bodies), fixed)
        planner.outer = outer
        occs = [
            Occ(node, self.values | {p.name: p.values[number] for p in planner.parameters}, number)
            for number, node in enumerate(bodies)
        ]
        channels = name(planner.parameters[0].name)
        derive(planner, occs, channels, flat)
        state = planner.state(channels, flat)
        try:
            plan = planner.sequence(body, occs, state)
        except Varies:
            drop(self, planner.parts)
            raise
        leaving = expanded(state.channels, planner.parameters)
        spoken = plans.spoken(plans.pruned(plan, names_in(state.channels)))
        return planner.finished(class_name, doc, spoken, leaving)

    # ---- what tells uses apart

    def _modules_of(self, node: Node) -> Any:
        """The classes of a step's modules; where a layer's padding is one of them, with its numbers."""
        if isinstance(node, BlockNode):
            return id(self.plan_of(node))
        if not isinstance(node, LayerNode):
            return None
        if _by_value(node) and node.kind in self.names:
            return "value"
        modules = spelt(node)
        return (node.flattens, *(modules[:-1]), *(text.partition("(")[0] for text in modules[-1:]))

    def _exactly(self, node: Node) -> Any:
        return self._modules_of(node) or choices(node)

    # ---- blocks and kinds as values

    @property
    def values(self) -> dict[str, Any]:
        """What the names of classes stand for, for computing expressions with them."""
        kinds = {text.removeprefix("nn."): value for value, text in self.names.items() if "." in text}
        blocks = {text: value for value, text in self.names.items() if "." not in text}
        return blocks | {"nn": SimpleNamespace(**kinds)}

    def named(self, expr: ast.Expr) -> dict[str, py.expr]:
        """The classes of the blocks and kinds that an expression names."""
        found: dict[str, py.expr] = {}
        for wanted in names_of(expr):
            kind = find_kind(wanted)
            values = [kind] if kind else [v for v in self.names if getattr(v, "name", None) == wanted]
            if len(values) == 1 and values[0] in self.names:
                found[wanted] = name(self.names[values[0]])
        return found

    # ---- layers

    def spell(self, node: LayerNode, written: Written) -> list[str]:
        """A layer's modules, in PyTorch's words; raises Located where it has none."""
        assert node.layer is not None, "only checked networks are planned"
        return spelt(node, written.texts(node.layer))


class _Bodies:
    """The uses of blocks, and the layers whose kind is a parameter's value: each body once."""

    def __init__(self, from_net: FromNet) -> None:
        self._from_net = from_net
        self.uses: dict[BlockDef, list[BlockNode]] = {}
        self.as_values: set[BlockDef] = set()
        self._seen: set[int] = set()
        self._callees: dict[Any, set[str]] = {}

    def collect(self, node: Node, network: Network, block: BlockDef | None = None) -> None:
        if isinstance(node, BlockNode):
            if block:
                self._from_net.calls(block, node.block)
            if id(node.body) in self._seen:
                return
            self._seen.add(id(node.body))
            self._from_net.uses(node.body, network)
            self.as_values |= _blocks_in(node.arguments)
            self.collect(node.body, network, node.block)
            self.uses.setdefault(node.block, []).append(node)
            return
        if isinstance(node, LayerNode) and block:
            self._from_net.reads(node, block)
        if isinstance(node, LayerNode) and _by_value(node):
            modules = spelt(node) or [f"{steps.IDENTITY}()"]
            callee = modules[0].partition("(")[0] if len(modules) == 1 else ""
            self._callees.setdefault(node.kind, set()).add(callee)
        for inner in inside(node):
            self.collect(inner, network, block)

    def callees(self) -> dict[Any, str]:
        """The class of each layer kind that is a value, where it is the same class everywhere."""
        alone = {kind: [*found] for kind, found in self._callees.items() if len(found) == 1}
        return {kind: callee for kind, (callee,) in alone.items() if callee}


def _by_value(node: LayerNode) -> bool:
    """Whether the layer's kind is a parameter's value: `Act`."""
    return isinstance(node.syntax, ast.LayerStep) and find_kind(node.syntax.name) is None


def spelt(node: LayerNode, texts: Texts | None = None) -> list[str]:
    """A layer's modules, in PyTorch's words, without the flatten that an FC brings along."""
    assert node.layer is not None and node.input is not None, "only checked networks are planned"
    x = Shape(node.input.numel) if node.flattens else node.input
    try:
        return spell(node.layer, x, texts or Texts(node.layer, "0"))
    except Problem as problem:
        raise located(problem.code, problem.message, node.span, *problem.hints) from None


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
