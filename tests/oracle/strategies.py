"""Networks in the language, valid and not, as hypothesis strategies.

    @given(networks())
    def test_agreement(net: Net) -> None:
        trace = run(net, "cpu")          # what torch, with the table DELIBERATE, makes of it
        accepted = accepts(net.text())   # what is under test makes of the text
        assert accepted == trace.ok

About half are valid; the others hold one fault, rarely two. `networks(free=False)` leaves no count and no
part open.
"""

from __future__ import annotations

from random import Random

import torch
from hypothesis import strategies as st
from torch import Tensor

from oracle.composites import CHOICES, WITH_FREE_PARTS, fault
from oracle.draws import Tape
from oracle.maker import Maker, Place, Plan, fresh, shape_literal
from oracle.recipes import unet
from oracle.run import Scope, shape_of
from oracle.tree import (
    Chain,
    Default,
    Expr,
    Flag,
    Items,
    Layer,
    Let,
    Net,
    Num,
    Parallel,
    Param,
    ShapeLit,
    Step,
    Tap,
    Word,
)

_MOST = {0: 0, 1: 20, 2: 12, 3: 6}


def networks(*, free: bool = True) -> st.SearchStrategy[Net]:
    """A whole file."""
    return st.binary(min_size=Tape.LENGTH, max_size=Tape.LENGTH).map(
        lambda data: _network(Tape(data), free=free)
    )


def drawn(dice: Random) -> Net:
    """A whole file of a generator's choosing, without hypothesis."""
    return _network(Tape(dice.randbytes(Tape.LENGTH)), free=True)


def _network(tape: Tape, *, free: bool) -> Net:
    with torch.no_grad():
        return _File(tape, free=free).net()


