"""What is said of a stage: its name as in the LeNet paper, its size, what makes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cnndsl.drawing import labels
from cnndsl.drawing.fonts import fitted, text_width, wrapped
from cnndsl.layers.base import brief, written
from cnndsl.render.text import grouped, visible
from cnndsl.shape import Shape, Symbolic, bracketed

if TYPE_CHECKING:
    from cnndsl.drawing.flow.stages import Stage
    from cnndsl.network import Node

#: The letter of a stage by its kind, as in Figure 2 of the LeNet paper: C1, S2, F6.
LETTERS = {"CONV": "C", "TCONV": "C", "POOL": "S", "GPOOL": "S", "GAP": "S", "APOOL": "S", "FC": "F"}
#: What makes a stage.
ACTIONS = {
    "INPUT": "",
    "JOINT": "",
    "CONV": "Convolutions",
    "TCONV": "Transposed convolutions",
    "GAP": "Global average",
    "FC": "Full connection",
    "FLATTEN": "Flatten",
    "UPSAMPLE": "Upsampling",
}
POOLS = {"max": "Max pooling", "avg": "Average pooling", "min": "Min pooling"}
#: As ACTIONS, in the words of the AlexNet figure.
BRIEF_ACTIONS = {**ACTIONS, "CONV": "conv", "TCONV": "up-conv", "GAP": "global avg", "FC": "dense"}
BRIEF_ACTIONS |= {"FLATTEN": "flatten", "UPSAMPLE": "upsample"}
BRIEF_POOLS = {"max": "max pool", "avg": "avg pool", "min": "min pool"}
#: Arguments that no size follows from, or that the size says.
UNSAID = {"bias", "from", "from_"}
#: What an input of open size is drawn as.
OPEN = 224
#: The room of a line of a caption, of words between figures, and of those below a block, in pixels.
ROOM, BETWEEN, BELOW = 150, 112, 84
#: The lines that a long formula takes at most.
FORMULA = 6


# ---- names and sizes


def caption(stages: Sequence[Stage], number: int) -> tuple[str, ...]:
    """`C1: feature maps`, `6@28x28`."""
    stage = stages[number]
    size = size_lines(stage.output, 11)
    if stage.kind == "INPUT":
        return "INPUT", *size
    if number == len(stages) - 1 and stage.is_vector:
        return "OUTPUT", *size
    if not stage.kind:
        return fitted(visible(stage.name), 11, ROOM, bold=True), *size
    letter = LETTERS.get(stage.kind)
    name = f"{letter}{number}" if letter else visible(stage.name)
    what = "layer" if stage.is_vector or _single(stage) else "feature maps"
    return fitted(f"{name}: {what}", 11, ROOM, bold=True), *size


def heading(stage: Stage) -> tuple[str, ...]:
    """`conv1`, `96@55x55`."""
    name = fitted(visible(stage.name), 11, ROOM, bold=True)
    return (name,) if stage.is_vector else (name, *size_lines(stage.output, 11))


def size_lines(shape: Shape | None, size: float) -> tuple[str, ...]:
    """A shape in one line, or a long one with a line for each extent."""
    text = str(shape) if shape else "?"
    if shape is None or text_width(text, size) <= ROOM:
        return (text,)
    first, *rest = map(bracketed, shape.extents) if shape.rank else ("",)
    at = "@" if shape.rank else ""
    parts = [f"{bracketed(shape.channels)}{at}{first}", *(f"x{extent}" for extent in rest)]
    return tuple(line for part in parts for line in wrapped(part, size, ROOM, FORMULA))


def _single(stage: Stage) -> bool:
    """Whether a map is 1×1: as good as a vector."""
    return stage.output is not None and all(extent == 1 for extent in stage.output.extents)


# ---- what makes a stage


def actions(stages: Sequence[Stage]) -> list[tuple[str, ...]]:
    """What is written before each stage: what makes it, and the layers behind it.

    Those behind the input stand before the first layer.
    """
    found = [action(stage) for stage in stages]
    if stages[0].kind == "INPUT":
        found[1:2] = [(*found[0], *one) for one in found[1:2]]
        found[0] = ()
    return found


def alone(stages: Sequence[Stage]) -> list[tuple[str, ...]]:
    """What is written below each stage: of an input alone, the layers behind it."""
    return [action(stages[0])] if len(stages) == 1 else [()] * len(stages)


def action(stage: Stage) -> tuple[str, ...]:
    """`Convolutions`, `5x5, s=2`, `ReLU, DROPOUT`, below each other."""
    made = _action(stage, ACTIONS, POOLS)
    parts = ([ACTIONS["FLATTEN"]] * stage.flattened, [made], details(stage), calls(stage.extras))
    return tuple(line for part in parts for line in _filled(part, 11, BETWEEN))


def brief_action(stage: Stage) -> tuple[str, ...]:
    """`conv`, `11x11, s=4`, `ReLU`, below each other."""
    made = [BRIEF_ACTIONS["FLATTEN"]] * stage.flattened, [brief_name(stage)], details(stage)
    parts = (*made, *([extra] for extra in calls(stage.extras)))
    return tuple(line for part in parts for line in _filled(part, 10, BELOW))


def brief_name(stage: Stage) -> str:
    """`conv`, `max pool`."""
    return _action(stage, BRIEF_ACTIONS, BRIEF_POOLS)


def _action(stage: Stage, names: dict[str, str], pools: dict[str, str]) -> str:
    if stage.kind == "POOL" and stage.layer:
        return pools[getattr(stage.layer, "op", "max")]
    if stage.kind in names:
        return names[stage.kind]
    # of a step that is no layer the caption says all
    return visible(str(stage.layer)) if stage.layer else stage.kind


def calls(nodes: Iterable[Node]) -> list[str]:
    """Layers as they are written with their numbers."""
    return [labels.call([node]) for node in nodes]


def details(stage: Stage) -> list[str]:
    """`5x5`, `s=2`, `p=1`: the window, and what else of a layer's arguments its size does not say."""
    layer = stage.layer
    if layer is None or not (stage.kind == "POOL" or stage.kind in ACTIONS) or stage.kind == "INPUT":
        return []
    if stage.kind == "UPSAMPLE":
        return [layer.arguments()]
    found = [written(stage.window)] if stage.window else []
    for spec in layer.hypers().values():
        value = getattr(layer, spec.field)
        said = spec.positional or spec.name in UNSAID or value == spec.assumed(layer.rank)
        if not said and not (spec.name == "stride" and value == stage.window and stage.kind == "POOL"):
            found.append(f"{spec.short}={brief(value)}")
    return found + ["partly connected"] * stage.partly


