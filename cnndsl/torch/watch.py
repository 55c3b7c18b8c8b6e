"""A module's forward, watched: where the tensors of its state meet data, with values of our choosing.

A module's state is what its `state_dict` holds. It is told by identity in whatever PyTorch function
it reaches, so that it does not matter how a forward is written: `nn.Conv2d`, `F.linear(x, self.w)`
and `self.layer_scale * x` are seen alike. The values put in its place leave the module untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import product
from operator import is_
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnndsl.torch.report import Sizes, entries, listed, split

#: What stays of tensors when axes are moved or reshaped: for each its number of values, moments, bounds.
Fingerprint = tuple[tuple[float, ...], ...]

#: How much of a fingerprint may be lost to rounding, in float32 here and there.
CLOSE = 1e-7


class State:
    """The tensors of a module's `state_dict` that a forward can use: by name, and by identity."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        state = module.state_dict(keep_vars=True)
        found = {name: value for name, value in state.items() if isinstance(value, Tensor)}
        #: Two names of one tensor are tied: the first stands for both.
        self.name_of: dict[int, str] = {}
        for name, tensor in found.items():
            self.name_of.setdefault(id(tensor), name)
        self.tensors: dict[str, Tensor] = {name: found[name] for name in self.name_of.values()}
        self.real = [name for name, tensor in self.tensors.items() if tensor.is_floating_point()]
        self._real = set(self.real)
        #: Layers without layers inside, whose state belongs together: that of the module itself does not.
        self.layers: dict[str, list[str]] = {}
        leaves = {
            name for name, layer in module.named_modules() if name and not any(True for _ in layer.children())
        }
        for entry, tensor in found.items():
            if (name := split(entry)[0]) in leaves:
                self.layers.setdefault(name, []).append(self.name_of[id(tensor)])

    @property
    def weights(self) -> list[str]:
        """What there is to copy, save counters."""
        return [name for name, tensor in self.tensors.items() if counts(tensor)]

    def __contains__(self, tensor: Tensor) -> bool:
        """Whether it is one of the state's, and of real numbers: counters are left alone."""
        return self.name_of.get(id(tensor)) in self._real

    def shapes(self, names: Iterable[str]) -> dict[str, Sizes]:
        return {name: tuple(self.tensors[name].shape) for name in names}


class Call(NamedTuple):
    """A PyTorch function about to be called."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __call__(self, change: Callable[[Tensor], Tensor]) -> Any:
        """Call it on other tensors."""
        return self.function(*_mapped(self.args, change), **_mapped(self.kwargs, change))

    @property
    def in_place(self) -> bool:
        """Whether it changes what it gets: `x.mul_(…)`, `x *= …`."""
        name = str(getattr(self.function, "__name__", ""))
        return name.endswith("_") and (not name.startswith("__") or name.startswith("__i"))


class Watch(TorchFunctionMode):
    """While it is on, `value` gives the values of a state's tensors, in double precision."""

    def __init__(self, state: State, value: Callable[[str], Tensor], device: torch.device) -> None:
        super().__init__()
        self.state = state
        self.value = value
        self.device = device
        #: What is made of the state alone (`weight.view(-1, 1, 1)`), by identity: the call that made it.
        self._made: dict[int, tuple[Tensor, Call]] = {}
        #: The layers that are running, the innermost last, with what they got; and whose state is new.
        self._entered: list[tuple[str, list[Tensor]]] = []
        self._open: dict[str, Use] = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        call = Call(func, args, kwargs or {})
        tensors = list(tensors_in((call.args, call.kwargs)))
        known = [tensor for tensor in tensors if self._is_state(tensor)]
        if not known:
            return func(*call.args, **call.kwargs)
        if len(known) < len(tensors):
            data = [tensor for tensor in tensors if not self._is_state(tensor)]
            return self.meet(
                call, list(dict.fromkeys(name for one in known for name in self.behind(one))), data
            )
        return self._alone(call)

    def run(self, *sample: Any) -> list[Tensor]:
        """The outputs of the module."""
        with self._hooked(), torch.no_grad(), self:
            outputs = self.state.module(*sample)
        return list(tensors_in(outputs))

    def meet(self, call: Call, names: list[str], data: list[Tensor]) -> Any:
        """Do what the module asks for, where tensors of its state meet data."""
        return call(self.resolved)

    def behind(self, tensor: Tensor) -> Iterator[str]:
        """The names of the state that a tensor is, or is made of."""
        if id(tensor) in self._made:
            _, call = self._made[id(tensor)]
            for one in tensors_in((call.args, call.kwargs)):
                yield from self.behind(one)
        else:
            yield self.state.name_of[id(tensor)]

    def resolved(self, tensor: Tensor) -> Tensor:
        """The tensor to take instead of one of the state, or of one that is made of it."""
        if id(tensor) in self._made:
            made: Tensor = self._made[id(tensor)][1](self.resolved)
            return made
        return self.value(self.state.name_of[id(tensor)]) if tensor in self.state else tensor

    def _is_state(self, tensor: Tensor) -> bool:
        return id(tensor) in self._made or tensor in self.state

    def _alone(self, call: Call) -> Any:
        """A function of the state alone: its call is kept, for the values are yet to be put in."""
        if call.function is torch.Tensor.dtype.__get__:  # type: ignore[attr-defined]
            return torch.float64
        if call.function is torch.Tensor.device.__get__:
            return self.device
        result = call.function(*call.args, **call.kwargs)
        for number, tensor in enumerate(tensors_in(result)):
            if not self._is_state(tensor):  # else it is the same one, as `contiguous()` can return
                self._made[id(tensor)] = tensor, call._replace(function=_part(call.function, number))
        return result

    # ---- where state is used for the first time

    def opened(self, names: list[str], data: list[Tensor]) -> Use:
        """A use of tensors that have not been used before: where a layer owns them, of all that it owns."""
        layer, arriving = self._entered[-1] if self._entered else ("", [])
        own = self.state.layers.get(layer, [])
        whole = set(names) <= set(own)
        use = Use(self.state, layer if whole else "", tuple(own if whole else names))
        use.inputs["function"] = fingerprint(data)
        if whole:
            same = len(arriving) == len(data) and all(map(is_, arriving, data))
            use.inputs["layer"] = use.inputs["function"] if same else fingerprint(arriving)
            self._open[layer] = use
        return use

    def closed(self, use: Use) -> None:
        """The layer of a use has run to its end."""

    @contextmanager
    def _hooked(self) -> Iterator[None]:
        """Tell which layer is running."""
        with ExitStack() as stack:
            for name in self.state.layers:
                layer = self.state.module.get_submodule(name)
                before = layer.register_forward_pre_hook(partial(self._enter, name), with_kwargs=True)
                after = layer.register_forward_hook(partial(self._leave, name))
                stack.callback(before.remove)
                stack.callback(after.remove)
            yield

    def _enter(self, name: str, _layer: nn.Module, args: Any, kwargs: Any) -> None:
        self._entered.append((name, list(tensors_in((args, kwargs)))))

    def _leave(self, name: str, _layer: nn.Module, _args: Any, output: Any) -> None:
        self._entered.pop()
        use = self._open.pop(name, None)
        if use:
            use.outputs["layer"] = fingerprint(tensors_in(output))
            self.closed(use)


