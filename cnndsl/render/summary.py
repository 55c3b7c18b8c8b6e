"""What is said of a network beside its layers: title, totals, assumptions, free choices, variants."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import receptive_field, rows
from cnndsl.render.text import Line, aligned, field_size, grouped, shown

if TYPE_CHECKING:
    from cnndsl.elaborate.program import Program
    from cnndsl.network import Free, Network, Totals


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
    return sum(row.count for row in rows(network) if row.layer and row.layer.learnt)


def field(network: Network) -> str:
    """The receptive field of the last map."""
    return field_size(receptive_field(network)) if network.known else "?"


# ---- totals


def totals(network: Network) -> Iterator[Line]:
    """The sums in words, for the main output and with all outputs."""
    if not network.known:
        yield [("The totals are unknown, since some sizes are.", "error")]
        return
    counted = [*_sums(network.totals), ("layers", f"{grouped(network.totals.layers)}, {_learnt(network)}")]
    counted.append(("receptive field", f"{field(network)}, of the last map"))
    yield from aligned([[name, text] for name, text in counted], styles=("total", ""))
    others = [chain.name for chain in network.chains if not chain.counted]
    if others:
        yield []
        yield [(f"with {' and '.join(others)}", "total")]
        yield from aligned([[name, text] for name, text in _sums(network.all_totals)], styles=("total", ""))


def _sums(total: Totals) -> list[tuple[str, str]]:
    parts = f"{grouped(total.weights)} weights + {grouped(total.biases)} biases"
    elementwise = f"2 · MACs + {grouped(total.operations)} element-wise operations"
    return [
        ("parameters", f"{grouped(total.params)} = {parts}"),
        ("neurons", grouped(total.neurons)),
        ("MACs", grouped(total.macs)),
        ("FLOPs", f"{grouped(total.flops)} = {elementwise}"),
    ]


def _learnt(network: Network) -> str:
    return f"{grouped(learnt(network))} of them learnt (CONV, TCONV, FC)"


# ---- assumptions and free choices


def assumptions(networks: Sequence[Network]) -> Iterator[Line]:
    """What was assumed for layers without parentheses, equal ones together."""
    names: dict[str, dict[str, None]] = {}
    for network in networks:
        for assumption in network.assumptions:
            names.setdefault(assumption.text, {})[assumption.name] = None
    if names:
        yield [("Assumed for layers written without parentheses:", "head")]
        yield from aligned([["", text, ", ".join(those)] for text, those in names.items()], styles=("", "", "faint"))


def free(networks: Sequence[Network], bound: Collection[str]) -> Iterator[Line]:
    """What the family leaves open; `bound` are the names that the caller has set."""
    choices = {choice.name: choice for network in networks for choice in network.free}
    open_ones = [choice for choice in choices.values() if choice.name not in bound]
    if not open_ones:
        return
    yield [("A family of networks, of which this is one:", "head")]
    yield from aligned([_choice(choice, bound) for choice in choices.values()], styles=("", "", "faint"))
    settings = ",".join(f"{choice.name}={_another(choice)}" for choice in open_ones)
    yield [("Choose another one, as with ", ""), (f"--set {settings}", "hint")]


def _choice(choice: Free, bound: Collection[str]) -> list[str]:
    return ["", f"{choice.name} = {shown(choice.value)}", f"{'set' if choice.name in bound else 'free'}: {choice.range}"]


def _another(choice: Free) -> str:
    """A value for an example."""
    if isinstance(choice.value, bool):
        return "no" if choice.value else "yes"
    return str(choice.value + 1) if isinstance(choice.value, int) else shown(choice.value)


# ---- variants


def variants(networks: Sequence[Network]) -> list[Line]:
    """A line for each variant."""
    head = ["variant", "layers", "learnt", "output", "parameters", "MACs", "receptive field"]
    return aligned([head, *map(_variant, networks)], right={1, 2, 4, 5, 6}, head=True, styles=("total",))


def _variant(network: Network) -> list[str]:
    known, total = network.known, network.totals
    costs = [grouped(total.params), grouped(total.macs)] if known else ["?", "?"]
    output = str(network.output) if network.output else "?"
    return [network.name, grouped(total.layers), grouped(learnt(network)), output, *costs, field(network)]
