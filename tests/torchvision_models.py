"""torchvision's networks as they are built, for a CPU build of PyTorch as well.

    from torchvision_models import build
    build("torchvision.models.resnet18()")

torchvision is imported for its networks alone. Its wheel may have been built for another PyTorch, whose
operators it then cannot bring: their schemas are enough for the import.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import nn

#: Operators that torchvision asks for on import.
SCHEMAS = [f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor" for name in ("nms", "qnms")]

#: Definitions last as long as this.
LIBRARY: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]


def _imported() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses what it would read pictures with
        try:
            import torchvision
        except RuntimeError as error:
            if "torchvision::nms does not exist" not in str(error):
                raise
            for name in [one for one in sys.modules if one.partition(".")[0] == "torchvision"]:
                del sys.modules[name]
            for schema in SCHEMAS:
                LIBRARY.define(schema)
            import torchvision
    return torchvision


def build(call: str) -> nn.Module:
    """The network that a call builds, its weights random."""
    torch.manual_seed(0)
    built: nn.Module = eval(call, {"torchvision": _imported()})  # noqa: S307 - a call of our fixtures
    return built
