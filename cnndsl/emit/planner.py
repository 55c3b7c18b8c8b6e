"""From all uses of a block (or of the net) to the plan of one class.

A `Planner` walks the syntax of the body together with the nodes that it became in each use.
"""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cnndsl.elaborate.program import BlockDef
from cnndsl.emit import derived
from cnndsl.emit import plan as plans
from cnndsl.emit.from_net import FROM_NET
from cnndsl.emit.items import item_by_item
from cnndsl.emit.names import MODULE_ATTRIBUTES, Namespace, snake
from cnndsl.emit.printer import source
from cnndsl.emit.python import Untranslatable, name, names_in, replaced, simplified, translate, whole_division
from cnndsl.emit.scope import Occ, State, Varies, agrees, literal, one
from cnndsl.emit.syntax import names_of, reads_extents
from cnndsl.network import Node
from cnndsl.syntax import ast
from cnndsl.syntax.ast import parts

if TYPE_CHECKING:
    from cnndsl.emit.classes import Classes

#: (planner, step, occurrences, state) → plan
Rule = Callable[["Planner", Any, "list[Occ]", State], plans.Plan]

#: A channel count with more terms than this gets a variable of its own.
LONG_EXPRESSION = 6


@dataclass(eq=False)
class Parameter:
    """A constructor argument: its Python name, its value in each use, its default if it is a plain value."""

    name: str
    values: list[Any]
    default: py.expr | None = None
    source_name: str = ""  # its name in the spec; "" for one that the planner added
    written: ast.Expr | None = None  # its default in the spec
    derived: py.expr | None = None  # what it is in every use, in terms of those before


@dataclass(eq=False)
class ClassPlan:
    """One class to be written."""

    name: str
    doc: str
    parameters: list[Parameter]
    body: plans.Sequence
    channels: py.expr  # that leave, in terms of the parameters
    stored: dict[str, str] = field(default_factory=dict)  # parameters that `forward` reads
    names: Namespace = field(default_factory=Namespace)  # of `__init__`
    attributes: Namespace = field(default_factory=Namespace)  # of the object
    keep_signature: bool = False  # another block can stand in for this one
    keep_channels: bool = False  # callers ask for `out_channels`
    parts: list[str] = field(default_factory=list)  # the classes of its parts without a name

    @property
    def pure(self) -> bool:
        return plans.pure(self.body)

    @cached_property
    def mentioned(self) -> set[str]:
        """The names in the class's text, `self.depth` among them."""
        return plans.names(self.body)


class Outer(NamedTuple):
    """The planner around a part that gets a class of its own, and the names that the part sees there."""

    planner: Planner
    names: Mapping[str, py.expr]


