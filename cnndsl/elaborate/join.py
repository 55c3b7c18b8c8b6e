"""Where parallel paths meet: on channels, by sum, by product."""

from __future__ import annotations

from math import prod

from cnndsl.diagnostics import Edit, Fix, Label, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.layers import Conv, Elementwise, Gap, GPool, Identity, find_kind
from cnndsl.layers.rearrange import Moving
from cnndsl.shape import Shape, Symbolic, differ, no_gate, unknown_size
from cnndsl.source import Span
from cnndsl.syntax import ast

_WORDS = {"|": "concatenated", "+": "added", "⊙": "multiplied"}


def join(step: ast.Parallel, shapes: list[Shape]) -> Shape:
    """The shape of joined paths; raises Located (branch-mismatch) where they do not fit.

    `|` needs equal extents and adds the channels up; `+` needs equal shapes; so does `⊙`, but a
    C@1x1 map scales the channels of a C@HxW one.
    """
    if not all(shape.closed for shape in shapes):
        return _open(step, shapes)
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


def _open(step: ast.Parallel, shapes: list[Shape]) -> Shape:
    """Joined paths with sizes that are closed forms: that they agree is required of the input."""
    widest = _widest(step, shapes)
    if any(isinstance(shape.channels, Symbolic) and shape.channels.unknown for shape in shapes):
        return recovered(step, shapes) or widest  # of such a path not even the rank is certain
    for number, shape in enumerate(shapes):
        if shape.rank != widest.rank or (step.operator != "|" and differ(shape.channels, widest.channels)):
            raise _mismatch(step, shapes, number, shapes.index(widest))
        gates = step.operator == "⊙" and not _is_gate(widest)
        fails = no_gate(shape.extents, widest.extents) if gates else _differ(shape, widest)
        if fails:
            raise _mismatch(step, shapes, number, shapes.index(widest))
    total = sum(shape.channels for shape in shapes)
    return Shape(total, widest.extents) if step.operator == "|" else widest


def _widest(step: ast.Parallel, shapes: list[Shape]) -> Shape:
    """The shape that all others have, or may scale; of equal ones the shortest to tell."""
    if len({shape.extents for shape in shapes}) == 1:
        return shapes[0]
    shortest = min(shapes, key=lambda shape: (_is_gate(shape), shape.unknown, len(str(shape))))
    rest = {shape for shape in shapes if shape.rank == shortest.rank and not _is_gate(shape)}
    if step.operator != "⊙" or len(rest) < 2 or any(shape.unknown for shape in rest):
        return shortest
    for shape in sorted(rest, key=str):
        if any(type(size) is int and size > 1 for size in shape.extents) or _covers(shape, rest):
            return shape
    message = f"which of {' and '.join(sorted(map(str, rest)))} scales the other depends on the input's size"
    sizes = [size for shape in rest for size in shape.extents if isinstance(size, Symbolic)]
    raise located(
        "symbolic-size", message, step.span, f"give the input numbers: --input {sizes[0].domain.example}"
    )


def _covers(shape: Shape, others: set[Shape]) -> bool:
    """Whether a map is never smaller than any of the others."""
    from cnndsl.shape.size import covers

    return all(
        covers(one, size) for other in others for one, size in zip(shape.extents, other.extents, strict=True)
    )


def recovered(step: ast.Parallel, shapes: list[Shape]) -> Shape | None:
    """The shape to go on with where paths do not fit: what they agree on, the rest unknown.

    Where one extent differs, so will others that are made in the same way: none is sure.
    """
    if len({shape.rank for shape in shapes}) > 1:
        return None
    first, *_ = shapes
    alike = len({shape.extents for shape in shapes}) == 1
    extents = first.extents if alike else tuple(unknown_size() for _ in first.extents)
    if step.operator == "|":
        return Shape(sum(shape.channels for shape in shapes), extents)
    agree = len({shape.channels for shape in shapes}) == 1
    return Shape(first.channels if agree else unknown_size(), extents)


def _is_gate(shape: Shape) -> bool:
    return set(shape.extents) == {1}


def _differ(one: Shape, other: Shape) -> bool:
    refused = [differ(a, b) for a, b in zip(one.extents, other.extents, strict=True)]
    return any(refused)


