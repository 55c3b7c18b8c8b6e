"""`expect`: claims about the network, its variants and its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnndsl.analysis.fields import Sights
from cnndsl.analysis.rows import Part, rows, walked
from cnndsl.diagnostics import Change, Diagnostic, Edit, Fix, Problem, did_you_mean
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.compute import compute, describe
from cnndsl.elaborate.evaluate import Scope, evaluate
from cnndsl.network import Network, Output, Totals
from cnndsl.shape import AXIS_LETTERS, NOTHING, OpenSize, Shape
from cnndsl.source import Span
from cnndsl.syntax import ast

#: What can be asked of a network or a step, beside its output's extents C, H, W, D, L.
QUANTITIES = ("params", "weights", "biases", "neurons", "macs", "flops", "rf")


def variants_named(expr: ast.Expr, names: set[str]) -> set[str]:
    """The variants that an expectation is about; none: it is about all."""
    if isinstance(expr, ast.Name):
        return {expr.name} & names
    found: set[str] = set()
    for inner in _operands(expr):
        found |= variants_named(inner, names)
    return found


def _operands(expr: ast.Expr) -> tuple[ast.Expr, ...]:
    match expr:
        case ast.Binary():
            return expr.left, expr.right
        case ast.Unary():
            return (expr.operand,)
        case ast.Conditional():
            return expr.value, expr.condition, expr.otherwise
        case ast.Paren():
            return (expr.inner,)
        case ast.Attribute():
            return (expr.value,)
        case ast.Subscript():
            return expr.value, expr.index
        case ast.Call():
            return tuple(item.value for item in expr.arguments.items)
    return ()


def check_expectation(
    expect: ast.Expect, network: Network, others: Mapping[str, Network]
) -> Diagnostic | None:
    """What is wrong with an expectation about `network`; `others` are the variants it may name."""
    paths = _Paths(network, others)
    scope = Scope(network.program, network.arguments, paths=paths.value)
    try:
        return _compare(expect.claim, scope, network)
    except Located as error:
        return error.diagnostic


def quantity(expr: ast.Expr, network: Network, values: Mapping[str, Any]) -> Any:
    """What an expression about a network comes to, where names have these values; raises Located."""
    scope = Scope(network.program, {**values}, paths=_Paths(network, {}).value)
    return evaluate(expr, scope, NOTHING)


def bare_names(expr: ast.Expr) -> Iterator[ast.Name]:
    """The names in an expression that stand alone, rather than in a path to a step."""
    if isinstance(expr, ast.Name):
        yield expr
    elif isinstance(expr, ast.Subscript):
        yield from bare_names(expr.index)
    elif not isinstance(expr, ast.Attribute):
        for inner in _operands(expr):
            yield from bare_names(inner)


def _compare(claim: ast.Expr, scope: Scope, network: Network) -> Diagnostic | None:
    if isinstance(claim, ast.Paren):
        return _compare(claim.inner, scope, network)
    if isinstance(claim, ast.Binary) and claim.operator == "and":
        return _compare(claim.left, scope, network) or _compare(claim.right, scope, network)
    if isinstance(claim, ast.Binary) and claim.operator in {"==", "!=", "<", "<=", ">", ">="}:
        left, right = evaluate(claim.left, scope, NOTHING), evaluate(claim.right, scope, NOTHING)
        try:
            holds = compute(claim.operator, left, right)
        except Problem as problem:
            return Diagnostic(problem.code, problem.message, claim.span, hints=problem.hints)
        except OpenSize as error:
            message = f"it cannot be compared: {error.size} depends on the input's size"
            hint = "expect parameters, or give the input numbers"
            return Diagnostic("symbolic-size", message, claim.span, hints=(hint,))
        said = claim.right.span.text if isinstance(claim.right, ast.Number) else _grouped(right)
        wanted = said if claim.operator == "==" else f"{claim.operator} {said}"
        message = f"{claim.left.span.brief} is {_grouped(left)}, not {wanted}"
    else:
        holds = evaluate(claim, scope, NOTHING)
        message = f"this does not hold for {network.name}"
    if not isinstance(holds, bool):
        message = f"an expectation is a comparison, this is {describe(holds)}"
        end = Span(claim.span.source, claim.span.end, claim.span.end)
        return Diagnostic(
            "argument-type", message, claim.span, fixes=_expecting(end, f" == {_grouped(holds)}")
        )
    if holds:
        return None
    exact = isinstance(claim, ast.Binary) and claim.operator == "==" and isinstance(claim.right, ast.Number)
    fixes = _expecting(claim.right.span, _grouped(left)) if exact else ()  # type: ignore[attr-defined]
    return Diagnostic("expect", message, claim.span, fixes=fixes)


def _expecting(span: Span, text: str) -> tuple[Fix, ...]:
    return (Fix(f"expect {text.removeprefix(' == ')}", (Edit(span, text),)),)


def _grouped(value: Any) -> str:
    """A number with its digits in groups, as expectations are written."""
    return f"{value:_}" if type(value) is int else describe(value)


class _Paths:
    """The values of paths such as `params`, `conv1.neurons`, `ResNet50.params`, `all.params`, `e[0].C`."""

    def __init__(self, network: Network, others: Mapping[str, Network]) -> None:
        self._network, self._others = network, others

    def value(self, expr: ast.Expr) -> Any:
        try:
            return self._value(expr)
        except Problem as problem:
            if not isinstance(expr, ast.Name):  # the changes are for one part of the path
                problem.changes = ()
            raise

    def _value(self, expr: ast.Expr) -> Any:
        parts = _components(expr)
        network = self._network
        if len(parts) > 1 and parts[0][0] in self._others:
            network = self._others[parts[0][0]]
            parts = parts[1:]
        *steps, (quantity, _) = parts
        if not steps:
            return _of_network(network, quantity)
        if len(steps) == 1 and (chain := _chain(network, steps[0][0])):
            sights = walked(network).maps.get(chain.name)
            return _quantity(chain.node.totals, chain.node.output, sights, quantity, network)
        if steps == [("all", ())]:
            sights = walked(network).maps.get("")
            return _quantity(network.all_totals, network.output, sights, quantity, network)
        return _of_steps(network, steps, quantity)


def _chain(network: Network, name: str) -> Output | None:
    """The `let` or `output` of that name."""
    return next((chain for chain in network.chains if chain.name and chain.name == name), None)


def _components(expr: ast.Expr) -> list[tuple[str, tuple[int, ...]]]:
    """`stage.conv1[0].macs` as [("stage", ()), ("conv1", (0,)), ("macs", ())]."""
    match expr:
        case ast.Name():
            return [(expr.name, ())]
        case ast.Attribute():
            return [*_components(expr.value), (expr.name, ())]
        case ast.Subscript(index=ast.Number(value=int(index))):
            *before, (name, indices) = _components(expr.value)
            return [*before, (name, (*indices, index))]
    hint = "a path is written stage.conv1[0].neurons"
    raise Problem("expression", f"`{expr.span.brief}` is no path to a step", hint)


def _of_network(network: Network, quantity: str) -> Any:
    sights = None
    if quantity == "rf":
        from cnndsl.analysis.lastmap import last_map  # few ask for it, and loading it takes its time

        sights = last_map(network).sights
    return _quantity(network.totals, network.output, sights, quantity, network)


def _of_steps(network: Network, steps: list[tuple[str, tuple[int, ...]]], quantity: str) -> Any:
    """A quantity of a layer, or of all layers of a block or labelled part, whose end is the part's."""
    found = walked(network)
    total, output, sights = None, None, None
    for row in found.rows:
        copies = _copies(row.parts, row.count, steps)
        if copies:
            total = (total or Totals()).plus(row.totals, copies)
            output, sights = row.output, row.sights
    for end in found.ends:
        if len(end.parts) == len(steps) and _copies(end.parts, 1, steps):
            total, output, sights = total or Totals(), end.output, end.sights
    if total is None:
        raise _unknown_name(_shown(steps), network)
    return _quantity(total, output, sights, quantity, network, _shown(steps))


