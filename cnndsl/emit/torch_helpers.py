"""Modules that PyTorch lacks, as source for generated files.

They stand beside `import torch`, `from torch import Tensor, nn` and nothing of cnndsl.
"""

from __future__ import annotations

from collections.abc import Iterable

_MIN_POOL = '''
class {name}(nn.{base}):
    """The smallest value of each window: min(x) = -max(-x)."""

    def forward(self, x: Tensor) -> Tensor:
        lowest: Tensor = -super().forward(-x)
        return lowest
'''

_LAYER_NORM = '''
class {name}(nn.LayerNorm):
    """Layer normalisation over the channels, at each position of a map."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute({last})).permute({first})
'''

_DROP_PATH = '''
class {name}(nn.Dropout):
    """Drops a sample's whole branch with probability `p` in training (stochastic depth)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * super().forward(x.new_ones({ones}))
'''

_PERMUTE = '''
class Permute(nn.Module):
    """Puts the axes into a new order; axis 0 is the batch."""

    def __init__(self, *axes: int) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.axes).contiguous()
'''

_SLICE = '''
class Slice(nn.Module):
    """The channels from `start` up to, but not including, `stop`."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start, self.stop = start, stop

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.start : self.stop]
'''

_SCALE = '''
class {name}(nn.Module):
    """A learnt factor for each channel, `init` at first."""

    def __init__(self, channels: int, init: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full(({shape}), init))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
'''

_ROUND_TO = '''
def round_to(value: float, divisor: int) -> int:
    """The nearest multiple of the divisor, but no more than 10 % below the value."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded
'''


def by_rank(name: str, rank: int) -> str:
    """A helper's name for maps of a rank: that for images is the plain one, others say theirs."""
    return name if rank == 2 else f"{name}{rank}d"


def _for_rank(rank: int) -> dict[str, str]:
    """The helpers for maps of one rank; of 0 for vectors."""
    ones = ", ".join(["x.shape[0]", *["1"] * (rank + 1)])
    shape = ", ".join(["channels", *["1"] * rank]) + "," * (rank == 0)
    axes = [str(axis) for axis in range(rank + 2)]
    last, first = ", ".join(["0", *axes[2:], "1"]), ", ".join(["0", axes[-1], *axes[1:-1]])
    found = {
        by_rank("DropPath", rank): _DROP_PATH.format(name=by_rank("DropPath", rank), ones=ones),
        by_rank("Scale", rank): _SCALE.format(name=by_rank("Scale", rank), shape=shape),
    }
    if rank:
        norm = f"LayerNorm{rank}d"
        found[norm] = _LAYER_NORM.format(name=norm, last=last, first=first)
        for pool in (f"Pool{rank}d", f"Adaptive{{}}Pool{rank}d"):
            base, name = (pool.format(op) if "{" in pool else f"{op}{pool}" for op in ("Max", "Min"))
            found[name] = _MIN_POOL.format(name=name, base=base)
    return found


#: Each helper's source by its name, in the order in which files have them.
HELPERS: dict[str, str] = {
    name: text.strip()
    for name, text in sorted(
        {
            **{name: text for rank in range(4) for name, text in _for_rank(rank).items()},
            "Permute": _PERMUTE,
            "Slice": _SLICE,
        }.items()
    )
} | {"round_to": _ROUND_TO.strip()}

#: Names that a generated file imports or defines whatever the network.
OWN_NAMES = frozenset(["torch", "nn", "Tensor", "argparse", "math", "Callable", "MODELS", *HELPERS])


def helpers_used(expressions: Iterable[str]) -> list[str]:
    """The helpers that these expressions call: `MinPool(nn.MaxPool2d(2))` needs MinPool."""
    called = {expression.partition("(")[0] for expression in expressions}
    return [name for name in HELPERS if name in called]
