"""Saturating activations one after the other: the gradient shrinks at each of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, log10, prod
from typing import NamedTuple

from cnndsl.analysis.lints.loss import last_layer
from cnndsl.analysis.lints.survey import Survey
from cnndsl.diagnostics import Diagnostic
from cnndsl.layers import BatchNorm, GroupNorm, HSigmoid, InstanceNorm, Layer, LayerNorm, Sigmoid, Tanh
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Node,
    ParallelNode,
    RepeatNode,
)

_SATURATING: frozenset[type[Layer]] = frozenset({Sigmoid, HSigmoid, Tanh})
_NORMS: frozenset[type[Layer]] = frozenset({BatchNorm, GroupNorm, LayerNorm, InstanceNorm})

#: The part of a gradient that passes at most, the slope at 0: 1/4 and 1/6; a TANH's slope there is 1.
_SHARES = {"SIGMOID": 4, "HSIGMOID": 6}

#: So many in a row train well enough: LeNet-5 has four.
MOST = 4


class Run(NamedTuple):
    """Saturating activations in a row: how many of SIGMOID, HSIGMOID and TANH, and the last of them."""

    sigmoids: int = 0
    hard: int = 0
    tanhs: int = 0
    last: LayerNode | None = None

    @property
    def length(self) -> int:
        return self.sigmoids + self.hard + self.tanhs

    def then(self, other: Run, times: int = 1) -> Run:
        return Run(
            self.sigmoids + times * other.sigmoids,
            self.hard + times * other.hard,
            self.tanhs + times * other.tanhs,
            other.last or self.last,
        )


class Stack(NamedTuple):
    """A part's activations on the path that has the fewest in a row.

    Before its first norm, behind its last one, and the longest row between norms. Without a norm
    (`split` is False) all are `first`.
    """

    first: Run = Run()
    last: Run = Run()
    longest: Run = Run()
    split: bool = False

    @property
    def worst(self) -> Run:
        return max(self.first, self.last, self.longest, key=lambda run: run.length)

    def then(self, other: Stack) -> Stack:
        if not self.split:
            return other._replace(first=self.first.then(other.first))
        if not other.split:
            return self._replace(last=self.last.then(other.first))
        middle = self.last.then(other.first)
        longest = max(self.longest, middle, other.longest, key=lambda run: run.length)
        return Stack(self.first, other.last, longest, True)


def vanishing_gradients(survey: Survey) -> Iterator[Diagnostic]:
    """[FC(100) → SIGMOID]*8: at most 1/4⁸ of the gradient comes back."""
    stacks = _Stacks()
    for chain in survey.network.chains:
        if chain.kind == "let":
            continue
        run = stacks.of(chain.node).worst
        length = run.length - (last_layer(chain.node)[0] is run.last)  # that of the output has its reason
        if length > MOST and run.last:
            hint = "ReLU does not saturate; BN before each of them, or a skip around them, helps as well"
            yield survey.finding("vanishing-gradients", run.last, _message(run), hint)


class _Stacks:
    """The stack of each part, found once."""

    def __init__(self) -> None:
        self._known: dict[Node, Stack] = {}

    def of(self, node: Node) -> Stack:
        if node not in self._known:
            self._known[node] = self._inside(node)
        return self._known[node]

    def _inside(self, node: Node) -> Stack:
        match node:
            case LayerNode():
                return _layer(node)
            case ChainNode():
                stack = Stack()
                for part in node.parts:
                    stack = stack.then(self.of(part))
                return stack
            case ParallelNode():
                return min(map(self.of, node.branches), key=lambda stack: stack.worst.length)
            case RepeatNode():
                return self._repeated(node)
            case ChoiceNode(body=Node() as body):
                return self.of(body)
            case BlockNode() | LabelNode():
                return self.of(node.body)
        return Stack()

    def _repeated(self, node: RepeatNode) -> Stack:
        stack = Stack()
        for run in node.runs:
            body = self.of(run.body)
            if body.split:  # the copies between the first and the last add nothing longer
                for _ in range(min(run.copies, 2)):
                    stack = stack.then(body)
            else:
                stack = stack.then(Stack(Run().then(body.first, run.copies)))
        return stack


def _layer(node: LayerNode) -> Stack:
    if node.kind in _NORMS:
        return Stack(split=True)
    if node.kind not in _SATURATING:
        return Stack()
    return Stack(Run(int(node.kind is Sigmoid), int(node.kind is HSigmoid), int(node.kind is Tanh), node))


def _message(run: Run) -> str:
    counts = {"SIGMOID": run.sigmoids, "HSIGMOID": run.hard, "TANH": run.tanhs}
    named = " and ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    shares = [(share, counts[kind]) for kind, share in _SHARES.items() if counts[kind]]
    if not shares:
        return (
            f"{named} in a row without a skip or a norm: where they saturate, hardly any gradient passes them"
        )
    powers = "·".join(f"(1/{share})^{count}" for share, count in shares)
    left = sum(count * log10(share) for share, count in shares)
    whole = prod(share**count for share, count in shares) if left < 9 else 0
    equals = f"= 1/{whole:,}".replace(",", " ") if whole else f"< 10^−{floor(left)}"
    return f"{named} in a row without a skip or a norm: at most {powers} {equals} of the gradient passes them"
