"""Pictures of networks: a layout makes a scene of a network, a backend writes the scene.

>>> import cnndsl
>>> cnndsl.draw(cnndsl.load("lenet5", variant="Digits"))
'<svg xmlns="http://www.w3.org/2000/svg" class="cnndsl" …'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.drawing.bare import bare as alone
from cnndsl.drawing.flow.blocks import blocks
from cnndsl.drawing.flow.lenet import lenet
from cnndsl.drawing.graph.page import graph
from cnndsl.drawing.limits import too_large
from cnndsl.drawing.page import PAGE_WIDTH
from cnndsl.drawing.suited import suited
from cnndsl.drawing.svg import Theme, svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnndsl.drawing.scene import Scene
    from cnndsl.network import Network

__all__ = ["STYLES", "draw", "picture", "too_large"]

#: The layout of each style.
STYLES: dict[str, Callable[..., Scene]] = {"lenet": lenet, "blocks": blocks, "graph": graph}


def draw(
    network: Network,
    *,
    style: str = "",
    expand: bool = False,
    width: float = PAGE_WIDTH,
    bare: bool = False,
    theme: Theme = "auto",
) -> str:
    """A picture of a network as SVG.

    >>> cnndsl.draw(cnndsl.load("alexnet"), style="graph")
    '<svg xmlns="http://www.w3.org/2000/svg" class="cnndsl" …'

    The styles are `lenet` (planes of feature maps; neurons of perceptrons), `blocks` (in space; a U where
    a decoder takes up an encoder's maps) and `graph`. Without one it is what suits the network; ValueError
    says why another does not. A graph draws equal copies of a repeat and blocks once unless `expand`.
    Rows of maps are broken, and drawings aside are put below each other, to stay within `width` pixels
    where that can be. With `bare` there is neither title nor scale nor legend, as papers want it.
    With the `theme` auto colours follow the reader's mode, light or dark.
    """
    return svg(picture(network, style=style, expand=expand, width=width, bare=bare), theme=theme)


def picture(
    network: Network,
    *,
    style: str = "",
    expand: bool = False,
    width: float = PAGE_WIDTH,
    bare: bool = False,
) -> Scene:
    """The scene that `draw` writes, for other backends."""
    if problem := too_large(network, expand=expand):
        raise ValueError(problem)
    layout = STYLES[style or ("graph" if expand else suited(network))]
    scene = layout(network, expand=expand, width=width)
    return alone(scene) if bare else scene
