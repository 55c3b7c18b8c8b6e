"""A pattern as a regular expression over the steps of a network: Thompson's automaton.

A state either takes a step or has ways on that take none, in the order in which they are tried:
another copy before none, an optional part before its absence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cnndsl.analysis.pattern.atoms import Atom, ParallelAtom, TapAtom, block_atom, layer_atom
from cnndsl.diagnostics import located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.arguments import bind_block
from cnndsl.elaborate.evaluate import Scope, evaluate, whole
from cnndsl.elaborate.program import BlockDef, Collector, Program
from cnndsl.elaborate.repeats import taken_apart
from cnndsl.elaborate.resolve import recursion
from cnndsl.files import find_used
from cnndsl.layers import Identity, Layer
from cnndsl.record import Record, fresh
from cnndsl.shape import NOTHING
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.parse import parse

#: A pattern that comes to more than this has a count that is no pattern's.
MAX_STATES = 5_000


class Mark(Record):
    """A repeat or an optional part of a pattern.

    `name` is the count's, "" where it is fixed; `optional` is the part as written, "" for a repeat.
    """

    step: ast.Step
    name: str = ""
    optional: str = ""

    @property
    def place(self) -> int:
        """Where it stands in the text: counts and question marks stand behind what they are about."""
        return self.step.span.end


class Event(NamedTuple):
    """What happens on a way: a repeat begins, a copy of it begins, it ends; a part is taken or left out."""

    kind: str
    mark: Mark


class Way(NamedTuple):
    target: int
    events: tuple[Event, ...] = ()


class Automaton(Record):
    """`ways` by state; `takes` is the atom that a state takes and the state after it."""

    ways: list[list[Way]] = fresh(factory=list)
    takes: dict[int, tuple[Atom, int]] = fresh(factory=dict)
    marks: list[Mark] = fresh(factory=list)
    start: int = 0
    end: int = 0

    def state(self, *ways: Way) -> int:
        self.ways.append([*ways])
        return len(self.ways) - 1

    def taking(self, atom: Atom, then: int) -> int:
        state = self.state()
        self.takes[state] = (atom, then)
        return state


class Pattern(Record):
    """A pattern that has been read. `free` are the net's parameters without a value, with their domains."""

    program: Program
    scope: Scope
    free: dict[str, frozenset[int] | None]

    @property
    def chain(self) -> ast.Chain:
        assert self.program.chain is not None, "the collector refuses a program without a network"
        return self.program.chain

    @property
    def text(self) -> str:
        """The chain in one line."""
        return " ".join(self.chain.span.text.split())


def read_pattern(source: Source) -> Pattern:
    """The pattern that a program is; raises Located where it is none."""
    program = Collector(parse, find_used).network(source)
    others: list[ast.Let | ast.Variant | ast.Default] = [*program.lets.values(), *program.variants.values()]
    others += [default for many in program.defaults.values() for default in many]
    for statement in others:
        hint = "a pattern is a net, its blocks and one chain"
        raise located("no-network", "this has no place in a pattern", statement.span, hint)
    scope = Scope(program)
    free: dict[str, frozenset[int] | None] = {}
    for param in program.params:
        if param.low is not None or param.choices is not None or param.default is None:
            free[param.name] = _domain(param, scope)
        else:
            scope.values[param.name] = evaluate(param.default, scope, NOTHING)
    return Pattern(program, scope, free)


def _domain(param: ast.Param, scope: Scope) -> frozenset[int] | None:
    """The counts that a parameter may be; None for any."""
    if param.choices is not None:
        return frozenset(whole(choice, scope, NOTHING, "a repetition count") for choice in param.choices)
    if param.low is None or param.high is None:
        return None
    low, high = (whole(end, scope, NOTHING, "a repetition count") for end in (param.low, param.high))
    if high > MAX_STATES:
        raise _too_large(param.span)
    return frozenset(range(low, high + 1))


def compile_pattern(pattern: Pattern, blocks: dict[str, BlockDef]) -> Automaton:
    """The automaton of a pattern for a network with those blocks."""
    return _Compiler(pattern, blocks).automaton(pattern.chain, pattern.scope)


def kinds_of(pattern: Pattern) -> set[str]:
    """The kinds of layers that a pattern speaks of."""
    bodies = [pattern.chain, *(block.syntax.body for block in pattern.program.blocks.values())]
    steps = (step for body in bodies for step in ast.walk(body) if isinstance(step, ast.LayerStep))
    kinds = (pattern.scope.find(step.name) for step in steps)
    found = {kind.kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Layer)}
    return found - {Identity.kind}