class _File:
    def __init__(self, tape: Tape, *, free: bool) -> None:
        self.m = m = Maker(tape, Plan(CHOICES, fault))
        self.declared = m.chance(50)
        if free and not self.declared and m.chance(40):
            m.plan.choices = WITH_FREE_PARTS
        if m.chance(55):
            m.plan.faults = [m.number(0, 7)] + ([m.number(1, 3)] if m.chance(15) else [])
        self.place = Place(Scope())

    def net(self) -> Net:
        m = self.m
        if self.declared:
            self._parameters()
        defaults = self._defaults()
        lets: list[Let] = []
        start = self._input()
        main = unet(m, start, self.place) if not start.bare and m.chance(8) else self._main(start, lets)
        if not m.made:
            lets += self._outputs()
        style = m.number(0, 2**16) if m.chance(75) else 0
        return Net(main, tuple(m.params), defaults, tuple(m.blocks), tuple(lets), style=style)

    # ----------------------------------------------------------------------------------------- declarations

    def _parameters(self) -> None:
        m = self.m
        width = m.number(1, 6)
        domains: tuple[tuple[str | int, ...], ...] = ((), ("range", 0, 9), ("set", *sorted({width, 2, 5})))
        domain = m.pick(domains)
        self._declare(Param("width", Num(width), domain), width)
        if m.chance(50):
            self._declare(Param("depth", Num(2)), 2)
        if m.chance(40):
            sizes = tuple(m.number(1, 4) for _ in range(3))
            self._declare(Param("sizes", Items(tuple(map(Num, sizes)))), sizes)

    def _declare(self, param: Param, value: int | tuple[int, ...]) -> None:
        self.m.params.append(param)
        self.place.scope.env[param.name] = value

    def _defaults(self) -> tuple[Default, ...]:
        m = self.m
        choices: tuple[tuple[str, str, Expr], ...] = (
            ("CONV", "bias", Flag(False)), ("BN", "affine", Flag(False)), ("FC", "bias", Flag(False)),
            ("TCONV", "bias", Flag(False)), ("CONV", "pad", Num(1)), ("POOL", "stride", Num(1)),
            ("INORM", "affine", Flag(True)), ("DROPOUT", "probability", Num(0.1)),
            ("UPSAMPLE", "mode", Word("linear")),
            ("LEAKY", "slope", Num(0.2)), ("CONV", "pad", Word("same")),
        )  # fmt: skip
        found: dict[str, Default] = {}
        for _ in range(m.number(1, 2) if m.chance(25) else 0):
            kind, name, expr = m.pick(choices)
            found[kind] = Default(kind, ((name, expr),))
            m.machine.defaults[kind] = {name: m.machine.argument(expr, {}, None)}
        return tuple(found.values())

    # ------------------------------------------------------------------------------------------ the network

    def _input(self) -> Layer:
        m = self.m
        if m.chance(3):
            return Layer("INPUT", bare=True)
        rank = m.pick((2, 2, 2, 2, 2, 1, 1, 3, 3, 0))
        least = m.pick((4, 1, 6)) if rank else 1
        extents = [m.number(min(least, _MOST[rank]), _MOST[rank])] * rank
        if m.chance(40):
            extents = [m.number(min(least, _MOST[rank]), _MOST[rank]) for _ in extents]
        channels = m.number(1, 6) if rank else m.number(1, 20)
        c = m.context(fresh((channels, *extents)), self.place)
        shape = ShapeLit(c.named(channels), tuple(map(c.named, extents)))
        return Layer("INPUT", (("shape", shape),))

    def _main(self, start: Layer, lets: list[Let]) -> Chain:
        m = self.m
        x = m.machine.step(start, None, self.place.scope)
        first, x = self._second_input(x, lets) if m.chance(5) else ((), x)
        chain, x = m.chain(x, self.place, 8, 2)
        end = m.last_fault(x, self.place) or self._head(x)
        return Chain((start, *first, *chain.steps, *end))

    def _head(self, x: Tensor) -> tuple[Step, ...]:
        """The classifier that most networks end in."""
        m = self.m
        if x[0].numel() > 600 or not m.chance(35):
            return ()
        c = m.context(x, self.place)
        pool = (Layer("GAP"),) if x.dim() > 2 and m.chance(40) else ()
        hidden = (Layer("FC", bare=True), Layer("ReLU")) if m.chance(15) else ()
        last = (
            Layer("FC", bare=True) if m.chance(20) else Layer("FC", (("outputs", c.expr(m.number(2, 10))),))
        )
        return (*pool, *hidden, last)

    def _second_input(self, x: Tensor, lets: list[Let]) -> tuple[tuple[Step, ...], Tensor]:
        """`let other1 = INPUT(…) → …`, joined to the network at its start."""
        m = self.m
        shape = (m.number(1, 4), *shape_of(x)[1:])
        name, own = m.name("other"), Place(Scope(dict(self.place.scope.env)))
        chain = m.to(fresh(shape), shape, own)
        start = Layer("INPUT", (("shape", shape_literal(shape)),))
        lets.append(Let("let", name, Chain((start, *chain.steps))))
        self.place.scope.taps[name, None] = fresh(shape)
        join = Parallel("|", (Chain((Layer("ID"),)), Chain((Tap(name),))))
        y = m.attempt(join, x, self.place)
        return ((), x) if y is None else ((join,), y)

    def _outputs(self) -> list[Let]:
        """Further outputs from taps, straight or by way of a `let`."""
        m = self.m
        taps = [key for key in self.place.scope.taps if not key[0].startswith("other")]
        if not taps or not m.chance(60):
            return []
        name, at = m.pick(taps)
        x = self.place.scope.taps[name, at]
        chain, _ = m.chain(x, Place(Scope(dict(self.place.scope.env)), depth=1), 3)
        steps = (Tap(name, None if at is None else Num(at)), *chain.steps)
        if not m.chance(30):
            return [Let("output", m.name("aux"), Chain(steps))]
        middle = m.name("side")
        return [
            Let("let", middle, Chain(steps)),
            Let("output", m.name("aux"), Chain((Tap(middle), Layer("GELU")))),
        ]
