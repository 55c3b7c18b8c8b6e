"""From all uses of a block (or of the net) to the plan of one class.

`Planner.plan` walks the syntax of the body together with the nodes that it became in each use.
"""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnndsl.elaborate.names import parts
from cnndsl.elaborate.program import BlockDef
from cnndsl.emit import plan as plans
from cnndsl.emit.names import Namespace, snake
from cnndsl.emit.python import (
    Untranslatable,
    compute,
    name,
    names_in,
    product,
    source,
    total,
    translate,
    whole_division,
)
from cnndsl.emit.scope import Occ, State, Varies, agrees, literal, one
from cnndsl.emit.texts import Written
from cnndsl.network import BlockNode, LayerNode, Node, TapNode
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.emit.classes import Classes

#: (planner, step, occurrences, state) → plan
Rule = Callable[["Planner", Any, "list[Occ]", State], plans.Plan]

#: A channel count with more terms than this gets a variable of its own.
LONG_EXPRESSION = 6


@dataclass(eq=False)
class Parameter:
    """A constructor argument: its Python name, its value in each use, its default's source."""

    name: str
    values: list[Any]
    default: ast.Expr | None = None
    source_name: str = ""  # its name in the spec; "" for one that the planner added

    @property
    def default_text(self) -> str:
        """The default's source, if it is a plain value: others are worked out by the caller."""
        try:
            return source(translate(self.default, {}, None)) if self.default is not None else ""
        except Untranslatable:
            return ""


@dataclass(eq=False)
class ClassPlan:
    """One class to be written."""

    name: str
    doc: str
    parameters: list[Parameter]
    body: plans.Sequence
    channels: py.expr  # that leave, in terms of the parameters
    stored: dict[str, str] = field(default_factory=dict)  # parameters that `forward` reads
    names: Namespace = field(default_factory=Namespace)  # of `__init__`
    keep_signature: bool = False  # another block can stand in for this one
    keep_channels: bool = False  # callers ask for `out_channels`

    @property
    def pure(self) -> bool:
        return plans.pure(self.body)


