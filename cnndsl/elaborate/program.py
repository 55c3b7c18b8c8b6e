"""A file's statements sorted by what they define, and checked for clashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from cnndsl.diagnostics import Edit, Fix, Label, Problem, did_you_mean, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.diagnostics.suggest import edit_distance
from cnndsl.layers import KINDS, Input, Layer, called_here, find_kind, name_arguments
from cnndsl.record import Record, fresh
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.ast import parts
from cnndsl.syntax.build import RESERVED

#: Finds the source that `use "name"` means, or None: (name, the source that uses it).
Finder = Callable[[str, Source], Source | None]
#: Turns a source into its syntax tree.
Parser = Callable[[Source], ast.File]


class BlockDef(Record):
    """A block with the file whose blocks and defaults hold in it."""

    syntax: ast.Block
    program: Program

    @property
    def name(self) -> str:
        return self.syntax.name


class Program(Record):
    """What one file defines. `names` says where each of its names was defined."""

    source: Source
    net: ast.Net | None = None
    chain: ast.Chain | None = None
    blocks: dict[str, BlockDef] = fresh(factory=dict)
    variants: dict[str, ast.Variant] = fresh(factory=dict)
    defaults: dict[str, list[ast.Default]] = fresh(factory=dict)
    lets: dict[str, ast.Let] = fresh(factory=dict)
    init: ast.Init | None = None
    expects: list[ast.Expect] = fresh(factory=list)
    names: dict[str, Span] = fresh(factory=dict)

    @property
    def name(self) -> str:
        """The net's name, or else the file's."""
        if self.net:
            return self.net.name
        stem = self.source.name.replace("\\", "/").rsplit("/", 1)[-1]
        return stem.removesuffix(".cnn") if stem.endswith(".cnn") else "Net"

    @cached_property
    def whole(self) -> ast.Chain:
        """All chains, as if they were one: what names are given in."""
        assert self.chain is not None, "the collector refuses a program without a network"
        return ast.Chain(self.chain.span, (self.chain, *(let.body for let in self.lets.values())))

    @property
    def claims(self) -> bool:
        """Whether the chains claim shapes."""
        chains = [chain for chain in (self.chain, *(let.body for let in self.lets.values())) if chain]
        return any(isinstance(step, ast.Claimed) for chain in chains for step in ast.walk(chain))

    @property
    def holes(self) -> list[ast.Hole]:
        """The holes `?` of the network and its blocks, in the order of the text."""
        if "?" not in self.source.text:
            return []
        bodies: list[Record | None] = [self.chain, *(let.body for let in self.lets.values())]
        bodies += [block.syntax.body for block in self.blocks.values()]
        bodies += [one.arguments for many in self.defaults.values() for one in many]
        found = [node for body in bodies if body for node in ast.walk(body) if isinstance(node, ast.Hole)]
        return sorted(found, key=lambda hole: hole.span.start)

    @property
    def params(self) -> tuple[ast.Param, ...]:
        return self.net.params if self.net else ()

    def define(self, name: str, span: Span) -> None:
        """Take a name; raises where it stands for something already."""
        check_free(name, span, self.names)
        self.names[name] = span


def check_free(name: str, span: Span, taken: dict[str, Span]) -> None:
    """Raise if `name` is a layer kind's or already taken."""
    if find_kind(name):
        raise located("name-clash", f"`{name}` is the name of a layer kind", span, "choose another name")
    if name in taken:
        label = Label(taken[name], "it is defined here")
        raise located(
            "name-clash", f"`{name}` is defined twice", span, "rename one of the two", labels=(label,)
        )


