"""The lines of a class: a block's, or the net's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from cnndsl.elaborate.program import BlockDef
from cnndsl.emit import plan as plans
from cnndsl.emit.calls import computed_first, defaults, kept, stored
from cnndsl.emit.forward import returning
from cnndsl.emit.layout import docstring, indented
from cnndsl.emit.modules import built, literal_items
from cnndsl.emit.nets import NetPlan
from cnndsl.emit.planner import ClassPlan, Parameter
from cnndsl.emit.printer import source
from cnndsl.emit.python import names_in
from cnndsl.emit.steps import FLATTEN
from cnndsl.emit.write import Code, Writer, numberless
from cnndsl.values import Axes

#: The type of a constructor argument.
Annotation = Callable[[Parameter], str]


def class_lines(plan: ClassPlan, annotation: Annotation) -> list[str]:
    """A block's class: an nn.Sequential where its modules follow each other, else an nn.Module."""
    needed = names_in(plan.channels) if plan.keep_channels else set[str]()
    parts = plans.pruned(plan.body, needed).parts
    tail = [f"self.out_channels = {source(plan.channels)}"] if plan.keep_channels else []
    if plan.pure:
        init = _init(plan, annotation, [*_computed(plan), *_sequential(plan, parts), *tail])
        return _class(plan, "nn.Sequential", init)
    writer = _twice(plan, lambda shorter: _BlockWriter(plan, parts, shorter))
    code, result = writer.code, writer.result
    init = _init(plan, annotation, ["super().__init__()", *_stored(plan), *code.init, *tail])
    forward = ["def forward(self, x: Tensor) -> Tensor:", *indented(returning(code.forward, result))]
    return _class(plan, "nn.Module", [*init, "", *forward])


WriterT = TypeVar("WriterT", bound="_BlockWriter | _NetWriter")


def _twice(plan: ClassPlan, write: Callable[[Mapping[str, str]], WriterT]) -> WriterT:
    """What `write` has written, once it is known which names of modules need their numbers."""
    before = plan.names.taken, plan.attributes.taken
    shorter = numberless(write({}).writer.numbered)
    plan.names.taken, plan.attributes.taken = before
    return write(shorter)


class _BlockWriter:
    """Writes what a block's class does."""

    def __init__(self, plan: ClassPlan, parts: list[plans.Plan], shorter: Mapping[str, str]) -> None:
        self.writer, self.code = Writer(parts, plan.names, plan.attributes, shorter), Code()
        self.result = self.writer.sequence(parts, "x", "x", self.code)


def _class(plan: ClassPlan, base: str, body: list[str]) -> list[str]:
    doc = [*docstring(plan.doc), ""] if plan.doc else []
    return [f"class {plan.name}({base}):", *indented([*doc, *body])]


def _init(plan: ClassPlan, annotation: Annotation, body: list[str]) -> list[str]:
    """`def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:`"""
    optional = defaults(plan)
    shown = [
        f"{parameter.name}: {annotation(parameter)}"
        + (f" = {optional[parameter.name]}" if parameter.name in optional else "")
        for parameter in kept(plan)
    ]
    return [f"def __init__({', '.join(['self', *shown])}) -> None:", *indented(body)]


def _sequential(plan: ClassPlan, parts: list[plans.Plan]) -> list[str]:
    """The body of a constructor that hands its modules to nn.Sequential."""
    items = literal_items(parts)
    if items is None:
        local = plan.names.fresh("layers")
        return [*built(local, parts), f"super().__init__(*{local})"]
    return ["super().__init__(", *indented(items), ")"] if items else ["super().__init__()"]


def _stored(plan: ClassPlan) -> list[str]:
    return [*_computed(plan), *(f"self.{attribute} = {name}" for name, attribute in stored(plan))]


def _computed(plan: ClassPlan) -> list[str]:
    return [f"{name} = {text}" for name, text in computed_first(plan)]


# ---- the net


def net_lines(net: NetPlan, annotation: Annotation, last: list[str]) -> list[str]:
    """The net's class: `features` and `classifier` where it is one chain, else what its paths need."""
    return _twice(net.plan, lambda shorter: _NetWriter(net, shorter)).lines(annotation, last)


