"""Runs a tree straight on torch: `run(net)` walks it and builds each module for the tensor that arrives.

    trace = run(net, "cpu")                  # decides: batch 2, train mode; the meta device is laxer
    assert (cnndsl rejects net.text()) == (not trace.ok)
    if trace.ok:
        [(row.kind, row.shape, row.weights, row.biases) for row in run(net, "meta").rows]

Rows stand in running order: a parallel's branches from left to right, then its join (kind `|`, `+` or `⊙`);
the FLATTEN that an FC does by itself is a row before it; INPUT is the first row; groups, labels and taps have
none. `trace.parts[name]` holds the rows of each `let` and `output`, which `trace.rows` leaves out.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from oracle import layers
from oracle.layers import Outcome, RefusedError
from oracle.signature import SIGNATURES
from oracle.tree import (
    Below,
    BlockDef,
    Call,
    Chain,
    Claim,
    Count,
    Expr,
    FreeCount,
    Guard,
    Label,
    Layer,
    Maybe,
    Net,
    Over,
    Parallel,
    Repeat,
    Step,
    Tap,
    Times,
)  # fmt: skip
from oracle.values import DeliberateError, Env, Ref, ShapeValue, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class DeliberateRow(NamedTuple):
    name: str
    what: str
    reason: str


DELIBERATE = (
    DeliberateRow("empty-output", "an output with an extent or a channel count of zero",
                  "torch carries empty tensors on: CROP to nothing, a TCONV that shrinks to 0, SLICE(2, 2)"),
    DeliberateRow("sum-broadcast", "`+` over branches of different shapes",
                  "torch stretches a 1-channel or 1x1 map over the other: nearly always a mistake in a skip"),
    DeliberateRow("gate-broadcast", "`⊙` where a branch is neither the full shape nor C@1x1 with the same C",
                  "only the gate per channel is meant"),
    DeliberateRow("rank", "a layer over extents on a vector, PIXELSHUFFLE on a map that is not 2D",
                  "torch takes such a batch for one unbatched example"),
    DeliberateRow("axes", "a window, padding or `in.H` that names other axes than the map has",
                  "torch's own check is deep inside, or not there"),
    DeliberateRow("size", "a kernel, window, stride, dilation, scale or count below 1",
                  "whether torch notices depends on device and backend"),
    DeliberateRow("padding", "a tuple; `same` or uneven padding on a TCONV; `same` on PAD and CROP",
                  "torch has no such thing"),
    DeliberateRow("pool-padding", "uneven pool padding of more than half a window on one side",
                  "torch has the rule for even padding only; uneven padding is an F.pad before the pool"),
    DeliberateRow("ceil-uneven", "ceil=yes with uneven padding", "torch's rule speaks of one padding"),
    DeliberateRow("eps", "GN, LN, INORM with eps < 0", "torch checks it for BN alone"),
    DeliberateRow("tap", "`e[i]` for a copy that has not run, or does not exist", "torch has no taps"),
    DeliberateRow("claim", "a claim `: 8@6x6` that does not hold", "torch has no claims"),
)  # fmt: skip


class Row(NamedTuple):
    kind: str
    shape: tuple[int, ...]
    weights: int = 0
    biases: int = 0


@dataclass(frozen=True)
class Failure:
    """Why it was refused: by torch (`deliberate` is None), or by the language (a name in DELIBERATE)."""

    where: str
    row: int
    reason: str
    deliberate: str | None = None


@dataclass
class Trace:
    rows: list[Row] = field(default_factory=list)
    parts: dict[str, list[Row]] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def ok(self) -> bool:
        return self.failure is None

    @property
    def rejected(self) -> bool:
        return self.failure is not None and self.failure.deliberate is None

    @property
    def deliberate(self) -> str | None:
        return self.failure.deliberate if self.failure else None


class StopError(Exception):
    """Carries the Failure out of the walk."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class TooLargeError(Exception):
    """No verdict: an output on the CPU has more values than a test should compute."""


MOST_VALUES = 2_000_000
Taps = dict[tuple[str, int | None], Tensor]


@dataclass
class Scope:
    """The names in sight at a step."""

    env: dict[str, Any] = field(default_factory=dict)
    taps: Taps = field(default_factory=dict)

    def inner(self, names: Mapping[str, Any] | None = None) -> Scope:
        return Scope({**self.env, **(names or {})}, dict(self.taps))


def run(net: Net, device: str = "cpu", batch: int = 2) -> Trace:
    """The trace of the whole net; stops at the first layer that is refused."""
    machine = Machine(batch, MOST_VALUES if device == "cpu" else math.inf)
    with torch.no_grad(), nullcontext() if device == "cpu" else torch.device(device):
        try:
            machine.net(net)
        except StopError as stop:
            machine.trace.failure = stop.failure
    return machine.trace


def shape_of(x: Tensor) -> tuple[int, ...]:
    return tuple(x.shape[1:])


