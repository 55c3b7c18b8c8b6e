"""Windows and padding as torch takes them, from what the language writes.

`padding(PairValue(0, 1), 2)` is one pair an axis; `same` computes the pairs that keep ceil(extent / stride).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F
from torch import Tensor

from oracle.values import AxesValue, DeliberateError, PairValue

if TYPE_CHECKING:
    from collections.abc import Iterable

Pairs = tuple[PairValue, ...]


def window(value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """One int an axis."""
    items = value.items if isinstance(value, AxesValue) else (value,) * rank
    if not all(isinstance(n, int) for n in items):
        raise DeliberateError("axes", f"{value} as a window")
    if len(items) != rank:
        raise DeliberateError("axes", f"{len(items)} entries for {rank} axes")
    if min(items) < least:
        raise DeliberateError("size", f"{min(items)} is less than {least}")
    return tuple(items)


def size(value: int) -> int:
    return window(value, 1)[0]


def padding(value: Any, rank: int) -> Pairs:
    """A pair of ends an axis, from `1`, `1:2`, `1x2` or `0:1x1:2`."""
    if (isinstance(value, tuple) and not isinstance(value, (PairValue, AxesValue))) or isinstance(value, str):
        raise DeliberateError("padding", f"{value!r} as padding")
    items = value.items if isinstance(value, AxesValue) else (value,) * rank
    if len(items) != rank:
        raise DeliberateError("axes", f"{len(items)} entries for {rank} axes")
    return tuple(n if isinstance(n, PairValue) else PairValue(n, n) for n in items)


def same(x: Tensor, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> Pairs:
    """The padding for ceil(extent / stride) pixels, the odd one after."""
    pairs = []
    for extent, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True):
        total = max(0, (math.ceil(extent / s) - 1) * s + d * (k - 1) + 1 - extent)
        pairs.append(PairValue(total // 2, total - total // 2))
    return tuple(pairs)


def symmetric(pairs: Pairs) -> bool:
    return all(before == after for before, after in pairs)


def torch_order(pairs: Iterable[PairValue]) -> list[int]:
    """F.pad wants the last axis first."""
    return [n for pair in reversed(list(pairs)) for n in pair]


_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def pad_tensor(x: Tensor, pairs: Pairs, mode: str, value: float = 0) -> Tensor:
    return F.pad(x, torch_order(pairs), _MODES[mode], value or None)
