"""Lines of generated files: indentation, long lines, comments and docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

INDENT = "    "
#: What lines are kept within, as formatters and linters are often told to.
WIDTH = 100

_PAIRS = {"(": ")", "[": "]", "{": "}"}
#: A string (with what it escapes), or any one character.
_TOKEN = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|.""", re.DOTALL)


def indented(lines: Iterable[str]) -> list[str]:
    """The lines one level deeper."""
    return [INDENT + line if line else line for line in lines]


def laid_out(lines: Iterable[str]) -> list[str]:
    """The same lines, the long ones broken at their brackets."""
    return [part for line in lines for part in _broken(line)]


def _broken(line: str) -> list[str]:
    if len(line) <= WIDTH or not line.isprintable():
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    code, comment = _parted(line.strip())
    return [indent + part for part in _wrapped(code, comment, WIDTH - len(indent))]


def _parted(line: str) -> tuple[str, str]:
    """A line's code and its trailing comment."""
    place = 0
    for token in _TOKEN.findall(line):
        if token == "#":
            return line[:place].rstrip(), f"  {line[place:]}"
        place += len(token)
    return line, ""


def _wrapped(code: str, comment: str, width: int) -> list[str]:
    """A statement or item within the width, if its brackets allow it."""
    pair = _outer_pair(code) if len(code) + len(comment) > width else None
    if pair is None:
        return [code + comment]
    start, end = pair
    head, body, tail = code[: start + 1], code[start + 1 : end], code[end:]
    items = _items(body)
    calls = code[start] == "(" and start > 0 and (code[start - 1].isalnum() or code[start - 1] in "_])")
    together = ", ".join(items)
    if calls and len(INDENT + together) <= width and not body.rstrip().endswith(","):
        return [head, INDENT + together, tail + comment]
    comma = "" if " for " in body and len(items) == 1 or items[0].startswith("*") and len(items) == 1 else ","
    inside = [INDENT + part for item in items for part in _wrapped(item + comma, "", width - len(INDENT))]
    return [head, *inside, tail + comment]


def _outer_pair(code: str) -> tuple[int, int] | None:
    """Where the brackets to break at are: a signature's, else the last that hold something."""
    found = [(start, end) for start, end, depth in _brackets(code) if depth == 0 and code[start + 1 : end].strip()]
    if not found:
        return None
    return min(found) if code.startswith(("def ", "class ")) else max(found)


def _brackets(code: str) -> Iterator[tuple[int, int, int]]:
    """Each pair of brackets: its places and its depth."""
    open_, place = list[int](), 0
    for token in _TOKEN.findall(code):
        if token in _PAIRS:
            open_.append(place)
        elif token in _PAIRS.values():
            start = open_.pop()
            yield start, place, len(open_)
        place += len(token)


def _items(body: str) -> list[str]:
    """What stands between the commas of a bracket."""
    items, depth, own = list[str](), 0, ""
    for token in _TOKEN.findall(body):
        depth += (token in _PAIRS) - (token in _PAIRS.values())
        if token == "," and depth == 0:
            items.append(own.strip())
            own = ""
        else:
            own += token
    return [*items, own.strip()] if own.strip() else items


# ---- comments and docstrings


def printable(text: str) -> str:
    """A text that can stand in a comment: one line, nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def docstring(text: str) -> list[str]:
    """A text as a docstring's lines, whatever it holds."""
    lines = [printable(line).rstrip() for line in text.splitlines()]
    lines = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    if len(lines) > 1:
        return [f'"""{lines[0]}', *lines[1:], '"""']
    (line,) = lines or [""]
    return [f'"""{line[:-1]}\\""""' if line.endswith('"') else f'"""{line}"""']
