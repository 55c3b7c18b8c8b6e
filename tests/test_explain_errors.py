"""Steps that an error leaves without a size or a kind are explained as far as they are known."""

from __future__ import annotations

import pytest
from cli_help import run

import cnndsl
from cnndsl.explain.find import NoSuchStep, find, survey
from cnndsl.explain.step import explain
from cnndsl.network import Network

BLOCK = """block A(c) = { CONV(c, 1) → BN → ReLU + ID } → ReLU → CONV(c, 3, p=1)
INPUT(4@8x8) → FOO → A(4) → FC(2)"""


def network(text: str) -> Network:
    return cnndsl.check(text).networks[0]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("INPUT(3@8x8) → FOO(0.5) → FC(2)", "FOO(0.5)"),
        ("INPUT(3@8x8) → FOO(0.5) → FC(2)", " FOO(0.5) "),
        ("INPUT(3@8x8) → FOO(3, k=2) → FC(2)", "FOO(3, k=2)"),
        ("INPUT(3@8x8) → FOO(n[0]) → FC(2)", "FOO(n[0])"),
        ("INPUT(3@8x8) → [FOO(0.5) → ReLU]*3 → FC(2)", "FOO(0.5)[2]"),
        ("INPUT(3@8x8) → [FOO(0.5) → ReLU]*3 → FC(2)", "FOO(0.5)[1..2]"),
        ("INPUT(3@8x8) → [FOO(0.5) → ReLU]*3 → FC(2)", "FOO(0.5)"),
        ("block B = ReLU → FOO(0.5)\nINPUT(3@8x8) → B → B → FC(2)", "b2.FOO(0.5)"),
        ("INPUT(3@8x8) → { FOO(1.5) | ID } → FC(2)", "FOO(1.5)"),
        ("INPUT(3@H x W_x) → CONV(4, 3)", "INPUT(3@H x W_x)"),
    ],
)
def test_a_step_without_a_kind_goes_by_what_is_written(text: str, path: str) -> None:
    step = find(network(text), path)
    assert step.row is not None
    assert step.row.kind == "?"
    assert step.way[-1].node is step.row.node
    assert explain(network(text), path).title.endswith("of Net: a step with an error")


@pytest.mark.parametrize("path", ["FOO", "FOO(0", "FOO(0.5)[0]", "FOO(0.5).conv1", "5)", "conv1[0", ""])
def test_other_paths_do_not_mean_it(path: str) -> None:
    with pytest.raises(NoSuchStep):
        find(network("INPUT(3@8x8) → FOO(0.5) → FC(2)"), path)


def test_all_steps_behind_an_error_are_explained() -> None:
    broken = network(BLOCK)
    found = survey(broken)
    for path in [*(row.path for row in found.rows), *(end.path for end in found.ends)]:
        explain(broken, path)
    assert explain(broken, "a1").shapes == "?@?x? → 4@?x?"


def test_the_way_to_a_step_names_the_one_with_the_error() -> None:
    way = explain(network("INPUT(3@8x8) → CONV(8, 3) → FOO(0.5) → POOL(2) → FC(2)"), "fc1").way
    assert [(one.name, one.output) for one in way] == [
        ("input1", "3@8x8"),
        ("conv1", "8@6x6"),
        ("FOO(0.5)", "?@?x?"),
    ]


def test_the_command_explains_it_too() -> None:
    done = run("explain", "-e", "INPUT(3@8x8) → FOO(0.5) → FC(2)", "FOO(0.5)")
    assert done.status == 1
    assert "FOO(0.5) of Net: a step with an error" in done.out
    assert "3@8x8 → ?" in done.out
