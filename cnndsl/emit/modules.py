"""From modules in a plan to the statements of `__init__` that make them."""

from __future__ import annotations

import ast as py

from cnndsl.emit import plan as plans
from cnndsl.emit.layout import indented
from cnndsl.emit.names import Namespace
from cnndsl.emit.printer import SIGNS, source


def module_lines(
    target: str, parts: list[plans.Plan], names: Namespace, *, appended: bool = False
) -> list[str]:
    """`self.features = nn.Sequential(…)`, as one expression where that can say it."""
    if kept := _kept_lines(target, parts, appended):
        return kept
    last = list[str]()
    while isinstance(parts[-1], plans.Assign):
        last[:0] = builder_lines(parts[-1], "")
        parts = parts[:-1]
    return [*_module_lines(target, parts, names, appended), *last]


def _module_lines(target: str, parts: list[plans.Plan], names: Namespace, appended: bool) -> list[str]:
    opening, closing = (f"{target}.append(", ")") if appended else (f"{target} = ", "")
    single = _single(parts)
    if single:
        return [f"{opening}{single.expressions[0]}{closing}{_note(single)}"]
    items = literal_items(parts)
    if items is not None and appended:
        return [opening, *indented(["nn.Sequential(", *indented(items), ")"]), closing]
    if items is not None:
        return [f"{opening}nn.Sequential(", *indented(items), ")"]
    local = names.fresh("layers" if appended else target.removeprefix("self."))
    return [*built(local, parts), f"{opening}nn.Sequential(*{local}){closing}"]


def _kept_lines(target: str, parts: list[plans.Plan], appended: bool) -> list[str]:
    """A module alone that is asked something afterwards: `channels = self.block1.out_channels`."""
    first, *others = parts
    if not (isinstance(first, plans.Modules) and first.kept):
        return []
    if not all(isinstance(other, plans.Assign) for other in others):
        return []
    asked = [line for other in others for line in builder_lines(other, "")]
    if appended:
        return [*builder_lines(first, target), *asked]
    asked = [line.replace(f"{first.kept}.", f"{target}.") for line in asked]
    return [f"{target} = {first.expressions[0]}{_note(first)}", *asked]


def _note(part: plans.Modules) -> str:
    return f"  # {part.comment}" if part.comment else ""


def _single(parts: list[plans.Plan]) -> plans.Modules | None:
    """The only module, if it is one."""
    found = [part for part in parts if not (isinstance(part, plans.Modules) and not part.expressions)]
    if len(found) == 1 and isinstance(found[0], plans.Modules) and not found[0].kept:
        return found[0] if len(found[0].expressions) == 1 else None
    return None


def literal_items(parts: list[plans.Plan]) -> list[str] | None:
    """The arguments of an nn.Sequential, a line each; None where statements are needed."""
    lines: list[str] = []
    for part in parts:
        if isinstance(part, plans.Modules) and not part.kept:
            lines += _module_items(part)
        elif isinstance(part, plans.Loop) and not part.carried and (one := _single(part.body.parts)):
            lines.append(f"*[{one.expressions[0]} for {_target(part)} in {part.iterable}],{_note(one)}")
        else:
            return None
    return lines


def _module_items(part: plans.Modules) -> list[str]:
    """A layer's modules, with its shape behind the last one."""
    lines = [f"{expression}," for expression in part.expressions]
    if lines:
        lines[-1] += _note(part)
    return lines


def built(local: str, parts: list[plans.Plan]) -> list[str]:
    """Statements that fill the list `local` with modules."""
    first: list[plans.Modules] = []
    rest = list(parts)
    while rest and isinstance(rest[0], plans.Modules) and not rest[0].kept:
        first.append(rest.pop(0))  # type: ignore[arg-type]
    items = [line for part in first for line in _module_items(part)]
    return [
        *_listed(f"{local}: list[nn.Module] = ", items),
        *(line for part in _merged(rest) for line in builder_lines(part, local)),
    ]


