"""Layers, inputs and uses of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnndsl.diagnostics import Diagnostic, Edit, Fix, Label, Problem, located
from cnndsl.diagnostics.diagnostic import Fatal, Located
from cnndsl.elaborate.arguments import Bound, Given, bind_block, bind_layer, place
from cnndsl.elaborate.compute import describe
from cnndsl.elaborate.context import Context, Labels, guessed, unknown
from cnndsl.elaborate.evaluate import Scope, UnknownSize, depends
from cnndsl.elaborate.holes import NeedsValue
from cnndsl.elaborate.paths import tap
from cnndsl.elaborate.program import BlockDef, unknown_kind
from cnndsl.elaborate.resolve import recursion
from cnndsl.elaborate.shapes import listed, read_input, slip_of_order
from cnndsl.elaborate.walk import Walker
from cnndsl.layers import Input, Layer, bind, called_here, within_limits
from cnndsl.network import Assumption, BlockNode, LayerNode, Node, Totals, unknown_totals
from cnndsl.shape import NOTHING, OpenSize, Shape, Symbolic, unknown_size
from cnndsl.source import Span
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.elaborate.elsewhere import Rewritten

#: Places that a message about a block's inside names: the innermost uses.
MAX_LABELS = 3


def layer(walker: Walker, step: ast.LayerStep, x: Shape | None, context: Context, fresh: bool) -> Node:
    """A name: a layer kind, a block, or without arguments a label."""
    target = context.scope.find(step.name)
    if target is None and step.arguments is None:
        return tap(walker, step, step.name, x, context, fresh)
    if target is None:
        return _unknown(walker, step, x, context)
    if target is Input:
        return _input(walker, step, x, context)
    if x == NOTHING:
        hint = "a chain starts with INPUT or with a label"
        raise located("no-network", f"nothing arrives at `{step.name}`", step.span, hint)
    if isinstance(target, BlockDef):
        return _block(walker, target, step, x, context)
    if isinstance(target, type) and issubclass(target, Layer):
        return _kind(walker, target, step, x, context)
    raise located("unknown-layer", f"`{step.name}` is {describe(target)}, not a layer", step.name_span)


def _unknown(walker: Walker, step: ast.LayerStep, x: Shape | None, context: Context) -> Node:
    """What no layer is called; one of PyTorch or Keras leaves what it would leave under its name here."""
    if step.name in context.names.labels and step.arguments:
        given = step.arguments.span
        fix = Fix("leave the parentheses out", (Edit(given, ""),))
        hint = f"it is taken up by its name alone: {step.name}"
        raise located(
            "unknown-layer", f"`{step.name}` is a label, not a layer", step.span, hint, fixes=(fix,)
        )
    others = [*context.names.labels, *context.scope.program.blocks]
    walker.report(unknown_kind(step.name, step.name_span, others).diagnostic)
    node, here = unknown(step, x, context.scope), called_here(step.name)
    if here and x and x != NOTHING:
        from cnndsl.elaborate import elsewhere

        written = elsewhere.rewritten(step, here, context.scope, x)
        _improve(walker, step, written)
        if written.text:
            output = elsewhere.output(written.text, step, context.scope, walker.net, x)
            node.output = output or node.output
    return node


def _improve(walker: Walker, step: ast.LayerStep, written: Rewritten) -> None:
    """Give what was said of a step the fix for what arrives; of several uses, where that is not as told."""
    before = walker.rewritten.get(step)
    if before and before.keeps:
        return
    walker.rewritten[step] = written
    for found in walker.diagnostics:
        if found.code == "unknown-layer" and found.span == step.name_span:
            found.hints, found.fixes = (*found.hints[:1], *written.hints), written.fixes


def _kind(walker: Walker, kind: type[Layer], step: ast.LayerStep, x: Shape | None, context: Context) -> Node:
    walker.spend(step)
    name = context.names.steps[step]
    node = LayerNode(syntax=step, input=x, output=None, name=name, kind=kind, layer=None, known=False)
    if x is None:
        node.totals = unknown_totals(1)
        return node
    try:
        bound = bind_layer(kind, step, context.scope, walker.net, x, last=step in walker.last)
        node.layer, node.sources = bound.layer, bound.given.sources
        walker.look_at(step)
        node.output = _output(bound, step, x)
        _check_weights(walker, bound.layer, step, x)
    except UnknownSize:
        node.output, node.totals = _recovered(node, x), unknown_totals(1)
        return node
    except NeedsValue as missing:
        walker.missing(missing)
        node.output = missing.output or (guessed(x) if kind.keeps_rank else None)
        node.totals = unknown_totals(1)
        return node
    except Fatal:
        raise
    except Located as error:
        walker.report(error.diagnostic)
        node.output, node.totals = node.output or _recovered(node, x), unknown_totals(1)
        if (
            error.diagnostic.code == "input-claim" and node.layer and node.output
        ):  # all but the claim is right
            node.totals, node.known = _costs(node.layer, x, node.output), True
        return node
    if bound.assumed and all(one.span != step.span for one in walker.assumptions):
        walker.assumptions.append(Assumption(name, bound.assumed, step.span))
    # what is looked for with names for the input's extents are sizes alone; closed forms take their time
    node.totals = Totals(layers=1) if walker.adapting else _costs(bound.layer, x, node.output)
    node.known = not any(isinstance(cost, Symbolic) and cost.unknown for cost in node.totals)
    if walker.strict:
        _check_remainder(walker, bound.layer, step, x)
    return node


def _output(bound: Bound, step: ast.Step, x: Shape) -> Shape:
    try:
        return within_limits(bound.layer, x, bound.layer.output(x))
    except Problem as problem:
        raise place(problem, bound.given, step, type(bound.layer)) from None
    except OpenSize as error:
        raise depends(error, f"{bound.layer.kind} needs a map of known size: it", step.span) from None


def _recovered(node: LayerNode, x: Shape) -> Shape | None:
    """The shape to go on with after a layer that does not fit, so that what is known is still shown."""
    known = node.layer.recovered(x) if node.layer else None
    return known or (guessed(x) if node.kind.keeps_rank else None)


def _check_weights(walker: Walker, layer: Layer, step: ast.Step, x: Shape) -> None:
    """Raise where the number of weights would change with the input's size, and may not."""
    if x.closed:
        return
    if walker.adapting:
        for size in layer.built_in(x):
            if isinstance(size, Symbolic) and not size.unknown:
                size.domain.built_in[size] = None
        return
    for size in (size for shape in layer.weight_shapes(x).values() for size in shape):
        if isinstance(size, Symbolic) and not size.unknown:
            message = f"the weights of {layer.kind} would depend on the input's size: {size} values arrive"
            numbers = f"give the input numbers: {size.domain.example}"
            hint = f"a GAP before it leaves the channels alone; or {numbers}"
            raise located("symbolic-size", message, step.span, hint, fixes=(_before(step, "GAP"),))


