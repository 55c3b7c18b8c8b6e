"""Columns: of lines that look alike, what is alike stands in one column.

→ CONV(96, 11x11, s=4) : 96@55x55 → ReLU → POOL(max, 3x3, s=2)
→ CONV(256, 5x5, p=2)             → ReLU → POOL(max, 3x3, s=2)
→ [CONV(384, 3x3, p=1) → ReLU]*2
→ CONV(256, 3x3, p=1)             → ReLU → POOL(max, 3x3, s=2)
"""

from __future__ import annotations

from itertools import groupby

from cnndsl.format.breaks import LIMIT
from cnndsl.record import Record

#: A step has three slots: itself, its label, its claim.
_STEP = 3


class Slot(Record):
    """A part of a line: what stands there, "" for nothing, and the kind of thing that it is."""

    key: str
    text: str


def aligned(lines: list[list[Slot]], row: str, indent: int) -> list[str]:
    """The texts of lines that follow each other: of a chain (`→`), or statements of one kind."""
    texts = [_joined(slots) for slots in lines]
    for run in _alike(lines) if row == "→" else _statements(lines) if row else []:
        found = _columns([lines[number] for number in run])
        if all(indent + len(text) <= LIMIT for text in found):
            for number, text in zip(run, found, strict=True):
                texts[number] = text
    return texts


def _joined(slots: list[Slot]) -> str:
    return " ".join(slot.text for slot in slots if slot.text)


def _alike(lines: list[list[Slot]]) -> list[list[int]]:
    """Numbers of lines that begin with the same kind, or hold one layer each.

    Lines without anything to align, a pool say, may stand between them.
    """
    runs: list[list[int]] = [[]]
    for number, slots in enumerate(lines):
        if len(slots) == 1:
            continue
        before = lines[runs[-1][-1]] if runs[-1] else slots
        if slots[0].key == before[0].key or (_is_layer(slots) and _is_layer(before)):
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _is_layer(slots: list[Slot]) -> bool:
    """Whether a line holds one step, and that is not in brackets."""
    return len(slots) <= _STEP and slots[0].key[:1] not in "[{"


def _statements(lines: list[list[Slot]]) -> list[list[int]]:
    """Numbers of lines between which no line stands that has nothing to align."""
    numbers = range(len(lines))
    return [[*run] for several, run in groupby(numbers, lambda number: len(lines[number]) > 1) if several]


def _columns(lines: list[list[Slot]]) -> list[str]:
    """The lines with equal slots equally wide, as far as they are alike."""
    padded: list[list[str]] = [[] for _ in lines]
    waiting = [(0, [*range(len(lines))])]
    while waiting:
        column, run = waiting.pop()
        longer = [number for number in run if len(lines[number]) > column + 1]
        width = max((len(lines[number][column].text) for number in longer), default=0)
        for number in run:
            text, last = lines[number][column].text, len(lines[number]) == column + 1
            if width or last:
                padded[number].append(text if last else text.ljust(width))
        by_key: dict[str, list[int]] = {}
        for number in longer:
            by_key.setdefault(lines[number][column + 1].key, []).append(number)
        waiting += [(column + 1, numbers) for numbers in by_key.values()]
    return [" ".join(parts) for parts in padded]