def _filled(parts: Iterable[str], size: float, room: float) -> list[str]:
    """Parts in lines, with commas between those that share one; a long part takes several lines."""
    lines: list[str] = []
    for part in map(visible, filter(None, parts)):
        if lines and text_width(f"{lines[-1]}, {part}", size) <= room:
            lines[-1] += f", {part}"
        else:
            lines += _wrapped(part, size, room)
    return lines


def _wrapped(text: str, size: float, room: float) -> list[str]:
    """A text in lines, broken between words alone unless they are very long."""
    widest = max(text_width(word, size) for word in text.split() or [""])
    return wrapped(text, size, max(room, min(widest, ROOM)), FORMULA)


# ---- numbers


def extents(stages: Sequence[Stage]) -> list[int]:
    """The sizes of all maps, for the scale."""
    return [extent for stage in stages for extent in drawn_sizes(stage)[-2:]]


def drawn_sizes(stage: Stage) -> list[int]:
    """The extents of a map as they are drawn; none where they are unknown."""
    shape = stage.output
    if shape is None or any(isinstance(size, Symbolic) and size.unknown for size in shape.extents):
        return []
    return [*map(drawn_size, shape.extents)]


def units(stages: Sequence[Stage]) -> list[int]:
    """The lengths of all vectors, for the scale."""
    return [size for stage in stages if stage.is_vector and (size := channels(stage)) is not None]


def depths(stages: Sequence[Stage]) -> list[int]:
    """The numbers of channels of all maps, for the scale."""
    return [size for stage in stages if not stage.is_vector and (size := channels(stage)) is not None]


def channels(stage: Stage) -> int | None:
    """The number of channels or units; None where it is open or unknown."""
    if stage.output is None:
        return None
    size = stage.output.channels
    return None if isinstance(size, Symbolic) else size


def drawn_size(extent: int) -> int:
    """The number that an extent is drawn as: of an open one, what it is of the input, taken as 224."""
    if not isinstance(extent, Symbolic):
        return extent
    pixels, grown = getattr(extent, "growth", (1, 1))
    return max(1, OPEN * int(grown) // int(pixels))


def openness(stages: Sequence[Stage]) -> list[str]:
    """What the scale says of open sizes."""
    shapes = [stage.output for stage in stages if stage.output and drawn_sizes(stage)]
    is_open = any(isinstance(extent, Symbolic) for shape in shapes for extent in shape.extents)
    return [f"open sizes as for an input of {OPEN}"] if is_open else []


def undrawn(stages: Sequence[Stage], which: str) -> list[str]:
    """What the scale says of maps with depth, of which a flat figure shows two extents, or one."""
    deep = any(len(drawn_sizes(stage)) > 2 for stage in stages)
    return [f"{which} not drawn"] if deep else []


def count(size: int | None) -> str:
    """A number of channels or units."""
    return "?" if size is None or (isinstance(size, Symbolic) and size.unknown) else grouped(size)