class Machine:
    """Walks steps; `trace.rows` grows as it goes."""

    def __init__(self, batch: int = 2, most_values: float = math.inf) -> None:
        self.batch = batch
        self.most_values = most_values
        self.trace = Trace()
        self.rows = self.trace.rows
        self.blocks: dict[str, BlockDef] = {}
        self.defaults: dict[str, dict[str, Any]] = {}
        self.last: Step | None = None

    # ------------------------------------------------------------------------------------------ the file

    def net(self, net: Net) -> None:
        scope = self.declare(net)
        for let in net.lets:
            if _starts_alone(let.chain):
                self._part(let.name, let.chain, scope)
        self.chain(net.main, None, scope)
        for let in net.lets:
            if not _starts_alone(let.chain):
                self._part(let.name, let.chain, scope)

    def declare(self, net: Net) -> Scope:
        """Parameters, blocks and defaults, before anything runs."""
        self.blocks = {block.name: block for block in net.blocks}
        scope = Scope()
        for param in net.params:
            assert param.default is not None
            scope.env[param.name] = self.argument(param.default, scope.env, None)
        for default in net.defaults:
            values = {name: self.argument(expr, scope.env, None) for name, expr in default.args}
            self.defaults.setdefault(default.kind, {}).update(values)
        self.last = unwrap(net.main.steps[-1])
        return scope

    def _part(self, name: str, chain: Chain, scope: Scope) -> None:
        self.rows = self.trace.parts.setdefault(name, [])
        scope.taps[name, None] = self.chain(chain, None, scope)
        self.rows = self.trace.rows

    # ---------------------------------------------------------------------------------------------- steps

    def chain(self, chain: Chain, x: Tensor | None, scope: Scope) -> Tensor:
        for step in chain.steps:
            x = self.step(step, x, scope)
        assert x is not None
        return x

    def step(self, step: Step, x: Tensor | None, scope: Scope) -> Tensor:
        match step:
            case Layer("INPUT"):
                return self._input(step, scope)
            case Tap(name, index):
                return self._tap(name, self._index(index, x, scope), scope)
        assert x is not None
        match step:
            case Layer():
                return self.layer(step, x, scope)
            case Call():
                return self._call(step, x, scope)
            case Chain():
                return self.chain(step, x, scope)
            case Parallel(op, branches):
                return self._join(op, [self.chain(b, x, scope) for b in branches])
            case Repeat(body, times):
                return self._repeat(body, times, x, scope)
            case Guard(body, condition, otherwise):
                taken = body if self.argument(condition, scope.env, x) else otherwise
                return x if taken is None else self.step(taken, x, scope.inner())
            case Maybe(body):
                return self.step(body, x, scope.inner())
            case Label(body, name, index):
                at = self._index(index, x, scope)
                scope.taps[name, at] = y = self.step(body, x, scope)
                return y
            case Claim(body, shape):
                return self._claimed(self.step(body, x, scope), self.argument(shape, scope.env, x))
        raise AssertionError(step)

    def argument(self, expr: Expr, env: Env, x: Tensor | None) -> Any:
        """An expression's value; a name that is nobody's parameter is a block or a kind."""
        known = {**{name: Ref(name) for name in (*self.blocks, *SIGNATURES)}, **env}
        try:
            return evaluate(expr, known, None if x is None else shape_of(x))
        except DeliberateError as error:
            raise self.stop("an expression", error) from error

    def stop(self, where: str, error: Exception) -> StopError:
        if isinstance(error, DeliberateError):
            name, reason = error.args
            return StopError(Failure(where, len(self.rows), reason, name))
        return StopError(Failure(where, len(self.rows), str(error)))

    def _index(self, index: Expr | None, x: Tensor | None, scope: Scope) -> int | None:
        return None if index is None else self.argument(index, scope.env, x)

    def _tap(self, name: str, at: int | None, scope: Scope) -> Tensor:
        if (name, at) not in scope.taps:
            raise self.stop("a tap", DeliberateError("tap", f"{name}[{at}] before it has run"))
        return scope.taps[name, at]

    # --------------------------------------------------------------------------------------------- layers

    def _input(self, layer: Layer, scope: Scope) -> Tensor:
        assumed: Any = ShapeValue(3, (32, 32))
        shape = self.argument(layer.args[0][1], scope.env, None) if layer.args else assumed
        x = torch.zeros((self.batch, shape.channels, *shape.extents))
        self.rows.append(Row("INPUT", shape_of(x)))
        return x

    def layer(self, layer: Layer, x: Tensor, scope: Scope) -> Tensor:
        args = self.arguments(layer, x, scope.env)
        if layer.kind == "FC" and args["flatten"] and x.dim() > 2:
            x = x.flatten(1)
            self.rows.append(Row("FLATTEN", shape_of(x)))
        try:
            return self._record(layer.kind, layers.apply(layer.kind, args, x))
        except (RefusedError, DeliberateError) as error:
            raise self.stop(layer.kind, error) from error

    def arguments(self, layer: Layer, x: Tensor, env: Env) -> dict[str, Any]:
        """The layer's own arguments win over the file's defaults, and those over the kind's."""
        signature = SIGNATURES[layer.kind]
        assumed = signature.assumed if layer.bare else {}
        if layer.kind == "FC" and layer is self.last:
            assumed = {"outputs": 10}
        own = {name: self.argument(expr, env, x) for name, expr in layer.args}
        return {**signature.defaults, **assumed, **self.defaults.get(layer.kind, {}), **own}

    def _record(self, kind: str, outcome: Outcome) -> Tensor:
        shape = shape_of(outcome.tensor)
        if outcome.tensor.numel() > self.most_values:
            raise TooLargeError(f"{kind} gives {shape}")
        if min(shape) < 1:
            raise DeliberateError("empty-output", f"{shape}")
        self.rows.append(Row(kind, shape, outcome.weights, outcome.biases))
        # Plain strides: where a 1D map of one pixel lies channels-last, as LN and PERMUTE leave it,
        # Conv1d(18, 5, 1, stride=2, padding=1, dilation=2) ends the process with torch 2.13 (a segfault).
        return outcome.tensor.clone(memory_format=torch.contiguous_format)

    # ------------------------------------------------------------------------------------- composite steps

    def _call(self, call: Call, x: Tensor, scope: Scope) -> Tensor:
        target = scope.env.get(call.name)
        name = target.name if isinstance(target, Ref) else call.name
        if name in SIGNATURES:
            return self.layer(Layer(name, call.args), x, scope)
        block = self.blocks[name]
        given = {key: self.argument(expr, scope.env, x) for key, expr in call.args}
        env = {
            p.name: self.argument(p.default, {}, x) for p in block.params if p.default and p.name not in given
        }
        return self.chain(block.body, x, Scope({**env, **given}))

    def _repeat(self, body: Step, times: Times, x: Tensor, scope: Scope) -> Tensor:
        for names in self._copies(times, x, scope):
            copy = scope.inner(names)
            x = self.step(body, x, copy)
            scope.taps.update({key: tap for key, tap in copy.taps.items() if key[1] is not None})
        return x

    def _copies(self, times: Times, x: Tensor, scope: Scope) -> Iterable[dict[str, Any]]:
        """What each copy's loop variables hold."""
        match times:
            case FreeCount():
                return [{}]
            case Count(count):
                return [{}] * self.argument(count, scope.env, x)
            case Below(var, bound):
                return [{var: i} for i in range(self.argument(bound, scope.env, x))]
            case Over(targets, items):
                values = [self.argument(item, scope.env, x) for item in items]
                rows = values[0] if len(values) == 1 else values
                return [dict(zip(targets, row if len(targets) > 1 else (row,), strict=True)) for row in rows]

    def _join(self, op: str, tensors: list[Tensor]) -> Tensor:
        try:
            return self._record(op, Outcome(_JOINS[op](tensors)))
        except (RuntimeError, DeliberateError) as error:
            raise self.stop(op, error) from error

    def _claimed(self, x: Tensor, claim: ShapeValue) -> Tensor:
        shape, said = shape_of(x), (claim.channels, *claim.extents)
        if len(said) != len(shape) or any(b not in (None, a) for a, b in zip(shape, said, strict=True)):
            raise self.stop("a claim", DeliberateError("claim", f"{said} for {shape}"))
        return x


