"""What there is to say of a network beside its layers, for the formats that people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import receptive_field
from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    LayerNode,
    Node,
    ParallelNode,
    RepeatNode,
)
from cnndsl.render.text import field_size, grouped, shown

if TYPE_CHECKING:
    from cnndsl.elaborate.program import Program
    from cnndsl.network import Free, Network, Totals

#: The columns of `variant`, of which these hold numbers.
VARIANT = ("variant", "layers", "learnt", "output", "parameters", "MACs", "receptive field")
VARIANT_NUMBERS = {1, 2, 4, 5, 6}


def title(network: Network) -> str:
    """`ResNet50 = ResNet(Block = Bottleneck, n = (3, 4, 6, 3), classes = 1000)`."""
    values = ", ".join(f"{name} = {shown(value)}" for name, value in network.arguments.items())
    text = f"{network.program.name}({values})" if values else network.program.name
    return f"{network.variant} = {text}" if network.variant else text


def family_title(program: Program) -> str:
    """`ResNet(Block, n, classes = 1000)`, as the file has it."""
    each = (f"{p.name} = {p.default.span.text}" if p.default else p.name for p in program.params)
    return f"{program.name}({', '.join(each)})" if program.params else program.name


def doc(program: Program) -> list[str]:
    """The comment above the net, by lines."""
    return program.net.doc.splitlines() if program.net else []


def learnt(network: Network) -> int:
    """How many layers are learnt: CONV, TCONV and FC, as one counts the 8 of AlexNet."""
    known: dict[Node, int] = {}
    return sum(_learnt(chain.node, known) for chain in network.chains if chain.counted)


def _learnt(node: Node, known: dict[Node, int]) -> int:
    """The learnt layers in a part; `known` spares equal parts, which may be nested."""
    if node not in known:
        own = isinstance(node, LayerNode) and node.kind.learnt
        known[node] = own + sum(count * _learnt(part, known) for part, count in _parts(node))
    return known[node]


def _parts(node: Node) -> list[tuple[Node, int]]:
    """The parts directly inside a node, each with the number of its copies."""
    match node:
        case RepeatNode():
            return [(run.body, run.copies) for run in node.runs]
        case ChainNode():
            return [(part, 1) for part in node.parts]
        case ParallelNode():
            return [(branch, 1) for branch in node.branches]
        case BlockNode() | LabelNode() | ChoiceNode():
            return [(node.body, 1)] if node.body else []
    return []


def field(network: Network) -> str:
    """The receptive field of the last map."""
    return field_size(receptive_field(network)) if network.known else "?"


def facts(network: Network) -> list[tuple[str, str]]:
    """The totals of the main output, by name."""
    layers = f"{grouped(network.totals.layers)}, {grouped(learnt(network))} of them learnt (CONV, TCONV, FC)"
    sees = field(network)
    seen = "the whole input" if sees == "all" else f"{sees}, at the last map"
    return [*sums(network.totals), ("layers", layers), ("receptive field", seen)]


def sums(total: Totals) -> list[tuple[str, str]]:
    """Totals by name, with what they are made of."""
    parts = f"{grouped(total.weights)} weights + {grouped(total.biases)} biases"
    elementwise = f"2 · MACs + {grouped(total.operations)} element-wise operations"
    return [
        ("parameters", f"{grouped(total.params)} = {parts}"),
        ("neurons", grouped(total.neurons)),
        ("MACs", grouped(total.macs)),
        ("FLOPs", f"{grouped(total.flops)} = {elementwise}"),
    ]


def further(network: Network) -> str:
    """`with aux1 and aux2`, the chains on which the main output does not depend; "" if there are none."""
    names = [chain.name for chain in network.chains if not chain.counted]
    return f"with {' and '.join(names)}" if names else ""


def assumed(networks: Iterable[Network]) -> list[tuple[str, str]]:
    """What was assumed for layers without parentheses, and for which."""
    names: dict[str, dict[str, None]] = {}
    for network in networks:
        for assumption in network.assumptions:
            names.setdefault(assumption.text, {})[assumption.name] = None
    return [(text, ", ".join(those)) for text, those in names.items()]


def choices(networks: Iterable[Network]) -> list[tuple[str, str]]:
    """What the family leaves open, and within which range; nothing if all of it is bound."""
    found = _choices(networks)
    if all(bound for _, bound in found.values()):
        return []
    return [
        (f"{free.name} = {shown(free.value)}", f"{'set' if bound else 'free'}: {free.range}")
        for free, bound in found.values()
    ]


def another(networks: Iterable[Network]) -> str:
    """An example of how to bind what is free: `--set N=2,M=2,pool1=no`."""
    unbound = (free for free, bound in _choices(networks).values() if not bound)
    return f"--set {','.join(f'{free.name}={_another(free)}' for free in unbound)}"


def _choices(networks: Iterable[Network]) -> dict[str, tuple[Free, bool]]:
    """Each choice, and whether the caller has made it."""
    found = [(free, free.name in network.bound) for network in networks for free in network.free]
    found.sort(key=lambda one: one[0].span.start)
    return {free.name: (free, bound) for free, bound in found}


def _another(choice: Free) -> str:
    if isinstance(choice.value, bool):
        return "no" if choice.value else "yes"
    return str(choice.value + 1) if isinstance(choice.value, int) else shown(choice.value)


def variants(networks: Sequence[Network]) -> list[list[str]]:
    """A row for each variant, in the columns `VARIANT`."""
    return [_variant(network) for network in networks]


def _variant(network: Network) -> list[str]:
    known, total = network.known, network.totals
    costs = [grouped(total.params), grouped(total.macs)] if known else ["?", "?"]
    output = str(network.output) if network.output else "?"
    return [network.name, grouped(total.layers), grouped(learnt(network)), output, *costs, field(network)]
