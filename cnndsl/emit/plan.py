"""What a class does, between the network and its source text.

A plan is made of module expressions, loops, conditions and joins, in the order in which values
pass through them. `Pure` plans are modules alone; the others need statements in `forward`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Literal


@dataclass
class Plan:
    pass


@dataclass
class Modules(Plan):
    """One layer or block: the expressions of its modules, a name, a comment.

    `what` is what it is, in a word, whatever its name: `conv`, `basic_block`.
    """

    expressions: list[str]
    name: str
    comment: str = ""
    what: str = ""
    labelled: bool = False  # the spec gives it its name
    kept: str = ""  # a variable for the module, where later code asks it something
    stateless: bool = False  # nothing in it is learnt or kept: one can serve many times
    plain: str = ""  # what `forward` can say without a module, `{}` for the value


@dataclass
class Plain(Plan):
    """A layer without a module: `x.permute(0, 2, 3, 1)`, with `{}` for the value."""

    text: str


@dataclass
class Sequence(Plan):
    parts: list[Plan] = field(default_factory=list)


@dataclass
class Condition(Plan):
    """`if test:` one plan, else the other; `carried` are assignments at the end of each."""

    test: str
    then: Sequence
    otherwise: Sequence


@dataclass
class Loop(Plan):
    """`for target in iterable:`; before it `start`, and at the end of its body `step` is assigned."""

    target: str
    iterable: str
    body: Sequence
    carried: str = ""
    start: str = ""
    step: str = ""


@dataclass
class Assign(Plan):
    """A statement of `__init__` between modules: `channels = 2 * width`."""

    target: str
    value: str


@dataclass
class Join(Plan):
    """Parallel paths; an empty sequence is the identity.

    With `parted`, each path has a part of the value: `x.chunk(2, dim=1)`.
    """

    operator: Literal["|", "+", "⊙"]
    branches: list[Sequence]
    parted: str = ""


@dataclass
class Keep(Plan):
    """Keep the value under a label; `index` is its source text in `forward`."""

    name: str
    index: str = ""
    appended: bool = False


@dataclass
class Take(Plan):
    """Go on from a label's value; `let` names the chain that makes it, if it is one."""

    name: str
    index: str = ""


@dataclass
class Cut(Plan):
    """Ends a group of modules: what follows has a name of its own."""


def flat(parts: list[Plan]) -> Sequence:
    """A sequence of the parts, sequences among them taken apart."""
    found: list[Plan] = []
    for part in parts:
        found += flat(part.parts).parts if isinstance(part, Sequence) else [part]
    return Sequence(found)


def pure(plan: Plan) -> bool:
    """Whether a plan is modules one after the other, whatever loops and conditions build them."""
    match plan:
        case Modules() | Assign():
            return True
        case Sequence():
            return all(pure(part) for part in plan.parts)
        case Condition():
            return pure(plan.then) and pure(plan.otherwise)
        case Loop():
            return pure(plan.body)
    return False


def spoken(sequence: Sequence) -> Sequence:
    """The same plan, with what `forward` can say plainly said there: not within lists of modules."""
    return Sequence([_spoken(part) for part in sequence.parts])


def _spoken(plan: Plan) -> Plan:
    match plan:
        case Modules() if plan.plain:
            return Plain(plan.plain)
        case Join():
            return Join(plan.operator, [spoken(branch) for branch in plan.branches], plan.parted)
        case Condition() if not pure(plan):
            return Condition(plan.test, spoken(plan.then), spoken(plan.otherwise))
    return plan


def names(plan: Plan, *, built: bool = False) -> set[str]:
    """The Python names that a plan's text mentions, `self.depth` as one; with `built`, in `__init__`."""
    return set[str]().union(*map(words, _texts(plan, built)))


@cache
def words(text: str) -> frozenset[str]:
    """The names in an expression; of `self.depth` both `self` and the whole."""
    found = {word for word in _WORD.findall(text) if word}
    return frozenset(found | {word.partition(".")[0] for word in found})


