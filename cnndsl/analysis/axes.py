"""`INPUT(3@224)` before kernels of 3x3: said once at the input, rather than at each of the layers."""

from __future__ import annotations

import re

from cnndsl.diagnostics import Diagnostic, Edit, Fix, Label
from cnndsl.network import LayerNode, Network
from cnndsl.shape import AXIS_LETTERS
from cnndsl.syntax import ast

_ENTRIES = re.compile(r"has (\d) entries, but the map that arrives has ")
#: A longer shape is not written out in a hint.
MAX_TEXT = 40
_CLAIM = re.compile(r"\w+@\d+((?:[xX×]\d+)+)")
_AXES = {1: "one axis", 2: "two axes", 3: "three axes"}


def tell(network: Network, start: LayerNode | None) -> None:
    """Put one message at the input in the place of those on windows of more axes, where all have as many."""
    given = start.syntax.arguments if start and isinstance(start.syntax, ast.LayerStep) else None
    shape = given.items[0].value if given else None
    if start is None or start.output is None or not isinstance(shape, ast.ShapeExpr):
        return
    rank = start.output.rank
    wrong = [found for found in network.diagnostics if _entries(found) > rank]
    counts = {_entries(found) for found in wrong}
    wanted = max(counts, default=0)
    if len(counts) > 1 or wanted not in _AXES or (rank > 1 and len(wrong) < 2):
        return
    first = network.diagnostics.index(wrong[0])
    rest = [found for found in network.diagnostics if found not in wrong]
    network.diagnostics = [*rest[:first], _message(shape, rank, wanted, wrong), *rest[first:]]


def _entries(found: Diagnostic) -> int:
    """How many axes a window or a claim has, where these are others than the map's; 0 for another finding."""
    claim = _CLAIM.fullmatch(found.span.text) if found.code == "claim" else None
    if claim:
        return 1 + len(re.findall("[xX×]", claim[1]))
    said = _ENTRIES.search(found.message) if found.code == "argument-value" else None
    return int(said[1]) if said else 0


def _message(shape: ast.ShapeExpr, rank: int, wanted: int, wrong: list[Diagnostic]) -> Diagnostic:
    window, letters = wrong[0].span.brief, "x".join(AXIS_LETTERS[wanted])
    message = f"{shape.span.brief} has {_AXES[rank]}, and {window} further on has {_AXES[wanted]}"
    label = Label(wrong[0].span, f"{_AXES[wanted]} here")
    if rank > 1 or wanted > 2:
        return Diagnostic("rank", message, shape.span, (label,), (f"did you mean C@{letters}?",))
    extent = shape.extents[0]
    extents = letters if isinstance(extent, ast.Name) else f"{extent.span.text}x{extent.span.text}"
    text = f"{shape.channels.span.text}@{extents}"
    if len(text) > MAX_TEXT:
        return Diagnostic("rank", message, shape.span, (label,), (f"did you mean C@{letters}?",))
    hint = f"did you mean {text}? Or is it a signal: then a window is a single number"
    return Diagnostic(
        "rank", message, shape.span, (label,), (hint,), (Fix(f"write {text}", (Edit(shape.span, text),)),)
    )
