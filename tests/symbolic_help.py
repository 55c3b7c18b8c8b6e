"""What the tests of open inputs share."""

from __future__ import annotations

from typing import Any

from cnndsl.analysis.rows import rows
from cnndsl.api import check
from cnndsl.elaborate import elaborate
from cnndsl.network import Network
from cnndsl.shape import AXIS_LETTERS, Shape, Symbolic
from cnndsl.shape.size import Domain
from cnndsl.source import Source


def network(text: str) -> Network:
    """The network of a text without errors."""
    report = check(Source("net.cnn", text))
    assert report.ok, (text, [found.message for found in report.diagnostics])
    return report.networks[0]


def own_input(net: Network) -> Shape:
    """The shape of the main input."""
    shape = next(row.output for row in rows(net) if row.chain.kind == "main")
    assert shape is not None
    return shape


def given(net: Network, extents: Any) -> Network:
    """The network for another input."""
    shape = Shape(own_input(net).channels, tuple(extents))
    return elaborate(net.program, net.variant, net.settings, strict=net.strict, input=shape, adapting=True)


def opened(net: Network) -> Network:
    """The network for an input with names for its extents."""
    domain = Domain()
    return given(net, [domain.extent(letter) for letter in AXIS_LETTERS[own_input(net).rank]])


def named(extents: tuple[int, ...]) -> dict[str, int]:
    """`{"H": 32, "W": 40}`."""
    return dict(zip(AXIS_LETTERS[len(extents)], extents, strict=True))


def at(size: Any, values: dict[str, int]) -> int | None:
    """A size for this input; None where it is unknown."""
    if isinstance(size, Symbolic):
        return None if size.unknown else size.at(values)  # type: ignore[attr-defined]
    number: int = size
    return number
