"""What several kinds require of the channels that arrive, and what is said where it does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd, isqrt
from types import MappingProxyType

from cnndsl.diagnostics import Change, Problem
from cnndsl.layers.base import Habit
from cnndsl.layers.readers import Pads
from cnndsl.shape import Shape, below, differ

#: A call that is longer is not told twice in one line.
MAX_CALL = 34
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


def need_channels(claim: int | None, x: Shape) -> None:
    """Raises Problem unless the claim `from=3` about the arriving channels holds."""
    if claim is not None and differ(x.channels, claim):
        raise Problem(
            "input-claim",
            f"{arriving(x.channels)}, you claim {claim}",
            f"write from={x.channels}, or leave it out: the channels are found",
            at="from",
            changes=(Change(f"claim {x.channels}", {"from": str(x.channels)}),),
        )


def arriving(channels: int) -> str:
    """`1 channel arrives`, `64 channels arrive`."""
    return "1 channel arrives" if channels == 1 else f"{channels} channels arrive"


def from_first(
    call: str, claim: str, *, found: bool, safe: bool = True, names: Mapping[str, str] = _NO_NAMES
) -> Habit:
    """For PyTorch's order, which begins with what arrives: that is kept as a claim unless it is `found` so.

    `call` is what is written, without the last parenthesis; `names` are names for what follows.
    """
    long = len(call) > MAX_CALL
    both = f"Write {call}), or {call}, from={claim}) to have the {claim} checked"
    if long:
        both = f"Leave the {claim} out, or write from={claim} to have it checked"
    kept: dict[str, str | None] = {"#0": None} if found else {"#0": None, "from": claim}
    title = f"write {call})" if found else f"write {call}, from={claim})"
    if long:
        title = f"leave the {claim} out" if found else f"write from={claim} for the {claim}"
    return Habit(f"in PyTorch's order? {both}", (Change(title, kept, names, safe=safe),))


def need_divisible(number: int, groups: int, what: str, word: str, shared: int = 0) -> None:
    """Raises Problem unless `number` splits evenly: "69 filters are not divisible by g = 4".

    `shared` must split as well.
    """
    if not differ(number % groups, 0):
        return
    what = what.replace("s are", " is") if number == 1 else what
    raise Problem(
        "groups",
        f"{number} {what} not divisible by {word} = {groups}",
        f"{_nearest(number, groups)}; {_divisors(number, groups)}",
        at="groups",
        changes=tuple(_regrouped(number, groups, what, word, gcd(number, shared))),
    )


def _nearest(number: int, groups: int) -> str:
    """`nearest: 68 and 72`; of too few it is said how many there must be."""
    multiples = _nearest_multiples(number, groups)
    if len(multiples) == 1:
        return f"{groups} groups need {groups} channels or a multiple"
    return f"nearest: {' and '.join(map(str, multiples))}"


def _nearest_multiples(number: int, groups: int) -> list[int]:
    below = number // groups * groups
    return [below, below + groups] if below else [groups]


def _divisors(number: int, groups: int) -> str:
    legal = _most_groups(number, groups)
    return f"{number} splits into {legal} group{'s' if legal > 1 else ''}"


def _most_groups(number: int, groups: int) -> int:
    """The nearest group count below that would do."""
    small = (divisor for divisor in range(1, isqrt(number) + 1) if number % divisor == 0)
    return max(one for divisor in small for one in (divisor, number // divisor) if one <= groups)


def _regrouped(number: int, groups: int, what: str, word: str, common: int) -> Iterator[Change]:
    """Other filters, nearest first; or as many groups as all channels split into."""
    if what.startswith("filter"):
        for near in sorted(_nearest_multiples(number, groups), key=lambda one: abs(one - number)):
            yield Change(f"make it {near} filters", {"filters": str(near)})
    legal = _most_groups(common, groups)
    if legal > 1:
        yield Change(f"make it {legal} groups", {"groups": str(legal)})


def need_features(claim: int | None, x: Shape, flatten: bool) -> None:
    """Raises Problem unless the claim `from=9216` about the values that arrive at an FC holds."""
    features = x.numel if flatten or not x.rank else x.extents[-1]
    if claim is None or not differ(features, claim):
        return
    message, hint = _features_message(claim, x, flatten), _features_hint(claim, x, flatten)
    raise Problem(
        "input-claim", message, *hint, at="from", changes=_features_change(claim, x, flatten, features)
    )


def _features_change(claim: int, x: Shape, flatten: bool, features: int) -> tuple[Change, ...]:
    right = Change(f"claim {features}", {"from": str(features)})
    if x.rank and not flatten and claim == x.numel:
        return (Change("flatten the map", {"flatten": None}), right)
    return (right,)


def _features_message(claim: int, x: Shape, flatten: bool) -> str:
    if not x.rank:
        return f"{x.channels} values arrive, you claim {claim}"
    if not flatten:
        return f"the last axis of {x} has {x.extents[-1]} values, you claim {claim}"
    return f"the flatten is {x.numel} = {x.factors}, you claim {factored(claim, x)}"


def _features_hint(claim: int, x: Shape, flatten: bool) -> tuple[str, ...]:
    if x.rank and not flatten and claim == x.numel:
        return ("with flatten=no FC works on the last axis alone; leave it out to flatten the map",)
    if x.rank and flatten and claim == x.extents[-1]:
        linear = f"{claim} is the last axis alone, which PyTorch's Linear would read"
        return (f"{linear}; FC flattens the whole map, unless flatten=no",)
    if x.rank and flatten and claim == x.channels:
        return (f"{claim} are the channels alone; a GAP before the FC leaves these",)
    return ("leave `from` out: the size is found; or check the input's size and the layers before",)


def factored(claim: int, x: Shape) -> str:
    """`9216 = 256·6·6`: a claimed flatten as the arriving channels times a map, where it divides."""
    pixels, rest = divmod(claim, x.channels)
    if rest or not pixels:
        return str(claim)
    side = round(pixels ** (1 / x.rank))
    if side**x.rank == pixels:
        return f"{claim} = {'·'.join(map(str, (x.channels, *(side,) * x.rank)))}"
    return f"{claim} = {x.channels}·{pixels}"


#: Modes of padding that repeat pixels of the map: there must be so many.
_BORROWING = ("reflect", "circular")


def most_border(mode: str, x: Shape) -> int | None:
    """The greatest padding that the map has pixels for; None where padding needs none."""
    if mode not in _BORROWING or not x.closed:
        return None
    return min(x.extents) - (mode == "reflect")


def need_border(mode: str, x: Shape, pads: Pads, at: str) -> None:
    """Raises Problem where a border repeats more of the map than there is."""
    for extent, pair in zip(x.extents, pads, strict=True) if mode in _BORROWING else ():
        most = extent - (mode == "reflect")
        if any(below(most, side) for side in pair):
            raise Problem(
                "argument-value",
                f"{mode} padding by {max(pair)} needs more than the {extent} pixels that arrive",
                f"it can pad by at most {most} here; replicate and zeros have no limit",
                at=at,
                changes=(Change(f"pad by {most}", {at: str(most)}),)
                if type(most) is int and most > 0
                else (),
            )