def _shown(steps: list[tuple[str, tuple[int, ...]]]) -> str:
    return ".".join(name + "".join(f"[{index}]" for index in indices) for name, indices in steps)


def _copies(parts: tuple[Part, ...], count: int, steps: list[tuple[str, tuple[int, ...]]]) -> int:
    """How many of a row's copies a path means; indices that it leaves out mean all copies."""
    if len(parts) < len(steps):
        return 0
    copies = count
    for part, (name, indices) in zip(parts, steps, strict=False):
        labelled = name + "".join(f"[{index}]" for index in indices)
        if part.name == labelled:
            continue
        if part.name != name or len(indices) > len(part.copies):
            return 0
        for (first, number), index in zip(part.copies, indices, strict=False):
            if not first <= index < first + number:
                return 0
            copies = max(1, copies // number)
    return copies


def _quantity(
    totals: Totals,
    output: Shape | None,
    sights: Sights,
    quantity: str,
    network: Network,
    subject: str = "the output",
) -> Any:
    if quantity == "rf":
        if sights is None:
            message = f"{subject} sees the whole input, so it has no receptive field of its own"
            raise Problem("expect", message)
        if not sights:
            raise Problem("symbolic-size", f"the receptive field of {subject} depends on the input's size")
        sizes = sorted({sight.size for sight in sights})
        return sizes[0] if len(sizes) == 1 else tuple(sight.size for sight in sights)
    if quantity in QUANTITIES:
        return getattr(totals, quantity)
    if output and quantity.upper() == "C":
        return output.channels
    letters = AXIS_LETTERS[output.rank] if output else ""
    if output and len(quantity) == 1 and quantity.upper() in letters:
        return output.extents[letters.index(quantity.upper())]
    raise _unknown_name(quantity, network)


def _unknown_name(name: str, network: Network) -> Problem:
    steps = {row.parts[0].name for row in rows(network)}
    if name in steps:
        hint = f"ask for {name}.params, {name}.neurons, {name}.C …"
        return Problem("undefined", f"`{name}` is a step", hint)
    near = did_you_mean(name, steps | set(QUANTITIES))
    hint = f"there are {', '.join(QUANTITIES)}, and paths such as conv1.neurons"
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    changes = tuple(Change(f"write {word}", text=word) for word in near)
    return Problem("undefined", f"there is no `{name}` in {network.name}", hint, changes=changes)
