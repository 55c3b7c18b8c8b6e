"""Choices, labels, claims and taps: what decides which way the values go."""

from __future__ import annotations

from cnndsl.diagnostics import Edit, Fix, Problem, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.compute import describe, truth
from cnndsl.elaborate.context import Context, sums
from cnndsl.elaborate.evaluate import UnknownSize, evaluate, whole
from cnndsl.elaborate.program import unknown_kind
from cnndsl.elaborate.shapes import holds, read_claim
from cnndsl.elaborate.walk import Walker
from cnndsl.network import BlockNode, ChoiceNode, Free, LabelNode, LayerNode, Node, TapNode
from cnndsl.shape import NOTHING, Shape
from cnndsl.syntax import ast


def guard(walker: Walker, step: ast.Guard, x: Shape | None, context: Context, fresh: bool) -> Node:
    value = evaluate(step.condition, context.scope, x)
    try:
        taken = truth(value)
    except Problem as problem:
        raise located(problem.code, problem.message, step.condition.span, *problem.hints) from None
    fresh = fresh or step.path is not None  # what is left of the braces starts as a path does
    return _choice(walker, step, step.body if taken else step.otherwise, x, context, fresh, taken)


def optional(walker: Walker, step: ast.Optional, x: Shape | None, context: Context, fresh: bool) -> Node:
    name = context.names.steps[step]
    if context.blocks:
        name = f"{context.blocks[-1].name}_{name}"
    taken = walker.chosen(step, name)
    if not isinstance(taken, bool):
        place = walker.places.get(name, step.span)
        raise located("argument-type", f"{name} is yes or no, not {describe(taken)}", place)
    walker.free[name] = Free(name, taken, "yes or no", step.span)
    return _choice(walker, step, step.body if taken else None, x, context, fresh, taken, name)


def _choice(
    walker: Walker,
    step: ast.Step,
    chosen: ast.Step | None,
    x: Shape | None,
    context: Context,
    fresh: bool,
    taken: bool,
    free: str = "",
) -> Node:
    body = walker.walk(chosen, x, context, fresh) if chosen else None
    output = body.output if body else x
    return ChoiceNode(
        syntax=step, input=x, output=output, taken=taken, body=body, free=free, **sums([body] if body else [])
    )


def labelled(walker: Walker, step: ast.Labelled, x: Shape | None, context: Context, fresh: bool) -> Node:
    name = _indexed_name(step.name, step.index, x, context)
    if step.index is not None and context.labels.find(name)[0]:
        raise located("name-clash", f"`{name}` is defined twice", step.name_span)
    node = walker.walk(step.body, x, context, fresh)
    context.labels.set(name, node.output, indexed=step.index is not None)
    if isinstance(node, LayerNode | BlockNode):
        node.name = name
        return node
    return LabelNode(
        syntax=step,
        input=x,
        output=node.output,
        totals=node.totals,
        known=node.known,
        rows=node.rows,
        name=name,
        body=node,
    )


def _indexed_name(name: str, index: ast.Expr | None, x: Shape | None, context: Context) -> str:
    return name if index is None else f"{name}[{whole(index, context.scope, x, 'an index')}]"


def claimed(walker: Walker, step: ast.Claimed, x: Shape | None, context: Context, fresh: bool) -> Node:
    said = len(walker.diagnostics)
    node = walker.walk(step.body, x, context, fresh)
    refused = isinstance(node, LayerNode) and not node.known and len(walker.diagnostics) > said
    if node.output is None or refused or not walker.claims:  # of a layer at fault, nothing more
        return node
    walker.claimed[step.claim] = node.output
    try:
        readings = read_claim(step.claim, context.scope, x)
    except Located as error:
        walker.report(error.diagnostic)
        return node
    walker.look_at(step)
    if not walker.claim_broken and not any(holds(reading, node.output) for reading in readings):
        walker.claim_broken, walker.missed = True, (readings[0], node.output)
        from cnndsl.elaborate.broken import broken

        walker.report(broken(step, readings[0], node, node.output))
    return node


def tapped(walker: Walker, step: ast.TapStep, x: Shape | None, context: Context, fresh: bool) -> Node:
    return tap(walker, step, _indexed_name(step.name, step.index, x, context), x, context, fresh)


def tap(walker: Walker, step: ast.Step, name: str, x: Shape | None, context: Context, fresh: bool) -> Node:
    """A path that starts from the output of a labelled step, or of a `let`."""
    found, shape = context.labels.find(name)
    if not found and not context.blocks and (let := walker.find_let(name, step.span)):
        found, shape = True, let.output
    if not found:
        raise _no_label(walker, step, name, context)
    if not fresh:
        message = f"`{name}` is a label: it can only start a path, what arrives here would be lost"
        text = step.span.text
        hint = f"join the two: {{ ID | {name} }} or {{ ID + {name} }}"
        fixes = tuple(
            Fix(f"join them by {sign}", (Edit(step.span, f"{{ ID {sign} {text} }}"),)) for sign in "|+"
        )
        raise located("bad-label", message, step.span, hint, fixes=fixes)
    known = shape is not None
    return TapNode(syntax=step, input=None if x == NOTHING else x, output=shape, name=name, known=known)


def _no_label(walker: Walker, step: ast.Step, name: str, context: Context) -> Located:
    stem, _, index = name.partition("[")
    if stem in context.labels.root.inside_repeat and not index:
        hint = f"give it an index, `as {stem}[i]` in a repeat over i, and take up {stem}[0]"
        message = f"`{stem}` is a label inside a repeat: there is one for each copy"
        return located("bad-label", message, step.span, hint)
    if stem in context.names.labels and walker.diagnostics:
        raise UnknownSize  # the step that makes it may be what is at fault
    if stem in context.names.labels:
        made = [label for label in context.labels.root.shapes if label.startswith(f"{stem}[")]
        so_far = f", only {', '.join(made[:4])}" if made else ""
        message = f"there is no `{name}` so far{so_far}"
        hint = "a path can only take up a label that stands before it, in a part that is there"
        return located("bad-label", message, step.span, hint)
    if stem in context.names.steps.values():
        hint = f"label the step that it is: … as {stem}"
        return located("bad-label", f"`{stem}` is a step's name in the table, not a label", step.span, hint)
    others = [*context.names.labels, *context.scope.program.blocks, *context.scope.values]
    return unknown_kind(stem, step.span, others)
