"""Windows that leave pixels out, and padding that takes their place."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnndsl.analysis.lints.grid import PIXELS, dropped, last, read, skips, times
from cnndsl.analysis.lints.survey import Survey, known
from cnndsl.diagnostics import Diagnostic, Fix, Problem
from cnndsl.layers import Conv, Pool
from cnndsl.layers.base import brief, written
from cnndsl.layers.windows import Axis, spanned
from cnndsl.network import LayerNode
from cnndsl.shape import Shape
from cnndsl.values import Pair

Axes = tuple[Axis, ...]


def unread_pixels(survey: Survey) -> Iterator[Diagnostic]:
    """CONV(96, 11, s=4) on 224 pixels reads 223 of them."""
    for node in survey.of(Conv):
        axes, lost = _dropped(survey, node)
        if not any(lost):
            continue
        hint = f"nothing is lost {_one_of([*_sizes(node, axes, lost), *_padded(node, axes)])}"
        fixes = _fixes(survey, node, "pad", str(padding)) if (padding := _padding(node, axes)) else []
        message = f"{_arithmetic(axes, lost)}: {last(lost)} of the map {_is(lost)} never read"
        yield survey.finding("unread-pixels", node, message, hint, fixes=fixes)


def pool_remainder(survey: Survey) -> Iterator[Diagnostic]:
    """POOL(max, 3, s=2) on 112 pixels drops the last row and column."""
    for node in survey.of(Pool):
        axes, lost = _dropped(survey, node)
        if not any(lost):
            continue
        hints = [f"nothing is lost {_one_of(_sizes(node, axes, lost))}"]
        fixes = []
        rounded_up = tuple(axis._replace(ceil=True) for axis in axes)
        if _may_round_up(node) and not any(map(dropped, rounded_up)):
            hints.insert(0, f"ceil=yes gives {_outputs(rounded_up)} (as Caffe and GoogLeNet)")
            fixes = _fixes(survey, node, "ceil", "yes")
        message = f"{_arithmetic(axes, lost)} is rounded down to {_rounded(axes, lost)}: {last(lost)}"
        message = f"{message} {_is(lost)} left out"
        yield survey.finding("pool-remainder", node, message, *hints, fixes=fixes)


def stride_skips(survey: Survey) -> Iterator[Diagnostic]:
    """CONV(8, 2, s=3) reads two of three pixels."""
    for kind in (Conv, Pool):
        for node in survey.of(kind):
            axes = survey.axes(node)
            skipping = [axis for axis in axes if skips(axis)]
            unread = prod(axis.extent for axis in skipping) - prod(map(read, skipping)) if skipping else 0
            if unread <= 0:
                continue
            total = prod(axis.extent for axis in axes)
            unread *= total // prod(axis.extent for axis in skipping)
            message = f"{_why(node, skipping)}: {unread} of {total} {PIXELS[len(axes)]} are never read"
            yield survey.finding("stride-skips", node, message, _instead(node, skipping))


def wide_padding(survey: Survey) -> Iterator[Diagnostic]:
    """CONV(8, 3, p=2): the windows in the corners read one pixel of the map and eight of padding."""
    for node in survey.of(Conv):
        layer, _ = known(node)
        assert isinstance(layer, Conv)
        if isinstance(layer.pad, str) or not any(map(any, layer.pad)) or layer.pad_mode != "zeros":
            continue
        axes = survey.axes(node)
        if not any(_is_wide(axis) for axis in axes):
            continue
        same = _size_kept(axes)
        hints = [f"p={same} keeps {times([axis.extent for axis in axes])}"] if same else []
        fixes = _fixes(survey, node, "pad", same) if same else []
        yield survey.finding("wide-padding", node, _what_it_sees(node, axes), *hints, fixes=fixes)


# ---- pixels dropped at the end


def _dropped(survey: Survey, node: LayerNode) -> tuple[Axes, list[int]]:
    """The axes, and the pixels lost at the end of each; none where the stride skips more than those."""
    axes = survey.axes(node)
    lost = [dropped(axis) for axis in axes]
    return axes, lost if any(lost) and not any(map(skips, axes)) else [0] * len(axes)


def _is(lost: list[int]) -> str:
    return "is" if sorted(lost)[-2:] in ([1], [0, 1]) else "are"


def _arithmetic(axes: Axes, lost: list[int]) -> str:
    each = dict.fromkeys(axis.unrounded for axis, count in zip(axes, lost, strict=True) if count)
    return ", ".join([*each][: _shown(axes)])


def _shown(axes: Axes) -> int:
    """How many axes' arithmetic a message has room for."""
    return 1 if len(axes) > 2 else 2


def _rounded(axes: Axes, lost: list[int]) -> str:
    sizes = dict.fromkeys(str(axis.outputs) for axis, count in zip(axes, lost, strict=True) if count)
    return " and ".join([*sizes][: _shown(axes)])


def _sizes(node: LayerNode, axes: Axes, lost: list[int]) -> list[str]:
    """The nearest maps of which nothing is dropped: `if 223x223 (gives 54x54) or … arrives here`."""
    each = list(zip(axes, lost, strict=True))
    smaller = tuple(axis._replace(extent=axis.extent - count) for axis, count in each)
    larger = tuple(
        axis._replace(extent=axis.extent + axis.stride - axis.remainder) if count else axis
        for axis, count in each
    )
    sizes = [
        f"{times([axis.extent for axis in some])} (gives {_outputs(some)})"
        for some in (smaller, larger)
        if _fits(node, some)
    ]
    return [f"if {' or '.join(sizes)} arrives here"] if sizes else []


