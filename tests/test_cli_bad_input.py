"""Whatever the file holds: at least one diagnostic, no traceback, nothing that acts on the terminal."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cli_help import run

NOISE = random.Random(0)

BAD: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\t\n",
    "comment": b"# nothing else\n",
    "nul": b"INPUT\0 -> FC",
    "not UTF-8": b"INPUT \xff\xfe",
    "UTF-16": "INPUT → FC".encode("utf-16"),
    "noise": bytes(NOISE.randrange(32, 127) for _ in range(1_000_000)),
    "noise with control characters": bytes(NOISE.randrange(128) for _ in range(1_000_000)),
    "binary noise": NOISE.randbytes(1_000_000),
    "open brackets": b"INPUT -> " + b"[" * 100_000,
    "closing brackets": b"INPUT -> FC" + b"]" * 100_000,
    "nested brackets": b"INPUT -> " + b"[" * 100_000 + b"FC" + b"]" * 100_000,
    "nested parentheses": b"INPUT -> FC(" + b"(" * 20_000 + b"1" + b")" * 20_000 + b")",
    "a tower of powers": b"INPUT -> FC(9^9^9^9)",
    "negative repetition": b"INPUT -> FC*(-1)",
    "too many layers": b"INPUT -> [CONV]*(10^12) -> FC",
    "a kernel too large": b"INPUT(3@32x32) -> CONV(4, 99) -> POOL(9) -> FC",
    "recursion": b"block A = B\nblock B = A\nINPUT -> A -> FC",
    "a file that uses itself": b'use "bad.cnn"\nINPUT -> FC',
    "escape sequences": "INPUT → \x1b[31mFC\x07\x9b".encode(),
    "text that runs backwards": "INPUT → F\u202eC".encode(),
    "Chinese": "INPUT → 卷积(3) → 全连接".encode(),
    "a lone carriage return": b"INPUT\r-> CONVV(3, 3)\r-> FC",
    "no arrow": b"INPUT CONV FC",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check_is_told(*arguments: str) -> str:
    """What is said of something that is wrong; safe to be shown, and not too long for it."""
    done = run("check", *arguments)
    assert done.status == 1
    assert "error[" in done.err
    shown = done.out + done.err
    assert all(sign.isprintable() or sign == "\n" for sign in shown)
    return done.err


@pytest.mark.parametrize("name", BAD)
def test_bad_files(name: str, folder: Path) -> None:
    (folder / "bad.cnn").write_bytes(BAD[name])
    said = check_is_told("bad.cnn")
    assert "bad.cnn" in said
    assert max(map(len, said.splitlines())) < 200
    done = run("build", "bad.cnn")
    assert done.status == 1
    assert [path.name for path in folder.iterdir()] == ["bad.cnn"]


@pytest.mark.parametrize("form", ["json", "csv", "markdown", "concise", "sarif", "github"])
@pytest.mark.parametrize("name", ["empty", "not UTF-8", "escape sequences", "a kernel too large"])
def test_bad_files_in_all_formats(name: str, form: str, folder: Path) -> None:
    (folder / "bad.cnn").write_bytes(BAD[name])
    done = run("check", "bad.cnn", "--format", form)
    assert done.status == 1
    assert all(sign.isprintable() or sign == "\n" for sign in done.out + done.err)


def test_a_directory(folder: Path) -> None:
    (folder / "dir.cnn").mkdir()
    assert "is a directory" in check_is_told("dir.cnn")


def test_a_file_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "secret.cnn").write_text("INPUT → FC", encoding="utf-8")

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("cnndsl.files.open", forbidden, raising=False)
    assert "may not be read" in check_is_told("secret.cnn")


@pytest.mark.parametrize(
    "name",
    ["none.cnn", "", "\x1b[31m", "a\0b", "none/none.cnn", "alexnet/", pytest.param("x" * 5000, id="long")],
)
def test_names_of_no_file(name: str, folder: Path) -> None:
    check_is_told(name)


@pytest.mark.parametrize("text", ["\udcff", "INPUT → \ud800FC", "\x1b]0;title\x07"])
def test_arguments_that_are_no_text(text: str) -> None:
    check_is_told("-e", text)


def test_one_cause_one_message() -> None:
    err = check_is_told("-e", "INPUT(3@32x32) → CONV(4, 99) → ReLU → POOL(9) → FC(10) → FC(3)")
    assert err.count("error[") == 1


def test_the_table_shows_what_is_known(folder: Path) -> None:
    out = run("check", "-e", "INPUT(3@32x32) → CONV(8, 3) → CONV(4, 99) → ReLU → FC(10)").out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "conv1 CONV(8, 3x3) 32 − 3 + 1 = 30 8@30x30 216 8 7 200 194 400 3" in lines
    assert "conv2 CONV(4, 99x99) 4@?x? ? ? ? ? 101" in lines
    assert "relu1 ReLU 4@?x? 101" in lines
    assert "total ? ? ? ?" in lines
    assert "The totals are unknown, since some sizes are." in lines


@pytest.mark.parametrize("text", ["", " "])
@pytest.mark.parametrize(
    ("command", "option", "missing"),
    [
        ("build resnet", "--init", "METHOD"),
        ("check alexnet", "--set", "N=2,M=3"),
        ("check alexnet", "--input", "3@128x128"),
        ("check resnet", "--variant", "NAME"),
        ("family pattern", "--where", "CONDITION"),
        ("family pattern", "--sort", "EXPRESSION"),
        ("family pattern", "--set", "N=1,2,M=0..5"),
        ("match alexnet", "--pattern", "NETWORK"),
    ],
)
def test_an_empty_option_is_none_left_out(command: str, option: str, missing: str, text: str) -> None:
    done = run(*command.split(), option, text)
    assert (done.status, done.out) == (2, "")
    assert f"{option}': it is empty, {missing} is missing" in done.err
