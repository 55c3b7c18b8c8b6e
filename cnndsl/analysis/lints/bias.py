"""A bias that the norm behind it takes off again."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.analysis.lints.edits import with_argument
from cnndsl.analysis.lints.pairs import Pair, Pairs
from cnndsl.analysis.lints.survey import Survey
from cnndsl.diagnostics import Diagnostic, Fix, Label
from cnndsl.layers import FC, BatchNorm, Conv, GroupNorm, Identity, InstanceNorm, TConv
from cnndsl.network import LayerNode


def bias_before_norm(survey: Survey) -> Iterator[Diagnostic]:
    """CONV(64, 3) → BN: BN subtracts each channel's mean, and with it the bias."""
    for pair in Pairs(survey, _role).found:
        maker, norm = pair.maker, pair.reader
        message = f"{norm.kind.kind} subtracts each channel's mean, and with it the bias of {maker.name}"
        wasted = maker.totals.biases
        hint = f"bias=no saves {wasted} parameter{'s' * (wasted != 1)} and changes nothing"
        labels = [Label(norm.span, "this norm takes it off")]
        yield survey.finding(
            "bias-before-norm", maker, f"{message}: wasted", hint, labels=labels, fixes=_fixes(survey, pair)
        )


def _fixes(survey: Survey, pair: Pair) -> list[Fix]:
    """Safe, unless counts are expected: the network computes the same without it."""
    edit = with_argument(pair.maker, "bias", "no") if survey.alone(pair.maker) else None
    return [Fix("write bias=no", (edit,), safe=not survey.network.program.expects)] if edit else []


def _role(node: LayerNode) -> tuple[bool, bool, bool]:
    return _cancels(node), _biased(node), node.kind is Identity


def _cancels(node: LayerNode) -> bool:
    """Whether a constant added to each channel makes no difference to the norm.

    To LN, and to GN with more than one channel a group, it does.
    """
    layer = node.layer
    if isinstance(layer, GroupNorm):
        return node.input is not None and layer.groups == node.input.channels
    if isinstance(layer, BatchNorm):
        return layer.momentum != 0  # running statistics that never move never learn the bias
    return isinstance(layer, InstanceNorm)


def _biased(node: LayerNode) -> bool:
    """Whether a bias is one constant per channel; that of FC(…, flatten=no) runs along the last axis."""
    layer = node.layer
    if isinstance(layer, FC):
        return layer.bias and node.output is not None and node.output.rank == 0
    return isinstance(layer, Conv | TConv) and layer.bias
