"""Arguments as PyTorch and Keras have them: their names, their order, and what needs none here."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics import Change
from cnndsl.layers.base import Elementwise, Habit, Layer, written
from cnndsl.layers.claims import from_first
from cnndsl.shape import NOTHING, Shape
from cnndsl.values import Axes

#: Arguments as PyTorch and Keras call them, where the edit distance would not find ours.
_ELSEWHERE = {
    "padding": "pad",
    "kernel_size": "kernel window size",
    "pool_size": "window",
    "strides": "stride",
    "in_channels": "from",
    "in_features": "from",
    "out": "filters outputs",
    "out_channels": "filters",
    "out_features": "outputs",
    "units": "outputs",
    "output_padding": "output_pad",
    "padding_mode": "pad_mode",
    "num_groups": "groups",
    "use_bias": "bias",
    "negative_slope": "slope",
    "ceil_mode": "ceil",
    "count_include_pad": "count_pad",
    "scale_factor": "scale",
    "align_corners": "align",
    "output_size": "size",
    "upscale_factor": "factor",
    "rate": "probability",
    "p": "probability pad",
}

#: Arguments elsewhere that say nothing of the network.
IDLE = ("inplace", "device", "dtype", "name")

#: Arguments elsewhere with a value that says what holds here anyway, and how.
_ANYWAY = {
    "SOFTMAX": ("dim", 1, "it is over the channels"),
    "LOGSOFTMAX": ("dim", 1, "it is over the channels"),
    "FLATTEN": ("start_dim", 1, "it flattens the whole map"),
}


def as_here(kind: type[Layer], word: str, value: Any) -> Habit | None:
    """For `Softmax(dim=1)` and `Flatten(1)`; `word` is "" for an argument by position."""
    name, usual, here = _ANYWAY.get(kind.kind, ("", 0, ""))
    if not name or word.lower() not in ("", name):
        return None
    change = Change("leave it out", {word or "#0": None}, safe=type(value) is int and value == usual)
    return Habit(f"{here}: write {kind.kind}", (change,) if type(value) is int else ())


def activated(word: str, kind: type[Layer], value: Any) -> Habit | None:
    """For Keras' `Dense(10, activation="relu")`: the activation is a layer of its own."""
    from cnndsl.layers import find_kind

    if word.lower() != "activation":
        return None
    if isinstance(value, str) and value.lower() in ("linear", "none"):
        return Habit(
            "a layer has no activation of its own", (Change("leave it out", {word: None}, safe=True),)
        )
    found = value if isinstance(value, type) else find_kind(value) if isinstance(value, str) else None
    if found is None or not issubclass(found, Elementwise):
        return Habit(f"an activation is a layer of its own: {kind.kind}(…) → ReLU")
    change = Change(f"put {found.kind} behind it", {word: None}, after=found.kind, safe=True)
    return Habit(f"an activation is a layer of its own: {kind.kind}(…) → {found.kind}", (change,))


def meant(word: str, kind: type[Layer]) -> list[str]:
    """The arguments that PyTorch's or Keras' name for one can mean: `padding` is `pad`."""
    return [name for name in _ELSEWHERE.get(word.lower(), "").split() if name in kind.hypers()]


def plain(value: Any) -> str:
    """A value as it is written, where that is short: `3`, `3x3`, `same`."""
    short = isinstance(value, (int, float, Axes)) or (isinstance(value, str) and len(value) < 20)
    return written(value) if short else "…"


def torch_order(kind: type[Layer], positional: list[Any], named: dict[str, Any], x: Shape) -> Habit | None:
    """For `CONV(3, 64, kernel_size=3)`: by position PyTorch has what arrives, and then the filters."""
    names = {word: _called(word, kind) for word in named}
    twice = _twice(kind, positional, names)
    if not twice:
        return None
    first, *rest = positional
    found = first == _arriving(kind, x)
    grows = bool(rest) and type(rest[0]) is int and rest[0] > first
    places = [spec.name for spec in kind.hypers().values() if spec.positional]
    same = all(named[word] == positional[places.index(names[word])] for word in twice)
    foreign = any(word.lower() not in kind.spellings() for word in twice) and not same
    if not (found or grows or foreign):
        return None
    renamed = {word: name for word, name in names.items() if word.lower() not in kind.spellings()}
    by_name = [f"{renamed.get(word, word)}={plain(value)}" for word, value in named.items()]
    shown = [*map(plain, rest), *by_name]
    call = f"{kind.kind}({', '.join(shown)}"
    return from_first(call, str(first), found=found, safe=found + grows + foreign > 1, names=renamed)


def _twice(kind: type[Layer], positional: list[Any], names: dict[str, str]) -> list[str]:
    """The words for what is there by position as well, in our order; [] if that is not PyTorch's either."""
    if not positional or type(positional[0]) is not int or "from" not in kind.hypers():
        return []
    places = [spec.name for spec in kind.hypers().values() if spec.positional]
    theirs = [*places[: len(positional) - 1], *names.values()]
    if "from" in theirs or len({*theirs}) < len(theirs) or not {*places} <= {*theirs}:
        return []
    return [word for word, name in names.items() if name in places[: len(positional)]]


def _arriving(kind: type[Layer], x: Shape) -> int | None:
    """What arrives as PyTorch is told: values at an FC, else channels; None where it is not known."""
    size = x.numel if kind.kind == "FC" and x.closed else x.channels
    return size if x != NOTHING and type(size) is int else None


def _called(word: str, kind: type[Layer]) -> str:
    """The full name of an argument under any name for it; the word itself if it is none."""
    spec = kind.spellings().get(word.lower())
    return spec.name if spec else (meant(word, kind) or [word])[0]
