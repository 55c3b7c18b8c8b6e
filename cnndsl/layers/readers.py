"""Readers: from a value of the language to what a layer holds, or a Problem that says what is legal.

Each takes (value, rank, name): `window(3, 2, "kernel")` is (3, 3).
"""

from __future__ import annotations

from math import prod
from typing import Any

from cnndsl.diagnostics import Change, Problem, did_you_mean
from cnndsl.layers.base import written
from cnndsl.shape import AXIS_LETTERS, MAX_SIZE, OpenSize, Shape, Symbolic, below
from cnndsl.values import Axes, Pair, Partial


def shown(value: Any) -> str:
    """A value as a message quotes it: `3x1`, "the word `same`", "the tuple (1, 2)"."""
    if isinstance(value, str):
        return f"the word `{value if len(value) <= 40 else value[:40] + '…'}`"
    if isinstance(value, type):
        return f"the layer kind {getattr(value, 'kind', value.__name__)}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (bool, int, Axes, Pair, Partial, Shape)):
        return written(value)
    if isinstance(value, tuple):
        return f"the tuple {_tuple(value)}"
    return f"a {type(value).__name__.lower()}"


def _tuple(value: tuple[Any, ...]) -> str:
    items = [_tuple(item) if type(item) is tuple else written(item) for item in value]
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def whole(value: Any, low: int, name: str) -> int:
    """A whole number from `low` up to what any framework can hold."""
    if isinstance(value, Symbolic):
        return _wanted(value, low)
    if isinstance(value, bool) or not isinstance(value, int):
        whole_float = isinstance(value, float) and value.is_integer() and abs(value) <= MAX_SIZE
        message = f"{name} must be a whole number, not {written(value) if whole_float else shown(value)}"
        raise Problem("argument-type", message, changes=(_write(str(int(value))),) if whole_float else ())
    if value < low:
        raise Problem("argument-value", f"{name} must be {low} or more, not {written(value)}")
    if value > MAX_SIZE:
        raise Problem("number-limit", f"{name} = {written(value)} is too large; {MAX_SIZE} is the limit")
    return value


def _write(text: str, *, safe: bool = True) -> Change:
    """What ought to stand for the value."""
    return Change(f"write {text}", text=text, safe=safe)


def _wanted(value: Symbolic, low: int) -> int:
    """A size that is being solved for; raises OpenSize for one that depends on the input's."""
    size: Any = value
    if not (value.domain and value.domain.solving):
        raise OpenSize(value)
    below(size, low)
    number: int = size
    return number


def count(value: Any, rank: int, name: str) -> int:
    """1 or more: filters, outputs, groups, a factor."""
    return whole(value, 1, name)


def features(value: Any, rank: int, name: str) -> int:
    """1 or more values; `512x7x7` and `512@7x7` are the map's size, and the values are their product."""
    sizes = (value.channels, *value.extents) if isinstance(value, (Shape, Partial)) else value
    several = isinstance(sizes, tuple) and len(sizes) > 1 and not isinstance(value, Pair)
    if not several or not all(type(size) is int and 0 < size <= MAX_SIZE for size in sizes):
        return whole(value, 1, name)
    number = prod(sizes)
    hint = f"{'·'.join(map(written, sizes))} = {number}"
    message = f"{name} is the number of values, not {shown(value)}"
    changes = (_write(str(number)),) if number <= MAX_SIZE else ()
    raise Problem("argument-type", message, hint, changes=changes)


def index(value: Any, rank: int, name: str) -> int:
    """0 or more: a channel's number."""
    return whole(value, 0, name)


def flag(value: Any, rank: int, name: str) -> bool:
    if isinstance(value, bool):
        return value
    changes = (_write("yes" if value else "no"),) if type(value) is int and value in (0, 1) else ()
    raise Problem("argument-type", f"{name} is `yes` or `no`, not {shown(value)}", changes=changes)


