"""Where parallel paths meet: on channels, by sum, by product."""

from __future__ import annotations

from math import prod

from cnndsl.diagnostics import Label, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.shape import Shape
from cnndsl.syntax import ast

_WORDS = {"|": "concatenated", "+": "added", "⊙": "multiplied"}


def join(step: ast.Parallel, shapes: list[Shape]) -> Shape:
    """The shape of joined paths; raises Located (branch-mismatch) where they do not fit.

    `|` needs equal extents and adds the channels up; `+` needs equal shapes; so does `⊙`, but a
    C@1x1 map scales the channels of a C@HxW one.
    """
    if step.operator == "|":
        return _concatenated(step, shapes)
    widest = max(shapes, key=lambda shape: shape.numel)
    for number, shape in enumerate(shapes):
        gates = step.operator == "⊙" and shape.channels == widest.channels and set(shape.extents) == {1}
        if shape != widest and not (gates and shape.rank == widest.rank):
            raise _mismatch(step, shapes, number, shapes.index(widest))
    return widest


def _concatenated(step: ast.Parallel, shapes: list[Shape]) -> Shape:
    for number, shape in enumerate(shapes):
        if shape.extents != shapes[0].extents:
            raise _mismatch(step, shapes, number, 0)
    return Shape(sum(shape.channels for shape in shapes), shapes[0].extents)


def _mismatch(step: ast.Parallel, shapes: list[Shape], one: int, other: int) -> Located:
    one, other = sorted((one, other))
    a, b = shapes[one], shapes[other]
    label = Label(step.branches[one].span, f"this path gives {a}")
    return located(
        "branch-mismatch",
        f"the paths cannot be {_WORDS[step.operator]}: {a} and {b}",
        step.branches[other].span,
        _hint(step, (one, a), (other, b)),
        labels=(label,),
    )


def _hint(step: ast.Parallel, one: tuple[int, Shape], other: tuple[int, Shape]) -> str:
    a, b = one[1], other[1]
    if a.rank != b.rank:
        vector = 0 in {a.rank, b.rank}
        return "one is a vector, the other a map" if vector else "they differ in the number of axes"
    if step.operator == "|":
        return "paths joined by | must agree in height and width: p=same or a stride can bring them there"
    if step.operator == "⊙":
        return "a gate has the channels of the map that it scales: C@1x1"
    shortcut, target = _shortcut(step, one, other)
    if not a.rank:
        return f"FC({target.channels}) on the shortcut makes them equal"
    ratios = [x / y for x, y in zip(shortcut.extents, target.extents, strict=True)]
    if len(set(ratios)) == 1 and ratios[0].is_integer() and ratios[0] >= 1:
        stride = f", s={int(ratios[0])}" if ratios[0] > 1 else ""
        return f"put CONV({target.channels}, 1{stride}) on the shortcut"
    return "both paths must have the same channels and extents"


def _shortcut(step: ast.Parallel, one: tuple[int, Shape], other: tuple[int, Shape]) -> tuple[Shape, Shape]:
    """Which of two paths is to be adapted to the other: the one with fewer steps, then the larger map."""

    def effort(path: tuple[int, Shape]) -> tuple[int, int, int]:
        number, shape = path
        return len(step.branches[number].steps), -prod(shape.extents), shape.channels

    first, second = sorted((one, other), key=effort)
    return first[1], second[1]
