"""Whole processes side by side: `cnndsl check`, a script with torchinfo, and Python that does nothing.

    python bench/startup.py [--runs 21]

The script is what one writes to see the same table: it imports the generated module of the same network
and lets torchinfo run it once. Times are medians; memory is the peak of the whole process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

#: What is asked for of `cnndsl check`, against the other two and in memory.
FASTER_THAN_TORCHINFO, SLOWER_THAN_PASS, PEAK_MIB = 12, 10, 60

SCRIPT = """\
from torchinfo import summary

from {module} import {maker}

print(summary({maker}(), (1, {shape}), depth=4))
"""


class Case(NamedTuple):
    """A shipped network, and how its generated module makes it."""

    name: str
    options: tuple[str, ...]
    maker: str
    shape: str


CASES = (
    Case("alexnet", (), "AlexNet", "3, 227, 227"),
    Case("resnet", ("--variant", "ResNet50"), "resnet50", "3, 224, 224"),
)


class Figure(NamedTuple):
    """Median seconds and peak memory (MiB) of a process."""

    seconds: float
    peak: float


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=21, help="runs of the short processes")
    parser.add_argument("--long-runs", type=int, default=3, help="runs of torchinfo")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        within = [compare(case, Path(folder), options.runs, options.long_runs) for case in CASES]
    return 0 if all(within) else 1


def compare(case: Case, folder: Path, runs: int, long_runs: int) -> bool:
    """Measure one network and print it; whether all is within what is asked for."""
    subprocess.run(
        [*CNNDSL, "build", case.name, *case.options, "-o", str(folder)],
        check=True,
        env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
    )
    script = folder / f"{case.name}_torchinfo.py"
    script.write_text(SCRIPT.format(module=case.name, maker=case.maker, shape=case.shape), encoding="utf-8")
    nothing, check = measure_in_turn(
        [[sys.executable, "-c", "pass"], [*CNNDSL, "check", case.name, *case.options]], runs
    )
    (torchinfo,) = measure_in_turn([[sys.executable, str(script)]], long_runs)
    print(f"{case.name} {' '.join(case.options)}")
    for name, figure in (("python -c pass", nothing), ("cnndsl check", check), ("torchinfo", torchinfo)):
        times = figure.seconds / check.seconds
        print(f"  {name:<16}{1000 * figure.seconds:>9.1f} ms {times:>8.2f} × check {figure.peak:>9.1f} MiB")
    below, above = check.seconds / nothing.seconds, torchinfo.seconds / check.seconds
    print(f"  check is {below:.1f} × pass (at most {SLOWER_THAN_PASS}), ", end="")
    print(f"{above:.1f} × faster than torchinfo (at least {FASTER_THAN_TORCHINFO})")
    return below <= SLOWER_THAN_PASS and above >= FASTER_THAN_TORCHINFO and check.peak <= PEAK_MIB


def measure_in_turn(commands: Sequence[Sequence[str]], runs: int) -> list[Figure]:
    """The figures of some commands, run in turn, so that a busy moment hits them all; once to warm up."""
    found: list[list[Figure]] = [[] for _ in commands]
    for number in range(runs + 1):
        for command, figures in zip(commands, found, strict=True):
            figure = measure(command)
            if number:
                figures.append(figure)
    return [
        Figure(statistics.median(f.seconds for f in figures), max(f.peak for f in figures))
        for figures in found
    ]


def measure(command: Sequence[str]) -> Figure:
    """One run, from the start of the process to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed with {process.returncode}")
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024  # kibibytes, on macOS bytes
    return Figure(seconds, usage.ru_maxrss / unit)


def _cnndsl() -> list[str]:
    """The command as it is installed, or else the package beside this folder."""
    beside = Path(sys.executable).with_name("cnndsl")
    found = str(beside) if beside.exists() else shutil.which("cnndsl")
    return [found] if found else [sys.executable, "-m", "cnndsl"]


CNNDSL = _cnndsl()
#: Compiled modules are kept, as they are for anybody who uses an installed command.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "PYTHONPATH": os.pathsep.join(
        filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")])
    )
}

if __name__ == "__main__":
    sys.exit(main())
