"""Files written anew in their place: as a whole or not at all, with what an edit does not concern kept."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from difflib import SequenceMatcher
from pathlib import Path

from cnndsl.cli.options import is_own
from cnndsl.files import normal
from cnndsl.source import Source

_MARK = "\ufeff"
_LINE_END = re.compile("(\r\n|\r|\n)")


class NotWritten(Exception):
    """A file stays as it is; the message says why."""


def rewrite(source: Source, text: str) -> None:
    """Replace a file's text, which was read as `source`.

    Its permissions, its byte order mark and the way its lines end stay. Raises NotWritten for what
    is no file of the user's or was changed by somebody else since.
    """
    path = _own_file(source)
    try:
        raw = path.read_bytes().decode("utf-8")
        if normal(raw.removeprefix(_MARK)) != source.text:
            raise NotWritten(f"{source.name} was changed while it was checked, so it is left as it is")
        _replace(path, like(text, raw))
    except OSError as error:
        raise NotWritten(f"{source.name} cannot be written: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise NotWritten(f"{source.name} was changed while it was checked, and is no text now") from None


def _own_file(source: Source) -> Path:
    """The file behind a source; what stands for a link is the file that it leads to."""
    if not is_own(source):
        raise NotWritten(f"{source.name} comes with cnndsl and is not rewritten")
    path = Path(source.path or "")
    if not path.is_file():
        raise NotWritten(f"{source.name} is not a regular file and is not rewritten")
    if not os.access(path, os.W_OK):
        raise NotWritten(f"{source.name} may not be written: its permissions forbid it")
    return path


def like(text: str, raw: str) -> str:
    """An edited text with the byte order mark and the line ends of the one that it came from.

    >>> like("INPUT\\n→ ReLU\\n→ FC\\n", "INPUT\\r\\n→ FC\\r\\n")
    'INPUT\\r\\n→ ReLU\\r\\n→ FC\\r\\n'
    """
    mark = _MARK if raw.startswith(_MARK) else ""
    pieces = _LINE_END.split(raw.removeprefix(_MARK))
    lines, ends = pieces[::2], pieces[1::2]
    if len(set(ends)) > 1:
        return mark + _mixed(text.split("\n"), lines, ends)
    return mark + text.replace("\n", ends[0] if ends else "\n")


def _mixed(text: list[str], lines: list[str], ends: list[str]) -> str:
    """Lines with the ends that they had; new ones with the commonest end."""
    common = max(ends, key=ends.count)
    found = [common] * len(text)
    for _, i, upto, j, last in SequenceMatcher(None, lines, text, autojunk=False).get_opcodes():
        known = ends[i : min(upto, i + last - j)]
        found[j : j + len(known)] = known
    return "".join(line + end for line, end in zip(text, [*found[:-1], ""], strict=True))


def _replace(path: Path, text: str) -> None:
    """Put a text in a file's place: whoever looks sees the old one or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    before = path.stat()
    try:
        beside.write_bytes(text.encode("utf-8"))
        beside.chmod(stat.S_IMODE(before.st_mode))
        with suppress(OSError, AttributeError):  # who may not give files away, and Windows
            os.chown(beside, before.st_uid, before.st_gid)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
