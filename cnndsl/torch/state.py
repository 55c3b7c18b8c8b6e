"""Weights of another PyTorch module, or of its `state_dict`, copied into a model: see `load_state`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnndsl.network import Network
from cnndsl.torch.bare import pair_entries
from cnndsl.torch.fits import Assignment
from cnndsl.torch.match import DepartureError, InTurn, Match, difference, matched
from cnndsl.torch.names import Names
from cnndsl.torch.probe import Probe
from cnndsl.torch.report import Loaded, Pair, StateError, sizes, split
from cnndsl.torch.tell import departure
from cnndsl.torch.watch import State, Watch, mode

#: By how much the outputs may differ, relative to the largest value.
TOLERANCE = 1e-5

#: What PyTorch raises where a module does not take a sample.
REFUSALS = (RuntimeError, TypeError, ValueError, IndexError, AssertionError)


def load(
    model: nn.Module, reference: Any, sample: Any, names: Mapping[str, str], *, in_order: bool = False
) -> Loaded:
    if isinstance(model, Network):
        raise StateError("the model is a Network, which has no weights: cnndsl.torch.module makes one of it")
    ours = _state(model, "the model")
    if isinstance(reference, Mapping):
        shapes = ours.shapes(ours.weights)
        return _copied(ours, pair_entries(shapes, reference, Names(names), in_order=in_order), reference)
    if in_order:
        raise StateError("in_order is for a state_dict: a module is run, which tells the pairs")
    if not isinstance(reference, nn.Module):
        raise StateError(f"the reference is a module or its state_dict, not a {type(reference).__name__}")
    theirs = _state(reference, "the reference")
    given = sample if isinstance(sample, tuple) else (sample,)
    if not any(isinstance(one, Tensor) for one in given):
        raise StateError(
            "a sample is needed, a tensor that both take: for example torch.randn(1, 3, 224, 224)"
        )
    return _Loading(ours, theirs, given, Names(names)).done()


def _state(module: nn.Module, whose: str) -> State:
    """The state of a module that has its weights."""
    if isinstance(module, torch.jit.ScriptModule):
        raise StateError(
            f"{whose} is a ScriptModule, which cannot be watched: pass the module it was made of"
        )
    state = State(getattr(module, "_orig_mod", module))  # what torch.compile wraps
    for name, tensor in state.tensors.items():
        if nn.parameter.is_lazy(tensor):
            raise StateError(f"`{name}` of {whose} has no shape yet: run it once on the sample")
        if tensor.is_meta:
            raise StateError(f"`{name}` of {whose} is on the meta device, which holds no numbers")
    return state


class _Found(NamedTuple):
    """A match, which outputs are which, and whether heads ran that run in training alone."""

    match: Match
    order: tuple[int, ...]
    heads: bool


class _Loading:
    """A model, a reference and a sample, on their way to the pairs."""

    def __init__(self, ours: State, theirs: State, sample: tuple[Any, ...], names: Names) -> None:
        self.ours, self.theirs, self.names = ours, theirs, names
        self.device = _device(ours, theirs)
        self.sample = tuple(self._double(one) for one in sample)
        self.noise = tuple(map(_noise, self.sample))
        names.check(ours.tensors, theirs.tensors)

    def done(self) -> Loaded:
        """Pair, compare the outputs with the weights themselves, and only then copy."""
        found = self._found()
        pairs = found.match.pairs
        error = max(self._error(found, heads) for heads in {found.heads, False})
        if error == float("inf"):
            raise StateError("the reference gives out inf or nan on the sample, which cannot be compared")
        if not error <= TOLERANCE:
            raise StateError(
                f"the outputs differ by {error:.1e} of the largest value, more than {TOLERANCE:.0e}"
            )
        loaded = _copied(self.ours, pairs, self.theirs.tensors)
        used = {pair.theirs for pair in loaded.pairs}
        unused = tuple(name for name in self.theirs.weights if name not in used)
        return loaded._replace(unused=unused, outputs=found.order, error=error)

    def _found(self) -> _Found:
        """By what reaches the layers, else by their order; in evaluation, else with all heads running."""
        failed: list[DepartureError] = []
        used: set[str] = set()
        for heads in (False, True):
            probe = Probe(self.theirs, self.device)
            wanted = self._run(probe, self.noise, heads)
            if heads and probe.used == used:
                break
            used = probe.used
            for kind in (Match, InTurn):
                try:
                    with self._running(self.ours, heads):
                        match, order = matched(kind, self.ours, probe, self.names, self.noise, wanted)
                    return _Found(match, order, heads)
                except DepartureError as found:
                    failed += [found] if kind is Match else []
        raise StateError(departure(max(failed, key=lambda one: len(one.match.paired)))) from None

    def _error(self, found: _Found, heads: bool) -> float:
        """The largest difference between outputs, with the reference's own weights in both."""
        pairs, ours = found.match.pairs, self.ours.tensors
        theirs = Watch(self.theirs, lambda name: self._double(self.theirs.tensors[name]), self.device)
        mine = Watch(
            self.ours,
            lambda name: self._double(self.theirs.tensors[pairs[name]]).reshape(ours[name].shape),
            self.device,
        )
        wanted = self._run(theirs, self.sample, heads)
        got = self._run(mine, self.sample, heads)
        if heads == found.heads:
            return max(
                (difference(one, wanted[n]) for one, n in zip(got, found.order, strict=True)), default=0.0
            )
        return max((min(difference(one, their) for one in got) for their in wanted), default=0.0)

    def _run(self, watch: Watch, sample: tuple[Any, ...], heads: bool) -> list[Tensor]:
        with self._running(watch.state, heads):
            return watch.run(*sample)

    @contextmanager
    def _running(self, state: State, heads: bool) -> Iterator[None]:
        """Evaluation; where a module does not take the sample, that is said."""
        whose = "model" if state is self.ours else "reference"
        try:
            with mode(state.module, heads=heads):
                yield
        except REFUSALS as error:
            shapes = ", ".join(sizes(tuple(one.shape)) for one in self.sample if isinstance(one, Tensor))
            said = str(error).partition("\n")[0]
            raise StateError(f"the {whose} does not run on a sample of {shapes}: {said}") from error

    def _double(self, value: Any) -> Any:
        """In double precision; what is no tensor of real numbers stays as it is."""
        if not isinstance(value, Tensor):
            return value
        value = value.detach().to(self.device)
        return value.double() if value.is_floating_point() else value


