"""Which tensors of two layers can stand for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod

from cnndsl.torch.report import Sizes, split

#: The tensors of one layer and those of the other that they stand for.
Assignment = dict[str, str]


def fits(ours: Sizes, theirs: Sizes) -> bool:
    """Whether one can be the other in another shape, its values in the same order.

    Axes of extent 1 may come and go: a Linear of (o, i) is a 1×1 convolution of (o, i, 1, 1), a scale
    of (C,) one of (C, 1, 1). A Linear of (o, C·H·W) is a convolution of (o, C, H, W) over the whole map.
    """
    if [n for n in ours if n != 1] == [n for n in theirs if n != 1]:
        return True
    return 2 in {len(ours), len(theirs)} and ours[:1] == theirs[:1] and prod(ours) == prod(theirs)


def assignments(
    ours: Mapping[str, Sizes], theirs: Mapping[str, Sizes], fit: Callable[[Sizes, Sizes], bool] = fits
) -> Iterator[Assignment]:
    """The ways to pair all tensors of two layers, the likeliest first: equal names leave but one."""
    if len(ours) != len(theirs):
        return
    by_leaf = {split(name)[1]: name for name in theirs}
    if {split(name)[1] for name in ours} == set(by_leaf):
        named = {name: by_leaf[split(name)[1]] for name in ours}
        if all(fit(shape, theirs[named[name]]) for name, shape in ours.items()):
            yield named
        return
    yield from _in_turn(list(ours.items()), dict(theirs), fit)


def _in_turn(
    ours: list[tuple[str, Sizes]], theirs: dict[str, Sizes], fit: Callable[[Sizes, Sizes], bool]
) -> Iterator[Assignment]:
    if not ours:
        yield {}
        return
    (name, shape), *others = ours
    for their, their_shape in theirs.items():
        if fit(shape, their_shape):
            rest = {key: value for key, value in theirs.items() if key != their}
            yield from ({name: their, **found} for found in _in_turn(others, rest, fit))
