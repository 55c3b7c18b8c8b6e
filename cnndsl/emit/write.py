"""From a class's plan to its lines: `__init__`, which makes the modules, and `forward`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cnndsl.emit import plan as plans
from cnndsl.emit.names import MODULE_ATTRIBUTES, Namespace
from cnndsl.emit.plan import makes_module, pure

INDENT = "    "


def indented(lines: Iterable[str], times: int = 1) -> list[str]:
    return [INDENT * times + line if line else line for line in lines]


@dataclass
class Code:
    """Lines of `__init__` and of `forward`, side by side."""

    init: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)


class Writer:
    """Writes the statements of one class. `chain` is called when a path takes up a `let`."""

    def __init__(self, names: Namespace) -> None:
        #: The names of `__init__`: parameters, loop variables, and lists of modules.
        self.locals = names
        self.attributes = Namespace(MODULE_ATTRIBUTES)
        self.variables = Namespace({"self", "x", "torch", "nn", "Tensor"}, names)
        self.kept: dict[str, str] = {}
        self.collections: set[str] = set()  # labels with an index, which `forward` has started
        self.chain: Callable[[str], None] = lambda _name: None
        self._groups = 0
        #: How a group of modules is called: by default `layers`, `layers2`, …
        self.group_name: Callable[[list[plans.Plan]], str] = lambda _group: "layers"

    def sequence(self, parts: list[plans.Plan], variable: str, code: Code) -> None:
        """Statements that send `variable` through the parts."""
        for group in _grouped(parts):
            if isinstance(group, list):
                self._group(group, variable, code)
            else:
                self._statement(group, variable, code)

    # ---- modules

    def _group(self, group: list[plans.Plan], variable: str, code: Code) -> None:
        group = self._assigned_first(group, code)
        if not any(makes_module(part) for part in group):
            return
        attribute = self.attributes.fresh(self._name(group))
        code.init += module_lines(f"self.{attribute}", group, self.locals)
        code.forward.append(f"{variable} = self.{attribute}({variable})")

    @staticmethod
    def _assigned_first(group: list[plans.Plan], code: Code) -> list[plans.Plan]:
        """Write the assignments that come before the first module; the parts from there on."""
        rest = list(group)
        while rest and not makes_module(rest[0]):
            code.init += builder_lines(rest.pop(0), "")
        return rest

    def _name(self, group: list[plans.Plan]) -> str:
        modules = [part for part in group if makes_module(part)]
        if len(modules) == 1 and isinstance(modules[0], plans.Modules):
            return modules[0].name.replace("[", "").replace("]", "")
        return self.group_name(group)

    # ---- statements

    def _statement(self, plan: plans.Plan, variable: str, code: Code) -> None:
        match plan:
            case plans.Join():
                self._join(plan, variable, code)
            case plans.Keep():
                self._keep(plan, variable, code)
            case plans.Take():
                code.forward.append(f"{variable} = {self._taken(plan)}")
            case plans.Condition():
                self._condition(plan, variable, code)
            case plans.Loop():
                self._loop(plan, variable, code)

    def _keep(self, plan: plans.Keep, variable: str, code: Code) -> None:
        kept = self._variable(plan.name)
        if not plan.index:
            code.forward.append(f"{kept} = {variable}")
        elif plan.appended:
            code.forward.append(f"{kept}.append({variable})")
        else:
            if plan.name not in self.collections:
                self.collections.add(plan.name)
                code.forward.append(f"{kept}: dict[int, Tensor] = {{}}")
            code.forward.append(f"{kept}[{plan.index}] = {variable}")

    def _variable(self, label: str) -> str:
        if label not in self.kept:
            self.kept[label] = self.variables.fresh(label)
        return self.kept[label]

    def _taken(self, plan: plans.Take) -> str:
        self.chain(plan.name)
        kept = self._variable(plan.name)
        return f"{kept}[{plan.index}]" if plan.index else kept

    def _join(self, plan: plans.Join, variable: str, code: Code) -> None:
        names = _branch_names(plan)
        values = [
            self._branch(branch, names[number], variable, code) for number, branch in enumerate(plan.branches)
        ]
        if plan.operator == "|":
            code.forward.append(f"{variable} = torch.cat([{', '.join(values)}], dim=1)")
        else:
            sign = {"+": " + ", "⊙": " * "}[plan.operator]
            code.forward.append(f"{variable} = {sign.join(values)}")

    def _branch(self, branch: plans.Sequence, name: str, variable: str, code: Code) -> str:
        """The expression of one path; statements before it where the path needs some."""
        parts = branch.parts
        start = variable
        if parts and isinstance(parts[0], plans.Take):
            start, parts = self._taken(parts[0]), parts[1:]
        if all(pure(part) for part in parts):
            parts = self._assigned_first(parts, code)
            if not parts:
                return start
            attribute = self.attributes.fresh(name)
            code.init += module_lines(f"self.{attribute}", parts, self.locals)
            return f"self.{attribute}({start})"
        own = self.variables.fresh("y")
        code.forward.append(f"{own} = {start}")
        self.sequence(parts, own, code)
        return own

    def _condition(self, plan: plans.Condition, variable: str, code: Code) -> None:
        flag = self.attributes.fresh("choice")
        code.init.append(f"self.{flag} = {plan.test}")
        then, other = Code(), Code()
        self.sequence(plan.then.parts, variable, then)
        self.sequence(plan.otherwise.parts, variable, other)
        code.init += _if(f"self.{flag}", then.init, other.init)
        code.forward += _if(f"self.{flag}", then.forward, other.forward)

    # ---- loops whose copies exchange values with the rest of `forward`

    def _loop(self, plan: plans.Loop, variable: str, code: Code) -> None:
        inner = _LoopWriter(self, code)
        body = Code()
        inner.sequence(plan.body.parts, variable, body)
        if plan.carried and plan.start:
            code.init.append(f"{plan.carried} = {plan.start}")
        step = [f"{plan.carried} = {plan.step}"] if plan.step else []
        if body.init or step:
            code.init += [f"for {plan.target} in {plan.iterable}:", *indented([*body.init, *step])]
        code.forward += [*inner.before, inner.header(plan, body.forward), *indented(body.forward)]


class _LoopWriter(Writer):
    """Writes a loop's body: its modules go into lists, which `forward` runs over side by side."""

    def __init__(self, outer: Writer, code: Code) -> None:
        self.__dict__.update(outer.__dict__)
        self._outer_code = code
        self.lists: list[tuple[str, str]] = []
        self.before: list[str] = []

    def _group(self, group: list[plans.Plan], variable: str, code: Code) -> None:
        group = self._assigned_first(group, code)
        if not any(makes_module(part) for part in group):
            return
        code.forward.append(f"{variable} = {self._listed(self._name(group), group, code)}({variable})")

    def _listed(self, name: str, parts: list[plans.Plan], code: Code) -> str:
        """Append the modules to a list of their own; the variable that runs over it."""
        attribute = self.attributes.fresh(name)
        one = self.variables.fresh(name)
        self._outer_code.init.append(f"self.{attribute} = nn.ModuleList()")
        code.init += module_lines(f"self.{attribute}", parts, self.locals, appended=True)
        self.lists.append((attribute, one))
        return one

    def _branch(self, branch: plans.Sequence, name: str, variable: str, code: Code) -> str:
        parts = branch.parts
        start = variable
        if parts and isinstance(parts[0], plans.Take):
            start, parts = self._taken(parts[0]), parts[1:]
        if all(pure(part) for part in parts):
            parts = self._assigned_first(parts, code)
            if not parts:
                return start
            return f"{self._listed(name, parts, code)}({start})"
        own = self.variables.fresh("y")
        code.forward.append(f"{own} = {start}")
        self.sequence(parts, own, code)
        return own

    def _keep(self, plan: plans.Keep, variable: str, code: Code) -> None:
        kept = self._variable(plan.name)
        if plan.index and plan.name not in self.collections:
            self.collections.add(plan.name)
            empty = "list[Tensor] = []" if plan.appended else "dict[int, Tensor] = {}"
            self.before.append(f"{kept}: {empty}")
        super()._keep(plan, variable, code)

    def header(self, plan: plans.Loop, forward: list[str]) -> str:
        """The `for` of `forward`: over the lists of modules, with the index where it is needed."""
        targets = ", ".join(one for _, one in self.lists)
        lists = ", ".join(f"self.{attribute}" for attribute, _ in self.lists)
        over = lists if len(self.lists) == 1 else f"zip({lists})"
        needed = any(plan.target in _words(line) for line in forward)
        if not needed:
            return f"for {targets} in {over}:"
        inner = targets if len(self.lists) == 1 else f"({targets})"
        return f"for {plan.target}, {inner} in enumerate({over}):"


