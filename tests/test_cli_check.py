"""`cnndsl check`: what goes where, and what the program ends with."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cli_help import run
from goldens import Golden

SMALL = "INPUT(3@32x32) → CONV(8, 3, p=1) → ReLU → POOL(2) → FC(10)"
FAMILY = "INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


# ---- what is read


def test_a_file(folder: Path) -> None:
    write(folder, "small.cnn", SMALL)
    done = run("check", "small.cnn")
    assert (done.status, done.err) == (0, "")
    assert "CONV(8, 3x3, p=1)" in done.out
    assert "parameters       20 714 = 20 696 weights + 18 biases" in done.out


def test_a_network_given_as_an_option() -> None:
    assert run("check", "-e", SMALL).out == run("check", "-", stdin=SMALL).out.replace("<stdin>", "Net")


def test_a_shipped_network() -> None:
    assert "62 378 344" in run("check", "alexnet").out


def test_a_real_file_wins_over_a_shipped_network(folder: Path) -> None:
    write(folder, "alexnet", SMALL)
    assert "20 714" in run("check", "alexnet").out


def test_several_files_come_in_turn(folder: Path) -> None:
    write(folder, "a.cnn", f"net First\n{SMALL}")
    write(folder, "b.cnn", f"net Second\n{SMALL}")
    out = run("check", "a.cnn", "b.cnn").out
    assert out.index("First") < out.index("\n\nSecond\n")


def test_bytes_that_are_no_text_on_standard_input() -> None:
    done = run("check", "-", stdin=b"INPUT \xff")
    assert (done.status, done.out) == (1, "")
    assert "<stdin>: error[unreadable]" in done.err


# ---- statuses


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["-e", SMALL], 0),
        (["-e", "INPUT → POOOL"], 1),
        (["no_such_network"], 1),
        (["alexnet", "no_such_network"], 1),
        (["-e", SMALL, "--set", "N=2"], 2),
        (["-e", SMALL, "--set", "N="], 2),
        (["-e", SMALL, "--input", "3@"], 2),
        (["resnet", "--variant", "ResNet51"], 2),
        (["-e", SMALL, "alexnet"], 2),
        (["-e", SMALL, "--format", "yaml"], 2),
        ([], 2),
        (["--help"], 0),
    ],
)
def test_status(arguments: list[str], status: int) -> None:
    assert run("check", *arguments).status == status


def test_wrong_usage_shows_no_network() -> None:
    done = run("check", "-e", SMALL, "--set", "N=2")
    assert done.out == ""
    assert "--set:1:2: error[undefined]" in done.err


@pytest.mark.parametrize("name", ["alexnet.cnn", "alexnet", "chek"])
def test_a_missing_command_is_suggested(name: str) -> None:
    done = run(name)
    assert done.status == 2
    assert "did you mean `cnndsl check" in done.err


# ---- options


def test_another_input() -> None:
    done = run("check", "lenet5", "--variant", "Digits", "--input", "1@128x128")
    assert "16·29·29 = 13456" in done.out
    assert "with --input it is another" in done.err


def test_settings_may_be_repeated() -> None:
    done = run("check", "-e", FAMILY, "--set", "N=2,M=3", "--set", "K=2,pool1=yes")
    assert "517 194" in done.out
    assert "--set" not in done.out


def test_a_family_says_what_is_free() -> None:
    out = run("check", "-e", FAMILY, "--set", "N=2").out
    assert "M = 1        free: M ≥ 0" in out
    assert "N = 2        set: N ≥ 0, usually ≤ 3" in out
    assert "--set pool1=no,M=2,K=2" in out


def test_assumptions_are_listed() -> None:
    out = run("check", "-e", FAMILY).out
    assert "CONV(64, 3x3, s=1, p=1)  conv1" in out


def test_strict() -> None:
    uneven = "INPUT(3@224x224) → CONV(96, 11, s=4)"
    assert run("check", "-e", uneven).status == 0
    assert "error[remainder]" in run("check", "-e", uneven, "--strict").err


def test_repeats_unfold() -> None:
    network = "INPUT(8@9x9) → [CONV(8, 3, p=1)]*3"
    assert "conv1[0..2] ×3" in run("check", "-e", network).out
    unfolded = run("check", "-e", network, "--expand").out
    assert [f"conv1[{number}] " in unfolded for number in range(3)] == [True] * 3
    assert "×" not in unfolded


def test_variants_a_line_each_or_with_their_layers() -> None:
    assert len(run("check", "vgg").out.splitlines()) < 20
    both = run("check", "vgg", "--variant", "VGG11", "--variant", "VGG16").out
    assert "132 863 336" in both
    assert "138 357 544" in both
    assert "VGG19" not in both


def test_colours_are_for_those_who_ask() -> None:
    assert "\x1b[" not in run("check", "alexnet").out
    coloured = run("check", "alexnet", "--color", "always").out
    assert "\x1b[1mAlexNet(classes = 1000)\x1b[0m" in coloured


# ---- formats


def network(*arguments: str) -> Any:
    return json.loads(run("check", *arguments, "--format", "json").out)


def test_json_has_the_totals_and_the_diagnostics() -> None:
    found = network("alexnet")
    assert found["totals"]["params"] == 62_378_344
    assert found["layers"][1]["output"] == [96, 55, 55]
    assert found["layers"][1]["arguments"]["stride"] == [4, 4]
    assert found["layers"][1]["sizes"] == "(227 − 11)/4 + 1 = 55"
    done = run("check", "-e", "INPUT → POOOL → FC", "--format", "json")
    assert (done.status, done.err) == (1, "")
    broken = json.loads(done.out)
    assert broken["totals"]["params"] is None
    assert [one["code"] for one in broken["diagnostics"]] == ["unknown-layer"]
    assert broken["diagnostics"][0]["span"]["column"] == 9


def test_json_lists_several_networks() -> None:
    assert [one["network"] for one in network("alexnet", "vgg")["networks"]][:2] == ["AlexNet", "VGG11"]


def test_csv_has_plain_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(run("check", "alexnet", "--format", "csv").out)))
    assert [row["path"] for row in rows][:2] == ["input1", "conv1"]
    assert sum(int(row["count"]) * int(row["params"]) for row in rows) == 62_378_344


def test_concise_is_a_line_for_each_diagnostic() -> None:
    done = run("check", "-e", "INPUT → POOOL → FCC", "--format", "concise")
    assert done.out.splitlines() == [
        "-e:1:9: error[unknown-layer]: there is no layer or block `POOOL`",
        "-e:1:17: error[unknown-layer]: there is no layer or block `FCC`",
    ]
    assert run("check", "alexnet", "--format", "concise") == (0, "", "")


@pytest.mark.parametrize("columns", [80, 100, 140, None])
def test_alexnet_fits_the_window(columns: int | None, golden: Golden) -> None:
    out = run("check", "alexnet", columns=columns).out
    golden(f"alexnet_{columns or 'file'}.txt", out)
    assert max(map(len, out.splitlines())) <= (columns or 160)


@pytest.mark.parametrize("form", ["json", "csv", "markdown"])
def test_formats(form: str, golden: Golden) -> None:
    golden(f"small.{form}", run("check", "-e", SMALL, "--format", form).out)


def test_variants_golden(golden: Golden) -> None:
    golden("resnet.txt", run("check", "resnet").out)


def test_specs(golden: Golden) -> None:
    done = run("specs", columns=100)
    assert done.status == 0
    golden("specs.txt", done.out)


def test_help_leads_with_examples(golden: Golden) -> None:
    for command in ("check", "build", "specs"):
        text = run(command, "--help", columns=80).out
        assert text.index("Examples:") < text.index("Options:")
    golden("help.txt", run("--help", columns=80).out)
