"""How `build` is told to write: the class's name, with comments or without."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest
from cli_help import run
from emit_programs import PROGRAMS
from emit_specs import NAMES, report_of

from cnndsl.api import check
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit import emit
from cnndsl.emit.file import MARK
from cnndsl.emit.options import Options
from cnndsl.emit.torch import emit_torch
from cnndsl.source import Source


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- the class's name


def classes(text: str) -> list[str]:
    return [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]


def test_the_class_is_called_as_wanted_and_the_functions_as_ever() -> None:
    emitted = emit_torch(report_of("resnet"), Options("Backbone"))
    assert classes(emitted.text) == ["Shortcut", "BasicBlock", "Bottleneck", "Backbone"]
    assert emitted.calls["ResNet50"] == "resnet50()"
    assert "ResNet(" not in emitted.text.replace("ResNet: ResNet18", "")


@pytest.mark.parametrize(
    ("name", "code", "message", "hint"),
    [
        ("my net", "argument-value", "no name that a Python class can have", "--class-name MyNet"),
        ("3net", "argument-value", "no name that a Python class can have", "--class-name N3net"),
        ("", "argument-value", "no name that a Python class can have", "--class-name Net"),
        ("a\nb", "argument-value", "no name", "--class-name AB"),
        ("class", "argument-value", "a word of Python", "--class-name Class"),
        ("Tensor", "name-clash", "something else in Python or in the generated file", "another name"),
        ("float", "name-clash", "something else in Python or in the generated file", "another name"),
        ("main", "name-clash", "something else in Python or in the generated file", "another name"),
        ("BasicBlock", "name-clash", "the class of a block", "another name"),
        ("resnet18", "name-clash", "the function of a variant", "another name"),
    ],
)
def test_a_name_that_cannot_be_had(name: str, code: str, message: str, hint: str) -> None:
    with pytest.raises(Located) as caught:
        emit(report_of("resnet"), options=Options(name))
    found = caught.value.diagnostic
    assert (found.code, found.span.source.name) == (code, "--class-name")
    assert message in found.message
    assert hint in found.hints[0]


@pytest.mark.parametrize("name", ["my net", "Tensor", ""])
def test_it_is_wrong_usage(folder: Path, name: str) -> None:
    done = run("build", "alexnet", "--class-name", name)
    assert done.status == 2
    assert "error[" in done.err
    assert list(folder.iterdir()) == []


def test_one_name_is_for_one_file(folder: Path) -> None:
    done = run("build", "alexnet", "vgg", "--class-name", "Net")
    assert done.status == 2
    assert "--class-name names one network's class, and there are 2: build them apart" in done.err
    assert list(folder.iterdir()) == []
    assert run("build", "alexnet", "--class-name", "Net").status == 0


def test_variants_that_need_a_class_each_cannot_share_the_name() -> None:
    report = check(Source("net.cnn", PROGRAMS["kind_of_the_net"]))
    assert classes(emit(report)) == ["A", "B"]
    with pytest.raises(Located, match="names one class, and this file has 2") as caught:
        emit(report, options=Options("Both"))
    assert "--variant NAME" in caught.value.diagnostic.hints[0]


# ---- comments


def comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@pytest.mark.parametrize("name", NAMES)
def test_without_comments_the_code_is_the_same(name: str) -> None:
    report = report_of(name)
    with_them, without = emit(report), emit(report, options=Options(comments=False))
    assert comments(without) == [f"{MARK} from {name}.cnn."]
    assert comments(with_them)[:1] == comments(without)
    assert ast.dump(ast.parse(without)) == ast.dump(ast.parse(with_them))  # docstrings too


def test_a_file_without_comments_is_known_as_our_own(folder: Path) -> None:
    assert run("build", "alexnet", "--no-comments").status == 0
    text = (folder / "alexnet.py").read_text(encoding="utf-8")
    assert "96@55x55" not in text
    assert run("build", "alexnet").status == 0
    assert "96@55x55" in (folder / "alexnet.py").read_text(encoding="utf-8")
    (folder / "alexnet.py").write_text(text.replace("0.5", "0.4"), encoding="utf-8")
    assert "was edited" in run("build", "alexnet", "--no-comments").err
