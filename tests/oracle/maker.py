"""Makes the steps of a network while running them: what comes next is drawn for the tensor that arrives.

A step that was meant to fit and does not is drawn again; one that holds a planted fault stays as it is, and
what follows is drawn as if it had changed nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from oracle.adapt import adapt
from oracle.draws import Context, Draws, Shape, Tape
from oracle.good import good, kinds_for
from oracle.run import Machine, Scope, StopError, TooLargeError, shape_of
from oracle.tree import BlockDef, Chain, Label, Layer, Name, Num, Param, ShapeLit, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MOST_VALUES = 20_000
MOST_ROWS = 16
_DEPTH = 3

Options: TypeAlias = "Callable[[Maker, Tensor, Place], Iterator[Step]]"


@dataclass
class Place:
    """Where in the file a step stands: what it can see and how deep it is."""

    scope: Scope
    depth: int = 0
    loops: tuple[str, ...] = ()
    index: str | None = None
    hide: int = 20
    in_block: bool = False

    def inner(
        self, names: Mapping[str, int] | None = None, loop: str | None = None, index: str | None = None
    ) -> Place:
        """Inside a group, branch or copy; with a loop variable inside a repeat."""
        loops = (*self.loops, loop) if loop else self.loops
        hide = 55 if names else self.hide
        return Place(self.scope.inner(names), self.depth + 1, loops, index, hide, self.in_block)


@dataclass
class Plan:
    """What the file may hold: its composite steps, and after how many steps faults are due."""

    choices: tuple[Options, ...]
    fault: Callable[[Maker, Tensor, Place], Step]
    faults: list[int] = field(default_factory=list)


class Maker(Draws):
    """Draws steps; `blocks` and `params` collect what they need."""

    def __init__(self, tape: Tape, plan: Plan) -> None:
        super().__init__(tape)
        self.plan = plan
        self.machine = Machine(most_values=MOST_VALUES)
        self.blocks: list[BlockDef] = []
        self.params: list[Param] = []
        self.budget = 16
        self.made = 0
        self._names: dict[str, int] = {}

    # --------------------------------------------------------------------------------------------- helpers

    def context(self, x: Tensor, place: Place) -> Context:
        return Context(self.tape, place.scope.env, shape_of(x), place.loops, place.hide)

    def name(self, stem: str) -> str:
        """`e1`, `e2`, …: new in the whole file."""
        self._names[stem] = self._names.get(stem, 0) + 1
        return f"{stem}{self._names[stem]}"

    def attempt(self, step: Step, x: Tensor | None, place: Place) -> Tensor | None:
        """What the step makes of the tensor; None where it is refused or grows out of hand."""
        scope = place.scope.inner()
        rows = len(self.machine.rows)
        try:
            y = self.machine.step(step, x, scope)
        except (StopError, TooLargeError):
            return None
        if len(self.machine.rows) - rows > MOST_ROWS:
            return None
        place.scope.taps.update(scope.taps)
        return y

    # ---------------------------------------------------------------------------------------------- chains

    def chain(self, x: Tensor, place: Place, most: int, least: int = 1) -> tuple[Chain, Tensor]:
        steps: list[Step] = []
        for _ in range(self.number(least, most)):
            step, x = self.step(x, place)
            steps.append(step)
            if self.budget <= 0:
                break
        return Chain(tuple(steps)), x

    def body(self, x: Tensor, place: Place, most: int = 3) -> tuple[Step, Tensor]:
        """What an operator is applied to: a single step, or a group."""
        chain, y = self.chain(x, place, most)
        return (chain.steps[0] if len(chain.steps) == 1 else chain), y

    def step(self, x: Tensor, place: Place) -> tuple[Step, Tensor]:
        made = self.made
        for option in self._options(x, place):
            y = self.attempt(option, x, place)
            if y is not None:
                return option, y
            if self.made > made:
                return option, x
        return Layer("ReLU"), x

    def _options(self, x: Tensor, place: Place) -> Iterator[Step]:
        if self._due():
            yield self.plan.fault(self, x, place)
            return
        if place.depth < _DEPTH and self.budget > 0 and self.chance(45):
            yield from self.pick(self.plan.choices)(self, x, place)
        yield from leaf(self, x, place)

    def _due(self) -> bool:
        """Counts down to the next fault."""
        faults = self.plan.faults
        if not faults:
            return False
        faults[0] -= 1
        if faults[0] >= 0:
            return False
        faults.pop(0)
        self.made += 1
        return True

    def last_fault(self, x: Tensor, place: Place) -> tuple[Step, ...]:
        """A fault that was planned for later than the network is long."""
        if self.made or not self.plan.faults:
            return ()
        self.plan.faults = [0]
        return (self.step(x, place)[0],)

    def dead(self, x: Tensor, place: Place) -> Step:
        """Steps that never run: drawn for some other shape, free of faults."""
        shape: Shape = (self.number(1, 8), *(self.number(1, 6) for _ in range(x.dim() - 2)))
        c = Context(self.tape, place.scope.env, shape, place.loops, place.hide)
        return Chain(tuple(good(c, self.pick(kinds_for(c))) for _ in range(self.number(1, 2))))

    def to(self, x: Tensor, target: Shape, place: Place) -> Chain:
        """A branch that ends in the target shape."""
        return Chain(adapt(self.context(x, place), target))

    def labelled(self, step: Step, place: Place) -> Step:
        """The step, perhaps with a name to tap it by."""
        if place.index is None or not self.chance(40):
            return step
        return Label(step, self.name("e"), Name(place.index))


def leaf(maker: Maker, x: Tensor, place: Place) -> Iterator[Step]:
    """One layer; three tries."""
    maker.budget -= 1
    assumable = maker.pick(("POOL", "CONV"))
    if x.dim() > 2 and "stride" not in maker.machine.defaults.get(assumable, {}) and maker.chance(4):
        yield Layer(assumable, bare=True)
    for _ in range(3):
        c = maker.context(x, place)
        yield maker.labelled(good(c, c.pick(kinds_for(c))), place)


def fresh(shape: Shape) -> Tensor:
    return torch.zeros(2, *shape)


def shape_literal(shape: Sequence[int]) -> ShapeLit:
    return ShapeLit(Num(shape[0]), tuple(map(Num, shape[1:])))
