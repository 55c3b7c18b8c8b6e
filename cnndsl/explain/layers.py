"""A layer kind explained: how it is written, its arguments, and an example worked."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import NamedTuple

from cnndsl.elaborate import elaborate
from cnndsl.elaborate.program import Collector
from cnndsl.explain.arguments import meaning
from cnndsl.explain.explanation import Explanation
from cnndsl.explain.find import survey
from cnndsl.explain.letters import letter
from cnndsl.explain.step import described_kind, explain
from cnndsl.layers import KINDS, REQUIRED, Hyper, Layer, called_here, find_kind, usage, written
from cnndsl.source import Source
from cnndsl.syntax.parse import parse

#: What arrives in the examples; an image of 64 channels in the others.
_ARRIVING = {
    "CONV": "3@227x227",
    "TCONV": "128@28x28",
    "POOL": "96@55x55",
    "GAP": "512@7x7",
    "APOOL": "256@13x13",
    "FC": "256@6x6",
    "RESHAPE": "4096",
    "FLATTEN": "256@6x6",
    "LRN": "96@27x27",
    "DROPOUT": "4096",
    "PERMUTE": "3@32x48",
}
_OTHERS = "64@32x32"
_EXAMPLE = re.compile(r"`([^`]+)`")


class Argument(NamedTuple):
    """`kernel`, which may be written `k`, is h×w in formulas."""

    name: str
    short: str
    letters: str
    default: str
    meaning: str


class KindPage(NamedTuple):
    """What there is to say of a layer kind. `example` is the network whose last layer is `worked`."""

    name: str
    said: str
    usage: str
    doc: list[str]
    arguments: list[Argument]
    example: str
    worked: Explanation


def kind_page(kind: type[Layer], word: str = "") -> KindPage:
    """The page of a kind; `word` is what was asked for, which may be another name of it.

    >>> kind_page(KINDS["CONV"]).usage
    'CONV(filters, kernel, s=1, p=0, d=1, g=1, bias=yes, pad_mode=zeros, from=…)'
    """
    example = sample(kind)
    network = elaborate(Collector(parse, lambda name, source: None).network(Source("example", example)))
    last = survey(network).rows[-1]
    assert last.layer is not None
    arguments = [_argument(kind, spec) for spec in kind.hypers().values()]
    doc = [text.removeprefix("For example, ") for text in described_kind(last.layer)]
    return KindPage(
        kind.kind, _said(kind, word), usage(kind), doc, arguments, example, explain(network, last.path)
    )


def kind_of(word: str) -> type[Layer] | None:
    """The kind that a word means: `conv`, `LeakyReLU`, or `MaxPool2d`, as it is called elsewhere."""
    here = called_here(word)
    return find_kind(word) or (find_kind(here.partition("(")[0]) if here else None)


def sample(kind: type[Layer]) -> str:
    """A network of an input and the kind's own example: `INPUT(256@6x6) → FC(4096)`."""
    found = _EXAMPLE.search(cleandoc(kind.__doc__ or ""))
    assert found is not None, f"the docstring of {kind.kind} starts with an example"
    if kind is KINDS["INPUT"]:
        return found[1]
    return f"INPUT({_ARRIVING.get(kind.kind, _OTHERS)}) → {found[1]}"


def _said(kind: type[Layer], word: str) -> str:
    """Other names of a kind, and what it is called elsewhere where that was asked for."""
    own = (kind.kind.upper(), *kind.aliases)
    if word and word.upper() not in own:
        return f"{word} is written {called_here(word)} here"
    return f"also written {', '.join(kind.aliases)}" if kind.aliases else ""


def _argument(kind: type[Layer], spec: Hyper) -> Argument:
    letters = letter(spec.name, 2) if kind.kind != "LRN" else "k" * (spec.name == "size")
    return Argument(spec.name, spec.letter, letters, _default(kind, spec), meaning(kind, spec))


def _default(kind: type[Layer], spec: Hyper) -> str:
    if spec.default is REQUIRED:
        return "needed"
    if spec.default is None:
        return "the window" if spec.name == "stride" else "not checked"
    return written(spec.default)