class Planner:
    """Plans one class. `parameters` are those of the block, in order; the arriving channels first."""

    def __init__(self, classes: Classes, parameters: list[Parameter], tapped: set[str], fixed: bool = False) -> None:
        self.classes = classes
        self.parameters = parameters
        self.tapped = tapped
        #: All parameters stay, used or not: another block can stand in for this one.
        self.fixed = fixed
        self.locals = Namespace({"self", "x", "nn", "torch", "math", "Tensor", "round_to"})
        #: Python's names for the loops' own, and those of the loops around: others may be used again.
        self._indices: dict[str, list[str]] = {}
        self.active: set[str] = set()
        self.uses = len(parameters[0].values) if parameters else 1
        self.labels: dict[str, tuple[py.expr, str]] = {}
        self.stored: dict[str, str] = {}
        self.lets: Callable[[str], None] = lambda _name: None
        for parameter in parameters:
            classes_only = all(isinstance(value, BlockDef) for value in parameter.values)
            parameter.name = self.locals.fresh(snake(parameter.name) if classes_only else parameter.name)

    def state(self, channels: py.expr, flat: bool) -> State:
        names = {p.source_name: name(p.name) for p in self.parameters if p.source_name}
        return State(channels, flat, names)

    # ---- the walk

    def step(self, step: ast.Step, occs: list[Occ], state: State) -> plans.Plan:
        while isinstance(step, ast.Claimed):
            step = step.body
        return RULES[type(step)](self, step, occs, state)

    def sequence(self, step: ast.Step, occs: list[Occ], state: State) -> plans.Sequence:
        """The plan of a step as a flat sequence."""
        plan = self.step(step, occs, state)
        return plans.flat([plan])

    # ---- values

    def value(
        self, wanted: str, candidates: Sequence[py.expr | None], occs: list[Occ], values: list[Any], state: State
    ) -> py.expr:
        """Source for a value: a candidate that is right everywhere, a constant, or a new parameter."""
        for candidate in candidates:
            if candidate is None:
                continue
            for form in (candidate, whole_division(candidate)):
                if agrees(form, occs, values):
                    return form
        try:
            return literal(one(values), self.classes.names)
        except Varies:
            return self._added(wanted, occs, values, state)

    def _added(self, wanted: str, occs: list[Occ], values: list[Any], state: State) -> py.expr:
        """A constructor argument for a value that this class cannot know, such as a flatten's size."""
        if state.depth or len(occs) != self.uses:
            raise Varies
        parameter = Parameter(self.locals.fresh(wanted), values)
        self.parameters.append(parameter)
        for occ, value in zip(occs, values, strict=True):
            occ.env[parameter.name] = value
        return name(parameter.name)

    def translated(self, expr: ast.Expr | None, state: State) -> py.expr | None:
        """`expr` in Python, or None where it cannot be said."""
        if expr is None:
            return None
        try:
            found = translate(expr, state.names, state.channels)
        except Untranslatable:
            return None
        value = None if names_in(found) else compute(found, {})
        return py.Constant(value) if isinstance(value, bool | int | float) else found

    def settle(self, channels: py.expr, occs: list[Occ], state: State) -> plans.Plan | None:
        """Take `channels` as what arrives from here on; a long expression gets a variable."""
        state.channels = channels
        if sum(isinstance(node, py.expr) for node in py.walk(channels)) <= LONG_EXPRESSION:
            return None
        return self.assign(source(channels), occs, state)

    def assign(self, text: str, occs: list[Occ], state: State) -> plans.Assign:
        """Put the channels into a variable: `channels = …`."""
        variable = self.variable(state, occs)
        for occ in occs:
            occ.env[variable] = occ.node.output.channels
        state.channels = name(variable)
        return plans.Assign(variable, text)

    def variable(self, state: State, occs: list[Occ]) -> str:
        """A variable for the channels that code at this point may assign to."""
        if isinstance(state.channels, py.Name) and state.channels.id in state.owned:
            return state.channels.id
        flat = all(occ.node.output.rank == 0 for occ in occs)
        variable = self.locals.fresh("in_features" if flat else "channels")
        state.owned.add(variable)
        return variable

    def index(self, wanted: str) -> str:
        """A name for a loop's own, which loops one after the other can share."""
        names = self._indices.setdefault(wanted, [])
        free = next((name for name in names if name not in self.active), "")
        if not free:
            free = self.locals.fresh(wanted)
            names.append(free)
        self.active.add(free)
        return free

    def store(self, expr: py.expr) -> py.expr:
        """An expression for `forward`: parameters are read from self, where they are stored."""
        known = {parameter.name for parameter in self.parameters}
        for used in names_in(expr) & known:
            self.stored.setdefault(used, used)

        class Read(py.NodeTransformer):
            def visit_Name(self, node: py.Name) -> py.expr:
                return name(f"self.{node.id}") if node.id in known else node

        return Read().visit(py.parse(py.unparse(expr), mode="eval").body)  # type: ignore[no-any-return]


    # ---- labels

    def needs_statements(self, step: ast.Step) -> bool:
        """Whether a step needs statements in `forward`: it has branches, or labels that are used."""
        if isinstance(step, ast.Parallel | ast.TapStep):
            return True
        if isinstance(step, ast.Labelled | ast.LayerStep) and step.name in self.tapped:
            return True
        return any(self.needs_statements(inner) for inner in parts(step))

    def exchanges(self, step: ast.Step) -> bool:
        """Whether labels go in or out of a step."""
        made, used = self._labels(step)
        return not used <= made or any(label.endswith("[]") for label in made)

    def _labels(self, step: ast.Step) -> tuple[set[str], set[str]]:
        """The labels that a step makes and uses; `[]` marks those with an index."""
        made, used = set[str](), set[str]()
        if isinstance(step, ast.Labelled) and step.name in self.tapped:
            made.add(step.name + "[]" * (step.index is not None))
        elif isinstance(step, ast.TapStep):
            used.add(step.name + "[]")
        elif isinstance(step, ast.LayerStep) and step.name in self.tapped:
            used.add(step.name)
        for inner in parts(step):
            more_made, more_used = self._labels(inner)
            made |= more_made
            used |= more_used
        return made, used


# ---- chains, layers, taps


def _chain(planner: Planner, step: ast.Chain, occs: list[Occ], state: State) -> plans.Plan:
    found: list[plans.Plan] = []
    for number, inner in enumerate(step.steps):
        plan = planner.step(inner, [occ.at(occ.node.parts[number]) for occ in occs], state)
        found.append(plan)
    return plans.flat(found)