def _words(line: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in line).split())


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
        elif isinstance(last, list) and (not last or (not alone and not _ends_alone(last))):
            last.append(part)
        else:
            groups.append([part])
    return [group for group in groups if group != []]


def _ends_alone(group: list[plans.Plan]) -> bool:
    return isinstance(group[-1], plans.Modules) and group[-1].labelled


def _branch_names(plan: plans.Join) -> list[str]:
    """What the paths are called: after their block, or by their part in the join."""
    names = []
    for number, branch in enumerate(plan.branches, 1):
        modules = [part for part in branch.parts if makes_module(part)]
        if len(modules) == 1 and isinstance(modules[0], plans.Modules):
            names.append(modules[0].name.rstrip("0123456789").replace("[", "").replace("]", ""))
        elif plan.operator == "|":
            names.append(f"branch{number}")
        else:
            names.append({"+": "body", "⊙": "gate"}[plan.operator])
    return names


def _if(test: str, then: list[str], otherwise: list[str]) -> list[str]:
    if then:
        rest = ["else:", *indented(otherwise)] if otherwise else []
        return [f"if {test}:", *indented(then), *rest]
    return [f"if not {test}:", *indented(otherwise)] if otherwise else []


# ---- modules as expressions


def module_lines(
    target: str, parts: list[plans.Plan], names: Namespace, *, appended: bool = False
) -> list[str]:
    """`self.features = nn.Sequential(…)`, as one expression where that can say it."""
    opening, closing = (f"{target}.append(", ")") if appended else (f"{target} = ", "")
    single = _single(parts)
    if single:
        note = f"  # {single.comment}" if single.comment else ""
        return [f"{opening}{single.expressions[0]}{closing}{note}"]
    items = literal_items(parts)
    if items is not None:
        return [f"{opening}nn.Sequential(", *indented(items), f"){closing}"]
    local = names.fresh("layers" if appended else target.removeprefix("self."))
    return [*built(local, parts), f"{opening}nn.Sequential(*{local}){closing}"]


