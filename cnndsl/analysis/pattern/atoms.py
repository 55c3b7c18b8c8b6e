"""What one step of a pattern takes: a layer, a use of a block, parallel paths, a label taken up.

Arguments constrain: `CONV(3x3)` takes a CONV with that kernel, `CONV` any. A name that nothing
defines, `CONV(c, 3x3)`, takes any value, which is told; so do `_` and `?`, which is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostics import Problem, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.compute import words
from cnndsl.elaborate.evaluate import Scope, UnknownSize, evaluate, split_name
from cnndsl.elaborate.program import unknown_kind
from cnndsl.elaborate.shapes import holds, read_claim
from cnndsl.layers import Gap, GPool, Input, Layer, Pool, name_arguments, usage
from cnndsl.network import BlockNode, LayerNode, Node, ParallelNode, TapNode
from cnndsl.record import Record
from cnndsl.shape import AXIS_LETTERS, OpenSize
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.analysis.pattern.automaton import Automaton
    from cnndsl.layers import Hyper
    from cnndsl.shape import Shape

#: Ranks of what can arrive at a layer.
RANKS = (2, 1, 3, 0)
#: What `in.` can ask of a shape.
LETTERS = {"C", *AXIS_LETTERS[1], *AXIS_LETTERS[2], *AXIS_LETTERS[3]}


class Wanted(Record):
    """What an argument of a pattern asks for: the `expr`, read for the hyperparameter `spec`."""

    spec: Hyper
    expr: ast.Expr
    scope: Scope


class Free(Record):
    """A name in the place of an argument: it takes any value."""

    name: str
    field: str


class Atom(Record):
    """A step of a pattern that takes one step of a network, as written; claims constrain its output."""

    step: ast.Step
    scope: Scope
    claims: tuple[ast.Expr, ...]

    @property
    def text(self) -> str:
        """The step in one line: `CONV(3x3)`."""
        return " ".join(self.step.span.text.split())

    def takes(self, node: Node) -> bool:
        return self._takes(node) and all(self._claimed(claim, node) for claim in self.claims)

    def _claimed(self, claim: ast.Expr, node: Node) -> bool:
        if node.output is None or node.output.unknown:
            return False
        return any(holds(reading, node.output) for reading in read_claim(claim, self.scope, node.input))

    def _takes(self, node: Node) -> bool:
        raise NotImplementedError

    def values(self, node: Node) -> list[tuple[str, Any]]:
        """The values of free names in what was taken."""
        return []


class LayerAtom(Atom):
    kind: type[Layer]
    wants: list[Wanted]
    free: list[Free]

    def _takes(self, node: Node) -> bool:
        if not isinstance(node, LayerNode) or not self._is_kind(node):
            return False
        return all(self._has(node, wanted) for wanted in self.wants)

    def _is_kind(self, node: LayerNode) -> bool:
        """Whether the kind is the one asked for; GAP is another name for GPOOL(avg)."""
        if {node.kind, self.kind} == {Gap, GPool} and node.layer:
            return self.kind is GPool or getattr(node.layer, "op", "") == "avg"
        return node.kind is self.kind

    def _has(self, node: LayerNode, wanted: Wanted) -> bool:
        layer, x = node.layer, node.input
        if layer is None or (x is None and self.kind is not Input):
            return False
        if isinstance(layer, Input):
            return any(holds(one, layer.shape) for one in read_claim(wanted.expr, wanted.scope, None))
        try:
            value = wanted.spec.value(_value(wanted.expr, wanted.scope, x), layer.rank)
            return bool(value == _held(layer, wanted.spec.field))
        except (Problem, OpenSize):  # a 3x3 window on a signal, an `in.C` that an error has left unknown
            return False

    def values(self, node: Node) -> list[tuple[str, Any]]:
        layer = node.layer if isinstance(node, LayerNode) else None
        return [(free.name, _held(layer, free.field)) for free in self.free] if layer else []


def _held(layer: Layer, field: str) -> Any:
    """A hyperparameter of a layer as it counts: the stride of a pool is its window unless given."""
    if isinstance(layer, Pool) and field == "stride":
        return layer.strides
    return "avg" if isinstance(layer, Gap) and field == "op" else getattr(layer, field)


def _value(expr: ast.Expr, scope: Scope, x: Shape | None) -> Any:
    """The value of an argument where `x` arrives; raises Problem where it has none there."""
    try:
        return evaluate(expr, scope, x)
    except (Located, UnknownSize):  # `in.H` of a vector
        raise Problem("undefined", "it has no value here") from None


class BlockAtom(Atom):
    """A use of the network's own block, by its name; `arguments` are by the names of its parameters."""

    name: str
    arguments: dict[str, ast.Expr]

    def _takes(self, node: Node) -> bool:
        if not isinstance(node, BlockNode) or node.block.name != self.name:
            return False
        wanted = [item for item in self.arguments.items() if not is_any(item[1], self.scope)]
        return all(self._has(node, name, expr) for name, expr in wanted)

    def _has(self, node: BlockNode, name: str, expr: ast.Expr) -> bool:
        try:
            value = _value(expr, self.scope, node.input)
            return name in node.arguments and bool(value == node.arguments[name])
        except (Problem, OpenSize):
            return False

    def values(self, node: Node) -> list[tuple[str, Any]]:
        given = node.arguments if isinstance(node, BlockNode) else {}
        free = [(free_name(expr, self.scope), name) for name, expr in self.arguments.items()]
        return [(word, given[name]) for word, name in free if word and name in given]


