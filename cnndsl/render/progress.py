"""A bar that shows how far a long search has come, where somebody looks at a terminal."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

#: Seconds before the bar is there, and members between two looks at the clock.
PATIENCE, STEP = 0.7, 64


class Bar:
    """Counts up to `total`, if that is known. Does nothing unless `wanted`.

    >>> with Bar(1_000_000, wanted=sys.stderr.isatty()) as bar:
    ...     bar.reached(64)
    """

    def __init__(self, total: int | None, *, wanted: bool) -> None:
        self._total, self._wanted, self._start = total, wanted, time.monotonic()
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()

    def reached(self, number: int) -> None:
        if not self._wanted or number % STEP:
            return
        if self._progress is None:
            if time.monotonic() - self._start < PATIENCE:
                return
            self._show()
        self._progress.update(self._task, completed=number)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        remaining = [TimeRemainingColumn()] if self._total else []
        self._progress = Progress(
            TextColumn("members"),
            BarColumn(),
            MofNCompleteColumn(),
            *remaining,
            TextColumn("Ctrl-C ends it", style="dim"),
            console=Console(file=sys.stderr),
            transient=True,
        )
        self._task = self._progress.add_task("", total=self._total)
        self._progress.start()
