"""The walk through a network: from syntax and an arriving shape to nodes.

Names, arguments, blocks, repeats, guards and shapes are settled in one walk, since `in.C` and
`?(…)` need the shape that arrives. Each kind of step has its rule, a function of the walker, the
step, the shape and the context; `fresh` tells it that the step starts a path, so may be a tap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from cnndsl.diagnostics import Diagnostic, Problem, located
from cnndsl.diagnostics.diagnostic import Fatal, Located
from cnndsl.elaborate.context import Context, sums, unknown
from cnndsl.elaborate.evaluate import MAX_OPERATIONS, Scope, UnknownSize, depends
from cnndsl.elaborate.holes import NeedsValue
from cnndsl.elaborate.join import join, recovered
from cnndsl.elaborate.names import Names, name_steps
from cnndsl.elaborate.program import BlockDef, Program
from cnndsl.elaborate.shapes import Extents
from cnndsl.network import Assumption, ChainNode, Free, Node, ParallelNode, Totals
from cnndsl.shape import OpenSize, Shape
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.values import Partial

if TYPE_CHECKING:
    from cnndsl.elaborate.elsewhere import Rewritten
    from cnndsl.shape.size import Requirement

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
        #: The claim that did not hold, and the shape that it was about.
        self.missed: tuple[Partial, Shape] | None = None
        #: The shapes that claims with holes are about.
        self.claimed: dict[ast.Expr, Shape] = {}
        #: Where the input's extents are names: what is required of them.
        self.extents = Extents()
        #: Whether weights may depend on the input's size, as they do from one input to another.
        self.adapting = False
        #: Layers of elsewhere, as they are written here.
        self.rewritten: dict[ast.Step, Rewritten] = {}
        self._said: set[tuple[str, int, int]] = set()
        self._work: dict[str, int] = {}
        self._names: dict[Any, Names] = {}
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
            return unknown(step, x, context.scope)
        except Fatal:
            raise
        except Located as error:
            self.report(error.diagnostic)
            return unknown(step, x, context.scope)
        except OpenSize as error:
            return self._open(error, step, x, context)
        except Problem as problem:
            self.report(Diagnostic(problem.code, problem.message, step.span, hints=problem.hints))
            return unknown(step, x, context.scope)
        finally:
            self._depth -= 1

    def _open(self, error: OpenSize, step: ast.Step, x: Shape | None, context: Context) -> Node:
        """Report a closed form in the place of a number."""
        found = depends(error, "a size here", step.span)
        if isinstance(found, Located):
            self.report(found.diagnostic)
        return unknown(step, x, context.scope)

    def restart(self, holes: Mapping[ast.Expr, Any], requirements: Mapping[Any, Requirement]) -> None:
        """Begin anew with other values of holes, where so much is required of the input."""
        self.net.budget.left = MAX_OPERATIONS
        self.net.budget.holes = dict(holes)
        self.net.budget.defaults.clear()
        self.block_bodies.clear()
        self._work.clear()
        self.claim_broken, self.missed = False, None
        if self.extents.domain:
            self.extents.domain.requirements = dict(requirements)

    def chosen(self, step: ast.Step, name: str) -> Any:
        """Whether an optional part of that name is there."""
        return self.choices.get(name, True)

    def names(self, body: ast.Step, scope: Scope, taken: dict[str, Span]) -> Names:
        """Names for the steps of a body, see `name_steps`: they depend on the parameters that are kinds."""
        kinds = [(name, value) for name, value in scope.values.items() if isinstance(value, BlockDef | type)]
        key = body, *kinds
        if key not in self._names:
            self._names[key] = name_steps(body, scope, taken)
        return self._names[key]

    def missing(self, error: NeedsValue) -> None:
        """What to do about a hole without a value: its layer stays unknown; why is said elsewhere."""

    def look_at(self, step: ast.Step) -> None:
        """Say what asks for what is required of the input from here on."""
        if self.extents.domain:
            self.extents.domain.place = step

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
    walker.look_at(step)
    try:
        node.output = join(step, shapes)
    except Located as error:
        from cnndsl.elaborate.remedy import improve

        improve(error.diagnostic, node)
        walker.report(error.diagnostic)
        node.known, node.output = False, recovered(step, shapes)
        return node
    if step.operator != "|":
        additions = Totals(operations=node.output.numel * (len(branches) - 1))
        node.totals = node.totals.plus(additions)
    return node


RULES: dict[type[ast.Step], Rule] = {ast.Chain: _chain, ast.Parallel: _parallel}
