"""Emitted files are such as linters, formatters and type checkers let pass, without any settings."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from emit_programs import PROGRAMS
from emit_specs import NAMES, report_of

from cnndsl.api import check
from cnndsl.emit import emit
from cnndsl.emit.options import Options
from cnndsl.source import Source

OPTIONS = {"bare": Options(comments=False), "flat": Options(style="flat")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All emitted files: shipped networks, examples, and the programs of test_emit_programs."""
    path = tmp_path_factory.mktemp("emitted")
    for name in NAMES:
        report = report_of(name)
        (path / f"{name}.py").write_text(emit(report), encoding="utf-8")
        report.networks[2:] = []  # of RegNet there are thirty
        for how, options in OPTIONS.items():
            (path / f"{name}_{how}.py").write_text(emit(report, options=options), encoding="utf-8")
    for name, text in PROGRAMS.items():
        report = check(Source(f"{name}.cnn", text))
        (path / f"program_{name}.py").write_text(emit(report), encoding="utf-8")
        flat = emit(report, options=OPTIONS["flat"])
        (path / f"program_{name}_flat.py").write_text(flat, encoding="utf-8")
    return path


def run(tool: str, *arguments: str, folder: Path) -> str:
    if not find_spec(tool):
        pytest.skip(f"{tool} is not installed: pip install -e '.[dev]'")
    command = [sys.executable, "-m", tool, *arguments, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff(folder: Path) -> None:
    chosen = "E4,E7,E9,F,I,UP,B"  # ruff's defaults, sorted imports, modern syntax, likely bugs
    target = ("--isolated", "--no-cache", "--target-version", "py311")
    assert run("ruff", "check", *target, "--select", chosen, folder=folder) == ""


def test_ruff_format(folder: Path) -> None:
    assert run("ruff", "format", "--isolated", "--no-cache", "--diff", folder=folder) == ""


def test_mypy(folder: Path, tmp_path: Path) -> None:
    options = ("--strict", "--scripts-are-modules", "--cache-dir", str(tmp_path))
    assert run("mypy", *options, folder=folder) == ""
