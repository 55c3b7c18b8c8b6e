"""Targets: `emit(report, "torch")` is the source of a generated file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.emit.options import PLAIN, Options

if TYPE_CHECKING:
    from cnndsl.api import Report


def emit(report: Report, target: str = "torch", options: Options = PLAIN) -> str:
    """The source text of a checked file's networks for a target.

    Raises Located with a diagnostic where the target cannot express something.
    """
    from cnndsl.emit.torch import emit_torch

    return {"torch": emit_torch}[target](report, options).text
