"""The shipped networks: clean, quick, and with the numbers that others count for them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from zoo import BEYOND, ZOO

from cnndsl.analysis.rows import rows
from cnndsl.api import Report, check, read_source, shipped

#: The lecture's slip, kept as its slide has it: the one shipped file that is meant to fail.
SLIDE = "alexnet_slide"
CLEAN = sorted(shipped().keys() - {SLIDE})

#: (parameters, multiply-accumulates) of each network, or of each variant, beside those that the zoo compares
#: with torchvision: the same layers written in PyTorch 2.13.0 by hand, parameters summed,
#: multiply-accumulates by its flop counter. C3D's also stand in its paper (38.5 G).
COSTS = {
    "alexnet": (62_378_344, 1_135_256_096),
    "alexnet224": (62_378_344, 1_135_256_096),
    "alexnet_groups": (60_965_224, 724_406_816),
    "c3d": (79_991_015, 38_548_959_232),
    "googlenet": (6_998_552, 1_582_671_872),
    "lenet5": {"Digits": (44_426, 281_640), "Exercise": (1_628_426, 12_005_640)},
    "linear": (7_850, 7_840),
    "m5": (559_114, 278_533_120),
    "mlp": (235_146, 234_752),
    "pattern": (4_198_922, 5_966_336),
    "pattern_conv": (657_162, 2_424_832),
    "pattern_lenet": (1_090_122, 12_257_792),
    "pattern_linear": (30_730, 30_720),
    "pattern_mlp": (789_258, 788_992),
    "pattern_vgg": (517_194, 63_441_408),
}

#: The lecture's table of AlexNet: weights, neurons and output of its five convolutions.
ALEXNET = [
    (34_848, 290_400, "96@55x55"),
    (614_400, 186_624, "256@27x27"),
    (884_736, 64_896, "384@13x13"),
    (1_327_104, 64_896, "384@13x13"),
    (884_736, 43_264, "256@13x13"),
]

#: The lecture's five instances as settings of its pattern.
INSTANCES = {
    "pattern_linear": "M=0, K=0",
    "pattern_mlp": "M=0, K=1",
    "pattern_conv": "N=1, M=1, pool1=no, K=0",
    "pattern_lenet": "N=1, M=2, K=1",
    "pattern_vgg": "N=2, M=3, K=2",
}


def checked(name: str, **options: str) -> Report:
    return check(read_source(name), **options)  # type: ignore[arg-type]


def test_every_spec_has_known_costs() -> None:
    others = {entry.spec for entry in ZOO.values()} | {one.spec for one in BEYOND}
    assert sorted(COSTS.keys() | others | {"wavenet"}) == CLEAN  # which tests/torch/references.py has


@pytest.mark.parametrize("name", CLEAN)
def test_clean(name: str) -> None:
    report = checked(name)
    assert [str(found) for found in report.diagnostics] == []
    assert not report.unchecked
    assert all(network.known for network in report.networks)


@pytest.mark.parametrize("name", COSTS)
def test_costs(name: str) -> None:
    known = COSTS[name]
    networks = checked(name).networks
    found = {network.variant: (network.totals.params, network.totals.macs) for network in networks}
    assert found == (known if isinstance(known, dict) else {None: known})


@pytest.mark.parametrize("name", CLEAN)
def test_documented(name: str) -> None:
    program = checked(name).program
    assert program
    assert program.net
    assert program.net.doc


@pytest.mark.parametrize("name", [*CLEAN, SLIDE])
def test_fits_a_page(name: str) -> None:
    lines = Path(shipped()[name]).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 56
    assert max(map(len, lines)) <= 110
    assert not any(line != line.rstrip() for line in lines)


def test_the_slide_fails_at_the_claim_after_its_pool() -> None:
    (found,) = checked(SLIDE).diagnostics
    assert (found.code, found.span.text) == ("claim", "27x27x256")
    assert "53x53" in found.message


def test_the_slide_holds_once_its_slip_is_mended() -> None:
    text = read_source(SLIDE).text.replace("s=1", "s=2")
    (network,) = check(text).networks
    assert network.ok
    assert network.totals.params == 62_378_344


@pytest.mark.parametrize("name", ["alexnet", "alexnet224"])
def test_alexnet_as_the_lecture_counts_it(name: str) -> None:
    (network,) = checked(name).networks
    convs = [row for row in rows(network) if row.kind == "CONV"]
    assert [(row.totals.weights, row.totals.neurons, str(row.output)) for row in convs] == ALEXNET
    assert sum(row.totals.neurons for row in convs) == 650_080
    assert network.totals.neurons == 659_272
    assert (network.totals.weights, network.totals.biases) == (62_367_776, 10_568)


def test_alexnet_states_every_number_of_the_lecture() -> None:
    text = read_source("alexnet").text.replace("_", "")
    for weights, neurons, output in ALEXNET:
        assert str(weights) in text
        assert str(neurons) in text
        assert output in text
    for total in (62_367_776, 10_568, 62_378_344, 650_080, 659_272):
        assert str(total) in text


def test_alexnet_groups() -> None:
    (network,) = checked("alexnet_groups").networks
    assert (network.totals.weights, network.totals.biases) == (60_954_656, 10_568)


def test_googlenet_with_its_auxiliary_classifiers() -> None:
    (network,) = checked("googlenet").networks
    assert network.totals.params == 6_998_552
    assert network.all_totals.params == 13_378_280


def test_lenet5_flattens_what_the_notes_say() -> None:
    features = {"Digits": "256", "Exercise": "13456"}
    for network in checked("lenet5").networks:
        (flatten,) = [row for row in rows(network) if row.kind == "FLATTEN"]
        assert str(flatten.output) == features[network.name]


@pytest.mark.parametrize("instance", INSTANCES)
def test_the_instances_are_members_of_the_pattern(instance: str) -> None:
    (one,) = checked("pattern", settings=INSTANCES[instance]).networks
    (other,) = checked(instance).networks
    assert one.totals == other.totals
    assert [row.kind for row in rows(one, expand=True)] == [row.kind for row in rows(other, expand=True)]


def test_all_of_them_are_quick() -> None:
    checked("alexnet")  # loads the parser
    start = time.process_time()
    for name in shipped():
        checked(name)
    assert time.process_time() - start < 5  # bench/zoo.py holds them to less
