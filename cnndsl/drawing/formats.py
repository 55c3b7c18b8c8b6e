"""The files that pictures are written to, by their endings.

>>> written(load("alexnet"), ".svg")[:4]
b'<svg'

SVG is our own, as are TikZ and Mermaid; PDF and PNG are made from the SVG by typst (`pip install
'cnndsl[draw]'`), a wheel that needs nothing else on the system and keeps text as text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from cnndsl.drawing import draw, picture
from cnndsl.drawing.graph.mermaid import mermaid
from cnndsl.drawing.tikz import tikz

if TYPE_CHECKING:
    from cnndsl.network import Network

#: Pixels of a PNG to the inch; a picture's own pixels are 96 to the inch.
DENSITY = 192

_PAGE = b"""#set document(date: none)
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")
"""


class MissingLibrary(Exception):
    """A format needs a library that is not installed."""


def _svg(network: Network, style: str, expand: bool) -> bytes:
    return draw(network, style=style, expand=expand).encode()


def _tikz(network: Network, style: str, expand: bool) -> bytes:
    return tikz(picture(network, style=style, expand=expand)).encode()


def _mermaid(network: Network, style: str, expand: bool) -> bytes:
    if style not in {"", "graph"}:
        raise ValueError("Mermaid draws graphs alone")
    return mermaid(network, expand=expand).encode()


def _pdf(network: Network, style: str, expand: bool) -> bytes:
    return _typeset(network, style, expand, "pdf")


def _png(network: Network, style: str, expand: bool) -> bytes:
    return _typeset(network, style, expand, "png")


def _typeset(network: Network, style: str, expand: bool, form: Literal["pdf", "png"]) -> bytes:
    try:
        import typst
    except ImportError:
        raise MissingLibrary(f".{form} needs typst: pip install 'cnndsl[draw]'") from None
    svg = draw(network, style=style, expand=expand, theme="light")
    made = typst.compile(_PAGE, format=form, ppi=DENSITY, sys_inputs={"svg": svg})
    assert isinstance(made, bytes), "a picture is one page"
    return made


#: How a network is written to a file of that ending: (network, style, expand).
FORMATS: dict[str, Callable[[Network, str, bool], bytes]] = {
    ".svg": _svg,
    ".pdf": _pdf,
    ".png": _png,
    ".tex": _tikz,
    ".mmd": _mermaid,
}


def written(network: Network, ending: str, *, style: str = "", expand: bool = False) -> bytes:
    """The content of a file with that ending; the other arguments are those of `draw`.

    Raises ValueError where the network does not fit the style, MissingLibrary where typst is needed.
    """
    return FORMATS[ending](network, style, expand)
