"""Networks with open inputs, against the same networks with numbers, and against PyTorch.

For each random network of `oracle`:

- the closed forms of its sizes and costs are, for any input, what elaborating for this input gives;
- an input is among the valid ones exactly if cnndsl accepts it, and exactly if PyTorch runs it;
- the module built for the network's own input runs the inputs that are said to fit its weights, to
  the shapes that the network has there, and of the other valid ones none;
- what is required of the input is the same, read off the tree or found by elaborating again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from oracle.maker import shape_literal
from oracle.run import TooLargeError, run
from oracle.strategies import networks
from oracle.tree import Chain, Claim, Guard, Label, Layer, Maybe, Net, Parallel, Repeat, Step
from symbolic_help import at, named, network, opened, own_input
from symbolic_help import given as for_input
from symbolic_programs import CASES, Case, around

from cnndsl.analysis.fields import UNSEEN
from cnndsl.analysis.inputs import Validity, valid_inputs
from cnndsl.analysis.opened import Reopened, reopen
from cnndsl.analysis.rows import Row, rows
from cnndsl.api import check
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.torch import emit_torch
from cnndsl.network import Network
from cnndsl.shape import Shape
from cnndsl.shape.size import Domain
from cnndsl.source import Source
from cnndsl.torch import loaded

if TYPE_CHECKING:
    from torch import nn

pytestmark = [
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel"),
    pytest.mark.filterwarnings("ignore:input's size at dim=1 does not match num_features"),  # INORM runs then
]

EVERY = settings(
    database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
#: The greatest extents that are tried, by rank.
MOST = {1: 70, 2: 40, 3: 14}


@seed(1998)
@settings(EVERY, max_examples=1_000)
@given(networks())
def test_random_networks(net: Net) -> None:
    compare(net)


@pytest.mark.long
@seed(2012)
@settings(EVERY, max_examples=20_000)
@given(networks())
def test_many_random_networks(net: Net) -> None:
    compare(net)


def compare(net: Net) -> None:
    text = net.text()
    if not run(net).ok or not own_input(ours := network(text)).rank:
        return
    open_, valid = opened(ours), valid_inputs(ours)
    errors = {found.code for found in open_.diagnostics if found.severity == "error"}
    assert errors <= {"symbolic-size"}, text
    assert not (valid and errors), text
    compare_requirements(ours, open_, text)
    for extents in inputs(net, own_input(ours).extents):
        compare_input(net, ours, open_ if not errors else None, valid, extents)


@seed(9)
@settings(EVERY, max_examples=60)
@given(networks())
def test_every_extent_from_1_on(net: Net) -> None:
    sweep(net)


@pytest.mark.long
@seed(10)
@settings(EVERY, max_examples=2_000)
@given(networks())
def test_every_extent_of_many_networks(net: Net) -> None:
    sweep(net)


def sweep(net: Net) -> None:
    """One axis, then all of them, through all extents up to 70 and around later starts and periods."""
    text = net.text()
    ours = network(text) if run(net).ok else None
    valid = valid_inputs(ours) if ours else None
    if ours is None or valid is None:
        return
    own = own_input(ours).extents
    axis = Random(text).randrange(len(own))
    for extent in sorted({*range(1, 71 if len(own) < 3 else 31), *turns(valid)}):
        for extents in ((*own[:axis], extent, *own[axis + 1 :]), (extent,) * len(own)):
            found = for_input(ours, extents)
            assert (named(extents) in valid.all) == found.ok, f"{extents} {valid.all} {text}"


def turns(valid: Validity) -> set[int]:
    """Extents around those from which on, and with whose multiples, sets change."""
    sets = [sizes for box in valid.all.boxes for sizes in box.values()]
    near = [
        n for sizes in sets for n in (sizes.start, sizes.period, 2 * sizes.period, sizes.start + sizes.period)
    ]
    return {n + step for n in near for step in (-1, 0, 1) if 0 < n + step < 400}


def inputs(net: Net, own: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The network's own input, some near it, and some others."""
    random, most = Random(net.text()), MOST[len(own)]
    yield own
    for spread in (1, 3):
        yield tuple(max(1, extent + random.randint(-spread, spread)) for extent in own)
    yield (random.randint(1, most),) * len(own)
    yield tuple(random.randint(1, most) for _ in own)


