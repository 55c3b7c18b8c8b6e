"""From a program to the network of one of its members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cnndsl.diagnostics import Diagnostic, Edit, Fix, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate import leaves, paths, repeats
from cnndsl.elaborate.arguments import Given, bind_params, evaluate_arguments
from cnndsl.elaborate.context import Context, Labels, sums, unknown
from cnndsl.elaborate.evaluate import Scope, evaluate
from cnndsl.elaborate.program import Program
from cnndsl.elaborate.resolve import free_names, unresolved
from cnndsl.elaborate.walk import RULES, Walker
from cnndsl.layers import Input
from cnndsl.network import ChainNode, Free, Network, Node, Output
from cnndsl.shape import NOTHING, Shape, Symbolic
from cnndsl.source import Span
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.shape.size import Domain

RULES |= {
    ast.Repeat: repeats.repeat,
    ast.IndexedRepeat: repeats.indexed,
    ast.ListRepeat: repeats.listed,
    ast.Guard: paths.guard,
    ast.Optional: paths.optional,
    ast.Labelled: paths.labelled,
    ast.Claimed: paths.claimed,
    ast.TapStep: paths.tapped,
    ast.LayerStep: leaves.layer,
}


def elaborate(
    program: Program,
    variant: str | None = None,
    settings: ast.Arguments | None = None,
    *,
    strict: bool = False,
    input: Shape | None = None,
    adapting: bool = False,
    holes: Mapping[ast.Expr, Any] | None = None,
) -> Network:
    """The network of a program, or of one of its variants.

    `settings` are the caller's `--set N=2, M=3`: they bind the net's parameters and, in a bare
    pattern, free counts and optional parts. `input` replaces the shape of the main INPUT, `holes` are
    the values of holes. All errors are in the network's diagnostics.
    """
    try:
        start = begin(program, variant, settings, strict=strict, input=input, holes=holes)
        start.walker.adapting = adapting
        for diagnostic in unresolved(program):
            start.walker.report(diagnostic)
        chains = start.chains.walk()
    except Located as error:
        return _without_sizes(program, variant, error.diagnostic)
    walker, given = start.walker, start.given
    _check_settings(walker, given)
    check_input(walker)
    network = Network(program, variant, walker.net.values, chains, walker.diagnostics, walker.assumptions)
    network.free = [*start.free, *walker.free.values()]
    network.bound = frozenset(given.named)
    network.settings, network.strict = settings, strict
    network.domain = walker.extents.domain
    network.claimed = walker.claimed
    if program.init:
        _initialise(network, program.init)
    return network


def _initialise(network: Network, statement: ast.Init) -> None:
    """Note how the weights start, or what is wrong with what the file says of it."""
    from cnndsl.elaborate.initial import initialisation

    try:
        network.init = initialisation(statement, network.program)
    except Located as error:
        network.diagnostics.append(error.diagnostic)


def check_input(walker: Walker) -> None:
    """Report an input of the caller's that replaces nothing."""
    start = walker.main_input
    found = isinstance(start, ast.LayerStep) and walker.net.find(start.name) is Input
    if walker.input and start and not found and not walker.diagnostics:
        hint = "a network to be given another input starts with it, outside of braces, repeats and conditions"
        message = "there is no INPUT here for --input to replace"
        walker.report(Diagnostic("no-network", message, start.span, hints=(hint,)))


class Start(NamedTuple):
    """A walk that is about to begin. `free` are parameters without a value of their own."""

    walker: Walker
    chains: Chains
    given: Given
    free: list[Free]


def begin(
    program: Program,
    variant: str | None,
    settings: ast.Arguments | None,
    *,
    strict: bool = False,
    input: Shape | None = None,
    holes: Mapping[ast.Expr, Any] | None = None,
    kind: type[Walker] = Walker,
) -> Start:
    """What `elaborate` begins with; raises Located where the parameters have no values."""
    scope = Scope(program)
    scope.budget.holes |= holes or {}
    given = _settings(settings, program, scope)
    scope.values, free = bind_net(program, variant, given, scope)
    choices = {name: value for name, value in given.named.items() if name not in scope.values}
    walker = kind(program, scope, choices, strict=strict, input=input)
    walker.places = given.places
    walker.claims = not given.named and input is None
    walker.extents.domain = domain_of(input)
    return Start(walker, Chains(walker, program), given, free)


def _settings(settings: ast.Arguments | None, program: Program, scope: Scope) -> Given:
    """The values of the caller's settings."""
    try:
        return evaluate_arguments(settings, scope, NOTHING)
    except Located as error:
        from cnndsl.elaborate.notation import optional_setting

        counts = free_names(program) | {param.name for param in program.params}
        raise optional_setting(error, settings, counts) from None


def domain_of(input: Shape | None) -> Domain | None:
    """What is required of the caller's input is kept with its named extents."""
    named = [extent for extent in input.extents if isinstance(extent, Symbolic)] if input else []
    return named[0].domain if named else None


def bind_net(
    program: Program, variant: str | None, given: Given, scope: Scope
) -> tuple[dict[str, Any], list[Free]]:
    """The values of the net's parameters: the variant's, the caller's, and defaults.

    A parameter with a domain and no value is free: it takes the domain's first.
    """
    names = {param.name for param in program.params}
    bound = Given([], {}, {})
    span = program.net.name_span if program.net else Span(program.source, 0, 0)
    if variant is not None:
        statement = program.variants[variant]
        bound = evaluate_arguments(statement.arguments, scope, NOTHING)
        span = statement.name_span
    by_position = dict(zip([param.name for param in program.params], bound.positional, strict=False))
    own = {name: value for name, value in given.named.items() if name in names}
    if own:  # the caller's values win over the variant's
        bound = Given(
            bound.positional[len(by_position) :], by_position | bound.named | own, given.places | bound.places
        )
    free = []
    for param in program.params:
        value = _first(param, scope)
        if param.name not in by_position and param.name not in bound.named and value is not None:
            bound.named[param.name] = value
            bound.places[param.name] = param.span
            free.append(Free(param.name, value, _range(param), param.span))
    owner = f"the net {program.name}"
    return bind_params(program.params, bound, scope, NOTHING, owner, span), free


