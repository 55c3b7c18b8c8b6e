"""Pairs the layers of a model with the entries of a `state_dict`, whose network is not there to be run.

The order of a `state_dict` is that in which the layers were made, which need not be that in which they
run. So shapes and names have to settle it: a pairing is taken if no other one fits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from torch import Tensor

from cnndsl.torch.fits import Assignment, assignments
from cnndsl.torch.names import Names
from cnndsl.torch.report import Sizes, StateError, entries, listed, sizes, split
from cnndsl.torch.watch import counts

Shapes = dict[str, Sizes]

#: The layers of one side by name, each with its tensors.
Layers = dict[str, Shapes]

#: How many layers, or groups of them, a message names.
MOST = 8

INSTEAD = (
    "pass the module that the weights belong to instead of its state_dict, for its run tells; "
    'or say it: names={"ours": "theirs", …}, with names of tensors, layers, or parts'
)


def pair_entries(
    ours: Shapes, reference: Mapping[str, Any], names: Names, *, in_order: bool = False
) -> Assignment:
    """The entry for each tensor of the model. `in_order`: what can be swapped is taken as it comes."""
    theirs = {name: tuple(tensor.shape) for name, tensor in _tensors(reference).items() if counts(tensor)}
    names.check(ours, theirs)
    found: Assignment = {}
    for stem, shapes in _parted(ours, names.ours).items():
        their_stem = names.named(stem)
        part = _parted(theirs, names.theirs).get(their_stem, {})
        found |= _pair_part(stem, shapes, their_stem, part, in_order)
    return found


def _tensors(reference: Mapping[str, Any]) -> dict[str, Tensor]:
    for name, value in reference.items():
        if isinstance(value, Mapping):
            raise StateError(f"this is a checkpoint that holds more than weights: try reference[{name!r}]")
        if not isinstance(value, Tensor) and not name.endswith("_extra_state"):
            raise StateError(
                f"`{name}` of the state_dict is of type {type(value).__name__}, no tensor: leave it out"
            )
    return {name: value for name, value in reference.items() if isinstance(value, Tensor)}


def _parted(shapes: Shapes, stem_of: Callable[[str], str]) -> dict[str, Shapes]:
    """The tensors under each of the caller's names, and under "" the others."""
    parts: dict[str, Shapes] = {"": {}}
    for name, shape in shapes.items():
        parts.setdefault(stem_of(name), {})[name] = shape
    return parts


def _pair_part(stem: str, ours: Shapes, their_stem: str, theirs: Shapes, in_order: bool) -> Assignment:
    """By name where all names are the same, else by shape, or by shape and order."""
    by_rest = {name[len(their_stem) :]: name for name in theirs}
    if {name[len(stem) :] for name in ours} == set(by_rest):
        found = {name: by_rest[name[len(stem) :]] for name in ours}
        _same_shapes(ours, theirs, found)
        return found
    return (_by_order if in_order else _by_shape)(_layers(ours), _layers(theirs))


def _same_shapes(ours: Shapes, theirs: Shapes, found: Assignment) -> None:
    for name, other in found.items():
        if not same(ours[name], theirs[other]):
            raise StateError(
                f"`{name}` is {sizes(ours[name])}, but `{other}` of the state_dict is {sizes(theirs[other])}"
            )


def same(ours: Sizes, theirs: Sizes) -> bool:
    """Whether two shapes are the same but for axes of extent 1: at the end, or around a vector."""
    short, long = sorted((ours, theirs), key=len)
    if (short and len(short) > 1) or len(short) == len(long):
        return long[: len(short)] == short and all(extent == 1 for extent in long[len(short) :])
    return [n for n in short if n != 1] == [n for n in long if n != 1]


def _layers(shapes: Shapes) -> Layers:
    layers: Layers = {}
    for name, shape in shapes.items():
        layers.setdefault(split(name)[0], {})[name] = shape
    return layers


