"""What is said of holes: the values that fit, or why none does."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.analysis.filled import Filled, writing
from cnndsl.analysis.periodic import Sizes
from cnndsl.analysis.solve.candidates import Bounds
from cnndsl.analysis.solve.search import Failure, Solution, Solved, solve
from cnndsl.diagnostics import Diagnostic
from cnndsl.elaborate import elaborate
from cnndsl.elaborate.program import Program
from cnndsl.elaborate.shapes import show
from cnndsl.layers.base import written
from cnndsl.shape import Shape
from cnndsl.syntax import ast
from cnndsl.values import Partial

#: Values that a message lists.
LISTED = 6


def fill(
    program: Program,
    variants: Iterable[str | None],
    settings: ast.Arguments | None,
    bounds: Bounds | None = None,
) -> Filled:
    """Values for the holes of a file: the simplest with which all its variants check."""
    names = [*variants]
    found = solve(program, names[0], settings, bounds=bounds)
    if not found.solutions:
        return Filled({}, _unsolved(found), found)
    for solution in found.solutions[:LISTED]:
        others = (elaborate(program, name, settings, holes=solution.values) for name in names)
        if all(network.ok for network in others):
            return Filled(solution.values, _solved(found, solution), found)
    return Filled({}, _unsolved(found), found)


def _solved(found: Solved, chosen: Solution) -> list[Diagnostic]:
    """`p = 0 fits, and so does 1`; of several holes, the first says how many solutions there are."""
    several = len([hole for hole in chosen.values if _several(found, hole)]) > 1
    hints = [f"`cnndsl solve` lists them; searched: {found.bounds}"] if several else []
    hints += [] if found.complete else ["the search was cut short: there may be more"]
    told = []
    for number, hole in enumerate(found.holes):
        if hole in chosen.values:
            message = _together(found, chosen, hole) if several else _alone(found, chosen, hole)
            fixes = (writing(hole, written(chosen.values[hole])),)
            told.append(
                Diagnostic("solved", message, hole.span, hints=() if number else tuple(hints), fixes=fixes)
            )
    return told


def _said(found: Solved, chosen: Solution, hole: ast.Expr) -> str:
    name, value = found.names.get(hole, ""), written(chosen.values[hole])
    return f"{name} = {value}" if name else value


def _together(found: Solved, chosen: Solution, hole: ast.Expr) -> str:
    many = f"{found.count:,}".replace(",", " ")
    which = f"in the simplest of {many} solutions" if hole is found.holes[0] else "in the same"
    return f"{_said(found, chosen, hole)} {which}"


def _alone(found: Solved, chosen: Solution, hole: ast.Expr) -> str:
    return f"{_said(found, chosen, hole)} fits{_others(found, chosen, hole)}"


def _several(found: Solved, hole: ast.Expr) -> bool:
    return len({written(solution.values[hole]) for solution in found.solutions}) > 1


def _others(found: Solved, chosen: Solution, hole: ast.Expr) -> str:
    """The other values, if the hole is the only one that has some."""
    if hole in chosen.sets and len(found.solutions) == 1:
        sizes = chosen.sets[hole]
        return f"; all that do: {sizes}" if sizes != Sizes.only((sizes.least,)) else ""
    values = dict.fromkeys(written(solution.values[hole]) for solution in found.solutions)
    rest = [*values][1:]
    if not rest:
        return ""
    listed = ", ".join(rest[:LISTED]) + ", …" * (len(rest) > LISTED)
    return f", and so {'do' if len(rest) > 1 else 'does'} {listed}"


def _unsolved(found: Solved) -> list[Diagnostic]:
    """Why no values fit."""
    if found.unbounded:
        hole, sizes = found.unbounded
        which = f"any number {sizes}".removesuffix(" None")
        message = f"nothing tells what stands here: {which} fits"
        hint = "write it, or claim the output that it leads to (: 96@55x55, : 10); `expect` is not solved for"
        return [Diagnostic("hole", message, hole.span, hints=(hint,))]
    if not found.failures:
        message = "no value could be worked out for this hole"
        hint = f"the search goes to {found.bounds}"
        return [Diagnostic("hole", message, found.holes[0].span, hints=(hint,))]
    if not found.complete:
        message = "the search was cut short before it found values"
        return [Diagnostic("hole", message, found.holes[0].span, hints=("claim a shape between the holes",))]
    if not found.names:  # what is wrong has nothing to do with the holes
        return []
    return [_nothing_fits(found)]


def _nothing_fits(found: Solved) -> Diagnostic:
    missed = [failure for failure in found.failures if failure.missed]
    hole = next(iter(found.names))
    if not missed:
        message = f"no {_sought(found)} fits: {found.failures[0].diagnostic.message}"
        return Diagnostic("hole", message, hole.span, hints=(f"searched: {found.bounds}",))
    closest = min(missed, key=_distance)
    assert closest.missed is not None
    claim, shape = closest.missed
    message = f"no {_sought(found)} gives {show(claim)}"
    values = _values(found, closest) if len(found.names) <= LISTED else "the nearest"
    hints = (f"{values} comes closest: {shape}", *_reached(missed), f"searched: {found.bounds}")
    return Diagnostic("hole", message, hole.span, hints=hints)


def _reached(missed: list[Failure]) -> Iterable[str]:
    """What the values that were tried give: from the least to the greatest shape."""
    shapes = {failure.missed[1] for failure in missed if failure.missed and failure.missed[1].closed}
    if len(shapes) > 1:
        least, *_, greatest = sorted(shapes, key=lambda shape: shape.numel)
        yield f"the values tried give {least} to {greatest}"


def _sought(found: Solved) -> str:
    """`p`, `k, s and p`."""
    names = [*dict.fromkeys(found.names.values())]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _values(found: Solved, failure: Failure) -> str:
    told = [
        f"{name}={written(failure.values[hole])}"
        for hole, name in found.names.items()
        if hole in failure.values
    ]
    return ", ".join(told)


def _distance(failure: Failure) -> tuple[float, int]:
    """How far a shape is from what was claimed of it."""
    assert failure.missed is not None
    claim, shape = failure.missed
    if len(claim.extents) != shape.rank or not shape.closed:
        return float("inf"), 0
    return float(_difference(claim, shape)), len(failure.values)


def _difference(claim: Partial, shape: Shape) -> int:
    pairs = zip((claim.channels, *claim.extents), (shape.channels, *shape.extents), strict=True)
    return sum(abs(said - size) for said, size in pairs if said is not None)