class Use:
    """A place in a forward where tensors of the state meet data for the first time.

    What goes in and comes out is known of the function that they are an argument of and, where they
    are all that a layer owns, of this layer.
    """

    def __init__(self, state: State, layer: str, names: tuple[str, ...]) -> None:
        self.layer = layer
        self.names = names
        self.shapes = state.shapes(name for name in names if state.tensors[name] in state)
        self.inputs: dict[str, Fingerprint] = {}
        self.outputs: dict[str, Fingerprint] = {}
        self._state = state

    @property
    def title(self) -> str:
        return self.layer or listed(self.names)

    def __str__(self) -> str:
        """`features.0: Conv2d(3, 64, kernel_size=(7, 7)), weight 64x3x7x7`."""
        kind = f"{self._state.module.get_submodule(self.layer)!r}, ".replace("\n", "") if self.layer else ""
        return f"{self.title}: {kind}{entries(self.shapes)}"

    def meets(self, other: Use) -> Iterator[tuple[str, str]]:
        """In which views the same values reach both."""
        for (mine, a), (theirs, b) in product(self.inputs.items(), other.inputs.items()):
            if near(a, b):
                yield mine, theirs


def _part(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    """A function that returns the tensor of that number of what another one does."""
    return lambda *args, **kwargs: list(tensors_in(function(*args, **kwargs)))[number]


@contextmanager
def mode(module: nn.Module, *, heads: bool = False) -> Iterator[None]:
    """Evaluation, and back to what each part was in.

    With `heads`, modules that hold others are told that they train, their layers that they do not:
    so auxiliary classifiers run, and nothing is random.
    """
    before = [(part, part.training) for part in module.modules()]
    try:
        module.eval()
        for part, _ in before if heads else ():
            part.training = any(True for _ in part.children())
        yield
    finally:
        for part, training in before:
            part.training = training


# ---- values


def fingerprint(tensors: Iterable[Tensor]) -> Fingerprint:
    return tuple(sorted(_moments(tensor) for tensor in tensors if tensor.is_floating_point()))


def _moments(tensor: Tensor) -> tuple[float, ...]:
    x = tensor.detach().double()
    if not x.numel():
        return (0.0,) * 6
    square = x * x
    least, most = torch.aminmax(x)
    means = [x.mean(), square.mean(), (square * x).mean()]
    return (float(x.numel()), *(float(one) for one in (*means, least, most)))


def near(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two fingerprints are of the same values."""
    return len(a) == len(b) and all(map(_near, a, b))


def _near(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    if a[0] != b[0]:
        return False
    largest = max(-a[4], a[5], -b[4], b[5])
    power = max(a[2], b[2])
    scales = (power**0.5, power, power * largest, largest, largest)
    return all(abs(x - y) <= CLOSE * scale for x, y, scale in zip(a[1:], b[1:], scales, strict=True))


def counts(tensor: Tensor) -> bool:
    """Whether it holds weights: counters of batches do not."""
    return tensor.is_floating_point() or tensor.is_complex()


def tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors in what a function takes or returns."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from tensors_in(one)
    elif isinstance(value, Mapping):
        yield from tensors_in(list(value.values()))


def _mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(value)
    if type(value) in {list, tuple}:
        return type(value)(_mapped(one, change) for one in value)
    return {key: _mapped(one, change) for key, one in value.items()} if type(value) is dict else value
