"""Trees as text: the plain spelling to the letter, and what the varied ones keep."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.strategies import networks
from oracle.text import Writer, to_text
from oracle.tree import (
    Axes,
    Below,
    Binary,
    BlockDef,
    Claim,
    Count,
    Default,
    Expr,
    Flag,
    FreeCount,
    Func,
    Guard,
    In,
    Index,
    Items,
    Label,
    Layer,
    Let,
    Maybe,
    Name,
    Net,
    Not,
    Num,
    Over,
    Pair,
    Param,
    Repeat,
    ShapeLit,
    Step,
    Tap,
)  # fmt: skip
from oracle.trees import chain, join, net, shape, step, times, use
from oracle.values import evaluate

CONV = step("CONV", filters=8, kernel=3)
RELU, ID = step("ReLU"), step("ID")
TWO, IDX = Num(2), Name("i")

STEPS: dict[str, Step] = {
    "ReLU": RELU,
    "CONV": Layer("CONV", bare=True),
    "CONV(8, 3)": CONV,
    "CONV(8, 11x3, s=2, p=0:1x1:2, bias=no)": step(
        "CONV", filters=8, kernel=Axes((Num(11), Num(3))), stride=2,
        pad=Axes((Pair(Num(0), Num(1)), Pair(Num(1), TWO))), bias=False,
    ),
    "CONV(2 * w, 1x(k + 1), p=same)": step(
        "CONV", filters=times(2, "$w"), kernel=Axes((Num(1), times("$k", 1, "+"))), pad="same"
    ),
    "POOL(2)": step("POOL", window=2),
    "POOL(max, 3, s=2)": step("POOL", op="max", window=3, stride=2),
    'PERMUTE("HWC")': step("PERMUTE", order="HWC"),
    "RESHAPE(_@4x4)": step("RESHAPE", shape=shape("_@4x4")),
    "UPSAMPLE(2, linear, align=yes)": step("UPSAMPLE", scale=2, mode="linear", align=True),
    "Unit(8, in.C // 2)": use("Unit", w=8, s=Binary("//", In("C"), TWO)),
    "[ReLU → ID]": chain(RELU, ID),
    "{ ReLU → ID | ID }": join("|", chain(RELU, ID), ID),
    "{ ID ⊙ e[2 - i] }": join("⊙", ID, Tap("e", Binary("-", TWO, IDX))),
    "ReLU*3": Repeat(RELU, Count(Num(3))),
    "[ReLU → ID]*(n[i] - 1)": Repeat(chain(RELU, ID), Count(Binary("-", Index(Name("n"), IDX), Num(1)))),
    "ReLU*(i < 4)": Repeat(RELU, Below("i", Num(4))),
    "ReLU*(c in 8, 16)": Repeat(RELU, Over(("c",), (Num(8), Num(16)))),
    "ReLU*((c, n) in (8, 1), (9, 2))": Repeat(
        RELU, Over(("c", "n"), (Items((Num(8), Num(1))), Items((Num(9), TWO))))
    ),
    "ReLU*(c in rows)": Repeat(RELU, Over(("c",), (Name("rows"),))),
    "ReLU*N": Repeat(RELU, FreeCount("N")),
    "[ReLU?]*2": Repeat(Maybe(RELU), Count(TWO)),
    "ReLU?(in.C > 4)": Guard(RELU, Binary(">", In("C"), Num(4))),
    "[ReLU?(a) else [ID*2]]*2": Repeat(Guard(RELU, Name("a"), Repeat(ID, Count(TWO))), Count(TWO)),
    "ReLU as e1": Label(RELU, "e1"),
    "ReLU*2 as e[i] : 8@_x2": Claim(Label(Repeat(RELU, Count(TWO)), "e", IDX), shape("8@_x2")),
    "[ReLU as e1]*2": Repeat(Label(RELU, "e1"), Count(TWO)),
    "[ReLU as e1] as e2": Label(Label(RELU, "e1"), "e2"),
    "[ReLU?(a) else ID] as e1": Label(Guard(RELU, Name("a"), ID), "e1"),
    "{ ReLU : 8@4 + ID }": join("+", Claim(RELU, shape("8@4")), ID),
}  # fmt: skip


@pytest.mark.parametrize("text", STEPS)
def test_steps(text: str) -> None:
    unit = BlockDef("Unit", (Param("w"), Param("s")), chain(ID))
    assert Writer(Net(chain(ID), blocks=(unit,))).step(STEPS[text]) == text


def test_a_file() -> None:
    params = (
        Param("w", Num(8), ("range", 0, 9)), Param("k", Num(3), ("set", 3, 5)),
        Param("t", Items((Num(1), TWO))), Param("Act", Name("SILU")),
    )  # fmt: skip
    unit = BlockDef("Unit", (Param("c"), Param("s", In("C"))), chain(RELU))
    main = chain(step("INPUT", shape=shape("3@8x8")), Label(use("Unit", c=Num(1)), "e1"), use("Act"))
    lets = (
        Let("let", "b", chain(step("INPUT", shape=shape("120")))),
        Let("output", "aux", chain(Tap("e1"), RELU)),
    )
    default = Default("CONV", (("bias", Flag(value=False)), ("stride", TWO)))
    assert to_text(Net(main, params, (default,), (unit,), lets)) == (
        "net Sample(w = 8 in 0..9, k = 3 in {3, 5}, t = (1, 2), Act = SILU)\n"
        "default CONV(bias=no, s=2)\n"
        "block Unit(c, s = in.C) = ReLU\n"
        "let b = INPUT(120)\n"
        "INPUT(3@8x8) → Unit(1) as e1 → Act()\n"
        "output aux = e1 → ReLU\n"
    )


def test_names_never_run_into_an_x() -> None:
    """`3xk` can be told apart from a name, `kx3` cannot."""
    writer = Writer(net("3@8x8"))
    assert writer.expr(Axes((Num(3), Name("k")))) == "3xk"
    assert writer.expr(Axes((Name("k"), Num(3)))) == "k x 3"
    assert writer.expr(ShapeLit(Num(3), (Name("h"), Name("w")))) == "3@h x w"


# --------------------------------------------------------------------------------------------- expressions

_NUMBERS = st.integers(0, 9).map(Num) | st.sampled_from([Name("a"), Name("b")])


def _composite(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    ops = st.sampled_from(["+", "-", "*", "//", "%", "^", "<", "<=", "==", "!=", "and", "or"])
    return (
        st.builds(Binary, ops, inner, inner)
        | st.builds(Not, inner)
        | st.builds(lambda x, y: Func("max", (x, y)), inner, inner)
    )


@given(st.recursive(_NUMBERS, _composite, max_leaves=12))
@settings(derandomize=True, database=None)
def test_parentheses_keep_the_meaning(tree: Expr) -> None:
    """Python's own precedence is the same, but for chained comparisons, which are never written."""
    env = {"a": 3, "b": 2}

    def outcome(run: Any) -> Any:
        try:
            value = run()
        except (ZeroDivisionError, OverflowError, MemoryError, ValueError):
            return "error"
        return value if not isinstance(value, complex) else "complex"

    text = Writer(net("3@8x8")).expr(tree)
    if re.search(r"\d{3,}", text) or text.count("^") > 1:
        return
    python = text.replace("^", "**")
    by_python = outcome(lambda: eval(python, {"max": max}, env))  # noqa: S307  (the text is our own)
    assert by_python == outcome(lambda: evaluate(tree, env, None))


