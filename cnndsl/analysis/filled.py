"""The values that were chosen for the holes of a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostics import Diagnostic, Edit, Fix
from cnndsl.network import Network
from cnndsl.record import Record, fresh
from cnndsl.shape import Shape
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.analysis.solve import Solved


class Filled(Record):
    """Values for holes, and what there is to say of them."""

    values: dict[ast.Expr, Any] = fresh(factory=dict)
    diagnostics: list[Diagnostic] = fresh(factory=list)
    #: All that the search has found.
    found: Solved | None = None

    def told(self, networks: Iterable[Network]) -> list[Diagnostic]:
        """What there is to say: of the holes in claims once the networks are known.

        That no value fits is not said beside other errors: it may follow from them.
        """
        known = [*networks]
        errors = any(not network.ok for network in known)
        own = [one for one in self.diagnostics if not (errors and one.severity == "error")]
        return own + _claims(known)


def writing(hole: ast.Expr, text: str) -> Fix:
    """The fix that writes a text in the place of a hole."""
    return Fix(f"write {text}", (Edit(hole.span, text),), safe=True)


def _claims(networks: Iterable[Network]) -> list[Diagnostic]:
    """What the holes in claims are."""
    told: dict[ast.Expr, Diagnostic] = {}
    for network in networks:
        for claim, actual in network.claimed.items():
            for hole, size in _sizes(claim, actual):
                found = Diagnostic("solved", f"this is {size}", hole.span, fixes=(writing(hole, str(size)),))
                told.setdefault(hole, found)
    return [*told.values()]


def _sizes(claim: ast.Expr, actual: Shape) -> Iterable[tuple[ast.Hole, int]]:
    items = (claim.channels, *claim.extents) if isinstance(claim, ast.ShapeExpr) else (claim,)
    for item, size in zip(items, (actual.channels, *actual.extents), strict=False):
        if isinstance(item, ast.Hole) and type(size) is int:
            yield item, size
