"""Which style suits a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow.bars import bars, scales
from cnndsl.drawing.flow.stages import Stage, Unfit, stages
from cnndsl.shape import Symbolic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnndsl.network import Network

#: Maps and channels that planes show well, and maps that blocks do.
PLANES, CHANNELS, BLOCKS = 12, 64, 25
#: Maps that a U shows well: of more, it is wider than two pages.
BARS = 64


def suited(network: Network) -> str:
    """`lenet` for small networks without branches and for perceptrons, `blocks` for larger ones and for
    encoders with decoders, `graph` for all others."""
    try:
        row = stages(network, faults(network))
        if any(stage.joined for stage in row):
            bars(row, scales(row))
            return "blocks" if len(row) <= BARS else "graph"
    except Unfit:
        return "graph"
    if len(row) <= PLANES and (_is_narrow(row) or not any(_rank(stage) > 1 for stage in row)):
        return "lenet"
    return "blocks" if len(row) <= BLOCKS else "graph"


def _is_narrow(row: Sequence[Stage]) -> bool:
    maps = [stage.output for stage in row if stage.output and _rank(stage)]
    channels = [one.channels for one in maps if any(extent != 1 for extent in one.extents)]
    return all(isinstance(count, Symbolic) or count <= CHANNELS for count in channels)


def _rank(stage: Stage) -> int:
    return stage.output.rank if stage.output else 0
