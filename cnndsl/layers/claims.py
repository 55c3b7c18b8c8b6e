"""What several kinds require of the channels that arrive, and what is said where it does not hold."""

from __future__ import annotations

from math import isqrt

from cnndsl.diagnostics import Problem
from cnndsl.layers.readers import Pads
from cnndsl.shape import Shape


def need_channels(claim: int | None, x: Shape) -> None:
    """Raises Problem unless the claim `from=3` about the arriving channels holds."""
    if claim is not None and claim != x.channels:
        raise Problem(
            "input-claim",
            f"{_channels(x.channels)} {'arrives' if x.channels == 1 else 'arrive'}, you claim {claim}",
            f"write from={x.channels}, or leave it out: the channels are found",
            at="from",
        )


def _channels(number: int) -> str:
    return "1 channel" if number == 1 else f"{number} channels"


def need_divisible(number: int, groups: int, what: str, word: str) -> None:
    """Raises Problem unless `number` splits evenly: "69 filters are not divisible by g = 4"."""
    if number % groups == 0:
        return
    raise Problem(
        "groups",
        f"{number} {what} not divisible by {word} = {groups}",
        f"nearest: {_nearest_multiples(number, groups)}; {_divisors(number, groups)}",
        at="groups",
    )


def _nearest_multiples(number: int, groups: int) -> str:
    below = number // groups * groups
    return f"{below} and {below + groups}" if below else str(groups)


def _divisors(number: int, groups: int) -> str:
    """The nearest group count below that would do."""
    small = (divisor for divisor in range(1, isqrt(number) + 1) if number % divisor == 0)
    legal = max(one for divisor in small for one in (divisor, number // divisor) if one <= groups)
    return f"{number} splits into {legal} group{'s' if legal > 1 else ''}"


def need_features(claim: int | None, x: Shape, flatten: bool) -> None:
    """Raises Problem unless the claim `from=9216` about the values that arrive at an FC holds."""
    features = x.numel if flatten or not x.rank else x.extents[-1]
    if claim is None or claim == features:
        return
    message, hint = _features_message(claim, x, flatten), _features_hint(claim, x, flatten)
    raise Problem("input-claim", message, hint, at="from")


def _features_message(claim: int, x: Shape, flatten: bool) -> str:
    if not x.rank:
        return f"{x.channels} values arrive, you claim {claim}"
    if not flatten:
        return f"the last axis of {x} has {x.extents[-1]} values, you claim {claim}"
    return f"the flatten is {x.numel} = {x.factors}, you claim {factored(claim, x)}"


def _features_hint(claim: int, x: Shape, flatten: bool) -> str:
    if x.rank and not flatten and claim == x.numel:
        return "with flatten=no FC works on the last axis alone; leave it out to flatten the map"
    if x.rank and flatten and claim == x.extents[-1]:
        return f"{claim} is the last axis alone; FC flattens the whole map, unless flatten=no"
    if x.rank and flatten and claim == x.channels:
        return f"{claim} are the channels alone; a GAP before the FC leaves these"
    return "leave `from` out: the size is found; or check the input's size and the layers before"


def factored(claim: int, x: Shape) -> str:
    """`9216 = 256·6·6`: a claimed flatten as the arriving channels times a map, where it divides."""
    pixels, rest = divmod(claim, x.channels)
    if rest or not pixels:
        return str(claim)
    side = round(pixels ** (1 / x.rank))
    if side**x.rank == pixels:
        return f"{claim} = {'·'.join(map(str, (x.channels, *(side,) * x.rank)))}"
    return f"{claim} = {x.channels}·{pixels}"


def most_border(mode: str, x: Shape) -> int | None:
    """The greatest padding that the map has pixels for; None where padding needs none."""
    if mode not in ("reflect", "circular"):
        return None
    return min(x.extents) - (mode == "reflect")


def need_border(mode: str, x: Shape, pads: Pads, at: str) -> None:
    """Raises Problem where a border repeats more of the map than there is."""
    for extent, pair in zip(x.extents, pads, strict=True):
        most = most_border(mode, Shape(1, (extent,)))
        if most is not None and max(pair) > most:
            raise Problem(
                "argument-value",
                f"{mode} padding by {max(pair)} needs more than the {extent} pixels that arrive",
                f"it can pad by at most {most} here; replicate and zeros have no limit",
                at=at,
            )
