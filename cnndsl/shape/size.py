"""Sizes that depend on the input's: exact closed forms in its named extents.

>>> domain = Domain()
>>> h = domain.extent("H")
>>> size = (h + 2 * 1 - 3) // 2 + 1
>>> str(size), size.at({"H": 224})
('⌊(H − 1)/2⌋ + 1', 112)

A `Size` behaves as an int does under `+ − · // %`. Nested roundings become one, by
⌊(⌊n/s⌋ + b)/t⌋ = ⌊(n + s·b)/(s·t)⌋, so the sizes of a CNN stay as short as ⌊(H + A)/S⌋ + B, and equal
closed forms compare equal. A comparison has no answer without the input: it raises OpenSize. Rules
that would refuse a size ask `below` and `differ` of `cnndsl.shape`, which keep what is required of the
input in its `Domain` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from math import gcd, lcm
from typing import Any, Literal, NamedTuple

from cnndsl.shape import OpenSize, Symbolic


class Relation(NamedTuple):
    """`size ≥ 0`, `size = 0` or `size ≠ 0`."""

    size: ClosedForm
    sign: Literal["≥", "=", "≠"]


class Requirement(NamedTuple):
    """One of the relations must hold; `place` is what asked for it."""

    either: tuple[Relation, ...]
    place: Any


class Domain:
    """The named extents of one input, and what is required of them."""

    def __init__(self) -> None:
        self.requirements: dict[tuple[Relation, ...], Requirement] = {}
        #: Whether its extents are unknowns that are solved for.
        self.solving = False
        #: What is being looked at, for requirements to name it.
        self.place: Any = None
        #: How many of the requirements, the first ones, are the main output's.
        self.main = 0
        #: Shorter names for sizes, under which they are printed.
        self.names: dict[Size, str] = {}
        #: An input in numbers, for messages that ask for one.
        self.example = "3@224x224"
        #: Sizes of weights, and others that a module keeps, which depend on the input.
        self.built_in: dict[Any, None] = {}

    def extent(self, name: str) -> Size:
        return Size({Extent(name, self): 1}, 0)

    def require(self, *relations: tuple[Any, Any]) -> None:
        """Require that one of the relations holds."""
        either = tuple(Relation(*relation) for relation in relations)
        self.requirements.setdefault(either, Requirement(either, self.place))


class Extent:
    """An extent of the input by name. `domain` is None where an error has left it unknown."""

    def __init__(self, name: str, domain: Domain | None) -> None:
        self.name, self.domain = name, domain

    def __eq__(self, other: object) -> bool:
        named = isinstance(other, Extent) and (self.name, self.domain) == (other.name, other.domain)
        return self is other or (named and self.domain is not None)

    def __hash__(self) -> int:
        return hash((self.name, id(self.domain)))

    def at(self, values: Mapping[str, int]) -> int:
        return values[self.name]

    #: After so many pixels more, its value has grown by so much.
    growth = (1, 1)


class Floor:
    """⌊inner/divisor⌋."""

    def __init__(self, inner: Size, divisor: int) -> None:
        self.inner, self.divisor = inner, divisor

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and self.divisor == other.divisor and self.inner == other.inner

    def __hash__(self) -> int:
        return hash((self.inner, self.divisor))

    def at(self, values: Mapping[str, int]) -> int:
        return self.inner.at(values) // self.divisor

    @cached_property
    def growth(self) -> tuple[int, int]:
        period, grown = self.inner.growth
        times = self.divisor // gcd(self.divisor, grown)
        return period * times, grown * times // self.divisor


Atom = Extent | Floor


class ClosedForm(Symbolic):
    """What sizes and formulas share: comparisons that have no answer, sums from both sides."""

    @property
    def extents(self) -> frozenset[Extent]:
        """The extents of the input on which it depends."""
        raise NotImplementedError

    @property
    def names(self) -> list[str]:
        return sorted({extent.name for extent in self.extents})

    @property
    def unknown(self) -> bool:
        """Whether an error has left it unknown."""
        return any(extent.domain is None for extent in self.extents)

    @property
    def domain(self) -> Domain | None:
        """The domain of its extents; None where it is unknown."""
        return None if self.unknown else next(iter(self.extents)).domain

    def at(self, values: Mapping[str, int]) -> int:
        """Its number where the input's extents are these."""
        raise NotImplementedError

    def no_number(self, *_: object) -> Any:
        raise OpenSize(self)

    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __int__ = __index__ = __float__ = no_number
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __rfloordiv__ = __rmod__ = __divmod__ = no_number

    def _itself(self, *_: object) -> Any:
        return self

    __floor__ = __ceil__ = __round__ = __trunc__ = _itself

    def __neg__(self) -> Any:
        return self * -1

    def __add__(self, other: Any) -> Any:
        raise NotImplementedError

    def __mul__(self, other: Any) -> Any:
        raise NotImplementedError

    def __radd__(self, other: Any) -> Any:
        return self + other

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __sub__(self, other: Any) -> Any:
        return self + other * -1

    def __rsub__(self, other: Any) -> Any:
        return self * -1 + other

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return self.text()


