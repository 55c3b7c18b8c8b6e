"""A step of a network, explained with its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import TYPE_CHECKING

from cnndsl.explain.costs import costs
from cnndsl.explain.explanation import Argument, Explanation
from cnndsl.explain.fields import LEGEND, described, field
from cnndsl.explain.find import Step, copies, find, survey
from cnndsl.explain.formula import Fact, Formula, Section, fact, number
from cnndsl.explain.initial import start
from cnndsl.explain.kinds import ROWS, rule
from cnndsl.explain.letters import letter
from cnndsl.explain.trace import JOINS, join_sum, trace
from cnndsl.layers import FC, KINDS, Flatten, Layer, written
from cnndsl.network import BlockNode, ChainNode, ChoiceNode, LabelNode, LayerNode, Network, Node, ParallelNode
from cnndsl.shape import NOTHING
from cnndsl.syntax import ast

#: The bare words that some argument takes: `same`, `max`.
_WORDS = {word.lower() for kind in KINDS.values() for spec in kind.hypers().values() for word in spec.words}

_WORD = re.compile(r"\w+")

_PLAIN = (ast.Number, ast.Flag, ast.AxesExpr, ast.PairExpr, ast.ShapeExpr)

if TYPE_CHECKING:
    from cnndsl.analysis.rows import Row
    from cnndsl.layers import Hyper
    from cnndsl.shape import Shape
    from cnndsl.source import Span


WRONG = "a step with an error"
UNKNOWN = "an error leaves sizes unknown here: its message says which"


def explain(network: Network, path: str) -> Explanation:
    """The explanation of a layer, block or labelled part; raises NoSuchStep.

    >>> explain(load("alexnet"), "conv1").shapes
    '3@227x227 → 96@55x55'
    """
    step = find(network, path)
    return _layer(network, step, step.row) if step.row else _part(network, step)


# ---- a layer


def _layer(network: Network, step: Step, row: Row) -> Explanation:
    layer, x, y = row.layer, row.input, row.output
    title = f"{step.path} of {network.name}: {layer or WRONG}"
    doc = described_kind(layer) if layer else []
    arguments = _arguments(layer, row.node) if layer else []
    remarks = [*_remarks(network, step), *([] if row.known else [UNKNOWN])]
    known = row.known and x is not None and y is not None and "?" not in f"{x}{y}"
    sections = _sections(layer, x, y, row) if known and layer and x and y else []
    recipe = network.init.recipes.get(row.kind) if network.init else None
    if recipe and known and layer and x and (facts := [*start(layer, x, recipe)]):
        sections.append(Section("Weights at the start", facts))
    way = trace(step.way) if isinstance(layer, FC | Flatten) or not known else []
    return Explanation(title, doc, row.span, _shapes(x, y), remarks, arguments, sections, way)


def _shapes(x: Shape | None, y: Shape | None) -> str:
    """What arrives and what leaves: `3@227x227 → 96@55x55`."""
    return f"{x} → {y or '?'}" if x and x != NOTHING else str(y or "?")


def described_kind(layer: Layer) -> list[str]:
    """How a layer computes its output, and what else there is to say of its kind; nothing twice."""
    computed, said = rule(layer), _doc(layer)
    words = {*_WORD.findall(computed.lower())}
    twice = not said[0].startswith("For example") and len(
        words & {*_WORD.findall(said[0].lower())}
    ) > 0.7 * len(words)
    return said if twice else [f"Output: {computed}.", *said]


def _doc(layer: Layer) -> list[str]:
    """What the kind's docstring says, paragraph by paragraph; it starts with an example."""
    text = cleandoc(type(layer).__doc__ or "")
    first, *more = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    own = first.startswith(f"`{layer}`") or "(" not in first.partition("`:")[0]
    return [first if own else f"For example, {first}", *more]


def _sections(layer: Layer, x: Shape, y: Shape, row: Row) -> list[Section]:
    found = [
        Section("Output size", ROWS[layer.kind].sizes(layer, x, y)),
        Section("Costs", costs(layer, x, y)),
    ]
    if row.kind == "FLATTEN":
        return found
    seen = field(layer, x, row.before, row.sights)
    if row.gated and row.sights:
        seen.append(Fact("", text="without the gate before it, which sees the whole map"))
    named = any(one.formula for one in seen)
    return [*found, Section("Receptive field", seen, LEGEND if named else "")]


def _arguments(layer: Layer, node: Node | None) -> list[Argument]:
    """All hyperparameters, also those whose default was taken."""
    if not isinstance(node, LayerNode) or node.kind.kind == "INPUT":
        return []
    held = [spec for spec in layer.hypers().values() if _held(layer, spec) is not None]
    return [_argument(layer, spec, node) for spec in held]


def _held(layer: Layer, spec: Hyper) -> object:
    """The value; for a pool's stride the window, where none is given."""
    of_window = spec.field == "stride" and hasattr(layer, "strides")
    return getattr(layer, "strides" if of_window else spec.field)


def _argument(layer: Layer, spec: Hyper, node: LayerNode) -> Argument:
    value = _held(layer, spec)
    text = written(value) if spec.field in ("kernel", "window") else _once(value)
    return Argument(spec.name, letter(spec.name, layer.rank), text, _origin(layer, spec, node))


def _once(value: object) -> str:
    """A value as it is written; a stride or padding that is the same everywhere once."""
    same = type(value) is tuple and len(set(value)) == 1
    return written(value[0]) if same and isinstance(value, tuple) else written(value)


