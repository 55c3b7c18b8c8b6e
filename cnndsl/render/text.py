"""Text made of styled pieces, and what every format shares: numbers, values, safe characters.

A line is a list of pieces, `("conv1", "name")`: a text and the style it has on a terminal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cnndsl.layers.base import written
from cnndsl.shape import Symbolic
from cnndsl.values import Axes, Pair, Partial

if TYPE_CHECKING:
    from cnndsl.analysis.fields import Sights

#: A text and its style, one of those that `terminal.STYLES` lists.
Piece = tuple[str, str]
Line = list[Piece]

#: From here on a number is shown by its first digits: it would only tear the columns apart.
ASTRONOMIC = 10**15


def grouped(number: int) -> str:
    """A number with its digits in groups of three, as the slides print it.

    >>> grouped(62378344)
    '62 378 344'
    """
    if isinstance(number, Symbolic):
        return number.text(grouped)
    if abs(number) >= ASTRONOMIC:
        return _rounded(number)
    return f"{number:,}".replace(",", " ")


def _rounded(number: int) -> str:
    """`≈ 1.23e21`, without the limits of a float."""
    digits = str(abs(number))
    exponent = len(digits) - 1
    leading = (abs(number) + 5 * 10 ** (exponent - 3)) // 10 ** (exponent - 2)
    if leading == 1000:
        leading, exponent = 100, exponent + 1
    sign = "−" if number < 0 else ""
    return f"≈ {sign}{leading // 100}.{leading % 100:02}e{exponent}"


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def field_size(sights: Sights) -> str:
    """A receptive field: its size on each axis, once where they agree; `all` is the whole input."""
    if sights is None:
        return "all"
    if not sights:
        return "?"
    sizes = [str(reach.size) for reach in sights]
    return sizes[0] if len(set(sizes)) == 1 else "x".join(sizes)


def shown(value: Any) -> str:
    """The value of a parameter, as the language writes it: `(3, 4, 6, 3)`, `yes`, `Bottleneck`.

    A block is known by its `name`, a layer kind by its `kind`.
    """
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple) and not isinstance(value, (Axes, Pair, Partial)):
        inner = ", ".join(map(shown, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    name = getattr(value, "kind", None) or getattr(value, "name", None)
    return name if isinstance(name, str) else written(value)


def visible(text: str) -> str:
    """The text without characters that could act on a terminal; each becomes one that is seen.

    >>> visible("a\\x1b[31mb")
    'a␛[31mb'
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _stand_in(sign) for sign in text)


def hook(path: str) -> str:
    """A path as one word of an attribute, `data-path`, that may hold several: its spaces do not part it.

    >>> hook("FOO(3, 4)")
    'FOO(3,\\xa04)'
    """
    return visible(path).replace(" ", "\u00a0")


def _stand_in(sign: str) -> str:
    if sign.isspace() and ord(sign) >= 0x80:
        return " "
    if ord(sign) < 0x20:
        return chr(0x2400 + ord(sign))
    return "␡" if sign == "\x7f" else "\ufffd"


@lru_cache(maxsize=1024)
def width(text: str) -> int:
    """The columns that a text takes on a terminal: Chinese signs take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(map(_width_of, text))


def _width_of(sign: str) -> int:
    if sign < "\u0300":
        return 1
    from unicodedata import combining, east_asian_width

    if combining(sign):
        return 0
    return 2 if east_asian_width(sign) in "WF" else 1


def cut(text: str, room: int) -> str:
    """The text in at most `room` characters, with … where it goes on."""
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def plain(line: Line) -> str:
    """A line without its styles, safe to print."""
    return visible("".join(text for text, _ in line)).rstrip()


def aligned(
    table: Sequence[Sequence[str]],
    *,
    right: Collection[int] = (),
    head: bool = False,
    styles: Sequence[str] = (),
) -> list[Line]:
    """A small table; numbers in the columns `right` end below each other, `head` is its first row."""
    widths = [max(map(width, column)) for column in zip(*table, strict=True)]
    lines = [_row(row, widths, right, styles) for row in table]
    if head:
        rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
        lines[:1] = [[(plain(lines[0]), "head")], [(rule, "faint")]]
    return lines


def _row(row: Sequence[str], widths: Sequence[int], right: Collection[int], styles: Sequence[str]) -> Line:
    line: Line = []
    for number, text in enumerate(row):
        space = " " * (widths[number] - width(text))
        style = styles[number] if number < len(styles) else ""
        line.append((f"{space}{text}  " if number in right else f"{text}{space}  ", style))
    return line
