"""What is said of a stage: its name as in the LeNet paper, its size, what makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnndsl.drawing.fonts import fitted
from cnndsl.drawing.labels import size_of
from cnndsl.layers.base import brief, written
from cnndsl.render.text import grouped, visible
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from cnndsl.drawing.flow.stages import Stage

#: The letter of a stage by its kind, as in Figure 2 of the LeNet paper: C1, S2, F6.
LETTERS = {"CONV": "C", "TCONV": "C", "POOL": "S", "GPOOL": "S", "GAP": "S", "APOOL": "S", "FC": "F"}
#: What makes a stage.
ACTIONS = {
    "CONV": "Convolutions",
    "TCONV": "Transposed convolutions",
    "GAP": "Global average",
    "FC": "Full connection",
    "FLATTEN": "Flatten",
    "UPSAMPLE": "Upsampling",
}
POOLS = {"max": "Max pooling", "avg": "Average pooling", "min": "Min pooling"}
#: What an input of open size is drawn as.
OPEN = 224
#: The room of a line of words, in pixels.
ROOM = 150


def caption(stages: Sequence[Stage], number: int) -> tuple[str, ...]:
    """`C1: feature maps`, `6@28x28`."""
    stage = stages[number]
    size = fitted(size_of(stage.output), 11, ROOM)
    if stage.kind == "INPUT":
        return "INPUT", size
    if number == len(stages) - 1 and stage.is_vector:
        return "OUTPUT", size
    if not stage.kind:
        return fitted(visible(stage.name), 11, ROOM), size
    letter = LETTERS.get(stage.kind)
    name = f"{letter}{number}" if letter else fitted(visible(stage.name), 11, ROOM)
    what = "layer" if stage.is_vector or _single(stage) else "feature maps"
    return f"{name}: {what}", size


def heading(stages: Sequence[Stage], number: int) -> tuple[str, ...]:
    """`conv1`, `96@55x55`."""
    stage = stages[number]
    name = fitted(visible(stage.name), 11, ROOM)
    return (name,) if stage.is_vector else (name, fitted(size_of(stage.output), 11, ROOM))


#: As ACTIONS, in the words of the AlexNet figure.
BRIEF_ACTIONS = {"CONV": "conv", "TCONV": "up-conv", "GAP": "global avg", "FC": "dense", "INPUT": ""}
BRIEF_POOLS = {"max": "max pool", "avg": "avg pool", "min": "min pool"}


def brief_action(stage: Stage) -> tuple[str, ...]:
    """`conv`, `11x11, s=4`, `ReLU`, below each other."""
    if stage.kind == "POOL" and stage.layer:
        action = BRIEF_POOLS[getattr(stage.layer, "op", "max")]
    else:
        action = BRIEF_ACTIONS.get(stage.kind, _action(stage))
    kinds = (extra.partition("(")[0] for extra in stage.extras)
    lines = filter(None, [action, _details(stage), *kinds])
    return tuple(fitted(visible(line), 10, ROOM) for line in lines)


def _single(stage: Stage) -> bool:
    """Whether a map is 1×1: as good as a vector."""
    return stage.output is not None and all(extent == 1 for extent in stage.output.extents)


def action(stage: Stage) -> tuple[str, ...]:
    """What makes a stage, with its window, stride and groups, and the layers behind it."""
    if stage.kind == "INPUT":
        return tuple(stage.extras)
    details = _details(stage)
    lines = filter(None, [_action(stage), details, *_extras(stage.extras)])
    return tuple(fitted(visible(line), 11, ROOM) for line in lines)


def _action(stage: Stage) -> str:
    if stage.kind == "POOL" and stage.layer:
        return POOLS[getattr(stage.layer, "op", "max")]
    if stage.kind in ACTIONS:
        return ACTIONS[stage.kind]
    return str(stage.layer) if stage.layer else ""  # a step that is no layer: its caption says all


def _details(stage: Stage) -> str:
    """`5x5, s=2, g=2`."""
    layer, window = stage.layer, stage.window
    if layer is None or window is None:
        return ""
    stride = getattr(layer, "strides", None) or getattr(layer, "stride", None)
    plain = window if stage.kind == "POOL" else (1,) * len(window)
    parts = [written(window)]
    parts += [f"s={brief(stride)}"] if stride not in (None, plain) else []
    groups = getattr(layer, "groups", 1)
    parts += [f"g={groups}"] if groups != 1 else []
    return ", ".join(parts)


def _extras(extras: list[str]) -> list[str]:
    """Layers behind a stage, two in a line."""
    return [", ".join(extras[n : n + 2]) for n in range(0, len(extras), 2)]


def extents(stages: Sequence[Stage]) -> list[int]:
    """The sizes of all maps, for the scale."""
    return [extent for stage in stages for extent in drawn_sizes(stage)[-2:]]


def drawn_sizes(stage: Stage) -> list[int]:
    """The extents of a map as they are drawn; none where they are unknown."""
    return [*map(drawn_size, stage.output.extents)] if stage.output and not stage.lost else []


def units(stages: Sequence[Stage]) -> list[int]:
    """The lengths of all vectors, for the scale."""
    sizes = [stage.output.channels for stage in stages if stage.output and stage.is_vector]
    return [size for size in sizes if not isinstance(size, Symbolic)]


def drawn_size(extent: int) -> int:
    """The number that an extent is drawn as: of an open one, what it is of the input, taken as 224."""
    if not isinstance(extent, Symbolic):
        return extent
    pixels, grown = getattr(extent, "growth", (1, 1))
    return max(1, OPEN * int(grown) // int(pixels))


def openness(stages: Sequence[Stage]) -> list[str]:
    """What the scale says of open sizes."""
    shapes = [stage.output for stage in stages if stage.output and not stage.lost]
    is_open = any(isinstance(extent, Symbolic) for shape in shapes for extent in shape.extents)
    return [f"open sizes as for an input of {OPEN}"] if is_open else []


def count(size: int) -> str:
    """A number of channels or units."""
    return "?" if isinstance(size, Symbolic) and size.unknown else grouped(size)