def _single(parts: list[plans.Plan]) -> plans.Modules | None:
    """The only module, if it is one."""
    found = [part for part in parts if not (isinstance(part, plans.Modules) and not part.expressions)]
    if len(found) == 1 and isinstance(found[0], plans.Modules) and not found[0].kept:
        return found[0] if len(found[0].expressions) == 1 else None
    return None


def literal_items(parts: list[plans.Plan]) -> list[str] | None:
    """The arguments of an nn.Sequential, a line each; None where statements are needed."""
    lines: list[str] = []
    for part in parts:
        if isinstance(part, plans.Modules) and not part.kept:
            lines += _module_items(part)
        elif isinstance(part, plans.Loop) and not part.carried and (one := _single(part.body.parts)):
            lines.append(f"*[{one.expressions[0]} for {part.target} in {part.iterable}],")
        else:
            return None
    return lines


def _module_items(part: plans.Modules) -> list[str]:
    """A layer's modules, with its name and shape behind the last one."""
    lines = [f"{expression}," for expression in part.expressions]
    if lines and part.comment:
        lines[-1] += f"  # {part.comment}"
    return lines


def built(local: str, parts: list[plans.Plan]) -> list[str]:
    """Statements that fill the list `local` with modules."""
    first: list[plans.Modules] = []
    rest = list(parts)
    while rest and isinstance(rest[0], plans.Modules) and not rest[0].kept:
        first.append(rest.pop(0))  # type: ignore[arg-type]
    items = [line for part in first for line in _module_items(part)]
    opening = f"{local}: list[nn.Module] = ["
    lines = [opening, *indented(items), "]"] if items else [f"{opening}]"]
    return lines + [line for part in _merged(rest) for line in builder_lines(part, local)]


def _merged(parts: list[plans.Plan]) -> list[plans.Plan]:
    """Neighbouring modules as one, so that they are appended together."""
    merged: list[plans.Plan] = []
    for part in parts:
        if (
            isinstance(part, plans.Modules)
            and not part.kept
            and merged
            and isinstance(merged[-1], plans.Sequence)
        ):
            merged[-1].parts.append(part)
        elif isinstance(part, plans.Modules) and not part.kept:
            merged.append(plans.Sequence([part]))
        else:
            merged.append(part)
    return merged


def builder_lines(plan: plans.Plan, local: str) -> list[str]:
    """Statements that append a part's modules to `local`, or assign what later parts need."""
    match plan:
        case plans.Assign():
            return [f"{plan.target} = {plan.value}"]
        case plans.Modules() if plan.kept:
            return [f"{plan.kept} = {plan.expressions[0]}", f"{local}.append({plan.kept})"]
        case plans.Modules() | plans.Sequence():
            return _appended(local, plans.flat([plan]).parts)
        case plans.Loop():
            body = [line for part in _merged(plan.body.parts) for line in builder_lines(part, local)]
            step = [f"{plan.carried} = {plan.step}"] if plan.step else []
            start = [f"{plan.carried} = {plan.start}"] if plan.carried and plan.start else []
            return [*start, f"for {plan.target} in {plan.iterable}:", *indented([*body, *step] or ["pass"])]
        case plans.Condition():
            then = [line for part in _merged(plan.then.parts) for line in builder_lines(part, local)]
            other = [line for part in _merged(plan.otherwise.parts) for line in builder_lines(part, local)]
            return _if(plan.test, then, other)
    return []


def _appended(local: str, parts: list[plans.Plan]) -> list[str]:
    items = [line for part in parts if isinstance(part, plans.Modules) for line in _module_items(part)]
    if not items:
        return []
    if len(items) == 1:
        expression, _, comment = items[0].partition(",  # ")
        note = f"  # {comment}" if comment else ""
        return [f"{local}.append({expression.removesuffix(',')}){note}"]
    return [f"{local} += [", *indented(items), "]"]
