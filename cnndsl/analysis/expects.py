"""`expect`: claims about the network, its variants and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl.analysis.rows import Row, receptive_field, rows
from cnndsl.diagnostics import Diagnostic, Problem, did_you_mean
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.evaluate import Scope, compute, describe, evaluate
from cnndsl.network import Network, Totals
from cnndsl.shape import AXIS_LETTERS, Shape
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


def _compare(claim: ast.Expr, scope: Scope, network: Network) -> Diagnostic | None:
    if isinstance(claim, ast.Binary) and claim.operator in {"==", "!=", "<", "<=", ">", ">="}:
        left, right = evaluate(claim.left, scope, None), evaluate(claim.right, scope, None)
        try:
            holds = compute(claim.operator, left, right)
        except Problem as problem:
            return Diagnostic(problem.code, problem.message, claim.span)
        message = f"{claim.left.span.text} is {_grouped(left)}, not {claim.operator.replace('==', '')} {_grouped(right)}"
        message = message.replace("  ", " ")
    else:
        holds = evaluate(claim, scope, None)
        message = f"this does not hold for {network.name}"
    if not isinstance(holds, bool):
        return Diagnostic(
            "argument-type", f"an expectation is a comparison, this is {describe(holds)}", claim.span
        )
    return None if holds else Diagnostic("expect", message, claim.span)


def _grouped(value: Any) -> str:
    """A number with its digits in groups, as expectations are written."""
    return f"{value:_}" if type(value) is int else describe(value)


class _Paths:
    """The values of paths such as `params`, `conv1.neurons`, `ResNet50.params`, `e[0].C`."""

    def __init__(self, network: Network, others: Mapping[str, Network]) -> None:
        self._network, self._others = network, others
        self._rows: list[Row] = []

    def value(self, expr: ast.Expr) -> Any:
        parts = _components(expr)
        network = self._network
        if len(parts) > 1 and parts[0][0] in self._others:
            network = self._others[parts[0][0]]
            parts = parts[1:]
        *steps, (quantity, _) = parts
        return _of_steps(network, steps, quantity) if steps else _of_network(network, quantity)


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
    raise Problem(
        "expression", f"`{expr.span.text}` is no path to a step", "a path is written stage.conv1[0].neurons"
    )


def _of_network(network: Network, quantity: str) -> Any:
    if quantity == "rf":
        sights = receptive_field(network)
        if sights is None:
            raise Problem("expect", "no map is left that has a receptive field")
        return _one(sorted({sight.size for sight in sights}))
    return _quantity(network.totals, network.output, quantity, _unknown_name(quantity, network))


def _of_steps(network: Network, steps: list[tuple[str, tuple[int, ...]]], quantity: str) -> Any:
    total, last = Totals(), None
    for row in rows(network):
        copies = _copies(row, steps)
        if copies:
            total, last = total.plus(row.totals, copies), row
    if last is None:
        raise _unknown_name(_shown(steps), network)
    if quantity == "rf":
        if last.sights is None:
            raise Problem("expect", f"{_shown(steps)} sees the whole input: it has no receptive field")
        return _one(sorted({sight.size for sight in last.sights}))
    return _quantity(total, last.output, quantity, _unknown_name(quantity, network))


def _shown(steps: list[tuple[str, tuple[int, ...]]]) -> str:
    return ".".join(name + "".join(f"[{index}]" for index in indices) for name, indices in steps)


def _copies(row: Row, steps: list[tuple[str, tuple[int, ...]]]) -> int:
    """How many of a row's copies a path means; indices that it leaves out mean all copies."""
    if len(row.parts) < len(steps):
        return 0
    copies = row.count
    for part, (name, indices) in zip(row.parts, steps, strict=False):
        labelled = name + "".join(f"[{index}]" for index in indices)
        if part.name == labelled:
            continue
        if part.name != name or len(indices) > len(part.copies):
            return 0
        for (first, count), index in zip(part.copies, indices, strict=False):
            if not first <= index < first + count:
                return 0
            copies //= count
    return copies


def _quantity(totals: Totals, output: Shape | None, quantity: str, otherwise: Problem) -> Any:
    if quantity in QUANTITIES:
        return getattr(totals, quantity)
    if output and quantity.upper() == "C":
        return output.channels
    letters = AXIS_LETTERS[output.rank] if output else ""
    if quantity.upper() in letters and output and len(quantity) == 1:
        return output.extents[letters.index(quantity.upper())]
    raise otherwise


def _unknown_name(name: str, network: Network) -> Problem:
    names = {row.parts[0].name for row in rows(network)} | set(QUANTITIES)
    near = did_you_mean(name, names)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"there are {', '.join(QUANTITIES)}, and steps such as conv1.neurons"
    )
    return Problem("undefined", f"there is no `{name}` in {network.name}", hint)


def _one(sizes: list[Any]) -> Any:
    """The extent of a field; a tuple where the axes differ."""
    return sizes[0] if len(sizes) == 1 else tuple(sizes)
