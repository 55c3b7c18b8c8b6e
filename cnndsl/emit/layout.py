"""Lines of generated files: indentation, long lines, comments and docstrings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any

INDENT = "    "
#: What lines are kept within: the width that formatters and linters start from.
WIDTH = 88

#: The same for the text of docstrings, which stand within classes.
_PROSE = WIDTH - 2 * len(INDENT)
_AS_WRITTEN: Mapping[str, Any] = {"break_long_words": False, "break_on_hyphens": False}

_PAIRS = {"(": ")", "[": "]", "{": "}"}
#: A string (with what it escapes), or any one character.
_PART = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|.""", re.DOTALL)
#: Operators that lines are broken at, the loosest first.
_SIGNS = (
    (" or ",),
    (" and ",),
    (" == ", " != ", " < ", " > ", " <= ", " >= "),
    (" + ", " - "),
    (" * ", " / ", " // ", " % "),
)


class Prose(str):
    """A line of a docstring: never broken."""

    __slots__ = ()


def indented(lines: Iterable[str]) -> list[str]:
    """The lines one level deeper."""
    return [type(line)(INDENT + line) if line else line for line in lines]


def laid_out(lines: Iterable[str]) -> list[str]:
    """The same lines, the long ones broken as a formatter would."""
    return [short for line in lines for short in _broken(line)]


def without_comments(lines: Iterable[str]) -> list[str]:
    """The same lines of code and docstrings, without what stands behind a `#`."""
    return [line if isinstance(line, Prose) else _parted(line)[0] for line in lines]


def _broken(line: str) -> list[str]:
    if len(line) <= WIDTH or isinstance(line, Prose):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    code, comment = _parted(line.strip())
    shorter = f"  # {comment[comment.index('…') :]}" if "…" in comment else comment
    width = WIDTH - len(indent)
    if len(code + shorter) <= width:
        return [indent + code + shorter]
    if comment and len(code) <= width:
        return [indent + comment.strip(), indent + code]
    return [indent + part for part in _wrapped(code, comment, width)]


def _parted(line: str) -> tuple[str, str]:
    """A line's code and its trailing comment."""
    place = 0
    for part in _PART.findall(line):
        if part == "#":
            return line[:place].rstrip(), f"  {line[place:]}"
        place += len(part)
    return line, ""


def _wrapped(code: str, comment: str, width: int) -> list[str]:
    """A statement or an item within the width, as far as its brackets allow."""
    if len(code) + len(comment) <= width:
        return [code + comment]
    target, equals, value = code.partition(" = ")
    if equals and target.replace(".", "").replace("_", "").isalnum() and (found := terms(value)):
        return [f"{target} = (", *_fitting(" ".join(found), found, width), f"){comment}"]
    pair = _outer_pair(code)
    if pair is None:
        return [code + comment]
    start, end = pair
    inside = _inside(code[start + 1 : end], _opens(code, start), width)
    return [code[: start + 1], *inside, code[end:] + comment]


def _statement(code: str) -> tuple[str, str]:
    """What an assignment or a return begins with, and its value; "" for anything else."""
    if code.startswith("return "):
        return "return ", code.removeprefix("return ")
    target, equals, value = code.partition(" = ")
    named = equals and target.replace(".", "").replace("_", "").isalnum()
    return (f"{target} = ", value) if named else ("", code)


def _opens(code: str, start: int) -> str:
    """What a bracket opens: a `call`, a `list` (or tuple), or a `group`: one expression or index."""
    follows = start > 0 and (code[start - 1].isalnum() or code[start - 1] in "_])")
    if follows and code[start] == "(":
        return "call"
    end = next(end for begin, end, _ in _brackets(code) if begin == start)
    several = any(sign == "," for _, sign in _outside_brackets(code[start + 1 : end]))
    return "list" if several or (code[start] != "(" and not follows) else "group"


