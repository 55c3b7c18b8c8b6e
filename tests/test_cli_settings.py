"""`--pedantic`, `--ignore`, and the settings of a project in its pyproject.toml."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli_help import run

from cnndsl.config import Settings, find_settings

#: Two convolutions with nothing between them, the second with a bias before BN.
LINEAR = "INPUT(3@32x32) → CONV(8, 3) → CONV(8, 3) → BN → ReLU → FC(10)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.cnn").write_text(LINEAR, encoding="utf-8")
    return tmp_path


def codes(*arguments: str, stdin: str | None = None) -> set[str]:
    done = run("check", *arguments, "--format", "json", stdin=stdin)
    assert done.status == 0, done.err
    return {one["code"] for one in json.loads(done.out)["diagnostics"]}


def settle(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


# ---- options


def test_ignore(folder: Path) -> None:
    assert codes("my.cnn") == {"linear-pair"}
    assert codes("my.cnn", "--ignore", "linear-pair") == set()
    assert codes("my.cnn", "--ignore", "unused", "--ignore", "wide-padding, linear-pair") == set()


def test_pedantic(folder: Path) -> None:
    assert codes("my.cnn", "--pedantic") >= {"linear-pair", "bias-before-norm"}
    assert "bias-before-norm" not in codes("my.cnn", "--pedantic", "--ignore", "bias-before-norm")


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("linear-pear", "there is no code `linear-pear`, did you mean linear-pair?"),
        ("", "there is no code ``"),
        ("claim", "`claim` is an error: only warnings and notes can be ignored"),
    ],
)
def test_codes_that_cannot_be_ignored(folder: Path, code: str, part: str) -> None:
    done = run("check", "my.cnn", "--ignore", code)
    assert done.status == 2
    assert part in " ".join(done.err.split())
    settle(folder, f'[tool.cnndsl]\nignore = ["{code}"]')
    done = run("check", "my.cnn")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"Error: pyproject.toml: [tool.cnndsl] ignore: {part}")


# ---- pyproject.toml


def test_settings_hold_for_the_files_below(folder: Path) -> None:
    settle(folder, '[tool.cnndsl]\nignore = ["linear-pair"]\npedantic = true')
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "deeper" / "my.cnn").write_text(LINEAR, encoding="utf-8")
    for name in ("my.cnn", "deep/deeper/my.cnn"):
        assert "bias-before-norm" in codes(name)
        assert "linear-pair" not in codes(name)
    assert "linear-pair" not in codes("-", stdin=LINEAR)
    assert "linear-pair" not in codes("-e", LINEAR)
    assert "bias-before-norm" not in codes("my.cnn", "--ignore", "bias-before-norm")


def test_they_hold_for_build(folder: Path) -> None:
    assert "linear-pair" in run("build", "my.cnn", "-o", "-").err
    settle(folder, '[tool.cnndsl]\nignore = ["linear-pair"]')
    assert run("build", "my.cnn", "-o", "-").err == ""


def test_not_for_shipped_networks(folder: Path) -> None:
    settle(folder, "[tool.cnndsl]\npedantic = 3")
    assert run("check", "alexnet").status == 0


def test_the_nearest_file_with_the_table_counts(folder: Path) -> None:
    settle(folder, "[tool.cnndsl]\npedantic = true")
    below = folder / "below"
    below.mkdir()
    assert find_settings(str(below)) == Settings(pedantic=True)
    settle(below, "[tool.other]\ncnndsl = 1")
    assert find_settings(str(below)) == Settings(pedantic=True)
    settle(below, "[tool.cnndsl]\n")
    assert find_settings(str(below)) == Settings()
    assert find_settings(str(folder / "nowhere")) == Settings(pedantic=True)


@pytest.mark.parametrize(
    "text",
    [
        "[tool.cnndsl]\npedantic = true",
        "[ tool . 'cnndsl' ]\npedantic = true",
        '["tool"."cnndsl"]\npedantic = true',
        "[tool]\ncnndsl.pedantic = true",
        "[tool]\ncnndsl = {pedantic = true}",
        "tool.cnndsl.pedantic = true",
        "'tool' . cnndsl . pedantic = true",
    ],
)
def test_the_table_in_any_spelling(folder: Path, text: str) -> None:
    settle(folder, text)
    assert find_settings(".").pedantic


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[tool.cnndsl]\npedntic = true", "has no key `pedntic`, did you mean pedantic?"),
        ("[tool.cnndsl]\nformat = 'json'", "has no key `format`, did you mean ignore or pedantic?"),
        ("[tool.cnndsl]\npedantic = 'yes'", "[tool.cnndsl] pedantic is true or false"),
        ("[tool.cnndsl]\nignore = 'unused'", 'ignore is a list of codes, such as ["linear-pair"]'),
        ("[tool.cnndsl]\nignore = [1]", "ignore is a list of codes"),
        ("[tool]\ncnndsl = true", "tool.cnndsl is not a table"),
        ("[tool.cnndsl]\nignore = [", "pyproject.toml is not TOML: "),
        ("[tool.cnndsl]\na = " + "[" * 20_000, "pyproject.toml is not TOML: "),
        ("[[tool.cnndsl]]\n", "tool.cnndsl is not a table"),
    ],
)
def test_settings_that_are_wrong(folder: Path, text: str, part: str) -> None:
    settle(folder, text)
    done = run("check", "my.cnn")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("Error: pyproject.toml")
    assert part in done.err


def test_bytes_that_are_no_text(folder: Path) -> None:
    (folder / "pyproject.toml").write_bytes(b"[tool.cnndsl]\n# \xff")
    assert "pyproject.toml is not UTF-8 text: byte 17 is invalid" in run("check", "my.cnn").err


def test_a_file_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    settle(folder, "[tool.cnndsl]")
    monkeypatch.setattr("cnndsl.config.open", forbidden, raising=False)
    done = run("check", "my.cnn")
    assert (done.status, done.err) == (2, "Error: pyproject.toml cannot be read: Permission denied\n")


def test_a_folder_of_that_name_is_passed_over(folder: Path) -> None:
    (folder / "pyproject.toml").mkdir()
    assert find_settings(".") == Settings()


@pytest.mark.parametrize(
    ("text", "loaded"), [("[project]\nname = 'cnndsl'", "False"), ("[tool.cnndsl]", "True")]
)
def test_toml_is_loaded_for_those_who_use_it(folder: Path, text: str, loaded: str) -> None:
    """It takes longer to load than a network to check."""
    settle(folder, text)
    code = "import sys, cnndsl.config as c; c.find_settings('.'); print('tomllib' in sys.modules)"
    where = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=where, check=True)
    assert done.stdout == f"{loaded}\n"
