"""Graphs as Mermaid: what stands in the file, for sites that draw it themselves."""

from __future__ import annotations

import re

import pytest

import cnndsl
from cnndsl.api import read_source, shipped
from cnndsl.drawing.graph.mermaid import mermaid

_NODE = re.compile(r'^ +(n\d+)(?:\["[^"<>]*(?:<br/>[^"<>]*)*"\]|\(\("[^"<>]*"\)\)):::(\w+)$')
_FRAME = re.compile(r'^ +subgraph (f\d+)\["[^"<>]*"\]$')
_ARROW = re.compile(r"^  (n\d+) -(?:-|\.-)> (n\d+)$")


class Chart:
    """A chart read again, line by line; a line of another form is an error."""

    def __init__(self, text: str) -> None:
        first, *lines = text.splitlines()
        assert first == "flowchart TB"
        self.nodes: dict[str, str] = {}
        self.arrows: list[tuple[str, str]] = []
        self.styles: set[str] = set()
        depth = 0
        for line in lines:
            if node := _NODE.match(line):
                assert node[1] not in self.nodes
                self.nodes[node[1]] = node[2]
            elif arrow := _ARROW.match(line):
                self.arrows.append((arrow[1], arrow[2]))
            elif line.startswith("  classDef "):
                self.styles.add(line.split()[1])
            elif not line.startswith("  class "):
                assert _FRAME.match(line) or line.strip() == "end", line
                depth += 1 if "subgraph" in line else -1
                assert depth >= 0
        assert depth == 0


@pytest.mark.parametrize("name", shipped())
def test_shipped_networks(name: str) -> None:
    for network in cnndsl.check(read_source(name)).networks[:2]:
        text = mermaid(network)
        chart = Chart(text)
        assert {end for arrow in chart.arrows for end in arrow} <= chart.nodes.keys()
        assert {*chart.nodes.values()} <= chart.styles
        alone = [node for node in chart.nodes if all(end != node for _, end in chart.arrows)]
        assert all(re.search(rf'{node}(\["[^"]*: INPUT|\(\("in"\)\))', text) for node in alone)
        assert mermaid(network) == text


def test_a_residual_block_is_drawn_once_with_its_skip() -> None:
    text = mermaid(
        cnndsl.check(
            """
block Residual(c) = { CONV(c, 3, p=1) → BN + ID } → ReLU
INPUT(8@4x4) → Residual(8)*3 → POOL(2) → Residual(8)
"""
        ).networks[0]
    )
    assert (
        text
        == """\
flowchart TB
  n1["input1: INPUT(8@4x4)<br/>8@4x4"]:::input
  n2["residual1[0..2]: Residual(8) ×3<br/>8@4x4"]:::block
  n3["pool1: POOL(max, 2x2)<br/>8@2x2"]:::pool
  n4["residual2: Residual(8)<br/>8@2x2"]:::block
  subgraph f1["Residual(8): one drawing for 4 uses"]
    n5(("in")):::join
    n6["conv1: CONV(8, 3x3, p=1)<br/>BN"]:::conv
    n7(("+")):::join
    n8["ReLU"]:::act
  end
  n1 --> n2
  n2 --> n3
  n3 --> n4
  n5 --> n6
  n6 --> n7
  n5 --> n7
  n7 --> n8
  class f1 frame
  classDef frame fill:none,stroke:#4b5059
  classDef input fill:#e3e3e3,stroke:#4b5059,color:#1a1a1a
  classDef conv fill:#a9cfe8,stroke:#4b5059,color:#1a1a1a
  classDef pool fill:#f2a77e,stroke:#4b5059,color:#1a1a1a
  classDef act fill:#fff6c2,stroke:#4b5059,color:#1a1a1a
  classDef block fill:#ffffff,stroke:#4b5059,color:#1a1a1a,stroke-width:2px
  classDef join fill:#ffffff,stroke:#4b5059,color:#1a1a1a
"""
    )


def test_a_long_skip_is_dotted() -> None:
    text = mermaid(
        cnndsl.check("INPUT(1@8x8) → CONV(4, 3, p=1) as a → POOL(2) → UPSAMPLE(2) → { ID + a }").networks[0]
    )
    assert "  n2 -.-> n5" in text


def test_an_error_stands_in_its_box() -> None:
    text = mermaid(cnndsl.check("INPUT(3@8x8) → CONV(4, 9) → FC(10)").networks[0])
    assert re.search(r'n2\["conv1: CONV\(4, 9x9\)<br/>the 9x9 kernel does not fit.*:::fault', text)
    Chart(text)


def test_marks_of_the_file_are_none_of_a_label() -> None:
    chart = mermaid(cnndsl.check("INPUT(1@4x4) → [CONV(2, 3, p=1) → RESHAPE(2@4x4)]*2").networks[0])
    Chart(chart)
