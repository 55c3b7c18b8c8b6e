# mypy: no-warn-return-any
"""Networks beyond torchvision, written in PyTorch by hand after their papers: what the specs should be.

`REFERENCES` has the module and the shape that it takes, by spec and variant.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Shape = tuple[int, ...]


def conv(c: int, d: int, k: int, s: int = 1, g: int = 1, slope: float | None = 0.0) -> nn.Sequential:
    """A convolution that keeps the map's size, a norm, and (unless `slope` is None) an activation."""
    act = [] if slope is None else [nn.LeakyReLU(slope) if slope else nn.ReLU()]
    return nn.Sequential(nn.Conv2d(c, d, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(d), *act)


class UNet(nn.Module):
    def __init__(self, p: int) -> None:
        super().__init__()
        widths = (1, 64, 128, 256, 512, 1024)
        self.down = nn.ModuleList(self.twice(c, d, p) for c, d in pairwise(widths))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * c, c, 2, 2) for c in widths[4:0:-1])
        self.up = nn.ModuleList(self.twice(2 * c, c, p) for c in widths[4:0:-1])
        self.last = nn.Conv2d(64, 2, 1)

    @staticmethod
    def twice(c: int, d: int, p: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(c, d, 3, 1, p), nn.ReLU(), nn.Conv2d(d, d, 3, 1, p), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = skips.pop()
        for grow, up in zip(self.grow, self.up, strict=True):
            x, skip = grow(x), skips.pop()
            border = (skip.shape[-1] - x.shape[-1]) // 2
            inside = slice(border, skip.shape[-1] - border)
            x = up(torch.cat([skip[..., inside, inside], x], 1))
        return self.last(x)


def nin() -> nn.Sequential:
    def mlp(c: int, k: int, *widths: int) -> list[nn.Module]:
        parts: list[nn.Module] = []
        for d in widths:
            parts += [nn.Conv2d(c, d, k, padding=k // 2), nn.ReLU()]
            c, k = d, 1
        return parts

    return nn.Sequential(
        *(*mlp(3, 5, 192, 160, 96), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout()),
        *(*mlp(96, 5, 192, 192, 192), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout()),
        *(*mlp(192, 3, 192, 192, 10), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    )


def zfnet() -> nn.Sequential:
    def norm() -> list[nn.Module]:
        return [nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.LocalResponseNorm(5)]

    return nn.Sequential(
        *(nn.Conv2d(3, 96, 7, 2, 1), *norm(), nn.Conv2d(96, 256, 5, 2), *norm()),
        *(nn.Conv2d(256, 384, 3, 1, 1), nn.ReLU(), nn.Conv2d(384, 384, 3, 1, 1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten()),
        *(nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()),
        nn.Linear(4096, 1000),
    )


def darknet19() -> nn.Sequential:
    widths = (32, 0, 64, 0, 128, -64, 128, 0, 256, -128, 256, 0, 512, -256, 512, -256, 512, 0)
    parts: list[nn.Module] = []
    c = 3
    for d in (*widths, 1024, -512, 1024, -512, 1024):  # 0 is a pool, a negative one a window of 1×1
        parts.append(conv(c, abs(d), 1 if d < 0 else 3, slope=0.1) if d else nn.MaxPool2d(2))
        c = abs(d) or c
    return nn.Sequential(*parts, nn.Conv2d(1024, 1000, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Skip(nn.Module):
    def __init__(
        self, body: nn.Module, shortcut: nn.Module | None = None, after: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.body, self.shortcut, self.after = body, shortcut or nn.Identity(), after or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.body(x) + self.shortcut(x))


def darknet53() -> nn.Sequential:
    parts: list[nn.Module] = [conv(3, 32, 3, slope=0.1)]
    for d, n in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        parts.append(conv(d // 2, d, 3, 2, slope=0.1))
        parts += [
            Skip(nn.Sequential(conv(d, d // 2, 1, slope=0.1), conv(d // 2, d, 3, slope=0.1)))
            for _ in range(n)
        ]
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))


class Gate(nn.Module):
    def __init__(self, c: int) -> None:
        super().__init__()
        self.squeeze, self.excite = nn.Linear(c, c // 16), nn.Linear(c // 16, c)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.excite(F.relu(self.squeeze(x.mean((2, 3))))).sigmoid()
        return x * gate[:, :, None, None]


def se_resnet(counts: tuple[int, ...]) -> nn.Sequential:
    parts: list[nn.Module] = [conv(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)]
    c = 64
    for stage, n in enumerate(counts):
        w, s = 64 << stage, 1 if stage == 0 else 2
        for _ in range(n):
            body = (conv(c, w, 1), conv(w, w, 3, s), conv(w, 4 * w, 1, slope=None), Gate(4 * w))
            shortcut = conv(c, 4 * w, 1, s, slope=None) if (c, s) != (4 * w, 1) else None
            parts.append(Skip(nn.Sequential(*body), shortcut, nn.ReLU()))
            c, s = 4 * w, 1
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 1000))


def mobilenet_v1(width: float) -> nn.Sequential:
    rows = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    c = int(32 * width)
    parts: list[nn.Module] = [conv(3, c, 3, 2)]
    for d, s in rows:
        parts += [conv(c, c, 3, s, g=c), conv(c, int(d * width), 1)]
        c = int(d * width)
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 1000))


class FCN(nn.Module):
    """After Caffe's prototxt of the authors; `skips` earlier maps are scored as well."""

    def __init__(self, skips: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList()
        c, p = 3, 100
        for d, n in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            stage: list[nn.Module] = []
            for _ in range(n):
                stage += [nn.Conv2d(c, d, 3, 1, p), nn.ReLU()]
                c, p = d, 1
            self.stages.append(nn.Sequential(*stage, nn.MaxPool2d(2, ceil_mode=True)))
        self.head = nn.Sequential(
            *(
                nn.Conv2d(512, 4096, 7),
                nn.ReLU(),
                nn.Dropout(),
                nn.Conv2d(4096, 4096, 1),
                nn.ReLU(),
                nn.Dropout(),
            ),
            nn.Conv2d(4096, 21, 1),
        )
        self.scores = nn.ModuleList(nn.Conv2d(c, 21, 1) for c in (512, 256)[:skips])
        self.doubles = nn.ModuleList(nn.ConvTranspose2d(21, 21, 4, 2, bias=False) for _ in range(skips))
        s = 32 >> skips
        self.up = nn.ConvTranspose2d(21, 21, 2 * s, s, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        size, maps = x.shape[-1], []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        x = self.head(x)
        for double, score, finer, at in zip(
            self.doubles, self.scores, (maps[3], maps[2]), (5, 9), strict=False
        ):
            x = double(x)
            n = x.shape[-1]
            x = x + score(finer)[..., at : at + n, at : at + n]
        at = (19, 27, 31)[len(self.scores)]
        return self.up(x)[..., at : at + size, at : at + size]


def dcgan(width: int, k: int) -> nn.Sequential:
    """PyTorch's example for 512 and 4, the paper's figure for 1024 and 5."""
    p, more = (k - 1) // 2, k % 2
    parts: list[nn.Module] = [nn.ConvTranspose2d(100, width, 4, bias=False)]
    for c in (width, width // 2, width // 4):
        parts += [nn.BatchNorm2d(c), nn.ReLU(), nn.ConvTranspose2d(c, c // 2, k, 2, p, more, bias=False)]
    c = width // 8
    last = nn.ConvTranspose2d(c, 3, k, 2, p, more, bias=False)
    return nn.Sequential(*parts, nn.BatchNorm2d(c), nn.ReLU(), last, nn.Tanh())


class WaveNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(256, 32, 2)
        spans = [2**i for i in range(10)] * 3
        self.filters = nn.ModuleList(nn.Conv1d(32, 32, 2, dilation=d) for d in spans)
        self.gates = nn.ModuleList(nn.Conv1d(32, 32, 2, dilation=d) for d in spans)
        self.mixes = nn.ModuleList(nn.Conv1d(32, 32, 1) for _ in spans)
        self.last = nn.Sequential(nn.ReLU(), nn.Conv1d(32, 256, 1), nn.ReLU(), nn.Conv1d(256, 256, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(F.pad(x, (1, 0)))
        for number, (sound, gate, mix) in enumerate(zip(self.filters, self.gates, self.mixes, strict=True)):
            past = F.pad(x, (2 ** (number % 10), 0))
            x = x + mix(sound(past).tanh() * gate(past).sigmoid())
        return self.last(x)


def video(parted: bool) -> nn.Sequential:
    """R3D-18, or with its windows parted R(2+1)D-18."""

    def window(c: int, d: int, between: int, s: int) -> list[nn.Module]:
        if not parted:
            return [nn.Conv3d(c, d, 3, s, 1, bias=False)]
        space = nn.Conv3d(c, between, (1, 3, 3), (1, s, s), (0, 1, 1), bias=False)
        time = nn.Conv3d(between, d, (3, 1, 1), (s, 1, 1), (1, 0, 0), bias=False)
        return [space, nn.BatchNorm3d(between), nn.ReLU(), time]

    stem: list[nn.Module] = [nn.Conv3d(3, 64, (3, 7, 7), (1, 2, 2), (1, 3, 3), bias=False)]
    if parted:
        space = nn.Conv3d(3, 45, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False)
        stem = [space, nn.BatchNorm3d(45), nn.ReLU(), nn.Conv3d(45, 64, (3, 1, 1), 1, (1, 0, 0), bias=False)]
    parts = [*stem, nn.BatchNorm3d(64), nn.ReLU()]
    c = 64
    for d, s in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        between = 27 * c * d // (9 * c + 3 * d)
        body = [*window(c, d, between, s), nn.BatchNorm3d(d), nn.ReLU(), *window(d, d, between, 1)]
        shortcut = nn.Sequential(nn.Conv3d(c, d, 1, s, bias=False), nn.BatchNorm3d(d)) if c != d else None
        parts.append(Skip(nn.Sequential(*body, nn.BatchNorm3d(d)), shortcut, nn.ReLU()))
        c = d
    return nn.Sequential(*parts, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(512, 400))


class LeNet1998(nn.Module):
    """Table I of the paper: for each of the 16 maps, those of the 6 before that it sees."""

    SEES = (
        *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1)),
        *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2)),
        *((0, 1, 3, 4), (1, 2, 4, 5), (2, 3, 5, 0), (0, 1, 2, 3, 4, 5)),
    )

    def __init__(self) -> None:
        super().__init__()
        self.c1, self.s2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 6, 1, groups=6)
        self.c3 = nn.ModuleList(nn.Conv2d(len(seen), 1, 5) for seen in self.SEES)
        self.s4, self.c5 = nn.Conv2d(16, 16, 1, groups=16), nn.Conv2d(16, 120, 5)
        self.f6, self.rbf = nn.Linear(120, 84), nn.Linear(84, 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.s2(F.avg_pool2d(self.c1(x).tanh(), 2)).tanh()
        x = torch.cat([one(x[:, list(seen)]) for one, seen in zip(self.c3, self.SEES, strict=True)], 1).tanh()
        x = self.c5(self.s4(F.avg_pool2d(x, 2)).tanh()).tanh()
        return self.rbf(self.f6(x.flatten(1)).tanh())


REFERENCES: dict[tuple[str, str | None], tuple[Callable[[], nn.Module], Shape]] = {
    ("unet", "UNetValid"): (lambda: UNet(0), (1, 572, 572)),
    ("unet", "UNetPadded"): (lambda: UNet(1), (1, 512, 512)),
    ("nin", None): (nin, (3, 32, 32)),
    ("zfnet", None): (zfnet, (3, 224, 224)),
    ("darknet19", None): (darknet19, (3, 224, 224)),
    ("darknet53", None): (darknet53, (3, 256, 256)),
    ("se_resnet", "SEResNet50"): (lambda: se_resnet((3, 4, 6, 3)), (3, 224, 224)),
    ("se_resnet", "SEResNet101"): (lambda: se_resnet((3, 4, 23, 3)), (3, 224, 224)),
    ("se_resnet", "SEResNet152"): (lambda: se_resnet((3, 8, 36, 3)), (3, 224, 224)),
    ("mobilenet_v1", "MobileNet100"): (lambda: mobilenet_v1(1), (3, 224, 224)),
    ("mobilenet_v1", "MobileNet75"): (lambda: mobilenet_v1(0.75), (3, 224, 224)),
    ("mobilenet_v1", "MobileNet50"): (lambda: mobilenet_v1(0.5), (3, 224, 224)),
    ("mobilenet_v1", "MobileNet25"): (lambda: mobilenet_v1(0.25), (3, 224, 224)),
    ("fcn", "FCN32s"): (lambda: FCN(0), (3, 500, 500)),
    ("fcn", "FCN16s"): (lambda: FCN(1), (3, 500, 500)),
    ("fcn", "FCN8s"): (lambda: FCN(2), (3, 500, 500)),
    ("dcgan", "Generator"): (lambda: dcgan(1024, 5), (100, 1, 1)),
    ("dcgan", "GeneratorExample"): (lambda: dcgan(512, 4), (100, 1, 1)),
    ("wavenet", None): (WaveNet, (256, 16000)),
    ("r3d", "R3D18"): (lambda: video(parted=False), (3, 16, 112, 112)),
    ("r3d", "R2Plus1D18"): (lambda: video(parted=True), (3, 16, 112, 112)),
    ("lenet5_1998", None): (LeNet1998, (1, 32, 32)),
}
