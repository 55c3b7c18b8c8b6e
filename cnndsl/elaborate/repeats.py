"""Repetition: `a*3`, `a*(i < 4)`, `a*((c, n) in (64, 2), (128, 3))`, and free counts `a*N`."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics import Diagnostic, Edit, Fix, located
from cnndsl.elaborate.compute import describe
from cnndsl.elaborate.context import Context, unknown
from cnndsl.elaborate.evaluate import evaluate, undefined, whole
from cnndsl.elaborate.program import check_free
from cnndsl.elaborate.resolve import free_counts
from cnndsl.elaborate.walk import MAX_LAYERS, MAX_WORK, Walker
from cnndsl.network import Free, Node, RepeatNode, Run
from cnndsl.shape import Shape
from cnndsl.source import Span
from cnndsl.syntax import ast

#: A longer list of parameters is not written out in a hint.
MOST_SHOWN = 75
#: What the lecture says of the counts of its pattern.
COURSE_RANGES = {"N": "N ≥ 0, usually ≤ 3", "M": "M ≥ 0", "K": "K ≥ 0, usually < 3"}


def repeat(walker: Walker, step: ast.Repeat, x: Shape | None, context: Context, fresh: bool) -> Node:
    if isinstance(step.count, ast.Binary) and step.count.operator in {"<=", ">", ">="}:
        message = "an index runs below its limit"
        raise located("repeat-count", message, step.count.span, "for 4 copies write *(i < 4)")
    count = _free_count(walker, step, context)
    if count is None:
        count = _undeclared(walker, step, context)
    if count is None:
        count = whole(step.count, context.scope, x, "a repetition count")
    if count > MAX_LAYERS:
        message = f"{count} copies: the limit is {MAX_LAYERS} layers"
        raise located("number-limit", message, step.count.span)
    said = len(walker.diagnostics)
    node = _copies(walker, step, step.body, x, context, count)
    for diagnostic in walker.diagnostics[said:]:
        _tell_of_index(diagnostic, step)
    return node


def _tell_of_index(diagnostic: Diagnostic, step: ast.Repeat) -> None:
    """For an `i` that nothing defines, in copies that are not numbered: how they are."""
    name, span = diagnostic.span.text, step.body.span
    here = diagnostic.span.source is span.source and span.start <= diagnostic.span.start < span.end
    if here and diagnostic.code == "undefined" and len(name) == 1 and not diagnostic.fixes:
        from cnndsl.elaborate.notation import numbered

        hint, fix = numbered(name, step.count)
        diagnostic.hints, diagnostic.fixes = (hint,), (fix,)


def _bare(count: ast.Expr) -> ast.Expr:
    return count.inner if isinstance(count, ast.Paren) else count


def _free_count(walker: Walker, step: ast.Repeat, context: Context) -> int | None:
    """The value of a count that a bare pattern leaves free: as bound by the caller, else 1."""
    count = _bare(step.count)
    if not isinstance(count, ast.Name) or walker.program.params or context.blocks:
        return None
    if context.scope.find(count.name) is not None:
        return None
    value = walker.choices.get(count.name, 1)
    if type(value) is not int or value < 0:
        message = f"{count.name} is a whole number of 0 or more, not {describe(value)}"
        raise located("repeat-count", message, walker.places.get(count.name, count.span))
    known = COURSE_RANGES.get(count.name, f"{count.name} ≥ 0")
    walker.free[count.name] = Free(count.name, value, known, count.span)
    return value


def _undeclared(walker: Walker, step: ast.Repeat, context: Context) -> int | None:
    """For a count that would be free in a bare pattern, where the net has parameters: raise for the first."""
    count, net = _bare(step.count), walker.program.net
    if not isinstance(count, ast.Name) or context.blocks or context.scope.find(count.name) is not None:
        return None
    problem = undefined(count.name, context.scope)
    if net is None or not net.params or problem.changes:
        return None
    spans = free_counts(walker.program).items()
    names = [name for name, _ in sorted(spans, key=lambda one: one[1].start) if walker.net.find(name) is None]
    declared = ", ".join(f"{name} = 1 in 0..3" for name in names)
    *most, last = names
    title, shown = (
        f"declare {', '.join(most)}{' and ' * bool(most)}{last}",
        f"net {walker.program.name}(…, {declared})",
    )
    if len(shown) > MOST_SHOWN:
        title, shown = "declare the counts", f"{count.name} = 1 in 0..3"
    place = _end(net.params[-1])
    hint = f"where a net has parameters, counts are among them: {shown}"
    if any(hint in found.hints for found in walker.diagnostics):
        return 1
    fix = Fix(title, (Edit(place, f", {declared}"),))
    raise located(problem.code, problem.message, count.span, hint, fixes=(fix,))


def _end(param: ast.Param) -> Span:
    """The place behind a parameter with its default and domain."""
    last = param.choices[-1] if param.choices else param.high or param.default or param
    source, end = param.span.source, last.span.end
    if param.choices:
        end = source.text.index("}", end) + 1
    return Span(source, end, end)


def indexed(walker: Walker, step: ast.IndexedRepeat, x: Shape | None, context: Context, fresh: bool) -> Node:
    limit = whole(step.limit, context.scope, x, "the limit of a repetition")
    if limit > MAX_WORK:
        message = f"{limit} different copies: the limit is {MAX_WORK}"
        raise located("number-limit", message, step.limit.span)
    _check_indices(step, (step.index,), context)
    return _copies(walker, step, step.body, x, context, limit, [{step.index: i} for i in range(limit)])


def listed(walker: Walker, step: ast.ListRepeat, x: Shape | None, context: Context, fresh: bool) -> Node:
    _check_indices(step, step.names, context)
    values, spans = _list(step, x, context)
    if len(values) > MAX_WORK:
        raise located("number-limit", f"{len(values)} copies: the limit is {MAX_WORK}", step.span)
    taken = [taken_apart(step.names, value, span) for value, span in zip(values, spans, strict=True)]
    return _copies(walker, step, step.body, x, context, len(taken), taken)


def _list(step: ast.ListRepeat, x: Shape | None, context: Context) -> tuple[tuple[Any, ...], list[Span]]:
    """The values that a repetition runs over, with their places."""
    if not step.spread:
        values = tuple(evaluate(value, context.scope, x) for value in step.values)
        return values, [value.span for value in step.values]
    span = step.values[0].span
    value = evaluate(step.values[0], context.scope, x)
    if not isinstance(value, tuple):
        message = f"a repetition runs over a tuple, this is {describe(value)}"
        hint = "a list of one item ends with a comma: (c in 64,)"
        fix = Fix("make it a list", (Edit(Span(span.source, span.end, span.end), ","),), safe=True)
        raise located("argument-type", message, span, hint, fixes=() if isinstance(value, bool) else (fix,))
    return value, [span] * len(value)


def taken_apart(names: tuple[str, ...], value: Any, span: Span) -> dict[str, Any]:
    """The loop's names for one value of its list."""
    if len(names) == 1:
        return {names[0]: value}
    if not isinstance(value, tuple) or len(value) != len(names):
        shown = ", ".join(names)
        raise located(
            "argument-type", f"({shown}) needs tuples of {len(names)}, this is {describe(value)}", span
        )
    return dict(zip(names, value, strict=True))