def _layer_step(planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State) -> plans.Plan:
    kinds = {type(occ.node) for occ in occs}
    if kinds == {TapNode}:
        return take(planner, step, None, occs, state)
    if kinds == {BlockNode}:
        return planner.classes.call(planner, step, occs, state)
    if kinds != {LayerNode}:
        raise Varies
    return _layer(planner, step, occs, state)


def _layer(planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State) -> plans.Plan:
    nodes: list[LayerNode] = [occ.node for occ in occs]
    if nodes[0].kind.kind == "INPUT":
        return _input(planner, occs, state)
    found: list[plans.Plan] = []
    if any(node.flattens for node in nodes) and not state.flat:
        found.append(flatten(planner, occs, state))
    flat = state.flat
    arriving = [_arriving(node, flat) for node in nodes]
    state.channels = planner.value("in_features" if flat else "in_channels", [state.channels], occs, arriving, state)
    written = Written(planner, occs, state)
    expressions = one(planner.classes.spell(node, written) for node in nodes)
    found.append(plans.Modules(expressions, attribute(nodes), comment(nodes), _labelled(step, nodes)))
    leaving = [node.output.channels for node in nodes if node.output]
    candidates = [_leaving(nodes[0].kind.kind, written, occs, state), state.channels]
    state.channels = planner.value("out_channels", candidates, occs, leaving, state)
    state.flat = all(node.output is not None and node.output.rank == 0 for node in nodes)
    return plans.Sequence(found)


def _leaving(kind: str, written: Written, occs: list[Occ], state: State) -> py.expr | None:
    """The channels that leave a layer, where they are others than those that arrive."""
    if kind in {"CONV", "TCONV"}:
        return written.expression("filters")
    if kind == "FC":
        return written.expression("outputs")
    if kind == "SLICE":
        return py.BinOp(written.expression("stop"), py.Sub(), written.expression("start"))
    return _flattened(occs, state) if kind == "FLATTEN" else None


def _arriving(node: Node, flat: bool) -> int:
    assert node.input is not None, "only checked networks are planned"
    return node.input.numel if flat else node.input.channels


def _input(planner: Planner, occs: list[Occ], state: State) -> plans.Plan:
    """INPUT is no module: its channels are what the first layer reads."""
    expr = occs[0].node.sources.get("shape")
    candidate = expr.channels if isinstance(expr, ast.ShapeExpr) else None
    values = [occ.node.output.channels for occ in occs]
    state.channels = planner.value("in_channels", [planner.translated(candidate, state)], occs, values, state)
    state.flat = all(occ.node.output.rank == 0 for occ in occs)
    return plans.Sequence()


def flatten(planner: Planner, occs: list[Occ], state: State) -> plans.Modules:
    """The flatten that an FC brings along."""
    candidate = _flattened(occs, state)
    values = [_arriving(occ.node, flat=True) for occ in occs]
    state.channels = planner.value("in_features", [candidate], occs, values, state)
    state.flat = True
    shapes = {f"{occ.node.input.factors} = {occ.node.input.numel}" for occ in occs if occ.node.input.rank}
    return plans.Modules(["nn.Flatten()"], "flatten", shapes.pop() if len(shapes) == 1 else "")


def _flattened(occs: list[Occ], state: State) -> py.expr | None:
    """`256 * 6 * 6`: the channels times extents that are the same everywhere."""
    extents = {occ.node.input.extents for occ in occs}
    if len(extents) > 1:
        return None
    return product([state.channels, *map(py.Constant, extents.pop())])


def comment(nodes: Sequence[Node]) -> str:
    """The shape that leaves, where it is the same in all uses and the layer changes it."""
    shapes = {str(node.output) for node in nodes}
    changes = any(node.output != node.input for node in nodes)
    return shapes.pop() if len(shapes) == 1 and changes else ""


def attribute(nodes: Sequence[LayerNode | BlockNode]) -> str:
    """What the module is called: the step's name, or with an indexed label what it is."""
    if len({node.name for node in nodes}) == 1 and "[" not in nodes[0].name:
        return nodes[0].name
    first = nodes[0]
    return snake(first.block.name) if isinstance(first, BlockNode) else first.kind.kind.lower()


def _labelled(step: ast.LayerStep, nodes: Sequence[LayerNode]) -> bool:
    """Whether the spec gives this layer its name."""
    if "[" in nodes[0].name:
        return False
    stem = nodes[0].kind.kind.lower()
    number = nodes[0].name.removeprefix(stem)
    return not (nodes[0].name.startswith(stem) and number.isdecimal())


