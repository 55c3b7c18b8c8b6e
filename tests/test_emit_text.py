"""The text of generated code: expressions, long lines, comments and docstrings."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
from emit_specs import NAMES, report_of
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.emit import emit, layout
from cnndsl.emit.layout import WIDTH, docstring, laid_out, printable
from cnndsl.emit.modules import assignment, if_lines
from cnndsl.emit.names import Namespace, identifier, snake
from cnndsl.emit.printer import source
from cnndsl.emit.python import compute, product, replaced, simplified, total, whole_division

# ---- expressions


def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2**i",
            "w * 2 ** (depth - 1 - i)",
            "n[i] ** 2",
            "f(x) ** 2",
            "a.b**2",
            "2**-1",
            "2**-x",
            "(-x) ** 2",
        ),
        *(
            "-(x**2)",
            "not (a**b)",
            "2**3**x",
            "(2**3) ** x",
            "(a + b) * c",
            "a - (b - c)",
            "a - b - c",
            "a // b % c",
        ),
        *(
            '"zeros"',
            "'say \"x\"'",
            "1e-6",
            "-1",
            "(1, 2)",
            "(1,)",
            "()",
            "((64, 2), (128, 3))",
            "n[0][1]",
            "True",
        ),
        *(
            "a == b",
            "(a == b) == c",
            "not a",
            "a and b or c",
            "a and (b or c)",
            "not (a or b)",
            "min(a, b + 1)",
        ),
        *(
            "a if b or c else d",
            "(a if b else c) if d else (a, e)",
            "a if b else c if d else e",
            "2 * (a if b else c)",
        ),
        *(
            "sum(n[j] for j in range(i))",
            "sum(n[:2])",
            "sum(n[: i + 1])",
            "math.ceil(a / 2)",
            "round_to(e / 4, 8)",
            "a is True",
        ),
    ],
)
def test_expressions_are_set_as_formatters_do(text: str) -> None:
    assert source(parsed(text)) == text


names = st.sampled_from(["a", "b", "width", "n"]).map(ast.Name)
constants = st.one_of(st.integers(0, 99), st.floats(0, 9), st.booleans(), st.text(max_size=4)).map(
    ast.Constant
)


def grown(inner: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    binary = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow]
    compare = [ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE]
    return st.one_of(
        st.builds(lambda l, o, r: ast.BinOp(l, o(), r), inner, st.sampled_from(binary), inner),  # noqa: E741
        st.builds(lambda l, o, r: ast.Compare(l, [o()], [r]), inner, st.sampled_from(compare), inner),  # noqa: E741
        st.builds(lambda o, e: ast.UnaryOp(o(), e), st.sampled_from([ast.USub, ast.Not]), inner),
        st.builds(
            lambda o, e: ast.BoolOp(o(), e),
            st.sampled_from([ast.And, ast.Or]),
            st.tuples(inner, inner).map(list),
        ),
        st.builds(ast.IfExp, inner, inner, inner),
        st.builds(lambda e: ast.Tuple(e, ast.Load()), st.lists(inner, max_size=3)),
        st.builds(lambda e, i: ast.Subscript(e, i, ast.Load()), st.just(ast.Name("n")), inner),
        st.builds(lambda e: ast.Call(ast.Name("min"), e, []), st.lists(inner, min_size=1, max_size=3)),
    )


expressions = st.recursive(st.one_of(names, constants), grown, max_leaves=12)


@given(expressions)
def test_expressions_keep_their_meaning(expr: ast.expr) -> None:
    assert meaning(parsed(source(expr))) == meaning(parsed(ast.unparse(ast.fix_missing_locations(expr))))


def meaning(expr: ast.expr) -> Any:
    """The tree, with `a and (b and c)` as `a and b and c`, and negative numbers as such."""
    match expr:
        case ast.BoolOp():
            parts = [meaning(value) for value in expr.values]
            return (type(expr.op), *(inner for part in parts for inner in flattened(part, type(expr.op))))
        case ast.Constant():
            return (type(expr.value), repr(expr.value))
    return (
        type(expr),
        *(meaning(c) if isinstance(c, ast.expr) else ast.dump(c) for c in ast.iter_child_nodes(expr)),
    )


def flattened(part: Any, operator: type) -> Any:
    return part[1:] if part[0] is operator else [part]


@given(expressions, st.dictionaries(st.sampled_from(["a", "b", "width"]), st.integers(0, 9), min_size=3))
def test_simpler_is_the_same(expr: ast.expr, values: dict[str, int]) -> None:
    bound = replaced(expr, {name: ast.Constant(value) for name, value in values.items()})
    for same in (simplified(expr), replaced(expr, {}), bound):
        found, wanted = compute(same, values), compute(expr, values)
        if isinstance(wanted, float):
            assert found == pytest.approx(wanted, nan_ok=True)
        elif wanted is not None:
            assert found == wanted


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("c * (1 + 1)", "c * 2"),
        ("2 * (8 * (i + 1))", "16 * (i + 1)"),
        ("c - 0", "c"),
        ("0 + c", "c"),
        ("round_to(4 * 2, 8)", "8"),
        ("2 ** 40 * c", "1099511627776 * c"),
        ("1 / 0", "1 / 0"),
        ("n[0] + 0.5", "n[0] + 0.5"),
    ],
)
def test_arithmetic_of_numbers_is_done(text: str, simple: str) -> None:
    assert source(simplified(parsed(text))) == simple


def test_products_and_sums() -> None:
    size = parsed("(size - 12) // 4")
    assert source(product([ast.Constant(16), size, size])) == "16 * ((size - 12) // 4) ** 2"
    assert source(product([ast.Constant(256), ast.Constant(6), ast.Constant(6)])) == "256 * 6 * 6"
    assert source(product([ast.Constant(1), parsed("c")])) == "c"
    assert source(total([parsed("c"), parsed("k"), parsed("c")])) == "2 * c + k"
    assert source(total([ast.Constant(64), ast.Constant(32)])) == "96"
    assert source(whole_division(parsed("a / b + min(c / 2, 1)"))) == "a // b + min(c // 2, 1)"


# ---- statements


@pytest.mark.parametrize(
    ("target", "value", "line"),
    [
        ("channels", "64", "channels = 64"),
        ("channels", "channels + growth", "channels += growth"),
        ("channels", "channels // 2", "channels //= 2"),
        ("channels", "channels - (channels - 1)", "channels -= channels - 1"),
        ("channels", "channels2 + 1", "channels = channels2 + 1"),
        ("channels", "2 * channels", "channels = 2 * channels"),
    ],
)
def test_assignments(target: str, value: str, line: str) -> None:
    assert assignment(target, value) == line


def test_conditions() -> None:
    assert if_lines("a", ["x"], ["y"]) == ["if a:", "    x", "else:", "    y"]
    assert if_lines("a == b", [], ["y"]) == ["if not a == b:", "    y"]
    assert if_lines("a", ["x"], ["if b:", "    y"]) == ["if a:", "    x", "elif b:", "    y"]
    assert if_lines("a", ["x"], ["if b:", "    y", "z"]) == [
        "if a:",
        "    x",
        "else:",
        "    if b:",
        "        y",
        "    z",
    ]
    assert if_lines("a", [], []) == []


# ---- long lines


@pytest.mark.parametrize("width", [20, 40, 60])
@pytest.mark.parametrize("name", NAMES)
def test_broken_lines_keep_their_meaning(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ast.unparse(without_docs(ast.parse(emit(report_of(name)))))  # each statement on one line
    monkeypatch.setattr(layout, "WIDTH", width)
    lines = laid_out(text.splitlines())
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(text))
    assert len(lines) > len(text.splitlines())


def without_docs(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    return tree


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_short(name: str) -> None:
    lines = emit(report_of(name)).splitlines()
    docs = {line for node in ast.walk(ast.parse("\n".join(lines))) for line in doc_lines(node)}
    assert [line for line in lines if len(line) > WIDTH and not any(doc in line for doc in docs)] == []


def doc_lines(node: ast.AST) -> list[str]:
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
        return []
    return (ast.get_docstring(node) or "").splitlines()


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("f(aaa, bbb)(aaaaaaa, bbbbb)", ["f(aaa, bbb)(", "    aaaaaaa, bbbbb", ")"]),
        ("f(aaaaaaaaaaaaa, bbbbbbbbbbbbb)", ["f(", "    aaaaaaaaaaaaa,", "    bbbbbbbbbbbbb,", ")"]),
        ("x = [aaaaaaaaaa, bbbbbbbbb]", ["x = [", "    aaaaaaaaaa,", "    bbbbbbbbb,", "]"]),
        ("long_name = aaaaaaa + bbbbbb", ["long_name = (", "    aaaaaaa + bbbbbb", ")"]),
        ("x = aaaaaaaaaaaaa + bbbbbbbbbbbb", ["x = (", "    aaaaaaaaaaaaa", "    + bbbbbbbbbbbb", ")"]),
        ("*[f(aaaaaaaa) for _ in range(2)],", ["*[", "    f(aaaaaaaa)", "    for _ in range(2)", "],"]),
        (
            "f((aaaaaaaaaaaa + bbbbbbbbbbbb), c)",
            ["f(", "    (", "        aaaaaaaaaaaa", "        + bbbbbbbbbbbb", "    ),", "    c,", ")"],
        ),
        ("f(aaaa)  # 64@112x112 … 512@7x7", ["f(aaaa)  # … 512@7x7"]),
        ("f(aaaaaaaaaa)  # 64@112x112", ["# 64@112x112", "f(aaaaaaaaaa)"]),
        ('f("a, (b # c)", ddddddddddddd)', ["f(", '    "a, (b # c)",', "    ddddddddddddd,", ")"]),
        ("def f(self, aaaaaaaa: int) -> T[x]:", ["def f(", "    self, aaaaaaaa: int", ") -> T[x]:"]),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]),
    ],
)
def test_where_lines_are_broken(line: str, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "WIDTH", 25)
    assert laid_out([line]) == lines


# ---- comments, docstrings, names


@pytest.mark.parametrize("name", ["efficientnet", "regnet", "resnet"])
def test_many_variants_are_listed_within_the_width(name: str) -> None:
    report = report_of(name)
    doc = ast.get_docstring(ast.parse(emit(report))) or ""
    assert all(len(line) <= WIDTH for line in doc.splitlines())
    assert re.findall(r"\w+", doc)[-len(report.networks) :] == [network.name for network in report.networks]


@given(st.text())
def test_a_comment_is_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    assert ast.parse(f"# {printable(text)}").body == []


@given(st.one_of(st.text(), st.text("\"\\'N{}\n\r\t\x00\u2028\u202e#"), st.text('"\\\n a')))
def test_a_docstring_is_a_docstring(text: str) -> None:
    lines = docstring(text)
    assert all(line.isprintable() for line in lines)
    (node,) = ast.parse("\n".join(lines)).body
    assert isinstance(node, ast.Expr)
    first, *others = [printable(line).rstrip() for line in text.strip().splitlines()] or [""]
    found, *wrapped = ast.literal_eval(node.value).split("\n")
    assert found == first
    assert " ".join(wrapped).split() == " ".join(others).split()


@given(st.lists(st.text(min_size=1)))
def test_names_are_identifiers_and_differ(wanted: list[str]) -> None:
    space = Namespace({"self"})
    found = [space.fresh(name) for name in wanted]
    assert all(name.isidentifier() and name == identifier(name) for name in found)
    assert len({*found}) == len(found)
    compile("\n".join(f"{name} = 1" for name in found), "<names>", "exec")


def test_names_of_classes_and_variables_differ() -> None:
    outer = Namespace()
    inner = Namespace(outer=outer)
    assert [outer.fresh("a"), inner.fresh("a"), inner.fresh("b"), outer.fresh("b")] == ["a", "a2", "b", "b2"]
    assert outer.fresh_here("b") == "b"


@pytest.mark.parametrize(
    ("name", "snakes"),
    [
        ("BasicBlock", "basic_block"),
        ("SE", "se"),
        ("HTTPBlock2", "http_block2"),
        ("i3a", "i3a"),
        ("Act", "act"),
    ],
)
def test_snake(name: str, snakes: str) -> None:
    assert snake(name) == snakes
