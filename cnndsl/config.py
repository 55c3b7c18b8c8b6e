"""Settings of a project: the table `[tool.cnndsl]` of a pyproject.toml.

[tool.cnndsl]
pedantic = true                # look for all that `--pedantic` looks for
ignore = ["linear-pair"]       # and say nothing of these
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cnndsl.diagnostics import did_you_mean
from cnndsl.diagnostics.ignores import refused
from cnndsl.source import Source, Span

NAME = "pyproject.toml"
TABLE = "[tool.cnndsl]"

#: Whether a file can have the table, however that is written. Reading TOML takes longer to load than
#: a network to check, so that it is left to those files.
_TABLE = re.compile(rb"""tool["']?\s*(\]|\.\s*["']?cnndsl)""")


class Settings(NamedTuple):
    """What a project asks for: codes of which nothing is to be said, and whether to be pedantic."""

    ignore: tuple[str, ...] = ()
    pedantic: bool = False


class BadSettings(Exception):
    """The table cannot be understood; the message says where it stands and why."""


def candidates(folder: str) -> Iterator[str]:
    """The files that can hold a folder's settings, the nearest first."""
    here = os.path.abspath(folder)
    while True:
        yield os.path.join(here, NAME)
        above = os.path.dirname(here)
        if above == here:
            return
        here = above


def find_settings(folder: str) -> Settings:
    """The settings for the files of a folder: those of the nearest pyproject.toml that has the table.

    Raises BadSettings.
    """
    for path in candidates(folder):
        if os.path.isfile(path) and (table := _table(path)) is not None:
            return _settings(table, _shown(path))
    return Settings()


def _table(path: str) -> Any:
    """What a file has at `tool.cnndsl`; None if nothing."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise BadSettings(f"{_shown(path)} cannot be read: {error.strerror or error}") from None
    return _parsed(data, _shown(path)) if _TABLE.search(data) else None


def _parsed(data: bytes, name: str) -> Any:
    import tomllib

    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except UnicodeDecodeError as error:
        raise BadSettings(f"{name} is not UTF-8 text: byte {error.start + 1} is invalid") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSettings(f"{name} is not TOML: {error}") from None
    return tool.get("cnndsl") if isinstance(tool, dict) else None


def _settings(table: Any, name: str) -> Settings:
    if not isinstance(table, dict):
        raise BadSettings(f"{name}: tool.cnndsl is not a table, write {TABLE}")
    for key in table:
        if key not in Settings._fields:
            near = did_you_mean(key, Settings._fields) or Settings._fields
            raise BadSettings(f"{name}: {TABLE} has no key `{key}`, did you mean {' or '.join(near)}?")
    ignore, pedantic = table.get("ignore", []), table.get("pedantic", False)
    if not isinstance(ignore, list) or not all(isinstance(code, str) for code in ignore):
        raise BadSettings(f'{name}: {TABLE} ignore is a list of codes, such as ["linear-pair"]')
    if not isinstance(pedantic, bool):
        raise BadSettings(f"{name}: {TABLE} pedantic is true or false")
    for code in ignore:
        if wrong := not_ignored(code):
            raise BadSettings(f"{name}: {TABLE} ignore: {wrong}")
    return Settings(tuple(ignore), pedantic)


def not_ignored(code: str) -> str:
    """Why a code cannot be ignored: there is none such, or it is an error's; "" if it can."""
    wrong = refused(code, Span(Source(TABLE, code), 0, len(code)))
    return ", ".join((wrong.message, *wrong.hints)) if wrong else ""


def _shown(path: str) -> str:
    """The path as one says it from here, if that is shorter."""
    try:
        return min(os.path.relpath(path), path, key=len)
    except ValueError:  # another drive of Windows
        return path
