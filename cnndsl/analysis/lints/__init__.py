"""Lints: what PyTorch lets pass silently, and a teacher would not.

>>> [found.code for found in lint(network)]
['unread-pixels']

A lint is a function from a survey of the network to its findings. On by default is what stays
silent on the well-known networks; the others are `pedantic`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cnndsl.analysis.lints.linear import linear_pair
from cnndsl.analysis.lints.loss import softmax_before_loss
from cnndsl.analysis.lints.norms import bn_single_value
from cnndsl.analysis.lints.saturation import vanishing_gradients
from cnndsl.analysis.lints.survey import Survey
from cnndsl.analysis.lints.windows import pool_remainder, stride_skips, unread_pixels, wide_padding
from cnndsl.diagnostics import Diagnostic
from cnndsl.network import Network

#: What looks for a code's findings.
Look = Callable[[Survey], Iterable[Diagnostic]]

LINTS: dict[str, Look] = {
    "unread-pixels": unread_pixels,
    "pool-remainder": pool_remainder,
    "bn-single-value": bn_single_value,
    "linear-pair": linear_pair,
    "softmax-before-loss": softmax_before_loss,
    "vanishing-gradients": vanishing_gradients,
    "stride-skips": stride_skips,
    "wide-padding": wide_padding,
}


def lint(network: Network, *, pedantic: bool = False) -> list[Diagnostic]:
    """What there is to say of a network, each finding once, however many copies share its text."""
    survey = Survey(network)
    found: dict[tuple[str, int, int], Diagnostic] = {}
    for code, look in _chosen(pedantic):
        for diagnostic in look(survey):
            found.setdefault((code, id(diagnostic.span.source), diagnostic.span.start), diagnostic)
    return list(found.values())


def _chosen(pedantic: bool) -> Iterator[tuple[str, Look]]:
    yield from LINTS.items()
    if pedantic:
        from cnndsl.analysis.lints.pedantic import PEDANTIC

        yield from PEDANTIC.items()
