"""Padding that was forgotten all along: VGG's 3x3 kernels without it, and nothing is left of the map."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.analysis.lints.edits import with_argument
from cnndsl.analysis.way import Step
from cnndsl.diagnostics import Diagnostic, Edit, Fix
from cnndsl.layers import Conv
from cnndsl.network import LayerNode, Node
from cnndsl.syntax import ast


def tell(found: Diagnostic, passed: list[Step], refused: Node, others: tuple[Fix, ...]) -> None:
    """Say it of a map that was used up by CONVs of one odd kernel, none of them padded.

    `others` are the fixes that come next: kernels of 3x3 mostly are padded, larger ones often are not.
    """
    bare = [node for node in (*(step.node for step in passed), refused) if _unpadded(node)]
    kernels = {kernel for node in bare for kernel in _kernel(node)}
    found.fixes += others
    if len(kernels) != 1 or not any(step.node in bare for step in passed):
        return
    (kernel,) = kernels
    window, pad = "x".join([str(kernel)] * len(_kernel(bare[0]))), kernel // 2
    hint = f"a {window} kernel keeps the size with p={pad}: the CONVs so far have no padding"
    found.hints = (*(hint for hint in found.hints if not hint.startswith("nothing is left")), hint)
    edits = tuple(_edits(bare, str(pad)))
    fixes = (Fix(f"write p={pad} at each of them", edits),) if edits else ()
    found.fixes = (*fixes, *found.fixes) if kernel == 3 else (*found.fixes, *fixes)


def _unpadded(node: Node) -> bool:
    layer = node.layer if isinstance(node, LayerNode) else None
    if not isinstance(layer, Conv) or isinstance(layer.pad, str) or {*layer.stride, *layer.dilation} != {1}:
        return False
    return all(sum(pair) == 0 for pair in layer.pad) and all(size % 2 and size > 1 for size in layer.kernel)


def _kernel(node: Node) -> tuple[int, ...]:
    layer = node.layer if isinstance(node, LayerNode) else None
    return layer.kernel if isinstance(layer, Conv) else ()


def _edits(bare: list[Node], pad: str) -> Iterator[Edit]:
    """The padding in the text of each; nothing where a kernel is no number there, as in a block."""
    layers = {id(node.syntax): node for node in bare if isinstance(node, LayerNode)}.values()
    made = [with_argument(node, "pad", pad) for node in layers]
    if all(made) and all(
        isinstance(node.sources.get("kernel"), ast.Number | ast.AxesExpr) for node in layers
    ):
        yield from (edit for edit in made if edit)
