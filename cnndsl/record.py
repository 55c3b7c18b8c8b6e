"""Records: dataclasses without generated code.

`@dataclass` compiles an `__init__` for each class. For the sixty classes that a check loads, that
takes longer than the check itself; here they share one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, dataclass_transform


class Fresh:
    """A default that is made anew for each record: `parts: list[Node] = fresh(factory=list)`."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def fresh(*, factory: Callable[[], Any]) -> Any:
    """A field whose default is `factory()`."""
    return Fresh(factory)


class _Fields:
    """Fields from annotations, the base's first; compared by identity."""

    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        own = [name for name, note in cls.__annotations__.items() if not note.startswith("ClassVar")]
        if "__annotations__" in vars(cls):
            cls._fields = (*cls._fields, *(name for name in own if name not in cls._fields))
            cls._defaults = cls._defaults | {name: vars(cls)[name] for name in own if name in vars(cls)}

    def __init__(self, *values: Any, **named: Any) -> None:
        store, fields = self.__dict__, self._fields
        store.update(zip(fields, values, strict=False))
        if len(values) != len(fields):
            self._complete(len(values), named)

    def _complete(self, given: int, named: dict[str, Any]) -> None:
        """Fields by name, and those at their defaults."""
        store, defaults, used = self.__dict__, self._defaults, 0
        for name in self._fields[given:]:
            if name in named:
                store[name] = named[name]
                used += 1
            elif name in defaults:
                default = defaults[name]
                store[name] = default.make() if isinstance(default, Fresh) else default
            else:
                raise TypeError(f"{type(self).__name__} needs {name}")
        if given > len(self._fields) or used < len(named):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._fields)}")

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={self.__dict__.get(name)!r}" for name in self._fields)
        return f"{type(self).__name__}({values})"


@dataclass_transform(eq_default=False, field_specifiers=(fresh,))
class Record(_Fields):
    """The base of records whose fields are given in order or by name."""


@dataclass_transform(eq_default=False, kw_only_default=True, field_specifiers=(fresh,))
class NamedRecord(_Fields):
    """The base of records whose fields are given by name."""

    _plain: ClassVar[dict[str, Any]] = {}
    _made: ClassVar[dict[str, Fresh]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._made = {name: one for name, one in cls._defaults.items() if isinstance(one, Fresh)}
        cls._plain = {name: one for name, one in cls._defaults.items() if name not in cls._made}

    def __init__(self, **named: Any) -> None:
        store = self.__dict__
        store.update(self._plain)
        store.update(named)
        for name, default in self._made.items():
            if name not in named:
                store[name] = default.make()
        if len(store) != len(self._fields):
            self._complete(0, named)  # says what is missing, or too much
