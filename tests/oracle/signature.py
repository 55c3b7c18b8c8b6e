"""The arguments of each kind: what may be given in its place, what by name only, and what is left out.

SIGNATURES["CONV"].positional == ("filters", "kernel")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Signature:
    positional: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    assumed: dict[str, Any] = field(default_factory=dict)


def _sig(
    *positional: str, letters: str = "", assumed: dict[str, Any] | None = None, **rest: Any
) -> Signature:
    defaults = {name.rstrip("_"): value for name, value in rest.items()}
    full = {"s": "stride", "p": "pad", "d": "dilation", "g": "groups", "k": positional[1] if letters else ""}
    return Signature(positional, defaults, {full[c]: c for c in letters}, assumed or {})


_NORM: dict[str, Any] = {"eps": 1e-5, "affine": True}
PLAIN = ("ReLU", "SELU", "SILU", "MISH", "RELU6", "HSWISH", "HSIGMOID", "SIGMOID", "TANH", "SOFTPLUS", "GELU",
         "SOFTMAX", "LOGSOFTMAX")  # fmt: skip

SIGNATURES: dict[str, Signature] = {
    "INPUT": _sig("shape"),
    "CONV": _sig("filters", "kernel", letters="kspdg", stride=1, pad=0, dilation=1, groups=1, bias=True,
                 pad_mode="zeros", from_=None, assumed={"filters": 64, "kernel": 3, "pad": 1}),
    "TCONV": _sig("filters", "kernel", letters="kspdg", stride=1, pad=0, output_pad=0, dilation=1, groups=1,
                  bias=True, from_=None),
    "POOL": _sig("op", "window", letters="kspd", op="max", stride=None, pad=0, dilation=1, ceil=False,
                 count_pad=True, assumed={"window": 2}),
    "GPOOL": _sig("op"),
    "GAP": _sig(),
    "APOOL": _sig("op", "size", op="avg"),
    "FC": _sig("outputs", bias=True, flatten=True, from_=None, assumed={"outputs": 256}),
    **{kind: _sig() for kind in PLAIN},
    "LEAKY": _sig("slope", slope=0.01),
    "PRELU": _sig(per_channel=False, init=0.25),
    "ELU": _sig("alpha", alpha=1.0),
    "CELU": _sig("alpha", alpha=1.0),
    "BN": _sig(momentum=0.1, **_NORM),
    "GN": _sig("groups", **_NORM),
    "LN": _sig(**_NORM),
    "INORM": _sig(eps=1e-5, momentum=0.1, affine=False),
    "LRN": _sig("size", size=5, alpha=1e-4, beta=0.75, k=1.0),
    "DROPOUT": _sig("probability", probability=0.5),
    "DROP2D": _sig("probability", probability=0.5),
    "DROPPATH": _sig("probability", probability=0.5),
    "FLATTEN": _sig(),
    "RESHAPE": _sig("shape"),
    "PERMUTE": _sig("order"),
    "SHUFFLE": _sig("groups"),
    "PIXELSHUFFLE": _sig("factor"),
    "UPSAMPLE": _sig("scale", "mode", mode="nearest", align=False),
    "PAD": _sig("pad", mode="zeros", value=0),
    "CROP": _sig("pad"),
    "SLICE": _sig("start", "stop"),
    "ID": _sig(),
    "SCALE": _sig(init=1.0),
}  # fmt: skip

KINDS = tuple(SIGNATURES)
