"""SARIF against its schema, annotations of GitHub: each says all that a diagnostic says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from cli_help import run
from test_cases import PROGRAMS
from test_cases import run as checked

from cnndsl.api import Report, check
from cnndsl.diagnostics import CATALOGUE, Diagnostic, Edit, Fix, Label
from cnndsl.render import github, sarif
from cnndsl.render.json import span as as_json_span
from cnndsl.source import Source, Span

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "schema" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

#: A finding with all that one can have.
TEXT = "INPUT → 🐱 → B as x\r\n→ C"
SOURCE = Source("dir/my net.cnn", TEXT.replace("\r", ""), "/somewhere/dir/my net.cnn")
FULL = Diagnostic(
    "name-clash",
    "100% of `x`: no,\nno",
    Span(SOURCE, 12, 13),
    labels=(
        Label(Span(SOURCE, 8, 9), "the first"),
        Label(Span(Source("b.cnn", "x", "/b.cnn"), 0, 1), "another"),
    ),
    hints=("rename one", "or both"),
    fixes=(
        Fix("write D", (Edit(Span(SOURCE, 12, 13), "D"), Edit(Span(SOURCE, 20, 20), "\n")), safe=True),
        Fix("leave it out", (Edit(Span(SOURCE, 12, 13), ""),)),
    ),
)


def document(*reports: Report) -> Any:
    found = json.loads(sarif.text(reports))
    VALIDATOR.validate(found)
    return found["runs"][0]


# ---- SARIF


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_said_of_the_cases_follows_the_schema(name: str) -> None:
    report = checked(PROGRAMS[name])
    run = document(report, report)
    assert len(run["results"]) == 2 * len(report.diagnostics)
    for result, found in zip(run["results"], report.diagnostics, strict=False):
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == found.code
        assert rule["shortDescription"]["text"] == CATALOGUE[found.code].summary
        assert result["message"]["text"].startswith(found.message)
        assert all(hint in result["message"]["text"] for hint in found.hints)


@pytest.mark.parametrize("name", PROGRAMS)
def test_regions_are_the_spans(name: str) -> None:
    report = checked(PROGRAMS[name])
    for result, found in zip(document(report)["results"], report.diagnostics, strict=True):
        places = [result["locations"][0], *result["relatedLocations"]]
        for place, span in zip(places, [found.span, *(label.span for label in found.labels)], strict=True):
            assert unquote(place["physicalLocation"]["artifactLocation"]["uri"]).endswith(span.source.name)
            assert inside(span.source.text, place["physicalLocation"]["region"]) == span.text


def inside(text: str, region: dict[str, int]) -> str:
    """The characters of a region, found by its lines and columns."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: region["startLine"] - 1]) + region["startColumn"] - 1
    end = sum(len(line) + 1 for line in lines[: region["endLine"] - 1]) + region["endColumn"] - 1
    return text[start:end]


def test_all_parts_of_a_diagnostic() -> None:
    run = document(Report(SOURCE, diagnostics=[FULL]))
    assert run["columnKind"] == "unicodeCodePoints"
    (result,) = run["results"]
    place = {"startLine": 1, "startColumn": 13, "endLine": 1, "endColumn": 14}
    uri = {"uri": "dir/my%20net.cnn"}
    assert result == {
        "ruleId": "name-clash",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "100% of `x`: no,\nno\nhelp: rename one\nhelp: or both"},
        "locations": [{"physicalLocation": {"artifactLocation": uri, "region": place}}],
        "relatedLocations": [
            {
                "id": 0,
                "message": {"text": "the first"},
                "physicalLocation": {
                    "artifactLocation": uri,
                    "region": {"startLine": 1, "startColumn": 9, "endLine": 1, "endColumn": 10},
                },
            },
            {
                "id": 1,
                "message": {"text": "another"},
                "physicalLocation": {
                    "artifactLocation": {"uri": "b.cnn"},
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
                },
            },
        ],
        "fixes": [
            {
                "description": {"text": "write D"},
                "artifactChanges": [
                    {
                        "artifactLocation": uri,
                        "replacements": [
                            {"deletedRegion": place, "insertedContent": {"text": "D"}},
                            {
                                "deletedRegion": {
                                    "startLine": 2,
                                    "startColumn": 2,
                                    "endLine": 2,
                                    "endColumn": 2,
                                },
                                "insertedContent": {"text": "\n"},
                            },
                        ],
                    }
                ],
                "properties": {"safe": True},
            },
            {
                "description": {"text": "leave it out"},
                "artifactChanges": [
                    {
                        "artifactLocation": uri,
                        "replacements": [{"deletedRegion": place, "insertedContent": {"text": ""}}],
                    }
                ],
                "properties": {"safe": False},
            },
        ],
    }


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("a.cnn", "a.cnn"),
        ("/nets/ä b.cnn", "file:///nets/%C3%A4%20b.cnn"),
        ("C:\\nets\\a.cnn", "file:///C:/nets/a.cnn"),
        ("..\\a.cnn", "../a.cnn"),
        ("<stdin>", "%3Cstdin%3E"),
        ("a:b.cnn", "a%3Ab.cnn"),
    ],
)
def test_names_as_uris(name: str, uri: str) -> None:
    run = document(check(Source(name, "INPUT → FCC")))
    assert run["artifacts"] == [{"location": {"uri": uri}, "contents": {"text": "INPUT → FCC"}}]