def compare_input(
    net: Net, ours: Network, open_: Network | None, valid: Validity | None, extents: tuple[int, ...]
) -> None:
    found, text = for_input(ours, extents), f"{extents}\n{net.text()}"
    try:
        trace = run(at_input(net, (own_input(ours).channels, *extents)))
        assert found.ok == trace.ok, f"{found.diagnostics[:1]} {trace.failure} {text}"
    except TooLargeError:
        pass
    if valid:
        assert (named(extents) in valid.all) == found.ok, f"{valid.all} {text}"
    if open_ and found.ok:
        compare_sizes(open_, found, extents, text)


# ---- the oracle's network for another input


def at_input(net: Net, shape: tuple[int, ...]) -> Net:
    """The network for another input, without claims: those are about it as it is written."""
    start = Layer("INPUT", (("shape", shape_literal(shape)),))
    main = Chain((start, *unclaimed(net.main).steps[1:]))
    blocks = tuple(replace(block, body=unclaimed(block.body)) for block in net.blocks)
    lets = tuple(replace(let, chain=unclaimed(let.chain)) for let in net.lets)
    return replace(net, main=main, blocks=blocks, lets=lets)


def unclaimed(step: Any) -> Any:
    match step:
        case Claim(body):
            return unclaimed(body)
        case Chain(steps):
            return Chain(tuple(map(unclaimed, steps)))
        case Parallel(op, branches):
            return Parallel(op, tuple(map(unclaimed, branches)))
        case Guard(body, condition, otherwise):
            return Guard(unclaimed(body), condition, otherwise and unclaimed(otherwise))
        case Repeat() | Maybe() | Label():
            inner: Step = step.body
            return replace(step, body=unclaimed(inner))
    return step


# ---- sizes


def compare_sizes(open_: Network, found: Network, extents: tuple[int, ...], text: str) -> None:
    values = named(extents)
    pairs = zip(rows(open_, expand=True), rows(found, expand=True), strict=True)
    for row, number in pairs:
        assert row.path == number.path
        assert shape_at(row.output, values) == shape_at(number.output, values), f"{row.path} {text}"
        costs = [at(size, values) for size in row.totals]
        for name, cost, size in zip(row.totals._fields, costs, number.totals, strict=True):
            assert cost == size or (cost is None and name == "operations"), f"{row.path} {name} {text}"
        compare_fields(row, number, text)
    totals = [at(size, values) for size in open_.all_totals]
    assert all(a in {None, b} for a, b in zip(totals, found.all_totals, strict=True)), text
    assert open_.all_totals.layers == found.all_totals.layers


def compare_fields(row: Row, number: Row, text: str) -> None:
    """A receptive field that is told is the one with numbers; it need not be."""
    assert row.sights in {UNSEEN, number.sights}, f"{row.path} {text}"


def shape_at(shape: Shape | None, values: dict[str, int]) -> tuple[int | None, ...]:
    assert shape is not None
    return tuple(at(size, values) for size in (shape.channels, *shape.extents))


# ---- the module built for one input


@seed(7)
@settings(EVERY, max_examples=250)
@given(networks(free=False))
def test_the_module_takes_what_fits_its_weights(net: Net) -> None:
    compare_module(net)


@pytest.mark.long
@seed(8)
@settings(EVERY, max_examples=5_000)
@given(networks(free=False))
def test_many_modules_take_what_fits_their_weights(net: Net) -> None:
    compare_module(net)


