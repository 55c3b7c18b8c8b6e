"""What stands at the end of a network, before the loss."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.analysis.lints.survey import Survey
from cnndsl.diagnostics import Diagnostic, Fix
from cnndsl.layers import Identity, Softmax
from cnndsl.network import BlockNode, ChainNode, ChoiceNode, LabelNode, LayerNode, Node, RepeatNode
from cnndsl.syntax import ast
from cnndsl.syntax.edits import removed


def softmax_before_loss(survey: Survey) -> Iterator[Diagnostic]:
    """… → FC(10) → SOFTMAX: PyTorch's cross-entropy takes the scores before it."""
    for chain in survey.network.chains:
        if chain.kind == "let":
            continue
        node, seam = last_layer(chain.node)
        if node is None or node.kind is not Softmax:
            continue
        edit = removed(*seam) if seam else None
        end = f"the output {chain.name} ends" if chain.name else "the network ends"
        message = (
            f"{end} in SOFTMAX, but PyTorch's cross-entropy applies one itself: two of them slow learning"
        )
        hints = (
            "leave it out to train with nn.CrossEntropyLoss, or take LOGSOFTMAX with nn.NLLLoss",
            "to read off probabilities, apply softmax to the trained network's output",
        )
        fixes = [Fix("leave SOFTMAX out", (edit,))] if edit else []
        yield survey.finding("softmax-before-loss", node, message, *hints, fixes=fixes)


def last_layer(node: Node | None) -> tuple[LayerNode | None, tuple[ast.Chain, int] | None]:
    """The layer that makes a part's output, and where it stands as a step of its own in a chain."""
    seam = None
    while node is not None and not isinstance(node, LayerNode):
        inner = _last(node)
        seam = _seam(node, inner) if inner else None
        node = inner
    return node, seam


def _seam(node: Node, part: Node) -> tuple[ast.Chain, int] | None:
    """Where a part stands as a plain step of a chain: neither labelled nor claimed."""
    if not isinstance(node, ChainNode) or not isinstance(node.syntax, ast.Chain):
        return None
    number = node.parts.index(part)
    return (node.syntax, number) if isinstance(node.syntax.steps[number], ast.LayerStep) else None


def _last(node: Node) -> Node | None:
    match node:
        case ChainNode():
            return next((part for part in reversed(node.parts) if not _is_identity(part)), None)
        case RepeatNode():
            return node.runs[-1].body if node.runs else None
        case ChoiceNode() | BlockNode() | LabelNode():
            return node.body
    return None


def _is_identity(node: Node) -> bool:
    passes = isinstance(node, LayerNode) and node.kind is Identity
    empty = isinstance(node, ChoiceNode) and node.body is None
    return passes or empty or (isinstance(node, RepeatNode) and not node.runs)
