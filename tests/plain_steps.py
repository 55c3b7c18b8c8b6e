"""What modules compute in `forward` without a module: slices, chunks, permutations."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

#: What a layer may be written as.
PLAIN = {Tensor.permute, Tensor.__getitem__, Tensor.chunk, Tensor.split}


class PlainSteps(TorchFunctionMode):
    """Records the shapes, without the batch, of what such functions of the generated code give."""

    def __init__(self, ran: list[tuple[tuple[int, ...], int]]) -> None:
        super().__init__()
        self._ran = ran

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if func in PLAIN:
            parts = found if isinstance(found, tuple | list) else (found,)
            self._ran += [(tuple(part.shape[1:]), 0) for part in parts]
        return found
