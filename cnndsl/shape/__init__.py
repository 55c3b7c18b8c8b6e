"""Shapes as the lecture writes them: `96@55x55`, channels first, and a plain number for a vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any, NoReturn

#: An extent, a channel count or a hyperparameter above this is an error: no framework holds it.
MAX_SIZE = 2**31 - 1

#: The letters of a map's axes, by its rank: 1D, 2D, 3D.
AXIS_LETTERS = {0: "", 1: "L", 2: "HW", 3: "DHW"}


#: `@dataclass` would take longer to load than a shape takes in a whole check.
_set = object.__setattr__


class Shape:
    """`Shape(96, (55, 55))` is `96@55x55`; `Shape(9216)` is a vector of 9216 values.

    The batch axis is left out. Extents are ordered as PyTorch has them: (L), (H, W), (D, H, W).
    Where the input's are names, `3@HxW`, a size may be a closed form (`cnndsl.shape.size.Size`): it behaves
    as an int does, but has no order. Rules that refuse a size ask `below` and `differ`.
    """

    __slots__ = ("channels", "extents")
    channels: int
    extents: tuple[int, ...]

    def __init__(self, channels: int, extents: tuple[int, ...] = ()) -> None:
        _set(self, "channels", channels)
        _set(self, "extents", extents)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Shape is frozen")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shape):
            return NotImplemented
        return self.channels == other.channels and self.extents == other.extents

    def __hash__(self) -> int:
        return hash((self.channels, self.extents))

    def __reduce__(self) -> tuple[type[Shape], tuple[int, tuple[int, ...]]]:
        return Shape, (self.channels, self.extents)

    def __repr__(self) -> str:
        return f"Shape({self.channels!r}, {self.extents!r})"

    @property
    def rank(self) -> int:
        """0 for a vector, else the number of axes that windows slide over."""
        return len(self.extents)

    @property
    def numel(self) -> int:
        return self.channels * prod(self.extents)

    @property
    def factors(self) -> str:
        """The product that a flatten forms: `256·6·6`."""
        return "·".join(map(bracketed, (self.channels, *self.extents)))

    @property
    def closed(self) -> bool:
        """Whether all its sizes are numbers."""
        return type(self.channels) is int and all(type(extent) is int for extent in self.extents)

    @property
    def unknown(self) -> bool:
        """Whether an error has left one of its sizes unknown."""
        return any(isinstance(size, Symbolic) and size.unknown for size in (self.channels, *self.extents))

    def __str__(self) -> str:
        if self.channels == 0:
            return "nothing"
        if not self.extents:
            return str(self.channels)
        return f"{bracketed(self.channels)}@{'x'.join(map(bracketed, self.extents))}"


def bracketed(size: int) -> str:
    """A size as a factor: a closed form that is a sum stands in parentheses."""
    return f"({size})" if getattr(size, "compound", False) else str(size)


class Symbolic:
    """The base of closed forms: `cnndsl.shape.size` is loaded only where there are some."""

    __slots__ = ()

    @property
    def unknown(self) -> bool:
        """Whether an error has left it unknown."""
        raise NotImplementedError

    @property
    def domain(self) -> Any:
        """Where that is kept which is required of its extents; None where it is unknown."""
        raise NotImplementedError

    def text(self, number: Callable[[int], str] = str) -> str:
        """The closed form, or `?`; `number` prints its numbers."""
        raise NotImplementedError


def unknown_size() -> int:
    """A size that an error has left unknown. What depends on it is unknown as well."""
    from cnndsl.shape.size import UNKNOWN

    size: Any = UNKNOWN
    found: int = size
    return found


class OpenSize(Exception):
    """A number is needed where there is a closed form."""

    def __init__(self, size: Any) -> None:
        super().__init__(str(size))
        self.size = size


def below(size: int, limit: int) -> bool:
    """Whether a rule must refuse `size` since it is less than `limit`.

    Of a closed form it need not: that the size is at least so much is required of the input.
    """
    if type(size) is int and type(limit) is int:
        return size < limit
    return _impossible((size - limit, "≥"))


def differ(size: int, other: int) -> bool:
    """Whether a rule must refuse two sizes since they differ; of closed forms, see `below`."""
    if type(size) is int and type(other) is int:
        return size != other
    return _impossible((size - other, "="))


def all_ones(sizes: Iterable[int]) -> bool:
    """Whether a rule must refuse sizes since all of them are 1; of closed forms, see `below`."""
    return _impossible(*((size - 1, "≠") for size in sizes))


def no_gate(sizes: Iterable[int], scaled: Iterable[int]) -> bool:
    """Whether a rule must refuse to scale a map by one that is neither as large nor all ones."""
    found = [*zip(sizes, scaled, strict=True)]
    each = [(one - other, size - 1) for one, other in found for size, _ in found]
    refused = [_impossible((difference, "="), (rest, "=")) for difference, rest in each]
    return any(refused)


def _impossible(*relations: tuple[int, str]) -> bool:
    """Whether none of the relations to 0 can hold; else one of them is required of the input."""
    open_ = [(size, sign) for size, sign in relations if type(size) is not int]
    if any(_HOLDS[sign](size) for size, sign in relations if type(size) is int) or not open_:
        return not open_ and not any(_HOLDS[sign](size) for size, sign in relations)
    if not any(size.unknown for size, _ in open_):  # type: ignore[attr-defined]
        open_[0][0].domain.require(*open_)  # type: ignore[attr-defined]
    return False


_HOLDS: dict[str, Callable[[int], bool]] = {
    "≥": lambda size: size >= 0,
    "=": lambda size: size == 0,
    "≠": lambda size: size != 0,
}


#: What arrives where nothing does: at the start of a chain, in a parameter of the net.
NOTHING = Shape(0)
