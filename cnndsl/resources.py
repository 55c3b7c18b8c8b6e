"""Where the grammar, the shipped networks and the pages of the codes lie.

Inside the wheel, or beside a checkout's package.
"""

from __future__ import annotations

import os.path

#: Where a folder of a checkout has another name than in the wheel.
_BESIDE = {"pages": "docs/codes"}


def folder(name: str) -> str:
    """The folder `grammars`, `specs` or `pages`."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, name)
    return (
        inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), _BESIDE.get(name, name))
    )
