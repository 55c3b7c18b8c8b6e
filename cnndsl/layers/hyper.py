"""How a kind declares its hyperparameters, and frozen records made of them.

>>> class Fc(Layer):
...     outputs: int = hyper(count, positional=True)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, dataclass_transform

#: The default of a hyperparameter that must be given.
REQUIRED: Any = object()

#: Turns a written value into what a layer holds: (value, rank, name of the argument).
Reader = Callable[[Any, int, str], Any]


class Hyper:
    """A hyperparameter as it may be written.

    `read(value, rank, name)` turns the language's value into what the layer holds, for a map of
    `rank` axes, and raises Problem where it cannot; it is applied to the default as well, unless
    that is None (not given). `words` are the bare words among its values. A positional
    hyperparameter with `leading` set may be left out by one who writes the next one first:
    `POOL(2)` for `POOL(max, 2)`.
    """

    name: str  # as it is written; `from`, say
    field: str  # the attribute that holds it; `from_`, say

    def __init__(
        self,
        read: Reader,
        default: Any = REQUIRED,
        *,
        letter: str = "",
        positional: bool = False,
        leading: bool = False,
        words: tuple[str, ...] = (),
    ) -> None:
        self.read = read
        self.default = default
        self.letter = letter
        self.positional = positional
        self.leading = leading
        self.words = words or getattr(read, "words", ())
        self._assumed: dict[int, Any] = {}

    def __set_name__(self, owner: type, field: str) -> None:
        self.field = field
        self.name = field.rstrip("_")

    @property
    def short(self) -> str:
        """The name as the slides print it: `s` for stride, else the full name."""
        return self.letter or self.name

    def value(self, written: Any, rank: int) -> Any:
        """What the layer holds for a written value."""
        return None if written is None else self.read(written, rank, self.name)

    def assumed(self, rank: int) -> Any:
        """What the layer holds where nothing is written; read once for each rank."""
        if rank not in self._assumed:
            self._assumed[rank] = self.value(self.default, rank)
        return self._assumed[rank]


def hyper(read: Reader, default: Any = REQUIRED, **how: Any) -> Any:
    """A field that declares a hyperparameter: `stride: … = hyper(window, 1, letter="s")`."""
    return Hyper(read, default, **how)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(hyper,))
class Record:
    """A frozen dataclass of `rank` and hyperparameters, without generated code.

    `@dataclass` compiles four methods for each class; for forty kinds that takes longer than all
    the rest of the program's start. Here the classes share one set of methods.
    """

    _hypers: ClassVar[dict[str, Hyper]] = {}
    _spellings: ClassVar[dict[str, Hyper]] = {}
    _fields: ClassVar[tuple[str, ...]] = ("rank",)

    def __init_subclass__(cls) -> None:
        own = {value.name: value for value in vars(cls).values() if isinstance(value, Hyper)}
        if own:
            cls._hypers = cls._hypers | own
            cls._spellings = {
                word: spec for spec in cls._hypers.values() for word in (spec.letter, spec.name) if word
            }
            cls._fields = ("rank", *(spec.field for spec in cls._hypers.values()))

    def __init__(self, **values: Any) -> None:
        if values.keys() != set(self._fields):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._fields)}")
        self.__dict__.update((name, values[name]) for name in self._fields)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"
