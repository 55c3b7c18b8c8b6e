"""The layer kinds: what holds of each whatever the target.

>>> str(bind(find_kind("conv"), 2, [96, 11], {"s": 4}))
'CONV(96, 11x11, s=4)'
"""

from cnndsl.layers.activation import (
    Celu,
    Elu,
    Gelu,
    HSigmoid,
    HSwish,
    Leaky,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Tanh,
)
from cnndsl.layers.base import Elementwise, Field, Layer, Weightless, within_limits, written
from cnndsl.layers.basic import Identity, Input, Scale
from cnndsl.layers.bind import bind, made, name_arguments, usage
from cnndsl.layers.conv import Conv, TConv
from cnndsl.layers.dense import FC
from cnndsl.layers.hyper import REQUIRED, Hyper, hyper
from cnndsl.layers.noise import DropChannels, Dropout, DropPath
from cnndsl.layers.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from cnndsl.layers.pool import APool, Gap, GPool, Pool
from cnndsl.layers.reach import Reach
from cnndsl.layers.rearrange import Flatten, Permute, PixelShuffle, Reshape, Shuffle, Slice
from cnndsl.layers.resize import Crop, Pad, Upsample
from cnndsl.layers.windows import Windowed

_ALL: tuple[type[Layer], ...] = (
    *(Input, Conv, TConv, Pool, GPool, Gap, APool, FC),
    *(ReLU, Leaky, PReLU, Elu, Selu, Celu, Gelu, Silu, Mish, ReLU6, HSwish, HSigmoid),
    *(Sigmoid, Tanh, Softplus, Softmax, LogSoftmax),
    *(BatchNorm, GroupNorm, LayerNorm, InstanceNorm, LocalResponseNorm),
    *(Dropout, DropChannels, DropPath),
    *(Flatten, Reshape, Permute, Shuffle, PixelShuffle, Upsample, Pad, Crop, Slice),
    *(Identity, Scale),
)

#: Every kind by its name in capitals.
KINDS: dict[str, type[Layer]] = {kind.kind.upper(): kind for kind in _ALL}

#: Further spellings, in capitals: LEAKYRELU for LEAKY.
ALIASES: dict[str, type[Layer]] = {name: kind for kind in _ALL for name in kind.aliases}

#: How the layers of PyTorch and Keras are called here.
ELSEWHERE = {
    "LINEAR": "FC",
    "DENSE": "FC",
    "CONVOLUTION": "CONV",
    "CONVTRANSPOSE": "TCONV",
    "DECONV": "TCONV",
    "MAXPOOL": "POOL(max, …)",
    "MAXPOOLING": "POOL(max, …)",
    "AVGPOOL": "POOL(avg, …)",
    "AVERAGEPOOLING": "POOL(avg, …)",
    "MINPOOL": "POOL(min, …)",
    "ADAPTIVEAVGPOOL": "APOOL(avg, …)",
    "ADAPTIVEMAXPOOL": "APOOL(max, …)",
    "GLOBALAVERAGEPOOLING": "GAP",
    "GLOBALAVGPOOL": "GAP",
    "GLOBALMAXPOOLING": "GPOOL(max)",
    "BATCHNORMALIZATION": "BN",
    "LAYERNORMALIZATION": "LN",
    "LOCALRESPONSENORM": "LRN",
    "SPATIALDROPOUT": "DROP2D",
    "ZEROPAD": "PAD",
    "REFLECTIONPAD": "PAD(…, mode=reflect)",
    "UPSAMPLING": "UPSAMPLE",
    "CHANNELSHUFFLE": "SHUFFLE",
    "UNFLATTEN": "RESHAPE",
}


def find_kind(name: str) -> type[Layer] | None:
    """The kind of that name, in any case: `conv`, `LeakyReLU`; None if there is none."""
    capitals = name.upper()
    return KINDS.get(capitals) or ALIASES.get(capitals)


def called_here(name: str) -> str | None:
    """What a layer of PyTorch or Keras is called here: `MaxPool2d` is `POOL(max, …)`."""
    capitals = name.upper()
    plain = capitals[:-2] if capitals.endswith(("1D", "2D", "3D")) else capitals
    kind = find_kind(plain)
    return kind.kind if kind else ELSEWHERE.get(plain)


__all__ = [
    "ALIASES",
    "FC",
    "KINDS",
    "REQUIRED",
    "APool",
    "BatchNorm",
    "Celu",
    "Conv",
    "Crop",
    "DropChannels",
    "DropPath",
    "Dropout",
    "Elementwise",
    "Elu",
    "Field",
    "Flatten",
    "GPool",
    "Gap",
    "Gelu",
    "GroupNorm",
    "HSigmoid",
    "HSwish",
    "Hyper",
    "Identity",
    "Input",
    "InstanceNorm",
    "Layer",
    "LayerNorm",
    "Leaky",
    "LocalResponseNorm",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "Pad",
    "Permute",
    "PixelShuffle",
    "Pool",
    "ReLU",
    "ReLU6",
    "Reach",
    "Reshape",
    "Scale",
    "Selu",
    "Shuffle",
    "Sigmoid",
    "Silu",
    "Slice",
    "Softmax",
    "Softplus",
    "TConv",
    "Tanh",
    "Upsample",
    "Weightless",
    "Windowed",
    "bind",
    "called_here",
    "find_kind",
    "hyper",
    "made",
    "name_arguments",
    "usage",
    "within_limits",
    "written",
]
