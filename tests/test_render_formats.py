"""JSON against its schema; Markdown; colours."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cnndsl import api
from cnndsl.api import check, read_source, shipped
from cnndsl.render import json as as_json
from cnndsl.render import markdown, terminal
from cnndsl.render.report import report
from cnndsl.render.text import plain

SCHEMA: dict[str, Any] = json.loads(
    (Path(api.__file__).parent / "schema" / "check.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

TEXTS = {
    "empty": "",
    "syntax": "INPUT → (",
    "unknown layer": "INPUT → POOOL → FC",
    "kernel": "INPUT(3@8x8) → CONV(3, 9) → ReLU → FC",
    "arrow": "INPUT CONV",
    "family": "INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC",
    "kinds": 'INPUT(8@8x8) → GN(2) → PAD(1:2) → CROP(1) → RESHAPE(_@9x9) → PERMUTE("HWC") → APOOL(3)',
    "transposed": "INPUT(3@9x9) → TCONV(4, 3, s=3) → CONV(2, 3) → DROPOUT(0.1)",
    "values": 'net A(k = 3x1, b = yes, f = 0.5, t = (1, (2, 3)), L = ReLU, w = "max")'
    "\nINPUT(3@9x9) → CONV(2, k) → L",
    "outputs": "INPUT(3@9x9) → CONV(8, 3) as stem → FC(10)\noutput side = stem → GAP → FC(5)",
    "unsafe": 'net A(w = "\u202e\x7f")\nINPUT → FC',
}


def document(*reports: api.Report, expand: bool = False) -> Any:
    return json.loads(as_json.text(reports, expand=expand))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", shipped())
def test_shipped_networks_follow_the_schema(name: str) -> None:
    found = check(read_source(name))
    VALIDATOR.validate(document(found))
    VALIDATOR.validate(document(found, found, expand=True))


@pytest.mark.parametrize("name", TEXTS)
def test_others_follow_the_schema(name: str) -> None:
    found = check(TEXTS[name])
    VALIDATOR.validate(document(found))
    assert as_json.text([found], expand=False).replace("\n", "").isprintable()


def test_the_schema_refuses_what_differs() -> None:
    good = document(check("INPUT(3@9x9) → CONV(2, 3) → FC(10)"))
    assert VALIDATOR.is_valid(good)
    for changed, key, value in (
        (good, "schema", 2),
        (good, "networks", []),
        (good, "more", 1),
        (good, "totals", {}),
        (good["totals"], "macs", 0.5),
        (good["layers"][0], "output", "3@9x9"),
        (good["layers"][1], "count", 0),
        (good["layers"][1], "receptive_field", []),
        (good["layers"][1]["span"], "line", 0),
    ):
        before = dict(changed)
        changed[key] = value
        assert not VALIDATOR.is_valid(good), key
        changed.clear()
        changed.update(before)


def test_totals_are_the_sums_of_the_layers() -> None:
    for one in document(check(read_source("resnet")))["networks"]:
        for name in ("params", "weights", "biases", "neurons", "macs"):
            assert sum(layer["count"] * layer[name] for layer in one["layers"]) == one["totals"][name]
        assert (
            sum(layer["count"] for layer in one["layers"] if not layer["implied"]) == one["totals"]["layers"]
        )


def test_spans_point_at_the_text() -> None:
    text = "INPUT(3@9x9)\n→ CONV(2, 3)\n→ FC(10)"
    layers = document(check(text))["layers"]
    assert [text[layer["span"]["start"] : layer["span"]["end"]] for layer in layers] == [
        "INPUT(3@9x9)",
        "CONV(2, 3)",
        "FC(10)",
        "FC(10)",
    ]
    assert [layers[1]["span"][key] for key in ("line", "column", "end_line", "end_column")] == [2, 3, 2, 13]


def test_what_is_unknown_is_null() -> None:
    found = document(check(TEXTS["kernel"]))
    conv, relu = found["layers"][1:3]
    channels = conv["output"][0]
    assert relu["input"] == conv["output"] == [channels, None, None]
    assert conv["params"] is None
    assert found["totals"]["params"] is None


def test_receptive_fields_have_a_size_a_jump_and_a_start() -> None:
    layers = document(check("INPUT(1@32x20) → CONV(2, 3, s=2, p=1) → CONV(2, 3x1) → FC(2)"))["layers"]
    assert layers[2]["receptive_field"] == [
        {"size": 7, "jump": 2, "start": -1},
        {"size": 3, "jump": 2, "start": -1},
    ]
    assert layers[-1]["receptive_field"] == "all"


def test_values_of_all_types() -> None:
    assert document(check(TEXTS["values"]))["arguments"] == {
        "k": [3, 1],
        "b": True,
        "f": 0.5,
        "t": [1, [2, 3]],
        "L": "ReLU",
        "w": "max",
    }


# ---- Markdown


@pytest.mark.parametrize("name", ["alexnet", "resnet", "googlenet", "pattern"])
@pytest.mark.parametrize("each", [True, False])
def test_markdown_has_as_many_cells_in_each_row(name: str, each: bool) -> None:
    lines = list(markdown.report(check(read_source(name)), expand=False, each=each))
    rows = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert len(rows) > 3
    assert len({row.count("|") for row in rows}) == 1


def test_nothing_acts_as_markdown() -> None:
    found = check("# *bold* <b> | `x`\nnet A\nINPUT(3@9x9) → [CONV(3, 3, p=1)]*2")
    text = "\n".join(markdown.report(found, expand=False, each=False))
    assert "\\*bold\\* \\<b\\> \\| \\`x\\`" in text
    assert "conv1\\[0..1\\] ×2" in text


# ---- colours


def test_colours_change_nothing_but_colours() -> None:
    found = check(read_source("resnet"), variants=["ResNet18"])
    lines = list(report(found, expand=False, each=True, limit=100))
    coloured, bare = io.StringIO(), io.StringIO()
    terminal.write(lines, coloured, colour=True)
    terminal.write(lines, bare, colour=False)
    assert _without_escapes(coloured.getvalue()) == bare.getvalue()
    assert "\x1b[1mResNet18" in coloured.getvalue()


def _without_escapes(text: str) -> str:
    parts = text.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("wish", "stream", "surroundings", "coloured"),
    [
        ("auto", Terminal(), {}, True),
        ("auto", io.StringIO(), {}, False),
        ("auto", Terminal(), {"NO_COLOR": "1"}, False),
        ("auto", Terminal(), {"NO_COLOR": ""}, True),
        ("auto", Terminal(), {"TERM": "dumb"}, False),
        ("always", io.StringIO(), {"NO_COLOR": "1"}, True),
        ("never", Terminal(), {}, False),
    ],
)
def test_who_gets_colours(
    wish: str,
    stream: io.StringIO,
    surroundings: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert terminal.in_colour(stream, wish) is coloured


@pytest.mark.parametrize(
    ("value", "columns"), [("72", 72), ("0", None), ("many", None), ("", None), ("9" * 9, None)]
)
def test_the_width_that_is_asked_for(
    value: str, columns: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", value)
    assert terminal.columns(io.StringIO()) == columns


def test_plain_lines_end_without_spaces() -> None:
    for line in report(check(read_source("alexnet")), expand=False, each=True, limit=None):
        assert plain(line) == plain(line).rstrip()
