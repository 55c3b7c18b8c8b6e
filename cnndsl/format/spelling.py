"""How words are spelled: `Conv` as CONV, `stride=` as `s=`; and what a layer is to the eye."""

from __future__ import annotations

from cnndsl.layers import FC, APool, Conv, Flatten, Gap, GPool, Input, Layer, TConv, find_kind
from cnndsl.syntax import ast

#: These end what came before them: the layer that follows stands on the same line.
_BRIDGES = (Gap, GPool, APool, Flatten)
#: These begin a line of a chain that is too long for one; a pool, norm or activation goes on with it.
_HEADS = (Conv, TConv, FC, *_BRIDGES)


def kind_name(name: str) -> str:
    """A layer kind as the language prints it; other names as they are."""
    kind = find_kind(name)
    return kind.kind if kind else name


def argument_name(kind: str, word: str) -> str:
    """The short name of a layer's argument: `s` for `stride`; others as they are."""
    found = find_kind(kind)
    for spec in found.hypers().values() if found else ():
        if word.lower() in (spec.letter, spec.name):
            return spec.short
    return word


def bare_word(kind: str, name: str) -> str:
    """A bare word of a layer's arguments as the language writes it: `max` for MAX; "" if it is none."""
    found = find_kind(kind)
    words = [word for spec in found.hypers().values() for word in spec.words] if found else []
    return next((word for word in words if word.lower() == name.lower()), "")


def starts_stage(step: ast.Step, before: ast.Step) -> bool:
    """Whether a long chain is broken before `step`."""
    kind, last = _kind(step), _kind(before)
    if last is Input:
        return True
    if kind is None or issubclass(kind, _HEADS):
        return last is None or not issubclass(last, _BRIDGES)
    return False


def _kind(step: ast.Step) -> type[Layer] | None:
    """The layer that a step is; None for brackets, blocks and labels."""
    match step:
        case ast.LayerStep():
            return find_kind(step.name)
        case ast.Optional() | ast.Guard() | ast.Labelled() | ast.Claimed():
            return _kind(step.body)
    return None


def key(step: ast.Step) -> str:
    """What a step looks like from afar: lines whose steps look alike are aligned."""
    match step:
        case ast.LayerStep():
            return kind_name(step.name)
        case ast.Chain():
            return f"[{' '.join(map(key, step.steps))}]"
        case ast.Parallel():
            return f"{{{step.operator}}}"
        case ast.Labelled() | ast.Claimed():
            return key(step.body)
        case ast.Repeat() | ast.IndexedRepeat() | ast.ListRepeat():
            return f"{key(step.body)}*"
        case ast.Optional() | ast.Guard():
            return f"{key(step.body)}?"
    return "tap"
