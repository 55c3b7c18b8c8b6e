"""How wide text is, without a font at hand: the widths of Helvetica, which Arial and Liberation Sans share.

Backends that can are told the width of each text, so that another font cannot make labels overlap.
"""

from __future__ import annotations

from functools import lru_cache

#: From the baseline up and down, in parts of the size.
ASCENT, DESCENT = 0.76, 0.22

#: Widths of the characters from space to ~, in thousandths of the size.
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722,
    278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278,
    469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333,
    500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_OTHERS = {
    "×": 584, "−": 584, "·": 333, "…": 1000, "→": 1000, "⊙": 800, "≥": 549, "≤": 549, "⌊": 400, "⌋": 400,
    "⌈": 400, "⌉": 400, "–": 556, "✗": 800, "′": 250, "\u00a0": 278, "²": 333, "³": 333,
}  # fmt: skip


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in pixels.

    >>> text_width("CONV", 12)
    34.668
    """
    table = _BOLD if bold else _REGULAR
    return sum(table[ord(sign) - 32] if " " <= sign <= "~" else _other(sign) for sign in text) * size / 1000


def _other(sign: str) -> int:
    if sign in _OTHERS:
        return _OTHERS[sign]
    from unicodedata import combining, east_asian_width

    if combining(sign):
        return 0
    return 1000 if east_asian_width(sign) in "WF" else 700


def wrapped(text: str, size: float, room: float, most: int, *, bold: bool = False) -> list[str]:
    """The text in lines of at most `room` pixels; from `most` of them on it ends with …"""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(fitted(word, size, room, bold=bold))
    if len(lines) > most:
        lines[most - 1 :] = [fitted(f"{lines[most - 1]} {lines[most]}…", size, room, bold=bold)]
    return lines


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text cut to at most `room` pixels, with … where it goes on."""
    if text_width(text, size, bold=bold) <= room:
        return text
    text = text.rstrip("…")
    while text and text_width(f"{text}…", size, bold=bold) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"
