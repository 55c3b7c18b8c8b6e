"""Makes a failing network small: `smallest(net, fails)` drops what the failure does not need.

Hypothesis shrinks the bytes that a network is drawn from, which makes numbers simple; this cuts the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from oracle.run import TooLargeError
from oracle.signature import SIGNATURES
from oracle.tree import (
    Chain,
    Claim,
    Guard,
    Label,
    Layer,
    Let,
    Maybe,
    Net,
    Parallel,
    Repeat,
    Step,
)  # fmt: skip


def smallest(net: Net, fails: Callable[[Net], bool]) -> Net:
    """Takes the first smaller network that still fails, until none does."""
    while True:
        for candidate in smaller(net):
            if _still(fails, candidate):
                net = candidate
                break
        else:
            return net


def _still(fails: Callable[[Net], bool], net: Net) -> bool:
    try:
        return fails(net)
    except (KeyError, IndexError, AssertionError, TooLargeError):  # e.g. a name went that is used elsewhere
        return False


def smaller(net: Net) -> Iterator[Net]:
    """Networks with one thing less, the largest cuts first."""
    if net.style:
        yield replace(net, style=0)
    for field in ("lets", "blocks", "defaults", "params"):
        found = getattr(net, field)
        for i in range(len(found)):
            yield replace(net, **{field: found[:i] + found[i + 1 :]})
    for main in _shorter(net.main):
        yield replace(net, main=main)
    for i, block in enumerate(net.blocks):
        for body in _shorter(block.body):
            yield replace(net, blocks=(*net.blocks[:i], replace(block, body=body), *net.blocks[i + 1 :]))
    for i, let in enumerate(net.lets):
        for body in _shorter(let.chain):
            yield replace(net, lets=(*net.lets[:i], Let(let.word, let.name, body), *net.lets[i + 1 :]))


def _shorter(chain: Chain) -> Iterator[Chain]:
    """Without one step, or with one step's inside in its place, or with a smaller step."""
    steps = chain.steps
    for i in range(len(steps)) if len(steps) > 1 else ():
        yield Chain(steps[:i] + steps[i + 1 :])
    for i, step in enumerate(steps):
        for other in _simpler(step):
            inside = other.steps if isinstance(other, Chain) else (other,)
            yield Chain((*steps[:i], *inside, *steps[i + 1 :]))


def _simpler(step: Step) -> Iterator[Step]:
    match step:
        case Layer(kind, args):
            for i, (name, _) in enumerate(args):
                if name in SIGNATURES[kind].defaults:
                    yield replace(step, args=args[:i] + args[i + 1 :])
        case Chain():
            yield from _shorter(step)
        case Parallel(op, branches):
            yield from branches
            yield from _fewer(op, branches)
        case Guard(body, _, otherwise):
            yield body
            if otherwise is not None:
                yield otherwise
                yield replace(step, otherwise=None)
            yield from (replace(step, body=other) for other in _simpler(body))
        case Repeat(body) | Maybe(body) | Label(body) | Claim(body):
            yield body
            yield from (replace(step, body=other) for other in _simpler(body))


def _fewer(op: str, branches: tuple[Chain, ...]) -> Iterator[Step]:
    for i, branch in enumerate(branches):
        before, after = branches[:i], branches[i + 1 :]
        if len(branches) > 2:
            yield Parallel(op, before + after)
        yield from (Parallel(op, (*before, other, *after)) for other in _shorter(branch))
