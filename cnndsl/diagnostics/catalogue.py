"""Every code that a diagnostic can carry."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Code(NamedTuple):
    """A kind of finding: its severity and what it means, in a sentence.

    A `pedantic` one is looked for where that is asked for (`--pedantic`).
    """

    severity: Literal["error", "warning", "note"]
    summary: str
    pedantic: bool = False


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
    "hole": Code("error", "A hole `?` that no value fits, or that stands where none can be found."),
    "solved": Code("note", "A hole `?` and the values that fit."),
    "symbolic-size": Code("error", "A number is needed where the size depends on the input."),
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
    # what `match` says
    "pattern": Code("note", "The network does not follow the pattern that it is compared with."),
    # things worth knowing
    "unused": Code("warning", "A definition that nothing uses."),
    "unknown-code": Code("warning", "A comment or a setting ignores a code that cannot be ignored."),
    "shape-order": Code("warning", "A shape's channels stand last, as in H×W×C, behind an `@` for C@H×W."),
    # what PyTorch lets pass silently
    "unread-pixels": Code("warning", "The stride of a convolution leaves pixels of the map unread."),
    "pool-remainder": Code("warning", "A pool rounds down and leaves pixels of the map out."),
    "bn-single-value": Code("warning", "A BN has one value per channel to normalise."),
    "linear-pair": Code("warning", "Two CONV or FC have nothing non-linear between them."),
    "softmax-before-loss": Code("warning", "The network ends in a SOFTMAX, which PyTorch's loss has too."),
    "vanishing-gradients": Code("warning", "Saturating activations in a deep stack without skips or norm."),
    "stride-skips": Code("warning", "The stride is larger than the window: it steps over pixels."),
    "wide-padding": Code("warning", "Half the window or more is padding at the edge of the map."),
    # the same, where it is asked for
    "bias-before-norm": Code("warning", "A bias that the normalisation behind it takes off again.", True),
    "heavy-layer": Code("warning", "One FC holds most of the network's parameters.", True),
    "small-receptive-field": Code("warning", "No unit of the last map sees the whole input.", True),
    "channel-alignment": Code("warning", "A channel count that tensor cores pad to a multiple of 8.", True),
}
