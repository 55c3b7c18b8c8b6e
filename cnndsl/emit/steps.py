"""Chains, layers, taps, branches and labels as plans."""

from __future__ import annotations

import ast as py
from collections.abc import Sequence

from cnndsl.emit import plan as plans
from cnndsl.emit.comments import comment, flat_comment
from cnndsl.emit.extents import arrival
from cnndsl.emit.names import snake
from cnndsl.emit.parted import parts_of
from cnndsl.emit.planner import Planner, Rule
from cnndsl.emit.printer import source
from cnndsl.emit.python import names_in, product, replaced, simplified, total
from cnndsl.emit.scope import Occ, State, Varies, agrees, one
from cnndsl.emit.texts import Written
from cnndsl.emit.torch_rows import Texts, plainly
from cnndsl.layers import Layer
from cnndsl.layers.norm import BatchNorm
from cnndsl.network import BlockNode, LayerNode, TapNode
from cnndsl.syntax import ast

FLATTEN = "nn.Flatten()"
#: What modules of some kinds are called by those who write PyTorch.
WORDS = {"droppath": "drop_path", "gap": "avgpool", "gpool": "pool", "apool": "avgpool", "tconv": "upconv"}
#: The module that a layer kind without any is, where it is a parameter's value.
IDENTITY = "nn.Identity"


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
        return _input(planner, step, occs, state)
    found: list[plans.Plan] = []
    if any(node.flattens for node in nodes) and not state.flat:
        found.append(flatten(planner, occs, state))
    arriving = [_arriving(node, state.flat) for node in nodes]
    wanted = "in_features" if state.flat else "in_channels"
    state.channels = planner.value(wanted, [state.channels], occs, arriving, state)
    written = Written(planner, occs, state)
    found.append(_modules(planner, step, occs, state, written))
    leaving = [node.output.channels for node in nodes if node.output]
    flat = all(node.output is not None and node.output.rank == 0 for node in nodes)
    candidates = [_leaving(planner, written, occs, state), state.channels]
    wanted = "in_features" if flat else "in_channels"
    state.channels = planner.value(wanted, candidates, occs, leaving, state)
    state.flat = flat
    return plans.Sequence(found)


def _modules(
    planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State, written: Written
) -> plans.Modules:
    """The modules that a layer is, with its name and shape."""
    nodes: list[LayerNode] = [occ.node for occ in occs]
    spelt = [planner.classes.spell(node, written) for node in nodes]
    called = state.names.get(step.name)
    expressions = [_of_parameter(planner, called, occs, spelt)] if called is not None else one(spelt)
    what = snake(step.name) if called is not None else nodes[0].kind.kind.lower()
    note = flat_comment(occs) if expressions == [FLATTEN] else comment(occs)
    named = labelled(nodes, nodes[0].kind.kind.lower()) and expressions != [FLATTEN]
    stateless = not any(map(_keeps, nodes))
    plain = "" if called is not None else _plainly(planner, occs, written)
    return plans.Modules(
        expressions, attribute(nodes, state), note, what, named, stateless=stateless, plain=plain
    )


def _plainly(planner: Planner, occs: list[Occ], written: Written) -> str:
    """What says the layer without a module, where all that it needs is known in `forward`."""
    known = {parameter.name for parameter in planner.parameters}
    expressions = written.expressions.values()
    found = {plainly(occ.node.layer, written.texts(occ.node.layer)) for occ in occs}
    if len(found) > 1 or "" in found or any(not names_in(expr) <= known for expr in expressions):
        return ""
    stored = {field: source(planner.store(expr)) for field, expr in written.expressions.items()}
    layer = occs[0].node.layer
    return plainly(layer, Texts(layer, "", stored))


def _keeps(node: LayerNode) -> bool:
    """Whether its module learns something or keeps statistics: then each use has one of its own."""
    assert node.layer, "only checked networks are planned"
    return isinstance(node.layer, BatchNorm) or bool(node.input and node.layer.weight_shapes(node.input))


