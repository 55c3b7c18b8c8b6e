"""What the README shows, made by running it: `cog -r -I docs README.md` writes it, `--check` compares.

<!--[[[cog import readme_blocks as show; show.run("cnndsl check alexnet") ]]]-->
"""

from __future__ import annotations

import atexit
import os
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import cog

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "cnndsl": [sys.executable, "-m", "cnndsl"],
    "python": [sys.executable],
    "cat": [sys.executable, "-c", "import sys; print(open(sys.argv[1], encoding='utf-8').read())"],
}

PROMPT = """
import code, sys
shell = code.InteractiveInterpreter()
for line in sys.argv[1:]:
    print(">>>", line, flush=True)
    shell.runsource(line)
"""

#: Where the commands run: what one of them writes is there for the next.
_desk = TemporaryDirectory()
atexit.register(_desk.cleanup)
DESK = Path(_desk.name)
ENVIRONMENT = {
    **os.environ,
    "COLUMNS": "124",
    "NO_COLOR": "1",
    "PYTHONIOENCODING": "utf-8",
    "PYTHONPATH": str(ROOT),
    "PYTHONWARNINGS": "ignore",  # what PyTorch may have to say of its installation
    "TERM": "dumb",
}


def run(*commands: str, status: int = 0) -> None:
    """Commands and what they print; that one ends otherwise than said is an error of the README."""
    _fence("console", "\n".join(f"$ {command}\n{_output(command, status)}" for command in commands))


def file(name: str, text: str) -> None:
    """Write a file for the commands that follow, and show it."""
    (DESK / name).write_text(text.strip("\n") + "\n", encoding="utf-8")
    _fence("text", text)


def spec(name: str) -> None:
    """A shipped network, as it stands."""
    _fence("text", (ROOT / "specs" / f"{name}.cnn").read_text(encoding="utf-8"))


def network(text: str) -> None:
    """An example of the language, which `cnndsl check` must find clean."""
    _output("cnndsl check -", stdin=text)
    _fence("text", text)


def excerpt(name: str, first: str, last: str) -> None:
    """The lines of a written file from the one that starts with `first` to the one with `last`."""
    lines = (DESK / name).read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(first))
    end = next(n for n, line in enumerate(lines[start:], start) if line.startswith(last))
    _fence("python", "\n".join(lines[start : end + 1]))


def session(code: str) -> None:
    """Lines typed at Python's prompt, and its answers."""
    _fence("pycon", _output(shlex.join(["python", "-c", PROMPT, *code.strip().splitlines()])))


def _output(command: str, status: int = 0, stdin: str = "") -> str:
    """What goes to stdout, then what goes to stderr; the former may be sent to /dev/null."""
    silent = command.endswith(" > /dev/null")
    program, *words = shlex.split(command.removesuffix(" > /dev/null"))
    run = subprocess.run(
        [*COMMANDS[program], *words],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=DESK,
        env=ENVIRONMENT,
        check=False,
    )
    if run.returncode != status or "Traceback" in run.stderr:
        sys.exit(f"{command}: exit {run.returncode}, not {status}\n{run.stdout}\n{run.stderr}")
    shown = [run.stderr] if silent else [run.stdout, run.stderr]
    return "\n".join(_trimmed(text) for text in shown if text.strip())


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def _fence(language: str, text: str) -> None:
    cog.outl(f"```{language}\n{text.strip(chr(10))}\n```")