class Planner:
    """Plans one class. `parameters` are those of the block, in order; the arriving channels first."""

    def __init__(
        self,
        classes: Classes,
        parameters: list[Parameter],
        tapped: set[str],
        fixed: bool = False,
        frozen: frozenset[str] = frozenset(),
    ) -> None:
        self.classes = classes
        self.parameters = parameters
        self.tapped = tapped
        #: All parameters stay, used or not: another block can stand in for this one.
        self.fixed = fixed
        self.locals = Namespace({"self", "x"}, classes.namespace)
        self.attributes = Namespace({*MODULE_ATTRIBUTES, "out_channels"})
        #: Python's names for the loops' own, and those of the loops around: others may be used again.
        self.indices: dict[str, list[str]] = {}
        self.active: set[str] = set()
        self.uses = len(parameters[0].values) if parameters else 1
        #: Each label's channels, and its index if that is a variable.
        self.labels: dict[str, tuple[py.expr | None, str]] = {}
        #: For the net: its main chain in each use, and the extents of its INPUT where parameters set them.
        self.roots: list[Node] = []
        self.size: tuple[py.expr, ...] | None = None
        self.stored: dict[str, str] = {}
        #: Parameters that the text must not mention, since it holds for their one value alone.
        self.frozen = frozen
        #: For a part without a name of its own: who plans the class that it stands in.
        self.outer: Outer | None = None
        #: Plans the chain of a `let` when it is first taken up, and how many have been.
        self.lets: Callable[[str], None] = lambda _name: None
        self.lets_walked = 0
        #: The classes of parts without a name.
        self.parts: list[str] = []
        for parameter in parameters:
            classes_only = all(isinstance(value, BlockDef | type) for value in parameter.values)
            parameter.name = self.locals.fresh(snake(parameter.name) if classes_only else parameter.name)

    def state(self, channels: py.expr, flat: bool) -> State:
        shown = (parameter for parameter in self.parameters if parameter.source_name)
        named = {parameter.source_name: self.shown(parameter) for parameter in shown}
        if self.roots:
            named |= {f"{FROM_NET}{key}": expr for key, expr in named.items()}
        return State(channels, flat, {key: expr for key, expr in named.items() if expr is not None})

    def shown(self, parameter: Parameter) -> py.expr | None:
        """What the text has for a parameter: its name, or its value where that is frozen."""
        if parameter.source_name not in self.frozen:
            return derived.text_of(parameter)
        try:
            return literal(parameter.values[0], {})
        except Varies:
            return None  # a class: written where it is called

    # ---- the walk

    def step(self, step: ast.Step, occs: list[Occ], state: State) -> plans.Plan:
        while isinstance(step, ast.Claimed):
            step = step.body
        return self.classes.rules[type(step)](self, step, occs, state)

    def sequence(self, step: ast.Step, occs: list[Occ], state: State) -> plans.Sequence:
        """The plan of a step as a flat sequence."""
        plan = self.step(step, occs, state)
        return plans.flat([plan])

    def finished(self, class_name: str, doc: str, body: plans.Sequence, channels: py.expr) -> ClassPlan:
        """The class that this planner has planned."""
        return ClassPlan(
            class_name,
            doc,
            self.parameters,
            body,
            channels,
            self.stored,
            self.locals,
            self.attributes,
            self.fixed,
            parts=self.parts,
        )

    # ---- values

    def value(
        self,
        wanted: str,
        candidates: Sequence[py.expr | None],
        occs: list[Occ],
        values: list[Any],
        state: State,
    ) -> py.expr:
        """Source for a value: a candidate that is right everywhere, a constant, or a new parameter."""
        for candidate in candidates:
            if candidate is not None and (form := right_form(candidate, occs, values)):
                return form
        try:
            constant = literal(one(values), self.classes.names)
        except Varies:
            return self._added(wanted, occs, values, state)
        self.freeze(*(candidate for candidate in candidates if candidate is not None))
        return constant

    def _added(self, wanted: str, occs: list[Occ], values: list[Any], state: State) -> py.expr:
        """A constructor argument for a value that this class cannot know, such as a flatten's size."""
        if state.depth or len(occs) != self.uses:
            raise Varies
        parameter = Parameter(self.locals.fresh(wanted), values)
        self.parameters.append(parameter)
        for occ, value in zip(occs, values, strict=True):
            occ.env[parameter.name] = value
        return name(parameter.name)

    def freeze(self, *exprs: py.expr) -> None:
        """Note that the text holds for what the net's parameters are here, whatever they could be."""
        names = derived.with_sources(set[str]().union(*map(names_in, exprs)), self.parameters)
        read = {p.source_name: p for p in self.parameters if p.name in names and p.source_name}
        if self.outer:
            self.outer.planner.freeze(*(self.outer.names[key] for key in read if key in self.outer.names))
        self.frozen |= {key for key, p in read.items() if len({repr(value) for value in p.values}) == 1}

    @property
    def all_frozen(self) -> list[frozenset[str]]:
        """What is frozen here and around."""
        return [self.frozen, *(self.outer.planner.all_frozen if self.outer else ())]

    @all_frozen.setter
    def all_frozen(self, frozen: list[frozenset[str]]) -> None:
        self.frozen = frozen[0]
        if self.outer:
            self.outer.planner.all_frozen = frozen[1:]

    def freeze_names(self, exprs: Iterable[ast.Expr], state: State) -> None:
        """The same for what expressions of the spec read, the arriving channels apart."""
        names = {key for expr in exprs for key in names_of(expr) if key in state.names}
        self.freeze(*(state.names[key] for key in names))
        if any(map(reads_extents, exprs)):
            self.freeze(*(self.size or ()))

    def translated(self, expr: ast.Expr | None, state: State) -> py.expr | None:
        """`expr` in Python, or None where it cannot be said."""
        if expr is None:
            return None
        try:
            return simplified(translate(expr, self.classes.named(expr) | state.names, state.channels))
        except Untranslatable:
            self.freeze_names([expr], state)
            return None

    def of_net(self, expr: ast.Expr | None, state: State) -> py.expr | None:
        """The same for what a `default` gives a layer, with the net's names."""
        names = {key[1:]: value for key, value in state.names.items() if key.startswith(FROM_NET)}
        return self.translated(expr, State(state.channels, state.flat, names))

    def settle(self, channels: py.expr, occs: list[Occ], state: State) -> plans.Plan | None:
        """Take `channels` as what arrives from here on; a long expression gets a variable."""
        state.channels = channels
        if sum(isinstance(node, py.expr) for node in py.walk(channels)) <= LONG_EXPRESSION:
            return None
        return self.assign(source(channels), occs, state)

    def assign(self, text: str, occs: list[Occ], state: State) -> plans.Assign:
        """Put the channels into a variable: `channels = …`."""
        variable = self.variable(state, occs)
        for occ in occs:
            occ.env[variable] = occ.node.output.channels
        state.channels = name(variable)
        return plans.Assign(variable, text)

    def variable(self, state: State, occs: list[Occ]) -> str:
        """A variable for the channels that code at this point may assign to: an old one if it can."""
        wanted = "in_features" if all(occ.node.output.rank == 0 for occ in occs) else "channels"
        if any(parameter.name == wanted for parameter in self.parameters):
            wanted = f"in_{wanted}"
        current = state.channels.id if isinstance(state.channels, py.Name) else ""
        own = sorted(name for name in state.owned if name.startswith(wanted))
        variable = current if current in state.owned else own[0] if own else self.locals.fresh(wanted)
        state.owned.add(variable)
        for label, (channels, index) in self.labels.items():
            if channels is not None and variable in names_in(channels):
                self.labels[label] = (None, index)
        return variable

    def index(self, wanted: str) -> str:
        """A name for a loop's own, which loops one after the other can share."""
        names = self.indices.setdefault(wanted, [])
        free = next((name for name in names if name not in self.active), "")
        if not free:
            free = self.locals.fresh(wanted if len(wanted) == 1 else snake(wanted))
            names.append(free)
        self.active.add(free)
        return free

    def store(self, expr: py.expr) -> py.expr:
        """An expression for `forward`: parameters are read from self, where they are stored."""
        known = {parameter.name for parameter in self.parameters}
        for used in sorted(names_in(expr) & known - self.stored.keys()):
            self.stored[used] = self.attributes.fresh(used)
        return replaced(expr, {used: name(f"self.{attribute}") for used, attribute in self.stored.items()})

    # ---- labels

    def needs_statements(self, step: ast.Step) -> bool:
        """Whether a step needs statements in `forward`: it has branches, or labels that are used.

        A repeat within it does not: its copies have a class of their own if they need any.
        """
        if isinstance(step, ast.Parallel | ast.TapStep):
            return True
        if isinstance(step, ast.Labelled | ast.LayerStep) and step.name in self.tapped:
            return True
        if isinstance(step, ast.Repeat | ast.IndexedRepeat | ast.ListRepeat) and not self.exchanges(
            step.body
        ):
            return False
        return any(self.needs_statements(inner) for inner in parts(step))

    def exchanges(self, step: ast.Step) -> bool:
        """Whether labels go in or out of a step."""
        made, used = self._labels(step)
        return not used <= made or any(label.endswith("[]") for label in made)

    def _labels(self, step: ast.Step) -> tuple[set[str], set[str]]:
        """The labels that a step makes and uses; `[]` marks those with an index."""
        made, used = set[str](), set[str]()
        if isinstance(step, ast.Labelled) and step.name in self.tapped:
            made.add(step.name + "[]" * (step.index is not None))
        elif isinstance(step, ast.TapStep):
            used.add(step.name + "[]")
        elif isinstance(step, ast.LayerStep) and step.name in self.tapped:
            used.add(step.name)
        for inner in parts(step):
            more_made, more_used = self._labels(inner)
            made |= more_made
            used |= more_used
        return made, used


def right_form(expr: py.expr, occs: Sequence[Occ], values: Sequence[Any]) -> py.expr | None:
    """The expression, with `//` for `/` or item by item if need be, if it has the values wanted."""
    if agrees(expr, occs, values):
        return expr
    forms = [whole_division(expr)]
    if any(type(value) is tuple for value in values):
        forms += [item_by_item(form, occs[0].env) for form in (expr, *forms)]
    return next((form for form in forms if form is not expr and agrees(form, occs, values)), None)
