"""Pairs the layers of a model with those of a reference by what reaches them.

Both get the same sample. When a layer of the model is about to run, the layers of the reference that
got the same values are the ones that it can be; it goes on with the weights of the first of them (in
the order in which the reference ran) that then gives out the same as well. So after each layer the
model holds the values that the reference held there, and the next one can be told. Where a choice
turns out to lead astray (equal branches, in another order), the next one is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cnndsl.torch.fits import Assignment, assignments
from cnndsl.torch.names import Names
from cnndsl.torch.probe import Probe
from cnndsl.torch.watch import Call, State, Use, Watch, fingerprint, near, tensors_in

#: How many ways through equal layers are tried.
MOST_TRIES = 200

#: Views of ours and of theirs in which the same values may arrive, the most telling first.
VIEWS = [("function", "function"), ("layer", "layer"), ("function", "layer"), ("layer", "function")]


class DepartureError(Exception):
    """The first place where the model does not what the reference does."""

    def __init__(
        self,
        match: Match,
        use: Use | None = None,
        met: Sequence[Use] = (),
        unused: Sequence[str] = (),
        outputs: tuple[list[Tensor], list[Tensor]] = ([], []),
    ) -> None:
        super().__init__()
        self.match = match
        #: A use of the model's state that the reference has not, and the reference's that get the same.
        self.use, self.met = use, met
        #: What of the model's state is not used.
        self.unused = unused
        #: How many ways through equal layers were tried, where there are more.
        self.tried = 0
        #: The shapes of outputs that are not the same.
        self.ours, self.theirs = ([tuple(one.shape) for one in side] for side in outputs)


class _Option(NamedTuple):
    theirs: Use
    pairs: Assignment
    #: In which view of ours and of theirs the values are the same.
    views: tuple[str, str]


class Match(Watch):
    """Runs the model on the reference's probes. `choices` says which of several options to take, in turn."""

    def __init__(self, state: State, probe: Probe, names: Names, choices: list[int]) -> None:
        super().__init__(state, self.lent, probe.device)
        self.probe = probe
        self.pairs: Assignment = {}
        #: The uses of ours and of theirs that are paired.
        self.paired: list[tuple[Use, Use]] = []
        self.choices = choices
        #: How many options there were, each time that there were several.
        self.widths: list[int] = []
        self._names = names
        self.taken: dict[str, str] = {}
        self._due: dict[Use, tuple[Use, str]] = {}

    def lent(self, name: str) -> Tensor:
        """The values of the reference's tensor."""
        return self.probe.probed(self.pairs[name]).reshape(self.state.tensors[name].shape)

    def meet(self, call: Call, names: list[str], data: list[Tensor]) -> Any:
        new = [name for name in names if name not in self.pairs]
        if not new:
            return super().meet(call, names, data)
        use = self.opened(new, data)
        met = [their for their in self.probe.uses if any(use.meets(their))]
        return self._take(use, met, self._options(use, met), call)

    def _options(self, use: Use, met: list[Use]) -> Iterator[_Option]:
        for their in met:
            views = min(use.meets(their), key=VIEWS.index)
            for pairs in assignments(use.shapes, their.shapes):
                if all(self.free(ours, theirs) for ours, theirs in pairs.items()):
                    yield _Option(their, pairs, views)

    def free(self, ours: str, theirs: str) -> bool:
        """Whether a tensor of ours may be one of theirs: each is but once, unless the caller says so."""
        taken = self.taken.get(theirs)
        if ours in self.pairs:
            return self.pairs[ours] == theirs
        return self._names.allow(ours, theirs) and (taken is None or self._names.share(ours, taken))

    def _take(self, use: Use, met: list[Use], options: Iterator[_Option], call: Call) -> Any:
        """Run on with the option that is due, of those that give out the same."""
        good = [(option, result) for option in options for result in self._tried(option, call)]
        if not good:
            raise DepartureError(self, use, met)
        if len(good) > 1:
            self.widths.append(len(good))
        turn = len(self.widths) - 1
        option, result = good[self.choices[turn] if len(good) > 1 and turn < len(self.choices) else 0]
        self._bind(use, option)
        return call(self.resolved) if call.in_place else result

    def _tried(self, option: _Option, call: Call) -> Iterator[Any]:
        """What a function returns with an option's weights, if it is what it should."""
        if call.in_place:
            yield None
            return
        before, self.pairs = self.pairs, self.pairs | option.pairs
        result = call(self.resolved)
        self.pairs = before
        mine, view = option.views
        if mine != "function" or near(fingerprint(tensors_in(result)), option.theirs.outputs[view]):
            yield result

    def _bind(self, use: Use, option: _Option) -> None:
        self.pairs |= option.pairs
        self.taken |= {theirs: ours for ours, theirs in option.pairs.items()}
        self.paired.append((use, option.theirs))
        if option.views[0] == "layer":
            self._due[use] = option.theirs, option.views[1]

    def closed(self, use: Use) -> None:
        theirs, view = self._due.pop(use, (None, ""))
        if theirs and not near(use.outputs["layer"], theirs.outputs[view]):
            self.paired.remove((use, theirs))
            for name in use.shapes:
                self.taken.pop(self.pairs.pop(name), None)
            raise DepartureError(self, use, [theirs])


