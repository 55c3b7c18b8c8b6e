"""Names that stand for nothing, and blocks that use themselves: found without computing anything.

The walk would find most of them too, but not in a block that nothing uses or a guard not taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.diagnostics import Diagnostic, Fix, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate.program import BlockDef, Program, unknown_kind
from cnndsl.layers import called_here, find_kind
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.syntax.ast import parts

#: Labels that are listed where a name is none of them.
MAX_LISTED = 6
#: What pictures have at their end.
_THE_OUTPUT = ("OUTPUT", "OUTPUTS", "OUT")


def unresolved(program: Program) -> Iterator[Diagnostic]:
    """What the names of steps get wrong, in all chains and blocks of the file."""
    own = [block for block in program.blocks.values() if block.program is program]
    for block in own:
        known = {param.name for param in block.syntax.params} | labels(block.syntax.body)
        yield from _steps(block.syntax.body, known, program)
        yield from _recursion(block)
    chains = _chains(program)
    known = {param.name for param in program.params} | program.lets.keys()
    for chain in chains:
        known |= labels(chain)
    for chain in chains:
        yield from _steps(chain, known, program)


def labels(step: ast.Step) -> set[str]:
    """The labels in a step."""
    own = {step.name} if isinstance(step, ast.Labelled) else set[str]()
    return own.union(*map(labels, parts(step)))


def _steps(step: ast.Step, known: set[str], program: Program) -> Iterator[Diagnostic]:
    match step:
        case ast.LayerStep() if not _known(step, known, program):
            others = {*known, *program.blocks}
            yield _unknown(step, others, program)
        case ast.IndexedRepeat():
            known = {*known, step.index}
        case ast.ListRepeat():
            known = {*known, *step.names}
    for inner in parts(step):
        yield from _steps(inner, known, program)


def _unknown(step: ast.LayerStep, others: set[str], program: Program) -> Diagnostic:
    """What no layer is called; the walk will know what arrives, and mend the fix by it."""
    found = unknown_kind(step.name, step.name_span, others).diagnostic
    if here := called_here(step.name):
        from cnndsl.elaborate.elsewhere import rewritten
        from cnndsl.elaborate.evaluate import Scope

        found.fixes = rewritten(step, here, Scope(program), None).fixes
    elif step.name.upper() in _THE_OUTPUT and not found.fixes:
        found.hints = ("leave it out: the last layer's output is the network's",)
        found.fixes = _left_out(step, program)
    elif step.arguments is None and not found.fixes and (there := sorted(others & _all_labels(program))):
        listed = f"{', '.join(there[:MAX_LISTED])}{', …' * (len(there) > MAX_LISTED)}"
        found.message = f"there is no layer, block or label `{step.name}`"
        found.hints = (f"the labels are {listed}" if len(there) > 1 else f"the only label is {listed}",)
    return found


def _left_out(step: ast.LayerStep, program: Program) -> tuple[Fix, ...]:
    """The fix that takes off a step at the end of a chain."""
    from cnndsl.syntax.edits import removed

    ended = [chain for chain in _chains(program) if isinstance(chain, ast.Chain) and chain.steps[-1] is step]
    edit = removed(ended[0], len(ended[0].steps) - 1) if ended else None
    return (Fix("leave it out", (edit,), safe=True),) if edit else ()


def _chains(program: Program) -> list[ast.Step]:
    return [chain for chain in (program.chain, *(let.body for let in program.lets.values())) if chain]


def _all_labels(program: Program) -> set[str]:
    chains = _chains(program)
    return set().union(*map(labels, [*chains, *(block.syntax.body for block in program.blocks.values())]))


def _known(step: ast.LayerStep, known: set[str], program: Program) -> bool:
    """Whether the name of a step stands for something, if only for `conv1` in the table."""
    in_table = step.arguments is None and find_kind(step.name.rstrip("0123456789"))
    return bool(step.name in known or step.name in program.blocks or in_table or find_kind(step.name))


def _recursion(block: BlockDef) -> Iterator[Diagnostic]:
    """The circle that leads from a block back to itself, if there is one."""
    seen: set[BlockDef] = set()
    waiting: list[tuple[BlockDef, tuple[str, ...]]] = [(block, (block.name,))]
    while waiting:
        here, way = waiting.pop()
        for step in _uses(here.syntax.body):
            target = here.program.blocks.get(step.name)
            if target is block:
                yield recursion((*way, block.name), step).diagnostic
                return
            if target and target not in seen:
                seen.add(target)
                waiting.append((target, (*way, target.name)))


def recursion(way: tuple[str, ...], step: ast.LayerStep) -> Located:
    """A block that contains itself; `way` leads from it back to it."""
    message = f"the block {way[0]} uses itself: {' → '.join(way)}"
    return located("recursion", message, step.name_span, "a block cannot contain itself")


def _uses(step: ast.Step) -> Iterator[ast.LayerStep]:
    if isinstance(step, ast.LayerStep):
        yield step
    for inner in parts(step):
        yield from _uses(inner)


def free_names(program: Program) -> set[str]:
    """The counts that a bare pattern leaves free, whether or not a copy of them is there."""
    return free_counts(program).keys() - {param.name for param in program.params}


def free_counts(program: Program) -> dict[str, Span]:
    """The names that stand for a count in the chains, with the first place of each."""
    chains = _chains(program)
    found: dict[str, Span] = {}
    for chain in chains:
        for count in _counts(chain):
            found.setdefault(count.name, count.span)
    return found


def _counts(step: ast.Step) -> Iterator[ast.Name]:
    if isinstance(step, ast.Repeat):
        count = step.count.inner if isinstance(step.count, ast.Paren) else step.count
        if isinstance(count, ast.Name):
            yield count
    for inner in parts(step):
        yield from _counts(inner)
