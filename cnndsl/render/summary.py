"""What there is to say of a network beside its layers, for the formats that people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import receptive_field, rows
from cnndsl.network import (
    LayerNode,
    Node,
    RepeatNode,
)
from cnndsl.render.text import field_size, grouped, shown

if TYPE_CHECKING:
    from cnndsl.analysis.inputs import Box, Inputs
    from cnndsl.elaborate.program import Program
    from cnndsl.network import Free, Network, Totals
    from cnndsl.shape.size import Size

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


#: What stands for the totals where an error leaves some sizes unknown.
NO_TOTALS = "The totals are unknown, since some sizes are."

#: Closed forms longer than this get a name in the table.
SHORT = 6
_DIGITS = "₀₁₂₃₄₅₆₇₈₉"
_SUBSCRIPTS = str.maketrans("0123456789", _DIGITS)


@contextmanager
def named_sizes(network: Network) -> Iterator[list[list[str]]]:
    """Names for the sizes of a network with an open input, and what they are: `H₁ = ⌊H/2⌋`, `W₁ = ⌊W/2⌋`."""
    names = network.domain.names if network.domain else {}
    _name_sizes(network, names)
    try:
        yield _in_rows([f"{name} = {size.closed_form()}" for size, name in names.items()])
    finally:
        names.clear()


def _in_rows(definitions: list[str]) -> list[list[str]]:
    """Definitions in rows, with those of one number side by side."""
    rows: dict[str, list[str]] = {}
    for text in definitions:
        number = "".join(sign for sign in text.split(" = ")[0] if sign in _DIGITS)
        rows.setdefault(number, []).append(text)
    width = max(map(len, rows.values()), default=0)
    return [row + [""] * (width - len(row)) for row in rows.values()]


def _name_sizes(network: Network, names: dict[Size, str]) -> None:
    if network.domain is None:
        return
    from cnndsl.shape.size import Size

    counts: dict[str, int] = {}
    for row in rows(network):
        for size in row.output.extents if row.output else ():
            if isinstance(size, Size) and size not in names and len(str(size)) > SHORT and not size.unknown:
                letters = "".join(size.names)
                counts[letters] = counts.get(letters, 0) + 1
                names[size] = letters + str(counts[letters]).translate(_SUBSCRIPTS)


def inputs(network: Network, *, fixed: bool = False) -> list[tuple[str, str]]:
    """For which inputs a network checks; with `fixed` also which of them leave its weights as many."""
    from cnndsl.analysis.inputs import valid_inputs

    found = valid_inputs(network)
    if found is None:
        return [("valid inputs", "not worked out")] if fixed else []
    main, every = worded(found.main), worded(found.all)
    told = [("valid inputs", main if main == every else f"{main}; {every} with all outputs")]
    if fixed and found.fixed is not None:
        told.append(("same module", worded(found.fixed, 6)))
    return told


def worded(found: Inputs, limit: int = 3) -> str:
    """`from 63x63`, `multiples of 32`, `H from 43, W from 37`; of many sets the first few."""
    texts = [_worded(found, box) for box in found.boxes]
    if not texts:
        return "none"
    rest = len(texts) - limit
    more = f"; and {rest} set{'s' if rest > 1 else ''} more" if rest > 0 else ""
    return "; or ".join(texts[:limit]) + more


def _worded(found: Inputs, box: Box) -> str:
    """`from 63x63` where all axes are alike."""
    texts = {str(box[name]) for name in found.names}
    text = next(iter(texts))
    number = text.removeprefix("from ")
    if found.ties or len(found.names) == 1 or len(texts) > 1 or not number.isdecimal():
        return found.told(box)
    return f"{'from ' * text.startswith('from')}{'x'.join([number] * len(found.names))}"


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
    if isinstance(node, RepeatNode):
        return [(run.body, run.copies) for run in node.runs]
    return [(part, 1) for part in node.inside]


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
    costs = [grouped(network.totals.params), grouped(network.totals.macs)]
    output = str(network.output) if network.output else "?"
    return [
        network.name,
        grouped(network.totals.layers),
        grouped(learnt(network)),
        output,
        *costs,
        field(network),
    ]