class _NetWriter:
    """Writes the chains of a net, each where it is first taken up."""

    def __init__(self, net: NetPlan, shorter: Mapping[str, str]) -> None:
        self._net, self._plan = net, net.plan
        parts = [part for chain in net.chains.values() for part in chain.parts]
        self.writer, self._code = Writer(parts, net.plan.names, net.plan.attributes, shorter), Code()
        self._inputs = {chain: self.writer.variables.fresh(chain) if chain else "x" for chain in net.inputs}
        self._results: dict[str, str] = {}
        self.writer.kept |= self._inputs
        self.writer.chain = self._chain
        self._count = 0
        for chain in ("", *self._net.outputs):
            self._chain(chain)

    def lines(self, annotation: Annotation, last: list[str]) -> list[str]:
        """The lines of the class; `last` are those at the end of `__init__`."""
        plan = self._plan
        init = _init(plan, annotation, ["super().__init__()", *_stored(plan), *self._code.init, *last])
        return _class(plan, "nn.Module", [*init, "", *self._forward()])

    def _forward(self) -> list[str]:
        returned = [self._results[chain] for chain in ("", *self._net.outputs)]
        many = len(returned) > 1
        result = f"tuple[{', '.join(['Tensor'] * len(returned))}]" if many else "Tensor"
        arguments = ", ".join(f"{name}: Tensor" for name in self._inputs.values())
        doc = docstring(f"The main output, then {', '.join(self._net.outputs)}.") if many else []
        lines = [*doc, *returning(self._code.forward, ", ".join(returned))]
        return [f"def forward(self, {arguments}) -> {result}:", *indented(lines)]

    def _chain(self, chain: str) -> None:
        """The statements of a chain; those of a `let` come where it is first taken up."""
        if chain in self._results or chain not in self._net.chains:
            return
        self._results[chain] = ""
        writer, chains = self.writer, self._net.chains
        others = set[str]().union(*(plans.names(plan) for key, plan in chains.items() if key != chain))
        parts = plans.pruned(chains[chain], others).parts
        outer, writer.group_name = writer.group_name, self._names(chain, parts)
        if chain and len(parts) == 2 and isinstance(parts[1], plans.Modules) and not parts[1].labelled:
            parts = [parts[0], replace(parts[1], name=chain)]  # `output aux = stem → Auxiliary`
        if chain:
            variable = writer.kept.setdefault(chain, writer.variables.fresh(chain))
        else:
            variable, parts = "x", split_at_flatten(parts)
        result = writer.sequence(parts, variable, variable, self._code)
        writer.group_name = outer
        self._results[chain] = writer.kept[chain] = result

    def _names(self, chain: str, parts: list[plans.Plan]) -> Callable[[list[plans.Plan]], str]:
        """How the groups of modules of a chain are called."""
        pure = all(map(plans.pure, parts))

        def name(group: list[plans.Plan]) -> str:
            if chain:
                return chain
            if any(isinstance(part, plans.Modules) and part.expressions == [FLATTEN] for part in group):
                return "classifier"
            if pure:
                return "features"
            self._count += 1
            return f"stage{self._count - 1}" if self._count > 1 else "stem"

        return name


def split_at_flatten(parts: list[plans.Plan]) -> list[plans.Plan]:
    """The same parts, with a cut where the classifier starts: at the flatten, or a global pool before it."""
    for number, part in enumerate(parts[1:], 1):
        if isinstance(part, plans.Modules) and part.expressions == [FLATTEN]:
            start = number
            while start > 1 and _heads(parts[start - 1]):
                start -= 1
            start = next((at for at in range(start, number) if _pools(parts[at])), number)
            return [*parts[:start], plans.Cut(), *parts[start:]]
    return parts


def _heads(part: plans.Plan) -> bool:
    """Whether a part may stand in a classifier, before its flatten."""
    if not isinstance(part, plans.Modules) or part.labelled:
        return False
    return part.what not in {"conv", "tconv", "pool"}


def _pools(part: plans.Plan) -> bool:
    """Whether a part pools its map as a whole."""
    return isinstance(part, plans.Modules) and part.what in {"gap", "gpool", "apool"}


# ---- types


def annotation_for(parameter: Parameter, classes: Mapping[Any, str]) -> str:
    """The type of a constructor argument, from its values."""
    blocks = {value for value in parameter.values if isinstance(value, BlockDef) and value in classes}
    if blocks and len(blocks) == len(set(parameter.values)):
        return f"type[{' | '.join(dict.fromkeys(classes[value] for value in parameter.values))}]"
    return _union(parameter.values, classes)


def _union(values: Iterable[Any], classes: Mapping[Any, str]) -> str:
    values = [*values]
    if _are_rows(values, classes):
        return f"tuple[{', '.join(_union(column, classes) for column in zip(*values, strict=True))}]"
    kinds = list(dict.fromkeys(_type(value, classes) for value in values))
    return "float" if set(kinds) == {"int", "float"} else " | ".join(kinds)


def _are_rows(values: list[Any], classes: Mapping[Any, str]) -> bool:
    """Whether values are rows of a table, whose columns have types of their own: `(3, 64, yes, ReLU)`."""
    if not all(isinstance(value, tuple) for value in values) or len({len(value) for value in values}) != 1:
        return False
    kinds = {_type(item, classes) for value in values for item in value}
    return len(kinds) > 1 and kinds != {"int", "float"}


def _type(value: Any, classes: Mapping[Any, str]) -> str:
    if isinstance(value, BlockDef | type):
        return "type[nn.Module]"
    if isinstance(value, Axes):
        return f"tuple[{', '.join(_type(item, classes) for item in value)}]"
    if isinstance(value, tuple):
        return f"tuple[{_union(value, classes) or 'int'}, ...]"
    return type(value).__name__ if isinstance(value, bool | int | float | str) else "object"
