"""Attempts: what a planner takes while it tries to say something, and gives back where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnndsl.emit.classes import Classes
    from cnndsl.emit.planner import Planner
    from cnndsl.emit.scope import State


class Attempt:
    """Remembers a planner and its state; `undo` brings them back, as if nothing had been tried."""

    def __init__(self, planner: Planner, state: State) -> None:
        self._planner, self._state = planner, state
        self._before, self.active, self._frozen = state.copy(), {*planner.active}, planner.all_frozen
        self._labels, self._stored = dict(planner.labels), dict(planner.stored)
        self._indices = {wanted: [*names] for wanted, names in planner.indices.items()}
        self._names = planner.locals.taken, planner.attributes.taken
        self._parameters, self._parts, self._lets = (
            len(planner.parameters),
            len(planner.parts),
            planner.lets_walked,
        )

    def undo(self) -> None:
        planner = self._planner
        vars(self._state).update(vars(self._before.copy()))
        planner.active, planner.all_frozen = {*self.active}, self._frozen
        if planner.lets_walked != self._lets:
            return  # a chain planned meanwhile stays, with all the names that it has taken
        planner.labels, planner.stored = dict(self._labels), dict(self._stored)
        planner.indices = {wanted: [*names] for wanted, names in self._indices.items()}
        planner.locals.taken, planner.attributes.taken = self._names
        del planner.parameters[self._parameters :]
        drop(planner.classes, planner.parts[self._parts :])
        del planner.parts[self._parts :]


def drop(classes: Classes, parts: list[str]) -> None:
    """Forget the classes of parts that are not to be."""
    for plan in [plan for plan in classes.order if plan.name in parts]:
        classes.order.remove(plan)
        drop(classes, plan.parts)
    for name in parts:
        classes.namespace.release(name)
