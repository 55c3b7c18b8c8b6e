"""Emitted source: golden files, the same text every time, and no more of it than the network needs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from emit_specs import NAMES, report_of

from cnndsl.api import check
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit import emit
from cnndsl.emit.file import MARK
from cnndsl.source import Source

if TYPE_CHECKING:
    from goldens import Golden

#: What emitted files may import.
IMPORTS = {"argparse", "math", "collections.abc", "torch"}


#: Networks whose code has nothing that another's has not.
UNSHOWN = {
    "alexnet_torchvision",
    "googlenet_torchvision",
    "inception_v3",
    "mnasnet",
    "resnext",
    "squeezenet",
    "wide_resnet",
}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNSHOWN])
def test_golden(name: str, golden: Golden) -> None:
    golden(f"emit/{name}.py.txt", emit(report_of(name)))


@pytest.mark.parametrize("name", NAMES)
def test_starts_with_the_mark_and_imports_little(name: str) -> None:
    text = emit(report_of(name))
    assert text.startswith(f"{MARK} from {name}.cnn.\n")
    assert text.endswith("    main()\n")
    imported = {
        module.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in node.names
    }
    assert imported <= IMPORTS


def emitted_digest() -> str:
    return sha256("".join(emit(report_of(name)) for name in NAMES).encode()).hexdigest()


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_the_same_whatever_the_hash_seed(seed: str) -> None:
    tests = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", "import test_emit; print(test_emit.emitted_digest())"],
        env={
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == emitted_digest()


def emitted(text: str, **options: str) -> str:
    report = check(Source("net.cnn", text), **options)  # type: ignore[arg-type]
    assert report.ok, [found.message for found in report.diagnostics]
    return emit(report)


@pytest.mark.parametrize(
    "repeat",
    [
        "[CONV(3, 3, p=1) → ReLU]*1_000_000",
        "[CONV(64, 3, p=1) → ReLU]*1_000_000",
        "[{ CONV(3, 3, p=1) + ID } → ReLU]*1_000_000",
        "[B(3)]*1_000_000",
        "[[CONV(3, 1)]*1_000 → BN]*1_000",
        "CONV(2, 1) as a → [ReLU → { ID + a }]*1_000_000",
    ],
)
def test_a_million_copies_are_a_loop(repeat: str) -> None:
    text = emitted(f"block B(c) = CONV(c, 3, p=1) → BN\nINPUT(3@8x8) → {repeat} → FC(10)")
    assert len(text.splitlines()) < 70


def test_a_repeat_that_changes_shape_is_a_loop() -> None:
    text = emitted("INPUT(3@8x8) → [{ ID | CONV(i % 4 + 1, 3, p=1) }]*(i < 500) → GAP → FC(10)")
    assert "for i in range(500):" in text
    assert len(text.splitlines()) < 70


def test_docs_are_docstrings() -> None:
    text = emitted(
        "# What it is.\n# And why.\nnet N\n# A block.\nblock B = CONV(2, 1)\nINPUT(1@4x4) → B → FC(2)"
    )
    classes = {
        node.name: ast.get_docstring(node) for node in ast.parse(text).body if isinstance(node, ast.ClassDef)
    }
    assert classes == {"N": "What it is.\n\nAnd why.", "B": "A block."}


def test_variants_are_functions() -> None:
    tree = ast.parse(emit(report_of("resnet")))
    functions = {node.name: ast.unparse(node.args) for node in tree.body if isinstance(node, ast.FunctionDef)}
    names = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
    assert {name: functions[name] for name in names} == dict.fromkeys(names, "classes: int=1000")


def test_underscores_of_a_variant_are_those_of_its_function() -> None:
    text = emit(report_of("regnet"))
    for name in ["regnet_x_400mf", "regnet_x_1_6gf", "regnet_y_128gf"]:
        assert f"def {name}(classes: int = 1000) -> RegNet:" in text


def test_one_variant_is_one_function() -> None:
    report = check(Source("resnet.cnn", report_of("resnet").source.text), variants=["ResNet50"])
    text = emit(report)
    assert "def resnet50(classes: int = 1000) -> ResNet:" in text
    assert "resnet18" not in text
    assert "BasicBlock" not in text
    assert "MODELS" not in text


def test_further_outputs_are_returned_in_order() -> None:
    text = emit(report_of("googlenet"))
    assert "def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:" in text
    assert '"""The main output, then aux1, aux2."""' in text
    assert "return x, aux1, aux2" in text


def test_further_inputs_are_arguments() -> None:
    assert "def forward(self, x: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:" in emit(report_of("rgbd"))


# ---- what cannot be emitted


def test_free_counts_must_be_bound() -> None:
    with pytest.raises(Located) as caught:
        emit(check("INPUT → [FC → ReLU]*K → FC"))
    assert caught.value.diagnostic.code == "unbound"
    assert caught.value.diagnostic.span.text == "K"
    assert caught.value.diagnostic.hints == ("bind it: --set K=1",)


def test_all_that_is_free_is_told_at_once() -> None:
    pattern = "INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC"
    for settings, message, hint in (
        ("", "`N`, `pool1`, `M` and `K` are free: this is a family of networks", "N=1,pool1=yes,M=1,K=1"),
        ("M=3, K=0", "`N` and `pool1` are free: this is a family of networks", "N=1,pool1=yes"),
    ):
        with pytest.raises(Located) as caught:
            emit(check(pattern, settings=settings))
        assert caught.value.diagnostic.message == message
        assert caught.value.diagnostic.hints == (f"bind them: --set {hint}",)
        assert emit(check(pattern, settings=f"{settings}, {hint}".lstrip(", ")))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "INPUT(3@8x8) → POOL(avg, 3, s=1, p=1:0, count_pad=no) → FC(10)",
            "POOL(avg, 3, s=1, p=1:0, count_pad=no)",
        ),
        ("block B(k) = POOL(avg, k, p=same, count_pad=no)\nINPUT(3@9x9) → CONV(4, 1) → B(4) → FC(10)", ""),
    ],
)
def test_what_pytorch_lacks_is_located(text: str, place: str) -> None:
    with pytest.raises(Located) as caught:
        emit(check(text))
    found = caught.value.diagnostic
    assert found.code == "not-expressible"
    assert found.span.text == (place or "POOL(avg, k, p=same, count_pad=no)")
    assert found.hints