def _before(step: ast.Step, layer: str) -> Fix:
    start = step.span.start
    return Fix(f"put a {layer} before it", (Edit(Span(step.span.source, start, start), f"{layer} → "),))


def _costs(layer: Layer, x: Shape, y: Shape) -> Totals:
    weights, biases = layer.weights(x), layer.biases(x)
    costs = (weights, biases, layer.neurons(y), layer.macs(x, y), _operations(layer, x, y))
    return Totals(*(cost if type(cost) is int else _factored(cost) for cost in costs))._replace(layers=1)


def _factored(cost: Any) -> Any:
    """A cost with the sizes that it depends on as factors: 8·(L − 3) rather than 8·L − 24."""
    from cnndsl.shape.formula import formula

    return cost if cost.unknown else formula(cost)


def _operations(layer: Layer, x: Shape, y: Shape) -> int:
    try:
        return layer.operations(x, y)
    except OpenSize:  # the windows of an APOOL have no closed form
        return unknown_size()


def _check_remainder(walker: Walker, layer: Layer, step: ast.Step, x: Shape) -> None:
    if not x.closed:
        layer.need_no_remainder(x)
        return
    left = layer.remainders(x)
    if any(left):
        most = max(left)
        pixels = "1 pixel" if most == 1 else f"{most} pixels"
        worked = layer.sizes(x).split(", ")
        division = worked[left.index(most)] if len(worked) > 1 else worked[0]
        message = f"the division leaves a remainder: {pixels} unread, {division}"
        walker.report(Diagnostic("remainder", message, step.span, hints=("--strict asks for exact sizes",)))


