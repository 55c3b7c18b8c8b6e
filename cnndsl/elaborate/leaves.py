"""Layers, inputs and uses of blocks."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics import Diagnostic, Label, Problem, located
from cnndsl.diagnostics.diagnostic import Fatal, Located
from cnndsl.elaborate.arguments import Bound, Given, bind_block, bind_layer, place
from cnndsl.elaborate.compute import describe
from cnndsl.elaborate.context import Context, Labels
from cnndsl.elaborate.evaluate import Scope, UnknownSize
from cnndsl.elaborate.names import name_steps
from cnndsl.elaborate.paths import tap
from cnndsl.elaborate.program import BlockDef, unknown_kind
from cnndsl.elaborate.resolve import recursion
from cnndsl.elaborate.shapes import read_input
from cnndsl.elaborate.walk import Walker
from cnndsl.layers import Input, Layer, bind, within_limits
from cnndsl.network import Assumption, BlockNode, LayerNode, Node, Totals
from cnndsl.shape import NOTHING, Shape
from cnndsl.syntax import ast

#: Places that a message about a block's inside names: the innermost uses.
MAX_LABELS = 3


def layer(walker: Walker, step: ast.LayerStep, x: Shape | None, context: Context, fresh: bool) -> Node:
    """A name: a layer kind, a block, or without arguments a label."""
    target = context.scope.find(step.name)
    if target is None and step.arguments is None:
        return tap(walker, step, step.name, x, context, fresh)
    if target is None:
        raise unknown_kind(step.name, step.name_span, [*context.names.labels, *context.scope.program.blocks])
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


def _kind(walker: Walker, kind: type[Layer], step: ast.LayerStep, x: Shape | None, context: Context) -> Node:
    walker.spend(step)
    name = context.names.steps[step]
    node = LayerNode(syntax=step, input=x, output=None, name=name, kind=kind, layer=None, known=False)
    if x is None:
        return node
    try:
        bound = bind_layer(kind, step, context.scope, walker.net, x, last=step in walker.last)
        node.layer, node.sources = bound.layer, bound.given.sources
        node.output = _output(bound, step, x)
    except UnknownSize:
        return node
    except Fatal:
        raise
    except Located as error:
        walker.report(error.diagnostic)
        return node
    if bound.assumed and all(one.span != step.span for one in walker.assumptions):
        walker.assumptions.append(Assumption(name, bound.assumed, step.span))
    node.totals, node.known = _costs(bound.layer, x, node.output), True
    if walker.strict:
        _check_remainder(walker, bound.layer, step, x)
    return node


def _output(bound: Bound, step: ast.Step, x: Shape) -> Shape:
    try:
        return within_limits(bound.layer, x, bound.layer.output(x))
    except Problem as problem:
        raise place(problem, bound.given, step) from None


def _costs(layer: Layer, x: Shape, y: Shape) -> Totals:
    weights, biases = layer.weights(x), layer.biases(x)
    return Totals(weights, biases, layer.neurons(y), layer.macs(x, y), layer.operations(x, y), 1)


def _check_remainder(walker: Walker, layer: Layer, step: ast.Step, x: Shape) -> None:
    left = max(layer.remainders(x), default=0)
    if left:
        pixels = "1 pixel" if left == 1 else f"{left} pixels"
        message = f"the division leaves a remainder: {pixels} unread, {layer.sizes(x)}"
        walker.report(Diagnostic("remainder", message, step.span, hints=("--strict asks for exact sizes",)))


def _input(walker: Walker, step: ast.LayerStep, x: Shape | None, context: Context) -> Node:
    if x != NOTHING:
        hint = "a further input has a chain of its own: let NAME = INPUT(…) → …"
        raise located("no-network", "INPUT can only stand at the start of a chain", step.span, hint)
    shape = _input_shape(walker, step, context)
    name = context.names.steps[step]
    made = bind(Input, shape.rank, [], {"shape": shape})
    _output(Bound(made, "", Given([], {}, {})), step, shape)
    return LayerNode(
        syntax=step, input=shape, output=shape, name=name, kind=Input, layer=made, totals=Totals(layers=1)
    )


def _input_shape(walker: Walker, step: ast.LayerStep, context: Context) -> Shape:
    if walker.input and step is walker.main_input:
        return walker.input
    if step.arguments is None:
        shape: Shape = (Input.assumed or {})["shape"]
        walker.assumptions.append(Assumption(context.names.steps[step], f"INPUT({shape})", step.span))
        return shape
    items = step.arguments.items
    if len(items) != 1 or items[0].name not in (None, "shape"):
        raise located(
            "argument-type", "INPUT takes one shape", step.arguments.span, "INPUT(3@224x224), INPUT(784)"
        )
    return read_input(items[0].value, context.scope)


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
    names = name_steps(block.syntax.body, scope, {**block.program.names, **params})
    return walker.walk(block.syntax.body, x, Context(scope, Labels(), names, (*context.blocks, block)))
