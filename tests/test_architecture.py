"""Who may import whom. Each rule has a test on a small made-up package that shows that it can fail."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
GENERATED = ROOT / "cnndsl" / "syntax" / "_parser.py"

#: Each room (a module or package directly in cnndsl) may use itself and the floors below its own.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("record", "resources"),
    ("shape", "source", "values"),
    ("diagnostics",),
    ("config", "files", "layers", "syntax"),
    ("highlight",),
    ("network",),
    ("elaborate",),
    ("analysis",),
    ("explain",),
    ("emit", "format", "render"),
    ("drawing",),
    ("webpage",),
    ("api",),
    ("begun", "families", "fixes", "formatting", "torch"),
    ("notebook",),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

#: Modules that make up one room: shapes hold sizes, whose products are formulas.
INSIDE = {"size": "shape", "formula": "shape"}

#: What comes from outside the standard library, and the only room that may import it.
GUESTS = {
    "lark": "syntax",
    "click": "cli",
    "rich": "render",
    "torch": "torch",
    "pygments": "highlight",
    "IPython": "notebook",
    "typst": "drawing",
}

#: What may look upstairs all the same: a notebook asks an object itself how it is shown.
UPSTAIRS = {("network", "cnndsl.webpage"), ("network", "cnndsl.drawing")}


class Import(NamedTuple):
    path: Path
    line: int
    module: str


def imports(package: Path) -> Iterator[Import]:
    """What the files of a package import, at their top or inside functions; not what is for types only."""
    for path in sorted(package.rglob("*.py")):
        if path != GENERATED:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in _executed(tree):
                for module in _modules(node, path, package):
                    yield Import(path.relative_to(package.parent), node.lineno, module)


def _executed(node: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.stmt | ast.expr):
            yield child
        yield from _executed(child)


def _modules(node: ast.AST, path: Path, package: Path) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            if level:
                return ["." * level + (module or "")]
            found = [_submodule(f"{module}.{alias.name}", package) or str(module) for alias in names]
            return sorted(set(found))
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(module)), *_],
        ):
            return [module]
    return []


def _submodule(name: str, package: Path) -> str | None:
    """`cnndsl.elaborate.leaves`, for `from cnndsl.elaborate import leaves`; None for a mere name."""
    path = package.parent / Path(*name.split("."))
    return name if path.is_dir() or path.with_suffix(".py").is_file() else None


def violations(package: Path) -> list[str]:
    """Each import that the rules forbid, with the rule."""
    return [
        f"{found.path}:{found.line}: {found.module}: {why}"
        for found in imports(package)
        if (why := _forbidden(found.path.with_suffix("").parts[1], found.module))
    ]


def _forbidden(room: str, module: str) -> str:
    top, _, inside = module.partition(".")
    if (room, module) in UPSTAIRS:
        return ""
    if top == "cnndsl":
        return _upstairs(room, inside.partition(".")[0])
    if not top:
        return "imports are absolute"
    if top in sys.stdlib_module_names:
        return ""
    if top not in GUESTS:
        return "cnndsl does not depend on it"
    return "" if GUESTS[top] == room else f"only {GUESTS[top]} may import {top}, not {room}"


def _upstairs(room: str, other: str) -> str:
    room, other = INSIDE.get(room, room), INSIDE.get(other, other)
    if room in ("__init__", other) or not other:  # the package itself offers the rooms, and its version
        return ""
    unknown = [name for name in (room, other) if name not in FLOOR]
    if unknown:
        return f"{unknown[0]} has no place in FLOORS"
    return "" if FLOOR[other] < FLOOR[room] else f"{room} may not use {other}"


def test_imports_run_one_way() -> None:
    assert violations(ROOT / "cnndsl") == []


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("layers/conv.py", "from cnndsl.syntax import ast", "layers may not use syntax"),
        ("layers/conv.py", "from cnndsl import syntax", "layers may not use syntax"),
        ("layers/conv.py", "import cnndsl.emit.torch", "layers may not use emit"),
        ("layers/conv.py", "from ..syntax import ast", "imports are absolute"),
        ("shape.py", "def area():\n    from cnndsl.api import check", "shape may not use api"),
        ("api.py", "import importlib\nimportlib.import_module('cnndsl.cli')", "api may not use cli"),
        ("source.py", "numpy = __import__('numpy')", "cnndsl does not depend on it"),
        ("network.py", "class Node:\n    import numpy", "cnndsl does not depend on it"),
        ("emit/torch.py", "if 1:\n    import torch.nn", "only torch may import torch, not emit"),
        (
            "render/table.py",
            "try:\n    import click\nexcept ImportError:\n    pass",
            "only cli may import click",
        ),
        ("cli/check.py", "from rich.table import Table", "only render may import rich"),
        ("attic.py", "import cnndsl.api", "attic has no place in FLOORS"),
    ],
)
def test_a_forbidden_import_is_seen(tmp_path: Path, file: str, text: str, complaint: str) -> None:
    package = _package(tmp_path, file, text)
    (found,) = violations(package)
    assert found.startswith(f"cnndsl/{file}:")
    assert complaint in found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("cli/check.py", "import click\nfrom cnndsl import __version__, api"),
        ("render/table.py", "import json\nfrom rich.table import Table\nfrom cnndsl.layers import Layer"),
        (
            "network.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from cnndsl.elaborate import Program",
        ),
        ("emit/torch.py", "SOURCE = 'import torch'"),
    ],
)
def test_an_allowed_import_is_left_alone(tmp_path: Path, file: str, text: str) -> None:
    assert violations(_package(tmp_path, file, text)) == []


def _package(folder: Path, file: str, text: str) -> Path:
    package = folder / "cnndsl"
    for room in ("syntax", "api.py", "cli", "emit"):
        (package / room).mkdir(parents=True, exist_ok=True) if "." not in room else (package / room).touch()
    (package / file).parent.mkdir(parents=True, exist_ok=True)
    (package / file).write_text(text, encoding="utf-8")
    return package


# ---- what is loaded


def loaded(code: str) -> set[str]:
    """The modules in memory after a fresh interpreter has run the code."""
    report = f"{code}\nimport sys; print('loaded', *sys.modules, sep='\\n')"
    run = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(run.stdout.rpartition("loaded\n")[2].split())


CHECK = """
import sys
from cnndsl.cli import main
sys.argv[1:] = ["check", "alexnet"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def test_importing_cnndsl_loads_next_to_nothing() -> None:
    assert not loaded("import cnndsl") & {"torch", "lark", "click", "rich", "cnndsl.api"}


def test_checking_loads_neither_torch_nor_lark() -> None:
    names = loaded(CHECK)
    assert "cnndsl.elaborate" in names
    assert not names & {"torch", "lark"}


def test_the_test_sees_what_is_loaded() -> None:
    assert "torch" in loaded("import sys, types; sys.modules['torch'] = types.ModuleType('torch')")


# ---- size


def too_long(root: Path, limit: int = 400) -> list[str]:
    """The Python files with more lines than that: they have two subjects."""
    folders = [root / name for name in ("cnndsl", "tests", "bench", "docs")]
    files = sorted(path for folder in folders for path in folder.rglob("*.py") if path != GENERATED)
    counts = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    return [f"{path.relative_to(root)}: {n} lines" for path, n in counts.items() if n > limit]


def test_no_file_has_two_subjects() -> None:
    assert too_long(ROOT) == []


def test_a_long_file_is_seen(tmp_path: Path) -> None:
    (tmp_path / "cnndsl").mkdir()
    (tmp_path / "cnndsl" / "long.py").write_text("x = 1\n" * 401)
    assert too_long(tmp_path) == ["cnndsl/long.py: 401 lines"]
