"""Which inputs a network works for: `from 63x63`, `multiples of 32`.

The network is elaborated once more with names for the input's extents. What its layers require of
these (`cnndsl.shape.size.Domain`) is solved exactly, axis by axis.

>>> print(valid_inputs(network))
H and W from 63
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from math import isqrt
from typing import Any

from cnndsl.analysis.opened import Reopened, TooLarge, reopen
from cnndsl.analysis.periodic import ALL, NotWorkedOut, Sizes, solutions
from cnndsl.elaborate import elaborate
from cnndsl.layers import Input
from cnndsl.network import ChainNode, LabelNode, LayerNode, Network
from cnndsl.record import Record
from cnndsl.shape import AXIS_LETTERS, Shape
from cnndsl.shape.formula import Formula
from cnndsl.shape.size import Domain, Extent, Relation, Requirement, Size

#: Combinations of sets that are kept apart, ways to split a product that are tried, and its greatest value.
MAX_BOXES = 500
MAX_SPLITS = 1_000
MAX_PRODUCT = 10**12

#: Layers of a network that is elaborated once more.
MAX_LAYERS = 10_000

#: A set of extents for each named extent of the input.
Box = dict[str, Sizes]


class Inputs(Record):
    """The inputs that fit: those whose extents lie in one of the boxes, each in its set.

    `ties` are pairs of extents that must be equal, as height and width where axes are swapped.
    """

    names: tuple[str, ...]
    boxes: list[Box]
    ties: tuple[tuple[str, str], ...] = ()

    def __contains__(self, extents: Mapping[str, int]) -> bool:
        if any(extents[one] != extents[other] for one, other in self.ties):
            return False
        return any(all(extents[name] in box[name] for name in self.names) for box in self.boxes)

    @property
    def least(self) -> dict[str, int]:
        """The least input: the one with the fewest pixels, of which there must be one."""
        found = ({name: box[name].least for name in self.names} for box in self.boxes)
        return min(found, key=lambda extents: sorted(extents.values(), reverse=True))

    def nearest(self, extents: Mapping[str, int]) -> dict[str, int]:
        """The input nearest to one that does not fit; larger ones are preferred."""
        each = [self._nearest(box, extents) for box in self.boxes]
        return min(each, key=lambda found: sum(abs(found[name] - extents[name]) for name in self.names))

    def _nearest(self, box: Box, extents: Mapping[str, int]) -> dict[str, int]:
        found = {}
        for name in self.names:
            below, above = box[name].near(extents[name])
            found[name] = above if above is not None else below or 0
        for one, other in self.ties:
            found[other] = found[one]
        return found

    def __str__(self) -> str:
        return "; or ".join(map(self.told, self.boxes)) or "none"

    def told(self, box: Box) -> str:
        """`H and W from 63`, or each by itself."""
        texts = {name: str(box[name]) for name in self.names}
        if self.ties:
            tied = sorted({name for tie in self.ties for name in tie})
            rest = [_said(name, texts[name]) for name in self.names if name not in tied]
            return ", ".join([_said(" = ".join(tied), texts[tied[0]]), *rest])
        if len(set(texts.values())) == 1:
            return _said(" and ".join(self.names), texts[self.names[0]])
        return ", ".join(_said(name, text) for name, text in texts.items())


def _said(name: str, text: str) -> str:
    """`H from 63`, `H = 227 to 258`, `H: multiples of 32`."""
    if text[:1].isdecimal():
        return f"{name} = {text}"
    return f"{name} {text}" if text.startswith("from ") else f"{name}: {text}"


class Validity(Record):
    """Inputs for the main output alone, and with all outputs."""

    main: Inputs
    all: Inputs
    #: The network's own input, and the sizes in its module that depend on it.
    given: Shape
    built_in: tuple[Size | Formula, ...]

    @cached_property
    def fixed(self) -> Inputs | None:
        """The inputs for which the module is the one built for the network's own one."""
        if not self.given.closed:
            return None
        own = dict(zip(AXIS_LETTERS[self.given.rank], self.given.extents, strict=True))
        alike = [Requirement((Relation(size - size.at(own), "="),), None) for size in self.built_in]
        try:
            found = boxes(alike, self.all.names, self.all.boxes)
        except NotWorkedOut:
            return None
        near = sorted(found, key=lambda box: _distance(box, own))
        return Inputs(self.all.names, _tied(near, self.all.ties), self.all.ties)


