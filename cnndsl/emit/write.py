"""From a class's plan to its lines: `__init__`, which makes the modules, and `forward`."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cnndsl.emit import plan as plans
from cnndsl.emit.layout import indented
from cnndsl.emit.modules import builder_lines, if_lines, loop_lines, module_lines
from cnndsl.emit.names import MODULE_ATTRIBUTES, Namespace
from cnndsl.emit.plan import makes_module, pure


@dataclass
class Code:
    """Lines of `__init__` and of `forward`, side by side."""

    init: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)


@dataclass
class _Made:
    """A module of one arm of a condition; `shared` if the other arm runs it too."""

    parts: list[plans.Plan]
    attribute: str
    lines: list[str]
    shared: bool = False

    @property
    def serves_both(self) -> bool:
        """Whether it may as well be made whichever arm is taken."""
        return self.shared or all(isinstance(part, plans.Modules) and part.stateless for part in self.parts)


class Writer:
    """Writes the statements of one class; `names` and `attributes` are those that are taken.

    `chain` is called when a path takes up a `let`. `shorter` are names for attributes that need no
    number, as `numberless` finds them in what an earlier writer of the same class has `numbered`.
    """

    def __init__(
        self,
        body: list[plans.Plan],
        names: Namespace,
        attributes: Namespace,
        shorter: Mapping[str, str] | None = None,
    ) -> None:
        #: The names of `__init__`: parameters, loop variables, and lists of modules.
        self.locals = names
        self.attributes = attributes
        self.variables = Namespace({"self", "x"}, names)
        #: The attributes of labelled modules, which nothing else may take before them.
        self._reserved = {label: attributes.fresh(label) for label in _labels(body)}
        self._shorter = shorter or {}
        self.numbered: list[str] = []
        self.kept: dict[str, str] = {}
        self.collections: set[str] = set()  # labels with an index, which `forward` has started
        self.chain: Callable[[str], None] = lambda _name: None
        #: How a group of modules is called: by default `layers`, `layers2`, …
        self.group_name: Callable[[list[plans.Plan]], str] = lambda _group: "layers"
        #: Within a loop: the lists that its modules go into, each with the variable that runs over it.
        self.lists: list[tuple[str, str]] | None = None
        self.before: list[str] = []
        self.once: list[str] = []
        self.own: set[str] = set()  # the loop's variables
        self.shares = False  # whether modules are left to run over, if one serves all copies
        self._made: list[_Made] = []
        self._reusable: list[_Made] = []

    def sequence(self, parts: list[plans.Plan], value: str, variable: str, code: Code) -> str:
        """Statements that send `value` through the parts; the expression that holds the result.

        `variable` is what they may assign to.
        """
        for group in _grouped(parts):
            if isinstance(group, list):
                value = self._group(group, value, variable, code)
            else:
                value = self._statement(group, value, variable, code)
        return value

    def settled(self, parts: list[plans.Plan], value: str, variable: str, code: Code) -> None:
        """The same, with the result in `variable`."""
        result = self.sequence(parts, value, variable, code)
        if result != variable:
            code.forward.append(f"{variable} = {result}")

    # ---- modules

    def _group(self, group: list[plans.Plan], value: str, variable: str, code: Code) -> str:
        group = _assigned_first(group, code)
        if not any(map(makes_module, group)):
            return value
        called = self._module(self._name(group), group, code)
        code.forward.append(f"{variable} = {called}({value})")
        return variable

    def _name(self, group: list[plans.Plan]) -> str:
        modules = [part for part in group if makes_module(part)]
        if len(modules) == 1 and isinstance(modules[0], plans.Modules):
            return modules[0].name
        return self.group_name(group)

    def _module(self, name: str, parts: list[plans.Plan], code: Code) -> str:
        """Make one module of the parts; what `forward` calls."""
        if same := _same(parts, self._reusable):
            same.shared = True
            return f"self.{same.attribute}"
        if self.lists is not None and self.shares and self.serves_all(parts):
            attribute = self._attribute(name, parts)
            self.once += module_lines(f"self.{attribute}", parts, self.locals)
            return f"self.{attribute}"
        if self.lists is not None and not _is_labelled(parts):
            name = f"{_what(parts) or name}s"
        attribute = self._attribute(name, parts)
        if self.lists is None:
            lines = module_lines(f"self.{attribute}", parts, self.locals)
            self._made.append(_Made(parts, attribute, lines))
            code.init += lines
            return f"self.{attribute}"
        code.init += module_lines(f"self.{attribute}", parts, self.locals, appended=True)
        one = self.variables.fresh(_what(parts) or name)
        self.lists.append((attribute, one))
        return one

    def serves_all(self, parts: list[plans.Plan]) -> bool:
        """Whether one module can serve in all copies of the loop."""
        (first, *others) = parts
        if others or not isinstance(first, plans.Modules) or not first.stateless or first.labelled:
            return False
        return not plans.names(first) & self.own

    def _attribute(self, name: str, parts: list[plans.Plan]) -> str:
        if _is_labelled(parts) and name in self._reserved:
            return self._reserved.pop(name)
        self.numbered.append(name)
        return self.attributes.fresh(self._shorter.get(name, name))

    # ---- statements

    def _statement(self, plan: plans.Plan, value: str, variable: str, code: Code) -> str:
        match plan:
            case plans.Plain():
                code.forward.append(f"{variable} = {plan.text.format(value)}")
            case plans.Join():
                self._join(plan, value, variable, code)
            case plans.Keep():
                return self._keep(plan, value, variable, code)
            case plans.Take():
                return self._taken(plan)
            case plans.Condition():
                self._condition(plan, value, variable, code)
            case plans.Loop():
                self._loop(plan, value, variable, code)
        return variable

    def _keep(self, plan: plans.Keep, value: str, variable: str, code: Code) -> str:
        kept = self._variable(plan.name)
        if plan.index:
            self._start_collection(plan, kept, code)
            keep = f"{kept}.append({value})" if plan.appended else f"{kept}[{plan.index}] = {value}"
            code.forward.append(keep)
            return value
        made = f"{variable} = "
        if value == variable and code.forward and code.forward[-1].startswith(made):
            code.forward[-1] = f"{kept} = {code.forward[-1].removeprefix(made)}"
        else:
            code.forward.append(f"{kept} = {value}")
        return kept

    def _start_collection(self, plan: plans.Keep, kept: str, code: Code) -> None:
        if plan.name not in self.collections:
            self.collections.add(plan.name)
            empty = "list[Tensor] = []" if plan.appended else "dict[int, Tensor] = {}"
            (code.forward if self.lists is None else self.before).append(f"{kept}: {empty}")

    def _variable(self, label: str) -> str:
        if label not in self.kept:
            self.kept[label] = self.variables.fresh(label)
        return self.kept[label]

    def _taken(self, plan: plans.Take) -> str:
        self.chain(plan.name)
        kept = self._variable(plan.name)
        return f"{kept}[{plan.index}]" if plan.index else kept

    def _join(self, plan: plans.Join, value: str, variable: str, code: Code) -> None:
        names = _branch_names(plan)
        arriving = [value] * len(plan.branches)
        if plan.parted:
            arriving = [self.variables.fresh(f"x{number}") for number in range(1, 1 + len(arriving))]
            code.forward.append(f"{', '.join(arriving)} = {plan.parted.format(value)}")
        values = [
            self._branch(branch, name, arrives, code)
            for branch, name, arrives in zip(plan.branches, names, arriving, strict=True)
        ]
        if plan.operator == "|":
            code.forward.append(f"{variable} = torch.cat([{', '.join(values)}], dim=1)")
            return
        if len(values) == 2 and values[1] == value:
            values.reverse()  # `x + self.body(x)`
        sign = {"+": " + ", "⊙": " * "}[plan.operator]
        code.forward.append(f"{variable} = {sign.join(values)}")

    def _branch(self, branch: plans.Sequence, name: str, value: str, code: Code) -> str:
        """The expression of one path; statements before it where the path needs some."""
        parts = branch.parts
        if parts and isinstance(parts[0], plans.Take):
            value, parts = self._taken(parts[0]), parts[1:]
        if all(pure(part) or isinstance(part, plans.Cut | plans.Plain) for part in parts):
            pieces = [parts] if all(map(pure, parts)) else _grouped(parts)
            for piece in pieces:
                if isinstance(piece, plans.Plain):
                    value = piece.text.format(value)
                    continue
                modules = _assigned_first([*piece] if isinstance(piece, list) else [piece], code)
                if any(map(makes_module, modules)):
                    called = self._name(modules) if len(pieces) > 1 else name
                    value = f"{self._module(called, modules, code)}({value})"
            return value
        return self.sequence(parts, value, self.variables.fresh("y"), code)

    # ---- conditions

    def _condition(self, plan: plans.Condition, value: str, variable: str, code: Code) -> None:
        """Both arms assign to `variable`; a module that both have is made once, before them."""
        if value != variable:
            code.forward.append(f"{variable} = {value}")
        flag = self.attributes.fresh("skip" if _is_skip(plan) else "choice")
        then, made = self._arm(_parted_like(plan.then, plan.otherwise), variable, [])
        alone = [line for module in made for line in module.lines] == then.init
        other, _ = self._arm(plan.otherwise, variable, made if alone else [])
        shared = [line for module in made if alone and module.serves_both for line in module.lines]
        if shared:
            then.init = [line for module in made if not module.serves_both for line in module.lines]
        code.init += [*shared, f"self.{flag} = {plan.test}"]
        code.init += if_lines(f"self.{flag}", then.init, other.init)
        code.forward += if_lines(f"self.{flag}", then.forward, other.forward)

    def _arm(self, plan: plans.Sequence, variable: str, reusable: list[_Made]) -> tuple[Code, list[_Made]]:
        """The code of one arm, and the modules made for it."""
        outer, code = (self._made, self._reusable), Code()
        self._made, self._reusable = [], reusable
        self.settled(plan.parts, variable, variable, code)
        made, (self._made, self._reusable) = self._made, outer
        return code, made

    # ---- loops whose copies exchange values with the rest of `forward`

    def _loop(self, plan: plans.Loop, value: str, variable: str, code: Code) -> None:
        if value != variable:
            code.forward.append(f"{variable} = {value}")
        inner, body = copy.copy(self), Code()
        inner.lists, inner.before, inner.once = [], [], []
        inner.own = {*plan.target.split(", "), plan.carried, *plans.assigned(plan.body)}
        inner.shares = any(not inner.serves_all([part]) for part in plans.modules(plan.body))
        inner.settled(plan.body.parts, variable, variable, body)
        code.init += inner.once
        code.init += [f"self.{attribute} = nn.ModuleList()" for attribute, _ in inner.lists]
        code.init += loop_lines(plan, body.init)
        code.forward += [*inner.before, _header(plan, inner.lists, body.forward), *indented(body.forward)]
        for _, one in inner.lists:
            self.variables.release(one)


def numberless(names: list[str]) -> dict[str, str]:
    """Names whose number tells nothing apart, without it: `relu` for `relu3`, if there is one alone."""
    stems = {name: _NUMBER.sub("", name) for name in names}
    alone = {name: stem for name, stem in stems.items() if [*stems.values()].count(stem) == 1}
    return {name: stem for name, stem in alone.items() if stem not in {*names, *MODULE_ATTRIBUTES, "stage"}}


_NUMBER = re.compile(r"_?\d+$")


def _header(plan: plans.Loop, lists: list[tuple[str, str]], forward: list[str]) -> str:
    """The `for` of `forward`: over the lists of modules, with the index where it is needed."""
    targets = ", ".join(one for _, one in lists)
    over = ", ".join(f"self.{attribute}" for attribute, _ in lists)
    if len(lists) > 1:
        over = f"zip({over}, strict=True)"
    if not any(plan.target in re.findall(r"\w+", line) for line in forward):
        return f"for {targets} in {over}:"
    inner = targets if len(lists) == 1 else f"({targets})"
    return f"for {plan.target}, {inner} in enumerate({over}):"


def _assigned_first(group: list[plans.Plan], code: Code) -> list[plans.Plan]:
    """Write the assignments that come before the first module; the parts from there on."""
    rest = list(group)
    while rest and not makes_module(rest[0]):
        code.init += builder_lines(rest.pop(0), "")
    return rest


def _is_labelled(parts: list[plans.Plan]) -> bool:
    return any(isinstance(part, plans.Modules) and part.labelled for part in parts)


def _labels(parts: list[plans.Plan]) -> list[str]:
    """The labels of modules in a plan, each once."""
    found: dict[str, None] = {}
    for part in parts:
        if isinstance(part, plans.Modules):
            found |= {part.name: None} if part.labelled else {}
        else:
            found |= dict.fromkeys(_labels(plans.inside(part)))
    return [*found]


def _what(parts: list[plans.Plan]) -> str:
    """What a single module is, for the variable that runs over a list of it: `double`, `conv`."""
    modules = [part for part in parts if makes_module(part)]
    return modules[0].what if len(modules) == 1 and isinstance(modules[0], plans.Modules) else ""


def _is_skip(plan: plans.Condition) -> bool:
    """Whether the condition is that of a skip connection: one arm adds, the other does not."""
    sums = [
        any(isinstance(part, plans.Join) and part.operator == "+" for part in arm.parts)
        for arm in (plan.then, plan.otherwise)
    ]
    return sums[0] != sums[1]


def _parted_like(arm: plans.Sequence, other: plans.Sequence) -> plans.Sequence:
    """One arm of a condition with a cut where its sum begins with what the other arm does by itself."""
    match arm.parts:
        case [plans.Join(operator="+", branches=branches) as join, *rest] if other.parts:
            parted = [_cut_after(branch, other.parts) for branch in branches]
            return plans.Sequence([plans.Join(join.operator, parted), *rest])
    return arm


def _cut_after(branch: plans.Sequence, start: list[plans.Plan]) -> plans.Sequence:
    first, rest = branch.parts[: len(start)], branch.parts[len(start) :]
    if rest and plans.alike(first, start):
        return plans.Sequence([*first, plans.Cut(), *rest])
    return branch


def _same(parts: list[plans.Plan], made: list[_Made]) -> _Made | None:
    """A module that does the same, if there is one."""
    same = (module for module in made if plans.alike(module.parts, parts))
    return next((module for module in same if not module.shared), None)


def _grouped(parts: list[plans.Plan]) -> list[list[plans.Plan] | plans.Plan]:
    """Runs of pure parts as lists; a labelled module stands alone, since it has a name."""
    groups: list[list[plans.Plan] | plans.Plan] = []
    for part in parts:
        alone = isinstance(part, plans.Modules) and part.labelled
        last = groups[-1] if groups else None
        if isinstance(part, plans.Cut):
            groups.append([])
        elif not pure(part):
            groups.append(part)
        elif isinstance(last, list) and (isinstance(part, plans.Assign) or _takes(last, alone)):
            last.append(part)
        else:
            groups.append([part])
    return [group for group in groups if group != []]


def _takes(group: list[plans.Plan], alone: bool) -> bool:
    """Whether a group takes one more module: not one that stands alone, nor beside one that does."""
    named = any(isinstance(part, plans.Modules) and part.labelled for part in group)
    return not group or not (alone or named)


def _branch_names(plan: plans.Join) -> list[str]:
    """What the paths are called: after their one module, or by their part in the join."""
    names = [_branch_name(branch, plan.operator) for branch in plan.branches]
    unnamed = [number for number, name in enumerate(names) if not name]
    alone = sum(makes_module(plan.branches[number]) for number in unnamed) == 1
    sole = "gate" if plan.operator == "⊙" else "body"
    return [name or (sole if alone else f"branch{number}") for number, name in enumerate(names, 1)]


def _branch_name(branch: plans.Sequence, operator: str) -> str:
    """A path's own name: that of its one module, or what it is in a sum; "" if it has none."""
    modules = [part for part in branch.parts if makes_module(part)]
    if len(modules) == 1 and isinstance(modules[0], plans.Modules):
        return modules[0].name
    if len(modules) == 1 and isinstance(modules[0], plans.Condition) and operator == "+":
        return "" if makes_module(modules[0].otherwise) else "shortcut"
    return ""