#: A string; or a name with its attributes, unless it is that of a keyword argument.
_WORD = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|([^\W\d]\w*+(?:\.\w++)*+)(?!=(?!=))""")


def _texts(plan: Plan, built: bool) -> list[str]:
    own: list[str] = []
    match plan:
        case Modules():
            own = plan.expressions
        case Condition():
            own = [plan.test]
        case Loop():
            own = [plan.iterable, plan.start, plan.step]
        case Assign():
            own = [plan.value]
        case Keep() | Take() if not built:
            own = [plan.index]
        case Plain() if not built:
            own = [plan.text.format("x")]
        case Join() if not built:
            own = [plan.parted.format("x")]
    return [*filter(None, own), *(text for inner in inside(plan) for text in _texts(inner, built))]


def makes_module(plan: Plan) -> bool:
    """Whether a plan has any module at all."""
    match plan:
        case Modules():
            return bool(plan.expressions)
        case Sequence():
            return any(map(makes_module, plan.parts))
        case Loop():
            return makes_module(plan.body)
        case Condition():
            return makes_module(plan.then) or makes_module(plan.otherwise)
        case Join():
            return any(map(makes_module, plan.branches))
    return False


def alike(some: list[Plan], others: list[Plan]) -> bool:
    """Whether plans do the same, whatever their modules are called; never of modules that are asked later."""
    return len(some) == len(others) and all(map(_alike, some, others))


def _alike(one: Plan, other: Plan) -> bool:
    if isinstance(one, Modules) and isinstance(other, Modules):
        return one.expressions == other.expressions and not (one.kept or other.kept)
    if isinstance(one, Modules) or _texts_of(one) != _texts_of(other):
        return False
    return alike(inside(one), inside(other))


def _texts_of(plan: Plan) -> tuple[object, ...]:
    """What a plan is beside those in it."""
    return (type(plan), *(value for value in vars(plan).values() if isinstance(value, str)))


def modules(plan: Plan) -> list[Modules]:
    """The layers and blocks of a plan that are modules."""
    if isinstance(plan, Modules):
        return [plan] if plan.expressions else []
    return [found for inner in inside(plan) for found in modules(inner)]


def pruned(sequence: Sequence, needed: set[str]) -> Sequence:
    """The same plan without assignments to variables that nothing reads; `needed` are read outside."""
    dead = {name for name in assigned(sequence) - needed if not _read_elsewhere(sequence, name)}
    return pruned(_without(sequence, dead), needed) if dead else sequence


def assigned(plan: Plan) -> set[str]:
    """The variables that a plan assigns to."""
    match plan:
        case Assign():
            return {plan.target}
        case Loop():
            return {plan.carried} - {""} | assigned(plan.body)
    return set().union(*map(assigned, inside(plan)), set())


def inside(plan: Plan) -> list[Plan]:
    """The plans directly inside a plan."""
    match plan:
        case Sequence():
            return plan.parts
        case Condition():
            return [plan.then, plan.otherwise]
        case Join():
            return [*plan.branches]
        case Loop():
            return [plan.body]
    return []


def _read_elsewhere(plan: Plan, name: str) -> bool:
    """Whether something other than its own assignments reads a variable."""
    match plan:
        case Assign():
            return plan.target != name and name in words(plan.value)
        case Loop():
            own = [plan.iterable] if plan.carried == name else [plan.iterable, plan.start, plan.step]
            return any(name in words(text) for text in own if text) or _read_elsewhere(plan.body, name)
        case Condition() if name in words(plan.test):
            return True
        case Modules() | Keep() | Take():
            return any(name in words(text) for text in _texts(plan, built=False))
    return any(_read_elsewhere(inner, name) for inner in inside(plan))


def _without(sequence: Sequence, dead: set[str]) -> Sequence:
    return Sequence([_cleared(part, dead) for part in sequence.parts if not _is_dead(part, dead)])


def _is_dead(plan: Plan, dead: set[str]) -> bool:
    return isinstance(plan, Assign) and plan.target in dead


def _cleared(plan: Plan, dead: set[str]) -> Plan:
    match plan:
        case Sequence():
            return _without(plan, dead)
        case Condition():
            return Condition(plan.test, _without(plan.then, dead), _without(plan.otherwise, dead))
        case Join():
            return Join(plan.operator, [_without(branch, dead) for branch in plan.branches], plan.parted)
        case Loop() if plan.carried in dead:
            return Loop(plan.target, plan.iterable, _without(plan.body, dead))
        case Loop():
            return Loop(
                plan.target, plan.iterable, _without(plan.body, dead), plan.carried, plan.start, plan.step
            )
    return plan
