"""Layers and shapes in the few characters that tables of cases have room for."""

from __future__ import annotations

from typing import Any

from cnndsl.layers import Layer, bind, find_kind
from cnndsl.shape import Shape


def made(kind: str, x: Shape, *positional: Any, **named: Any) -> Layer:
    """The layer, with keywords that end in `_` where Python reserves the word."""
    found = find_kind(kind)
    assert found
    return bind(found, x.rank, list(positional), {name.rstrip("_"): value for name, value in named.items()})


def shape(text: str) -> Shape:
    channels, _, extents = text.partition("@")
    return Shape(int(channels), tuple(map(int, extents.split("x"))) if extents else ())