class Collector:
    """Turns files into programs, following `use`."""

    def __init__(self, parse: Parser, find: Finder) -> None:
        self._parse, self._find = parse, find
        self._active: list[str] = []
        self._programs: dict[str, Program] = {}

    def network(self, source: Source) -> Program:
        """The program of a file that must hold a network."""
        program = self._program(source)
        if program.chain is None:
            what = "the file is empty" if not source.text.strip() else "the file holds no network"
            hint = "a network is a chain that starts with INPUT: INPUT(3@32x32) → … → FC(10)"
            raise located("no-network", what, Span(source, 0, min(1, len(source.text))), hint)
        return program

    def _program(self, source: Source) -> Program:
        self._active.append(source.path or source.name)
        program = Program(source)
        for statement in self._parse(source).statements:
            self._add(program, statement)
        for param in program.params:
            program.define(param.name, param.span)
        for block in program.blocks.values():
            if block.program is program:
                _check_params(block.syntax.params, program)
        self._active.pop()
        return program

    def _add(self, program: Program, statement: ast.Statement) -> None:
        match statement:
            case ast.Net():
                _add_net(program, statement)
            case ast.Chain():
                _add_chain(program, statement)
            case ast.Block():
                program.define(statement.name, statement.name_span)
                program.blocks[statement.name] = BlockDef(statement, program)
            case ast.Variant():
                program.define(statement.name, statement.name_span)
                program.variants[statement.name] = statement
            case ast.Let():
                program.define(statement.name, statement.name_span)
                program.lets[statement.name] = statement
            case ast.Default():
                _add_default(program, statement)
            case ast.Expect():
                program.expects.append(statement)
            case ast.Init():
                _add_init(program, statement)
            case ast.Use():
                self._use(program, statement)

    def _use(self, program: Program, statement: ast.Use) -> None:
        source = self._find(statement.path, program.source)
        if source is None:
            hint = "it is looked for beside this file, then among the shipped networks"
            raise located("unreadable", f'there is no file "{statement.path}"', statement.span, hint)
        if (source.path or source.name) in self._active:
            raise located("recursion", f'"{statement.path}" uses this file in turn', statement.span)
        key = source.path or source.name
        if key not in self._programs:  # two files can use a third
            self._programs[key] = self._program(source)
        for name, block in self._programs[key].blocks.items():
            if program.blocks.get(name) is not block:
                program.define(name, statement.span)
                program.blocks[name] = block


def _check_params(params: tuple[ast.Param, ...], program: Program) -> None:
    """Raise where a block's parameter is called like another, or like a block."""
    taken = {name: program.names[name] for name in program.blocks}
    for param in params:
        check_free(param.name, param.span, taken)
        taken[param.name] = param.span


def _add_net(program: Program, statement: ast.Net) -> None:
    if program.net:
        label = Label(program.net.span, "the first one")
        raise located(
            "no-network", "a file holds one `net`, this is a second", statement.span, labels=(label,)
        )
    program.net = statement


def _add_init(program: Program, statement: ast.Init) -> None:
    if program.init:
        label = Label(program.init.span, "the first one")
        message, hint = (
            "a file has one `init`, this is a second",
            "for one kind of layer: init he, FC = torch",
        )
        raise located("repeated-argument", message, statement.span, hint, labels=(label,))
    program.init = statement


def _add_chain(program: Program, chain: ast.Chain) -> None:
    """The one free chain starts with INPUT; another is what a missing arrow leaves behind."""
    first: ast.Step = chain.steps[0]
    while not isinstance(first, ast.LayerStep) and (inside := parts(first)):
        first = inside[0]
    starts = isinstance(first, ast.LayerStep) and first.name.lower() == "input"
    if isinstance(first, ast.LayerStep) and len(first.name) == 1:
        _refuse_suffix(first.name_span)
    if program.chain and starts:
        hint = "a further input has a chain of its own: let NAME = INPUT(…) → …"
        label = Label(program.chain.steps[0].span, "the first one")
        message = "a file holds one network, this is a second INPUT"
        raise located("no-network", message, first.span, hint, labels=(label,))
    if program.chain:
        raise _second_chain(program.chain, chain)
    if not starts:
        word = first.name.lower() if isinstance(first, ast.LayerStep) else ""
        start = chain.steps[0].span
        hint, edit = (
            "write INPUT(3@32x32) → in front",
            Edit(Span(start.source, start.start, start.start), _START),
        )
        found: tuple[Fix, ...] = (Fix("start with an INPUT", (edit,)),)
        if word in RESERVED:
            hint, found = f"words of the language are in lower case: `{word}`", ()
        raise located("no-network", "a network starts with INPUT", start, hint, fixes=found)
    program.chain = chain


