"""The optional parts of a program, whether or not a network of it has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnndsl.elaborate.evaluate import Scope
from cnndsl.elaborate.names import name_steps
from cnndsl.elaborate.program import BlockDef, Program
from cnndsl.source import Span
from cnndsl.syntax import ast


def optional_parts(program: Program) -> dict[ast.Step, str]:
    """The optional parts of the chains, and of the blocks that they use, with their names."""
    found = _named(program.whole, Scope(program, _defaults(program)), program.names)
    for block in _used(program):
        inside = _named(block.syntax.body, Scope(block.program), {})
        found |= {step: f"{block.name}_{name}" for step, name in inside.items()}
    return found


def _named(body: ast.Step, scope: Scope, taken: Mapping[str, Span]) -> dict[ast.Step, str]:
    if not any(isinstance(node, ast.Optional) for node in ast.walk(body)):
        return {}
    names = name_steps(body, scope, dict(taken)).steps
    return {step: name for step, name in names.items() if isinstance(step, ast.Optional)}


def _defaults(program: Program) -> dict[str, Any]:
    """The parameters that are names in their defaults: of layers, which steps are named after."""
    scope = Scope(program)
    named = {param.name: param.default for param in program.params if isinstance(param.default, ast.Name)}
    found = {name: scope.find(default.name) for name, default in named.items()}
    return {name: value for name, value in found.items() if value is not None}


def _used(program: Program) -> list[BlockDef]:
    """The blocks that a network may use, itself or by another block."""
    roots: list[Any] = [program.whole]
    roots += [variant.arguments for variant in program.variants.values()]
    roots += [part for param in program.params for part in _parts(param)]
    waiting = [(root, program) for root in roots]
    found: dict[BlockDef, None] = {}
    while waiting:
        root, home = waiting.pop()
        for node in ast.walk(root):
            name = node.name if isinstance(node, ast.LayerStep | ast.Name) else ""
            block = home.blocks.get(name)
            if block and block not in found:
                found[block] = None
                waiting.append((block.syntax.body, block.program))
                waiting += [(part, block.program) for one in block.syntax.params for part in _parts(one)]
    return [*found]


def _parts(param: ast.Param) -> list[ast.Expr]:
    return [part for part in (param.default, *(param.choices or ())) if part is not None]
