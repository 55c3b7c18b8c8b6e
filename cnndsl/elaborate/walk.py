"""The walk through a network: from syntax and an arriving shape to nodes.

Names, arguments, blocks, repeats, guards and shapes are settled in one walk, since `in.C` and
`?(…)` need the shape that arrives. Each kind of step has its rule, a function of the walker, the
step, the shape and the context; `fresh` tells it that the step starts a path, so may be a tap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cnndsl.diagnostics import Diagnostic, Problem, located
from cnndsl.diagnostics.diagnostic import Fatal, Located
from cnndsl.elaborate.context import Context, sums, unknown
from cnndsl.elaborate.evaluate import Scope, UnknownSize
from cnndsl.elaborate.join import join
from cnndsl.elaborate.program import Program
from cnndsl.network import Assumption, ChainNode, Free, Node, ParallelNode, Totals
from cnndsl.shape import Shape
from cnndsl.source import Span
from cnndsl.syntax import ast

#: Layers that a network may have in all, and that may have to be computed one by one.
MAX_LAYERS = 10_000_000
MAX_WORK = 100_000
#: Rows that a network's table may have, equal copies folded.
MAX_ROWS = 200_000
#: Blocks within blocks and brackets within brackets, all together.
MAX_DEPTH = 120

NodeT = TypeVar("NodeT", bound=Node)

#: (walker, step, arriving shape, context, fresh) → node
Rule = Callable[["Walker", Any, "Shape | None", Context, bool], Node]


class Walker:
    """Walks one member of a file, and collects what there is to say of it.

    `choices` binds free counts and optional parts; `strict` makes a division with a remainder an
    error; `input` stands in for the shape of the main INPUT.
    """

    def __init__(
        self, program: Program, net: Scope, choices: dict[str, Any], *, strict: bool, input: Shape | None
    ) -> None:
        self.program, self.net, self.choices = program, net, choices
        self.strict, self.input = strict, input
        self.diagnostics: list[Diagnostic] = []
        self.assumptions: list[Assumption] = []
        self.free: dict[str, Free] = {}
        self.main_input: ast.Step | None = None
        #: Whether claims are looked at: those of a file are about the network as it is written.
        self.claims = True
        #: Where the caller's settings stand.
        self.places: dict[str, Span] = {}
        #: The names of the optional parts outside blocks.
        self.optional: set[str] = set()
        #: Set by the first claim that does not hold: what follows from it is not blamed again.
        self.claim_broken = False
        #: Steps that end a chain which is an output: a bare FC is the classifier there.
        self.last: set[ast.Step] = set()
        #: Walks the `let` of a name when a path takes it up; None where there is none.
        self.find_let: Callable[[str, Span], Node | None] = lambda name, span: None
        self.block_bodies: dict[Any, Node] = {}
        self._said: set[tuple[str, int, int]] = set()
        self._work: dict[str, int] = {}
        self._depth = 0

    def walk(self, step: ast.Step, x: Shape | None, context: Context, fresh: bool = False) -> Node:
        """The node for `step` where `x` arrives; an error is reported and leaves the size unknown."""
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise located(
                    "nesting", f"blocks and brackets are nested more than {MAX_DEPTH} deep", step.span
                )
            return RULES[type(step)](self, step, x, context, fresh)
        except UnknownSize:
            return unknown(step, x)
        except Fatal:
            raise
        except Located as error:
            self.report(error.diagnostic)
            return unknown(step, x)
        except Problem as problem:
            self.report(Diagnostic(problem.code, problem.message, step.span, hints=problem.hints))
            return unknown(step, x)
        finally:
            self._depth -= 1

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic, unless the same place has been blamed for the same before."""
        key = (diagnostic.code, id(diagnostic.span.source), diagnostic.span.start)
        if diagnostic.code in {"recursion", "nesting"}:  # one circle is entered from many places
            key = (diagnostic.code, 0, 0)
        if key not in self._said:
            self._said.add(key)
            self.diagnostics.append(diagnostic)

    def within_limits(self, node: NodeT) -> NodeT:
        """The node itself, unless it holds more layers than can be dealt with."""
        if node.totals.layers > MAX_LAYERS:
            message = f"{node.totals.layers} layers: the limit is {MAX_LAYERS}"
            raise Fatal(Diagnostic("number-limit", message, node.span))
        if node.rows > MAX_ROWS:
            message = f"a table of {node.rows} rows: the limit is {MAX_ROWS}"
            raise Fatal(Diagnostic("number-limit", message, node.span))
        return node

    def spend(self, step: ast.Step, what: str = "layer") -> None:
        """Count one more layer, or copy, that had to be computed."""
        self._work[what] = self._work.get(what, 0) + 1
        if self._work[what] > MAX_WORK:
            message = f"more than {MAX_WORK} layers differ from each other: that is the limit"
            raise Fatal(Diagnostic("number-limit", message, step.span))


def _chain(walker: Walker, step: ast.Chain, x: Shape | None, context: Context, fresh: bool) -> Node:
    parts: list[Node] = []
    y = x
    for inner in step.steps:
        part = walker.walk(inner, y, context, fresh and not parts)
        parts.append(part)
        y = part.output
    return walker.within_limits(ChainNode(syntax=step, input=x, output=y, parts=parts, **sums(parts)))


def _parallel(walker: Walker, step: ast.Parallel, x: Shape | None, context: Context, fresh: bool) -> Node:
    branches = [walker.walk(branch, x, context, fresh=True) for branch in step.branches]
    node = ParallelNode(
        syntax=step, input=x, output=None, branches=branches, operator=step.operator, **sums(branches)
    )
    walker.within_limits(node)
    shapes = [branch.output for branch in branches if branch.output is not None]
    if len(shapes) < len(branches):
        return node
    try:
        node.output = join(step, shapes)
    except Located as error:
        walker.report(error.diagnostic)
        node.known = False
        return node
    if step.operator != "|":
        additions = Totals(operations=node.output.numel * (len(branches) - 1))
        node.totals = node.totals.plus(additions)
    return node


RULES: dict[type[ast.Step], Rule] = {ast.Chain: _chain, ast.Parallel: _parallel}
