"""A checked file as a Python module for PyTorch, without any dependency on cnndsl."""

from __future__ import annotations

import ast as py
from typing import TYPE_CHECKING

from cnndsl.analysis.rows import rows
from cnndsl.diagnostics import Label, located
from cnndsl.elaborate.program import BlockDef
from cnndsl.emit.calls import defaults, kept, mentions
from cnndsl.emit.classes import Classes
from cnndsl.emit.file import Emitted, put_together, spec_class, summary
from cnndsl.emit.flat_file import emit_flat
from cnndsl.emit.layout import docstring, indented
from cnndsl.emit.names import Namespace, snake
from cnndsl.emit.nets import NetPlan
from cnndsl.emit.options import PLAIN, Options, class_name, need_one_class
from cnndsl.emit.planner import Parameter
from cnndsl.emit.printer import source
from cnndsl.emit.scope import Varies, literal
from cnndsl.emit.script import VARIABLES, Model, script
from cnndsl.emit.torch_classes import annotation_for, class_lines, net_lines
from cnndsl.emit.torch_helpers import HELPERS, OWN_NAMES
from cnndsl.emit.torch_init import init_lines
from cnndsl.network import Network
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.api import Report


def emit_torch(report: Report, options: Options = PLAIN) -> Emitted:
    """The Python source for a file's networks; raises Located where PyTorch cannot express one."""
    assert report.program is not None and report.ok, "only checked files are emitted"
    _need_bound(report.networks)
    for network in report.networks:
        _need_sizes(network)
    if options.style == "flat":
        return emit_flat(report, options)
    for together in (True, False):
        try:
            return _File(report, options, together=together).emitted()
        except Varies:
            continue
    raise _intricate(report)


def _need_bound(networks: list[Network]) -> None:
    """Raise, once for all of them, where counts or optional parts are free."""
    found = [one for net in networks for one in net.free if one.name not in net.bound]
    free = {one.name: one for one in sorted(found, key=lambda one: one.span.start)}
    if not free:
        return
    first, *others = free.values()
    values = ",".join(f"{one.name}={'yes' if one.value is True else one.value}" for one in free.values())
    names = [f"`{name}`" for name in free]
    message = f"{names[0]} is free ({first.range})"
    if others:
        message = f"{', '.join(names[:-1])} and {names[-1]} are free: this is a family of networks"
    labels = tuple(Label(one.span, one.range) for one in others)
    hint = f"bind {'them' if others else 'it'}: --set {values}"
    raise located("unbound", message, first.span, hint, labels=labels)


def _need_sizes(network: Network) -> None:
    if network.domain:
        message = "a module is built for an input of known size; this one's extents are names"
        hint = f"give it numbers: --input {network.domain.example}"
        raise located("symbolic-size", message, _input_span(network), hint)


def _input_span(network: Network) -> Span:
    """Where the first INPUT with names for its extents stands."""
    starts = (row for row in rows(network) if row.kind == "INPUT" and row.output and not row.output.closed)
    return next((row.span for row in starts), network.main.span)


def _intricate(report: Report) -> Exception:
    assert report.program is not None and report.program.chain is not None
    message = "the generator found no loops for this network's repeats"
    return located(
        "not-expressible", message, report.program.chain.span, "give repeated parts a name by `block`"
    )


