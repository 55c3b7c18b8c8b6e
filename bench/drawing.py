"""How long drawing takes, beside checking, and how it grows with the network.

    python bench/drawing.py

Times are the best of a few runs within one process, garbage collected as seldom as the command has it.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from cnndsl import api
from cnndsl.drawing import draw
from cnndsl.network import Network

#: ResNet-152's picture in times of its check; 10 000 layers against 2 500; bytes of a folded picture.
TIMES_CHECK, TIMES_QUARTER, FOLDED_BYTES = 2.0, 6.0, 10_000


def best(what: Callable[[], object], runs: int) -> float:
    """The least time that it takes, in milliseconds."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        what()
        found.append(1000 * (time.perf_counter() - start))
    return min(found)


def written(layers: int) -> str:
    """So many layers, one a line."""
    return "\n→ ".join(["INPUT(3@32x32)", *["CONV(64, 3x3, p=1)", "ReLU"] * (layers // 2), "FC(10)"])


def network(text: str) -> Network:
    return api.check(text).networks[0]


def main() -> int:
    gc.set_threshold(100_000)
    source = api.read_source("resnet")
    check = best(lambda: api.check(source, variants=["ResNet152"]), 20)
    fresh = [api.check(source, variants=["ResNet152"]).networks[0] for _ in range(20)]
    drawn = best(lambda: draw(fresh.pop()), 20)
    print(f"ResNet-152: checked in {check:.1f} ms, drawn in {drawn:.1f} (at most {TIMES_CHECK} times that)")
    took = []
    for layers in (2_500, 5_000, 10_000):
        large = network(written(layers))
        took.append(best(lambda large=large: draw(large, style="graph"), 3))  # type: ignore[misc]
        print(f"{layers:>7} layers written out: {took[-1]:>7.0f} ms, {1000 * took[-1] / layers:.0f} µs each")
    million = network("INPUT(3@32x32) → [CONV(64, 3, p=1) → ReLU]*1_000_000 → FC(10)")
    folded = len(draw(million, style="graph").encode())
    print(f"a million copies: {folded} bytes (at most {FOLDED_BYTES})")
    fine = drawn <= TIMES_CHECK * check and took[-1] <= TIMES_QUARTER * took[0] and folded <= FOLDED_BYTES
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
