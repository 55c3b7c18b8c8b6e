"""The search for values of holes, step by step along the main chain.

States that agree in the arriving shape and in what is required of sizes go on as one, with all the
values that lead to them, so that holes of many layers cost their sum rather than their product.
Filters, outputs and the input's sizes are not tried: they are unknowns, solved for in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cnndsl.analysis.inputs import boxes
from cnndsl.analysis.periodic import NotWorkedOut, Sizes
from cnndsl.analysis.solve.candidates import REMAINDER, SIZES, Bounds, Option, candidates
from cnndsl.analysis.solve.windows import grouped
from cnndsl.diagnostics import Diagnostic
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate import Start, begin
from cnndsl.elaborate.context import Context
from cnndsl.elaborate.holes import NeedsValue
from cnndsl.elaborate.program import Program
from cnndsl.elaborate.shapes import Extents
from cnndsl.elaborate.walk import Walker
from cnndsl.network import LayerNode, Node
from cnndsl.record import Record, fresh
from cnndsl.shape import NOTHING, Shape
from cnndsl.shape.size import Domain, Requirement
from cnndsl.syntax import ast
from cnndsl.values import Partial

#: Steps walked, states kept side by side, and solutions told, at most.
MAX_WALKS = 60_000
MAX_STATES = 4_000
MAX_SOLUTIONS = 1_000


class Solution(NamedTuple):
    """A value for each hole; of sizes the set that fits as well, of which the value is the least."""

    values: dict[ast.Expr, Any]
    sets: dict[ast.Expr, Sizes]
    cost: int


class Failure(NamedTuple):
    """Why values do not fit; `missed` are the claim that does not hold and the shape that it is about."""

    values: dict[ast.Expr, Any]
    diagnostic: Diagnostic
    missed: tuple[Partial, Shape] | None


class Solved(Record):
    """What a search has found. `names` are what the holes stand for: `k`, `s`, `p`."""

    holes: list[ast.Hole]
    bounds: Bounds
    solutions: list[Solution] = fresh(factory=list)
    names: dict[ast.Expr, str] = fresh(factory=dict)
    #: A hole that nothing bounds, and the numbers that fit there.
    unbounded: tuple[ast.Expr, Sizes | None] | None = None
    failures: list[Failure] = fresh(factory=list)
    #: All solutions within the bounds are known.
    complete: bool = True
    count: int = 0


class _Contradiction(Exception):
    """Values that lead to an error."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Unbounded(Exception):
    """A hole that nothing bounds."""

    def __init__(self, hole: ast.Expr, sizes: Sizes | None = None) -> None:
        super().__init__()
        self.hole, self.sizes = hole, sizes


class _Walker(Walker):
    """Stops at the first error, and at a hole without a value."""

    def report(self, diagnostic: Diagnostic) -> None:
        if diagnostic.severity == "error":
            raise _Contradiction(diagnostic)

    def missing(self, error: NeedsValue) -> None:
        raise error


class _State(NamedTuple):
    """What the rest of the chain depends on, and the values that lead here."""

    shape: Shape | None
    labels: dict[str, Shape | None]
    requirements: dict[Any, Requirement]
    shared: dict[ast.Expr, Any]  # of holes that later steps may meet again
    options: list[Option]  # the simplest of them
    ways: int  # how many there are

    @property
    def key(self) -> tuple[Any, ...]:
        return self.shape, (*self.labels.items(),), (*self.requirements,), (*self.shared.items(),)


def solve(
    program: Program,
    variant: str | None = None,
    settings: ast.Arguments | None = None,
    *,
    bounds: Bounds | None = None,
) -> Solved:
    """Values for the holes of a network, the simplest first, within bounds."""
    found = Solved(program.holes, bounds or Bounds())
    try:
        start = begin(program, variant, settings, kind=_Walker)
        _Search(start, program, found).run()
    except Located as error:
        found.failures.append(Failure({}, error.diagnostic, None))
    except _Unbounded as error:
        found.unbounded = error.hole, error.sizes
    except NotWorkedOut:
        found.complete = False
    return found


