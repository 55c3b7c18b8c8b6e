"""Many members of one program, elaborated fast: equal parts of them are walked once.

What a step comes to depends on the step, on the shape that arrives, and on the values of the names
that it mentions. Nodes are kept by these, as many as there is room for, and so is the error that a
part ends in: the walk of a member stops at its first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cnndsl.diagnostics import Diagnostic
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate import Chains, bind_net, check_input, domain_of
from cnndsl.elaborate.arguments import Given
from cnndsl.elaborate.context import Context
from cnndsl.elaborate.evaluate import Scope, split_name
from cnndsl.elaborate.leaves import typed
from cnndsl.elaborate.names import Names
from cnndsl.elaborate.program import Program
from cnndsl.elaborate.resolve import free_names, labels
from cnndsl.elaborate.walk import MAX_WORK, Walker
from cnndsl.layers import find_kind
from cnndsl.network import Network, Node
from cnndsl.shape import Shape
from cnndsl.source import Span
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.shape.size import Domain

#: Nodes that are kept, twice at most.
ROOM = 20_000


class Stop(Exception):
    """The first error of a member."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Kept(NamedTuple):
    """What a step came to, and what finding it out took of the limits of a network."""

    node: Node | None
    error: Diagnostic | None
    operations: int
    work: dict[str, int]


class _About(NamedTuple):
    """What a step depends on beside the shape that arrives."""

    names: tuple[str, ...]
    choices: bool  # it has optional parts, or uses blocks that may have some


class Kept:
    """Values by key, the latest ones: once there are `room` new ones, those not asked for since go."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._young: dict[Any, Any] = {}
        self._old: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Any, value: Any) -> None:
        if len(self._young) >= self._room:
            self._old, self._young = self._young, {}
        self._young[key] = value


class Members:
    """Elaborates members of a program.

    >>> members = Members(program)
    >>> members.elaborate(None, {"N": 2, "M": 3, "K": 1, "pool1": True}).totals.params

    `optional` are the names of optional parts: in a block whose layers are parameters, a name made of
    what stands there would differ from one use to another.
    """

    def __init__(
        self,
        program: Program,
        *,
        optional: Mapping[ast.Step, str],
        strict: bool = False,
        input: Shape | None = None,
        room: int = ROOM,
    ) -> None:
        self.program, self.optional = program, optional
        self.names_of_optional = tuple(dict.fromkeys(optional.values()))
        self.nodes, self.names = Kept(room), Kept(room)
        bodies = [program.whole, *(block.syntax.body for block in program.blocks.values())]
        self._taps = program.lets.keys() | set().union(*map(labels, bodies))
        self._variables = _variables(program, bodies)
        self._about: dict[ast.Step, _About | None] = dict.fromkeys(_apart(program, bodies))
        self._layers: dict[ast.Step, tuple[str, ...]] = {}
        self.in_defaults = self._mentioned(
            [item.arguments for many in program.defaults.values() for item in many]
        )
        self._walker = _SharingWalker(self, strict=strict, input=input)
        self._chains = Chains(self._walker, program)

    def elaborate(self, variant: str | None, values: Mapping[str, Any]) -> Network:
        """The network where the parameters, free counts and optional parts have these values.

        Raises Stop with its first error, in the order of the walk. As in a check, claims are about the
        network as written, without values or another input. It tells nothing of what was assumed.
        """
        walker = self._walker
        walker.net.values = {}
        try:
            if self.program.params:
                given = Given([], dict(values), {})
                walker.net.values, _ = bind_net(self.program, variant, given, walker.net)
            choices = {name: value for name, value in values.items() if name not in walker.net.values}
            walker.start(choices, claims=not values and walker.input is None)
            self._chains.restart()
            chains = [*self._chains.walk()]
            check_input(walker)
        except Located as error:
            raise Stop(error.diagnostic) from None
        return Network(self.program, variant, walker.net.values, chains)

    @property
    def arguments(self) -> dict[str, Any]:
        """The parameters of the member that was elaborated last; none where they could not be bound."""
        return self._walker.net.values

    @property
    def domain(self) -> Domain | None:
        """Where the input's extents are names, what is required of them."""
        return self._walker.extents.domain

    def about(self, step: ast.Step) -> _About | None:
        """What a step depends on; None where it has to be walked, since it makes or takes up a label."""
        if step not in self._about:
            self._about[step] = self._look(step)
        return self._about[step]

    def layers(self, body: ast.Step) -> tuple[str, ...]:
        """The names that stand as layers in a body and may be parameters."""
        if body not in self._layers:
            found = {one.name for one in ast.walk(body) if isinstance(one, ast.LayerStep)}
            self._layers[body] = tuple(sorted(found & self._variables))
        return self._layers[body]

    def _look(self, step: ast.Step) -> _About | None:
        inside = [*ast.walk(step)]
        layers = [one for one in inside if isinstance(one, ast.LayerStep)]
        if any(isinstance(one, ast.Labelled | ast.TapStep) for one in inside):
            return None
        if any(layer.name in self._taps for layer in layers):
            return None
        optional = any(isinstance(one, ast.Optional) for one in inside)
        kinds = all(find_kind(layer.name) and layer.name not in self._variables for layer in layers)
        return _About(self._mentioned([step]), optional or not kinds)

    def _mentioned(self, nodes: list[Any]) -> tuple[str, ...]:
        """The names of values that stand in syntax."""
        found: set[str] = set()
        for node in nodes:
            for one in ast.walk(node):
                if isinstance(one, ast.Name):
                    found |= {one.name, *split_name(one.name)}
                elif isinstance(one, ast.LayerStep):
                    found.add(one.name)
        return tuple(sorted(found & self._variables))