class _Compiler:
    """Builds automata from the end: each step is given the state that follows it."""

    def __init__(self, pattern: Pattern, blocks: dict[str, BlockDef]) -> None:
        self._pattern, self._blocks = pattern, blocks
        self._active: list[BlockDef] = []
        self._marks: list[Mark] = []
        self._states = 0

    def automaton(self, step: ast.Step, scope: Scope) -> Automaton:
        made = Automaton(marks=self._marks)
        made.end = made.state()
        made.start = self._step(step, scope, made, made.end)
        return made

    def _step(
        self, step: ast.Step, scope: Scope, made: Automaton, then: int, claims: tuple[ast.Expr, ...] = ()
    ) -> int:
        """The state in front of a step."""
        self._states += 1
        if self._states > MAX_STATES:
            raise _too_large(step.span)
        match step:
            case ast.LayerStep():
                return self._named(step, scope, made, then, claims)
            case ast.TapStep():
                return made.taking(TapAtom(step, scope, claims), then)
            case ast.Parallel():
                branches = [self.automaton(branch, scope) for branch in step.branches]
                return made.taking(ParallelAtom(step, scope, claims, step.operator, branches), then)
            case ast.Claimed():
                return self._step(step.body, scope, made, then, (*claims, step.claim))
            case ast.Labelled():
                return self._step(step.body, scope, made, then, claims)
        if claims:
            hint = "write it behind the last layer inside"
            raise located("bad-label", "a claim in a pattern stands behind a layer", claims[0].span, hint)
        return self._composed(step, scope, made, then)

    def _composed(self, step: ast.Step, scope: Scope, made: Automaton, then: int) -> int:
        match step:
            case ast.Chain():
                for inner in reversed(step.steps):
                    then = self._step(inner, scope, made, then)
                return then
            case ast.Optional():
                return self._choice(step, [step.body, None], scope, made, then)
            case ast.Guard():  # what a condition comes to depends on the network: either will do
                return self._choice(step, [step.body, step.otherwise], scope, made, then)
            case ast.Repeat() | ast.IndexedRepeat() | ast.ListRepeat():
                return self._repeat(step, scope, made, then)
        raise located("syntax", "this has no place in a pattern", step.span)

    def _named(
        self, step: ast.LayerStep, scope: Scope, made: Automaton, then: int, claims: tuple[ast.Expr, ...]
    ) -> int:
        target = scope.find(step.name)
        if target is Identity:  # a path that does nothing
            return then
        if isinstance(target, BlockDef):
            return self._block(target, step, scope, made, then)
        if isinstance(target, type) and issubclass(target, Layer):
            return made.taking(layer_atom(target, step, scope, claims), then)
        if step.arguments is None and step.name not in self._blocks and step.name in self._labels:
            return made.taking(TapAtom(step, scope, claims), then)
        return made.taking(block_atom(step, scope, claims, self._blocks), then)

    @property
    def _labels(self) -> set[str]:
        steps = ast.walk(self._pattern.chain)
        return {step.name for step in steps if isinstance(step, ast.Labelled)}

    def _block(self, block: BlockDef, step: ast.LayerStep, scope: Scope, made: Automaton, then: int) -> int:
        """A block of the pattern's own: what is in it."""
        if block in self._active:
            way = [one.name for one in (*self._active[self._active.index(block) :], block)]
            raise recursion(tuple(way), step)
        inner = Scope(block.program, bind_block(block, step, scope, NOTHING), scope.budget)
        self._active.append(block)
        state = self._step(block.syntax.body, inner, made, then)
        self._active.pop()
        return state

    def _choice(
        self, step: ast.Step, parts: list[ast.Step | None], scope: Scope, made: Automaton, then: int
    ) -> int:
        mark = self._mark(Mark(step, optional=" ".join(step.span.text.split())))
        done = made.state(Way(then, (Event("chosen", mark),)))
        ways = []
        for part, kind in zip(parts, ("taken", "left"), strict=True):
            target = self._step(part, scope, made, done) if part else done
            ways.append(Way(target, (Event(kind, mark),)))
        return made.state(*ways)

    def _mark(self, mark: Mark) -> Mark:
        self._marks.append(mark)
        return mark

    def _repeat(self, step: Any, scope: Scope, made: Automaton, then: int) -> int:
        name, counts, values = self._counts(step, scope)
        mark = self._mark(Mark(step, name))
        done = made.state(Way(then, (Event("end", mark),)))
        copy = (Event("copy", mark),)
        if counts is None:
            loop = made.state()
            body = self._step(step.body, scope, made, loop)
            made.ways[loop] += [Way(body, copy), Way(done)]
        else:
            loop = done
            for number in range(max(counts, default=0), 0, -1):
                inner = scope.with_values(values[number - 1]) if values else scope
                ways = [Way(self._step(step.body, inner, made, loop), copy)]
                loop = made.state(*ways, *([Way(done)] if number - 1 in counts else []))
        return made.state(Way(loop, (Event("begin", mark),)))

    def _counts(self, step: Any, scope: Scope) -> tuple[str, frozenset[int] | None, list[dict[str, Any]]]:
        """The name of a count that is free, the counts that there may be, the loop's values in each copy."""
        if isinstance(step, ast.ListRepeat):
            values = self._listed(step, scope)
            return "", frozenset([len(values)]), values
        expr = step.limit if isinstance(step, ast.IndexedRepeat) else step.count
        expr = expr.inner if isinstance(expr, ast.Paren) else expr
        if isinstance(expr, ast.Name) and scope.find(expr.name) is None:
            return expr.name, self._pattern.free.get(expr.name), []
        count = whole(expr, scope, NOTHING, "a repetition count")
        if count > MAX_STATES:
            raise _too_large(expr.span)
        indexed = isinstance(step, ast.IndexedRepeat)
        return "", frozenset([count]), [{step.index: i} for i in range(count)] if indexed else []

    def _listed(self, step: ast.ListRepeat, scope: Scope) -> list[dict[str, Any]]:
        found: Iterable[Any] = [evaluate(value, scope, NOTHING) for value in step.values]
        if step.spread:
            (found,) = found
        if not isinstance(found, list | tuple):
            raise located("argument-type", "a repetition runs over a tuple", step.values[0].span)
        return [taken_apart(step.names, value, step.span) for value in found]


def _too_large(span: Span) -> Located:
    message = f"the pattern comes to more than {MAX_STATES} steps"
    return located("number-limit", message, span, "leave a large count free: *N")