def _listed(opening: str, items: list[str]) -> list[str]:
    """`opening` and a list; one item stays on the line."""
    if len(items) > 1:
        return [f"{opening}[", *indented(items), "]"]
    item, mark, note = "".join(items).partition(",  # ")
    return [f"{opening}[{item.removesuffix(',')}]" + (f"  # {note}" if mark else "")]


def _merged(parts: list[plans.Plan]) -> list[plans.Plan]:
    """Neighbouring modules as one, so that they are appended together."""
    merged: list[plans.Plan] = []
    for part in parts:
        last = merged[-1] if merged else None
        if not isinstance(part, plans.Modules) or part.kept:
            merged.append(part)
        elif isinstance(last, plans.Sequence):
            last.parts.append(part)
        else:
            merged.append(plans.Sequence([part]))
    return merged


def builder_lines(plan: plans.Plan, local: str) -> list[str]:
    """Statements that append a part's modules to `local`, or assign what later parts need."""
    match plan:
        case plans.Assign():
            return [assignment(plan.target, plan.value)]
        case plans.Modules() if plan.kept:
            return [f"{plan.kept} = {plan.expressions[0]}{_note(plan)}", f"{local}.append({plan.kept})"]
        case plans.Modules() | plans.Sequence():
            return _appended(local, plans.flat([plan]).parts)
        case plans.Loop():
            body = [line for part in _merged(plan.body.parts) for line in builder_lines(part, local)]
            return loop_lines(plan, body)
        case plans.Condition():
            then = [line for part in _merged(plan.then.parts) for line in builder_lines(part, local)]
            other = [line for part in _merged(plan.otherwise.parts) for line in builder_lines(part, local)]
            return if_lines(plan.test, then, other)
    return []


def _appended(local: str, parts: list[plans.Plan]) -> list[str]:
    items = [line for part in parts if isinstance(part, plans.Modules) for line in _module_items(part)]
    if len(items) != 1:
        return [f"{local} += [", *indented(items), "]"] if items else []
    expression, mark, note = items[0].partition(",  # ")
    return [f"{local}.append({expression.removesuffix(',')})" + (f"  # {note}" if mark else "")]


def loop_lines(plan: plans.Loop, body: list[str]) -> list[str]:
    """The loop of `__init__`, with what it carries; nothing where its copies make nothing."""
    start = [assignment(plan.carried, plan.start)] if plan.carried and plan.start else []
    step = [assignment(plan.carried, plan.step)] if plan.step else []
    if not body and not step:
        return start
    return [*start, f"for {_target(plan)} in {plan.iterable}:", *indented([*body, *step])]


def _target(plan: plans.Loop) -> str:
    """The loop's variables; an underscore marks those that the body does not read."""
    used = plans.names(plan.body, built=True) | plans.words(plan.step)
    variables = plan.target.split(", ")
    if len(variables) == 1:
        return plan.target if plan.target in used else "_"
    return ", ".join(variable if variable in used else f"_{variable}" for variable in variables)


def if_lines(test: str, then: list[str], otherwise: list[str]) -> list[str]:
    """`if` and `else`, without the arm that has nothing to do."""
    if then and _is_if(otherwise):
        return [f"if {test}:", *indented(then), f"el{otherwise[0]}", *otherwise[1:]]
    if then:
        rest = ["else:", *indented(otherwise)] if otherwise else []
        return [f"if {test}:", *indented(then), *rest]
    return [f"if {negated(test)}:", *indented(otherwise)] if otherwise else []


def _is_if(lines: list[str]) -> bool:
    """Whether lines are one `if` statement."""
    return (
        lines[:1] != []
        and lines[0].startswith("if ")
        and all(line.startswith((" ", "else:", "elif ")) for line in lines[1:])
    )


def negated(test: str) -> str:
    """The opposite condition."""
    return source(py.UnaryOp(py.Not(), py.parse(test, mode="eval").body))


def assignment(target: str, value: str) -> str:
    """`channels = 64`, `channels += growth`."""
    expr = py.parse(value, mode="eval").body
    if isinstance(expr, py.BinOp) and isinstance(expr.left, py.Name) and expr.left.id == target:
        return f"{target} {SIGNS[type(expr.op)]}= {source(expr.right)}"
    return f"{target} = {value}"
