"""How long a check takes after each keystroke, in a process that goes on: an editor's, or `check --watch`.

    python bench/recheck.py [--runs 41] [--check]

No text comes twice: a comment grows letter by letter, a number counts up. Beside each check stands the
time of parsing alone, which is a part of it, and where PyTorch and torchinfo are installed that of
torchinfo's summary of the same network, already built. Times are milliseconds; the least is what the
check needs, the median what this machine had to spare. With `--check` it exits with 1 where the least is
above what is asked for.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from cnndsl import api
from cnndsl.files import read_source
from cnndsl.source import Source
from cnndsl.syntax.parse import parse

LETTERS = "what is typed here is read anew each time, and so are all the layers before and behind it"


class Case(NamedTuple):
    """A network, how its text changes, and the milliseconds that a check may take (0: as long as it does)."""

    name: str
    typed: Callable[[int], str]
    limit: int = 0
    variant: str = ""
    shape: tuple[int, ...] = ()  # of torchinfo's input
    wrong: str = ""  # the code of the error that is in it


class Times(NamedTuple):
    least: float
    median: float

    @classmethod
    def of(cls, seconds: list[float]) -> Times:
        return cls(1000 * min(seconds), 1000 * statistics.median(seconds))


def commented(text: str) -> Callable[[int], str]:
    """The text with a comment in its middle, one letter longer each time."""
    lines = text.splitlines()
    middle = len(lines) // 2

    def typed(number: int) -> str:
        long = LETTERS * (number // len(LETTERS) + 1)
        return "\n".join([*lines[:middle], f"{lines[middle]}  # {long[:number]}", *lines[middle + 1 :]])

    return typed


def shipped(name: str) -> str:
    return read_source(name).text


def thousand(number: int) -> str:
    """A thousand layers, one a line; a number in the middle counts up."""
    layers = ["CONV(64, 3x3, p=1)", "ReLU"] * 499
    layers[500] = f"CONV({64 + number}, 3x3, p=1)"
    return "\n→ ".join(["INPUT(3@32x32)", *layers, "FC(10)"])


def too_large(number: int) -> str:
    """ResNet with a kernel that does not fit, and keeps growing."""
    return shipped("resnet").replace("POOL(max, 3, s=2, p=1)", f"POOL(max, {120 + number}, s=2)")


CASES = (
    Case("alexnet", commented(shipped("alexnet")), shape=(1, 3, 227, 227)),
    Case("googlenet", commented(shipped("googlenet")), shape=(1, 3, 224, 224)),
    Case("resnet", commented(shipped("resnet")), limit=10, variant="ResNet50", shape=(1, 3, 224, 224)),
    Case("resnet", too_large, variant="ResNet50", wrong="kernel-too-large"),
    Case("1000 layers", thousand, limit=150),
)


def main() -> int:
    options = _options()
    gc.set_threshold(100_000)  # as the command has it
    print(f"{'milliseconds':<34}{'least':>9}{'median':>9}{'parsing':>9}{'× parse':>9}{'torchinfo':>11}")
    within = [show(case, options.runs) for case in CASES]
    return 0 if all(within) or not options.check else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=41, help="keystrokes of each network")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is broken")
    return parser.parse_args()


def show(case: Case, runs: int) -> bool:
    """Measure one network and print it; whether its check is within its limit."""
    checking, parsing = measure(case, runs)
    name = " ".join(filter(None, (case.name, case.variant, case.wrong and "with an error")))
    torchinfo = f"{summarise(case):>11.1f}" if case.shape and _has_torchinfo() else ""
    print(f"{name:<34}{checking.least:>9.2f}{checking.median:>9.2f}{parsing.least:>9.2f}", end="")
    print(f"{checking.least / parsing.least:>9.2f}{torchinfo}")
    if case.limit:
        print(f"  at most {case.limit} ms are asked for")
    return not case.limit or checking.least <= case.limit


def measure(case: Case, runs: int) -> tuple[Times, Times]:
    """Checks and parses in turn, so that a busy moment hits both; a few to warm up."""
    checks: list[float] = []
    parses: list[float] = []
    for number, text in enumerate(_texts(case, runs + 3)):
        checked = seconds(lambda text=text: _check(case, text))  # type: ignore[misc]
        parsed = seconds(lambda text=text: parse(Source("", text)))  # type: ignore[misc]
        if number >= 3:
            checks.append(checked)
            parses.append(parsed)
    return Times.of(checks), Times.of(parses)


def _texts(case: Case, count: int) -> Iterator[str]:
    for number in range(1, count + 1):
        yield case.typed(number)


def _check(case: Case, text: str) -> None:
    found = api.check(text, variants=[case.variant] if case.variant else ())
    wrong = [diagnostic.code for diagnostic in found.diagnostics if diagnostic.severity == "error"]
    if wrong != [case.wrong] * bool(case.wrong):
        sys.exit(f"{case.name}: {wrong}")


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _has_torchinfo() -> bool:
    return all(importlib.util.find_spec(name) for name in ("torch", "torchinfo"))


def summarise(case: Case) -> float:
    """The least time (ms) that torchinfo takes for its summary of the module."""
    import torchinfo

    from cnndsl.torch import module

    built: Any = module(case.name, variant=case.variant or None)
    once: Callable[[], object] = lambda: torchinfo.summary(built, case.shape, verbose=0, depth=4)  # noqa: E731
    return 1000 * min(seconds(once) for _ in range(3))


if __name__ == "__main__":
    sys.exit(main())
