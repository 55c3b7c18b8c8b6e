"""Expressions, arguments and shapes as pieces: which spaces stand in them, and where they may break."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from cnndsl.elaborate.shapes import FEW_CHANNELS
from cnndsl.format.pieces import Group, Kind, Piece
from cnndsl.format.spelling import argument_name, bare_word, kind_name
from cnndsl.format.tokens import Gap, Token
from cnndsl.syntax import ast

NodeT = TypeVar("NodeT")

#: Operators that have no spaces in an index, in a call and in an argument by name: `e[depth-1-i]`.
_LOOSE = frozenset({"+", "-", "//", "%"})


class Expressions:
    """Takes a file's tokens in order, as the tree says what they are, and makes pieces of them."""

    def __init__(self, tokens: list[Token], end: Gap) -> None:
        self.tokens, self.end = tokens, end
        self.at = 0
        self.pieces: list[Piece] = []
        self.group = Group("statement")
        self.word = ""  # of the statement
        self.names: set[str] = set()  # of parameters and indices
        self.tight = False
        self._dropped = Gap()
        self._due: tuple[bool, Kind] = (False, "")

    @property
    def rest(self) -> Gap:
        """What stands behind the last token."""
        return self.end.after(self._dropped)

    # ---- tokens

    def next_is(self, *types: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].type in types

    def put(self, text: str = "", *, space: bool = False, kind: Kind = "", **marks: Any) -> Piece:
        """Take the next token, spelled as `text` where that is given."""
        token = self.tokens[self.at]
        self.at += 1
        due_space, due_kind = self._due
        gap, self._dropped, self._due = token.gap.after(self._dropped), Gap(), (False, "")
        piece = Piece(text or token.text, self.group, space or due_space, kind or due_kind, gap, **marks)
        self.pieces.append(piece)
        return piece

    def drop(self) -> None:
        """Leave the next token out; the comments before it stay."""
        self._dropped = self.tokens[self.at].gap.after(self._dropped)
        self.at += 1

    def due(self, *, space: bool = False, kind: Kind = "") -> None:
        """What stands before the next piece, whatever that is."""
        self._due = (space, kind)

    # ---- brackets

    def open(self, kind: Any = "(", lead: Piece | None = None, **how: Any) -> None:
        piece = self.put(**how)
        piece.opens = self.group = self.group.inner(kind, lead)

    def close(self, **how: Any) -> None:
        self.put(**how)
        assert self.group.parent is not None
        self.group = self.group.parent

    def parens(self, inside: Callable[[], None]) -> None:
        """Something in parentheses, which may stand on lines of its own."""
        self.open()
        self.due(kind="hang")
        inside()
        self.close(kind="close")

    def listed(
        self, nodes: Sequence[NodeT], each: Callable[[NodeT], None], *, keep_comma: bool = False
    ) -> None:
        """`(a, b)`; a comma after the last goes, unless it has a meaning."""
        if nodes:
            self.parens(lambda: self.items(nodes, each, keep_comma=keep_comma))
        else:
            self.open()
            self.close()

    def items(
        self, nodes: Iterable[NodeT], each: Callable[[NodeT], None], *, keep_comma: bool = False
    ) -> None:
        for number, node in enumerate(nodes):
            if number:
                self.put()
                self.due(space=True, kind="item")
            each(node)
        if self.next_is("COMMA"):
            if keep_comma:
                self.put()
            else:
                self.drop()

    # ---- arguments

    def arguments(self, arguments: ast.Arguments, kind: str = "", *, spaced: bool = False) -> None:
        """`(96, 11x11, s=4)` of a layer; `spaced`: of a statement, `(classes = 10)`."""
        self.listed(arguments.items, lambda argument: self._argument(argument, kind, spaced))

    def _bare_word(self, value: ast.Expr, kind: str) -> str:
        """How a word such as MAX is spelled; "" for what is none, or a name of the file."""
        name = value.name if isinstance(value, ast.Name) else ""
        return bare_word(kind, name) if name and name not in self.names else ""

    def _argument(self, argument: ast.Argument, kind: str, spaced: bool) -> None:
        was = self.tight
        if argument.name is not None:
            self.put(argument_name(kind, argument.name))
            self.put(space=spaced)
            self.due(space=spaced)
            self.tight = not spaced
        if kind_name(kind) == "INPUT" and isinstance(argument.value, ast.AxesExpr):
            self.axes(argument.value, few_channels(argument.value))
        elif word := self._bare_word(argument.value, kind):
            self.put(word)
        else:
            self.expression(argument.value)
        self.tight = was

    # ---- expressions

    def expression(self, expr: ast.Expr) -> None:
        match expr:
            case ast.Binary():
                self._binary(expr)
            case ast.Unary():
                self.put(expr.operator)
                self.due(space=expr.operator == "not")
                self.expression(expr.operand)
            case ast.Conditional():
                self.expression(expr.value)
                self._word_before(expr.condition)
                self._word_before(expr.otherwise)
            case ast.Paren():
                self.parens(lambda: self.expression(expr.inner))
            case ast.TupleExpr():
                self.listed(expr.items, self.expression, keep_comma=len(expr.items) == 1)
            case ast.AxesExpr():
                self.axes(expr)
            case ast.ShapeExpr():
                self.expression(expr.channels)
                self.put()
                self._by(expr.extents)
            case ast.PairExpr():
                self.expression(expr.before)
                self.put()
                self.expression(expr.after)
            case _:
                self._postfix(expr)

    def _word_before(self, expr: ast.Expr) -> None:
        """`if` or `else`, and what it is about."""
        self.put(space=True)
        self.due(space=True)
        self.expression(expr)

    def _postfix(self, expr: ast.Expr) -> None:
        match expr:
            case ast.Attribute():
                self.expression(expr.value)
                self.put()
                self.put()
            case ast.Subscript():
                self.expression(expr.value)
                self.index(expr.index)
            case ast.Call():
                self.put()
                self.tightly(lambda: self.arguments(expr.arguments))
            case ast.Arriving():
                self.put("in")
                self.put()
                self.put()
            case ast.Name() if self.word != "expect":
                self.put(kind_name(expr.name))
            case _:
                self.put()

    def index(self, expr: ast.Expr) -> None:
        self.put()
        self.tightly(lambda: self.expression(expr))
        self.put()

    def tightly(self, inside: Callable[[], None]) -> None:
        was, self.tight = self.tight, True
        inside()
        self.tight = was

    def _binary(self, expr: ast.Binary) -> None:
        self.expression(expr.left)
        spaced = self._spaced(expr.operator)
        self.put(expr.operator, space=spaced, kind="and" if expr.operator in ("and", "or") else "")
        self.due(space=spaced)
        self.expression(expr.right)

    def _spaced(self, operator: str) -> bool:
        if operator in ("*", "/"):
            return self.word == "expect" and not self.tight
        return operator != "^" and not (self.tight and operator in _LOOSE)

    # ---- shapes

    def axes(self, expr: ast.AxesExpr, channels: str = "") -> None:
        """`11x11`; with `channels` first or last known, a shape: `3@224x224`."""
        if not channels:
            self._by(expr.items)
            return
        words = [item.span.text for item in expr.items]
        first, *rest = words if channels == "first" else [words[-1], *words[:-1]]
        self.put(first)
        for number, word in enumerate(rest):
            self.put("x" if number else "@")
            self.put(word)

    def _by(self, items: Sequence[ast.Expr]) -> None:
        """`kx3` would be a name, so there are spaces where a name comes before an x."""
        spaced = any(_ends_in_name(item) for item in items[:-1])
        for number, item in enumerate(items):
            if number:
                self.put("x", space=spaced)
                self.due(space=spaced)
            self.expression(item)


def few_channels(expr: ast.AxesExpr) -> str:
    """Where the channels stand in an INPUT's `224x224x3`: "last", "first", or "" if it does not say."""
    ends = expr.items[0], expr.items[-1]
    if not all(isinstance(item, ast.Number) and type(item.value) is int for item in expr.items):
        return ""
    first, last = (isinstance(end, ast.Number) and end.value <= FEW_CHANNELS for end in ends)
    return "" if first == last else "first" if first else "last"


def _ends_in_name(expr: ast.Expr) -> bool:
    return isinstance(expr, ast.Name) or (isinstance(expr, ast.PairExpr) and _ends_in_name(expr.after))
