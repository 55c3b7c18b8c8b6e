"""A network on a page of its own, to be sent, opened from a disk and clicked through.

>>> page = webpage(check("INPUT(3@32x32) → CONV(8, 3) → FC(10)"))
>>> page.startswith("<!doctype html>")
True
"""

from __future__ import annotations

from cnndsl.webpage.document import webpage

__all__ = ["webpage"]
