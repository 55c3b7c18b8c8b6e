"""How much is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.render.text import grouped

if TYPE_CHECKING:
    from cnndsl.network import Network

#: Layers in a picture: of more, nobody can tell one from the other.
MAX_DRAWN = 20_000


def too_large(network: Network, *, expand: bool) -> str:
    """Why a picture would be too large; "" if it would not."""
    layers = sum(chain.node.totals.layers if expand else chain.node.rows for chain in network.chains)
    if layers <= MAX_DRAWN:
        return ""
    without = "" if not expand else "; without --expand equal copies are drawn once"
    drawn = f"at most {grouped(MAX_DRAWN)} are drawn{without}"
    return f"{network.name} has {grouped(layers)} layers, of which {drawn}"
