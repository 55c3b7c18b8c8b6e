"""Pictures of networks that nobody has thought of, made of steps that are hard to lay out."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from picture_help import fitting, flaws, paths

from cnndsl.analysis.rows import rows
from cnndsl.api import check
from cnndsl.drawing import picture
from cnndsl.drawing.graph.mermaid import mermaid
from cnndsl.drawing.svg import svg
from cnndsl.drawing.tikz import tikz
from cnndsl.network import Network

BLOCKS = """block A(c) = { CONV(c, 1) → BN → ReLU + ID } → ReLU → CONV(c, 3, p=1)
block B(c, n = 2) = [A(c)]*n → BN → CONV(c, 1)
block Gate = { ID ⊙ GAP → CONV(4, 1) → SIGMOID }
block Unit(c, Act) = CONV(c, 3, p=1) → Act
"""
LAYERS = ("CONV(4, 1)", "CONV(4, 3, p=1)", "CONV(4, 3, p=1, g=2)", "BN", "ReLU", "ID", "DROPOUT", "SILU")
USES = ("A(4)", "B(4)", "B(4, n=3)", "Gate", "Unit(4, ReLU)", "Unit(4, ID)", "Unit(4, TANH)")
#: Mistakes: what stands in the place of some of the text.
SLIPS = ("", "9", "(", ")", "x", "+", "FOO", " → ", "CONV(2, 99)", "-1")


class _Steps:
    """Steps that keep 4@8x8, with labels that later steps take up."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.labels: list[str] = []
        self.count = 0

    def chain(self, depth: int, most: int = 3) -> str:
        return " → ".join(self.step(depth) for _ in range(self.draw(st.integers(1, most))))

    def step(self, depth: int) -> str:
        kinds = ["layer", "use", "label"]
        kinds += ["sum", "concatenation", "repeat"] if depth else []
        kinds += ["skip"] if self.labels else []
        match self.draw(st.sampled_from(kinds)):
            case "layer":
                return self.draw(st.sampled_from(LAYERS))
            case "use":
                return self.draw(st.sampled_from(USES))
            case "label":
                self.count += 1
                self.labels.append(f"t{self.count}")
                return f"CONV(4, 1) as t{self.count}"
            case "skip":
                taken = self.draw(st.lists(st.sampled_from(self.labels), min_size=1, max_size=2))
                return f"{{ ID + {' + '.join(taken)} }}"
            case "repeat":
                outside = [*self.labels]
                body = self.chain(depth - 1)
                self.labels = outside
                return f"[{body}]*{self.draw(st.integers(0, 4))}"
            case "sum":
                return f"{{ {' + '.join(self.paths(depth))} }}"
        return f"{{ {' | '.join(self.paths(depth))} }} → CONV(4, 1)"

    def paths(self, depth: int) -> list[str]:
        return [self.chain(depth - 1, 2) for _ in range(self.draw(st.integers(2, 4)))]


@st.composite
def programs(draw: st.DrawFn) -> str:
    steps = _Steps(draw)
    text = f"{BLOCKS}INPUT(4@8x8) → {steps.chain(2, 5)} → GAP → FC(3)\n"
    if draw(st.booleans()) and steps.labels:
        text += f"output side = {draw(st.sampled_from(steps.labels))} → GAP → FC(2)\n"
    return text


@st.composite
def slips(draw: st.DrawFn) -> str:
    """Programs with something wrong in them, mostly."""
    text = draw(programs())
    start = draw(st.integers(text.index("INPUT"), len(text) - 1))
    return text[:start] + draw(st.sampled_from(SLIPS)) + text[start + draw(st.integers(0, 4)) :]


def judge(network: Network) -> None:
    """Nothing overlaps, no layer is missing, and all formats can be written."""
    for style in fitting(network):
        for expand in (False, True) if style == "graph" else (False,):
            scene = picture(network, style=style, expand=expand)
            assert flaws(scene) == []
            if network.ok:
                assert {row.path for row in rows(network, expand=expand)} <= set(paths(scene.items))
            svg(scene), tikz(scene)
    mermaid(network)


#: Shrinking takes minutes: a picture of the program as it was made up tells as much.
QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
LONG = settings(QUICK, max_examples=3000, derandomize=False)


@QUICK
@given(programs())
def test_networks(text: str) -> None:
    (network,) = check(text).networks
    assert network.ok
    judge(network)


@QUICK
@given(slips())
def test_networks_with_mistakes(text: str) -> None:
    for network in check(text).networks:
        judge(network)


@pytest.mark.long
@LONG
@given(programs())
def test_many_networks(text: str) -> None:
    (network,) = check(text).networks
    judge(network)


@pytest.mark.long
@LONG
@given(slips())
def test_many_networks_with_mistakes(text: str) -> None:
    for network in check(text).networks:
        judge(network)
