"""The command as a process of its own: streams, pipes, signals, what it imports."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cnndsl import cli
from cnndsl.files import shipped

ROOT = Path(__file__).parent.parent
#: Unfolded, its table is more than a pipe holds.
LONG = "INPUT(3@32x32) → [CONV(64, 3, p=1) → ReLU]*3_000 → FC(10)"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cnndsl", *arguments]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def run(words: Sequence[str | bytes], surroundings: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(words, check=False, capture_output=True, env=surroundings, timeout=60)


def process(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    return run(command(*arguments), environment(**more))


def test_data_and_messages_are_apart() -> None:
    done = process("check", "-e", "INPUT(3@32x32) → CONV(4, 99) → FC(10)")
    assert done.returncode == 1
    assert b"error" not in done.stdout
    assert b"CONV(4, 99x99)" in done.stdout
    assert done.stderr.startswith(b"-e:1:25: error[kernel-too-large]") or b"\n-e:1:" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
def test_the_output_is_utf8_whatever_the_surroundings(encoding: str) -> None:
    done = process("check", "-e", "INPUT → POOOL → FC", PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert "INPUT → POOOL → FC" in done.stderr.decode("utf-8")


def test_arguments_that_are_no_text_are_no_fault() -> None:
    done = run([*map(os.fsencode, command("check")), b"\xff\xfe"], environment())
    assert done.returncode == 1
    assert b"error[unreadable]" in done.stderr
    done = run([*map(os.fsencode, command("check")), b"--\xff"], environment())
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_reader_who_has_seen_enough() -> None:
    with subprocess.Popen(
        command("check", "-e", LONG, "--expand"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == cli.CLOSED


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_interrupted_at_work() -> None:
    with subprocess.Popen(
        command("check", "-e", LONG, "--expand"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        assert b"Traceback" not in running.stderr.read()
    assert running.returncode == 1


def test_interrupted_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_use_utf8", interrupt)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes by name")
def test_a_pipe_by_name(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.cnn"
    os.mkfifo(pipe)
    with subprocess.Popen(command("check", str(pipe)), stdout=subprocess.PIPE, env=environment()) as running:
        pipe.write_text("INPUT(784) → FC(10)", encoding="utf-8")
        assert running.stdout is not None
        assert b"7 850" in running.stdout.read()


def test_check_imports_what_it_needs_and_no_more() -> None:
    assert {"click", "cnndsl.cli.check"} <= imported_by("check", "alexnet")
    unwanted = {
        "rich",
        "torch",
        "json",
        "csv",
        "cnndsl.cli.build",
        "cnndsl.emit",
        "cnndsl.render.diagnostics",
    }
    assert not imported_by("check", "alexnet") & unwanted
    assert "json" in imported_by("check", "alexnet", "--format", "json")
    assert "rich" in imported_by("check", "alexnet", "--color", "always")


def imported_by(*arguments: str) -> set[str]:
    code = (
        "import atexit, sys\nfrom cnndsl.cli.app import app\n"
        f"atexit.register(lambda: print('imported', *sys.modules))\napp({[*arguments]})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment(), check=True)
    return set(done.stdout.decode().partition("imported ")[2].split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("cnndsl ch", ["check"]),
        ("cnndsl check alexnet_", ["alexnet_groups", "alexnet_slide", "alexnet_torchvision"]),
        ("cnndsl build m", ["mine.cnn", "my/", *(name for name in shipped() if name.startswith("m"))]),
        ("cnndsl build my/", ["my/inside.cnn"]),
    ],
)
def test_the_shell_completes(words: str, offered: list[str], tmp_path: Path) -> None:
    (tmp_path / "my").mkdir()
    for name in ("mine.cnn", "my.txt", "my/inside.cnn"):
        (tmp_path / name).touch()
    asked = {"_CNNDSL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        command(), capture_output=True, text=True, cwd=tmp_path, env=environment(**asked), check=True
    )
    assert [line.split(",", 1)[1] for line in done.stdout.splitlines()] == offered


def test_a_fault_of_cnndsl_is_admitted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("at work")

    monkeypatch.setattr(sys, "argv", ["cnndsl", "check", "alexnet"])
    monkeypatch.setattr("cnndsl.api.check", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.BROKEN
    said = capsys.readouterr().err
    assert re.match(r"cnndsl: internal error: KeyError: .* at .*:\d+\n", said)
    assert "Traceback" not in said
