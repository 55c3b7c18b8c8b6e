"""`check --watch`: a process that checks anew as files are saved, and nothing but Ctrl-C ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GOOD = "INPUT(3@8x8) → FC(2)\n"
DONE = re.compile(r"(checked \d files?|could not check \d files?).*waiting for a change")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


class Watching:
    """The process, and what it has written so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        words = [sys.executable, "-u", "-m", "cnndsl", "check", "--watch", *arguments]
        where = os.environ | {"PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=where, cwd=folder, encoding="utf-8"
        )
        self.text, self._times = "", 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line

    def next(self, within: float = 20) -> str:
        """What the next check writes."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            found = list(DONE.finditer(self.text))
            if len(found) > self._times:
                start = found[self._times - 1].end() if self._times else 0
                self._times += 1
                return self.text[start : found[self._times - 1].end()]
            time.sleep(0.02)
        raise AssertionError(self.text)

    def checks(self) -> int:
        return len(DONE.findall(self.text))

    def end(self, how: int = signal.SIGINT) -> int:
        self.process.send_signal(how)
        status = self.process.wait(10)
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


Start = Callable[..., Watching]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[Watching] = []

    def begin(*arguments: str) -> Watching:
        begun.append(Watching(tmp_path, *arguments))
        return begun[-1]

    yield begin
    for one in begun:
        one.end(signal.SIGKILL)


def test_checks_as_the_file_is_saved(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "my.cnn"
    path.write_text(GOOD, encoding="utf-8")
    watching = start("my.cnn")
    first = watching.next()
    assert "386" in first
    assert re.search(r"checked 1 file in \d+ ms at \d\d:\d\d:\d\d, waiting", first)

    path.write_text("INPUT(3@8x8) → FC(", encoding="utf-8")  # half a word, as one types it
    assert "error[" in watching.next()

    path.write_text(GOOD.replace("2", "3"), encoding="utf-8")
    assert "579" in watching.next()

    fresh = tmp_path / "my.cnn.new"  # as editors do it that replace the file
    fresh.write_text(GOOD.replace("2", "4"), encoding="utf-8")
    fresh.replace(path)
    assert "772" in watching.next()

    assert watching.end() == 0
    assert "Traceback" not in watching.text
    assert "\x1b" not in watching.text


def test_a_file_that_goes_and_comes_back(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "my.cnn"
    path.write_text(GOOD, encoding="utf-8")
    watching = start("my.cnn")
    watching.next()
    path.unlink()
    time.sleep(0.4)  # an editor that takes its time
    path.write_text(GOOD.replace("2", "3"), encoding="utf-8")
    assert "579" in watching.next()
    path.unlink()
    assert "there is no file `my.cnn`" in watching.next()
    path.write_text(GOOD, encoding="utf-8")
    assert "386" in watching.next()
    assert watching.end() == 0


def test_what_is_used_and_the_settings_are_watched(start: Start, tmp_path: Path) -> None:
    linear = "INPUT(3@8x8) → CONV(2, 3) → CONV(2, 3) → B\n"
    (tmp_path / "my.cnn").write_text(f'use "blocks.cnn"\n{linear}', encoding="utf-8")
    watching = start("my.cnn", "--format", "concise")
    assert "error[" in watching.next()
    (tmp_path / "blocks.cnn").write_text("block B = FC(2)\n", encoding="utf-8")
    assert "warning[linear-pair]" in watching.next()
    settings = tmp_path / "pyproject.toml"
    settings.write_text("[tool.cnndsl]\nignore = [", encoding="utf-8")
    assert "Error: pyproject.toml is not TOML" in watching.next()
    settings.write_text('[tool.cnndsl]\nignore = ["linear-pair"]', encoding="utf-8")
    assert "warning" not in watching.next()
    assert watching.end() == 0


def test_nothing_happens_without_a_change(start: Start, tmp_path: Path) -> None:
    for name in ("a.cnn", "b.cnn"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    watching = start("a.cnn", "b.cnn", "lenet5")
    assert "checked 3 files" in watching.next()
    time.sleep(0.8)
    assert watching.checks() == 1
    (tmp_path / "b.cnn").write_text(GOOD.replace("2", "3"), encoding="utf-8")
    assert "579" in watching.next()
    assert watching.end() == 0