# ------------------------------------------------------------------------------------------------ spellings


def _without_comments(text: str) -> str:
    return re.sub(r'#.*|"[A-Z]+"', "", text)


@given(networks())
@settings(derandomize=True, database=None, max_examples=200, deadline=None)
def test_every_spelling_is_balanced_and_repeatable(made: Net) -> None:
    text = made.text()
    assert text == made.text()
    bare = _without_comments(text)
    assert [bare.count(c) for c in "([{"] == [bare.count(c) for c in ")]}"]
    assert text.endswith("\n")
    assert "None" not in bare


@given(networks())
@settings(derandomize=True, database=None, max_examples=100, deadline=None)
def test_the_plain_spelling_is_plain(made: Net) -> None:
    text = replace(made, style=0).text()
    assert "#" not in text
    assert "->" not in text
    assert ",)" not in re.sub(r"\(\d+,\)", "", text)


def test_styles_differ() -> None:
    lenet = net("1@28x28", CONV, RELU, step("POOL", op="max", window=2), step("FC", outputs=10))
    texts = {replace(lenet, style=style).text() for style in range(100)}
    assert len(texts) > 60
    joined = "".join(texts)
    assert all(
        sign in joined for sign in ("->", "⟶", "→", "conv", "Relu", "filters", "kernel", "28x28x1", "#", "×")
    )