def _of_parameter(planner: Planner, called: py.expr, occs: list[Occ], spelt: list[list[str]]) -> str:
    """A layer whose kind is a parameter's value: `act()`, where `act` is nn.ReLU or another class."""
    kinds = [occ.node.kind for occ in occs]
    parted = [_parted(planner, kind, modules) for kind, modules in zip(kinds, spelt, strict=True)]
    arguments = one([text for text in parted if text is not None] or [""])
    if arguments and len(set(kinds)) == 1:  # they are this kind's own
        return str(one(modules[0] for modules in spelt))
    if not agrees(called, occs, kinds):
        raise Varies
    return f"{source(called)}({arguments})"


def _parted(planner: Planner, kind: type[Layer], modules: list[str]) -> str | None:
    """The arguments of a layer's only module; None where any will do, as for the identity."""
    callee = planner.classes.names.get(kind)
    if callee == IDENTITY and not modules:
        return None
    if callee is None or len(modules) != 1 or not modules[0].startswith(f"{callee}("):
        raise Varies
    return modules[0].removeprefix(f"{callee}(").removesuffix(")")


def _leaving(planner: Planner, written: Written, occs: list[Occ], state: State) -> py.expr | None:
    """The channels that leave a layer, where they are others than those that arrive."""
    kind = occs[0].node.kind.kind
    if kind in {"CONV", "TCONV"}:
        return written.expression("filters")
    if kind == "FC":
        return written.expression("outputs")
    if kind == "SLICE":
        return simplified(py.BinOp(written.expression("stop"), py.Sub(), written.expression("start")))
    return _flattened(planner, occs, state) if kind == "FLATTEN" else None


def _arriving(node: LayerNode, flat: bool) -> int:
    assert node.input is not None, "only checked networks are planned"
    return node.input.numel if flat else node.input.channels


def _input(planner: Planner, step: ast.LayerStep, occs: list[Occ], state: State) -> plans.Plan:
    """INPUT is no module: its channels are what the first layer reads."""
    written = step.arguments.items[0].value if step.arguments else None
    channels = written.channels if isinstance(written, ast.ShapeExpr) else written
    values = [occ.node.output.channels for occ in occs]
    state.channels = planner.value("in_channels", [planner.translated(channels, state)], occs, values, state)
    state.flat = all(occ.node.output.rank == 0 for occ in occs)
    if planner.size is None:  # the main INPUT comes first
        planner.size = _size(planner, written, state)
    return plans.Sequence()


def _size(planner: Planner, written: ast.Expr | None, state: State) -> tuple[py.expr, ...]:
    """The extents of the INPUT as source, if the net's parameters set them."""
    extents = written.extents if isinstance(written, ast.ShapeExpr) else ()
    found = [planner.translated(extent, state) for extent in extents]
    known = [extent for extent in found if extent is not None]
    return tuple(known) if len(known) == len(found) and any(map(names_in, known)) else ()


def flatten(planner: Planner, occs: list[Occ], state: State) -> plans.Modules:
    """The flatten that an FC brings along."""
    candidate = _flattened(planner, occs, state)
    values = [_arriving(occ.node, flat=True) for occ in occs]
    state.channels = planner.value("in_features", [candidate], occs, values, state)
    state.flat = True
    return plans.Modules([FLATTEN], "flatten", flat_comment(occs), "flatten")


def _flattened(planner: Planner, occs: list[Occ], state: State) -> py.expr | None:
    """`256 * 6 * 6`: the channels times extents that are the same everywhere, or follow from the input's."""
    sizes = _sized(planner, occs, state)
    if sizes and agrees(product([state.channels, *sizes]), occs, [occ.node.input.numel for occ in occs]):
        return product([state.channels, *sizes])
    extents = {occ.node.input.extents for occ in occs}
    return product([state.channels, *map(py.Constant, extents.pop())]) if len(extents) == 1 else None


def _sized(planner: Planner, occs: list[Occ], state: State) -> list[py.expr]:
    """The extents that arrive, in terms of the INPUT's; none where these are not parameters'."""
    if not planner.roots:
        return []
    arrivals = {arrival(planner.roots[occ.use], occ.node) for occ in occs}
    known = state.names.keys() & {name for found in arrivals for name in found.names}
    planner.freeze(*(state.names[key] for key in known))
    form = arrivals.pop().form if len(arrivals) == 1 else None
    return [extent.of(size) for extent, size in zip(form or (), planner.size or (), strict=False)]


