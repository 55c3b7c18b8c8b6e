"""Every code that a diagnostic can carry."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Code(NamedTuple):
    """A kind of finding: its severity and what it means, in a sentence."""

    severity: Literal["error", "warning", "note"]
    summary: str


CATALOGUE: dict[str, Code] = {
    # reading the file
    "unreadable": Code("error", "The file cannot be read."),
    "syntax": Code("error", "The text does not follow the grammar."),
    "missing-arrow": Code("error", "Two steps stand side by side without an arrow between them."),
    "unclosed-bracket": Code("error", "A bracket is opened and not closed, or closed and not opened."),
    "nesting": Code("error", "Brackets, expressions or blocks are nested too deep."),
    "no-network": Code("error", "The file holds no network, or more than one."),
    # names and arguments
    "undefined": Code("error", "A name is used that nothing defines."),
    "unknown-layer": Code("error", "A step is neither a layer kind, a block nor a label."),
    "name-clash": Code("error", "One name stands for two things, or for something reserved."),
    "unknown-argument": Code("error", "A layer or block has no such argument."),
    "repeated-argument": Code("error", "An argument is given twice."),
    "missing-argument": Code("error", "An argument that has no default is not given."),
    "too-many-arguments": Code("error", "More arguments stand by position than the layer or block has."),
    "argument-type": Code("error", "An argument is of the wrong type."),
    "argument-value": Code("error", "An argument is of the right type but outside its limits."),
    "expression": Code("error", "An expression cannot be computed."),
    "number-limit": Code("error", "A number or a size exceeds what can be computed with."),
    "recursion": Code("error", "A block, file or chain uses itself."),
    "repeat-count": Code("error", "A repetition count is not a whole number of 0 or more."),
    "ambiguous-shape": Code("error", "A shape can be read in more than one way."),
    "hole": Code("error", "A hole `?` or a named extent stands where a number is needed."),
    "bad-label": Code("error", "A label, claim or tap cannot stand where it stands."),
    # shapes
    "rank": Code("error", "A layer does not work on a shape of this rank."),
    "kernel-too-large": Code("error", "The window is larger than the padded input."),
    "empty-output": Code("error", "A layer's output would have no values."),
    "pool-padding": Code("error", "A pool's padding exceeds half its window."),
    "groups": Code("error", "The channels are not divisible by the groups."),
    "branch-mismatch": Code("error", "Parallel paths whose outputs cannot be joined."),
    "claim": Code("error", "A claim about a shape does not hold."),
    "input-claim": Code("error", "A claim about what arrives (`from=`) does not hold."),
    "expect": Code("error", "An expectation does not hold."),
    "remainder": Code("error", "Under --strict, a division leaves a remainder."),
    "shape": Code("error", "A layer cannot be applied to the shape that arrives."),
    # what the emitter says
    "unbound": Code("error", "`build` needs every free count and optional part bound."),
    "not-expressible": Code("error", "The target cannot express this layer."),
    # things worth knowing
    "unused": Code("warning", "A definition that nothing uses."),
}