class Size(ClosedForm):
    """A sum of whole multiples of extents and of their roundings: `2·⌊H/2⌋ + 1`.

    Never a mere number: arithmetic that leaves no extent gives an int.
    """

    def __init__(self, terms: Mapping[Atom, int], constant: int) -> None:
        self.terms, self.constant = dict(terms), constant

    # ---- as a value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and (self.constant, self.terms) == (other.constant, other.terms)

    @cached_property
    def _hash(self) -> int:
        return hash((self.constant, frozenset(self.terms.items())))

    def __hash__(self) -> int:
        return self._hash

    def at(self, values: Mapping[str, int]) -> int:
        return self.constant + sum(times * atom.at(values) for atom, times in self.terms.items())

    @cached_property
    def extents(self) -> frozenset[Extent]:
        """The extents of the input on which it depends."""
        found: set[Extent] = set()
        for atom in self.terms:
            found |= {atom} if isinstance(atom, Extent) else atom.inner.extents
        return frozenset(found)

    @cached_property
    def growth(self) -> tuple[int, int]:
        """`(2, 1)`: 2 pixels more in every extent, and it is greater by 1, wherever it started."""
        period = lcm(*(atom.growth[0] for atom in self.terms))
        grown = sum(times * atom.growth[1] * (period // atom.growth[0]) for atom, times in self.terms.items())
        return period, grown

    @property
    def rising(self) -> bool:
        """Whether it never falls as the input grows."""
        return all(
            times > 0 and (isinstance(atom, Extent) or atom.inner.rising)
            for atom, times in self.terms.items()
        )

    # ---- arithmetic

    def __add__(self, other: Any) -> Any:
        if self is UNKNOWN or other is UNKNOWN:
            return UNKNOWN
        if isinstance(other, Size):
            terms = dict(self.terms)
            for atom, times in other.terms.items():
                terms[atom] = terms.get(atom, 0) + times
            return _sized(terms, self.constant + other.constant)
        if type(other) is int:
            return Size(self.terms, self.constant + other)
        return other + self if isinstance(other, ClosedForm) else self.no_number()

    def __mul__(self, other: Any) -> Any:
        if type(other) is int and self is UNKNOWN:
            return UNKNOWN
        if type(other) is int:
            return _sized({atom: times * other for atom, times in self.terms.items()}, self.constant * other)
        if isinstance(other, ClosedForm):
            from cnndsl.shape.formula import formula

            return formula(self) * other
        return self.no_number()

    def __floordiv__(self, divisor: Any) -> Any:
        if type(divisor) is not int or divisor < 1:
            return self.no_number()
        if self is UNKNOWN:
            return UNKNOWN
        if all(times < 0 for times in self.terms.values()):  # ⌊−n/d⌋ is −⌈n/d⌉
            return -((-self + (divisor - 1)) // divisor)
        whole = {atom: times // divisor for atom, times in self.terms.items()}
        rest = {atom: times % divisor for atom, times in self.terms.items() if times % divisor}
        steps = -(-self.constant // divisor)  # the remainder lies above −divisor, and at most at 0
        return _sized(whole, steps) + _rounded(rest, self.constant - steps * divisor, divisor)

    def __mod__(self, divisor: Any) -> Any:
        return self - self // divisor * divisor

    # ---- as text

    def text(self, number: Callable[[int], str] = str) -> str:
        """`⌊(H − 1)/2⌋ + 1`, as the lecture's (W + 2p − w)/s + 1 where it is one rounding."""
        if self.unknown:
            return "?"
        if name := self.name:
            return name
        return self.closed_form(number)

    @property
    def name(self) -> str:
        """Its name, if it has been given one."""
        domain = self.domain
        return domain.names.get(self, "") if domain else ""

    def closed_form(self, number: Callable[[int], str] = str) -> str:
        """Its text, whatever its name."""
        return signed(self._parts(number))

    def _parts(self, number: Callable[[int], str]) -> list[tuple[int, str]]:
        """What is added up, as text; each with a number of its sign."""
        constant, parts = self.constant, []
        for atom, times in sorted(self.terms.items(), key=lambda term: _order(term[0])):
            shown = atom.name if isinstance(atom, Extent) else ""
            if isinstance(atom, Floor):
                alone = len(self.terms) == 1 and times == 1 and (atom.inner.constant or constant)
                shift = constant - 1 if alone else 0
                constant -= shift
                shown = _floor(atom.inner + shift * atom.divisor, atom.divisor, number)
            parts.append((times, shown if abs(times) == 1 else f"{number(abs(times))}·{shown}"))
        return [*parts, (constant, number(abs(constant)))] if constant else parts

    @property
    def compound(self) -> bool:
        """Whether it needs parentheses as a factor."""
        return not self.unknown and not self.name and len(self._parts(str)) > 1


#: The size that an error has left unknown. What is computed from it is unknown as well, so that it
#: stays what it is under any number of layers.
UNKNOWN = Size({Extent("?", None): 1}, 0)


def _order(atom: Atom) -> tuple[str, int]:
    names = [atom.name] if isinstance(atom, Extent) else atom.inner.names
    return "".join(names), isinstance(atom, Floor)


def _floor(inner: Size, divisor: int, number: Callable[[int], str]) -> str:
    shown = inner.closed_form(number)
    return f"⌊({shown})/{number(divisor)}⌋" if inner.compound else f"⌊{shown}/{number(divisor)}⌋"


def _sized(terms: dict[Atom, int], constant: int) -> Any:
    kept = {atom: times for atom, times in terms.items() if times}
    return Size(kept, constant) if kept else constant


def _rounded(terms: dict[Atom, int], constant: int, divisor: int) -> Any:
    """⌊(terms + constant)/divisor⌋ in its shortest form."""
    if not terms:
        return constant // divisor
    shared = gcd(divisor, *terms.values())
    if shared > 1:
        terms = {atom: times // shared for atom, times in terms.items()}
        return _rounded(terms, constant // shared, divisor // shared)
    if divisor == 1:
        return _sized(terms, constant)
    (atom, times), *others = terms.items()
    if isinstance(atom, Floor) and times == 1 and not others:  # a rounding of a rounding
        return (atom.inner + constant * atom.divisor) // (atom.divisor * divisor)
    return Size({Floor(Size(terms, constant), divisor): 1}, 0)


#: Inputs that are tried to compare two sizes.
MAX_TRIED = 1024


def covers(one: Any, other: Any) -> bool:
    """Whether a size is never below another, for all inputs for which there are both."""
    difference = one - other
    if type(difference) is int or difference.growth[1] < 0:
        return type(difference) is int and difference >= 0
    if len(difference.names) != 1 or difference.growth[0] > MAX_TRIED:
        return False
    (name,), (period, _) = difference.names, difference.growth
    tried = [_compared(one, other, {name: extent}) for extent in range(1, MAX_TRIED + period)]
    # from an extent on for a whole period, it is so for good
    return all(sign is None or sign >= 0 for sign in tried) and None not in tried[MAX_TRIED - 1 :]


def _compared(one: Any, other: Any, values: Mapping[str, int]) -> int | None:
    """The difference of two sizes; None where there is none of one of them."""
    sizes = [size if type(size) is int else size.at(values) for size in (one, other)]
    return None if min(sizes) < 1 else sizes[0] - sizes[1]


def signed(parts: list[tuple[int, str]]) -> str:
    """Terms as a sum: `H − 2`; each with a number of its sign."""
    (first, text), *others = parts
    rest = "".join(f" {'−' if sign < 0 else '+'} {shown}" for sign, shown in others)
    return f"{'−' * (first < 0)}{text}{rest}"