def _check_indices(step: ast.Step, names: tuple[str, ...], context: Context) -> None:
    program = context.scope.program
    taken = {**{name: program.names[name] for name in program.blocks}, **context.names.labels}
    for name in names:
        check_free(name, step.span, taken)
        taken[name] = step.span
        if name in context.scope.values:
            message = f"`{name}` is a parameter or an index already"
            raise located("name-clash", message, step.span, "choose another name for the index")


def _copies(
    walker: Walker,
    step: ast.Step,
    body: ast.Step,
    x: Shape | None,
    context: Context,
    count: int,
    indices: list[dict[str, Any]] | None = None,
) -> Node:
    """The runs of a repeat. Copies that no longer change the shape are one node, counted."""
    node = RepeatNode(syntax=step, input=x, output=x, runs=[])
    number, y = 0, x
    while number < count:
        walker.spend(step, "copy")
        values = indices[number] if indices else {}
        scope = context.scope.with_values(values) if values else context.scope
        said = len(walker.diagnostics)
        copy = walker.walk(body, y, context.inside_repeat(scope))
        for diagnostic in walker.diagnostics[said:] if number else ():
            before = f"{number} before it fit" if number > 1 else "one before it fits"
            diagnostic.hints += (f"in copy {number + 1} of {count}: the {before}",)
        lost = copy.output is None and y is not None
        alike = count - number if copy.output == y and not values else 1
        node.runs.append(Run(number, alike, copy, values))
        number, y = number + alike, copy.output
        if lost and number < count:  # what follows an error has no sizes: one node says so for all
            node.runs.append(Run(number, count - number, unknown(body, None), values))
            break
    node.output = y
    for run in node.runs:
        node.totals = node.totals.plus(run.body.totals, run.copies)
        node.known = node.known and run.body.known
    node.rows = sum(run.body.rows for run in node.runs)
    return walker.within_limits(node)
