"""The files that pictures are written to, by their endings.

>>> written(load("alexnet"), ".svg")[:4]
b'<svg'

SVG is our own, as are TikZ and Mermaid; PDF and PNG are made from the SVG by typst (`pip install
'cnndsl[draw]'`), a wheel that needs nothing else on the system and keeps text as text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from cnndsl.drawing import picture
from cnndsl.drawing.graph.mermaid import mermaid
from cnndsl.drawing.page import PAGE_WIDTH
from cnndsl.drawing.svg import svg
from cnndsl.drawing.tikz import tikz

if TYPE_CHECKING:
    from cnndsl.drawing.scene import Scene
    from cnndsl.network import Network

#: Pixels of a PNG to the inch; a picture's own pixels are 96 to the inch.
DENSITY = 192

_PAGE = b"""#set document(date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")
"""


class MissingLibrary(Exception):
    """A format needs a library that is not installed."""


def _svg(scene: Scene) -> bytes:
    return svg(scene).encode()


def _tikz(scene: Scene) -> bytes:
    return tikz(scene).encode()


def _pdf(scene: Scene) -> bytes:
    return _typeset(scene, "pdf")


def _png(scene: Scene) -> bytes:
    return _typeset(scene, "png")


def _typeset(scene: Scene, form: Literal["pdf", "png"]) -> bytes:
    try:
        import typst
    except ImportError:
        raise MissingLibrary(f".{form} needs typst: pip install 'cnndsl[draw]'") from None
    inputs = {"svg": svg(scene, theme="light")}
    made = typst.compile(_PAGE, format=form, ppi=DENSITY, sys_inputs=inputs)
    assert isinstance(made, bytes), "a picture is one page"
    return made


_WRITERS: dict[str, Callable[[Scene], bytes]] = {".svg": _svg, ".pdf": _pdf, ".png": _png, ".tex": _tikz}
#: The endings of files that a network can be written to.
FORMATS = (*_WRITERS, ".mmd")


def written(
    network: Network,
    ending: str,
    *,
    style: str = "",
    expand: bool = False,
    width: float = PAGE_WIDTH,
    bare: bool = False,
) -> bytes:
    """The content of a file with that ending; the other arguments are those of `draw`.

    Raises ValueError where the network does not fit the style, MissingLibrary where typst is needed.
    """
    if ending == ".mmd":
        if style not in {"", "graph"}:
            raise ValueError("Mermaid draws graphs alone")
        return mermaid(network, expand=expand).encode()
    return _WRITERS[ending](picture(network, style=style, expand=expand, width=width, bare=bare))