def _device(ours: State, theirs: State) -> torch.device:
    """Where both are, if double precision is known there; else the CPU."""
    devices = {tensor.device for state in (ours, theirs) for tensor in state.tensors.values()}
    return devices.pop() if len(devices) == 1 and next(iter(devices)).type == "cuda" else torch.device("cpu")


def _noise(value: Any) -> Any:
    """Noise in the range of a sample: a sample of zeros would tell no layers apart."""
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return value
    least, most = float(value.min()), float(value.max())
    drawn = torch.rand(value.shape, generator=torch.Generator().manual_seed(0), dtype=value.dtype)
    return least + drawn.to(value.device) * (most - least if most > least else 1.0)


# ---- copies


def _copied(ours: State, pairs: Assignment, values: Mapping[str, Tensor]) -> Loaded:
    """Copy, and tell what was copied."""
    whole = pairs | _counters(ours, pairs, values)
    rows = [Pair(mine, their, *_shapes(ours.tensors[mine], values[their])) for mine, their in whole.items()]
    for pair in rows:
        _need_room(pair, ours.tensors[pair.ours], values[pair.theirs])
    with torch.no_grad():
        for pair in rows:
            ours.tensors[pair.ours].copy_(values[pair.theirs].reshape(pair.shape))
    return Loaded(tuple(rows))


def _need_room(pair: Pair, ours: Tensor, theirs: Tensor) -> None:
    """Refuse values that the model's type cannot hold, as float16 those above 65504."""
    if theirs.is_complex():
        raise StateError(f"`{pair.theirs}` of the reference is complex, `{pair.ours}` of the model is not")
    if ours.is_floating_point() and ours.dtype != theirs.dtype:
        largest = float(theirs.detach().abs().nan_to_num(0, 0, 0).max()) if theirs.numel() else 0.0
        if largest > torch.finfo(ours.dtype).max:
            kind = str(ours.dtype).removeprefix("torch.")
            raise StateError(f"`{pair.theirs}` holds {largest:g}, too large for `{pair.ours}` in {kind}")


def _shapes(ours: Tensor, theirs: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(ours.shape), tuple(theirs.shape)


def _counters(ours: State, pairs: Assignment, values: Mapping[str, Tensor]) -> Assignment:
    """What a pair of layers holds beside weights, under the same name: the number of batches seen."""
    layers = {split(mine)[0]: split(their)[0] for mine, their in pairs.items()}
    found: Assignment = {}
    for name, tensor in ours.tensors.items():
        layer, leaf = split(name)
        other = f"{layers.get(layer, '')}.{leaf}".removeprefix(".")
        if name not in pairs and other in values and values[other].shape == tensor.shape:
            found[name] = other
    return found