def _first(param: ast.Param, scope: Scope) -> Any:
    """The first value of a domain whose parameter has no default."""
    if param.default is not None:
        return None
    first = param.low if param.low is not None else (param.choices or (None,))[0]
    return None if first is None else evaluate(first, scope, NOTHING)


def _range(param: ast.Param) -> str:
    if param.low is not None and param.high is not None:
        return f"{param.low.span.text} to {param.high.span.text}"
    return ", ".join(choice.span.text for choice in param.choices or ())


def _check_settings(walker: Walker, given: Given) -> None:
    """Report settings that bind nothing."""
    program, choices = walker.program, walker.choices
    free = {*walker.free, *free_names(program), *walker.optional}
    if choices.keys() - free:  # perhaps of a block that this member leaves out
        from cnndsl.elaborate.optional import optional_parts

        free |= {*optional_parts(program).values()}
    for name in choices:
        if name not in free:
            known = [param.name for param in program.params] + list(walker.free)
            hint = f"there is {', '.join(known)} to set" if known else "this network has nothing to set"
            message = f"there is no `{name}` to set"
            walker.report(Diagnostic("undefined", message, given.places[name], hints=(hint,)))
    if given.positional:
        message = "settings are given by name: --set N=2,M=3"
        walker.report(Diagnostic("too-many-arguments", message, given.places["#0"]))


def _without_sizes(program: Program, variant: str | None, diagnostic: Diagnostic) -> Network:
    """What is left of a network of which nothing can be computed: the steps of its chain."""
    chains: list[Output] = []
    if chain := program.chain:
        parts = [unknown(step, None) for step in chain.steps]
        node = ChainNode(syntax=chain, input=None, output=None, parts=parts, **sums(parts))
        chains = [Output("", node, "main", True)]
    return Network(program, variant, {}, chains, [diagnostic])


class Chains:
    """Walks the main chain, and the `let`s and `output`s in the order in which they are needed."""

    def __init__(self, walker: Walker, program: Program) -> None:
        self._walker, self._program = walker, program
        self._active: list[str] = []
        self._done: dict[str, Node] = {}
        self._chains: list[Output] = []
        self._in_main = True
        assert program.chain is not None, "the collector refuses a program without a network"
        walker.find_let = self._let
        walker.main_input = _start(program.chain)
        ends = [program.chain, *(let.body for let in program.lets.values() if let.output)]
        walker.last = {_leaf(chain.steps[-1]) for chain in ends}

    def walk(self) -> list[Output]:
        walker, program = self._walker, self._program
        context = self.context()
        assert program.chain is not None
        main = walker.walk(program.chain, NOTHING, context, fresh=True)
        self._chains.append(Output("", main, "main", True))
        self._in_main = False
        if walker.extents.domain:
            walker.extents.domain.main = len(walker.extents.domain.requirements)
        for name, let in program.lets.items():
            if let.output:
                self._let(name, let.span)
        self._report_unused()
        return self._chains

    def context(self) -> Context:
        """Where the chains stand; tells the walker what it must know of them."""
        walker, program = self._walker, self._program
        names = walker.names(program.whole, walker.net, program.names)
        walker.optional = names.optional
        self._context = Context(walker.net, Labels(), names)
        return self._context

    def restart(self) -> None:
        """Forget what has been walked."""
        self._done.clear()
        self._chains.clear()
        self._active.clear()
        self._in_main = True

    def _let(self, name: str, span: Span) -> Node | None:
        """The node of a `let` or `output`, walked when it is first asked for."""
        let = self._program.lets.get(name)
        if let is None:
            return None
        if name in self._active:
            raise located("recursion", f"`{name}` takes up itself", span)
        if name not in self._done:
            self._active.append(name)
            self._done[name] = self._walker.walk(let.body, NOTHING, self._context, fresh=True)
            self._active.pop()
            self._chains.append(
                Output(name, self._done[name], "output" if let.output else "let", self._in_main)
            )
        return self._done[name]

    def _report_unused(self) -> None:
        for name, let in self._program.lets.items():
            if name not in self._done:
                self._walker.walk(let.body, NOTHING, self._context, fresh=True)
                message = f"`{name}` is taken up nowhere, so it is not part of the network"
                hint = f"take it up in a path, or write `output {name}`"
                word = Span(let.span.source, let.span.start, let.span.start + len("let"))
                fix = Fix("make it an output", (Edit(word, "output"),))
                self._walker.report(Diagnostic("unused", message, let.name_span, hints=(hint,), fixes=(fix,)))


def _start(step: ast.Step) -> ast.Step:
    """The first layer of a chain, which may stand in brackets."""
    while isinstance(step, ast.Chain | ast.Labelled | ast.Claimed):
        step = step.steps[0] if isinstance(step, ast.Chain) else step.body
    return step


def _leaf(step: ast.Step) -> ast.Step:
    """The layer of a step that carries labels and claims."""
    while isinstance(step, ast.Labelled | ast.Claimed):
        step = step.body
    return step