def _variables(program: Program, bodies: list[ast.Chain]) -> set[str]:
    """All names that can have a value of their own somewhere in a program."""
    found = {param.name for param in program.params} | free_names(program)
    for block in program.blocks.values():
        found |= {param.name for param in block.syntax.params}
    for node in (node for body in bodies for node in ast.walk(body)):
        if isinstance(node, ast.IndexedRepeat):
            found.add(node.index)
        elif isinstance(node, ast.ListRepeat):
            found |= {*node.names}
    return found


def _apart(program: Program, bodies: list[ast.Chain]) -> Iterator[ast.Step]:
    """Steps whose nodes are not shared: whole chains, which hardly two members have in common, and those
    that bear a label, of which a node has but one.
    """
    yield from (program.whole, *program.whole.steps)
    for node in (node for body in bodies for node in ast.walk(body)):
        if isinstance(node, ast.Labelled | ast.Claimed):
            yield node.body


class _SharingWalker(Walker):
    """Stops at the first error, and takes over the nodes that members share."""

    def __init__(self, members: Members, *, strict: bool, input: Shape | None) -> None:
        super().__init__(members.program, Scope(members.program), {}, strict=strict, input=input)
        self._members = members
        #: What may matter to any step.
        self._everywhere: tuple[Any, ...] = ()
        self._optional: tuple[Any, ...] = ()
        self.extents.domain = domain_of(input)

    def start(self, choices: dict[str, Any], *, claims: bool) -> None:
        """Begin with another member, whose parameters are bound."""
        self.choices, self.claims = choices, claims
        values, members = self.net.values, self._members
        defaults = [typed(values[name]) for name in members.in_defaults if name in values]
        self._everywhere = claims, *defaults
        self._optional = tuple([choices.get(name) for name in members.names_of_optional])
        self.free.clear()
        self.restart({}, {})

    def report(self, diagnostic: Diagnostic) -> None:
        if diagnostic.severity == "error":
            raise Stop(diagnostic)

    def chosen(self, step: ast.Step, name: str) -> Any:
        return self.choices.get(self._members.optional.get(step, name), True)

    def names(self, body: ast.Step, scope: Scope, taken: dict[str, Span]) -> Names:
        """Names of steps depend on those parameters alone that stand as layers."""
        kept, values = self._members.names, scope.values
        key = body, tuple([values[name] for name in self._members.layers(body) if name in values])
        found: Names | None = kept.get(key)
        if found is None:
            found = super().names(body, scope, taken)
            kept.put(key, found)
        return found

    def walk(self, step: ast.Step, x: Shape | None, context: Context, fresh: bool = False) -> Node:
        about = self._members.about(step) if x else None
        if about is None or x is None:
            return super().walk(step, x, context, fresh)
        key = self._key(step, about, x, context)
        kept: _Kept | None = self._members.nodes.get(key)
        if kept is None or not self._afford(kept):
            return self._walk_anew(key, step, x, context, fresh)
        if kept.error:
            raise Stop(kept.error)
        assert kept.node is not None
        return kept.node

    def _key(self, step: ast.Step, about: _About, x: Shape, context: Context) -> Any:
        values, choices, names = context.scope.values, self.choices, context.names
        key = [step, x.channels, x.extents, names, self._everywhere]
        key += [typed(values[name] if name in values else choices.get(name)) for name in about.names]
        if about.choices:
            key.append(self._optional)
        return tuple(key)

    def _afford(self, kept: _Kept) -> bool:
        """Count what a part would have taken of the limits; False where these do not allow it."""
        budget, work = self.net.budget, self._work
        for what, number in kept.work.items():
            if work.get(what, 0) + number > MAX_WORK:
                return False
        if budget.left < kept.operations:
            return False
        budget.left -= kept.operations
        for what, number in kept.work.items():
            work[what] = work.get(what, 0) + number
        return True

    def _walk_anew(self, key: Any, step: ast.Step, x: Shape, context: Context, fresh: bool) -> Node:
        nodes, before, done = self._members.nodes, self.net.budget.left, dict(self._work)
        try:
            node = super().walk(step, x, context, fresh)
        except Stop as stop:
            nodes.put(key, _Kept(None, stop.diagnostic, 0, {}))
            raise
        work = {what: number - done.get(what, 0) for what, number in self._work.items()}
        nodes.put(key, _Kept(node, None, before - self.net.budget.left, work))
        return node