def _mismatch(step: ast.Parallel, shapes: list[Shape], one: int, other: int) -> Located:
    one, other = sorted((one, other))
    a, b = shapes[one], shapes[other]
    label = Label(step.branches[one].span, f"this path gives {a}")
    hint, fixes = _advice(step, (one, a), (other, b))
    return located(
        "branch-mismatch",
        f"the paths cannot be {_WORDS[step.operator]}: {a} and {b}",
        step.branches[other].span,
        hint,
        labels=(label,),
        fixes=fixes,
    )


#: A path by its number, and the shape that it gives.
_Path = tuple[int, Shape]


def _advice(step: ast.Parallel, one: _Path, other: _Path) -> tuple[str, tuple[Fix, ...]]:
    """A hint, and what would make the paths equal."""
    a, b = one[1], other[1]
    if a.rank != b.rank:
        return _of_other_rank(step, one, other)
    if not (a.closed and b.closed):
        return "both paths must have the same channels and extents", ()
    if pooled := _pooled(step, one, other):
        return pooled
    if step.operator == "⊙":
        return _gated(step, one, other)
    if step.operator == "|" or a.channels == b.channels:
        found = _resized(step, one, other)
        if found or step.operator == "|":
            return found or ("paths joined by | must agree in height and width", ())
    return _broadcast(step, one, other) or _shortened(step, one, other)


def _of_other_rank(step: ast.Parallel, one: _Path, other: _Path) -> tuple[str, tuple[Fix, ...]]:
    (_, vector), (number, map_) = sorted((one, other), key=lambda path: path[1].rank)
    if vector.rank:
        return "they differ in the number of axes", ()
    alike = map_.closed and (step.operator == "|" or map_.numel == vector.channels)
    return "one is a vector, the other a map", (_appended(step, number, "FLATTEN"),) if alike else ()


def _pooled(step: ast.Parallel, one: _Path, other: _Path) -> tuple[str, tuple[Fix, ...]] | None:
    """For one path that ends with a GAP, and one without."""
    (number, small), (beside, large) = sorted((one, other), key=lambda path: path[1].extents)
    last = step.branches[number].steps[-1]
    kind = find_kind(last.name) if isinstance(last, ast.LayerStep) else None
    if (
        step.operator != "|"
        or kind is None
        or kind not in (Gap, GPool)
        or not _is_gate(small)
        or _is_gate(large)
    ):
        return None
    hint = f"a {kind.kind} leaves {'x'.join('1' * small.rank)}: put it behind the braces, or in both paths"
    return hint, (_appended(step, beside, last.span.text),)


def _gated(step: ast.Parallel, one: _Path, other: _Path) -> tuple[str, tuple[Fix, ...]]:
    (number, gate), (_, map_) = sorted((one, other), key=lambda path: path[1].numel)
    hint = f"a gate has the channels of the map that it scales: {map_.channels}@{'x'.join('1' * map_.rank)}"
    wanted = f"CONV({map_.channels}, 1)" if map_.rank else f"FC({map_.channels})"
    if not set(gate.extents) <= {1}:
        return hint, ()
    return hint, _last_filters(step.branches[number], map_.channels) or (_appended(step, number, wanted),)


def _last_filters(branch: ast.Chain, channels: int) -> tuple[Fix, ...]:
    """Other filters for the last layer of a path that has some."""
    for one in reversed(branch.steps):
        kind = find_kind(one.name) if isinstance(one, ast.LayerStep) else None
        items = one.arguments.items if isinstance(one, ast.LayerStep) and one.arguments else ()
        if kind and kind.learnt and items and isinstance(items[0].value, ast.Number):
            return (Fix(f"make it {channels} there", (Edit(items[0].value.span, str(channels)),)),)
        if kind is None or kind.learnt or issubclass(kind, Moving):  # it has a say in the channels
            return ()
    return ()


def _resized(step: ast.Parallel, one: _Path, other: _Path) -> tuple[str, tuple[Fix, ...]] | None:
    """For maps of which one is larger by few pixels: a CROP, or a word about odd sizes."""
    (_, small), (number, large) = sorted((one, other), key=lambda path: path[1].extents)
    more = {b - a for a, b in zip(small.extents, large.extents, strict=True)}
    axis = next((n for n, (a, b) in enumerate(zip(small.extents, large.extents, strict=True)) if a != b), 0)
    less, size = small.extents[axis], large.extents[axis]
    if more <= {0, 1} and size % 2:
        return f"an odd size is lost where it is halved and doubled: {size} → {size // 2} → {less}", ()
    if len(more) == 1 and 0 < (border := more.pop()) < size // 2:
        crop = f"CROP({border // 2}{f':{border - border // 2}' * (border % 2)})"
        return f"{crop} on the larger one makes it {less} as well", (_appended(step, number, crop),)
    return None