class ParallelAtom(Atom):
    """Parallel paths; `ways` finds the ways through them, set by who runs the automaton."""

    operator: str
    branches: list[Automaton]
    ways: Callable[[ParallelAtom, ParallelNode], Any] = lambda atom, node: None

    def _takes(self, node: Node) -> bool:
        return isinstance(node, ParallelNode) and self.ways(self, node) is not None


class TapAtom(Atom):
    """A label taken up; whichever, since names in a pattern are not those of the network."""

    def _takes(self, node: Node) -> bool:
        return isinstance(node, TapNode)


def is_any(expr: ast.Expr, scope: Scope) -> bool:
    """Whether an argument stands for any value: `_`, `?`, or a name that nothing defines."""
    return isinstance(expr, ast.Open | ast.Hole) or bool(free_name(expr, scope))


def free_name(expr: ast.Expr, scope: Scope) -> str:
    """The name that an argument is, if nothing defines it; else ""."""
    if not isinstance(expr, ast.Name) or scope.find(expr.name) is not None:
        return ""
    parts = split_name(expr.name)
    window = len(parts) > 1 and all(part.isdecimal() or part in scope.values for part in parts)  # 3xk
    return "" if window or {expr.name, expr.name.lower()} & words() else expr.name


def layer_atom(
    kind: type[Layer], step: ast.LayerStep, scope: Scope, claims: tuple[ast.Expr, ...]
) -> LayerAtom:
    """The atom of a step that names a kind; raises Located where the kind has no such argument."""
    atom = LayerAtom(step, scope, claims, kind, [], [])
    places = [spec for spec in kind.hypers().values() if spec.positional]
    for item in step.arguments.items if step.arguments else ():
        spec = _named(kind, item) if item.name else _placed(kind, places, item, scope)
        if name := free_name(item.value, scope):
            atom.free.append(Free(name, spec.field))
        elif not is_any(item.value, scope):
            atom.wants.append(Wanted(spec, item.value, scope))
            if item.name:
                _need_value(kind, spec, item, scope)
    return atom


def _named(kind: type[Layer], item: ast.Argument) -> Hyper:
    try:
        (name,) = name_arguments(kind, [], {item.name or "": None})
    except Problem as problem:
        raise located(problem.code, problem.message, item.span, *problem.hints) from None
    return kind.hypers()[name]


def _placed(kind: type[Layer], places: list[Hyper], item: ast.Argument, scope: Scope) -> Hyper:
    """The next positional argument that the value can be: `CONV(3x3)` leaves the filters out."""
    while places:
        spec = places.pop(0)
        if is_any(item.value, scope) or _fits(spec, item.value, scope):
            return spec
    message = f"no argument of {kind.kind} that stands here by position can be this"
    raise located("argument-type", message, item.span, f"it is written {usage(kind)}")


def _fits(spec: Hyper, expr: ast.Expr, scope: Scope) -> bool:
    return _problem(spec, expr, scope) is None


def _need_value(kind: type[Layer], spec: Hyper, item: ast.Argument, scope: Scope) -> None:
    if problem := _problem(spec, item.value, scope):
        raise located(problem.code, problem.message, item.span, *problem.hints)


def _problem(spec: Hyper, expr: ast.Expr, scope: Scope) -> Problem | None:
    """What keeps a value from being the hyperparameter's, whatever the rank; None if it can be."""
    if spec.name == "shape" or _arrives(expr):
        return None
    value, found = evaluate(expr, scope, None), None
    for rank in RANKS:
        try:
            spec.value(value, rank)
        except Problem as problem:
            found = found or problem
        else:
            return None
    return found


def _arrives(expr: ast.Expr) -> bool:
    """Whether a value depends on what arrives; raises Located for what no shape has."""
    asked = [node for node in ast.walk(expr) if isinstance(node, ast.Arriving)]
    for node in asked:
        if node.letter.upper() not in LETTERS:
            raise located("undefined", f"there is no `in.{node.letter}`", node.span)
    return bool(asked)


def block_atom(
    step: ast.LayerStep, scope: Scope, claims: tuple[ast.Expr, ...], blocks: dict[str, Any]
) -> BlockAtom:
    """The atom of a name that is no kind: a block of the network's own."""
    block = blocks.get(step.name)
    if block is None:
        raise unknown_kind(step.name, step.name_span, blocks)
    names = [param.name for param in block.syntax.params]
    arguments: dict[str, ast.Expr] = {}
    for number, item in enumerate(step.arguments.items if step.arguments else ()):
        name = item.name or (names[number] if number < len(names) else "")
        if name not in names:
            message = f"the block {block.name} has no such parameter"
            raise located("unknown-argument", message, item.span)
        if not is_any(item.value, scope) and not _arrives(item.value):
            evaluate(item.value, scope, None)  # raises where it has no value
        arguments[name] = item.value
    return BlockAtom(step, scope, claims, step.name, arguments)