def number(value: Any, rank: int, name: str) -> float:
    """Any finite number."""
    if isinstance(value, Symbolic):
        raise OpenSize(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Problem("argument-type", f"{name} must be a number, not {shown(value)}")
    if not -1e308 < value < 1e308:
        raise Problem("number-limit", f"{name} must be a finite number")
    return float(value)


def positive(value: Any, rank: int, name: str) -> float:
    if number(value, rank, name) <= 0:
        raise Problem("argument-value", f"{name} must be more than 0, not {written(value)}")
    return float(value)


def not_negative(value: Any, rank: int, name: str) -> float:
    if number(value, rank, name) < 0:
        raise Problem("argument-value", f"{name} must be 0 or more, not {written(value)}")
    return float(value)


def not_zero(value: Any, rank: int, name: str) -> float:
    if number(value, rank, name) == 0:
        raise Problem("argument-value", f"{name} must not be 0: the activation divides by it")
    return float(value)


def probability(value: Any, rank: int, name: str) -> float:
    found = number(value, rank, name)
    if 0 <= found <= 1:
        return found
    percent = 1 < found <= 100
    hints = (f"{written(value)} % is {written(found / 100)}",) if percent else ()
    message = f"a probability lies between 0 and 1, not at {written(value)}"
    changes = (_write(written(found / 100), safe=found.is_integer() and found >= 10),) if percent else ()
    raise Problem("argument-value", message, *hints, changes=changes)


#: Words of other libraries for ours.
_SYNONYMS = {
    "average": "avg",
    "mean": "avg",
    "maximum": "max",
    "minimum": "min",
    "constant": "zeros",
    "edge": "replicate",
    "wrap": "circular",
    "cubic": "bicubic",
}


class Word:
    """One of some bare words, in any case: `Word("max", "avg", "min")`."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, value: Any, rank: int, name: str) -> str:
        if isinstance(value, str) and value.lower() in self.words:
            return value.lower()
        code = "argument-value" if isinstance(value, str) else "argument-type"
        near = self._near(value.lower()) if isinstance(value, str) else []
        hints = (f"did you mean {near[0]}?",) if near else ()
        changes = (_write(near[0], safe=value.lower() in _SYNONYMS),) if near else ()
        raise Problem(code, f"{name} is {self._legal()}, not {shown(value)}", *hints, changes=changes)

    def _near(self, word: str) -> list[str]:
        meant = _SYNONYMS.get(word, "")
        return [meant] if meant in self.words else did_you_mean(word, self.words)

    def _legal(self) -> str:
        return f"{', '.join(self.words[:-1])} or {self.words[-1]}"


def window(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """A number of 1 or more for each axis: `11x11`, or `11` for all of them."""
    return _per_axis(value, rank, name, 1)


def offsets(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """A number of 0 or more for each axis."""
    return _per_axis(value, rank, name, 0)


def _per_axis(value: Any, rank: int, name: str, low: int) -> tuple[int, ...]:
    items = value if isinstance(value, Axes) else (value,)
    if any(isinstance(item, Pair) for item in items):
        raise _with_stride(value, items, name)
    if isinstance(value, Axes):
        _need_axes(value, rank, name)
        return tuple(whole(item, low, name) for item in value)
    if type(value) is tuple:
        flat = bool(value) and all(type(item) is int for item in value)
        changes = (_write("x".join(map(written, value))),) if flat else ()
        message = f"{name} is written with an x, not as {shown(value)}"
        raise Problem("argument-type", message, changes=changes)
    # On a vector, which no window can slide over, the layer's own rule has the better message.
    return (whole(value, low, name),) * max(rank, 1)


def _with_stride(value: Any, items: tuple[Any, ...], name: str) -> Problem:
    """For the slides' `3x3:2`: a window of 3x3 with s=2."""
    message = f"{name} has no before and after, as {shown(value)} would say"
    *most, last = items
    if (
        name not in ("kernel", "window")
        or not isinstance(last, Pair)
        or any(type(one) is Pair for one in most)
    ):
        return Problem("argument-type", message)
    size, stride = "x".join(map(written, (*most, last.before))), written(last.after)
    hint = f"a window of {size} with a stride of {stride} is written {size}, s={stride}"
    change = Change(f"write {size}, s={stride}", {name: size, "stride": stride})
    return Problem("argument-type", message, hint, changes=(change,))


def _need_axes(value: Axes, rank: int, name: str) -> None:
    if rank in (0, len(value)):
        return
    letters = AXIS_LETTERS.get(rank, "")
    axes = "one axis" if rank == 1 else f"{rank} axes"
    alike = len(set(value)) == 1
    text = written(value[0] if alike else Axes(value[:-1]))
    hints = (f"write {text} for every axis",) if alike else ()
    if not alike and name == "kernel" and len(value) == rank + 1:
        hints = (f"a kernel spans all channels by itself: write {text}",)
    message = f"{name} = {shown(value)} has {len(value)} entries, but the map that arrives has {axes}"
    changes = (_write(text, safe=False),) if hints else ()
    raise Problem("argument-value", f"{message} ({', '.join(letters)})", *hints, changes=changes)


Pads = tuple[Pair, ...]


def padding(value: Any, rank: int, name: str) -> Pads:
    """Padding as pairs, one for each axis: `1`, `1x2`, `1:2` and `0:1x1:2`."""
    if isinstance(value, Axes):
        _need_axes(value, rank, name)
        return tuple(_pair(item, name) for item in value)
    if type(value) is tuple:
        readings = _readings(value, rank)
        hint = (", ".join(said for _, said in readings),) if readings else ()
        changes = tuple(_write(text, safe=len(readings) == 1) for text, _ in readings)
        raise Problem("argument-type", f"{name} is not written as {shown(value)}", *hint, changes=changes)
    if isinstance(value, str) and value.lower() == "same":
        raise Problem("argument-value", f"{name} = same is for CONV and POOL alone; give the numbers")
    return (_pair(value, name),) * max(rank, 1)


def padding_or_same(value: Any, rank: int, name: str) -> Pads | str:
    """Padding, or the word `same`: as many outputs as inputs, divided by the stride."""
    if not isinstance(value, str):
        return padding(value, rank, name)
    if value.lower() == "same":
        return "same"
    valid = value.lower() == "valid"
    hints = ("PyTorch's `valid` is p=0",) if valid else ()
    message = f"{name} is a number or `same`, not {shown(value)}"
    raise Problem("argument-value", message, *hints, changes=(_write("0"),) if valid else ())


def _pair(value: Any, name: str) -> Pair:
    if isinstance(value, Pair):
        return Pair(whole(value.before, 0, name), whole(value.after, 0, name))
    return Pair(whole(value, 0, name), whole(value, 0, name))


def _readings(value: tuple[Any, ...], rank: int) -> list[tuple[str, str]]:
    """What PyTorch's tuple of paddings can mean here: as it is written, and said."""
    if not value or not all(type(item) is int and 0 <= item <= MAX_SIZE for item in value):
        return []
    if len(value) == 2 * rank > 2:  # ZeroPad2d's order: last axis first
        pairs = [f"{value[at]}:{value[at + 1]}" for at in range(2 * rank - 2, -1, -2)]
        text = "x".join(pairs)
        return [(text, f"ZeroPad{rank}d's {_tuple(value)} is `{text}` here")]
    if len(set(value)) == 1 and len(value) == rank:
        return [(written(value[0]), f"`{written(value[0])}` pads each side of each axis")]
    readings = []
    if len(value) == rank:
        *most, last = [f"{letter} by {pad}" for letter, pad in zip(AXIS_LETTERS[rank], value, strict=True)]
        listed = f"{', '.join(most)} and {last}" if most else last
        text = "x".join(map(written, value))
        readings.append((text, f"`{text}` pads {listed}"))
    if len(value) == 2:
        text = f"{value[0]}:{value[1]}"
        readings.append((text, f"`{text}` pads {value[0]} before and {value[1]} after"))
    return readings


def partial_shape(value: Any, rank: int, name: str) -> Partial:
    """A shape with at most one open size: `256@4x4`, `4096`, `_@7x7`."""
    found = _as_partial(value, name)
    sizes = (found.channels, *found.extents)
    if len(found.extents) not in AXIS_LETTERS:
        raise Problem("rank", f"{written(found)} has {len(found.extents)} axes; maps have 1, 2 or 3")
    if sizes.count(None) > 1:
        raise Problem("hole", f"{written(found)} leaves more than one size open")
    for size in sizes:
        if size is not None:
            whole(size, 1, f"a size in {name}")
    return found


def _as_partial(value: Any, name: str) -> Partial:
    if isinstance(value, Shape):
        return Partial(value.channels, value.extents)
    if isinstance(value, Partial):
        return _turned(value.extents) if value.slide else value
    if isinstance(value, Axes):
        return _turned(tuple(whole(item, 1, f"a size in {name}") for item in value))
    if isinstance(value, (int, Symbolic)) and not isinstance(value, bool):
        return Partial(whole(value, 1, f"a size in {name}"), ())
    changes: tuple[Change, ...] = ()
    if _is_torch_shape(value):
        changes = (_write(f"{written(value[0])}@{'x'.join(map(written, value[1:]))}"),)
    raise Problem("argument-type", f"{name} is written 256@4x4 or 4096, not {shown(value)}", changes=changes)


def _is_torch_shape(value: Any) -> bool:
    return type(value) is tuple and len(value) > 1 and all(type(item) is int for item in value)


def _turned(sizes: tuple[int | None, ...]) -> Partial:
    """The one sensible reading of sizes without `@`: a size of 4 or less at one end is the channels."""
    first, last = Partial(sizes[0], sizes[1:]), Partial(sizes[-1], sizes[:-1])
    few_first, few_last = (end is not None and end <= 4 for end in (sizes[0], sizes[-1]))
    if len(sizes) == 1 or (few_first and not few_last):
        return first
    if few_last and not few_first:
        return last
    plain = written(Partial(None, sizes, slide=True))
    readings = [written(one) for one in (first, last)] if first != last else [f"1@{plain}"]
    hint = f"write {' or '.join(readings)}{' for one channel' if first == last else ''}"
    changes = tuple(_write(one, safe=False) for one in readings)
    message = f"{plain} does not say which are the channels"
    raise Problem("ambiguous-shape", message, hint, changes=changes)


def full_shape(value: Any, rank: int, name: str) -> Shape:
    """A shape without open sizes: `3@224x224`."""
    found = partial_shape(value, rank, name)
    extents = tuple(extent for extent in found.extents if extent is not None)
    if found.channels is None or len(extents) < len(found.extents):
        raise Problem("hole", f"{name} = {written(found)} leaves a size open, which must be given")
    return Shape(found.channels, extents)