def _refuse_suffix(span: Span) -> None:
    """Raise for the k of `expect params == 82k`, which begins a chain of its own."""
    from cnndsl.syntax.notation import suffixed

    if slip := suffixed(span):
        raise slip


def _second_chain(one: ast.Chain, other: ast.Chain) -> Located:
    """Two chains with nothing between them lack an arrow."""
    from cnndsl.syntax.faults import missing_arrow

    source, start = other.span.source, other.steps[0].span
    between = source.text[one.span.end : start.start]
    if all(not line.partition("#")[0].strip() for line in between.split("\n")):
        return missing_arrow(start)
    label = Label(one.steps[-1].span, "the network ends here")
    message = "a file holds one network, and this stands apart from it"
    return located(
        "no-network", message, start, "put it behind the network's last step, by `→`", labels=(label,)
    )


_START = "INPUT(3@32x32) → "


def _add_default(program: Program, statement: ast.Default) -> None:
    kind = find_kind(statement.kind)
    if kind is None:
        raise unknown_kind(statement.kind, statement.kind_span, ())
    if kind is Input:
        raise located("bad-label", "INPUT has no default", statement.span, "write the shape: INPUT(3@32x32)")
    for item in statement.arguments.items:
        try:
            name_arguments(kind, [], {item.name: None} if item.name else {})
        except Problem as problem:
            from cnndsl.elaborate.changes import Call, fixes

            places = {item.name or "": item.span}
            call = Call(kind, statement.kind_span, statement.arguments, places, frozenset())
            found = fixes(problem.changes, call, item.span)
            raise located(problem.code, problem.message, item.span, *problem.hints, fixes=found) from None
    for before in program.defaults.get(kind.kind, ()):
        twice = _spellings(kind, before) & _spellings(kind, statement)
        if twice:
            label = Label(before.span, "by this default")
            message = f"{kind.kind} has a default {min(twice)} already"
            raise located("repeated-argument", message, statement.span, labels=(label,))
    program.defaults.setdefault(kind.kind, []).append(statement)


def _spellings(kind: type[Layer], statement: ast.Default) -> set[str]:
    """The full names of the arguments that a default gives."""
    items = statement.arguments.items
    positional = [spec.name for spec in kind.hypers().values() if spec.positional and not spec.leading]
    by_place = positional[: sum(item.name is None for item in items)]
    return {*by_place, *name_arguments(kind, [], {item.name: None for item in items if item.name})}


def unknown_kind(name: str, span: Span, others: Iterable[str]) -> Located:
    """A step that names nothing, with the names that a typo can have meant."""
    near = [KINDS[word].kind if word in KINDS else word for word in did_you_mean(name, [*others, *KINDS])]
    hints: tuple[str, ...] = (f"did you mean {' or '.join(near)}?",) if near else ()
    if here := called_here(name):
        message, hint = f"there is no layer or block `{name}`", f"it is called {here} here"
        return located("unknown-layer", message, span, hint)
    sure = len(near) == 1 and len(name) > 3 and edit_distance(name.lower(), near[0].lower()) == 1
    sure = sure and _digits(name) == _digits(near[0])  # Stage1 is no slip for Stage2
    found = tuple(Fix(f"write {word}", (Edit(span, word),), safe=sure) for word in near)
    return located("unknown-layer", f"there is no layer or block `{name}`", span, *hints, fixes=found)


def _digits(name: str) -> list[str]:
    return [sign for sign in name if sign.isdigit()]
