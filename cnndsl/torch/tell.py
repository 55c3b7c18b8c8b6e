"""Why a model and a reference cannot be paired, in words."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from cnndsl.torch.fits import assignments
from cnndsl.torch.report import counted, listed, sizes

if TYPE_CHECKING:
    from cnndsl.torch.match import DepartureError
    from cnndsl.torch.watch import Use

#: How many layers a message names on each side.
MOST = 6


def departure(found: DepartureError) -> str:
    """The first place where the two are not the same, and what is left on both sides."""
    taken = {id(theirs) for _, theirs in found.match.paired}
    left = [use for use in found.match.probe.first if id(use) not in taken]
    lines = _of_use(found, found.use) if found.use else _of_outputs(found)
    if found.match.paired and not found.unused:
        mine, their = found.match.paired[-1]
        layers = counted(len(found.match.paired), "layer")
        lines.append(f"  agree   {layers}, the last of them `{mine.title}` and `{their.title}`")
    lines += [f"  ours    {found.use}"] if found.use else []
    lines += [f"  theirs  {use}" for use in (found.met or left)[:MOST]]
    if not found.met and len(left) > MOST:
        lines.append(f"          and {len(left) - MOST} more that are not paired")
    if found.tried:
        ways = f"{found.tried} ways through layers of equal shapes were tried, and there are more"
        lines.append(f"  {ways}; `names` can say which is which")
    return "\n".join(lines)


def _of_outputs(found: DepartureError) -> list[str]:
    if found.unused:
        why = "these do not run on the sample, so that nothing is known of them but their shapes"
        return [f"{why}: {listed(found.unused)}"]
    return [f"the outputs are not the same: ours {_shapes(found.ours)}, theirs {_shapes(found.theirs)}"]


def _of_use(found: DepartureError, use: Use) -> list[str]:
    match, title = found.match, f"`{use.title}`"
    if not found.met:
        said = f"no layer of the reference gets the values that reach {title}"
        return [f"{said}: what stands before it is not the same (an activation, a pool, a join?)"]
    fitting = [their for their in found.met if any(True for _ in assignments(use.shapes, their.shapes))]
    if not fitting:
        return [f"{title} has other shapes than what gets the same values in the reference", *_hint(found)]
    if all(any(name in match.taken for name in their.names) for their in fitting):
        return _again(found, use, fitting[0])
    if not any(match.free(ours, theirs) for their in fitting for ours in use.names for theirs in their.names):
        return [f"`names` does not let {title} be the layer that gets the same values"]
    if any(isnan(value) for their in fitting for one in their.outputs.values() for t in one for value in t):
        return [f"{title} gives out nan in the reference, on random weights"]
    return [f"{title} gets the same values as in the reference, but gives out others"]


def _hint(found: DepartureError) -> list[str]:
    """Weights that are computed anew in each forward can be made plain ones."""
    if any(".parametrizations." in name for their in found.met for name in their.names):
        return [
            '  torch.nn.utils.parametrize.remove_parametrizations(layer, "weight") makes one weight of them'
        ]
    return []


def _again(found: DepartureError, use: Use, their: Use) -> list[str]:
    others = [mine.title for mine, paired in found.match.paired if set(paired.names) & set(their.names)]
    several = listed([*others, use.title])
    weights = f"the weights of `{their.title}`"
    return [
        f"the reference uses {weights} more than once; in the model {several} have their own",
        "  they can get the same, but would not stay equal in training: say so by `names`, for each of them",
    ]


def _shapes(outputs: list[tuple[int, ...]]) -> str:
    return ", ".join(sizes(shape) or "a number" for shape in outputs) or "none"
