"""Pictures as TikZ: the text of the file, and that pdflatex takes it, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import cnndsl
from cnndsl.api import read_source, shipped
from cnndsl.drawing import picture
from cnndsl.drawing.scene import Box, Scene, Text, flat
from cnndsl.drawing.tikz import tikz

PDFLATEX = shutil.which("pdflatex")


def scenes(name: str) -> list[Scene]:
    return [picture(network) for network in cnndsl.check(read_source(name)).networks[:1]]


@pytest.mark.parametrize("name", shipped())
def test_every_item_has_a_style_that_is_there(name: str) -> None:
    for scene in scenes(name):
        text = tikz(scene)
        known = set(re.findall(r"^  cnn ([\w-]+)/\.style=", text, re.MULTILINE))
        used = set(re.findall(r"^\\(?:path|node)\[cnn ([\w-]+)", text, re.MULTILINE))
        assert used <= known
        colours = set(re.findall(r"definecolor\{(cnn-\w+)\}", text))
        assert set(re.findall(r"=(cnn-\w+)", text)) <= colours
        assert text.count("\n\\node[") == sum(isinstance(item, Text) for item in flat(scene.items))
        assert text.count("?") == sum(
            item.text.count("?") for item in flat(scene.items) if isinstance(item, Text)
        )
        assert tikz(scene) == text


def test_signs_of_latex_are_text() -> None:
    scene = Scene(
        9, 9, "100 % of\nit", "", (Text(1, 2, r"a_b & 50% $x$ #1 {y} \z ^~ ⌊3×3⌋ ₂ 网", anchor="end"),)
    )
    text = tikz(scene)
    assert r"{a\_b \& 50\% \$x\$ \#1 \{y\} \textbackslash{}z \textasciicircum{}\textasciitilde{}" in text
    assert r"$\lfloor$3$\times$3$\rfloor$ $_2$ ?}" in text
    assert text.startswith("% 100 % of it\n")


def test_a_box_has_its_corners() -> None:
    assert r"\path[cnn conv] (1,2) rectangle (4,6);" in tikz(
        Scene(9, 9, "t", "", (Box(1, 2, 3, 4, "conv", 0),))
    )


@pytest.mark.skipif(not PDFLATEX, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", ["alexnet", "googlenet", "lenet5", "mlp", "alexnet_slide"])
def test_pdflatex_takes_the_file(name: str, tmp_path: Path) -> None:
    compiled(name, tmp_path)


@pytest.mark.long
@pytest.mark.skipif(not PDFLATEX, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", shipped())
def test_pdflatex_takes_every_shipped_network(name: str, tmp_path: Path) -> None:
    compiled(name, tmp_path)


def compiled(name: str, folder: Path) -> None:
    (scene,) = scenes(name)
    (folder / "net.tex").write_text(tikz(scene), encoding="utf-8")
    command = [PDFLATEX or "", "-halt-on-error", "-interaction=nonstopmode", "net.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    size = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (folder / "net.pdf").read_bytes())
    if size:  # it may be inside a compressed object
        assert abs(float(size[1]) - scene.width * 0.75) < 1
        assert abs(float(size[2]) - scene.height * 0.75) < 1
