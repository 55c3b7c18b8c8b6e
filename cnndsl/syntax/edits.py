"""A step taken out of the text of its chain."""

from __future__ import annotations

import re

from cnndsl.diagnostics import Edit
from cnndsl.source import Span
from cnndsl.syntax import ast

_COMMENT = re.compile(r"#[^\n]*")
_ARROW = re.compile(r"\s*(→|->|⟶)")


def removed(chain: ast.Chain, number: int) -> Edit | None:
    """Take a step and the arrow before it out of a chain; comments stay."""
    before, step = chain.steps[number - 1].span, chain.steps[number].span
    between = _COMMENT.sub(lambda found: "#" * len(found[0]), before.source.text[before.end : step.start])
    arrow = _ARROW.search(between)
    if number == 0 or arrow is None or "#" in between[arrow.end() :]:
        return None
    start = arrow.start(1) if "#" in between else arrow.start()  # what follows must not join the comment
    return Edit(Span(step.source, before.end + start, step.end), "")
