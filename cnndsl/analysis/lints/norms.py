"""BN on single values."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnndsl.analysis.lints.survey import Survey, known
from cnndsl.diagnostics import Diagnostic
from cnndsl.layers import BatchNorm


def bn_single_value(survey: Survey) -> Iterator[Diagnostic]:
    """BN on 256@1x1: with a batch of one there is nothing to take the deviation of.

    On a vector, as behind FC, everybody knows that BN takes a batch: silent.
    """
    for node in survey.of(BatchNorm):
        _, x = known(node)
        if not x.rank or prod(x.extents) > 1:
            continue
        message = f"BN on {x} has one value a channel at batch 1: PyTorch refuses to train on it"
        ways = (
            f"use a batch of 2 or more (drop_last=True where the last one may be 1), or {_other(x.channels)}"
        )
        yield survey.finding("bn-single-value", node, message, ways)


def _other(channels: int) -> str:
    """The norm of a sample alone: groups of at least two channels."""
    groups = next((number for number in (32, 16, 8, 4, 2) if channels % number == 0 and channels > number), 1)
    return f"GN({groups})" if channels > 1 else "no norm here"
