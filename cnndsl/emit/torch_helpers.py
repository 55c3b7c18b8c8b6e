"""Modules that PyTorch lacks, as source for generated files.

They stand beside `import torch`, `from torch import Tensor, nn` and nothing of cnndsl.
"""

from __future__ import annotations

from collections.abc import Iterable

_MIN_POOL = '''
class MinPool(nn.Module):
    """A minimum pool, made of a maximum pool: min(x) = -max(-x)."""

    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        lowest: Tensor = -self.pool(-x)
        return lowest
'''

_CHANNEL_NORM = '''
class ChannelNorm(nn.LayerNorm):
    """Layer normalisation of the channels at each position of a map."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
'''

_DROP_PATH = '''
class DropPath(nn.Dropout):
    """Drops a sample's whole branch with probability `p` in training (stochastic depth)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * super().forward(x.new_ones(x.shape[0], *[1] * (x.dim() - 1)))
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
class Scale(nn.Module):
    """A learnt factor for each channel, `init` at first."""

    def __init__(self, channels: int, init: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), init))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight.view(-1, *[1] * (x.dim() - 2))
'''

_ROUND_TO = '''
def round_to(value: float, divisor: int) -> int:
    """The nearest multiple of the divisor, but no more than 10 % below the value."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded
'''

#: Each helper's source by its name, in the order in which files have them.
HELPERS: dict[str, str] = {
    "ChannelNorm": _CHANNEL_NORM.strip(),
    "DropPath": _DROP_PATH.strip(),
    "MinPool": _MIN_POOL.strip(),
    "Permute": _PERMUTE.strip(),
    "Scale": _SCALE.strip(),
    "Slice": _SLICE.strip(),
    "round_to": _ROUND_TO.strip(),
}

#: Names that a generated file imports or defines whatever the network.
OWN_NAMES = frozenset(["torch", "nn", "Tensor", "argparse", "math", "Callable", "MODELS", *HELPERS])


def helpers_used(expressions: Iterable[str]) -> list[str]:
    """The helpers that these expressions call: `MinPool(nn.MaxPool2d(2))` needs MinPool."""
    called = {expression.partition("(")[0] for expression in expressions}
    return [name for name in HELPERS if name in called]
