"""Where parallel paths meet: on channels, by sum, by product."""

from __future__ import annotations

from cnndsl.diagnostics import Label, located
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


def _mismatch(step: ast.Parallel, shapes: list[Shape], one: int, other: int) -> Exception:
    one, other = sorted((one, other))
    a, b = shapes[one], shapes[other]
    label = Label(step.branches[one].span, f"this path gives {a}")
    return located(
        "branch-mismatch",
        f"the paths cannot be {_WORDS[step.operator]}: {a} and {b}",
        step.branches[other].span,
        _hint(step.operator, a, b),
        labels=(label,),
    )


def _hint(operator: str, a: Shape, b: Shape) -> str:
    if a.rank != b.rank:
        return (
            "one is a vector, the other a map"
            if 0 in (a.rank, b.rank)
            else "they differ in the number of axes"
        )
    if operator == "|":
        return "paths joined by | must agree in height and width; p=same or a stride can bring them there"
    ratios = {x // y for x, y in zip(a.extents, b.extents, strict=True) if x % y == 0}
    stride = f", s={ratios.pop()}" if len(ratios) == 1 and ratios != {1} else ""
    if a.extents == b.extents or stride:
        return f"a 1x1 convolution on the shortcut mends it: CONV({b.channels}, 1{stride})"
    return "both paths must have the same channels and extents"
