"""Where the parameters are, and channel counts that the hardware rounds up."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.analysis.lints.survey import Survey, known
from cnndsl.diagnostics import Diagnostic
from cnndsl.layers import FC, Conv, Elementwise, Flatten, TConv
from cnndsl.network import LayerNode, Node, ParallelNode
from cnndsl.shape import Shape

#: Tensor cores work in blocks of so many half-precision numbers: NVIDIA's "Convolutional Layers
#: User's Guide" asks for channels divisible by 8.
BLOCK = 8


def heavy_layer(survey: Survey) -> Iterator[Diagnostic]:
    """VGG's first FC holds 103 of its 138 million parameters; a GAP before it leaves 2 of them."""
    total = survey.network.all_totals.params
    heavy = [node for node in survey.of(FC) if 2 * node.totals.params > total]
    if not heavy or not survey.of(Conv):
        return
    node = heavy[0]
    layer, _ = known(node)
    arriving = _flattened_map(survey, node)
    if not isinstance(layer, FC) or arriving is None:
        return
    weights, share = _spaced(node.totals.weights), 100 * node.totals.params // total
    holds = f"{node.name} holds {arriving.factors}·{layer.outputs} = {weights}"
    message = f"{holds} of {_spaced(total)} parameters: {share} %"
    fewer = f"{arriving.channels}·{layer.outputs} = {_spaced(arriving.channels * layer.outputs)}"
    yield survey.finding("heavy-layer", node, message, f"with GAP before it, it has {fewer} weights")


def _flattened_map(survey: Survey, node: LayerNode) -> Shape | None:
    """The map that an FC flattens, itself or by a FLATTEN just before it; None where there is none."""
    _, x = known(node)
    found = x if node.flattens else _before(survey, node)
    if found is None or not found.rank or found.numel != x.numel:  # joined with others on the way
        return None
    return found if found.numel > found.channels else None


def _before(survey: Survey, wanted: LayerNode) -> Shape | None:
    """The map whose FLATTEN reaches a layer through nothing but activations, norms and dropouts."""
    found: Shape | None = None
    waiting: list[Node] = [chain.node for chain in reversed(survey.network.chains)]
    while waiting:
        node = waiting.pop()
        if node is wanted:
            return found
        if isinstance(node, LayerNode):
            found = _map_behind(node, found)
        else:
            found = None if isinstance(node, ParallelNode) else found
            waiting += reversed(node.inside)
    return None


def _map_behind(node: LayerNode, before: Shape | None) -> Shape | None:
    if node.kind is Flatten:
        return node.input
    return before if issubclass(node.kind, Elementwise) else None


def channel_alignment(survey: Survey) -> Iterator[Diagnostic]:
    """CONV(30, 3) takes as long as CONV(32, 3) on tensor cores; the number of classes is as it is."""
    ends = {_last_learnt(chain.node) for chain in survey.network.chains}
    for kind, name in ((Conv, "filters"), (TConv, "filters"), (FC, "outputs")):
        for node in survey.of(kind):
            layer, _ = known(node)
            count = getattr(layer, name)
            if count % BLOCK == 0 or count == 1 or getattr(layer, "groups", 1) > 1 or node in ends:
                continue
            full = -(-count // BLOCK) * BLOCK
            message = f"{count} {name} are no multiple of {BLOCK}: tensor cores pad them to {full}"
            fewer = f"{count - count % BLOCK} or " if count > BLOCK else ""
            yield survey.finding("channel-alignment", node, message, f"{fewer}{full} use them fully")


def _last_learnt(node: Node) -> LayerNode | None:
    if isinstance(node, LayerNode):
        return node if node.kind.learnt else None
    return next((found for part in reversed(node.inside) if (found := _last_learnt(part))), None)


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
