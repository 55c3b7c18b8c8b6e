"""The files that `cnndsl draw` writes: each of its form, with the same bytes twice."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import cnndsl
from cnndsl.cli.app import app
from cnndsl.drawing import picture
from cnndsl.drawing.formats import DENSITY, FORMATS, written

STARTS = {".svg": b"<svg ", ".pdf": b"%PDF-", ".png": b"\x89PNG", ".tex": b"% ", ".mmd": b"flowchart TB\n"}


@pytest.mark.parametrize("ending", FORMATS)
def test_each_format_is_what_its_ending_says(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"alexnet{ending}"
    result = CliRunner().invoke(app, ["draw", "alexnet", "-o", str(file)])
    assert result.exit_code == 0, result.output
    content = file.read_bytes()
    assert content.startswith(STARTS[ending])
    assert written(cnndsl.load("alexnet"), ending) == content


def test_a_png_has_two_pixels_for_each_of_the_picture() -> None:
    network = cnndsl.load("alexnet")
    width, height = struct.unpack(">II", written(network, ".png")[16:24])
    scene = picture(network)
    assert abs(width - scene.width * DENSITY / 96) < 3
    assert abs(height - scene.height * DENSITY / 96) < 3


def test_mermaid_is_a_graph() -> None:
    result = CliRunner().invoke(app, ["draw", "alexnet", "--style", "blocks", "-o", "x.mmd"])
    assert result.exit_code == 2
    assert "Mermaid draws graphs alone" in result.output


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    result = CliRunner().invoke(app, ["draw", "alexnet", "-o", "x.pdf"])
    assert result.exit_code == 2
    assert ".pdf needs typst: pip install 'cnndsl[draw]'" in result.output
