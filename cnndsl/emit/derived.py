"""Parameters that follow from others: `c = in.C`, `squeeze = in.C // 4`.

Where every use leaves such a default as it is, the class computes it, and nobody hands it over.
"""

from __future__ import annotations

import ast as py
from typing import TYPE_CHECKING

from cnndsl.emit.python import name, names_in, replaced
from cnndsl.emit.scope import Occ, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnndsl.emit.planner import ClassPlan, Parameter, Planner


def derive(planner: Planner, occs: list[Occ], channels: py.expr | None, flat: bool) -> None:
    """Find which parameters have, in every use, what their default computes from those before."""
    from cnndsl.emit.planner import right_form

    names: dict[str, py.expr] = {}
    for parameter in planner.parameters:
        if parameter.written is not None and parameter.default is None:
            state = State(channels or py.Constant(0), flat, names)
            expr = planner.translated(parameter.written, state)
            values = [occ.env[parameter.name] for occ in occs]
            if expr is not None and names_in(expr):
                parameter.derived = right_form(expr, occs, values)
        if parameter.source_name and (shown := planner.shown(parameter)) is not None:
            names[parameter.source_name] = shown


def expanded(expr: py.expr, parameters: Sequence[Parameter]) -> py.expr:
    """The same in terms of the parameters that are handed over."""
    for parameter in reversed(parameters):
        if parameter.derived is not None and parameter.name in names_in(expr):
            expr = replaced(expr, {parameter.name: parameter.derived})
    return expr


def with_sources(words: set[str], parameters: Sequence[Parameter]) -> set[str]:
    """The names, and those that the derived among them are computed from."""
    found = {*words}
    for parameter in reversed(parameters):
        if parameter.derived is not None and parameter.name in found:
            found |= names_in(parameter.derived)
    return found


def text_of(parameter: Parameter) -> py.expr:
    """What the class's text has for a parameter: its name, or the name that it is another word for."""
    return parameter.derived if isinstance(parameter.derived, py.Name) else name(parameter.name)


def computed(plan: ClassPlan, needed: set[str]) -> list[tuple[Parameter, py.expr]]:
    """The parameters that the constructor computes, in order, each with what it is."""
    derived = ((parameter, parameter.derived) for parameter in plan.parameters if parameter.name in needed)
    return [(parameter, expr) for parameter, expr in derived if expr is not None]