class _File:
    """Puts a module together. `together`: all variants are calls of one class."""

    def __init__(self, report: Report, options: Options, *, together: bool) -> None:
        assert report.program is not None
        self._options = options
        self._report, self._program, self._networks = report, report.program, report.networks
        self._names = Namespace(OWN_NAMES, beside=VARIABLES)
        self._classes = Classes(self._networks, self._names)
        groups = [self._networks] if together else [[network] for network in self._networks]
        need_one_class(options.class_name, len(groups))
        self._nets = [
            NetPlan(self._classes, self._program, group, self._class_name(group, together))
            for group in groups
        ]

    def _class_name(self, group: list[Network], together: bool) -> str:
        """The name of a net's class: what the reader asks for, or else the spec's."""
        wanted = self._options.class_name
        if wanted is not None:
            others = dict.fromkeys(map(str.lower, self._program.variants), "the function of a variant")
            others |= dict.fromkeys(self._classes.names.values(), "the class of a block")
            return class_name(wanted, self._names, others)
        return self._names.fresh(spec_class(self._program, self._program.name if together else group[0].name))

    def emitted(self) -> Emitted:
        models, functions = self._models()
        needed = self._needed()
        classes = [class_lines(plan, self._annotation) for plan in self._classes.order if plan.name in needed]
        nets = [net_lines(net, self._annotation, self._start(net)) for net in self._nets]
        helpers = [text.splitlines() for name, text in HELPERS.items() if name in needed]
        tail = script(models, self._result(), len(self._nets[0].outputs) + 1)
        used = needed | ({"Callable"} if len(models) > 1 else set())
        parts = [*helpers, *classes, *nets, *functions, tail]
        text = put_together(self._report, used, parts, self._options)
        names = [network.name for net in self._nets for network in net.networks]
        calls = dict(zip(names, (model.call for model in models), strict=True))
        return Emitted(text, calls)

    def _start(self, net: NetPlan) -> list[str]:
        """How the net's weights start."""
        return init_lines(net.networks, self._options, net.plan.names.fresh("module"))

    def _needed(self) -> set[str]:
        """The names that the nets mention, and those that the classes among these mention in turn.

        Attempts at a loop can leave classes that nothing uses.
        """
        plans = {plan.name: plan for plan in self._classes.order}
        needed = set[str](self._as_arguments())
        waiting = [plans[name] for name in needed] + [net.plan for net in self._nets]
        while waiting:
            found = mentions(waiting.pop()) - needed
            needed |= found
            waiting += [plans[name] for name in found & plans.keys()]
        return needed

    def _as_arguments(self) -> list[str]:
        """The classes that are handed to the nets as arguments."""
        values = [value for net in self._nets for p in kept(net.plan) for value in p.values]
        return [self._classes.names[value] for value in values if isinstance(value, BlockDef)]

    # ---- the variants, and the script

    def _models(self) -> tuple[list[Model], list[list[str]]]:
        """What the script can build, and a function for each variant."""
        if not self._program.variants:
            return [Model("", self._call(self._nets[0]), self._shapes(self._nets[0], 0))], []
        models, functions = list[Model](), list[list[str]]()
        for net in self._nets:
            for number, network in enumerate(net.networks):
                function = self._names.fresh_here(self._function_name(network.name))
                functions.append(self._function(function, net, number, network))
                models.append(Model(function, f"{function}()", self._shapes(net, number)))
        return models, functions

    @staticmethod
    def _shapes(net: NetPlan, number: int) -> tuple[tuple[int, ...], ...]:
        return tuple((shape.channels, *shape.extents) for shape in net.input_shapes(number))

    def _result(self) -> str:
        return self._nets[0].plan.name if len(self._nets) == 1 else "nn.Module"

    def _function(self, function: str, net: NetPlan, number: int, network: Network) -> list[str]:
        bound, optional = self._bound(), defaults(net.plan)
        signature, arguments, by_position = list[str](), list[str](), True
        for parameter in kept(net.plan):
            value = source(literal(parameter.values[number], self._classes.names))
            free = parameter.default is not None and parameter.source_name not in bound
            if free and not isinstance(parameter.default, py.Tuple):  # tables are the class's
                signature.append(f"{parameter.name}: {self._annotation(parameter)} = {value}")
                value = parameter.name
            by_position = by_position and parameter.name not in optional and value not in {"True", "False"}
            if value != optional.get(parameter.name):
                arguments.append(value if by_position else f"{parameter.name}={value}")
        call = f"{net.plan.name}({', '.join(arguments)})"
        lines = [*docstring(summary(network)), f"return {call}"]
        return [f"def {function}({', '.join(signature)}) -> {net.plan.name}:", *indented(lines)]

    def _function_name(self, variant: str) -> str:
        """`resnet50`, `convnext_tiny`, `regnet_x_400mf`: the net's name, then the variant's own part."""
        own = variant.removeprefix(self._program.name)
        if own == variant or not own[:1].isalpha():
            return variant.lower()
        parted = own.lower() if "_" in own else snake(own)  # one with underscores is in words already
        return f"{self._program.name.lower()}_{parted}"

    def _bound(self) -> set[str | None]:
        """The parameters that variants set."""
        found = set[str | None]()
        for variant in self._program.variants.values():
            items = variant.arguments.items
            given = len([item for item in items if item.name is None])
            found |= {p.name for p in self._program.params[:given]} | {item.name for item in items}
        return found

    def _call(self, net: NetPlan) -> str:
        optional = defaults(net.plan)
        values = [(p, source(literal(p.values[0], self._classes.names))) for p in kept(net.plan)]
        given = [f"{p.name}={text}" for p, text in values if text != optional.get(p.name)]
        return f"{net.plan.name}({', '.join(given)})"

    def _annotation(self, parameter: Parameter) -> str:
        return annotation_for(parameter, self._classes.names)
