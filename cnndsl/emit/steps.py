"""Chains, layers, taps, branches and labels as plans."""

from __future__ import annotations

import ast as py
from collections.abc import Sequence

from cnndsl.emit import plan as plans
from cnndsl.emit.names import snake
from cnndsl.emit.planner import Planner, Rule
from cnndsl.emit.python import names_in, product, source, total
from cnndsl.emit.scope import Occ, State, Varies, one
from cnndsl.emit.texts import Written
from cnndsl.network import BlockNode, LayerNode, Node, TapNode
from cnndsl.syntax import ast


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
    state.channels = planner.value(
        "in_features" if flat else "in_channels", [state.channels], occs, arriving, state
    )
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


def take(
    planner: Planner, step: ast.Step, index: ast.Expr | None, occs: list[Occ], state: State
) -> plans.Plan:
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


def _index(planner: Planner, written: ast.Expr, names: list[str], occs: list[Occ], state: State) -> py.expr:
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
