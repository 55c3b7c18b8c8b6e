"""How a generated file is to be written, as its reader asks for it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from cnndsl.diagnostics import located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.names import Namespace, identifier
from cnndsl.source import Source, Span

Style = Literal["modules", "flat"]


class Options(NamedTuple):
    """`class_name` is the network's class, None for the net's own name; `comments` are those behind `#`,
    `init` replaces what the file says of how weights start.

    The style `modules` has classes for blocks and loops for repeats, `flat` every layer written out.
    """

    class_name: str | None = None
    style: Style = "modules"
    comments: bool = True
    init: str = ""


PLAIN = Options()


def need_one_class(wanted: str | None, classes: int) -> None:
    """Raise where a class name is asked for in a file that has several networks' classes."""
    if wanted is not None and classes > 1:
        message = f"--class-name names one class, and this file has {classes}, one for each variant"
        raise _refused("name-clash", wanted, message, "name the variant to build as well: --variant NAME")


def class_name(wanted: str, names: Namespace, others: Mapping[str, str]) -> str:
    """Take `wanted` from the names of a file; raises Located where it is none, or not to be had.

    `others` are names that come later, or have been taken, each with what it stands for.
    """
    if not wanted.isidentifier() or keyword.iskeyword(wanted):
        what = "a word of Python" if keyword.iskeyword(wanted) else "no name that a Python class can have"
        raise _refused(
            "argument-value", wanted, f"`{wanted}` is {what}", f"for example --class-name {_near(wanted)}"
        )
    if wanted in others:
        raise _refused("name-clash", wanted, f"`{wanted}` is {others[wanted]}", "choose another name")
    if names.fresh(wanted) != wanted:
        message = f"`{wanted}` stands for something else in Python or in the generated file"
        raise _refused("name-clash", wanted, message, "choose another name")
    return wanted


def _near(wanted: str) -> str:
    """A class name that resembles what was wanted: `MyNet` for `my-net`."""
    words = [word[:1].upper() + word[1:] for word in re.split(r"\W+", wanted) if word]
    near = identifier("".join(words)) if words else "Net"
    return near[:1].upper() + near[1:]


def _refused(code: str, wanted: str, message: str, hint: str) -> Located:
    return located(code, message, Span(Source("--class-name", wanted), 0, len(wanted)), hint)