def _broadcast(step: ast.Parallel, one: _Path, other: _Path) -> tuple[str, tuple[Fix, ...]] | None:
    """For a sum that PyTorch would compute all the same."""
    (number, single), (_, full) = sorted((one, other), key=lambda path: path[1].numel)
    if single.extents == full.extents and single.channels == 1:
        hint = f"PyTorch would add the one channel to each of the {full.channels} and say nothing"
        return hint, (_appended(step, number, f"CONV({full.channels}, 1)"),) if full.rank else ()
    if single.channels == full.channels and set(single.extents) == {1}:
        return "PyTorch would add the one pixel to all of the map and say nothing; a gate is joined by ⊙", ()
    return None


def _shortened(step: ast.Parallel, one: _Path, other: _Path) -> tuple[str, tuple[Fix, ...]]:
    """A shortcut made equal to the path beside it."""
    (number, shortcut), (_, target) = _shortcut(step, one, other)
    wanted = _projection(shortcut, target)
    if not wanted:
        return "both paths must have the same channels and extents; p=same keeps the extents", ()
    wanted = _in_own_words(step.branches[1 - number] if len(step.branches) == 2 else None) or wanted
    fix = _appended(step, number, wanted, f"put {wanted} on the shortcut")
    return f"the shortcut must give {target} as well", (fix,)


def _projection(shortcut: Shape, target: Shape) -> str:
    if not shortcut.rank:
        return f"FC({target.channels})"
    ratios = {-(-x // y) for x, y in zip(shortcut.extents, target.extents, strict=True)}
    stride = ratios.pop()
    exact = tuple(-(-x // stride) for x in shortcut.extents) == target.extents
    if ratios or not exact:
        return ""
    return f"CONV({target.channels}, 1{f', s={stride}' * (stride > 1)})"


def _in_own_words(path: ast.Chain | None) -> str:
    """`[CONV(c, 1, s=s)]?(s != 1 or in.C != c)` beside a path whose filters, or stride, are parameters."""
    filters, strides = None, list[ast.Expr]()
    for one in path.steps if path else ():
        kind = find_kind(one.name) if isinstance(one, ast.LayerStep) else None
        if (
            kind is None
            or not isinstance(one, ast.LayerStep)
            or not (kind is Conv or issubclass(kind, Elementwise))
        ):
            return ""
        items = one.arguments.items if one.arguments and kind is Conv else ()
        filters = items[0].value if items and items[0].name is None else filters
        strides += [item.value for item in items if item.name in ("s", "stride")]
    if filters is None or len(strides) > 1 or all(isinstance(one, ast.Number) for one in (filters, *strides)):
        return ""
    channels, stride = filters.span.text, "".join(one.span.text for one in strides)
    layer = f"CONV({channels}, 1{f', s={stride}' if stride else ''})"
    fixed = strides and isinstance(strides[0], ast.Number)
    steps = f"{stride} != 1 or " if stride else ""
    return layer if fixed else f"[{layer}]?({steps}in.C != {channels})"


def _appended(step: ast.Parallel, number: int, layer: str, title: str = "") -> Fix:
    """A layer at the end of a path, or in the place of its ID."""
    branch = step.branches[number]
    only = branch.steps[0]
    title = title or f"add {layer} to that path"
    if len(branch.steps) == 1 and isinstance(only, ast.LayerStep) and find_kind(only.name) is Identity:
        return Fix(title, (Edit(only.span, layer),))
    end = branch.span.end
    return Fix(title, (Edit(Span(branch.span.source, end, end), f" → {layer}"),))


def _shortcut(step: ast.Parallel, one: _Path, other: _Path) -> tuple[_Path, _Path]:
    """Which of two paths is to be adapted to the other: the one with fewer steps, then the larger map."""

    def effort(path: _Path) -> tuple[int, int, int]:
        number, shape = path
        return len(step.branches[number].steps), -prod(shape.extents), shape.channels

    first, second = sorted((one, other), key=effort)
    return first, second
