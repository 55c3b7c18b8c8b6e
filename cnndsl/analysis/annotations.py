"""The claims that hold in a network, to be written into its file.

    → CONV(96, 11x11, s=4) : 96@55x55 → ReLU → POOL(max, 3x3, s=2) : 96@27x27

A claim stands where a size is made. Activations, norms and the like keep what arrives, a bracket
hands out what its last step says: there it would be said twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.elaborate.shapes import holds, readings
from cnndsl.layers import Elementwise, Input
from cnndsl.network import (
    BlockNode,
    ChainNode,
    LayerNode,
    Network,
    Node,
    ParallelNode,
    TapNode,
)
from cnndsl.shape import Shape
from cnndsl.source import Source
from cnndsl.syntax import ast

#: Where a step or a claim stands in its text.
Place = tuple[int, int]


def missing(file: ast.File, networks: Iterable[Network]) -> dict[Place, str]:
    """The claim for each step of a file that has none, where all its uses in all networks agree.

    An extent that depends on the input's is left open: `64@_x_`.
    """
    uses = _uses(file.source, networks)
    found: dict[Place, str] = {}
    for chain in _chains(file):
        for step in chain.steps:
            claims = {_written(node.output) for node in uses.get(_place(step), ())}
            if len(claims) == 1 and not _is_claimed(step) and not _is_said(step, uses):
                found[_place(step)] = claims.pop()
    return {place: claim for place, claim in found.items() if claim.strip("_@x")}


def orders(file: ast.File, networks: Iterable[Network]) -> dict[Place, str]:
    """Where the channels stand in claims such as `55x55x96`, of which one reading alone holds."""
    uses = _uses(file.source, networks)
    found: dict[Place, str] = {}
    for chain in _chains(file):
        for step in chain.steps:
            shapes = {node.output for node in uses.get(_place(step), ())}
            for claim in _claims(step):
                if isinstance(claim, ast.AxesExpr) and (order := _order(claim, shapes)):
                    found[claim.span.start, claim.span.end] = order
    return found


def _order(claim: ast.AxesExpr, shapes: set[Shape | None]) -> str:
    if not all(isinstance(item, ast.Number) for item in claim.items):
        return ""
    numbers = tuple(int(item.value) for item in claim.items if isinstance(item, ast.Number))
    for name, reading in zip(("last", "first"), readings(numbers), strict=True):
        if shapes and all(shape is not None and holds(reading, shape) for shape in shapes):
            return name
    return ""


def _written(shape: Shape | None) -> str:
    """The claim of a shape; "" where it says nothing."""
    if shape is None:
        return ""
    channels, *extents = (
        str(size) if type(size) is int else "_" for size in (shape.channels, *shape.extents)
    )
    return f"{channels}@{'x'.join(extents)}" if extents else channels


# ---- what is said without a claim


def _is_said(step: ast.Step, uses: dict[Place, list[Node]]) -> bool:
    """Whether the size behind a step follows from what stands there."""
    inner = step.body if isinstance(step, ast.Labelled) else step
    if isinstance(inner, ast.Repeat | ast.IndexedRepeat | ast.ListRepeat):
        inner = inner.body
    nodes = uses[_place(step)]
    return all(map(_keeps, nodes)) or (isinstance(inner, ast.Chain) and _ends_said(inner, uses))


def _ends_said(chain: ast.Chain, uses: dict[Place, list[Node]]) -> bool:
    """Whether the last step in brackets that makes a size has a claim, or will get one."""
    for step in reversed(chain.steps):
        nodes = uses.get(_place(step), [])
        if not all(map(_keeps, nodes)):
            return len({_written(node.output) for node in nodes}) == 1
    return False


def _keeps(node: Node) -> bool:
    """Whether a layer keeps the shape, whatever arrives, or its shape is said elsewhere."""
    if isinstance(node, LayerNode) and issubclass(node.kind, Input):
        named = any(isinstance(part, ast.Name) for part in ast.walk(node.syntax))
        return bool(
            node.layer and "(" in node.span.text and not (named and node.output and node.output.closed)
        )
    if isinstance(node, TapNode):
        return True
    if isinstance(node, LayerNode):
        return issubclass(node.kind, Elementwise)
    return not isinstance(node, ParallelNode | BlockNode) and all(map(_keeps, node.inside))


def _claims(step: ast.Step) -> Iterator[ast.Expr]:
    while isinstance(step, ast.Labelled | ast.Claimed):
        if isinstance(step, ast.Claimed):
            yield step.claim
        step = step.body


def _is_claimed(step: ast.Step) -> bool:
    return any(True for _ in _claims(step))


# ---- steps and what became of them


def _place(step: ast.Step) -> Place:
    return step.span.start, step.span.end


def _chains(file: ast.File) -> list[ast.Chain]:
    return [
        node for statement in file.statements for node in ast.walk(statement) if isinstance(node, ast.Chain)
    ]


def _uses(source: Source, networks: Iterable[Network]) -> dict[Place, list[Node]]:
    """The nodes of each step of a source's chains; equal copies once."""
    found: dict[Place, list[Node]] = {}
    waiting = [chain.node for network in networks for chain in network.chains]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting += node.inside
        if isinstance(node, ChainNode) and isinstance(node.syntax, ast.Chain):
            for step, part in zip(node.syntax.steps, node.parts, strict=True):
                if step.span.source is source:
                    found.setdefault(_place(step), []).append(part)
    return found
