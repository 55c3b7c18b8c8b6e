"""What must hold of every answer, whatever the text: `hold(text)` raises Broken where it does not."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from format_help import invariants

from cnndsl.api import Report, check
from cnndsl.diagnostics import CATALOGUE, Diagnostic, Fix, moved
from cnndsl.diagnostics.diagnostic import Located, edited
from cnndsl.fixes import fix
from cnndsl.source import Source
from cnndsl.syntax.parse import parse
from mutants.arithmetic import wrong_equations
from mutants.promises import broken_promises
from mutants.shown import show

#: Nobody waits longer for a check.
MOST_SECONDS = 2.0
#: Nor do all of a mutant's checks, with fixes tried one by one.
MOST_WAIT = 60
MOST_CHARACTERS = 140

#: What Python would say, and a reader should not see.
_PYTHON = re.compile(
    r"\bNone\b|(?<!=)\bTrue\b|\bFalse\b|<cnndsl|<class|<function|object at 0x|Traceback"
    r"|\w+Error\b|\bnan\b|\binf\b"
    r"|\b(?:Fraction|Shape|Axes|Pair|Partial|Symbolic|Span|Source|Token|Hole|Number)\(|\$END|\b__\w+"
    r"|\b(?:RPAR|LPAR|LSQB|RSQB|LBRACE|RBRACE|COMMA|COLON|ARROW|NUMBER|NEWLINE)\b"
)
#: Signs that a program may hold outside its comments and strings.
_ALPHABET = re.compile(r"[\w\s→⟶⇒()\[\]{}|+\-−*·×⊙./%^<>=≤≥!@:,?\"]*")
_ASIDE = re.compile(r'#[^\n]*|"[^"\n]*"')


class Broken(AssertionError):
    """A property that does not hold, by its name, and what was said."""

    def __init__(self, name: str, *found: object) -> None:
        super().__init__(f"{name}: {' | '.join(map(str, found))}")
        self.name = name


def hold(text: str, *, thorough: bool = False, pedantic: bool = False, strict: bool = False) -> Report:
    """Check a text, and the answer. `thorough`: also that every format can show it."""
    with watched(MOST_WAIT):
        return _hold(text, thorough, {"pedantic": pedantic, "strict": strict})


@contextmanager
def watched(seconds: int) -> Iterator[None]:
    """Ends what does not come to an end by itself, where the system can."""

    def end(signal: int, frame: object) -> None:
        raise Broken("endless", f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _hold(text: str, thorough: bool, options: dict[str, Any]) -> Report:
    start = time.perf_counter()
    report = check(text, **options)
    took = time.perf_counter() - start
    if took > MOST_SECONDS:
        raise Broken("slow", f"{took:.1f} s")
    _answered(report)
    for diagnostic in report.diagnostics:
        _placed(diagnostic, report)
        _worded(diagnostic, report)
        for number in range(len(diagnostic.fixes)):
            _mends(report, diagnostic, diagnostic.fixes[number], options)
    for told in broken_promises(report):
        raise Broken("promise", *told)
    _settles(report, options)
    _formats(report)
    if thorough:
        show(report)
    return report


def _answered(report: Report) -> None:
    """A text with signs that the language does not have, or with no network, has an error."""
    text = _ASIDE.sub("", report.source.text)
    if report.ok and not _ALPHABET.fullmatch(text):
        raise Broken("accepted", set(text) - set(_ALPHABET.findall(text)))
    known = [network for network in report.networks if network.known or network.domain]
    if report.ok and (not known or len(known) < len(report.networks)):
        raise Broken("accepted", "with sizes unknown")
    if not report.ok and not any(one.severity == "error" for one in report.diagnostics):
        raise Broken("silent")


def _placed(diagnostic: Diagnostic, report: Report) -> None:
    for span in (diagnostic.span, *(label.span for label in diagnostic.labels)):
        if not 0 <= span.start <= span.end <= len(span.source.text):
            raise Broken("span", diagnostic.code, span.start, span.end, len(span.source.text))
    if diagnostic.code not in CATALOGUE:
        raise Broken("code", diagnostic.code)
    spans = (diagnostic.span, *(label.span for label in diagnostic.labels))
    if diagnostic.severity == "error" and all(span.source is not report.source for span in spans):
        raise Broken("elsewhere", diagnostic.message)


def _worded(diagnostic: Diagnostic, report: Report) -> None:
    labels = [label.text for label in diagnostic.labels]
    titles = [mend.title for mend in diagnostic.fixes]
    for text in (diagnostic.message, *diagnostic.hints, *labels, *titles):
        python = _PYTHON.search(re.sub("`[^`]*`", "", text))
        if "``" in text and "`" not in report.source.text:
            raise Broken("nothing", diagnostic.code, text)
        if python and python.group() not in report.source.text:
            raise Broken("python", diagnostic.code, text)
        if not 0 < len(text) <= MOST_CHARACTERS or text != text.strip() or "\n" in text:
            raise Broken("words", diagnostic.code, text)
        if wrong := wrong_equations(text):
            raise Broken("equation", diagnostic.code, *wrong, "in", text)


def _mends(report: Report, diagnostic: Diagnostic, mend: Fix, options: dict[str, Any]) -> None:
    """A fix takes its finding away; a safe one makes nothing else wrong."""
    source = report.source
    if any(edit.span.source is not source for edit in mend.edits):
        return
    text = edited(source.text, mend.edits)
    after = check(Source(source.name, text), **options)
    what = (diagnostic.code, diagnostic.message, mend.title, text)
    if _reads(source) and not _reads(after.source):
        raise Broken("fix unreadable", *what)
    if _still_there(diagnostic, mend, after):
        raise Broken("fix in vain", *what)
    if mend.safe and report.program:
        _better(report, diagnostic, mend, after, what)


def _still_there(diagnostic: Diagnostic, mend: Fix, after: Report) -> bool:
    """Whether a finding is where it would stand after the fix; the next one of its kind is behind that."""
    alike = [
        one
        for one in after.diagnostics
        if _place(diagnostic, mend) == (one.code, one.message, one.span.start)
    ]
    behind = len(diagnostic.span.source.text) - diagnostic.span.end
    same = any(len(after.source.text) - one.span.end >= behind for one in alike)
    return same and not _of_several(diagnostic)


def _place(diagnostic: Diagnostic, mend: Fix) -> tuple[str, str, int]:
    """A finding, and where it would stand after a fix."""
    return diagnostic.code, diagnostic.message, moved(diagnostic.span.start, mend.edits)[0]


def _of_several(diagnostic: Diagnostic) -> bool:
    """Whether it is about a default or a block, which goes wrong in one place after the other."""
    line = diagnostic.span.source.position(diagnostic.span.start)[0]
    uses = any(label.text.startswith("in this use of") for label in diagnostic.labels)
    return uses or "default" in diagnostic.span.source.line(line)


def _reads(source: Source) -> bool:
    try:
        parse(source)
    except Located:
        return False
    return True


def _better(report: Report, diagnostic: Diagnostic, mend: Fix, after: Report, what: tuple[str, ...]) -> None:
    """An error goes, and what was hidden behind it may come; for a warning no error may come."""
    before, now = _errors(report), _errors(after)
    known = {(code, start) for code, _, start in (_place(one, mend) for one in before)}
    new = [one for one in now if (one.code, one.span.start) not in known]
    if diagnostic.severity == "error":
        if not new and len(now) >= len(before):
            raise Broken("fix no better", *what)
    elif new and len(_errors(fix(report.source).report)) > len(before):
        raise Broken("fix harms", *what, [one.message for one in new])


def _errors(report: Report) -> list[Diagnostic]:
    return [one for one in report.diagnostics if one.severity == "error"]


def _settles(report: Report, options: dict[str, Any]) -> None:
    """With its safe fixes applied, a text has none left."""
    if not any(mend.safe for one in report.diagnostics for mend in one.fixes):
        return
    once = fix(report.source, **options)
    again = fix(Source("again", once.text), **options)
    if again.text != once.text or again.applied:
        raise Broken("not settled", [one.fix.title for one in again.applied], once.text, again.text)


def _formats(report: Report) -> None:
    """A text that parses has a canonical layout, with the same meaning, which is its own."""
    if report.program is None:
        return
    try:
        invariants(report.source.text)
    except AssertionError as error:
        raise Broken("layout", error) from None
