"""The elaborated network: a tree that still knows blocks, repeats and branches.

Every node holds the shape that arrives and the one that leaves; None is a size left unknown by an
error. A node may stand in several places (equal copies of a repeat are one node, counted), so it
holds nothing that depends on where it stands: paths and receptive fields come from walking the
tree (`cnndsl.analysis.rows`).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cnndsl.diagnostics import Diagnostic
from cnndsl.record import NamedRecord, Record, fresh
from cnndsl.shape import Shape, unknown_size
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.elaborate.program import BlockDef, Program
    from cnndsl.layers import Layer
    from cnndsl.layers.initial import Initialisation
    from cnndsl.shape.size import Domain
    from cnndsl.syntax import ast


class Totals(NamedTuple):
    """Sums over layers. `operations` are the element-wise ones, beside the multiply-accumulates."""

    weights: int = 0
    biases: int = 0
    neurons: int = 0
    macs: int = 0
    operations: int = 0
    layers: int = 0

    @property
    def params(self) -> int:
        return self.weights + self.biases

    @property
    def flops(self) -> int:
        """Floating-point operations: two for each multiply-accumulate, and the element-wise ones."""
        return 2 * self.macs + self.operations

    def plus(self, other: Totals, times: int = 1) -> Totals:
        """The sum with `times` copies of another."""
        return Totals(*(a + times * b for a, b in zip(self, other, strict=True)))


def unknown_totals(layers: int = 0) -> Totals:
    """The costs of a part that an error has left unknown; sums with them are unknown as well."""
    size = unknown_size()
    return Totals(size, size, size, size, size, layers)


class Node(NamedRecord):
    """A part of the network, made by the step `syntax`, through which `input` becomes `output`."""

    syntax: ast.Step
    input: Shape | None
    output: Shape | None
    totals: Totals = Totals()
    known: bool = True  # no size or cost inside is unknown
    rows: int = 1  # of its table, equal copies folded

    @property
    def span(self) -> Span:
        return self.syntax.span

    @property
    def inside(self) -> list[Node]:
        """The nodes directly in this one; equal copies of a repeat once."""
        return []


class LayerNode(Node):
    """One layer. `layer` is None where its arguments are at fault or the arriving rank is unknown.

    `sources` are the expressions that its hyperparameters were computed from.
    """

    name: str
    kind: type[Layer]
    layer: Layer | None
    sources: dict[str, ast.Expr] = fresh(factory=dict)

    @property
    def flattens(self) -> bool:
        """Whether the layer is an FC that flattens the map that arrives by itself."""
        return bool(self.layer and self.layer.rank and getattr(self.layer, "flatten", False))


class ChainNode(Node):
    """Parts one after the other."""

    parts: list[Node]

    @property
    def inside(self) -> list[Node]:
        return self.parts


def bare(node: Node) -> Node:
    """A node without the chain of which it is the only part."""
    while isinstance(node, ChainNode) and len(node.parts) == 1:
        node = node.parts[0]
    return node


class ParallelNode(Node):
    """Parallel paths, joined by `|` (concatenated on channels), `+` or `⊙`."""

    operator: Literal["|", "+", "⊙"]
    branches: list[Node]

    @property
    def inside(self) -> list[Node]:
        return self.branches


class Run(NamedTuple):
    """Equal copies of a repeat, from number `first` on, with the loop's names in them."""

    first: int
    copies: int
    body: Node
    values: dict[str, Any]


class RepeatNode(Node):
    runs: list[Run]

    @property
    def inside(self) -> list[Node]:
        return [run.body for run in self.runs]

    @property
    def count(self) -> int:
        return sum(run.copies for run in self.runs)


class ChoiceNode(Node):
    """A guard `a?(…) else b` or an optional part `a?`: what was chosen, None for the identity.

    `taken` says whether it is `a`; `free` names the choice where the family leaves it open.
    """

    taken: bool
    body: Node | None
    free: str = ""

    @property
    def inside(self) -> list[Node]:
        return [self.body] if self.body else []


class BlockNode(Node):
    """One use of a block; equal uses share their `body`."""

    name: str
    block: BlockDef
    arguments: dict[str, Any]
    body: Node

    @property
    def inside(self) -> list[Node]:
        return [self.body]


class LabelNode(Node):
    """`body as name`; the body is anything but a layer or block, which take the name themselves.

    A label's index is part of the name: `e[0]`.
    """

    name: str
    body: Node

    @property
    def inside(self) -> list[Node]:
        return [self.body]


class TapNode(Node):
    """The output of a labelled step, or of a `let`, taken up again."""

    name: str


class Assumption(NamedTuple):
    """A layer written without parentheses, and what was assumed for it."""

    name: str
    text: str
    span: Span


class Free(NamedTuple):
    """A count or an optional part that the file leaves free, and what it was taken to be."""

    name: str
    value: Any
    range: str
    span: Span


class Output(Record):
    """A chain of the network: the main one (name ""), an `output`, or a `let` that one of them uses.

    `counted` says whether the main output depends on it.
    """

    name: str
    node: Node
    kind: Literal["main", "output", "let"]
    counted: bool


class Network(Record):
    """One member of a file: all sizes, counts and what there is to say of it.

    `chains` are in the order in which they must run. `arguments` are the net's parameters.
    """

    program: Program
    variant: str | None
    arguments: dict[str, Any]
    chains: list[Output]
    diagnostics: list[Diagnostic] = fresh(factory=list)
    assumptions: list[Assumption] = fresh(factory=list)
    free: list[Free] = fresh(factory=list)
    #: Names that the caller has bound, by `--set` say.
    bound: frozenset[str] = frozenset()
    #: The shapes that its claims are about.
    claimed: dict[ast.Expr, Shape] = fresh(factory=dict)
    #: The caller's settings, and whether divisions had to be exact.
    settings: ast.Arguments | None = None
    strict: bool = False
    #: Where the input's extents are names: what is required of them.
    domain: Domain | None = None
    #: How its weights start, where the file says so.
    init: Initialisation | None = None

    @property
    def name(self) -> str:
        return self.variant or self.program.name

    def __repr__(self) -> str:
        """`<Network AlexNet: → 1000, 62 378 344 parameters>`."""
        params = f"{self.totals.params:,}".replace(",", " ")
        return f"<Network {self.name}: → {self.output}, {params} parameters>"

    @cached_property
    def main(self) -> Node:
        return next(chain.node for chain in self.chains if chain.kind == "main")

    @cached_property
    def totals(self) -> Totals:
        """The main output's totals: the main chain and the `let` chains that it takes up."""
        total = Totals()
        for chain in self.chains:
            if chain.counted:
                total = total.plus(chain.node.totals)
        return total

    @cached_property
    def all_totals(self) -> Totals:
        """The totals with all outputs."""
        total = Totals()
        for chain in self.chains:
            total = total.plus(chain.node.totals)
        return total

    @property
    def known(self) -> bool:
        """Whether every size is known, so that the totals are those of the whole network."""
        return all(chain.node.known for chain in self.chains)

    @property
    def output(self) -> Shape | None:
        return self.main.output

    @property
    def ok(self) -> bool:
        return not any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        from cnndsl.webpage import shown

        return shown(self)

    def _repr_svg_(self) -> str | None:
        """Its picture, unless it is too large for one."""
        from cnndsl.drawing import draw, too_large

        return None if too_large(self, expand=False) else draw(self)
