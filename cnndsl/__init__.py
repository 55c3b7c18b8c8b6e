"""cnndsl: an architecture language for convolutional networks, and its compiler.

>>> import cnndsl
>>> cnndsl.load("alexnet").totals.params
62378344
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnndsl import torch as torch
    from cnndsl.api import Report as Report
    from cnndsl.api import SpecError as SpecError
    from cnndsl.api import check as check
    from cnndsl.api import load as load
    from cnndsl.api import rows as rows
    from cnndsl.drawing import draw as draw
    from cnndsl.families import family as family
    from cnndsl.fixes import fix as fix
    from cnndsl.formatting import fmt as fmt

__version__ = "0.1.0"
__all__ = ["Report", "SpecError", "check", "draw", "family", "fix", "fmt", "load", "rows", "torch"]


#: Where a name of the API is defined, if not in cnndsl.api.
_ELSEWHERE = {
    "draw": "cnndsl.drawing",
    "family": "cnndsl.families",
    "fix": "cnndsl.fixes",
    "fmt": "cnndsl.formatting",
}


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext cnndsl` in a notebook: cells that start with `%%cnn` hold networks."""
    importlib.import_module("cnndsl.notebook").load_ipython_extension(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Offer the names of the API without importing it before it is asked for."""
    if name == "torch":
        return importlib.import_module("cnndsl.torch")
    if name in __all__:
        return getattr(importlib.import_module(_ELSEWHERE.get(name, "cnndsl.api")), name)
    raise AttributeError(f"module 'cnndsl' has no attribute {name!r}")
