"""How the time of `cnndsl.check` and of its table grows with the network.

    python bench/scaling.py

Times are the best of a few runs within one process, so that the start of Python is left out; garbage is
collected as seldom as the command has it.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from cnndsl import api
from cnndsl.render.report import report
from cnndsl.render.text import plain

#: What is asked for: a million copies against two, and seconds for 10 000 written-out layers.
MILLION_AGAINST_TWO, WRITTEN_SECONDS = 1.5, 1.5


def repeated(copies: int) -> str:
    return f"INPUT(3@32x32) → [CONV(64, 3, p=1) → ReLU]*{copies} → FC(10)"


def changing(copies: int) -> str:
    """A body that changes the shape each time, so that no two copies are alike."""
    return f"INPUT(3@32x32) → [CONV(in.C + 1, 3, p=1) → ReLU]*{copies} → FC(10)"


def written(layers: int) -> str:
    """So many layers, one a line, as no one but a program writes them."""
    return "\n→ ".join(["INPUT(3@32x32)", *["CONV(64, 3x3, p=1)", "ReLU"] * (layers // 2), "FC(10)"])


def seconds(text: str, runs: int = 5) -> float:
    """The least time that it takes to check a network and lay out its table."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        found = api.check(text)
        for line in report(found, expand=False, each=False, limit=None):
            plain(line)
        best = min(best, time.perf_counter() - start)
        if not found.ok:
            sys.exit(found.diagnostics[0].message)
    return best


def series(title: str, make: Callable[[int], str], sizes: list[int], runs: int) -> list[float]:
    print(title)
    found = [seconds(make(size), runs) for size in sizes]
    for size, took in zip(sizes, found, strict=True):
        print(f"  {size:>9} {1000 * took:>10.1f} ms {1e6 * took / size:>12.2f} µs each")
    return found


def main() -> int:
    gc.set_threshold(100_000)
    api.check(repeated(1))  # builds the parser
    two, *_, million = series("[CONV(64, 3, p=1) → ReLU]*n", repeated, [2, 1_000, 1_000_000], 20)
    print(f"  a million costs {million / two:.2f} times what two do (at most {MILLION_AGAINST_TWO})\n")
    series("[CONV(in.C + 1, 3, p=1) → ReLU]*n: all shapes differ", changing, [1_000, 2_000, 4_000, 8_000], 3)
    print()
    *_, most = series("n layers written out", written, [1_250, 2_500, 5_000, 10_000], 3)
    print(f"  10 000 take {most:.2f} s (at most {WRITTEN_SECONDS})")
    return 0 if million / two <= MILLION_AGAINST_TWO and most <= WRITTEN_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
