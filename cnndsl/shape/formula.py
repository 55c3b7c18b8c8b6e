"""Products of sizes that depend on the input's, and their sums: what a network costs in such a case.

>>> str(64 * 9 * h * w + 10)
'576·H·W + 10'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import gcd, prod
from typing import Any

from cnndsl.shape.size import ClosedForm, Extent, Size, signed

#: What sizes a number of times is multiplied by.
Factors = tuple[Size, ...]


class Formula(ClosedForm):
    """A sum of products of sizes: `864·H·W + 10`. Its factors are kept as they are, unexpanded."""

    compound = True

    def __init__(self, products: Mapping[Factors, int]) -> None:
        self.products = {factors: times for factors, times in products.items() if times}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.products == other.products

    def __hash__(self) -> int:
        return hash(frozenset(self.products.items()))

    def at(self, values: Mapping[str, int]) -> int:
        return sum(
            times * prod(factor.at(values) for factor in factors) for factors, times in self.products.items()
        )

    @property
    def extents(self) -> frozenset[Extent]:
        return frozenset().union(*(factor.extents for factors in self.products for factor in factors))

    def __add__(self, other: Any) -> Any:
        products = dict(self.products)
        for factors, times in formula(other).products.items():
            products[factors] = products.get(factors, 0) + times
        return _closed(products)

    def __mul__(self, other: Any) -> Any:
        products: dict[Factors, int] = {}
        for factors, times in self.products.items():
            for more, again in formula(other).products.items():
                key = tuple(sorted((*factors, *more), key=Size.closed_form))
                products[key] = products.get(key, 0) + times * again
        return _closed(products)

    def __floordiv__(self, divisor: Any) -> Any:
        if type(divisor) is not int or not divisor or any(t % divisor for t in self.products.values()):
            return self.no_number()
        return _closed({factors: times // divisor for factors, times in self.products.items()})

    __mod__ = ClosedForm.no_number

    def text(self, number: Callable[[int], str] = str) -> str:
        if self.unknown:
            return "?"
        return signed([(times, _product(factors, times, number)) for factors, times in self.products.items()])


def _product(factors: Factors, times: int, number: Callable[[int], str]) -> str:
    """`9 408·H₁·W₁`, without its sign."""
    shown = [f"({one.text(number)})" if one.compound else one.text(number) for one in factors]
    return "·".join([number(abs(times)), *shown] if abs(times) != 1 or not factors else shown)


def _closed(products: dict[Factors, int]) -> Any:
    """A formula; a size or a number where nothing is multiplied."""
    found = Formula(products)
    if any(len(factors) > 1 for factors in found.products):
        return found
    return sum(times * factors[0] if factors else times for factors, times in found.products.items())


def formula(value: Any) -> Formula:
    """An int or a size as a sum of products; what all terms of a size share stands before it."""
    if isinstance(value, Formula):
        return value
    if isinstance(value, Size):
        shared = gcd(value.constant, *value.terms.values())
        if next(iter(value.terms.values())) < 0:
            shared = -shared
        terms = {atom: times // shared for atom, times in value.terms.items()}
        return Formula({(Size(terms, value.constant // shared),): shared})
    if type(value) is not int:
        raise TypeError(f"a formula times {value!r}")
    return Formula({(): value})
