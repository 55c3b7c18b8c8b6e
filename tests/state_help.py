"""Hand-written modules for the tests of `load_state`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnndsl.source import Source
from cnndsl.torch import module

IMAGE = torch.linspace(-1, 1, 3 * 12 * 12).reshape(1, 3, 12, 12)


def net(text: str) -> nn.Module:
    return module(Source("net.cnn", text))


class Written(nn.Module):
    """A module from its layers by name, and a function that runs them: `Written(run, conv=nn.Conv2d(…))`."""

    def __init__(self, run: Any, **layers: nn.Module | nn.Parameter | Tensor) -> None:
        super().__init__()
        for name, layer in layers.items():
            if isinstance(layer, Tensor) and not isinstance(layer, nn.Parameter):
                self.register_buffer(name, layer)
            else:
                setattr(self, name, layer)
        self.run = run

    def forward(self, *x: Tensor) -> Any:
        return self.run(self, *x)


def lenet() -> nn.Module:
    """LeNet as in PyTorch's tutorial: functions in `forward`, layers in whatever order."""

    def run(self: Any, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc3(F.relu(self.fc2(x)))  # type: ignore[no-any-return]

    return Written(
        run,
        fc3=nn.Linear(84, 10),
        fc1=nn.Linear(400, 120),
        fc2=nn.Linear(120, 84),
        conv1=nn.Conv2d(1, 6, 5),
        conv2=nn.Conv2d(6, 16, 5),
    )


LENET = """
INPUT(1@32x32) → CONV(6, 5) → ReLU → POOL(2) → CONV(16, 5) → ReLU → POOL(2)
→ FC(120) → ReLU → FC(84) → ReLU → FC(10)
"""


class Heads(nn.Module):
    """An auxiliary classifier that runs in training alone, as GoogLeNet's."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
        self.aux = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(400, 2))
        self.fc = nn.Linear(400, 2)

    def forward(self, x: Tensor) -> Any:
        x = self.stem(x)
        out = self.fc(x.flatten(1))
        return (out, self.aux(x)) if self.training else out
