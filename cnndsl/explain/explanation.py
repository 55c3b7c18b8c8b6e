"""A step of a network explained: a value, for a renderer to print."""

from __future__ import annotations

from typing import NamedTuple

from cnndsl.analysis.rows import Row
from cnndsl.explain.formula import Section
from cnndsl.network import Node
from cnndsl.source import Span


class Argument(NamedTuple):
    """`kernel  h×w  11x11`, and where it comes from."""

    name: str
    letter: str
    value: str
    origin: str


class Passed(NamedTuple):
    """A step on the way from the input: `conv1  CONV(96, 11x11, s=4)  (227 − 11)/4 + 1 = 55  96@55x55`."""

    name: str
    step: str
    size: str
    output: str


class Explanation(NamedTuple):
    """`title` and `doc` say what it is, `remarks` where it stands; `inside` are the layers of a block."""

    title: str
    doc: list[str]
    span: Span
    shapes: str
    remarks: list[str]
    arguments: list[Argument]
    sections: list[Section]
    way: list[Passed]
    inside: tuple[Node, list[Row]] | None = None
