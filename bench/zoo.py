"""How long a warm check of each shipped network takes, and writing its module.

    python bench/zoo.py [FILE…]

A check is `api.check` of a file for one of its variants: parsed, elaborated, linted, its expectations tried;
writing is `emit` of that report. A file of several variants has a line for all of them at once as well, as
`cnndsl check` and `build` have it. Times are medians of CPU time within one process, which a busy machine
disturbs least: in milliseconds, and in turns of a loop of plain Python, for other machines to compare.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from cnndsl import api
from cnndsl.emit import emit
from cnndsl.source import Source

#: Milliseconds for a check of these, and of all files together; writing may take as long again.
LIMITS = {"EfficientNetB7": 60, "DenseNet201": 60}
ALL = 3000
RUNS = 5
#: Meant to fail.
SLIDE = "alexnet_slide"


class Times(NamedTuple):
    name: str
    layers: int
    check: float
    write: float

    def line(self, turn: float) -> str:
        each = "".join(f"{took:9.1f}{took / turn:7.1f}" for took in (self.check, self.write))
        return f"{self.name:24}{self.layers:6}{each}{self.write / self.check:8.2f}"

    @property
    def slow(self) -> bool:
        return max(self.check, self.write) > LIMITS.get(self.name.strip(), ALL)


def median(work: Callable[[], object]) -> float:
    """Milliseconds of CPU time."""
    took = []
    for _ in range(RUNS):
        gc.collect()
        start = time.process_time()
        work()
        took.append(1000 * (time.process_time() - start))
    return statistics.median(took)


def measured(name: str, source: Source, *variants: str) -> Times:
    """The times of some of a file's variants. Free counts are bound, since `build` asks for it."""
    first = api.check(source, variants=variants)
    free = [one for network in first.networks for one in network.free]
    settings = ", ".join(f"{one.name}={'yes' if one.value is True else one.value}" for one in free)

    def checked() -> api.Report:
        return api.check(source, variants=variants, settings=settings)

    report = checked()
    layers = sum(network.totals.layers for network in report.networks)
    return Times(name, layers, median(checked), median(lambda: emit(report)))


def of_file(name: str) -> Iterator[Times]:
    """The times of each variant, and of the whole file last."""
    source = api.read_source(name)
    program = api.check(source).program
    variants = [*program.variants] if program else []
    yield from (measured(f"  {variant}", source, variant) for variant in variants)
    yield measured(name, source)


def main(names: list[str]) -> int:
    gc.set_threshold(100_000)  # as the command has it
    api.check("INPUT → FC")  # builds the parser
    turn = median(lambda: sum(number * number for number in range(100_000)))
    print(f"a turn of the loop takes {turn:.1f} ms\n\n{'':24}layers    check  turns    write  turns   ratio")
    found, whole = list[Times](), list[Times]()
    for name in names or sorted(api.shipped().keys() - {SLIDE}):
        for one in of_file(name):
            print(one.line(turn), flush=True)
            found.append(one)
        whole.append(found[-1])
    layers, check, write = map(sum, zip(*(one[1:] for one in whole), strict=True))
    total = Times("all files", layers, check, write)
    print(total.line(turn))
    slow = [one.name.strip() for one in [*found, total] if one.slow]
    print(f"\nabove the limit: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
