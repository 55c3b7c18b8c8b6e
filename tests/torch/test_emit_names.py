"""Nothing from a file becomes code by accident: odd names, comments, strings and file names."""

from __future__ import annotations

import ast
import builtins
import keyword
import random
import re
from string import Formatter

import pytest
from emit_help import agreeing
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from torch import nn

from cnndsl.api import check
from cnndsl.emit.names import MODULE_ATTRIBUTES
from cnndsl.emit.script import VARIABLES
from cnndsl.emit.torch_helpers import OWN_NAMES
from cnndsl.layers import find_kind
from cnndsl.source import Source

#: A program with a name of every sort: each `{…}` is one.
PROGRAM = """
# doc of {net}
net {net}({width} = 4, {count} = 2)
variant {first} = (4)
variant {second} = (8, 3)
# doc of {block}
block {block}({filters}, {kernel} = 1) =
  CONV({filters}, {kernel}, p={kernel} // 2) as {label} → ReLU → {{ ID | {label} }}
  → [CONV({filters} + {inner}, 1)]*({inner} < {kernel})
let {side} = INPUT(2@8x8) → CONV(3, 1)
INPUT(3@8x8) → CONV({width}, 3, p=1) as {stem}
→ [{block}({width}*{index} + 1, 3) as {indexed}[{index}] → BN]*({index} < {count})
→ {{ {indexed}[{count} - 1] | {stem} | {side} }}
→ [CONV({item}, 1)]*({item} in 3, sum({term} + 1, {term} < {count})) → FC(10)
output {out} = {stem} → [ReLU → {{ ID + {stem} }}]*{count} → GAP → FC({width})
"""
PLACES = sorted({name for _, name, _, _ in Formatter().parse(PROGRAM) if name})


def words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


#: Names that mean something to Python, PyTorch or the generated code, and some beyond ASCII.
ODD = sorted(
    {
        *keyword.kwlist,
        *keyword.softkwlist,
        *dir(builtins),
        *MODULE_ATTRIBUTES,
        *dir(nn.Sequential),
        *OWN_NAMES,
        *VARIABLES,
        *words("annotations layers layer channels in_channels in_features out_channels features classifier"),
        *words(
            "stage1 body gate choice skip branch1 conv conv1 relu1 bn1 e1 weight node values env if_ list_"
        ),
        *words("Residual Concat Gated Part ModuleList Conv2d l O I xx fi größe Größe ñ 变量 変数 n_"),
        # Python reads these as other names, or as none.
        *words(
            "\ufb01 \u212a \u2177 \u017felf \u00aa \uff38\uff38 \U0001d4cd \u00b2 \u00bd x\u00b2 \U0001ed03a"
        ),
    }
)


def usable(names: list[str]) -> bool:
    """Whether the language takes these names together."""
    reserved = {
        "in",
        "net",
        "block",
        "variant",
        "default",
        "init",
        "let",
        "output",
        "use",
        "expect",
        "as",
        "else",
    }
    words = {"or", "and", "not", "if", "yes", "no", "x"}
    taken = any(find_kind(name) or name.lower() == "in" or name in reserved | words for name in names)
    return not taken and not any(name.startswith("_") for name in names) and len({*names}) == len(names)


def squares(count: int) -> list[dict[str, str]]:
    """Each odd name in several places, among ever new neighbours."""
    chance, found = random.Random(5), list[dict[str, str]]()
    odd = [name for name in ODD if usable([name])]
    while len(found) < count:
        names = chance.sample(odd, len(PLACES))
        found.append(dict(zip(PLACES, names, strict=True)))
    return found


def accepted(text: str) -> bool:
    return check(Source("net.cnn", text)).ok


@pytest.mark.parametrize("names", squares(60), ids=lambda names: names["net"])
def test_odd_names(names: dict[str, str]) -> None:
    text = PROGRAM.format(**names)
    if not accepted(text):
        pytest.fail(f"the checker refuses {names}")
    assert shape(agreeing(text).text) == shape(agreeing(PROGRAM.format(**PLAIN)).text)


PLAIN = {name: f"{name}_q" for name in PLACES}


def shape(text: str) -> str:
    """The tree of a file with all names and strings left out."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        for field in ("id", "arg", "attr", "name"):
            if isinstance(getattr(node, field, None), str):
                setattr(node, field, "_")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


identifiers = st.from_regex(r"[^\W\d_]\w{0,8}", fullmatch=True)


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(identifiers, min_size=len(PLACES), max_size=len(PLACES), unique=True).filter(usable))
def test_any_names(names: list[str]) -> None:
    text = PROGRAM.format(**dict(zip(PLACES, names, strict=True)))
    if accepted(text):
        assert shape(agreeing(text).text) == shape(agreeing(PROGRAM.format(**PLAIN)).text)


def test_attributes_of_modules_are_known() -> None:
    public = {name for name in dir(nn.Module) if not name.startswith("_")} | {"training"}
    assert public == MODULE_ATTRIBUTES


# ---- comments, strings, file names

HARM = [
    '"""',
    "'''",
    '"""\nimport os; os.abort()\n"""',
    'ends with "',
    "ends with \\",
    'both \\"',
    "\\N{BULLET} \\x41 \\u0041 {braces} %s",
    "tab\tbell\x07 escape\x1b[31m null\x00",
    "right-to-left \u202e override",
    "next line \x85 separator \u2028 paragraph \u2029",
    "#",
    " indented",
    "é ü 変 🙂",
]


@pytest.mark.parametrize("harm", HARM)
def test_comments(harm: str) -> None:
    comment = "\n".join(f"# {line}" for line in harm.split("\n"))
    emitted = agreeing(f"{comment}\nnet N\n{comment}\nblock B = CONV(2, 1)\nINPUT(3@8x8) → B → FC(2)")
    plain = agreeing("# d\nnet N\n# d\nblock B = CONV(2, 1)\nINPUT(3@8x8) → B → FC(2)")
    assert shape(emitted.text) == shape(plain.text)
    assert all(line.isprintable() for line in emitted.text.split("\n"))


@pytest.mark.parametrize("harm", HARM)
def test_file_names(harm: str) -> None:
    emitted = agreeing(Source(f"{harm}.cnn", "INPUT(3@8x8) → FC(2)"))
    plain = agreeing(Source("net.cnn", "INPUT(3@8x8) → FC(2)"))
    assert shape(emitted.text) == shape(plain.text)
    assert all(line.isprintable() for line in emitted.text.split("\n"))


@pytest.mark.parametrize(
    "harm", ["it's", "\\", "'", "\\'", "{x}", "\\n", "'; import os #", "é", "\u202e", "\x07"]
)
def test_strings(harm: str) -> None:
    text = f"""
    net N(mode = "zeros")
    variant A = ("{harm}")
    variant B = ("zeros")
    INPUT(3@8x8) → [CONV(2, 1)]?(mode == "{harm}") else [CONV(4, 1)] → FC(2)
    """
    emitted = agreeing(text)
    assert shape(emitted.text) == shape(agreeing(text.replace(harm, "plain")).text)
    assert all(line.isprintable() for line in emitted.text.split("\n"))
