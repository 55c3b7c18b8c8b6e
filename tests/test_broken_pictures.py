"""Networks with an accident are shown all the same: on a page, in a notebook, in all styles that fit.

An accident is one sign that is lost, doubled or another one. What is left of a text that cannot be read is
shown up to there.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from cli_help import run
from page_help import Page
from picture_help import fitting, paths
from picture_programs import AWKWARD

from cnndsl.analysis.rows import rows, walked
from cnndsl.api import check, read_source, shipped
from cnndsl.begun import begun
from cnndsl.drawing import STYLES, picture, too_large
from cnndsl.drawing.graph.mermaid import mermaid
from cnndsl.drawing.svg import svg
from cnndsl.drawing.tikz import tikz
from cnndsl.network import Network
from cnndsl.webpage import shown, webpage
from cnndsl.webpage.document import MAX_EXPLAINED

#: Texts with decimals, blocks, repeats, labels and open sizes, beside those that are hard to draw.
PROGRAMS = (
    *AWKWARD.values(),
    """block A(c) = { CONV(c, 1) → BN → ReLU + ID } → ReLU → CONV(c, 3, p=1)
INPUT(4@8x8) → A(4) → [A(4) → LEAKY(0.1)]*3 → DROPOUT(0.5) → FC(2)""",
    "INPUT(3@32x32) → CONV(8, 3, p=1) as a → POOL(2) → { a → POOL(2) | ID } → FLATTEN → FC(10) → SOFTMAX",
    "INPUT(3@H x W) → [CONV(8, 3, s=2, p=1) → RELU]*2 → TCONV(8, 2, s=2) → CONV(4, 1) : 4@_x_",
)
SIGNS = '0479XxHaN.,:=?_()[]{}→|+@*# "\n'


def accident(text: str, dice: Random) -> str:
    """The text with one sign lost, doubled, replaced by another or put in."""
    at = dice.randrange(len(text))
    other = dice.choice(SIGNS)
    return text[:at] + dice.choice(("", 2 * text[at], other, other + text[at])) + text[at + 1 :]


def show(text: str) -> str:
    """Show a text in all ways; what is shown of it, in a word."""
    report = check(text)
    network = report.networks[0] if report.networks else begun(report)
    page = webpage(report, network)
    read = Page(page)
    assert ("error[" in page) is (not report.ok)
    if network is None:
        return "diagnostics"
    assert {row.path.replace(" ", "\u00a0") for row in rows(network)} <= {*read.paths}
    assert {*read.paths} <= {*read.explained} or len(read.explained) == MAX_EXPLAINED
    ET.fromstring(f"<html>{shown(network)}</html>")  # noqa: S314 - our own text
    if not too_large(network, expand=False):
        draw(network)
    return ("whole" if report.ok else "with errors") if report.networks else "begun"


def draw(network: Network) -> None:
    """Draw a network in all styles that fit: each layer is in each picture, and nothing that is none."""
    layers, parts = ({one.path for one in found} for found in (walked(network).rows, walked(network).ends))
    for style in fitting(network):
        scene = picture(network, style=style)
        assert layers <= {*paths(scene.items)} <= layers | parts, style
        ET.fromstring(svg(scene))  # noqa: S314 - our own text
        assert tikz(scene).endswith("\\end{document}\n")
    assert mermaid(network)


def survive(programs: tuple[str, ...], seed: int, count: int) -> Counter[str]:
    dice, outcomes = Random(seed), Counter[str]()
    for _ in range(count):
        text = accident(dice.choice(programs), dice)
        try:
            outcomes[show(text)] += 1
        except Exception as error:
            error.add_note(f"of {text!r}")
            raise
    return outcomes


def test_networks_with_an_accident_are_shown() -> None:
    outcomes = survive(PROGRAMS, 0, 80)
    assert min(outcomes[each] for each in ("whole", "with errors", "begun")) > 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 20))
def test_many_networks_with_an_accident_are_shown(seed: int) -> None:
    files = [name for name in shipped() if len(read_source(name).text) < 2_000]
    texts = (*PROGRAMS, *(read_source(name).text for name in files))
    assert survive(texts, seed, 200).total() == 200


@pytest.mark.parametrize(
    "text",
    [
        "INPUT(3@8x8) → CONV(3, 9) → APOOL(2) → [FC(10) → ReLU]*2 → FC(2)",
        "INPUT(3@8x8) → FOO(0.5) → FC(2)",
        "INPUT(3@8x8) → FOO(n[0]) → FC(2)",
        AWKWARD["two inputs"].replace("3@32x32", "3@3232"),
        "INPUT(3@8x8) → RESHAPE(3@64) → CONV(3, 3) → CONV(3, 99) → FC(2)",
        "block A(c) = { CONV(c, 1) → BN + ID } → CONV(c, 3, p=1)\nINPUT(4@8x8) → FOO → A(4) → FC(2)",
        "INPUT(3@2x32) → CONV(8, 3) → ReLU → { CONV(3, 1) | ID } → FC(10)",
    ],
)
def test_what_accidents_have_found(text: str) -> None:
    assert show(text) == "with errors"


@pytest.mark.parametrize("text", ["INPUT(3@8x8) → CONV(4, 9) → FOO(0.5)", "INPUT(3@8x8) → CONV(4 → FC"])
def test_the_commands_write_what_is_known_and_end_with_1(text: str, tmp_path: Path) -> None:
    ways = [("draw", *(("--style", style) if style else ())) for style in ("", *STYLES)]
    for number, way in enumerate([("report",), *ways]):
        file = tmp_path / f"{number}.{'html' if way == ('report',) else 'svg'}"
        done = run(*way, "-e", text, "-o", str(file))
        assert (done.status, file.exists()) == (1, True), done.err
        assert "error[" in done.err
