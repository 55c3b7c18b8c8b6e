"""`cnndsl family`: tables and lines for programs, filters, statuses, Ctrl-C."""

from __future__ import annotations

import csv
import io
import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from cli_help import run
from family_help import FAMILIES
from goldens import Golden

from cnndsl import families
from cnndsl.analysis.family import selection
from cnndsl.cli.family import command
from cnndsl.render.progress import Bar

SCHEMA: dict[str, Any] = json.loads(
    (Path(families.__file__).parent / "schema" / "family.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
PATTERN = FAMILIES["pattern"]


def lines(*arguments: str) -> list[dict[str, Any]]:
    done = run("family", *arguments, "--format", "json")
    return [json.loads(line) for line in done.out.splitlines()]


# ---- what is shown


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("family", ("pattern", "--set", "M=0..7, K=1, pool1=yes", "--set", "N=0..2")),
        (
            "family_best",
            ("pattern", "--where", "params <= 1e6 and macs <= 50e6", "--sort", "-rf", "--limit", "5"),
        ),
        (
            "family_variants",
            ("-e", FAMILIES["variants"], "--set", "w=2, p=0..1", "--variant", "A", "--variant", "B"),
        ),
        ("family_kinds", ("-e", FAMILIES["kinds"], "--set", "Two_relu1=no, One_bn1=no")),
    ],
)
def test_a_table(golden: Golden, name: str, arguments: tuple[str, ...]) -> None:
    done = run("family", *arguments, columns=100)
    assert done.status == 0
    golden(f"{name}.txt", done.out + done.err)


def test_markdown(golden: Golden) -> None:
    done = run("family", "-e", PATTERN, "--set", "N=1, K=1", "--format", "markdown")
    assert done.status == 0
    golden("family.markdown", done.out + done.err)


def test_csv() -> None:
    done = run("family", "-e", PATTERN, "--format", "csv")
    rows = [*csv.DictReader(io.StringIO(done.out))]
    assert len(rows) == 144
    assert done.err.splitlines()[0] == "144 members: 132 valid, 12 invalid (kernel-too-large)"
    best = next(
        row for row in rows if [row[name] for name in ("N", "pool1", "M", "K")] == ["1", "yes", "2", "1"]
    )
    assert (best["valid"], best["last_map"], best["output"], best["receptive_field"]) == (
        "yes",
        "4@4x4",
        "3",
        "10",
    )
    broken = next(row for row in rows if row["valid"] == "no")
    assert broken["message"] == "the 2x2 window does not fit: 1 + 2·0 = 1 pixel high and wide"
    assert broken["params"] == ""


@pytest.mark.parametrize("name", FAMILIES)
def test_json_lines_follow_the_schema(name: str) -> None:
    found = lines("-e", FAMILIES[name])
    for one in found:
        VALIDATOR.validate(one)
    assert {one["valid"] for one in found} >= {True}


def test_the_schema_refuses_what_differs() -> None:
    (good, *_) = lines("-e", PATTERN)
    for name, value in (("schema", 2), ("valid", 1), ("totals", {}), ("error", "no"), ("output", [0])):
        with pytest.raises(jsonschema.ValidationError):
            VALIDATOR.validate(good | {name: value})


def test_programs_get_the_values_and_the_totals() -> None:
    (one,) = lines("pattern", "--set", "N=2,M=2,K=1,pool1=yes")
    assert one["values"] == {"N": 2, "pool1": True, "M": 2, "K": 1}
    report = json.loads(run("check", "pattern", "--set", "N=2,M=2,K=1,pool1=yes", "--format", "json").out)
    for name in ("network", "variant", "file", "output", "totals", "receptive_field"):
        assert one[name] == report[name]


def test_the_example_shows_the_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says can be typed as it stands, and leads to the same numbers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my net.cnn").write_text(FAMILIES["variants"], encoding="utf-8")
    out = run("family", "my net.cnn", "--set", "n=(1, 2)", "--input", "1@16x16").out
    example = out.splitlines()[-1].removesuffix(" shows the first of them")
    report = json.loads(run(*shlex.split(example)[1:], "--format", "json").out)
    params = report["totals"]["params"]
    (first, *_) = lines("my net.cnn", "--set", "n=(1, 2)", "--input", "1@16x16")
    assert params == first["totals"]["params"]


def test_none_is_valid() -> None:
    done = run("family", "-e", PATTERN, "--set", "M=7..8,pool1=yes", columns=200)
    assert done.status == 1
    assert "24 members: 0 valid, 24 invalid (kernel-too-large)" in done.out
    assert "error[kernel-too-large]: the 2x2 window does not fit" in done.err
    assert done.err.splitlines()[2].endswith("^")
    assert "shows what is wrong with the first of them" in done.out


def test_members_without_an_answer_are_told_of() -> None:
    done = run("family", "-e", PATTERN, "--where", "conv1.macs > 0")
    assert (
        "note: 51 members have no answer to --where and do not pass: there is no `conv1` in Net" in done.err
    )
    done = run("family", "-e", PATTERN, "--where", "cnv1.macs > 0")
    assert done.status == 2
    assert "--where:1:1: error[undefined]: there is no `cnv1` in Net" in done.err


@pytest.mark.parametrize("form", ["table", "markdown", "json", "csv"])
@pytest.mark.parametrize(
    ("option", "text", "why"),
    [
        ("--where", "conv9.macs > 0", "there is no `conv9`"),
        ("--where", "log(params) > 3", "log"),
        ("--where", "params / 0 > 1", "zero"),
        ("--sort", "conv9.macs", "there is no `conv9`"),
    ],
)
def test_what_no_member_can_answer_is_no_answer(option: str, text: str, why: str, form: str) -> None:
    done = run("family", "-e", FAMILIES["pattern"], "--set", "N=1..2,M=1,K=0", option, text, "--format", form)
    assert (done.status, done.out) == (2, "")
    assert why in done.err
    assert "pass" not in done.err