def attribute(nodes: Sequence[LayerNode | BlockNode], state: State) -> str:
    """What the module is called: the step's name; in a loop an indexed label without its index."""
    name = nodes[0].name
    if "[" not in name and len({node.name for node in nodes}) == 1:
        return _spelt_out(nodes[0])
    label, _, index = name.partition("[")
    if index and (state.depth or len({node.name for node in nodes}) > 1):
        return label
    return label + index.removesuffix("]") if index else what(nodes)


def _spelt_out(node: LayerNode | BlockNode) -> str:
    """The step's name, in the words of Python if it is its block's or kind's with a number."""
    stem = node.block.name.lower() if isinstance(node, BlockNode) else node.kind.kind.lower()
    if labelled([node], stem):
        return node.name
    words = snake(node.block.name) if isinstance(node, BlockNode) else WORDS.get(stem, stem)
    return words + node.name.removeprefix(stem)


def what(nodes: Sequence[LayerNode | BlockNode]) -> str:
    """The step's kind or block in a word."""
    first = nodes[0]
    return snake(first.block.name) if isinstance(first, BlockNode) else first.kind.kind.lower()


def labelled(nodes: Sequence[LayerNode | BlockNode], stem: str) -> bool:
    """Whether the spec gives this step its name: it is not its kind's with a number."""
    number = nodes[0].name.removeprefix(stem).lstrip("_")
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
        channels = replaced(channels, {label_index: chosen}) if channels is not None else None
        text = source(planner.store(chosen))
    values = [occ.node.output.channels for occ in occs]
    state.channels = planner.value("tap_channels", [channels], occs, values, state)
    state.flat = all(occ.node.output.rank == 0 for occ in occs)
    return plans.Take(stem, text)


def _tap_step(planner: Planner, step: ast.TapStep, occs: list[Occ], state: State) -> plans.Plan:
    return take(planner, step, step.index, occs, state)


# ---- branches


def _parallel(planner: Planner, step: ast.Parallel, occs: list[Occ], state: State) -> plans.Plan:
    branches: list[plans.Sequence] = []
    leaving: list[py.expr] = []
    flat = False
    parted = parts_of(planner, step, occs, state)
    for number, branch in enumerate(step.branches):
        path = state.branch()
        own = [occ.inside(occ.node.branches[number]) for occ in occs]
        if parted:
            path.channels = parted.channels[number]
            branches.append(_after_first(planner, branch, own, path))
        else:
            branches.append(planner.sequence(branch, own, path))
        leaving.append(path.channels)
        flat = flat or path.flat
        for occ, inner in zip(occs, own, strict=True):  # what `__init__` has assigned for the branch
            occ.env.update(inner.env)
    if step.operator == "|":
        candidates = [total(leaving)]
    else:
        candidates = [leaving[i] for i in sorted(range(len(leaving)), key=lambda i: not branches[i].parts)]
    values = [occ.node.output.channels for occ in occs]
    channels = planner.value("out_channels", candidates, occs, values, state)
    state.flat = flat
    settled = planner.settle(channels, occs, state)
    join = plans.Join(step.operator, branches, parted.text if parted else "")
    return plans.Sequence([join, settled] if settled else [join])


def _after_first(planner: Planner, branch: ast.Step, occs: list[Occ], state: State) -> plans.Sequence:
    """A path without its first step."""
    if not isinstance(branch, ast.Chain):
        return plans.Sequence()
    rest = enumerate(branch.steps[1:], 1)
    found = [planner.step(step, [occ.at(occ.node.parts[at]) for occ in occs], state) for at, step in rest]
    return plans.flat(found)


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
    known = {parameter.name for parameter in planner.parameters} | {state.index}
    expr = planner.translated(written, state)
    if expr is not None and not names_in(expr) <= known:
        expr = None  # it has names of `__init__` alone: the number itself, where it is the same everywhere
    return planner.value("", [expr], occs, indices, state.loop({}, ""))


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
