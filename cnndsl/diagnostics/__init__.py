"""What is wrong, where, and what would be right: values, never prints."""

from cnndsl.diagnostics.catalogue import CATALOGUE, Code
from cnndsl.diagnostics.diagnostic import (
    Change,
    Diagnostic,
    Edit,
    Fix,
    Label,
    Problem,
    Severity,
    edited,
    located,
    moved,
)
from cnndsl.diagnostics.suggest import did_you_mean

__all__ = [
    "CATALOGUE",
    "Change",
    "Code",
    "Diagnostic",
    "Edit",
    "Fix",
    "Label",
    "Problem",
    "Severity",
    "did_you_mean",
    "edited",
    "located",
    "moved",
]
