"""`check --watch`: the check again, whenever a file is saved.

The files are looked at five times a second: that works on every system and on shared folders, and
sees those that an editor replaces rather than writes to.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import click

from cnndsl.api import Report
from cnndsl.cli.output import tell
from cnndsl.config import candidates
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.files import find_used, read_source
from cnndsl.render.text import counted
from cnndsl.source import Source

#: Seconds between two looks, and how long a file may be away while an editor replaces it.
PAUSE = 0.2
AWAY = 1.0

_USE = re.compile(r'^\s*use\s*"([^"\n]+)"', re.MULTILINE)

#: What tells that a file was saved; None where there is none.
Stamps = dict[str, tuple[int, int, int] | None]


Check = Callable[[], Iterable[Report]]
Show = Callable[[list[Report]], object]


def watch(files: Sequence[str], check: Check, show: Show, colour: str) -> None:
    """Check and show, now and after each change, until Ctrl-C: that is the way to end it, so status 0."""
    try:
        while True:
            paths = _paths(files)
            before = _stamps(paths)
            tell([[], [(_once(len(files), check, show), "faint")]], colour)
            sys.stderr.flush()
            _wait(paths, before)
    except KeyboardInterrupt:
        click.echo(err=True)
        sys.exit(0)


def _once(count: int, check: Check, show: Show) -> str:
    """Check and show; what is to be said of it at the end."""
    if sys.stdout.isatty():
        click.clear()
    start = time.perf_counter()
    try:
        found = list(check())
        took = time.perf_counter() - start
        show(found)
        said = f"checked {counted(count, 'file')} in {took * 1000:.0f} ms"
    except click.ClickException as error:  # settings that are being edited, say
        sys.stdout.flush()
        error.show()
        said = f"could not check {counted(count, 'file')}"
    return f"{said} at {time.strftime('%H:%M:%S')}, waiting for a change (Ctrl-C ends)"


def _paths(files: Iterable[str]) -> set[str]:
    """Where a change matters: the files, those that they take up, and what may hold their settings."""
    found: set[str] = set()
    for name in files:
        found.add(os.path.abspath(name))
        found.update(candidates(os.path.dirname(os.path.abspath(name))))
        with suppress(Located):
            _follow(read_source(name), found, set())
    return found


def _follow(source: Source, found: set[str], seen: set[str | None]) -> None:
    """Add the files that a text takes up by `use`, whether they are there or not."""
    if source.path in seen:
        return
    seen.add(source.path)
    folder = os.path.dirname(source.path or "")
    for name in _USE.findall(source.text):
        found.add(os.path.join(folder, name))
        with suppress(Located):
            used = find_used(name, source)
            if used:
                _follow(used, found, seen)


def _stamps(paths: Iterable[str]) -> Stamps:
    return {path: _stamp(path) for path in paths}


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _wait(paths: Iterable[str], before: Stamps) -> None:
    """Return when something has changed, and the change is complete."""
    while (now := _stamps(paths)) == before:
        time.sleep(PAUSE)
    changed = time.monotonic()
    while True:
        time.sleep(PAUSE / 4)
        earlier, now = now, _stamps(paths)
        away = any(before[path] and not now[path] for path in before)
        if now == earlier and (not away or time.monotonic() - changed > AWAY):
            return