def _by_shape(ours: Layers, theirs: Layers) -> Assignment:
    """The one pairing that fits: as long as some layer fits but one, the two are a pair.

    Where two layers of each side can be swapped, each of them fits more than one; and if only one
    pairing fits there is always such a layer.
    """
    ways = {mine: _fitting(shapes, theirs) for mine, shapes in ours.items()}
    _all_fit(ours, theirs, ways)
    found: Assignment = {}
    while ways:
        mine = min(ways, key=lambda name: len(ways[name]))
        if len(ways[mine]) != 1:
            raise StateError(_ambiguous(ours, theirs, ways))
        ((their, (pairs, *others)),) = ways.pop(mine).items()
        if others:
            raise StateError(_ambiguous_inside(ours[mine], theirs[their]))
        found |= pairs
        ways = {name: {key: one for key, one in fit.items() if key != their} for name, fit in ways.items()}
    return found


def _by_order(ours: Layers, theirs: Layers) -> Assignment:
    """The layers as they come, if all of them fit so: two networks were then made in the same order."""
    _all_fit(ours, theirs, {mine: _fitting(shapes, theirs) for mine, shapes in ours.items()})
    found: Assignment = {}
    for (mine, shapes), (their, others) in zip(ours.items(), theirs.items(), strict=True):
        ways = [*islice(assignments(shapes, others, same), 2)]
        if len(ways) != 1:
            place = (
                f"`{mine}` ({entries(shapes)}) comes where the state_dict has `{their}` ({entries(others)})"
            )
            raise StateError(f"the layers are not in the same order: {place}\n{INSTEAD}")
        found |= ways[0]
    return found


def _fitting(ours: Shapes, theirs: Layers) -> dict[str, list[Assignment]]:
    """Their layers that one of ours can be, each with the first two ways to pair their tensors."""
    ways = {name: list(islice(assignments(ours, shapes, same), 2)) for name, shapes in theirs.items()}
    return {name: found for name, found in ways.items() if found}


def _all_fit(ours: Layers, theirs: Layers, ways: Mapping[str, Mapping[str, object]]) -> None:
    """Refuse layers of one side that no layer of the other one fits, and other numbers of layers."""
    lonely = [name for name, fit in ways.items() if not fit]
    wanted = {their for fit in ways.values() for their in fit}
    spare = [name for name in theirs if name not in wanted]
    if not lonely and not spare and len(ours) == len(theirs):
        return
    told = [f"the model has {len(ours)} layers with weights, the state_dict {len(theirs)}"]
    told += [f"  nothing in the state_dict fits {_layer(name, ours)}" for name in lonely[:MOST]]
    told += [f"  nothing in the model fits {_layer(name, theirs)}" for name in spare[:MOST]]
    if spare and not lonely:
        kept = f"{{k: v for k, v in state.items() if not k.startswith({spare[0]!r})}}"
        told.append(f"leave out what does not run: {kept}")
    raise StateError("\n".join(told))


def _layer(name: str, layers: Layers) -> str:
    return f"`{name}` ({entries(layers[name])})"


def _ambiguous(ours: Layers, theirs: Layers, ways: Mapping[str, Mapping[str, object]]) -> str:
    """Which layers could be which."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, fitting in ways.items():
        groups.setdefault(tuple(fitting), []).append(name)
    told = ["layers of equal shapes can be swapped, and a state_dict does not tell in which order they run:"]
    for fit, mine in [*groups.items()][:MOST]:
        told += [f"  {entries(ours[mine[0]])}", f"    ours    {listed(mine)}", f"    theirs  {listed(fit)}"]
    told += [f"  and {len(groups) - MOST} more such groups"] if len(groups) > MOST else []
    order = "where all layers were made in the same order as here, in_order=True takes them so"
    return "\n".join([*told, f"{INSTEAD}; {order}"])


def _ambiguous_inside(ours: Shapes, theirs: Shapes) -> str:
    return f"which is which: {entries(ours)} of the model, {entries(theirs)} of the state_dict?\n{INSTEAD}"
