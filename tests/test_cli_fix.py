"""`check --fix` and `--diff`: what is written, what is kept, and what is said."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from cli_help import run

from cnndsl.cli.rewrite import NotWritten, like, rewrite
from cnndsl.source import Source

FORGOTTEN = "# mine\nINPUT(3@32x32) CONV(8, 3)   # eight\nReLU → FC(10)\n"
MENDED = "# mine\nINPUT(3@32x32) → CONV(8, 3)   # eight\n→ ReLU → FC(10)\n"
#: Its two readings are both possible.
UNCLEAR = "INPUT(64x32x16) → ReLU\n"
CLEAR = "INPUT(16@64x32) → ReLU\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def forgotten(folder: Path) -> Path:
    path = folder / "my.cnn"
    path.write_bytes(FORGOTTEN.encode())
    return path


# ---- what is offered


def test_fixes_are_offered(forgotten: Path) -> None:
    done = run("check", "my.cnn")
    assert done.err.splitlines()[-6:] == [
        "     fix: insert an arrow",
        " 2 │ INPUT(3@32x32) → CONV(8, 3)   # eight",
        "   │                ++",
        "",
        "1 fixable with --fix",
        "`cnndsl explain missing-arrow` tells more; warnings come once there are no errors",
    ]
    assert forgotten.read_text(encoding="utf-8") == FORGOTTEN


def test_unsafe_ones_are_told_apart(folder: Path) -> None:
    (folder / "my.cnn").write_text(UNCLEAR, encoding="utf-8")
    (folder / "other.cnn").write_text(FORGOTTEN, encoding="utf-8")
    alone = run("check", "my.cnn").err
    assert "fix (unsafe): write 16@64x32\n" in alone
    more = "`cnndsl explain ambiguous-shape` tells more; warnings come once there are no errors\n"
    assert alone.endswith(f"\n1 fixable with --fix --unsafe-fixes\n{more}")
    both = run("check", "my.cnn", "other.cnn").err
    assert both.endswith(f"\n1 fixable with --fix (1 more with --unsafe-fixes)\n{more}")
    assert both.count("fixable") == both.count("tells more") == 1


# ---- --fix


def test_fix_writes_the_file_and_reports_on_it(forgotten: Path) -> None:
    done = run("check", "my.cnn", "--fix")
    assert forgotten.read_text(encoding="utf-8") == MENDED
    assert done.status == 0
    assert "72 234" in done.out
    assert done.err == "fixed 2 problems in my.cnn: insert an arrow (×2)\n"
    again = run("check", "my.cnn", "--fix")
    assert (again.status, again.err, again.out) == (0, "", done.out)
    assert forgotten.read_text(encoding="utf-8") == MENDED
    assert os.listdir() == ["my.cnn"]


def test_unsafe_fixes(folder: Path) -> None:
    path = folder / "my.cnn"
    path.write_text(UNCLEAR, encoding="utf-8")
    safe = run("check", "my.cnn", "--fix")
    assert (safe.status, path.read_text(encoding="utf-8")) == (1, UNCLEAR)
    assert "nothing to fix in my.cnn\n" in safe.err
    done = run("check", "my.cnn", "--fix", "--unsafe-fixes")
    assert (done.status, done.err) == (0, "fixed 1 problem in my.cnn: write 16@64x32\n")
    assert path.read_text(encoding="utf-8") == CLEAR


def test_many_kinds_of_fixes_are_counted(folder: Path) -> None:
    kinds = "CONVV(8, 3) → RELUU → POOOL(2) → DROPOUTT → LNN → FCC(10)"
    (folder / "my.cnn").write_text(f"INPUT(3@32x32) → {kinds}", encoding="utf-8")
    done = run("check", "my.cnn", "--fix", "--unsafe-fixes")
    assert "fixed 6 problems in my.cnn: write CONV, write " in done.err
    assert ", and 2 more\n" in done.err


def test_other_formats_show_the_mended_file(forgotten: Path) -> None:
    done = run("check", "my.cnn", "--fix", "--format", "concise")
    assert (done.status, done.out) == (0, "")
    assert forgotten.read_text(encoding="utf-8") == MENDED


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark_stay(forgotten: Path, mark: bytes, end: str) -> None:
    forgotten.write_bytes(mark + FORGOTTEN.replace("\n", end).encode())
    assert run("check", "my.cnn", "--fix").status == 0
    assert forgotten.read_bytes() == mark + MENDED.replace("\n", end).encode()


@pytest.mark.parametrize(
    ("raw", "text", "wanted"),
    [
        ("a\r\nb\nc\r\n", "a\nB\nc\n", "a\r\nB\nc\r\n"),
        ("a\r\nb\nc\r\n", "a\nb\nnew\nc\n", "a\r\nb\nnew\r\nc\r\n"),
        ("a\r\nb\nc\r\n", "b\nc", "b\nc"),
        ("a\r\nb\nc", "a\nb\nc\nd\n", "a\r\nb\nc\r\nd\r\n"),
        ("a", "a\nb\n", "a\nb\n"),
        ("\ufeffa\r\n", "b\n", "\ufeffb\r\n"),
        ("", "", ""),
    ],
)
def test_lines_that_end_differently(raw: str, text: str, wanted: str) -> None:
    assert like(text, raw) == wanted


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of Unix")
def test_permissions_and_links_stay(forgotten: Path, folder: Path) -> None:
    forgotten.chmod(0o640)
    (folder / "link.cnn").symlink_to("my.cnn")
    assert run("check", "link.cnn", "--fix").status == 0
    assert (folder / "link.cnn").is_symlink()
    assert forgotten.read_text(encoding="utf-8") == MENDED
    assert stat.S_IMODE(forgotten.stat().st_mode) == 0o640


# ---- what cannot be written


def test_a_file_that_may_not_be_written(forgotten: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnndsl.cli.rewrite.os.access", lambda *_: False)
    done = run("check", "my.cnn", "--fix")
    assert done.status == 1
    assert "error[missing-arrow]" in done.err
    assert "error: my.cnn may not be written: its permissions forbid it\n" in done.err
    assert "fixed" not in done.err
    assert forgotten.read_text(encoding="utf-8") == FORGOTTEN


def test_a_full_disk(forgotten: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    done = run("check", "my.cnn", "--fix")
    assert (done.status, os.listdir()) == (1, ["my.cnn"])
    assert "my.cnn cannot be written: No space left on device" in done.err


@pytest.mark.parametrize("new", [b"INPUT(8) FC(3)", b"\xff"])
def test_a_file_that_somebody_else_changes_meanwhile(
    forgotten: Path, new: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _: new)
    done = run("check", "my.cnn", "--fix")
    assert done.status == 1
    assert "my.cnn was changed while it was checked" in done.err
    monkeypatch.undo()
    assert forgotten.read_text(encoding="utf-8") == FORGOTTEN


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Unix")
def test_a_pipe_by_name(folder: Path) -> None:
    os.mkfifo("pipe.cnn")
    with pytest.raises(NotWritten, match=r"pipe\.cnn is not a regular file"):
        rewrite(Source("pipe.cnn", "INPUT", str(folder / "pipe.cnn")), "INPUT → FC")


def test_shipped_networks_are_not_rewritten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "specs").mkdir()
    own = folder / "specs" / "ours.cnn"
    own.write_text(FORGOTTEN, encoding="utf-8")
    monkeypatch.setattr("cnndsl.files.shipped", lambda: {"ours": str(own)})
    done = run("check", "ours", "--fix")
    assert done.status == 1
    assert "error: ours.cnn comes with cnndsl and is not rewritten\n" in done.err
    assert own.read_text(encoding="utf-8") == FORGOTTEN
    assert run("check", "specs/ours.cnn", "--fix").status == 0
    assert own.read_text(encoding="utf-8") == MENDED


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "my.cnn").write_bytes(b"INPUT \xff")
    for option in ("--fix", "--diff"):
        done = run("check", "my.cnn", option)
        assert (done.status, done.out) == (1, "")
        assert "error[unreadable]" in done.err
    assert (folder / "my.cnn").read_bytes() == b"INPUT \xff"


def test_files_that_are_used_are_named(folder: Path) -> None:
    (folder / "blocks.cnn").write_text("block B = CONVV(3, 3)", encoding="utf-8")
    (folder / "my.cnn").write_text('use "blocks.cnn"\nINPUT(3@9x9) → B', encoding="utf-8")
    done = run("check", "my.cnn", "--fix", "--unsafe-fixes")
    assert done.status == 1
    assert "blocks.cnn has fixes as well: name it as a FILE of its own\n" in done.err
    assert (folder / "blocks.cnn").read_text(encoding="utf-8") == "block B = CONVV(3, 3)"


# ---- without a file


def test_standard_input_is_mended_to_standard_output() -> None:
    done = run("check", "-", "--fix", stdin=FORGOTTEN)
    assert done == (0, MENDED, "fixed 2 problems in <stdin>: insert an arrow (×2)\n")
    assert run("check", "-", "--fix", stdin=MENDED) == (0, MENDED, "")
    broken = run("check", "-", "--fix", stdin=UNCLEAR)
    assert (broken.status, broken.out) == (1, UNCLEAR)
    assert "error[ambiguous-shape]" in broken.err


def test_an_expression() -> None:
    assert run("check", "--fix", "-e", "INPUT(8) FC(3)").out == "INPUT(8) → FC(3)\n"


# ---- --diff


def test_diff_shows_and_writes_nothing(forgotten: Path) -> None:
    done = run("check", "my.cnn", "--diff")
    assert done.status == 1
    assert done.out == (
        "--- my.cnn\n+++ my.cnn\n@@ -1,3 +1,3 @@\n # mine\n"
        "-INPUT(3@32x32) CONV(8, 3)   # eight\n-ReLU → FC(10)\n"
        "+INPUT(3@32x32) → CONV(8, 3)   # eight\n+→ ReLU → FC(10)\n"
    )
    assert done.err == "would fix 2 problems in my.cnn: insert an arrow (×2)\n"
    assert run("check", "my.cnn", "--diff", "--fix") == done
    assert forgotten.read_text(encoding="utf-8") == FORGOTTEN
    forgotten.write_text(MENDED, encoding="utf-8")
    assert run("check", "my.cnn", "--diff") == (0, "", "nothing to fix in my.cnn\n")


def test_diff_takes_unsafe_fixes_if_asked(folder: Path) -> None:
    (folder / "my.cnn").write_text(UNCLEAR, encoding="utf-8")
    assert run("check", "my.cnn", "--diff").status == 0
    assert f"+{CLEAR}" in run("check", "my.cnn", "--diff", "--unsafe-fixes").out


def test_diff_of_a_last_line_without_end_and_with_tabs() -> None:
    out = run("check", "-", "--diff", stdin="INPUT(8)\t\x1b FC(3)").out
    assert out == "" or out.isprintable()
    out = run("check", "-", "--diff", stdin="INPUT(8)\tFC(3)").out
    end = "\\ No newline at end of file\n"
    assert out.endswith(f"-INPUT(8)\tFC(3)\n{end}+INPUT(8)\t→ FC(3)\n{end}")


def test_diff_in_colour(forgotten: Path) -> None:
    assert "\x1b[1;32m+→ ReLU" in run("check", "my.cnn", "--diff", "--color", "always").out


# ---- what does not go together


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["my.cnn", "--unsafe-fixes"], "goes with --fix or --diff"),
        (["-", "--fix", "--format", "json"], "nothing else can be with it"),
        (["-", "my.cnn", "--fix"], "nothing else can be with it"),
        (["-e", "INPUT", "--watch"], "it goes without"),
        (["-", "--watch"], "it goes without"),
        (["my.cnn", "--watch", "--fix"], "it goes without"),
        (["my.cnn", "--fix", "--set", "N=2"], "error[undefined]"),
        (["my.cnn", "--diff", "--set", "N=2"], "error[undefined]"),
    ],
)
def test_wrong_usage(forgotten: Path, arguments: list[str], part: str) -> None:
    forgotten.write_text(MENDED, encoding="utf-8")
    done = run("check", *arguments, stdin="INPUT")
    assert done.status == 2
    assert part in " ".join(done.err.split())
