"""Paths that part the channels among them: `{ SLICE(0, c) | SLICE(c, in.C) → … }` is `x.chunk(2, dim=1)`."""

from __future__ import annotations

import ast as py
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.emit.printer import source
from cnndsl.emit.python import names_in
from cnndsl.emit.scope import Occ, State, agrees
from cnndsl.layers import Slice
from cnndsl.network import ChainNode, LayerNode, Node
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.emit.planner import Planner


class Parted(NamedTuple):
    """How the channels are parted, `{}` for the value, and how many each path has."""

    text: str
    channels: list[py.expr]


def parts_of(planner: Planner, step: ast.Parallel, occs: list[Occ], state: State) -> Parted | None:
    """The equal or unequal parts that the paths begin with, where together they are all channels."""
    sizes = [_sizes(occ.node.branches, occ.node.input.channels) for occ in occs]
    if None in sizes or state.flat:
        return None
    written = [_size(planner, branch, state) for branch in step.branches]
    columns = list(zip(*(one or () for one in sizes), strict=True))
    told = [
        expr
        for expr, wanted in zip(written, columns, strict=True)
        if expr is not None and agrees(expr, occs, wanted)
    ]
    if all(len(set(one or ())) == 1 for one in sizes):
        if not told:
            return None
        return Parted(f"{{}}.chunk({len(columns)}, dim=1)", [told[0]] * len(columns))
    known = {parameter.name for parameter in planner.parameters}
    if len(told) < len(columns) or any(not names_in(expr) <= known for expr in told):
        return None
    stored = ", ".join(source(planner.store(expr)) for expr in told)
    return Parted(f"torch.split({{}}, [{stored}], dim=1)", told)


def _sizes(branches: list[Node], channels: int) -> tuple[int, ...] | None:
    """The channels of each path's slice, if these follow each other and leave none out."""
    found, end = list[int](), 0
    for branch in branches:
        first = branch.parts[0] if isinstance(branch, ChainNode) else branch
        if not isinstance(first, LayerNode) or not isinstance(first.layer, Slice) or first.layer.start != end:
            return None
        end = first.layer.stop
        found.append(end - first.layer.start)
    return tuple(found) if end == channels else None


def _size(planner: Planner, branch: ast.Step, state: State) -> py.expr | None:
    """What a path's SLICE says of its size, where it starts at 0 or both its ends are written."""
    first = branch.steps[0] if isinstance(branch, ast.Chain) else branch
    items = first.arguments.items if isinstance(first, ast.LayerStep) and first.arguments else ()
    if len(items) != 2 or any(item.name for item in items):
        return None
    start, stop = (planner.translated(item.value, state) for item in items)
    if isinstance(start, py.Constant) and start.value == 0:
        return stop
    if start is None or stop is None:
        return None
    return py.BinOp(stop, py.Sub(), start)