def _distance(box: Box, extents: Mapping[str, int]) -> int:
    """How far the sets of a box lie below some extents."""
    return sum(abs((sizes.near(extents[name])[0] or 0) - extents[name]) for name, sizes in box.items())


def valid_inputs(network: Network) -> Validity | None:
    """The inputs for which a network checks; None where that cannot be told.

    Claims and expectations are about the network as written, so they are left out, as under
    `--input`; with named extents they count. `fixed` are the inputs that the module built for the
    network's own input accepts as well.
    """
    start = _input(network)
    given = start.output if start else None
    if start is None or given is None or not given.rank:
        return None
    if given.closed and network.domain:  # a further input is open: the two would have to fit each other
        return None
    if given.closed:
        domain, names = _opened(network, start, given), tuple(AXIS_LETTERS[given.rank])
    else:
        domain, names = network.domain if network.ok else None, _names(given, network.domain)
    try:
        return _validity(domain, given, names) if domain else None
    except NotWorkedOut:
        return None


def _input(network: Network) -> LayerNode | None:
    """The main INPUT."""
    node = network.main
    while isinstance(node, ChainNode | LabelNode):
        node = node.parts[0] if isinstance(node, ChainNode) else node.body
    return node if isinstance(node, LayerNode) and node.kind is Input else None


def _names(given: Shape, domain: Domain | None) -> tuple[str, ...]:
    """The names of the main input's extents, each once, and those of further inputs that must fit."""
    sizes: list[Any] = [size for size in given.extents if type(size) is not int]
    sizes += [relation.size for either in (domain.requirements if domain else ()) for relation in either]
    return tuple(dict.fromkeys(name for size in sizes for name in size.names))


def _opened(network: Network, start: LayerNode, given: Shape) -> Domain | None:
    """What the network requires of an input with names for its extents; None where that is not known."""
    domain = Domain()
    try:
        reopen(network, start, _named(given, domain), domain)
    except TooLarge:
        return None
    except Reopened:
        return required(network, given) if network.all_totals.layers <= MAX_LAYERS else None
    return domain


def _named(given: Shape, domain: Domain) -> Shape:
    """The shape with H and W for its extents."""
    extents: Any = tuple(domain.extent(letter) for letter in AXIS_LETTERS[given.rank])
    return Shape(given.channels, extents)


def required(network: Network, given: Shape) -> Domain | None:
    """As `reopen`, by elaboration: for any network; None where it has errors for an open input."""
    shape = _named(given, Domain())
    found = elaborate(
        network.program, network.variant, network.settings, strict=network.strict, input=shape, adapting=True
    )
    return found.domain if found.ok else None


def _validity(domain: Domain, given: Shape, names: tuple[str, ...]) -> Validity:
    requirements = [*domain.requirements.values()]
    main = _inputs(requirements[: domain.main], names)
    every = _inputs(requirements[domain.main :], names, main)
    return Validity(main, every, given, tuple(domain.built_in))


def _inputs(requirements: list[Requirement], names: tuple[str, ...], within: Inputs | None = None) -> Inputs:
    """The inputs that meet all requirements, those that tie extents among them; raises NotWorkedOut."""
    tied = [(one, tie) for one in requirements if (tie := _tie(one))]
    ties = dict.fromkeys((*(within.ties if within else ()), *(tie for _, tie in tied)))
    rest = [one for one in requirements if one not in {one for one, _ in tied}]
    found = boxes(rest, names, within.boxes if within else None)
    return Inputs(names, _tied(found, ties), tuple(ties))


