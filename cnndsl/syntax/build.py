"""From lark's reductions to the syntax tree: one method per rule of the grammar."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from cnndsl.diagnostics import Edit, Fix, Problem, located
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.marks import Mark, parse_number

#: Words of the language, which cannot be names, although the context would tell them apart.
RESERVED = frozenset(
    {
        *("net", "variant", "default", "init", "block", "let", "output", "use", "expect"),
        *("as", "in", "if", "else", "and", "or", "not", "yes", "no"),
    }
)
#: Nested deeper than this, brackets and expressions are an error: later passes recurse.
MAX_NESTING = 64
#: Names are read by people.
MAX_NAME = 100

_SYMBOLS = {"−": "-", "≤": "<=", "≥": ">=", ".*": "⊙"}


NodeT = TypeVar("NodeT", bound=ast.Syntax)


def _grouped(span: Span) -> Fix:
    """Braces made a group."""
    ends = ((span.start, "["), (span.end - 1, "]"))
    return Fix("write [ ]", tuple(Edit(Span(span.source, at, at + 1), sign) for at, sign in ends))


class Builder:
    """Called by the parser, bottom up; `source` is set before each parse."""

    def __init__(self) -> None:
        self.source = Source("", "")

    # ---- places

    def _place(self, children: list[Any]) -> Span:
        return Span(self.source, self._start(children[0]), self._end(children[-1]))

    @staticmethod
    def _start(child: Any) -> int:
        start: int = child.span.start if hasattr(child, "span") else child.start_pos
        return start

    @staticmethod
    def _end(child: Any) -> int:
        end: int = child.span.end if hasattr(child, "span") else child.end_pos
        return end

    def _token(self, token: Any) -> Span:
        """The place of a name; raises Located where a word of the language stands for one."""
        span = Span(self.source, token.start_pos, token.end_pos)
        if token in RESERVED:
            from cnndsl.syntax.notation import ended

            if found := ended(span):
                raise found
            raise located("name-clash", f"`{token}` is a word of the language", span, "choose another name")
        if len(token) > MAX_NAME:
            raise located("syntax", f"a name of {len(token)} characters is too long", span)
        return span

    def _nested(self, node: NodeT, *inner: Any) -> NodeT:
        """A node that holds others, one level deeper than the deepest of them."""
        node.depth = 1 + max((one.depth for one in inner if one is not None), default=0)
        if node.depth > MAX_NESTING:
            span = Span(self.source, node.span.start, node.span.start + 1)
            message = f"this is nested more than {MAX_NESTING} levels deep"
            raise located("nesting", message, span, "give a part a name by `block` and use that")
        return node

    # ---- statements

    def start(self, c: list[Any]) -> ast.File:
        return ast.File(self.source, tuple(c))

    def net(self, c: list[Any]) -> ast.Net:
        params = c[2] if len(c) > 2 else ()
        span = Span(self.source, c[0].start_pos, c[1].end_pos)
        return ast.Net(span, str(c[1]), self._token(c[1]), params, self._doc(c[0].start_pos))

    def variant(self, c: list[Any]) -> ast.Variant:
        return ast.Variant(self._place(c), str(c[1]), self._token(c[1]), c[3])

    def default(self, c: list[Any]) -> ast.Default:
        return ast.Default(self._place(c), str(c[1]), self._token(c[1]), c[2])

    def init(self, c: list[Any]) -> ast.Init:
        return ast.Init(self._place(c), c[1].items)

    def initials(self, c: list[Any]) -> ast.Init:
        return ast.Init(self._place(c), tuple(c[::2]))

    def initial(self, c: list[Any]) -> ast.Initial:
        arguments = c[-1] if isinstance(c[-1], ast.Arguments) else None
        words = [child for child in c if child is not arguments]
        kind, method = str(words[0]) if len(words) > 1 else "", words[-1]
        span = self._place(c)
        return ast.Initial(span, kind, self._token(words[0]), str(method), self._token(method), arguments)

    def block(self, c: list[Any]) -> ast.Block:
        params = c[2] if isinstance(c[2], tuple) else ()
        return ast.Block(
            self._place(c), str(c[1]), self._token(c[1]), params, c[-1], self._doc(c[0].start_pos)
        )

    def let(self, c: list[Any]) -> ast.Let:
        return ast.Let(self._place(c), str(c[1]), self._token(c[1]), c[3], output=False)

    def output(self, c: list[Any]) -> ast.Let:
        return ast.Let(self._place(c), str(c[1]), self._token(c[1]), c[3], output=True)

    def use(self, c: list[Any]) -> ast.Use:
        return ast.Use(self._place(c), str(c[1])[1:-1])

    def expect(self, c: list[Any]) -> ast.Expect:
        return ast.Expect(self._place(c), c[1])

    def _doc(self, start: int) -> str:
        """The comment lines right above the statement at `start`, without their `#`."""
        lines: list[str] = []
        number, column = self.source.position(start)
        if self.source.line(number)[: column - 1].strip():
            return ""  # something stands before it: the lines above are about that
        number -= 1
        while number >= 1 and (text := self.source.line(number).strip()).startswith("#"):
            lines.insert(0, text.lstrip("#").strip())
            number -= 1
        return "\n".join(lines).strip()

    def params(self, c: list[Any]) -> tuple[ast.Param, ...]:
        return tuple(child for child in c if isinstance(child, ast.Param))

    def param(self, c: list[Any]) -> ast.Param:
        param = ast.Param(self._token(c[0]), str(c[0]), None)
        for mark, value in zip(c[1::2], c[2::2], strict=True):
            if mark.type == "EQUAL":
                param.default = value
            elif len(value) == 2 and value[0] == "range":
                param.low, param.high = value[1]
            else:
                param.choices = value[1]
        return param

    def setting(self, c: list[Any]) -> ast.Setting:
        value = c[-1]
        ends = value[1] if isinstance(value, tuple) else (value,)
        named = len(c) > 1
        place = self._place([c[0] if named else ends[0], ends[-1]])
        return ast.Setting(place, str(c[0]) if named else None, ends)

    def settings(self, c: list[Any]) -> tuple[ast.Setting, ...]:
        return tuple(item for item in c if isinstance(item, ast.Setting))

    def question(self, c: list[Any]) -> ast.Expr:
        asked: ast.Expr = c[0]
        return asked

    def range(self, c: list[Any]) -> tuple[str, tuple[ast.Expr, ...]]:
        return "range", (c[0], c[2])

    def choices(self, c: list[Any]) -> tuple[str, tuple[ast.Expr, ...]]:
        return "choices", tuple(c[1:-1:2])

    # ---- chains

    def chain(self, c: list[Any]) -> ast.Chain:
        return self._nested(ast.Chain(self._place(c), tuple(c[::2])), *c[::2])

    def layer(self, c: list[Any]) -> ast.LayerStep:
        arguments = c[1] if len(c) > 1 else None
        return self._nested(ast.LayerStep(self._place(c), str(c[0]), self._token(c[0]), arguments), arguments)

    def tap(self, c: list[Any]) -> ast.TapStep:
        self._token(c[0])
        return ast.TapStep(self._place(c), str(c[0]), c[2])

    def group(self, c: list[Any]) -> ast.Chain:
        return self._nested(ast.Chain(self._place(c), c[1].steps), c[1])

    def path(self, c: list[Any]) -> Conditional:
        return Conditional(c[0], c[3], self._place(c))

    def parallel(self, c: list[Any]) -> ast.Step:
        span = self._place(c)
        if len(c) == 3:
            raise located(
                "syntax",
                "braces hold two or more parallel paths, here is one",
                span,
                "join paths by `|`, `+` or `⊙`; a plain group stands in [ ]",
                fixes=(_grouped(span),),
            )
        paths = [path.chain if isinstance(path, Conditional) else path for path in c[1:-1:2]]
        whole = self._nested(ast.Parallel(span, c[2], tuple(paths)), *paths)
        found = [n for n, path in enumerate(c[1:-1:2]) if isinstance(path, Conditional)]
        return self._conditional(whole, found, c[1:-1:2]) if found else whole

    def _conditional(self, whole: ast.Parallel, found: list[int], paths: list[Any]) -> ast.Guard:
        """Braces of which one path has a condition: where it does not hold, they are without that path."""
        number, *others = found
        if others:
            hint = "put the others into braces of their own, or write `a?(…) else b`"
            raise located("syntax", "one path of braces can have a condition", paths[others[0]].span, hint)
        left = whole.branches[:number] + whole.branches[number + 1 :]
        rest = left[0] if len(left) == 1 else ast.Parallel(whole.span, whole.operator, left)
        condition = paths[number].condition
        return self._nested(ast.Guard(whole.span, whole, condition, rest, number), whole, condition)

    def concat(self, c: list[Any]) -> Mark:
        return Mark("|", c[0])

    def plus(self, c: list[Any]) -> Mark:
        return Mark("+", c[0])

    def times(self, c: list[Any]) -> Mark:
        return Mark("⊙", c[0])

    def repeat(self, c: list[Any]) -> ast.Step:
        body, span = self._plain(c, "*"), self._place(c)
        spec = c[2] if len(c) == 3 else c[3]
        if isinstance(spec, ast.ListRepeat):
            spec.span, spec.body = span, body
            return self._nested(spec, body, *spec.values)
        if isinstance(spec, ast.Binary) and spec.operator == "<" and isinstance(spec.left, ast.Name):
            return self._nested(ast.IndexedRepeat(span, body, spec.left.name, spec.right), body, spec)
        return self._nested(ast.Repeat(span, body, spec), body, spec)

    def each(self, c: list[Any]) -> ast.ListRepeat:
        values = tuple(child for child in c[2:] if isinstance(child, ast.Expr))
        spread = len(values) == 1 and isinstance(c[-1], ast.Expr)
        return ast.ListRepeat(self._place(c), _NOTHING, self._targets(c[0]), values, spread)

    def _targets(self, target: ast.Expr) -> tuple[str, ...]:
        items = target.items if isinstance(target, ast.TupleExpr) else (target,)
        names = tuple(item.name for item in items if isinstance(item, ast.Name))
        if len(names) != len(items):
            raise located("syntax", "a repetition runs over names: `*(c in 64, 128)`", target.span)
        return names

    def indexed(self, c: list[Any]) -> ast.Subscript:
        name = ast.Name(self._token(c[0]), str(c[0]))
        return ast.Subscript(self._place(c), name, c[2])

    def optional(self, c: list[Any]) -> ast.Optional:
        return self._nested(ast.Optional(self._place(c), self._plain(c, "?")), c[0])

    def guard(self, c: list[Any]) -> ast.Guard:
        otherwise = c[6] if len(c) > 5 else None
        return self._nested(
            ast.Guard(self._place(c), self._plain(c, "?"), c[3], otherwise), c[0], c[3], otherwise
        )

    def _plain(self, c: list[Any], sign: str) -> ast.Step:
        """The step that a postfix sign applies to, which must not carry a label or claim yet."""
        step: ast.Step = c[0]
        if isinstance(step, ast.Labelled | ast.Claimed):
            what = "label" if isinstance(step, ast.Labelled) else "claim"
            raise located(
                "bad-label",
                f"`{sign}` stands after a {what}",
                self._token(c[1]),
                f"put it before the {what}, or the labelled step in brackets: [ … ]{sign}",
                fixes=(self._put_before(step, what, c),),
            )
        return step

    def _put_before(self, step: Any, what: str, c: list[Any]) -> Fix:
        """A postfix moved to before the label or claim."""
        last = Span(self.source, step.span.end, self._end(c[-1]))
        while isinstance(step, ast.Labelled | ast.Claimed):
            step = step.body
        end = step.span.end
        text = self.source.text[self._start(c[1]) : last.end]
        return Fix(f"put it before the {what}", (Edit(Span(self.source, end, end), text), Edit(last, "")))

    def label(self, c: list[Any]) -> ast.Labelled:
        before = c[0]
        while isinstance(before, ast.Claimed):
            before = before.body
        if isinstance(before, ast.Labelled):
            raise located("bad-label", f"this step is called `{before.name}` already", self._token(c[2]))
        index = c[4] if len(c) > 3 else None
        return self._nested(
            ast.Labelled(self._place(c), c[0], str(c[2]), index, self._token(c[2])), c[0], index
        )

    def claim(self, c: list[Any]) -> ast.Claimed:
        return self._nested(ast.Claimed(self._place(c), c[0], c[2]), c[0], c[2])

    # ---- arguments

    def arguments(self, c: list[Any]) -> ast.Arguments:
        items = tuple(x for x in c if isinstance(x, ast.Argument))
        return self._nested(ast.Arguments(self._place(c), items), *items)

    def argument(self, c: list[Any]) -> ast.Argument:
        return self._nested(ast.Argument(self._place(c), str(c[0]) if len(c) > 1 else None, c[-1]), c[-1])

    def axes(self, c: list[Any]) -> ast.AxesExpr:
        return self._nested(ast.AxesExpr(self._place(c), tuple(c[::2])), *c[::2])

    slide = axes

    def pair(self, c: list[Any]) -> ast.PairExpr:
        return self._nested(ast.PairExpr(self._place(c), c[0], c[2]), c[0], c[2])

    def shape(self, c: list[Any]) -> ast.ShapeExpr:
        return ast.ShapeExpr(self._place(c), c[0], tuple(c[2::2]))

    def hole(self, c: list[Any]) -> ast.Hole:
        return ast.Hole(self._place(c))

    def open(self, c: list[Any]) -> ast.Open:
        return ast.Open(self._place(c))

    # ---- expressions

    def _binary(self, c: list[Any]) -> ast.Binary:
        return self._nested(ast.Binary(self._place(c), _SYMBOLS.get(c[1], str(c[1])), c[0], c[2]), c[0], c[2])

    disjunction = conjunction = comparison = sum = product = power = _binary

    def conditional(self, c: list[Any]) -> ast.Conditional:
        return self._nested(ast.Conditional(self._place(c), c[0], c[2], c[4]), c[0], c[2], c[4])

    def negation(self, c: list[Any]) -> ast.Unary:
        return self._nested(ast.Unary(self._place(c), "not", c[1]), c[1])

    def minus(self, c: list[Any]) -> ast.Unary:
        return self._nested(ast.Unary(self._place(c), "-", c[1]), c[1])

    def attribute(self, c: list[Any]) -> ast.Attribute:
        return self._nested(ast.Attribute(self._place(c), c[0], str(c[2])), c[0])

    def subscript(self, c: list[Any]) -> ast.Subscript:
        return self._nested(ast.Subscript(self._place(c), c[0], c[2]), c[0], c[2])

    def call(self, c: list[Any]) -> ast.Call:
        return self._nested(ast.Call(self._place(c), str(c[0]), c[1]), c[1])

    def arriving(self, c: list[Any]) -> ast.Arriving:
        return ast.Arriving(self._place(c), str(c[2]))

    def paren(self, c: list[Any]) -> ast.Paren:
        return self._nested(ast.Paren(self._place(c), c[1]), c[1])

    def tuple_(self, c: list[Any]) -> ast.TupleExpr:
        return self._nested(ast.TupleExpr(self._place(c), tuple(c[1:-1:2])), *c[1:-1:2])

    def number(self, c: list[Any]) -> ast.Number:
        span = self._place(c)
        try:
            return ast.Number(span, parse_number(str(c[0])))
        except Problem as problem:
            raise located(problem.code, problem.message, span) from None

    def name(self, c: list[Any]) -> ast.Name:
        return ast.Name(self._token(c[0]), str(c[0]))

    def string(self, c: list[Any]) -> ast.String:
        return ast.String(self._place(c), str(c[0])[1:-1])

    def yes(self, c: list[Any]) -> ast.Flag:
        return ast.Flag(self._place(c), True)

    def no(self, c: list[Any]) -> ast.Flag:
        return ast.Flag(self._place(c), False)


class Conditional(NamedTuple):
    """`a if (condition)`, a path in braces."""

    chain: ast.Chain
    condition: ast.Expr
    span: Span


#: Stands for a repeat's body until the repeat around it is reduced.
_NOTHING = ast.Chain(Span(Source("", ""), 0, 0), ())
