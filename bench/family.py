"""How fast `cnndsl family` goes through the members of families, and how much memory it takes.

    python bench/family.py [MOST]

Whole processes that write CSV to nowhere, with families of 10 000 members up to MOST (a million). Seconds
are those of a processor, start of Python included; the last column is how large the process grew: the
parts that members share are kept, as long as there is room for them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
#: What is asked for: members a second for the lecture's pattern, and the memory of any number of members.
PATTERN_A_SECOND, MEGABYTES = 5_000, 160

PATTERN = "INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC"
WIDTHS = """net Widths(a = 8 in 8..107, b = 8 in 8..107, c = 8 in 8..107)
block Stage(c) = CONV(c, 3, p=1, bias=no) → BN → ReLU → POOL(2)
INPUT(3@32x32) → Stage(a) → Stage(b) → Stage(c) → GAP → FC(10)
"""
SKIPS = """net Skips(n = 1 in 1..10, w = 8 in 8..1007, k = 3 in {1, 3, 5, 7, 9}, e = 1 in 1..20)
block Skip(c, e, k) = { CONV(e*c, 1) → BN → ReLU → CONV(c, k, p=k // 2) → BN + ID } → ReLU
INPUT(3@32x32) → CONV(w, 3, p=1) → Skip(w, e, k)*n → CONV(2*w, 3, s=2) → Skip(2*w, e, k)*n → GAP → FC(10)
"""


class Case(NamedTuple):
    name: str
    text: str
    settings: str  # its last value is made from the number of members
    each: int  # so many members for each step of that value
    least: int  # the value for no members
    options: tuple[str, ...] = ()


CASES = (
    Case("the lecture's pattern", PATTERN, "N=0..9,M=0..4,K=0..{}", 100, -1),
    Case(
        "… filtered and sorted",
        PATTERN,
        "N=0..9,M=0..4,K=0..{}",
        100,
        -1,
        ("--where", "rf >= 8", "--sort", "-macs"),
    ),
    Case("three widths", WIDTHS, "a=8..{}", 10_000, 7),
    Case("inverted bottlenecks", SKIPS, "w=8..{}", 1_000, 7),
)


def run(case: Case, number: int) -> tuple[float, float]:
    """Seconds of a processor, and megabytes at most."""
    settings = case.settings.format(case.least + number // case.each)
    with (
        tempfile.NamedTemporaryFile("w", suffix=".cnn", encoding="utf-8") as file,
        Path(os.devnull).open("w") as none,
    ):
        file.write(case.text)
        file.flush()
        command = [sys.executable, "-m", "cnndsl", "family", file.name, "--set", settings, "--format", "csv"]
        child = subprocess.Popen([*command, *case.options], stdout=none, stderr=subprocess.PIPE, cwd=ROOT)
        said = child.stderr.read().decode() if child.stderr else ""
        _, status, used = os.wait4(child.pid, 0)
        seconds = used.ru_utime + used.ru_stime
    shown = f"{number:,} members".replace(",", " ")
    if status or shown not in said:
        sys.exit(f"{case.name}: exit {status}, no {shown} in {said}")
    return seconds, used.ru_maxrss / 1024


def main() -> int:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    numbers = [number for number in (10_000, 100_000, 1_000_000) if number <= most]
    good = True
    for case in CASES:
        print(case.name)
        for number in numbers:
            seconds, megabytes = run(case, number)
            good = good and megabytes <= MEGABYTES
            print(f"  {number:>9} {seconds:>8.1f} s {number / seconds:>9.0f} a second {megabytes:>7.0f} MB")
        if case is CASES[0]:
            good = good and number / seconds >= PATTERN_A_SECOND
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
