"""Two CONV or FC with nothing non-linear between them: one linear map in two parts."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.analysis.lints.pairs import Pair, Pairs
from cnndsl.analysis.lints.survey import Survey, is_known, known
from cnndsl.diagnostics import Diagnostic, Fix, Label
from cnndsl.layers import FC, APool, Conv, Layer, Pool
from cnndsl.layers.base import brief, written
from cnndsl.layers.readers import Pads
from cnndsl.layers.windows import spanned
from cnndsl.network import LayerNode
from cnndsl.values import Pair as Ends

_LEARNT: frozenset[type[Layer]] = frozenset({Conv, FC})

#: Linear once trained: BN with its running statistics, dropouts as the identity, averages.
_LINEAR = frozenset({"ID", "DROPOUT", "DROP2D", "DROPPATH", "BN", "SCALE", "FLATTEN", "GAP"})

#: What keeps one value per channel and position, so that two CONV around it stay one CONV.
_CHANNELWISE = _LINEAR - {"FLATTEN", "GAP"}


def linear_pair(survey: Survey) -> Iterator[Diagnostic]:
    """CONV(64, 3) → CONV(64, 3) computes no more than one CONV(64, 5x5)."""
    for pair in Pairs(survey, _role).found:
        if not _is_deliberate(pair):
            yield _finding(survey, pair)


def _role(node: LayerNode) -> tuple[bool, bool, bool]:
    linear = node.kind in _LEARNT
    return linear, linear, not linear and _passes(node.kind.kind, node.layer)


def _passes(kind: str, layer: Layer | None) -> bool:
    return kind in _LINEAR or (isinstance(layer, Pool | APool) and layer.op == "avg")


def _finding(survey: Survey, pair: Pair) -> Diagnostic:
    labels = [Label(pair.maker.span, "this one comes before it")]
    fixes = []
    if pair.seam and pair.seam[1] >= 0:
        from cnndsl.analysis.lints.edits import inserted  # findings are rare

        fixes = [Fix("put ReLU between them", (inserted(*pair.seam, "ReLU"),))]
    copies = pair.maker.syntax is pair.reader.syntax
    message = f"{_both(pair)} have nothing non-linear between them: one linear layer after another is linear"
    return survey.finding(
        "linear-pair", pair.reader, message, _advice(pair), labels=[] if copies else labels, fixes=fixes
    )


def _both(pair: Pair) -> str:
    maker, reader = pair.maker, pair.reader
    if maker.syntax is reader.syntax:
        return f"the copies of {reader.name}"
    alike = maker.name == reader.name  # in two blocks
    return f"this {reader.kind.kind} and the one before it" if alike else f"{maker.name} and {reader.name}"


def _advice(pair: Pair) -> str:
    """What the two amount to, and what makes them two."""
    relu = "a ReLU between them" if pair.seam else "[… → ReLU]*n"
    return f"{_as_one(pair)}; {relu} makes two layers of them"


# ---- pairs that save work: a factorisation


def _is_deliberate(pair: Pair) -> bool:
    """Whether the pair is a known way to save weights: narrow in the middle, by groups or by axes."""
    return _is_narrow(pair) or _is_grouped(pair.maker) or _is_grouped(pair.reader) or _is_separable(pair)


def _is_narrow(pair: Pair) -> bool:
    """A linear bottleneck, as MobileNetV2's: the middle is narrower than both ends.

    Channels count between two CONV, else all values.
    """
    shapes = (pair.maker.input, pair.maker.output, pair.reader.input, pair.reader.output)
    arriving, made, read, leaving = (shape for shape in shapes if shape is not None)
    if pair.maker.kind is Conv and pair.reader.kind is Conv:
        return made.channels < min(arriving.channels, leaving.channels)
    if not all(map(is_known, shapes)):
        return True  # nobody knows
    return read.numel < min(arriving.numel, leaving.numel)


def _is_grouped(node: LayerNode) -> bool:
    """Depthwise, then pointwise: neither alone mixes both space and channels."""
    return isinstance(node.layer, Conv) and node.layer.groups > 1


def _is_separable(pair: Pair) -> bool:
    """A 3×1 kernel, then a 1×3 one."""
    first, last = pair.maker.layer, pair.reader.layer
    if not (isinstance(first, Conv) and isinstance(last, Conv)) or max(first.kernel) == 1:
        return False
    return max(last.kernel) > 1 and all(
        min(pair) == 1 for pair in zip(first.kernel, last.kernel, strict=True)
    )


# ---- the one layer that does what both do


def _as_one(pair: Pair) -> str:
    """What one layer can do that the two do: the same, or the same but for the border."""
    first, last = pair.maker.layer, pair.reader.layer
    if isinstance(last, FC) and pair.reader.output is not None and pair.reader.output.rank == 0:
        return f"one FC({last.outputs}) computes the same"  # it sees all, so it can hold what is before it
    sizes_known = is_known(pair.maker.input) and is_known(pair.reader.input)
    if isinstance(first, Conv) and isinstance(last, Conv) and sizes_known and pair.through <= _CHANNELWISE:
        return _as_conv(pair, first, last)
    return "one linear layer could do the same"


def _as_conv(pair: Pair, first: Conv, last: Conv) -> str:
    """The joint convolution. Padding before the second one is not what the first one makes of padding."""
    inner, outer = last.pads(known(pair.reader)[1]), first.pads(known(pair.maker)[1])
    stride = tuple(a * b for a, b in zip(first.stride, last.stride, strict=True))
    pads = tuple(
        Ends(a.before + s * b.before, a.after + s * b.after)
        for a, s, b in zip(outer, first.stride, inner, strict=True)
    )
    said = [str(last.filters), written(_joint_kernel(first, last))]
    said += [f"s={brief(stride)}"] if max(stride) > 1 else []
    said += [f"p={brief(pads)}"] if _any(pads) else []
    said += [f"pad_mode={first.pad_mode}"] if _any(outer) and first.pad_mode != "zeros" else []
    exact = not _any(inner) or (last.pad_mode == "zeros" and _keeps_zeros(first, outer, pair.through))
    return f"{'' if exact else 'but for the border, '}one CONV({', '.join(said)}) computes the same"


def _joint_kernel(first: Conv, last: Conv) -> tuple[int, ...]:
    """What a unit of the second convolution reads through the first one: two 3×3 make a 5×5."""
    own = map(spanned, first.kernel, first.dilation)
    further = map(spanned, last.kernel, last.dilation)
    return tuple(a + s * (b - 1) for a, s, b in zip(own, first.stride, further, strict=True))


def _keeps_zeros(layer: Conv, pads: Pads, through: frozenset[str]) -> bool:
    """Whether padding before the layer and padding behind it are the same: a 1×1 without a bias."""
    pointwise = max(layer.kernel) == max(layer.stride) == 1 and not _any(pads)
    return pointwise and not layer.bias and "BN" not in through


def _any(pads: Pads) -> bool:
    return any(map(any, pads))
