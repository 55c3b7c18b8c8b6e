"""Networks in notebooks: what an object shows of itself, cells in the language, and the tour in docs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbconvert.preprocessors import ExecutePreprocessor

import cnndsl

TOUR = Path(__file__).parent.parent / "docs" / "tour.ipynb"


@pytest.fixture
def shell() -> Iterator[Any]:
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "cnndsl")
    yield shell
    shell.reset()
    InteractiveShell.clear_instance()


def cell(shell: Any, line: str, text: str) -> str:
    """The HTML that a cell shows."""
    with capture_output() as shown:
        shell.run_cell_magic("cnn", line, text)
    return "".join(output.data["text/html"] for output in shown.outputs)


def well_formed(html: str) -> ET.Element:
    """The fragment as a tree; raises where a tag is left open or a sign is not escaped."""
    return ET.fromstring(f"<html>{html}</html>")  # noqa: S314 - our own text


def test_a_network_shows_its_table() -> None:
    page = well_formed(cnndsl.load("alexnet")._repr_html_())
    rows = {row.get("data-path"): ["".join(td.itertext()) for td in row] for row in page.iter("tr")}
    assert page.find("{http://www.w3.org/2000/svg}svg") is not None
    size = "(227 − 11)/4 + 1 = 55"
    assert rows["conv1"][:5] == ["conv1", "CONV(96, 11x11, s=4)", size, "96@55x55", "34 848"]
    assert "62 378 344 = 62 367 776 weights + 10 568 biases" in "".join(page.itertext())


def test_a_cell_keeps_its_network(shell: Any) -> None:
    shown = cell(shell, "net", "INPUT(3@8x8) → CONV(4, 3) → FC(10)")
    well_formed(shown)
    assert "4@6x6" in shown
    assert shell.user_ns["net"].totals.params == 4 * 27 + 4 + 144 * 10 + 10


def test_a_network_with_errors_is_kept_too(shell: Any) -> None:
    cell(shell, "net", "INPUT(3@8x8) → CONV(4, 9) → FC(10)")
    assert not shell.user_ns["net"].ok


@pytest.mark.parametrize("text", ["INPUT(3@8x8) → CONV(4, 3) FC(10)", "# nothing", "block A = CONV(4, 3)"])
def test_a_text_that_is_no_network_leaves_no_older_one_under_its_name(shell: Any, text: str) -> None:
    cell(shell, "net", "INPUT(3@8x8) → FC(10)")
    shown = "".join(well_formed(cell(shell, "net", text)).itertext())
    assert "there is no network to be kept: net is not defined" in shown
    assert "net" not in shell.user_ns
    assert "not defined" not in cell(shell, "", text)


@pytest.mark.parametrize("name", ["1x", "a-b", "class", "my.net"])
def test_a_name_that_no_variable_can_have_is_refused(shell: Any, name: str) -> None:
    with pytest.raises(UsageError, match=f"`{name}` is no name for a variable of Python"):
        cell(shell, name, "INPUT(3@8x8) → FC(10)")


@pytest.mark.parametrize(
    ("text", "known", "message"),
    [
        ("INPUT(3@8x8) → CONV(4, 3) FC(10)", "4@6x6", "an arrow is missing before `FC(10)`"),
        ("INPUT(3@8x8) → CONV(4, 3) → [RELU → FC(10", "4@6x6", "is never closed"),
        ("block B = BN → ReLU\nINPUT(3@8x8) → B →", "3@8x8", "the file ends here"),
    ],
)
def test_of_a_text_that_cannot_be_read_the_beginning_is_shown(
    shell: Any, text: str, known: str, message: str
) -> None:
    page = well_formed(cell(shell, "", text))
    words = "".join(page.itertext())
    rows = [["".join(td.itertext()) for td in row] for row in page.iter("tr") if row.get("data-path")]
    assert known in rows[-2]  # before the row of what was not read
    assert "?" in rows[-1]
    assert "The totals are unknown" in words
    assert page.find("{http://www.w3.org/2000/svg}svg") is not None
    assert words.rindex(message) > words.index("The totals")


def test_a_cell_tells_what_is_wrong_below_what_is_known(shell: Any) -> None:
    shown = cell(shell, "", "INPUT(3@8x8) → CONV(4, 9) → FC(10)")
    text = "".join(well_formed(shown).itertext())
    assert "error[kernel-too-large]" in text
    assert text.index("CONV(4, 9") < text.index("error[kernel-too-large]")


def test_a_cell_takes_the_options_of_check(shell: Any) -> None:
    pattern = "INPUT → [CONV → ReLU]*N → FC"
    shown = cell(shell, "--set N=3 --input 3@16x16", pattern)
    paths = [row.get("data-path") for row in well_formed(shown).iter("tr")]
    assert "conv1[1..2]" in paths
    assert "64@16x16" in shown


def test_a_cell_says_what_it_assumed_and_what_is_free(shell: Any) -> None:
    text = "".join(well_formed(cell(shell, "", "INPUT → [CONV → ReLU]*N → FC")).itertext())
    assert "CONV(64, 3x3, s=1, p=1)" in text
    assert "free: N ≥ 0, usually ≤ 3" in text


def test_a_file_with_variants_is_summed_up_and_kept_by_name(shell: Any) -> None:
    text = "net Two(n)\nvariant A = (1)\nvariant B = (2)\nINPUT(3@8x8) → FC(n)"
    shown = cell(shell, "both", text)
    assert [row.get("data-path") for row in well_formed(shown).iter("tr")] == [None] * 3
    assert set(shell.user_ns["both"]) == {"A", "B"}


def test_markup_in_a_comment_stays_text() -> None:
    network = cnndsl.check("# <script>alert(1)</script> & more\nnet N\nINPUT(1@4x4) → FC(2)").networks[0]
    assert "<script>" not in network._repr_html_()
    assert "<script>alert(1)</script> & more" in "".join(well_formed(network._repr_html_()).itertext())


def test_the_tour_runs() -> None:
    notebook = nbformat.read(TOUR, as_version=4)
    ExecutePreprocessor(timeout=120, kernel_name="python3").preprocess(notebook, {})
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert all(output.output_type != "error" for output in shown)
    assert any("text/html" in output.get("data", {}) for output in shown)
