"""Statements and chains as pieces, from the syntax tree and the tokens that it was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from cnndsl.format.expressions import Expressions
from cnndsl.format.pieces import Layout, Piece
from cnndsl.format.spelling import key, kind_name, starts_stage
from cnndsl.format.tokens import Gap, Token
from cnndsl.record import NamedRecord, fresh
from cnndsl.syntax import ast

#: The place of a step in its text.
Place = tuple[int, int]


class Claims(NamedRecord):
    """What is to become of a file's claims, by the place of the step (or claim) they belong to.

    `strip`: all go. `add`: those to write behind steps that have none. `orders`: where the channels
    stand ("first", "last") in claims such as `55x55x96`, which are then written `96@55x55`.
    """

    strip: bool = False
    add: Mapping[Place, str] = fresh(factory=dict)
    orders: Mapping[Place, str] = fresh(factory=dict)


def _defined(statement: ast.Statement) -> Iterator[str]:
    """The names of parameters and indices, which may be written like a word of the language."""
    for node in ast.walk(statement):
        match node:
            case ast.Param():
                yield node.name
            case ast.IndexedRepeat():
                yield node.index
            case ast.ListRepeat():
                yield from node.names


class Printer(Expressions):
    """`Printer(tokens, end, claims).layouts(file)`."""

    def __init__(self, tokens: list[Token], end: Gap, claims: Claims) -> None:
        super().__init__(tokens, end)
        self.claims = claims

    def layouts(self, file: ast.File) -> list[Layout]:
        self.names = {name for statement in file.statements for name in _defined(statement)}
        return [self._layout(statement) for statement in file.statements]

    def _layout(self, statement: ast.Statement) -> Layout:
        self.word = "" if isinstance(statement, ast.Chain) else self.tokens[self.at].text
        self.pieces = []
        if self.word:
            self.put()
            self.due(space=True)
        self._statement(statement)
        return Layout(self.word, self.pieces)

    # ---- statements

    def _statement(self, statement: ast.Statement) -> None:
        match statement:
            case ast.Chain():
                self.chain(statement)
            case ast.Net():
                self.put()
                self._params(statement.params)
            case ast.Variant():
                self.put()
                self.put(space=True, cell="=")
                self.due(space=True)
                self.arguments(statement.arguments, spaced=True)
            case ast.Default():
                self.put(kind_name(statement.kind))
                self.arguments(statement.arguments, statement.kind, spaced=True)
            case ast.Init():
                self.items(statement.items, self._initial)
            case ast.Block():
                self.put()
                self._params(statement.params)
                self._body(statement.body)
            case ast.Let():
                self.put()
                self._body(statement.body, cell="=")
            case ast.Expect():
                self._expect(statement.claim)
            case ast.Use():
                self.put()

    def _body(self, body: ast.Chain, cell: str = "") -> None:
        self.put(space=True, cell=cell)
        self.due(space=True, kind="body")
        self.chain(body)

    def _initial(self, item: ast.Initial) -> None:
        if item.kind:
            self.put(kind_name(item.kind))
            self.put(space=True)
            self.due(space=True)
        self.put(item.method.lower())
        if (arguments := item.arguments) is not None:
            self.tightly(lambda: self.arguments(arguments))

    def _params(self, params: tuple[ast.Param, ...]) -> None:
        if self.next_is("LPAR"):
            self.listed(params, self._param)

    def _param(self, param: ast.Param) -> None:
        self.put()
        if param.default is not None:
            self.put(space=True)
            self.due(space=True)
            self.expression(param.default)
        if param.low is not None and param.high is not None:
            self.put("in", space=True)
            self.due(space=True)
            self.expression(param.low)
            self.put()
            self.expression(param.high)
        elif param.choices is not None:
            self.put("in", space=True)
            self.put(space=True)
            self.items(param.choices, self.expression)
            self.put()

    def _expect(self, claim: ast.Expr) -> None:
        """`expect a.b == 1 and c.d == 2`: consecutive ones that look so are aligned at the operators."""
        if not isinstance(claim, ast.Binary) or not _in_columns(claim):
            self.expression(claim)
        elif claim.operator == "and":
            self._expect(claim.left)
            self.put(space=True, kind="and", cell="and", key="path")
            self.due(space=True)
            self._expect(claim.right)
        else:
            self.expression(claim.left)
            self.put(claim.operator, space=True, cell="op", key="op")
            self.due(space=True)
            self.expression(claim.right)

    # ---- chains

    def chain(self, chain: ast.Chain) -> None:
        top = self.group.kind == "statement"
        lead = None
        for number, step in enumerate(chain.steps):
            if number:
                stage = starts_stage(step, chain.steps[number - 1])
                lead = self.put("→", space=True, kind="arrow", stage=stage)
                lead.cell, lead.key = ("step", key(step)) if top else ("", "")
                self.due(space=True)
            self._step(step, lead, top=top)
            self._added(step, top)

    def _added(self, step: ast.Step, top: bool) -> None:
        """The claim that is to be written behind a step."""
        claim = self.claims.add.get((step.span.start, step.span.end))
        if claim and not self.claims.strip:
            cell = ":" if top else ""
            self.pieces.append(Piece(f": {claim}", self.group, True, cell=cell))

    def _step(self, step: ast.Step, lead: Piece | None, *, top: bool = False) -> None:
        """A step; `lead` is the arrow before it, `top`: it stands in the statement's own chain."""
        start = len(self.pieces)
        match step:
            case ast.LayerStep():
                self.put(kind_name(step.name))
                if step.arguments is not None:
                    self.arguments(step.arguments, step.name)
            case ast.TapStep():
                self.put()
                self.index(step.index)
            case ast.Chain():
                self.open("[", lead)
                self.chain(step)
                self.close()
            case ast.Parallel():
                self._parallel(step, lead)
            case ast.Guard(path=int(), body=ast.Parallel() as body):
                self._parallel(body, lead, step)
            case ast.Labelled():
                self._step(step.body, lead, top=top)
                self._label(step, start, top)
            case ast.Claimed():
                self._step(step.body, lead, top=top)
                self._claim(step, top)
            case _:
                self._postfixed(step, lead, start)

    def _parallel(self, step: ast.Parallel, lead: Piece | None, guard: ast.Guard | None = None) -> None:
        """Braces; of a guard, if it is about one of their paths."""
        self.open("{", lead)
        self.due(space=True)
        for number, branch in enumerate(step.branches):
            if number:
                self.put(step.operator, space=True, kind="sign")
                self.due(space=True)
            braces, self.group = self.group, self.group.inner("branch")
            self.chain(branch)
            if guard and guard.path == number:
                self.put(space=True)  # if
                self.due(space=True)
                self.parens(partial(self.expression, guard.condition))
            self.group = braces
        self.close(space=True)

    def _label(self, step: ast.Labelled, start: int, top: bool) -> None:
        cell = "as" if top and not isinstance(step.body, ast.Claimed) else ""
        self.put(space=True, kind="post", step=self.pieces[start], cell=cell)
        self.put(space=True)
        if step.index is not None:
            self.index(step.index)

    def _claim(self, step: ast.Claimed, top: bool) -> None:
        if self.claims.strip:
            while self.at < len(self.tokens) and self.tokens[self.at].start < step.span.end:
                self.drop()
            return
        cell = ":" if top and not isinstance(step.body, ast.Claimed) else ""
        self.put(space=True, cell=cell)
        self.due(space=True)
        order = self.claims.orders.get((step.claim.span.start, step.claim.span.end), "")
        if isinstance(step.claim, ast.AxesExpr):
            self.axes(step.claim, order)
        else:
            self.expression(step.claim)

    # ---- what stands behind a step

    def _postfixed(self, step: ast.Step, lead: Piece | None, start: int) -> None:
        match step:
            case ast.Repeat():
                self._step(step.body, lead)
                self._count(start, lambda: self.expression(step.count), plain=_plain(step.count))
            case ast.IndexedRepeat():
                self._step(step.body, lead)
                self._count(start, lambda: self._below(step.limit))
            case ast.ListRepeat():
                self._step(step.body, lead)
                self._count(start, lambda: self._each(step), each=True)
            case ast.Optional():
                self._step(step.body, lead)
                self.put()
            case ast.Guard():
                self._step(step.body, lead)
                self.put(kind="post", step=self.pieces[start])
                self.parens(lambda: self.expression(step.condition))
                if step.otherwise is not None:
                    self.put(space=True, kind="post", step=self.pieces[start])
                    self.due(space=True)
                    self._step(step.otherwise, None)

    def _count(
        self, start: int, inside: Callable[[], None], *, plain: bool = False, each: bool = False
    ) -> None:
        """`*3`, `*(i < 4)`; a number or name needs no parentheses."""
        star = self.put()
        if not self.next_is("LPAR") or plain:
            bare = self.next_is("LPAR")
            if bare:
                self.drop()
            inside()
            if bare:
                self.drop()
            return
        star.kind, star.step = "post", self.pieces[start]
        if each:
            self.open()
            inside()
            self.close(kind="close")
        else:
            self.parens(inside)

    def _below(self, limit: ast.Expr) -> None:
        self.put()
        self.put(space=True)
        self.due(space=True)
        self.expression(limit)

    def _each(self, step: ast.ListRepeat) -> None:
        """`(c, n) in (64, 2), (128, 3)`: the list may stand on lines of its own."""
        while not self.next_is("IN"):
            self.put(space=self.next_is("NAME") and self.pieces[-1].text == ",")
        self.put("in", space=True)
        self.due(space=True, kind="hang")
        alone = len(step.values) == 1 and not step.spread  # a list of one is told by its comma
        self.items(step.values, self.expression, keep_comma=alone)


def _plain(count: ast.Expr) -> bool:
    return isinstance(count, ast.Number | ast.Name)


def _in_columns(claim: ast.Expr) -> bool:
    """Whether a claim is `conv1.neurons == 290_400`, or several of these joined by `and`."""
    if not isinstance(claim, ast.Binary):
        return False
    if claim.operator == "and":
        return _in_columns(claim.left) and _in_columns(claim.right)
    path = isinstance(claim.left, ast.Name | ast.Attribute)
    return path and claim.operator in ("==", "!=", "<", "<=", ">", ">=")