def test_what_cannot_be_read_has_no_lines() -> None:
    done = run("check", "nowhere.cnn", "--format", "sarif")
    assert (done.status, done.err) == (1, "")
    VALIDATOR.validate(json.loads(done.out))
    (result,) = json.loads(done.out)["runs"][0]["results"]
    assert "no file" in result["message"]["text"]


def test_a_network_without_findings() -> None:
    done = run("check", "alexnet", "--format", "sarif")
    assert (done.status, json.loads(done.out)["runs"][0]["results"]) == (0, [])
    VALIDATOR.validate(json.loads(done.out))


def test_the_schema_refuses_what_differs() -> None:
    log = json.loads(sarif.text([Report(SOURCE, diagnostics=[FULL])]))
    assert VALIDATOR.is_valid(log)
    log["runs"][0]["results"][0]["level"] = "grave"
    assert not VALIDATOR.is_valid(log)


# ---- GitHub


def test_an_annotation() -> None:
    assert github.annotation(FULL) == (
        "::error title=cnndsl (name-clash),file=dir/my net.cnn,line=1,endLine=1,col=13,endColumn=14::"
        "dir/my net.cnn:1:13: error[name-clash]: 100%25 of `x`: no, no"
        "%0Adir/my net.cnn:1:9: the first%0Ab.cnn:1:1: another"
        "%0Ahelp: rename one%0Ahelp: or both"
        "%0Afix: write D (dir/my net.cnn:1:13: `B` → `D`; dir/my net.cnn:2:2: insert `␊`)"
        "%0Afix (unsafe): leave it out (dir/my net.cnn:1:13: delete `B`)"
    )


def test_properties_are_escaped() -> None:
    source = Source("50%,a:b\n.cnn", "INPUT", "/x")
    assert "file=50%25%2Ca%3Ab␊.cnn," in github.annotation(Diagnostic("unused", "no", Span(source, 0, 5)))


def test_several_lines_have_no_columns() -> None:
    """GitHub refuses annotations with columns over several lines."""
    source = Source("a.cnn", "INPUT\n→ FC", "/a.cnn")
    written = github.annotation(Diagnostic("unused", "no", Span(source, 0, 8)))
    assert written.startswith("::warning title=cnndsl (unused),file=a.cnn,line=1,endLine=2::")


def test_what_is_in_no_file_has_no_place() -> None:
    done = run("check", "-e", "INPUT → FCC", "--format", "github")
    assert (done.status, done.err) == (1, "")
    assert done.out.startswith("::error title=cnndsl (unknown-layer)::-e:1:9: error[unknown-layer]: ")


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_annotation_is_a_line(name: str) -> None:
    for found in checked(PROGRAMS[name]).diagnostics:
        assert re.fullmatch(
            r"::(error|warning|notice) title=cnndsl \([a-z-]+\)(,[^:]*)?::.+", github.annotation(found)
        )


# ---- all formats


def test_all_formats_are_of_one_value() -> None:
    text = "INPUT(3@32x32) → CONV(8, 3) → CONV(9, 3) → ReLU"
    (found,) = check(text).diagnostics
    assert found.labels and found.hints and found.fixes  # noqa: PT018
    (as_json,) = json.loads(run("check", "-e", text, "--format", "json").out)["diagnostics"]
    (as_sarif,) = json.loads(run("check", "-e", text, "--format", "sarif").out)["runs"][0]["results"]
    annotation = run("check", "-e", text, "--format", "github").out
    detailed = run("check", "-e", text).err
    assert as_json["fixes"] == [
        {
            "title": one.title,
            "safe": one.safe,
            "edits": [{"span": json_span(edit.span), "text": edit.text} for edit in one.edits],
        }
        for one in found.fixes
    ]
    assert [one["description"]["text"] for one in as_sarif["fixes"]] == [one.title for one in found.fixes]
    for said in (
        found.message,
        *found.hints,
        *(label.text for label in found.labels),
        *(one.title for one in found.fixes),
    ):
        assert said in detailed
        assert said in annotation


def json_span(span: Span) -> dict[str, Any]:
    return as_json_span(span) | {"file": "-e"}