class InTurn(Match):
    """Pairs by position alone: for networks that do the same in another order."""

    def meet(self, call: Call, names: list[str], data: list[Tensor]) -> Any:
        new = [name for name in names if name not in self.pairs]
        if not new:
            return call(self.resolved)
        use = self.opened(new, [])
        met = self.probe.first[len(self.paired) :][:1]
        for their in met:
            for pairs in assignments(use.shapes, their.shapes):
                if all(self.free(ours, theirs) for ours, theirs in pairs.items()):
                    self._bind(use, _Option(their, pairs, ("", "")))
                    return call(self.resolved)
        raise DepartureError(self, use, met)


def matched(
    kind: type[Match], state: State, probe: Probe, names: Names, sample: tuple[Any, ...], wanted: list[Tensor]
) -> tuple[Match, tuple[int, ...]]:
    """The match with which the model gives out what the reference does, and which output is which."""
    choices: list[int] = []
    furthest: DepartureError | None = None
    for _ in range(MOST_TRIES):
        match = kind(state, probe, names, choices)
        try:
            return match, _complete(match, match.run(*sample), wanted)
        except DepartureError as found:
            if furthest is None or len(match.paired) > len(furthest.match.paired):
                furthest = found
        choices = _next(match)
        if not choices:
            raise furthest
    assert furthest
    furthest.tried = MOST_TRIES
    raise furthest


def _complete(match: Match, outputs: list[Tensor], wanted: list[Tensor]) -> tuple[int, ...]:
    """Which output of the reference each of the model's is; nothing may be missing."""
    unused = [name for name in match.state.weights if name not in match.pairs]
    if unused:
        raise DepartureError(match, unused=unused)
    order = same_outputs(outputs, wanted, 1e-6)
    if order is None:
        raise DepartureError(match, outputs=(outputs, wanted))
    return order


def _next(match: Match) -> list[int]:
    """The choices after those of a failed match: the last one with an option left, changed; [] if none."""
    taken = (match.choices + [0] * len(match.widths))[: len(match.widths)]
    while taken and taken[-1] + 1 >= match.widths[len(taken) - 1]:
        taken.pop()
    return [*taken[:-1], taken[-1] + 1] if taken else []


def same_outputs(ours: list[Tensor], theirs: list[Tensor], tolerance: float) -> tuple[int, ...] | None:
    """For each output of ours the number of the equal one of theirs; None where they are not the same."""
    left = dict(enumerate(theirs))
    order = []
    for mine in ours:
        equal = [number for number, their in left.items() if difference(mine, their) <= tolerance]
        if not equal:
            return None
        order.append(equal[0])
        del left[equal[0]]
    return None if left else tuple(order)


def difference(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, relative to the largest value; infinite for other shapes or no numbers."""
    if ours.shape != theirs.shape or not bool(torch.isfinite(theirs).all()):
        return float("inf")
    if not theirs.numel():
        return 0.0
    ours, theirs = ours.double(), theirs.double()
    apart, largest = float((ours - theirs).abs().max()), float(theirs.abs().max())
    return apart if apart == 0 or largest == 0 else apart / largest