def _tied(found: list[Box], ties: Iterable[tuple[str, str]]) -> list[Box]:
    """The boxes with one set for extents that must be equal."""
    for one, other in ties:
        found = [box | dict.fromkeys((one, other), box[one].both(box[other])) for box in found]
    return [box for box in found if not any(sizes.empty for sizes in box.values())]


def _tie(requirement: Requirement) -> tuple[str, str] | None:
    """The two extents that must be equal: of H − W = 0."""
    (relation, *others), size = requirement.either, requirement.either[0].size
    if others or relation.sign != "=" or not isinstance(size, Size) or size.constant or len(size.names) != 2:
        return None
    plain = all(isinstance(atom, Extent) for atom in size.terms) and not sum(size.terms.values())
    return (size.names[0], size.names[1]) if plain else None


def boxes(
    requirements: Iterable[Requirement], names: tuple[str, ...], within: list[Box] | None = None
) -> list[Box]:
    """The inputs that meet all requirements; raises NotWorkedOut."""
    found = within if within is not None else [dict.fromkeys(names, ALL)]
    for requirement in requirements:
        options = [box for relation in requirement.either for box in _boxes(relation)]
        met = (_both(box, option) for box in found for option in options)
        found = _apart([box for box in met if not any(sizes.empty for sizes in box.values())])
        if len(found) > MAX_BOXES:
            raise NotWorkedOut
    return found


def _apart(found: list[Box]) -> list[Box]:
    """The boxes without those that lie in another one."""
    kept: list[Box] = []
    for box in found:
        if not any(_within(box, other) for other in kept):
            kept = [*(other for other in kept if not _within(other, box)), box]
    return kept


def _within(box: Box, other: Box) -> bool:
    return all(sizes.within(other[name]) for name, sizes in box.items())


def _both(box: Box, other: Mapping[str, Sizes]) -> Box:
    return {name: sizes.both(other[name]) if name in other else sizes for name, sizes in box.items()}


def _boxes(relation: Relation) -> list[Box]:
    """The inputs for which a relation holds."""
    names = relation.size.names
    if len(names) == 1:
        return [{names[0]: solutions(relation)}]
    if not isinstance(relation.size, Formula) or relation.sign != "=":
        raise NotWorkedOut
    return [box for parts in _products(relation.size) for box in _each(parts)]


def _products(size: Formula) -> Iterator[list[tuple[Size, int]]]:
    """The ways in which a product of sizes, one for each extent, comes to a number: 36 = 4·9."""
    products = dict(size.products)
    wanted = -products.pop((), 0)
    ((factors, times),) = products.items() if len(products) == 1 else [((), 1)]
    if (
        not factors
        or any(len(factor.names) != 1 for factor in factors)
        or not 0 < wanted // times < MAX_PRODUCT
    ):
        raise NotWorkedOut
    if wanted % times == 0:
        for tried, numbers in enumerate(_factorisations(wanted // times, len(factors))):
            if tried == MAX_SPLITS:
                raise NotWorkedOut
            yield [*zip(factors, numbers, strict=True)]


def _factorisations(number: int, parts: int) -> Iterator[tuple[int, ...]]:
    """The ways to write a number as a product of so many."""
    small = [one for one in range(1, isqrt(number) + 1) if number % one == 0]
    return _split(number, parts, sorted({*small, *(number // one for one in small)}))


def _split(number: int, parts: int, divisors: list[int]) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (number,)
        return
    for first in divisors:
        if number % first == 0:
            for rest in _split(number // first, parts - 1, divisors):
                yield (first, *rest)


def _each(parts: list[tuple[Size, int]]) -> list[Box]:
    """The inputs for which each size is the number beside it."""
    box: Box = {}
    for size, number in parts:
        (name,) = size.names
        found = solutions(Relation(size - number, "="))
        box[name] = box[name].both(found) if name in box else found
    return [box]