def _starts_alone(chain: Chain) -> bool:
    """Whether it has an INPUT of its own, and so needs no tap of the network's."""
    return isinstance(chain.steps[0], Layer)


def unwrap(step: Step) -> Step:
    """The step under its label and claim."""
    while isinstance(step, (Label, Claim)):
        step = step.body
    return step


# ---------------------------------------------------------------------------------------------------- joins


def _concat(tensors: list[Tensor]) -> Tensor:
    return torch.cat(tensors, 1)


def _sum(tensors: list[Tensor]) -> Tensor:
    total = sum(tensors[1:], tensors[0])
    if len({t.shape for t in tensors}) > 1:
        raise DeliberateError("sum-broadcast", f"{[shape_of(t) for t in tensors]}")
    return total


def _product(tensors: list[Tensor]) -> Tensor:
    """Every factor has the full shape, or is one value a channel."""
    product = math.prod(tensors[1:], start=tensors[0])
    full = max((t.shape for t in tensors), key=math.prod)
    gate = full[:2] + (1,) * (len(full) - 2)
    if any(t.shape not in (full, gate) for t in tensors):
        raise DeliberateError("gate-broadcast", f"{[shape_of(t) for t in tensors]}")
    return product


_JOINS: dict[str, Callable[[list[Tensor]], Tensor]] = {"|": _concat, "+": _sum, "⊙": _product}