def _inside(body: str, what: str, width: int) -> list[str]:
    """What stands between brackets: the arguments of a call on one line if they fit, else one a line."""
    if clauses := _clauses(body):
        return _fitting(body, clauses, width)
    if what == "group":
        return _fitting(body, terms(body) or [body], width)
    items = _items(body)
    if what == "call":
        return _fitting(", ".join(items), [f"{item}," for item in items], width)
    return _each([f"{item}," for item in items], width)


def _fitting(together: str, apart: list[str], width: int) -> list[str]:
    return [INDENT + together] if len(INDENT + together) <= width else _each(apart, width)


def _each(items: list[str], width: int) -> list[str]:
    return [INDENT + part for item in items for part in _wrapped(item, "", width - len(INDENT))]


def terms(code: str) -> list[str]:
    """The terms of a sum or another operation, each with the sign before it; none for anything else."""
    for signs in _SIGNS:
        places = [place for place, sign in _outside_brackets(code) if sign in signs]
        if places:
            return [code[: places[0]], *(code[a:b].strip() for a, b in pairwise([*places, len(code)]))]
    return []


def _clauses(code: str) -> list[str]:
    """The parts of a comprehension: `f(i)`, `for i in range(4)`."""
    found = [place for place, sign in _outside_brackets(code) if sign == " for "]
    return [code[: found[0]], code[found[0] :].strip()] if found else []


def _outside_brackets(code: str) -> Iterator[tuple[int, str]]:
    """Places outside all brackets and strings where a comma or sign that lines can be broken at stands."""
    known = [" for ", *(sign for signs in _SIGNS for sign in signs)]
    place = depth = 0
    for part in _PART.findall(code):
        depth += (part in _PAIRS) - (part in _PAIRS.values())
        if depth == 0 and part == ",":
            yield place, part
        elif depth == 0 and part == " ":
            yield from ((place, sign) for sign in known if code.startswith(sign, place))
        place += len(part)


def _outer_pair(code: str) -> tuple[int, int] | None:
    """Where the brackets to break at are: a signature's, else the last that hold something."""
    found = [(start, end) for start, end, depth in _brackets(code) if depth == 0 and end > start + 1]
    if not found:
        return None
    return min(found) if code.startswith(("def ", "class ")) else max(found)


def _brackets(code: str) -> Iterator[tuple[int, int, int]]:
    """Each pair of brackets: its places and its depth."""
    opened, place = list[int](), 0
    for part in _PART.findall(code):
        if part in _PAIRS:
            opened.append(place)
        elif part in _PAIRS.values():
            start = opened.pop()
            yield start, place, len(opened)
        place += len(part)


def _items(body: str) -> list[str]:
    """What stands between the commas of a bracket."""
    commas = [place for place, sign in _outside_brackets(body) if sign == ","]
    starts, ends = [0, *(place + 1 for place in commas)], [*commas, len(body)]
    items = [body[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return items if items[-1] else items[:-1]


# ---- comments and docstrings


def printable(text: str) -> str:
    """A text that can stand in a comment: one line, nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def docstring(text: str) -> list[str]:
    """A text as a docstring's lines, whatever it holds."""
    first, *others = [_escaped(printable(line).rstrip()) for line in text.strip().splitlines()] or [""]
    wrapped = _filled(others)
    if wrapped:
        gap = [""] if wrapped[0] else []
        return [Prose(line) for line in (f'"""{first}', *gap, *wrapped, '"""')]
    return [Prose(f'"""{first}"""')]


def _filled(lines: list[str]) -> list[str]:
    """The same lines; those of a paragraph that has too long ones are filled anew."""
    found: list[str] = []
    for blank, paragraph in groupby(lines, lambda line: not line):
        kept = [*paragraph]
        if not blank and max(map(len, kept)) > _PROSE:
            kept = textwrap.wrap(" ".join(kept), _PROSE, **_AS_WRITTEN)
        found += kept
    return found


def _escaped(line: str) -> str:
    """The line as it stands within three quotes: no quotes of its own end them."""
    line = line.replace("\\", "\\\\")
    if '"""' in line:
        return line.replace('"', '\\"')
    return f'{line[:-1]}\\"' if line.endswith('"') else line
