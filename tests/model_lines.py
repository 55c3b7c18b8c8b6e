"""Lines of model files, ours and torchvision's, counted alike.

Both are parsed and written again at 88 columns: so comments, empty lines and each author's way of
breaking lines are out. Of both, imports and docstrings are left out; of ours, the script at the end;
of torchvision's, weights and what loads them, registration, logging, initialisation, and the
functions of networks that the spec does not have. What torchvision's file imports from its other
files to build with (Conv2dNormActivation, SqueezeExcitation, StochasticDepth) is not counted for it,
though ours stand alone and have the like in them.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

#: Arguments of torchvision's functions that are about weights.
_ARGUMENTS = {"weights", "weights_backbone", "progress"}
_PLUMBING = re.compile(
    r"\bweights\b|_ovewrite_|_log_api_usage_once|self\.modules\(\)|_load_state_dict|init_weights|_version"
)


def ours(text: str) -> int:
    """The lines of an emitted file, without its script."""
    tree = ast.parse(text)
    kept = [node for node in tree.body if not _is_script(node)]
    return _lines(kept)


def _is_script(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == "main"
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == "MODELS"
    return isinstance(node, ast.If)


def theirs(folder: Path, module: str, builds: Callable[[str], bool]) -> int:
    """The lines of a model file of torchvision's in `folder`, with the functions that `builds` names."""
    tree = ast.parse((folder / "models" / module).read_text(encoding="utf-8"))
    return _lines([node for node in tree.body if _is_model(node, builds)])


def _is_model(node: ast.stmt, builds: Callable[[str], bool]) -> bool:
    if isinstance(node, ast.ClassDef):
        return not node.name.endswith("_Weights")
    if isinstance(node, ast.FunctionDef):
        registered = any("register_model" in ast.unparse(one) for one in node.decorator_list)
        return builds(node.name) if registered else node.name != "_load_state_dict"
    names = [
        ast.unparse(target) for target in getattr(node, "targets", [getattr(node, "target", None)]) if target
    ]
    return any(names) and not any("META" in name or name == "__all__" for name in names)


def _lines(body: list[ast.stmt]) -> int:
    tree = ast.Module([_Bare().visit(node) for node in body], [])
    text = ast.unparse(ast.fix_missing_locations(tree))
    if not find_spec("ruff"):
        pytest.skip("ruff is not installed: pip install -e '.[dev]'")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "88", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return sum(bool(line.strip()) for line in done.stdout.splitlines())


class _Bare(ast.NodeTransformer):
    """Takes out imports, docstrings and what is about weights."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list = []
        for group in (node.args.args, node.args.kwonlyargs):
            for argument in [one for one in group if one.arg in _ARGUMENTS]:
                at = group.index(argument)
                if group is node.args.kwonlyargs:
                    del node.args.kw_defaults[at]
                group.remove(argument)
        self.generic_visit(node)
        node.body = _stripped(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.body = _stripped(node.body)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.args = [one for one in node.args if not (isinstance(one, ast.Name) and one.id in _ARGUMENTS)]
        node.keywords = [one for one in node.keywords if one.arg not in _ARGUMENTS]
        return node


def _stripped(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements without docstrings and plumbing."""
    kept = [node for node in body if not (_is_text(node) or _is_plumbing(node))]
    return kept or [ast.Pass()]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_plumbing(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.Return):
        return False
    head = node.test if isinstance(node, ast.If) else node.iter if isinstance(node, ast.For) else node
    return bool(_PLUMBING.search(ast.unparse(head)))
