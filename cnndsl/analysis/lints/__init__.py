"""Lints: what PyTorch lets pass silently, and a teacher would not.

>>> [found.code for found in lint(network)]
['unread-pixels']

A lint is a function from a survey of the network to its findings. On by default is what stays
silent on the well-known networks; the others are `pedantic`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import NamedTuple

from cnndsl.analysis.lints.survey import Survey
from cnndsl.diagnostics import Diagnostic
from cnndsl.network import Network

#: What looks for a code's findings.
Look = Callable[[Survey], Iterable[Diagnostic]]


class Lint(NamedTuple):
    """Where a lint is, loaded only for networks that have one of the kinds that it is about."""

    module: str
    kinds: frozenset[str]
    pedantic: bool = False

    def look(self, code: str) -> Look:
        """The function, which is called as the code is."""
        found: Look = getattr(import_module(f"cnndsl.analysis.lints.{self.module}"), code.replace("-", "_"))
        return found


_WINDOWS, _LEARNT = frozenset({"CONV", "POOL"}), frozenset({"CONV", "TCONV", "FC"})

LINTS: dict[str, Lint] = {
    "unread-pixels": Lint("windows", _WINDOWS),
    "pool-remainder": Lint("windows", _WINDOWS),
    "bn-single-value": Lint("norms", frozenset({"BN"})),
    "linear-pair": Lint("linear", _LEARNT),
    "softmax-before-loss": Lint("loss", frozenset({"SOFTMAX"})),
    "vanishing-gradients": Lint("saturation", frozenset({"SIGMOID", "HSIGMOID", "TANH"})),
    "stride-skips": Lint("windows", _WINDOWS),
    "wide-padding": Lint("windows", _WINDOWS),
    "bias-before-norm": Lint("bias", _LEARNT, pedantic=True),
    "heavy-layer": Lint("costs", _LEARNT, pedantic=True),
    "small-receptive-field": Lint("sight", _WINDOWS, pedantic=True),
    "channel-alignment": Lint("costs", _LEARNT, pedantic=True),
}


def lint(network: Network, *, pedantic: bool = False) -> list[Diagnostic]:
    """What there is to say of a network, each finding once, however many copies share its text."""
    survey = Survey(network)
    kinds = {kind.kind for kind in survey.kinds}
    found: dict[tuple[str, int, int], Diagnostic] = {}
    for code, one in LINTS.items():
        if (one.pedantic and not pedantic) or kinds.isdisjoint(one.kinds):
            continue
        for diagnostic in one.look(code)(survey):
            found.setdefault((code, id(diagnostic.span.source), diagnostic.span.start), diagnostic)
    return list(found.values())
