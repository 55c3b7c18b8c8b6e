"""`cnndsl fmt`: what it writes where, and what it says."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cli_help import run

UNTIDY = "input(8x8x3)->conv(4,3)->FC(2)   # two classes\n"
TIDY = "INPUT(3@8x8) → CONV(4, 3) → FC(2)            # two classes\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "my.cnn"
    path.write_text(UNTIDY, encoding="utf-8")
    return path


def test_a_file_is_written_anew(file: Path) -> None:
    file.chmod(0o640)
    assert run("fmt", "my.cnn") == (0, "", "formatted my.cnn\n")
    assert file.read_text(encoding="utf-8") == TIDY
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert run("fmt", "my.cnn") == (0, "", "my.cnn is formatted already\n")
    assert [path.name for path in file.parent.iterdir()] == ["my.cnn"]


def test_check_names_what_would_change(file: Path) -> None:
    (file.parent / "fine.cnn").write_text(TIDY, encoding="utf-8")
    assert run("fmt", "--check", "fine.cnn", "my.cnn") == (1, "", "would format my.cnn\n")
    assert run("fmt", "--check", "fine.cnn") == (0, "", "")
    assert file.read_text(encoding="utf-8") == UNTIDY


def test_diff_shows_what_would_change(file: Path) -> None:
    status, out, err = run("fmt", "--diff", "my.cnn")
    assert status == 1
    assert out == f"--- my.cnn\n+++ my.cnn\n@@ -1 +1 @@\n-{UNTIDY}+{TIDY}"
    assert err == "would format my.cnn\n"
    assert file.read_text(encoding="utf-8") == UNTIDY
    assert "\x1b[" in run("fmt", "--diff", "--color", "always", "my.cnn").out
    run("fmt", "my.cnn")
    assert run("fmt", "--diff", "my.cnn") == (0, "", "")


def test_annotate_and_strip(file: Path) -> None:
    run("fmt", "--annotate", "my.cnn")
    annotated = "INPUT(3@8x8) → CONV(4, 3) : 4@6x6 → FC(2) : 2  # two classes\n"
    assert file.read_text(encoding="utf-8").split() == annotated.split()
    run("fmt", "--strip", "my.cnn")
    assert file.read_text(encoding="utf-8") == TIDY


def test_standard_input_goes_to_standard_output() -> None:
    assert run("fmt", "-", stdin=UNTIDY) == (0, TIDY, "")
    assert run("fmt", "--check", "-", stdin=UNTIDY) == (1, "", "would format <stdin>\n")


def test_a_shipped_network_goes_to_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run("fmt", "--annotate", "linear")
    assert (status, err) == (0, "")
    assert "INPUT(1@28x28) → FC(classes) : 10\n" in out
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_errors_is_left_alone(file: Path) -> None:
    for text, arguments in (("INPUT → → FC\n", []), ("INPUT(3@8x8)→CONV(4, 9)\n", ["--annotate"])):
        file.write_text(text, encoding="utf-8")
        status, out, err = run("fmt", *arguments, "my.cnn")
        assert (status, out) == (1, "")
        assert "error[" in err
        assert file.read_text(encoding="utf-8") == text


def test_one_broken_file_does_not_keep_the_others_waiting(file: Path) -> None:
    (file.parent / "broken.cnn").write_text("INPUT →", encoding="utf-8")
    status, _, err = run("fmt", "broken.cnn", "nowhere.cnn", "my.cnn")
    assert status == 1
    assert "broken.cnn:1" in err
    assert "there is no file `nowhere.cnn`" in err
    assert file.read_text(encoding="utf-8") == TIDY


def test_a_file_that_may_not_be_written(file: Path) -> None:
    file.chmod(0o400)
    status, _, err = run("fmt", "my.cnn")
    if status == 0:
        pytest.skip("this user may write everything")
    assert err.startswith("error: my.cnn may not be written")


def test_line_ends_stay(file: Path) -> None:
    file.write_bytes(b"INPUT->FC(2)\r\nexpect  params>0\r\n")
    run("fmt", "my.cnn")
    assert file.read_bytes() == "INPUT → FC(2)\r\nexpect params > 0\r\n".encode()


def test_a_file_is_needed() -> None:
    status, _, err = run("fmt")
    assert status == 2
    assert "name a FILE" in err
