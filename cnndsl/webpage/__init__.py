"""A network on a page of its own, to be sent, opened from a disk and clicked through.

>>> page = webpage(check("INPUT(3@32x32) → CONV(8, 3) → FC(10)"))
>>> page.startswith("<!doctype html>")
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.drawing import draw
from cnndsl.drawing.limits import too_large
from cnndsl.render import html
from cnndsl.webpage.document import MARK, webpage

if TYPE_CHECKING:
    from cnndsl.network import Network

__all__ = ["MARK", "shown", "webpage"]


def shown(network: Network) -> str:
    """A network in a notebook: its table, and below it its picture, or why it is too large for one."""
    return html.report(network) + (html.note(too_large(network, expand=False)) or draw(network))
