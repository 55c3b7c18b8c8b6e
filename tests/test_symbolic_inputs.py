"""For which inputs networks work: the sets as they are told, and each input against checking it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_help import run
from symbolic_help import given, named, network, opened, own_input
from symbolic_programs import CASES, Case, around

from cnndsl.analysis.inputs import required, valid_inputs
from cnndsl.analysis.opened import Reopened, reopen
from cnndsl.analysis.rows import rows
from cnndsl.api import check, load
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.torch import emit_torch
from cnndsl.files import read_source, shipped
from cnndsl.network import LayerNode, Network
from cnndsl.render.summary import worded
from cnndsl.shape import Shape
from cnndsl.shape.size import Domain
from cnndsl.source import Source

FIXTURES = Path(__file__).parent / "fixtures" / "torchvision"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_sets_as_told(case: Case) -> None:
    valid = valid_inputs(network(case.text))
    if case.main is None:
        assert valid is None
        return
    assert valid is not None
    assert valid.fixed is not None
    assert worded(valid.main) == case.main
    assert worded(valid.all) == (case.all or case.main)
    assert worded(valid.fixed) == (case.fixed or case.all or case.main)


@pytest.mark.parametrize("case", [case for case in CASES if case.main], ids=lambda case: case.text)
def test_each_input_against_checking_it(case: Case) -> None:
    ours = network(case.text)
    valid, own = valid_inputs(ours), own_input(ours).extents
    assert valid is not None
    for extents in around(own, {1: 70, 2: 30, 3: 12}[len(own)]):
        found = given(ours, extents)
        assert (named(extents) in valid.all) == found.ok, (extents, found.diagnostics[:1])


@pytest.mark.parametrize("case", [case for case in CASES if case.main is None], ids=lambda case: case.text)
def test_what_cannot_be_told_is_an_error_or_nothing(case: Case) -> None:
    """An open input gives one error where a number is needed, and no sets."""
    found = opened(network(case.text))
    codes = [one.code for one in found.diagnostics if one.severity == "error"]
    assert codes in ([], ["symbolic-size"])


# ---- torchvision's own figures


def least_inputs() -> list[tuple[str, str, int, int]]:
    lines = (FIXTURES / "least_inputs.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [(file, variant, int(main), int(every)) for file, variant, main, every in rows]


@pytest.mark.parametrize(("spec", "variant", "main", "every"), least_inputs())
def test_the_least_inputs_that_torchvision_states(spec: str, variant: str, main: int, every: int) -> None:
    ours = load(spec, variant=None if variant == "-" else variant)
    valid = valid_inputs(ours)
    assert valid is not None
    assert (worded(valid.main), worded(valid.all)) == (f"from {main}x{main}", f"from {every}x{every}")
    assert given(ours, (every, every)).ok
    assert not given(ours, (every - 1, every)).ok


# ---- two ways to the requirements


def requirements(ours: Network) -> Domain:
    """Read off the tree; raises Reopened."""
    start, domain = main_input(ours), Domain()
    assert start.output is not None
    names = named(start.output.extents)
    shape = Shape(start.output.channels, tuple(domain.extent(name) for name in names))  # type: ignore[misc]
    reopen(ours, start, shape, domain)
    return domain


def main_input(ours: Network) -> LayerNode:
    node = next(row.node for row in rows(ours) if row.chain.kind == "main")
    assert isinstance(node, LayerNode)
    return node


def told(domain: Domain | None) -> tuple[object, ...]:
    assert domain is not None
    asked = [[f"{relation.size} {relation.sign}" for relation in either] for either in domain.requirements]
    return asked[: domain.main], asked[domain.main :], {str(size) for size in domain.built_in}


def specs() -> list[tuple[str, Network]]:
    networks = [one for name in shipped() for one in check(read_source(name)).networks]
    files = [one for file in sorted(FIXTURES.glob("*.cnn")) for one in check(read_source(str(file))).networks]
    return [(one.name, one) for one in (*networks, *files) if one.ok and own_input(one).rank]


@pytest.mark.parametrize(("name", "ours"), specs())
def test_the_tree_tells_what_elaborating_again_tells(name: str, ours: Network) -> None:
    assert told(requirements(ours)) == told(required(ours, own_input(ours)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_the_tree_tells_the_same_of_small_networks(case: Case) -> None:
    ours = network(case.text)
    again = required(ours, own_input(ours))
    try:
        found = requirements(ours)
    except Reopened:
        assert again is None or "in." in case.text
        return
    assert told(found) == told(again)


@pytest.mark.parametrize(
    "text",
    [
        "INPUT(3@8x8) → [POOL(2)]?(in.H > 0)",
        "INPUT(3@8x8) → [POOL(2)]?(IN . w > 0)",
        "INPUT(3@8x8) → [POOL(2)]?(in # as it arrives\n . # high\n H > 0)",
        "block B(h = in.H) = CONV(h, 1)\nINPUT(3@8x8) → B",
        "INPUT(3@8x8) → PERMUTE(HWC) → [POOL(1)]?(in.C > 0)",
        "INPUT(3@8x8) → PERMUTE(HWC) → CONV(in.C, 1)",
        "INPUT(3@8x8) → PERMUTE(HWC) → [ReLU as e[in.C]]",
    ],
)
def test_a_tree_that_may_be_another_is_not_read(text: str) -> None:
    with pytest.raises(Reopened):
        requirements(network(text))


def test_repeats_that_an_open_input_takes_apart() -> None:
    """On one pixel all copies are alike; from a larger map each makes it smaller."""
    few, many = (network(f"INPUT(3@1x1) → [CONV(3, 3, s=2, p=1)]*{count}") for count in (9, 1_000_000))
    valid = valid_inputs(few)
    assert valid is not None
    assert worded(valid.all) == "from 1x1"
    assert valid_inputs(many) is None


# ---- names


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("INPUT(3@NxN) → CONV(4, 5) → GAP → FC(4)", "N from 5"),
        ("INPUT(3@HxW) → CONV(4, 5x3) → GAP → FC(4)", "H from 5, W from 3"),
        ("INPUT(3@HxW) → CONV(4, 5) : 4@_x20 → GAP → FC(4)", "H from 5, W = 24"),
        ("INPUT(3@HxH) → POOL(2) as e → UPSAMPLE(2) → PAD(0:1) → CONV(4, 3)", "H from 2"),
        ("INPUT(3@Hx32) → POOL(2) → UPSAMPLE(2) → CONV(2, 3)", "H from 4"),
        ("INPUT(1@T) → CONV(4, 9, s=2) → GAP", "T from 9"),
        ("INPUT(1@NxN) → { ID | POOL(2) → UPSAMPLE(2) } → GAP", "N: even numbers"),
        ("INPUT(2@NxN) → { ID | PERMUTE(CWH) } → GAP", "N from 1"),
        ("INPUT(1@NxN) → INORM → GAP", "N from 2"),
        ("INPUT(1@NxNxN) → RESHAPE(8@8) → GAP → FC(2)", "N = 4"),
    ],
)
def test_names_in_the_file(text: str, sets: str) -> None:
    valid = valid_inputs(network(text))
    assert valid is not None
    assert str(valid.all) == sets
    assert valid.fixed is None


@pytest.mark.parametrize("shape", ["3@NxN", "3@HxW", "3@Nx32"])
def test_names_from_the_caller(shape: str) -> None:
    text = "INPUT(3@32x32) → CONV(8, 5, s=2) → ReLU → GAP → FC(10)"
    (ours,) = check(text, input=shape).networks
    valid = valid_inputs(ours)
    assert ours.ok
    assert valid is not None
    assert all(str(box[name]) == "from 5" for box in valid.all.boxes for name in valid.all.names)
    assert ours.totals.params == check(text).networks[0].totals.params


def test_a_main_input_inside_a_group_is_replaced_as_well() -> None:
    text = "[INPUT(3@32x32) → CONV(8, 5)] → ReLU"
    (ours,) = check(text, input="3@16x16").networks
    assert str(ours.output) == "8@12x12"
    valid = valid_inputs(network(text))
    assert valid is not None
    assert worded(valid.all) == "from 5x5"


def test_of_a_network_with_errors_at_its_own_input() -> None:
    """It may work for others."""
    (ours,) = check(Source("net.cnn", "INPUT(3@8x8) → CONV(4, 9) → GAP → FC(2)")).networks
    valid = valid_inputs(ours)
    assert not ours.ok
    assert valid is not None
    assert worded(valid.all) == "from 9x9"


def test_vectors_have_no_size_to_tell() -> None:
    assert valid_inputs(network("INPUT(20) → FC(3)")) is None


@pytest.mark.parametrize("start", ["INPUT(3@8x8)?", "[INPUT(3@8x8)]*1", "{ INPUT(3@8x8) | INPUT(1@8x8) }"])
def test_an_input_that_replaces_nothing_is_an_error(start: str) -> None:
    report = check(f"{start} → ReLU", input="3@6x6")
    assert [one.code for one in report.diagnostics] == ["no-network"]
    assert valid_inputs(network(f"{start} → ReLU")) is None


# ---- what people see


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_every_command_takes_an_open_input(case: Case) -> None:
    """With sizes or with an error that says why not; `build` wants numbers."""
    own = own_input(network(case.text))
    shape = f"{own.channels}@{'x'.join(named(own.extents))}"
    said = run("check", "-e", case.text, "--input", shape)
    assert said.status in {0, 1}
    assert ("symbolic-size" in said.err) == bool(said.status)
    for options in (("--format", "json"), ("--pedantic", "--strict"), ("--fixed-weights",)):
        assert run("check", "-e", case.text, "--input", shape, *options).status in {0, 1}
    assert run("explain", "-e", case.text, "--input", shape).status == said.status
    for row in rows(network(case.text)) if said.status == 0 else ():
        assert run("explain", "-e", case.text, "--input", shape, row.path).status == 0


def test_a_module_wants_numbers() -> None:
    with pytest.raises(Located) as refused:
        emit_torch(check("INPUT(3@HxW) → CONV(8, 3) → GAP → FC(10)"))
    assert refused.value.diagnostic.code == "symbolic-size"
    assert refused.value.diagnostic.span.text == "INPUT(3@HxW)"


def test_a_field_that_depends_on_the_input_is_not_told() -> None:
    """Strided `same` padding lies where the input's size puts it."""
    for text, known in (
        ("CONV(4, 3, p=same)", True),
        ("CONV(4, 3, s=2, p=same)", False),
        ("APOOL(4)", False),
    ):
        (row,) = (row for row in rows(opened(network(f"INPUT(3@8x8) → {text}"))) if row.kind != "INPUT")
        assert bool(row.sights) == known


def test_two_open_inputs_share_their_names() -> None:
    text = "INPUT(3@HxW) → { POOL(2) → UPSAMPLE(2) | other } → GAP → FC(2)\nlet other = INPUT(1@HxW) → ReLU"
    valid = valid_inputs(network(text))
    assert valid is not None
    assert str(valid.all) == "H and W: even numbers"


def test_where_a_further_input_alone_is_open_nothing_is_told() -> None:
    text = "INPUT(3@8x8) → { POOL(2) | other } → GAP → FC(2)\nlet other = INPUT(1@HxW) → ReLU"
    assert valid_inputs(network(text)) is None


def test_a_further_input_with_a_name_of_its_own() -> None:
    text = "INPUT(3@NxN) → CONV(2, 3) → GAP → FC(2)\noutput pitch = INPUT(1@T) → CONV(2, 5) → GAP → FC(3)"
    valid = valid_inputs(network(text))
    assert valid is not None
    assert str(valid.all) == "N from 3, T from 5"
    assert str(valid.main) == "N from 3, T from 1"
