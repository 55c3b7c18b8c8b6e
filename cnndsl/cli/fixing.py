"""`check --fix` and `check --diff`: the fixes of the files asked for, written or shown."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING

from cnndsl import api
from cnndsl.cli.options import WRONG_USAGE, Request, options, sources, status
from cnndsl.cli.output import show, tell, tell_diagnostics
from cnndsl.cli.rewrite import NotWritten, rewrite
from cnndsl.fixes import Fixed, fix
from cnndsl.render import terminal
from cnndsl.render.text import counted, visible

if TYPE_CHECKING:
    from cnndsl.render.text import Line
    from cnndsl.source import Source

#: So many fixes are named, more are counted.
NAMED = 4

_STYLES = {"+": "hint", "-": "error", "@": "note"}


class Fixing:
    """The files of a request on their way to be mended; `failed` if one cannot be written."""

    def __init__(self, request: Request, colour: str, *, unsafe: bool) -> None:
        self._request, self._colour, self._unsafe = request, colour, unsafe
        self.failed = False

    def reports(self) -> Iterator[api.Report]:
        """A report for each file as it then is; what was fixed is told when its report has been shown."""
        for source in sources(self._request):
            if isinstance(source, api.Report):
                yield source
            else:
                yield from self._fixed(source)

    def _fixed(self, source: Source) -> Iterator[api.Report]:
        found = self._fix(source)
        try:
            if source.path is None:
                on_the_line = source.name == "-e" and not found.text.endswith("\n")
                sys.stdout.write(found.text + "\n" * on_the_line)
            elif found.applied:
                rewrite(source, found.text)
        except NotWritten as error:
            self.failed = True
            yield api.check(source, **options(self._request, source))
            tell([[("error: ", "error"), (str(error), "")]], self._colour)
            return
        yield found.report
        if found.applied or found.report.diagnostics:
            self._tell(source, found, "fixed")

    def diff(self) -> int:
        """Show what `--fix` would change; the exit status is 1 if that is anything."""
        return max([self._diff(source) for source in sources(self._request)])

    def _diff(self, source: Source | api.Report) -> int:
        if isinstance(source, api.Report):
            return self._refused(source)
        found = self._fix(source)
        if status(found.report) == WRONG_USAGE:
            return self._refused(found.report)
        show_diff(source, found.text, self._colour)
        self._tell(source, found, "would fix")
        return 1 if found.applied else 0

    def _refused(self, report: api.Report) -> int:
        tell_diagnostics(report, self._colour)
        return status(report)

    def _fix(self, source: Source) -> Fixed:
        return fix(source, unsafe=self._unsafe, **options(self._request, source))

    def _tell(self, source: Source, found: Fixed, done: str) -> None:
        lines: list[Line] = [[(line, "")] for line in _summary(source.name, found, done)]
        below = found.report.diagnostics and done == "fixed"
        tell([[], *lines] if below else lines, self._colour)


def _summary(name: str, found: Fixed, done: str) -> Iterator[str]:
    """What was fixed, and what was not although there is a fix."""
    if found.applied:
        yield f"{done} {counted(len(found.applied), 'problem')} in {name}: {_titles(found)}"
    else:
        yield f"nothing to fix in {name}"
    if not found.complete:
        yield f"there is more to fix in {name}: run it again"
    for other in _elsewhere(found.report):
        yield f"{other} has fixes as well: name it as a FILE of its own"


def _titles(found: Fixed) -> str:
    titles = Counter(one.fix.title for one in found.applied)
    named = [title + f" (×{number})" * (number > 1) for title, number in titles.items()]
    return ", ".join([*named[:NAMED], *([f"and {len(named) - NAMED} more"] if len(named) > NAMED else [])])


def _elsewhere(report: api.Report) -> list[str]:
    """Files taken up by `use` for which there are fixes; they are not touched."""
    others = {
        edit.span.source.name: None
        for diagnostic in report.diagnostics
        for one in diagnostic.fixes
        for edit in one.edits
        if edit.span.source is not report.source and edit.span.source.path
    }
    return [*others]


def show_diff(source: Source, text: str, colour: str) -> None:
    """Print a unified diff of a text and what is to become of it."""
    lines = list(_diff(source, text))
    if terminal.in_colour(sys.stdout, colour):
        show([[(line, _STYLES.get(line[:1], ""))] for line in lines], colour)
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)


def _diff(source: Source, text: str) -> Iterator[str]:
    """A unified diff, as `patch` takes it; tabs stay what they are."""
    for line in unified_diff(_lines(source.text), _lines(text), source.name, source.name):
        yield "\t".join(map(visible, line.removesuffix("\n").split("\t")))
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _lines(text: str) -> list[str]:
    """The lines with their ends; no other sign ends one here."""
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]
