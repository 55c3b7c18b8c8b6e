"""What the emitter reads off the syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.syntax import ast

if TYPE_CHECKING:
    from cnndsl.elaborate.program import BlockDef


def written_arguments(step: ast.Step, block: BlockDef) -> dict[str, ast.Expr]:
    """The expressions that a use gives for the block's parameters."""
    items = step.arguments.items if isinstance(step, ast.LayerStep) and step.arguments else ()
    params = [param.name for param in block.syntax.params]
    positional = [item.value for item in items if item.name is None]
    return dict(zip(params, positional, strict=False)) | {
        item.name: item.value for item in items if item.name
    }


def names_of(expr: ast.Expr) -> frozenset[str]:
    """The names in an expression."""
    return frozenset(node.name for node in ast.walk(expr) if isinstance(node, ast.Name))


def counted_by(step: ast.Step) -> tuple[ast.Expr, ...]:
    """The expressions that say how often a part stands there."""
    match step:
        case ast.Repeat():
            return (step.count,)
        case ast.IndexedRepeat():
            return (step.limit,)
        case ast.ListRepeat():
            return step.values
        case ast.Guard():
            return (step.condition,)
    return ()


def reads_extents(expr: ast.Expr) -> bool:
    """Whether an expression reads an extent of what arrives: `in.H`."""
    return any(isinstance(node, ast.Arriving) and node.letter.upper() != "C" for node in ast.walk(expr))
