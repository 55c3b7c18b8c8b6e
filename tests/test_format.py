"""One layout for every program: what it looks like, and that it changes nothing but the looks.

`format/untidy/` holds programs as they come, `format/tidy/` the same as they are written
(`pytest --update-goldens` writes them anew), `format/identity.txt` programs of a line that stay as they are.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from format_help import ROOT, comments, formatted, invariants, too_wide, tree, untidy

from cnndsl.api import check, read_source, shipped
from cnndsl.diagnostics.diagnostic import Located

HERE = Path(__file__).parent / "format"
UNTIDY = {path.stem: path for path in sorted((HERE / "untidy").glob("*.cnn"))}
ONE_LINE = (HERE / "identity.txt").read_text(encoding="utf-8").splitlines()

#: Shipped networks that are not in the canonical layout, and why.
NOT_CANONICAL = {"alexnet_slide": "it stands as on the slide, channels last, and is meant to fail"}


def parses(text: str) -> bool:
    try:
        formatted(text)
    except Located:
        return False
    return True


def corpus() -> dict[str, str]:
    """Programs of all sorts: shipped, of the README, and of the tests, errors and all."""
    paths = [*(ROOT / "specs").glob("*.cnn"), *(ROOT / "tests").rglob("*.cnn")]
    found = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(paths)}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found |= {
        f"README {n}": text for n, text in enumerate(re.findall(r"```text\n(.*?)```", readme, re.DOTALL))
    }
    found |= {f"line {n}": text for n, text in enumerate(ONE_LINE)}
    return {name: text for name, text in found.items() if parses(text)}


CORPUS = corpus()


# ---- the looks


@pytest.mark.parametrize("name", UNTIDY)
def test_an_untidy_program_is_tidied(name: str, request: pytest.FixtureRequest) -> None:
    found = invariants(UNTIDY[name].read_text(encoding="utf-8"))
    tidy = HERE / "tidy" / f"{name}.cnn"
    if request.config.getoption("--update-goldens"):
        tidy.write_text(found, encoding="utf-8")
    assert found == tidy.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ONE_LINE)
def test_what_is_canonical_stays(text: str) -> None:
    assert formatted(text) == text + "\n"


@pytest.mark.parametrize("name", shipped())
def test_shipped_networks_are_canonical(name: str) -> None:
    text = read_source(shipped()[name]).text
    assert (formatted(text) == text) == (name not in NOT_CANONICAL)


def test_a_file_of_nothing_is_empty() -> None:
    assert formatted("") == formatted("\n \t\n") == ""


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("224x224x3", "3@224x224"),
        ("3x224x224", "3@224x224"),
        ("3 X 224 × 224", "3@224x224"),
        ("16000x1", "1@16000"),
        ("1x16x112x112", "1@16x112x112"),
        ("224x224", "224x224"),
        ("3x4x4", "3x4x4"),
        ("32x64x48", "32x64x48"),
        ("4@4x3", "4@4x3"),
        ("h x w x 3", "h x w x 3"),
    ],
)
def test_an_input_has_its_channels_first_where_it_says_which_they_are(text: str, shape: str) -> None:
    assert formatted(f"INPUT({text}) → FC(10)") == f"INPUT({shape}) → FC(10)\n"


def test_a_claim_alone_does_not_say_which_its_channels_are() -> None:
    """`4x4x512` may be 512@4x4: four channels would be few, but they are the map."""
    text = "INPUT(3@8x8) → Block : 4x4x512 → FC(10)\n"
    assert formatted(text) == text


# ---- all else stays


@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus_keeps_its_trees_and_comments(name: str) -> None:
    found = invariants(CORPUS[name])
    dice = random.Random(name)
    for _ in range(3):
        invariants(untidy(found, dice))


@pytest.mark.parametrize("name", [name for name in CORPUS if name.startswith("specs/")])
def test_checking_says_the_same_of_the_formatted_file(name: str) -> None:
    text = untidy(CORPUS[name], random.Random(name))  # without the comments that ignore a finding
    before, after = check(text), check(formatted(text))
    assert [network.totals for network in before.networks] == [network.totals for network in after.networks]
    assert [found.code for found in before.diagnostics] == [found.code for found in after.diagnostics]


def test_a_comment_moved_out_of_a_statement_is_no_doc_text() -> None:
    text = "INPUT → FC # one\n ( # two\n 10) block B = ReLU"
    assert formatted(text) == "INPUT → FC(10)                               # one\n# two\n\nblock B = ReLU\n"


def test_doc_text_stays_doc_text() -> None:
    text = "# of the file\n\n# of the net\nnet N # aside\n# of the block\nblock B = ReLU\nINPUT → B → FC(2)\n"
    docs = [statement[-1] for statement in tree(formatted(text)) if statement[0] in ("Net", "Block")]
    assert docs == [("doc", "of the net"), ("doc", "of the block")]


# ---- these tests can fail


def test_trees_differ_where_programs_do() -> None:
    same = ("INPUT(3@8x8) → CONV(8, 3, stride=2)", "input(8x8x3) -> conv(8,3,s = 2) # c")
    assert tree(same[0]) == tree(same[1])
    for other in (
        "INPUT(3@8x8) → CONV(8, 3)",
        "INPUT(3@8x8) → CONV(8, 3, p=2)",
        "INPUT(3@8x8) → [CONV(8, 3, s=2)]",
    ):
        assert tree(other) != tree(same[0])


def test_comments_and_wide_lines_are_seen() -> None:
    assert comments("# a\nINPUT # b\n → FC # c") == ["a", "b", "c"]
    assert too_wide("INPUT → " + "FC → " * 30) != []
    assert too_wide("INPUT → FC # " + "wide, → " * 30) == []


def test_a_thousand_layers_in_a_line_take_no_longer_than_a_moment() -> None:
    text = "INPUT(3@8x8)" + " → CONV(8, 3, p=1) → BN → ReLU" * 1_000
    assert formatted(text).count("\n") == 1_001