def _input(walker: Walker, step: ast.LayerStep, x: Shape | None, context: Context) -> Node:
    if x != NOTHING:
        hint = "a further input has a chain of its own: let NAME = INPUT(…) → …"
        raise located("no-network", "INPUT can only stand at the start of a chain", step.span, hint)
    shape = _input_shape(walker, step, context)
    name = context.names.steps[step]
    keep_example(shape)
    made = make_input(shape)
    _output(Bound(made, "", Given([], {}, {})), step, shape)
    return LayerNode(
        syntax=step, input=shape, output=shape, name=name, kind=Input, layer=made, totals=Totals(layers=1)
    )


def keep_example(shape: Shape) -> None:
    """Keep, for an input of named extents, what it may look like in numbers: `1@224` for `1@L`."""
    named = [size for size in shape.extents if isinstance(size, Symbolic) and size.domain]
    if named:
        numbers = tuple(224 if isinstance(size, Symbolic) else size for size in shape.extents)
        named[0].domain.example = str(Shape(shape.channels, numbers))


def make_input(shape: Shape) -> Layer:
    """The INPUT of a shape; raises Problem where it has too many axes or a size out of bounds."""
    sizes = [1 if isinstance(size, Symbolic) else size for size in (shape.channels, *shape.extents)]
    numbers = Shape(sizes[0], tuple(sizes[1:]))
    made = bind(Input, shape.rank, [], {"shape": numbers})
    return made if shape.closed else Input(rank=shape.rank, shape=shape)


def _input_shape(walker: Walker, step: ast.LayerStep, context: Context) -> Shape:
    if walker.input and step is walker.main_input:
        return walker.input
    if step.arguments is None:
        shape: Shape = (Input.assumed or {})["shape"]
        walker.assumptions.append(Assumption(context.names.steps[step], f"INPUT({shape})", step.span))
        return shape
    items = step.arguments.items
    if len(items) != 1 or items[0].name not in (None, "shape"):
        hint, place = "channels and extents are written 3@224x224, a vector 784", step.arguments.span
        inner = Span(place.source, place.start + 1, place.end - 1)
        fixes = () if any(item.name for item in items) else listed([item.value for item in items], inner)
        raise located("argument-type", "INPUT takes one shape", place, hint, fixes=fixes)
    shape = read_input(items[0].value, context.scope, walker.extents)
    if slip := slip_of_order(items[0].value, shape):
        walker.report(slip)
    return shape


def _block(walker: Walker, block: BlockDef, step: ast.LayerStep, x: Shape | None, context: Context) -> Node:
    if block in context.blocks:
        way = [one.name for one in (*context.blocks[context.blocks.index(block) :], block)]
        raise recursion(tuple(way), step)
    arguments = bind_block(block, step, context.scope, x)
    key = (block, typed(tuple(arguments.values())), x)
    if key not in walker.block_bodies:
        said = len(walker.diagnostics)
        walker.block_bodies[key] = _body(walker, block, arguments, x, context)
        for diagnostic in walker.diagnostics[said:]:
            if len(diagnostic.labels) < MAX_LABELS:
                diagnostic.labels += (Label(step.span, f"in this use of {block.name}"),)
    body = walker.block_bodies[key]
    name = context.names.steps[step]
    return BlockNode(
        syntax=step,
        input=x,
        output=body.output,
        totals=body.totals,
        known=body.known,
        rows=body.rows,
        name=name,
        block=block,
        arguments=arguments,
        body=body,
    )


def typed(value: Any) -> Any:
    """A value as a key that tells 1 from 1.0 and yes, and `1x2` from `1:2`."""
    return (type(value), tuple(map(typed, value))) if isinstance(value, tuple) else (type(value), value)


def _body(
    walker: Walker, block: BlockDef, arguments: dict[str, Any], x: Shape | None, context: Context
) -> Node:
    walker.spend(block.syntax.body)
    scope = Scope(block.program, arguments, context.scope.budget)
    params = {param.name: param.span for param in block.syntax.params}
    names = walker.names(block.syntax.body, scope, {**block.program.names, **params})
    return walker.walk(block.syntax.body, x, Context(scope, Labels(), names, (*context.blocks, block)))
