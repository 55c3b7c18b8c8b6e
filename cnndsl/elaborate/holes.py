"""Holes `?` in the arguments of layers, as long as they have no value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cnndsl.layers import FC, Hyper, Layer
from cnndsl.shape import Shape, unknown_size
from cnndsl.syntax import ast


class NeedsValue(Exception):
    """A layer cannot be made before its hole has a value.

    `named` are its arguments, among which there may be further holes; `x` arrives at it.
    """

    def __init__(
        self, hole: ast.Hole, kind: type[Layer], spec: Hyper, named: Mapping[str, Any], x: Shape
    ) -> None:
        super().__init__(spec.name)
        self.hole, self.kind, self.spec, self.named, self.x = hole, kind, spec, named, x

    @property
    def output(self) -> Shape | None:
        """What is known of the layer's output: the number of its filters, or that it is a vector."""
        if self.kind is FC and self.named.get("flatten", True) is True:
            return Shape(unknown_size())
        filters = self.named.get("filters")
        if type(filters) is not int or not self.x.rank:
            return None
        return Shape(filters, tuple(unknown_size() for _ in self.x.extents))


def need_values(kind: type[Layer], named: Mapping[str, Any], x: Shape) -> None:
    """Raises NeedsValue for the first hole among a layer's arguments: windows before what slides them."""
    for spec in kind.hypers().values():
        for hole in _holes(named.get(spec.name)):
            raise NeedsValue(hole, kind, spec, named, x)


def _holes(value: Any) -> Iterator[ast.Hole]:
    """The holes in a value: `?`, `?x3`, `1:?`."""
    if isinstance(value, ast.Hole):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _holes(item)