def test_claims_hold_for_the_network_as_written() -> None:
    """As in a check: values, or another input, make another network."""
    (slide,) = lines("alexnet_slide")
    assert slide["error"]["code"] == "claim"
    text = "net A(k = 3 in {3, 5})\nvariant B = (3)\nINPUT(1@9x9) → CONV(2, k) : 2@5x5 → CONV(3, 3) : 3@9x9"
    assert [one["valid"] for one in lines("-e", text)] == [False]
    assert [one["valid"] for one in lines("-e", text, "--set", "k=3, 5")] == [True, True]
    assert [one["valid"] for one in lines("-e", text, "--input", "1@9x9")] == [True]
    assert "note: claims are about the network as written" in run("family", "-e", text, "--set", "k=5").err
    assert run("family", "-e", text).err.count("note") == 0


def test_expectations_and_assumed_ranges_are_told_of() -> None:
    assert "note: expectations are about the network as written" in run("family", "vgg").err
    table, data = run("family", "pattern"), run("family", "pattern", "--format", "csv")
    assert "M = 0..5         taken, since M ≥ 0 has no end: --set M=0..9 goes on" in table.out
    assert "note: M = 0..5 is taken, since M ≥ 0 has no end" in data.err


def test_more_than_a_table_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnndsl.cli.family.ROWS", 5)
    monkeypatch.setattr(selection, "KEPT", 5)
    done = run("family", "-e", PATTERN)
    assert len([line for line in done.out.splitlines() if line.startswith("0")]) == 5
    assert (
        "144 members: 132 valid, 12 invalid (kernel-too-large); the first 5 are shown, --format csv"
        in done.out
    )
    assert (
        "the first 5 by -params are shown, --limit shows more"
        in run("family", "-e", PATTERN, "--sort", "-params").out
    )
    assert "the first 5 by macs are" in run("family", "-e", PATTERN, "--sort", "macs", "--format", "csv").err


def test_a_limit_ends_the_search() -> None:
    done = run("family", "-e", PATTERN, "--set", "M=0..1_000_000_000", "--limit", "2", "--where", "M == 3")
    assert (
        "11 members of 24 000 000 024 looked at, --limit 2 ends it here: all valid; 2 pass --where"
        in done.out
    )


def test_a_bar_shows_how_far_a_long_search_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnndsl.render.progress.PATIENCE", 0)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes the stream for a terminal
    for wanted, shown in ((True, "192/1000"), (False, "")):
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        with Bar(1000, wanted=wanted) as bar:
            for number in range(1, 200):
                bar.reached(number)
        assert shown in stream.getvalue()
        assert bool(stream.getvalue()) == wanted


def test_completion() -> None:
    context = click.Context(command)
    (sort,) = (param for param in command.params if param.name == "sort")
    assert [item.value for item in sort.shell_complete(context, "-m")] == ["-macs"]
    (file,) = (param for param in command.params if param.name == "files")
    assert [item.value for item in file.shell_complete(context, "pattern_v")] == ["pattern_vgg"]


# ---- statuses


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["pattern"], 0),
        (["pattern", "--where", "params < 0"], 1),
        (["pattern", "--invalid"], 1),
        (["pattern", "--set", "M=9", "--invalid"], 0),
        (["-e", "INPUT → POOOL*N"], 1),
        (["no_such_network"], 1),
        (["pattern", "--where", "params <"], 2),
        (["pattern", "--sort", "size"], 2),
        (["pattern", "--set", "Q=2"], 2),
        (["pattern", "--input", "3@"], 2),
        (["pattern", "--limit", "0"], 2),
        (["pattern", "vgg"], 2),
        (["pattern", "--valid", "--invalid"], 2),
        ([], 2),
        (["--help"], 0),
    ],
)
def test_status(arguments: list[str], status: int) -> None:
    assert run("family", *arguments).status == status


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
@pytest.mark.parametrize("sort", [[], ["--sort", "-params"]])
def test_ctrl_c_shows_what_was_found(monkeypatch: pytest.MonkeyPatch, form: str, sort: list[str]) -> None:
    def reached(bar: Bar, number: int) -> None:
        if number == 100:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Bar, "reached", reached)
    before = signal.getsignal(signal.SIGINT)
    done = run("family", "pattern", "--set", "N=1,pool1=no,M=1..1_000_000", "--format", form, *sort)
    assert signal.getsignal(signal.SIGINT) is before
    assert done.status == 130
    said = done.err if form in {"csv", "json"} else done.out
    assert "100 members of 3 000 000 looked at, stopped: " in said
    assert sum("64@" in line or '"valid": true' in line for line in done.out.splitlines()) > 50


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_ctrl_c_in_a_process_of_its_own() -> None:
    command = [
        sys.executable,
        "-m",
        "cnndsl",
        "family",
        "pattern",
        "--set",
        "M=0..1_000_000",
        "--format",
        "csv",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout
        first = [child.stdout.readline() for _ in range(30)]
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "members of 24 000 024 looked at, stopped: " in err
    assert "Traceback" not in err
    rows = [*csv.reader([*first, *out.splitlines()])]
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_pipe_that_is_closed_early() -> None:
    line = f"{sys.executable} -m cnndsl family pattern --set M=0..100000 --format csv | head -3"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)  # noqa: S602
    assert len(done.stdout.splitlines()) == 3
    assert "Traceback" not in done.stderr
