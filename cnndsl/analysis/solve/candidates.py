"""What may stand in a hole, the simplest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cnndsl.elaborate.holes import NeedsValue
from cnndsl.layers import Pool
from cnndsl.layers import readers as read
from cnndsl.layers.windows import spanned
from cnndsl.syntax import ast


class Bounds(NamedTuple):
    """How far a search goes: windows of at most `kernel`, strides of at most the window, padding of at
    most half of it, dilation of at most `dilation`."""

    kernel: int = 11
    dilation: int = 4

    def __str__(self) -> str:
        return f"kernels to {self.kernel}, s ≤ k, 2p ≤ k, d ≤ {self.dilation}"


class Candidate(NamedTuple):
    """A value, and how far it is from what one would expect."""

    value: Any
    cost: int


class Option(NamedTuple):
    """Values of holes, and how far they are from what one would expect.

    `alike` are further values of the same effect, so that they need not be walked.
    """

    values: dict[ast.Expr, Any]
    cost: int
    alike: tuple[Option, ...] = ()


#: Hyperparameters whose value is solved for as an unknown, since any number may stand there.
SIZES = {"filters", "outputs"}
#: What a division with a remainder costs: exact sizes are simpler.
REMAINDER = 10
_USUAL = (3, 5, 1, 7, 2, 9, 11, 4)


def candidates(missing: NeedsValue, bounds: Bounds) -> list[Candidate] | None:
    """The values that are tried; None where nothing bounds them."""
    spec, kind = missing.spec, missing.kind
    values = _values(missing, bounds)
    if values is None:
        return None
    return [Candidate(value, _cost(spec.name, kind.kind, value, missing)) for value in values]


def _values(missing: NeedsValue, bounds: Bounds) -> Iterable[Any] | None:
    spec, x = missing.spec, missing.x
    window = _window(missing)
    match spec.name:
        case "kernel" | "window" | "scale" | "factor":
            return range(1, bounds.kernel + 1)
        case "size" if missing.kind.kind == "APOOL":
            return range(1, (min(x.extents, default=1) if x.closed else bounds.kernel) + 1)
        case "stride":
            return range(1, window + 1)
        case "dilation":
            return range(1, bounds.dilation + 1)
        case "pad":
            return range(_most_padding(missing, window, bounds) + 1)
        case "output_pad":
            return range(_number(missing.named.get("stride")))
        case "groups":
            return _divisors(x.channels) if type(x.channels) is int else [1]
        case "from":
            return _arriving(missing)
    if spec.read is read.flag:
        return (spec.default, not spec.default)
    return sorted(spec.words, key=lambda word: word != spec.default) if spec.words else None


def _most_padding(missing: NeedsValue, window: int, bounds: Bounds) -> int:
    if missing.kind.kind in {"PAD", "CROP"}:
        return bounds.kernel
    dilated = 1 if missing.kind is Pool else _number(missing.named.get("dilation"))
    return spanned(window, dilated) // 2


def _window(missing: NeedsValue) -> int:
    """The longest side of the layer's window."""
    return _number(missing.named.get("kernel", missing.named.get("window")))


def _number(value: Any) -> int:
    """A hyperparameter's greatest number; 1 where it is not given."""
    if isinstance(value, tuple):
        return max(map(_number, value), default=1)
    return value if type(value) is int else 1


def _arriving(missing: NeedsValue) -> list[int]:
    """What `from=` can only claim."""
    flatten = missing.named.get("flatten", True)
    whole = missing.kind.kind == "FC" and (flatten or not missing.x.rank)
    size = (
        missing.x.numel
        if whole
        else missing.x.channels
        if missing.kind.kind != "FC"
        else missing.x.extents[-1]
    )
    return [size] if type(size) is int else []


def _divisors(number: int) -> list[int]:
    return [one for one in range(1, min(number, 4096) + 1) if number % one == 0]


def _cost(name: str, kind: str, value: Any, missing: NeedsValue) -> int:
    """0 for what one would write first."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0 if value == missing.spec.default else 2
    if name in {"kernel", "window"}:
        usual = (2, 3) if kind in {"POOL", "TCONV"} else _USUAL
        return usual.index(value) if value in usual else len(_USUAL) + value
    if name == "pad":
        same = spanned(_window(missing), _number(missing.named.get("dilation"))) - 1
        return 0 if not value else 1 if 2 * value == same else 3 + value
    if name == "stride":
        return value - 1
    return 4 * (value - 1) if name == "dilation" else value