def _origin(layer: Layer, spec: Hyper, node: LayerNode) -> str:
    """Where a value comes from; "" where the layer itself says it."""
    source = node.sources.get(spec.name)
    if source is not None and not _inside(source.span, node.span):
        line, _ = source.span.source.position(source.span.start)
        return f"by the file's `default` in line {line}"
    if source is not None:
        text = " ".join(source.span.text.split())
        return f"from `{text}`" if _computed(source) else ""
    if getattr(node.syntax, "arguments", None) is None and spec.name in (node.kind.assumed or {}):
        return "assumed, since it stands without parentheses"
    if spec.default is None:
        return "default: the window" if spec.name == "stride" else "default"
    if getattr(layer, spec.field) != spec.value(spec.default, layer.rank):
        return "by the file's `default`"
    return "default"


def _computed(expr: ast.Expr) -> bool:
    """Whether an argument is more than a number or word."""
    word = isinstance(expr, ast.Name) and expr.name.lower() in _WORDS
    return not word and not isinstance(expr, _PLAIN)


def _inside(span: Span, outer: Span) -> bool:
    return span.source is outer.source and outer.start <= span.start and span.end <= outer.end


# ---- where a step stands


def _remarks(network: Network, step: Step) -> Iterator[str]:
    """The blocks around a step, its copies, and others of its name."""
    for level, name in _around(step):
        yield f"in {name}: {use(level)}"
    folded, count = copies(network, step)
    if count > 1:
        yield f"one of {number(count)} equal copies, {folded}, each with weights of its own"
    if step.others:
        shown = ", ".join(step.others[:6]) + ", …" * (len(step.others) > 6)
        yield f"others of that name: {shown}"


def _around(step: Step) -> Iterator[tuple[BlockNode, str]]:
    named = [level.node for level in step.way if isinstance(level.node, BlockNode | LabelNode)]
    for place, node in enumerate(named):
        if isinstance(node, BlockNode) and node is not step.node:
            yield node, ".".join(map(str, step.parts[: place + 1]))


def use(node: BlockNode) -> str:
    """A use of a block with the values that it was given."""
    values = ", ".join(f"{name} = {_shown(value)}" for name, value in node.arguments.items())
    return f"{node.block.name}({values})" if values else node.block.name


def _shown(value: object) -> str:
    name = getattr(value, "kind", None) or getattr(value, "name", None)
    return name if isinstance(name, str) else written(value)


# ---- a block, a labelled part, a chain


def _part(network: Network, step: Step) -> Explanation:
    node = step.node
    doc = node.block.syntax.doc.splitlines() if isinstance(node, BlockNode) and node.block.syntax.doc else []
    sections = [*_joins(node), Section("Costs, its layers together", _totals(node))] if node.known else []
    if step.end and step.end.sights:
        sections.append(Section("Receptive field", described(step.end.sights)))
    rows = [row for row in survey(network).rows if _holds(step, row)]
    title = f"{step.path} of {network.name}: {_what(node)}"
    body = node.body if isinstance(node, BlockNode | LabelNode) else node
    inside = (body, rows) if rows else None
    remarks, shapes = [*_remarks(network, step)], _shapes(node.input, node.output)
    return Explanation(title, doc, node.span, shapes, remarks, [], sections, [], inside)


def _what(node: Node) -> str:
    if isinstance(node, BlockNode):
        return use(node)
    return "a labelled part" if isinstance(node, LabelNode) else "a chain"


def _holds(step: Step, row: Row) -> bool:
    if step.chain:
        return row.chain is step.chain
    return row.parts[: len(step.parts)] == step.parts


def _joins(node: Node) -> list[Section]:
    joins = [(JOINS[join.operator].capitalize(), join) for join in _parallels(node)]
    return [Section(f"{word} of paths", _paths(join)) for word, join in joins]


def _parallels(node: Node) -> Iterator[ParallelNode]:
    """The joins of a part itself, not those of blocks and repeats in it."""
    match node:
        case ParallelNode():
            yield node
        case ChainNode():
            for part in node.parts:
                yield from _parallels(part)
        case BlockNode() | LabelNode() | ChoiceNode(body=Node()):
            yield from _parallels(node.body) if node.body else ()


def _paths(join: ParallelNode) -> list[Fact]:
    facts = [Fact(f"path {place}", text=str(path.output)) for place, path in enumerate(join.branches, 1)]
    if join.operator == "|":
        numbers, _, result = join_sum(join).rpartition(" = ")
        return [*facts, Fact("channels", Formula("", numbers, result), notes=("heights and widths agree",))]
    assert join.output is not None
    times, count = len(join.branches) - 1, join.output.numel
    operations = Formula("", f"{times}·{number(count)}", number(times * count))
    word = "additions" if join.operator == "+" else "products"
    how = "added" if join.operator == "+" else "multiplied"
    return [*facts, Fact("shape", text=f"{join.output}, value by value {how}"), Fact(word, operations)]


def _totals(node: Node) -> list[Fact]:
    total = node.totals
    learnt = {"weights": total.weights, "biases": total.biases}
    work = {"MACs": total.macs, "operations": total.operations}
    return [
        Fact("layers", text=number(total.layers)),
        fact("parameters", "weights + biases", learnt, total.params),
        Fact("neurons", text=number(total.neurons)),
        Fact("MACs", text=number(total.macs)),
        fact("FLOPs", "2·MACs + operations", work, total.flops),
    ]
