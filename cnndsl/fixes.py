"""Fixes applied: the edits that diagnostics carry, written into the text, until none is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cnndsl.api import Report, check
from cnndsl.diagnostics import Diagnostic, Edit, Fix, edited, moved
from cnndsl.files import normal
from cnndsl.record import Record
from cnndsl.source import Source

#: So often a text is checked at most. A missing arrow hides all that comes after it, so that each
#: takes a check of its own.
MAX_CHECKS = 1_000

_BLANKS = re.compile(r"[ \t]+")

Checker = Callable[[Source], Report]
#: What a finding is known by in a text: its code, and where it starts.
Mark = tuple[str, int]


class Applied(NamedTuple):
    """A fix that was applied, and the finding that it was for, at its place in the text of that time."""

    diagnostic: Diagnostic
    fix: Fix


class Fixed(Record):
    """The text with its fixes applied, which they were, and the report on it.

    `complete` is False where the limit on the work was reached before the last fix.
    """

    text: str
    applied: tuple[Applied, ...]
    report: Report
    complete: bool = True


def fix(text: str | Source, *, unsafe: bool = False, **options: Any) -> Fixed:
    """Apply the safe fixes of a network given as text; with `unsafe`, the others as well.

    >>> fix("INPUT(3@32x32) CONV(8, 3) → ReLU → FC(10)").text
    'INPUT(3@32x32) → CONV(8, 3) → ReLU → FC(10)'

    The options are those of `check`. Of a finding's fixes the first one allowed is taken. Findings
    are dealt with in the order of the report, first those with safe fixes; the others go one by one,
    since each may make the next one needless. A fix that touches the place of one before it waits for
    the next round, which begins with a new check. A fix is taken back if its finding is still there, if
    the text could be read before and no longer can, or if a network that was without errors has one.
    Files taken up by `use` are left alone.
    """
    source = text if isinstance(text, Source) else Source("<text>", normal(text))
    return _Fixing(source, lambda now: check(now, **options), unsafe).run()


def fixable(diagnostic: Diagnostic, source: Source, *, unsafe: bool) -> Fix | None:
    """The fix that would be applied for a finding: the first that is allowed and edits this text alone."""
    for one in diagnostic.fixes:
        if (one.safe or unsafe) and one.edits and all(edit.span.source is source for edit in one.edits):
            return one
    return None


def count_fixable(reports: Iterable[Report]) -> tuple[int, int]:
    """How many findings have a safe fix, and how many have only others."""
    pairs = [(diagnostic, report.source) for report in reports for diagnostic in report.diagnostics]
    safe = sum(fixable(*pair, unsafe=False) is not None for pair in pairs)
    return safe, sum(fixable(*pair, unsafe=True) is not None for pair in pairs) - safe


class _State(NamedTuple):
    """A text on the way, with the fixes that led to it and those that lead on."""

    report: Report
    applied: tuple[Applied, ...]
    next: list[Applied]


class _Fixing:
    """The rounds of one text.

    Two fixes can undo each other, each for a finding that the other makes. Where a round would lead
    back to an earlier text, that text is returned to, and the fix that led away from it is barred.
    """

    def __init__(self, source: Source, checker: Checker, unsafe: bool) -> None:
        self._check, self._unsafe = checker, unsafe
        self._path = {_essence(source.text): _State(checker(source), (), [])}
        self._barred: set[tuple[str, Mark]] = set()
        self._checks, self._at_once = 1, True

    @property
    def _now(self) -> _State:
        return next(reversed(self._path.values()))

    def run(self) -> Fixed:
        while self._checks < MAX_CHECKS and self._round():
            pass
        report, applied, _ = self._now
        return Fixed(report.source.text, applied, report, self._checks < MAX_CHECKS)

    def _round(self) -> bool:
        """Apply what can be applied at once; False if that is nothing."""
        useless: set[int] = set()
        batch = self._batch(useless)
        while batch and self._checks < MAX_CHECKS:
            report = self._attempt(batch)
            if report and (key := _essence(report.source.text)) in self._path:
                self._return_to(key, batch)
                return True
            if report is None and len(batch) > 1:
                batch = batch[: len(batch) // 2]  # one of them does harm
                continue
            bad = batch if report is None else self._still_there(batch, report)
            if report and not bad:
                self._go_on(report, batch)
                return True
            useless.update(id(one.diagnostic) for one in bad)
            batch = [one for one in batch if one not in bad] or self._batch(useless)
        return False

    def _go_on(self, report: Report, batch: list[Applied]) -> None:
        now = self._now
        now.next[:] = batch
        self._path[_essence(report.source.text)] = _State(report, (*now.applied, *batch), [])

    def _return_to(self, key: str, batch: list[Applied]) -> None:
        """Give up what came after an earlier text, and the fix that led away from it."""
        self._now.next[:] = batch
        while self._now is not self._path[key]:
            self._path.popitem()
        led = self._now.next
        if len(led) == 1:
            self._barred.add((key, _mark(led[0].diagnostic)))
        self._at_once = False  # of several, the one to blame will show

    def _batch(self, useless: set[int]) -> list[Applied]:
        """The safe fixes of the report that do not touch each other; if there are none, the first other one.

        That may change sizes, and with it what there is to say of the layers behind.
        """
        report, batch, edits = self._now.report, list[Applied](), list[Edit]()
        key = _essence(report.source.text)
        for diagnostic in report.diagnostics:
            one = fixable(diagnostic, report.source, unsafe=self._unsafe)
            barred = id(diagnostic) in useless or (key, _mark(diagnostic)) in self._barred
            if one and not barred and not _touching(one.edits, edits):
                batch.append(Applied(diagnostic, one))
                edits += one.edits if one.safe else ()
        safe = [applied for applied in batch if applied.fix.safe]
        return safe if safe and self._at_once else (safe or batch)[:1]

    def _attempt(self, batch: list[Applied]) -> Report | None:
        """The report on the text with these fixes; None if they do harm."""
        before, self._checks = self._now.report, self._checks + 1
        text = edited(before.source.text, _edits(batch))
        report = self._check(Source(before.source.name, text, before.source.path))
        return None if _worse(before, report) else report

    @staticmethod
    def _still_there(batch: list[Applied], report: Report) -> list[Applied]:
        """Those fixes whose findings the new report has as well, at the places where they then stand."""
        edits = _edits(batch)
        left = [_mark(found) for found in report.diagnostics if found.span.source is report.source]
        bad = []
        for one in batch:
            first, last = moved(one.diagnostic.span.start, edits)
            if any(code == one.diagnostic.code and first <= start <= last for code, start in left):
                bad.append(one)
        return bad


def _mark(diagnostic: Diagnostic) -> Mark:
    return diagnostic.code, diagnostic.span.start


def _essence(text: str) -> str:
    """The text but for the width of its blanks: an arrow put in and taken out again leaves one more."""
    return _BLANKS.sub(" ", text)


def _edits(batch: Iterable[Applied]) -> list[Edit]:
    return [edit for one in batch for edit in one.fix.edits]


def _touching(some: Iterable[Edit], others: list[Edit]) -> bool:
    """Whether an edit changes characters that another changes, or inserts where another begins."""
    return any(
        (a.start < b.end and b.start < a.end) or a.start == b.start
        for a in (edit.span for edit in some)
        for b in (edit.span for edit in others)
    )


def _worse(before: Report, after: Report) -> bool:
    """Whether something that was good is so no longer."""
    if before.program is not None and after.program is None:
        return True
    good = {network.name for network in before.networks if network.ok}
    return not good <= {network.name for network in after.networks if network.ok}
