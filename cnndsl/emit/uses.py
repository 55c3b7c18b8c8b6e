"""Uses of a block that can share a class, told by what their bodies became."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnndsl.network import (
    BlockNode,
    ChainNode,
    ChoiceNode,
    LabelNode,
    Node,
    ParallelNode,
    RepeatNode,
    TapNode,
)

#: What each step of a body became, by the step's identity.
Form = dict[int, frozenset[Any]]

#: With more forms than this nobody looks for those that go together.
MAX_FORMS = 100


def inside(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node, blocks' bodies left out."""
    match node:
        case ChainNode():
            yield from node.parts
        case ParallelNode():
            yield from node.branches
        case RepeatNode():
            yield from (run.body for run in node.runs)
        case ChoiceNode() if node.body:
            yield node.body
        case LabelNode():
            yield node.body


def tapped(nodes: list[Node]) -> set[str]:
    """The labels, without their index, that are taken up in bodies; blocks in them have their own."""
    return {name.split("[")[0] for name in taps(nodes)}


def taps(nodes: list[Node]) -> set[str]:
    """The same with their index: `e[0]`."""
    found, waiting = set[str](), [*nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, TapNode):
            found.add(node.name)
        waiting += inside(node)
    return found


def grouped(uses: list[BlockNode], what: Callable[[Node], Any]) -> list[list[BlockNode]]:
    """Uses in whose bodies each step is the same thing, by what `what` makes of its node.

    A step that is in one of them alone, such as the arm of a guard, keeps none apart.
    """
    by_form: dict[frozenset[tuple[int, frozenset[Any]]], list[BlockNode]] = {}
    for use in uses:
        by_form.setdefault(frozenset(_form(use.body, what).items()), []).append(use)
    if len(by_form) > MAX_FORMS:
        return [*by_form.values()]
    groups: list[tuple[Form, list[BlockNode]]] = []
    for items, members in by_form.items():
        form = dict(items)
        known, group = next((pair for pair in groups if _agree(pair[0], form)), ({}, []))
        if not group:
            groups.append((known, group))
        known.update(form)
        group.extend(members)
    return [group for _, group in groups]


def _agree(known: Form, form: Form) -> bool:
    return all(known.get(step, found) == found for step, found in form.items())


def _form(body: Node, what: Callable[[Node], Any]) -> Form:
    found: dict[int, set[Any]] = {}
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if (thing := what(node)) is not None:
            found.setdefault(id(node.syntax), set()).add(thing)
        waiting += inside(node)
    return {step: frozenset(things) for step, things in found.items()}


def choices(node: Node) -> Any:
    """How often a part stands there: what no class has to share, but often cannot."""
    if isinstance(node, ChoiceNode):
        return node.taken
    return node.count if isinstance(node, RepeatNode) else None