def take(planner: Planner, step: ast.Step, index: ast.Expr | None, occs: list[Occ], state: State) -> plans.Plan:
    """Go on from a label: its channels, with the label's index replaced by the tap's."""
    stem = occs[0].node.name.split("[")[0]
    planner.lets(stem)
    channels, label_index = planner.labels.get(stem, (None, ""))
    text = ""
    if index is not None:
        chosen = _index(planner, index, [occ.node.name for occ in occs], occs, state)
        channels = _replaced(channels, label_index, chosen) if channels is not None else None
        text = source(planner.store(chosen))
    values = [occ.node.output.channels for occ in occs]
    state.channels = planner.value("tap_channels", [channels], occs, values, state)
    state.flat = all(occ.node.output.rank == 0 for occ in occs)
    return plans.Take(stem, text)


def _replaced(expr: py.expr, old: str, new: py.expr) -> py.expr:
    class Replace(py.NodeTransformer):
        def visit_Name(self, node: py.Name) -> py.expr:
            return new if node.id == old else node

    return Replace().visit(py.parse(py.unparse(expr), mode="eval").body)  # type: ignore[no-any-return]


def _tap_step(planner: Planner, step: ast.TapStep, occs: list[Occ], state: State) -> plans.Plan:
    return take(planner, step, step.index, occs, state)


# ---- branches


def _parallel(planner: Planner, step: ast.Parallel, occs: list[Occ], state: State) -> plans.Plan:
    branches: list[plans.Sequence] = []
    leaving: list[py.expr] = []
    flat = False
    for number, branch in enumerate(step.branches):
        path = state.branch()
        own = [occ.inside(occ.node.branches[number]) for occ in occs]
        branches.append(planner.sequence(branch, own, path))
        leaving.append(path.channels)
        flat = flat or path.flat
        known = {key for occ in occs for key in occ.env}
        for occ, inner in zip(occs, own, strict=True):  # parameters that the branch has added
            occ.env.update({p.name: inner.env[p.name] for p in planner.parameters if p.name not in known})
    if step.operator == "|":
        candidates = [total(leaving)]
    else:
        candidates = [leaving[i] for i in sorted(range(len(leaving)), key=lambda i: not branches[i].parts)]
    values = [occ.node.output.channels for occ in occs]
    channels = planner.value("out_channels", candidates, occs, values, state)
    state.flat = flat
    settled = planner.settle(channels, occs, state)
    join = plans.Join(step.operator, branches)
    return plans.Sequence([join, settled] if settled else [join])


def _group_label(planner: Planner, step: ast.Labelled, occs: list[Occ], state: State) -> plans.Plan:
    """`body as name`: the value is kept where some path takes it up."""
    body: ast.Step = step.body
    while isinstance(body, ast.Claimed):
        body = body.body
    plain = isinstance(body, ast.LayerStep)
    inner = occs if plain else [occ.at(occ.node.body) for occ in occs]
    plan = planner.sequence(body, inner, state)
    if step.name not in planner.tapped:
        return plan
    return plans.Sequence([*plan.parts, _keep(planner, step, occs, state)])


def _index(
    planner: Planner, written: ast.Expr, names: list[str], occs: list[Occ], state: State
) -> py.expr:
    """The index of a label, of which `forward` must know all the names."""
    indices = [int(text.partition("[")[2].removesuffix("]")) for text in names]
    expr = planner.value("", [planner.translated(written, state)], occs, indices, state.loop({}, ""))
    if names_in(expr) - {parameter.name for parameter in planner.parameters} - {state.index}:
        raise Varies
    return expr


def _keep(planner: Planner, step: ast.Labelled, occs: list[Occ], state: State) -> plans.Keep:
    if step.index is None:
        planner.labels[step.name] = (state.channels, "")
        return plans.Keep(step.name)
    index = _index(planner, step.index, [occ.node.name for occ in occs], occs, state)
    variable = index.id if isinstance(index, py.Name) else ""
    planner.labels[step.name] = (state.channels, variable)
    appended = bool(variable) and variable == state.index
    return plans.Keep(step.name, source(planner.store(index)), appended)


RULES: dict[type[ast.Step], Rule] = {
    ast.Chain: _chain,
    ast.LayerStep: _layer_step,
    ast.TapStep: _tap_step,
    ast.Parallel: _parallel,
    ast.Labelled: _group_label,
}