class _Search:
    def __init__(self, start: Start, program: Program, found: Solved) -> None:
        self._walker, self._chains, self._found, self._program = start.walker, start.chains, found, program
        self._domain = Domain()
        self._domain.solving = True
        self._walker.extents = Extents(self._domain, solving=True)
        self._walker.adapting = self._walker.claims = True
        self._context: Context = start.chains.context()
        self._walks = 0
        self._often = _used_often(program)

    def run(self) -> None:
        """Walk the chain; with further chains, which take up its labels, in one piece."""
        chain = self._program.chain
        assert chain is not None
        steps: tuple[ast.Step, ...] = (chain,) if self._program.lets else chain.steps
        states = [_State(NOTHING, {}, {}, {}, [Option({}, 0)], 1)]
        for number, step in enumerate(steps):
            states = self._step(step, states, first=not number)
        for state in states:
            self._solutions(state)
        self._found.solutions.sort(key=lambda solution: solution.cost)
        del self._found.solutions[MAX_SOLUTIONS:]

    def _step(self, step: ast.Step, states: list[_State], *, first: bool) -> list[_State]:
        """The states after a step; those that are alike go on as one."""
        merged: dict[Any, list[_State]] = {}
        for state in states:
            for after in self._through(step, state, first=first):
                merged.setdefault(after.key, []).append(after)
        found = [_merged(alike) for alike in merged.values()]
        if len(found) > MAX_STATES:
            found.sort(key=lambda state: state.options[0].cost)
            self._found.complete = False
        return found[:MAX_STATES]

    def _through(self, step: ast.Step, state: _State, *, first: bool) -> Iterator[_State]:
        """The states after a step, for all values of the holes in it."""
        waiting = [Option({}, 0)]
        while waiting:
            option = waiting.pop()
            self._walks += 1
            if self._walks > MAX_WALKS:
                self._found.complete = False
                return
            try:
                node = self._walk(step, state, option, first)
            except NeedsValue as missing:
                waiting += self._filled(missing, option)
            except _Contradiction as wrong:
                self._fail(state, option, wrong.diagnostic)
            else:
                yield self._after(node, state, option)

    def _walk(self, step: ast.Step, state: _State, option: Option, first: bool) -> Node:
        walker, labels = self._walker, self._context.labels
        walker.restart({**state.shared, **option.values}, state.requirements)
        self._chains.restart()
        labels.shapes = dict(state.labels)
        if self._program.lets:
            return next(chain.node for chain in self._chains.walk() if chain.kind == "main")
        return walker.walk(step, state.shape, self._context, fresh=first)

    def _filled(self, missing: NeedsValue, option: Option) -> list[Option]:
        hole, spec = missing.hole, missing.spec
        self._found.names.setdefault(hole, spec.short)
        if spec.name in SIZES:
            return [Option({**option.values, hole: self._walker.extents.wanted(hole)}, option.cost)]
        if groups := grouped(missing, self._found.bounds):
            for one in groups[0][0].values:
                self._found.names.setdefault(one, _name_of(one, missing))
            return [_joined(option, group) for group in groups]
        values = candidates(missing, self._found.bounds)
        if values is None:
            raise _Unbounded(hole)
        return [Option({**option.values, hole: one.value}, option.cost + one.cost) for one in values]

    def _fail(self, state: _State, option: Option, diagnostic: Diagnostic) -> None:
        values = {**min(state.options, key=lambda one: one.cost).values, **option.values}
        if len(self._found.failures) < MAX_SOLUTIONS:
            self._found.failures.append(Failure(values, diagnostic, self._walker.missed))

    def _after(self, node: Node, state: _State, option: Option) -> _State:
        rest = 0 if option.alike else _rest(node)  # of several, each has its own
        options = [
            Option({**one.values, **same.values}, one.cost + same.cost + rest)
            for same in (option, *option.alike)
            for one in state.options
        ]
        options.sort(key=lambda one: one.cost)
        shared = {hole: value for hole, value in option.values.items() if hole in self._often}
        return _State(
            node.output,
            dict(self._context.labels.shapes),
            dict(self._domain.requirements),
            {**state.shared, **shared},
            options[:MAX_SOLUTIONS],
            state.ways * (1 + len(option.alike)),
        )

    def _solutions(self, state: _State) -> None:
        """What a state at the end of the chain amounts to: its unknowns are solved for."""
        unknown = self._walker.extents.holes
        found = boxes(state.requirements.values(), tuple(unknown))
        self._found.count += len(found) * state.ways
        for option in state.options:
            for box in found:
                sets = {unknown[name]: sizes for name, sizes in box.items()}
                self._found.solutions.append(self._solution(option, sets))

    def _solution(self, option: Option, sets: Mapping[ast.Expr, Sizes]) -> Solution:
        mine = {h: sizes for h, sizes in sets.items() if h in option.values or h not in self._found.names}
        inputs = {hole: sizes for hole, sizes in mine.items() if hole not in self._found.names}
        for hole, sizes in mine.items():
            if sizes.residues and (hole not in inputs or all(one.residues for one in inputs.values())):
                raise _Unbounded(hole, sizes)  # nothing tells how many filters, or how large an input
        values = {hole: sizes.least for hole, sizes in mine.items()}
        square = max((values[hole] for hole in inputs), default=0)
        values |= {hole: square for hole, sizes in inputs.items() if square in sizes}
        oblong = square - min((values[hole] for hole in inputs), default=0)
        everything = sorted((option.values | values).items(), key=lambda one: one[0].span.start)
        return Solution(dict(everything), mine, option.cost + oblong)


def _used_often(program: Program) -> set[Record]:
    """The holes that more than one step may meet: in blocks and in defaults."""
    parts: list[Record] = [block.syntax.body for block in program.blocks.values()]
    parts += [default.arguments for many in program.defaults.values() for default in many]
    return {node for part in parts for node in ast.walk(part) if isinstance(node, ast.Hole)}


def _merged(alike: list[_State]) -> _State:
    """States that go on as one."""
    if len(alike) == 1:
        return alike[0]
    options = sorted((option for state in alike for option in state.options), key=lambda one: one.cost)
    return alike[0]._replace(options=options[:MAX_SOLUTIONS], ways=sum(state.ways for state in alike))


def _joined(before: Option, group: list[Option]) -> Option:
    """An option with values of the same effect, of which the simplest is walked."""
    first, *rest = [Option({**before.values, **one.values}, before.cost + one.cost) for one in group]
    return first._replace(alike=tuple(rest))


def _name_of(hole: ast.Expr, missing: NeedsValue) -> str:
    specs = missing.kind.hypers().values()
    return next(spec.short for spec in specs if missing.named.get(spec.name) is hole)


def _rest(node: Node) -> int:
    """What the divisions cost that leave a remainder."""
    if isinstance(node, LayerNode):
        if node.layer is None or node.input is None or not node.input.closed:
            return 0
        return REMAINDER * any(node.layer.remainders(node.input))
    return sum(map(_rest, node.inside))
