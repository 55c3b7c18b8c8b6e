"""What the units of the last map see of the input."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.analysis.lints.grid import PIXELS, times
from cnndsl.analysis.lints.survey import Survey, known
from cnndsl.analysis.rows import receptive_field, walked
from cnndsl.diagnostics import Diagnostic
from cnndsl.layers import Input
from cnndsl.network import LayerNode


def small_receptive_field(survey: Survey) -> Iterator[Diagnostic]:
    """A stack of two 3×3 convolutions sees 5×5 pixels: nothing larger is seen as a whole."""
    inputs = survey.of(Input)
    sights = receptive_field(survey.network)
    node = _last_with_field(survey)
    if len(inputs) != 1 or sights is None or node is None:
        return
    _, x = known(inputs[0])
    seen = [axis.size for axis in sights]
    if len(seen) != x.rank or all(size >= extent for size, extent in zip(seen, x.extents, strict=True)):
        return
    message = f"a unit of the last map sees {times(seen)} of {times(list(x.extents))} {PIXELS[x.rank]}"
    hint = "nothing larger is seen as a whole before the end; a POOL, a stride or a dilation widens the view"
    yield survey.finding("small-receptive-field", node, message, hint)


def _last_with_field(survey: Survey) -> LayerNode | None:
    """The layer that makes the main chain's last map, before anything that sees the whole of it."""
    found = None
    for row in walked(survey.network).rows:
        if not row.chain.name and row.sights is not None and isinstance(row.node, LayerNode):
            found = row.node
    return found if found is not None and found.kind is not Input else None