def compare_module(net: Net) -> None:
    text = net.text()
    if not run(net).ok or any(isinstance(let.chain.steps[0], Layer) for let in net.lets):
        return  # a further input keeps its size
    ours = network(text)
    valid = valid_inputs(ours) if own_input(ours).rank else None
    module = built(text) if valid and valid.fixed else None
    if module is None or valid is None or valid.fixed is None:
        return
    for extents in inputs(net, own_input(ours).extents):
        found, told = for_input(ours, extents), f"{extents} {valid.fixed}\n{text}"
        fits, shapes = named(extents) in valid.fixed, module.shapes(extents)
        assert not fits or shapes == outputs(found), told
        if found.ok and not fits and shapes == outputs(found):  # no kernel looks at them on this device
            assert {"TCONV", "PRELU", "SAME"} & set(re.findall(r"[A-Z]+", text.upper())), told


class Module(NamedTuple):
    """A generated module on the meta device, where only shapes are computed."""

    model: nn.Module
    channels: int

    def shapes(self, extents: tuple[int, ...]) -> list[tuple[int, ...]] | None:
        """What it gives for a batch of two; None where PyTorch refuses it."""
        with torch.device("meta"), torch.no_grad():
            try:
                found = self.model(torch.empty(2, self.channels, *extents))
            except (RuntimeError, ValueError):
                return None
        return [tuple(y.shape[1:]) for y in (found if isinstance(found, tuple) else (found,))]


def built(text: str) -> Module | None:
    report = check(Source("net.cnn", text))
    try:
        emitted = emit_torch(report)
    except Located as error:
        if "average pools cannot pad" not in error.diagnostic.message:
            raise
        return None
    (ours,) = report.networks
    with torch.device("meta"):
        model = eval(emitted.calls[ours.name], loaded(emitted.text).__dict__)  # noqa: S307
    return Module(model, own_input(ours).channels)


def outputs(found: Network) -> list[tuple[int, ...]] | None:
    """The shapes of all outputs; None where there are errors."""
    if not found.ok:
        return None
    ends = [found.output, *(chain.node.output for chain in found.chains if chain.kind == "output")]
    return [(end.channels, *end.extents) for end in ends if end]


@pytest.mark.parametrize("case", [case for case in CASES if case.main], ids=lambda case: case.text)
def test_each_input_runs_or_not(case: Case) -> None:
    """Of every extent from 1 on PyTorch runs those that are said to fit, and no others."""
    ours = network(case.text)
    valid, module, own = valid_inputs(ours), built(case.text), own_input(ours).extents
    assert valid is not None
    assert valid.fixed is not None
    assert module is not None
    if "= INPUT" in case.text:
        return  # a further input keeps its size
    for extents in around(own, {1: 70, 2: 70, 3: 20}[len(own)]):
        shapes = module.shapes(extents)
        if named(extents) in valid.fixed:
            assert shapes == outputs(for_input(ours, extents)), extents
        elif named(extents) not in valid.all and not {"+", "⊙"} & set(
            case.text
        ):  # these stretch single pixels
            assert shapes is None, extents


# ---- two ways to the requirements


def compare_requirements(ours: Network, open_: Network, text: str) -> None:
    """Where the tree alone tells what is required, elaborating again tells the same."""
    own, domain = own_input(ours), Domain()
    start: Any = next(row.node for row in rows(ours) if row.chain.kind == "main")
    extents: Any = tuple(domain.extent(name) for name in named(own.extents))
    try:
        reopen(ours, start, Shape(own.channels, extents), domain)
    except Reopened:
        return
    assert open_.ok, text
    assert open_.domain is not None
    assert told(domain) == told(open_.domain), text


def told(domain: Domain) -> tuple[Any, ...]:
    """What a domain holds, without its own extents."""
    asked = [[f"{relation.size} {relation.sign}" for relation in either] for either in domain.requirements]
    return asked[: domain.main], asked[domain.main :], {str(size) for size in domain.built_in}
