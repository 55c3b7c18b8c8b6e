"""Which fixes hold: one that is not safe is tried before it is offered.

Another shape for the INPUT can break a claim before the one that it is for, and a number written into
a block the other uses of the block; then the fix would be taken back as soon as it is applied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from cnndsl.diagnostics import Diagnostic, Fix, edited, moved
from cnndsl.source import Source

#: So many fixes of a text are tried, in the order of the report, and none in a longer text.
MAX_TRIED = 16
MAX_TEXT = 20_000

#: The errors of a text; None where it cannot be read.
Errors = Callable[[Source], list[Diagnostic] | None]


def only_those_that_hold(found: list[Diagnostic], source: Source, errors: Errors) -> None:
    """Take from what was found in `source` the fixes that do not hold."""
    if len(source.text) > MAX_TEXT:
        return
    before, left = [one for one in found if one.severity == "error"], MAX_TRIED
    for diagnostic in found:
        kept = []
        for fix in diagnostic.fixes:
            tried = left > 0 and not fix.safe and _can_fail(fix, diagnostic, source)
            left -= tried
            if not tried or _holds(fix, diagnostic, before, source, errors):
                kept.append(fix)
            else:
                diagnostic.hints = tuple(_without(fix, diagnostic.hints))
        diagnostic.fixes = tuple(kept)


def _without(fix: Fix, hints: Iterable[str]) -> Iterator[str]:
    """Hints without what they say of an input that a fix would have started from."""
    for hint in hints:
        told, _, rest = hint.partition("; or ")
        if not fix.title.endswith(f"from {told.partition(' gives ')[0]}"):
            yield hint
        elif rest:
            yield rest


#: What makes one place of a text stand for several of the network.
_SHARED = re.compile(r"\b(?:block|variant|default)\b|\*")


def _can_fail(fix: Fix, diagnostic: Diagnostic, source: Source) -> bool:
    """Whether a fix touches more than the place of an error and what is behind it."""
    if any(edit.span.source is not source for edit in fix.edits):
        return False
    behind = all(edit.span.start >= diagnostic.span.start for edit in fix.edits)
    return not behind or diagnostic.severity != "error" or bool(_SHARED.search(source.text))


def _holds(
    fix: Fix, diagnostic: Diagnostic, before: list[Diagnostic], source: Source, errors: Errors
) -> bool:
    """Whether the finding goes, and no error comes, unless one that was hidden behind it."""
    after = errors(Source(source.name, edited(source.text, fix.edits), source.path))
    if after is None:
        return False
    if diagnostic.severity != "error":
        return not after or bool(before)
    first, last = moved(diagnostic.span.start, fix.edits)
    known = {mark for one in before for mark in _marks(one, fix)}
    for one in after:
        start = one.span.start
        if one.span.source.path != source.path or one.span.source.name != source.name:
            continue
        if one.code == diagnostic.code and first <= start <= last:
            return False
        if start < first and (one.code, start) not in known:
            return False
    return True


def _marks(diagnostic: Diagnostic, fix: Fix) -> Iterator[tuple[str, int]]:
    """The code of a finding and its place in the text with a fix; near an edit there may be several."""
    first, last = moved(diagnostic.span.start, fix.edits)
    yield from ((diagnostic.code, place) for place in range(first, last + 1))
