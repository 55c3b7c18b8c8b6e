"""The page of each code, as it stands in `docs/codes`: what it means, examples, the lesson behind it."""

from __future__ import annotations

import os.path
import re

from cnndsl.diagnostics import CATALOGUE, did_you_mean
from cnndsl.resources import folder

#: A code as a diagnostic prints it: `error[kernel-too-large]`.
_PRINTED = re.compile(r"(?:error|warning|note)\[([a-z-]+)\]:?")


def code_of(text: str) -> str | None:
    """The code that a word means: `kernel-too-large`, `error[kernel-too-large]`; None if it is none."""
    printed = _PRINTED.fullmatch(text.strip().lower())
    code = printed[1] if printed else text.strip().lower()
    return code if code in CATALOGUE else None


def is_printed(text: str) -> bool:
    """Whether a word can only be meant as a code."""
    return bool(_PRINTED.fullmatch(text.strip().lower()))


def alike(text: str) -> list[str]:
    """The codes that a typo can have meant."""
    printed = _PRINTED.fullmatch(text.strip().lower())
    return did_you_mean(printed[1] if printed else text, CATALOGUE)


def page(code: str) -> str:
    """The page of a code, as Markdown."""
    with open(os.path.join(folder("pages"), f"{code}.md"), encoding="utf-8") as file:
        return file.read()


def index() -> str:
    """All codes with their severity and summary, as Markdown: `docs/codes/README.md`."""
    lines = [
        "# The codes",
        "",
        "Each thing that `cnndsl` has to say of a network has a code. `cnndsl explain CODE` shows its page;",
        "what is called pedantic is said under `--pedantic` alone.",
        "",
        "| code | severity | what it means |",
        "| --- | --- | --- |",
    ]
    for code, entry in CATALOGUE.items():
        severity = f"{entry.severity}, pedantic" if entry.pedantic else entry.severity
        lines.append(f"| [{code}]({code}.md) | {severity} | {entry.summary} |")
    return "\n".join(lines) + "\n"