def _fits(node: LayerNode, axes: Axes) -> bool:
    """Whether a map of that size can arrive at the layer."""
    layer, x = known(node)
    try:
        layer.output(Shape(x.channels, tuple(axis.extent for axis in axes)))
    except Problem:
        return False
    return all(axis.extent > 0 for axis in axes)


def _one_of(ways: list[str]) -> str:
    return f"{', '.join(ways[:-1])}{', or ' * (len(ways) > 1)}{ways[-1]}"


def _outputs(axes: Axes) -> str:
    return times([axis.outputs for axis in axes])


def _padding(node: LayerNode, axes: Axes) -> int:
    """The least padding of all sides, less than half a window, with which nothing is dropped; 0: none."""
    layer, _ = known(node)
    if {axis.pad for axis in axes} != {Pair(0, 0)} or getattr(layer, "pad_mode", "zeros") != "zeros":
        return 0
    most = min(spanned(axis.kernel, axis.dilation) - 1 for axis in axes) // 2
    return next((pad for pad in range(1, min(most, 64) + 1) if not any(map(dropped, _with(axes, pad)))), 0)


def _with(axes: Axes, pad: int) -> Axes:
    return tuple(axis._replace(pad=Pair(pad, pad)) for axis in axes)


def _padded(node: LayerNode, axes: Axes) -> list[str]:
    pad = _padding(node, axes)
    return [f"with p={pad} (gives {_outputs(_with(axes, pad))})"] if pad else []


def _may_round_up(node: LayerNode) -> bool:
    layer, _ = known(node)
    return isinstance(layer, Pool) and not isinstance(layer.pad, str) and all(a == b for a, b in layer.pad)


def _fixes(survey: Survey, node: LayerNode, argument: str, value: str) -> list[Fix]:
    """Gives the argument where the text is this layer's alone. It changes sizes, so it is not safe."""
    from cnndsl.analysis.lints.edits import with_argument  # findings are rare

    edit = with_argument(node, argument, value) if survey.alone(node) else None
    spec = node.kind.hypers()[argument]
    return [Fix(f"write {spec.short}={value}", (edit,))] if edit else []


# ---- pixels stepped over


def _why(node: LayerNode, skipping: list[Axis]) -> str:
    stride = brief(tuple(axis.stride for axis in skipping))
    window = _window(node)
    if all(axis.stride > spanned(axis.kernel, axis.dilation) for axis in skipping):
        return f"s={stride} steps further than {window} reaches"
    dilation = brief(tuple(axis.dilation for axis in skipping))
    return f"s={stride} with d={dilation} never comes to the pixels between the taps of {window}"


def _window(node: LayerNode) -> str:
    layer, _ = known(node)
    sizes = layer.kernel if isinstance(layer, Conv) else getattr(layer, "window", ())
    return f"the {written(sizes)} window" if len(sizes) > 1 else f"the window of {sizes[0]}"


def _instead(node: LayerNode, skipping: list[Axis]) -> str:
    letter = "s=1" if any(axis.dilation > 1 for axis in skipping) else ""
    most = min(axis.kernel for axis in skipping)
    stride = letter or f"s={most} or less"
    wider = max(axis.stride for axis in skipping)
    return f"{stride} reads every pixel" if letter else f"{stride}, or a window of {wider}, reads every pixel"


# ---- padding


def _is_wide(axis: Axis) -> bool:
    """Whether the padding that windows read is as wide as a window: half of it on each side."""
    return axis.pad.before + _after(axis) >= spanned(axis.kernel, axis.dilation)


def _after(axis: Axis) -> int:
    """The padding behind the map that the last window reads."""
    return max(0, axis.pad.after - axis.remainder)


def _size_kept(axes: Axes) -> str:
    """The padding that keeps the map's size, where all axes agree on a number."""
    pads = {spanned(axis.kernel, axis.dilation) - 1 for axis in axes}
    (total,) = pads if len(pads) == 1 else (1,)
    return str(total // 2) if total % 2 == 0 and all(axis.stride == 1 for axis in axes) else ""


def _what_it_sees(node: LayerNode, axes: Axes) -> str:
    """What a window in a corner reads of the map."""
    layer, _ = known(node)
    assert isinstance(layer, Conv)
    seen = prod(_own_taps(axis) for axis in axes)
    padding = prod(axis.kernel for axis in axes) - seen
    unit = PIXELS[len(axes)][:-1] + "s" * (seen != 1)
    reads = f"{seen} {unit} and {padding} of padding" if seen else "padding alone"
    where = "at an end" if len(axes) == 1 else "in a corner" if seen else "all along an edge"
    return f"with p={brief(layer.pad)}, {_window(node)} reads {reads} {where} of the map"


def _own_taps(axis: Axis) -> int:
    """Taps on the map of the first or of the last window, whichever has fewer."""
    taps = []
    for pad in (axis.pad.before, _after(axis)):
        first, final = -(-pad // axis.dilation), (pad + axis.extent - 1) // axis.dilation
        taps.append(max(0, min(axis.kernel - 1, final) - first + 1))
    return min(taps)
