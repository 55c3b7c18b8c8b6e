"""`cnndsl compare`: networks side by side."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_help import run
from goldens import Golden

from cnndsl import api
from cnndsl.analysis.alignment import aligned_stages
from cnndsl.analysis.stages import Stage, shares, stages
from cnndsl.cli.compare import complete_network, split
from cnndsl.network import Network
from cnndsl.render.beside import bar, percent
from cnndsl.render.compared import lines, times
from cnndsl.render.items import item_text
from cnndsl.render.text import plain, width

SCHEMA: dict[str, Any] = json.loads(
    (Path(api.__file__).parent / "schema" / "compare.schema.json").read_text(encoding="utf-8")
)
UNET = """net UNet(depth = 3, w = 8)
block Double(c) = [CONV(c, 3, p=1) → BN → ReLU]*2
INPUT(1@64x64) → [Double(w*2^i) as e[i] → POOL(2)]*(i < depth) → Double(w*2^depth)
→ [{ TCONV(in.C // 2, 2, s=2) | e[depth-1-i] } → Double(in.C // 2)]*(i < depth) → CONV(2, 1)"""
OPEN = UNET.replace("1@64x64", "1@HxW")
BROKEN = "INPUT(3@32x32) → CONV(8, 5) → ReLU → POOL(2) → CONV(16, 99) → ReLU → POOL(2) → FC(120) → FC(10)"


@cache
def networks(name: str) -> tuple[Network, ...]:
    """The networks of a text or of a shipped file, one variant of it behind a colon."""
    if "→" in name:
        return tuple(api.check(name).networks)
    file, variants = split(name)
    return tuple(api.check(api.read_source(file), variants=variants).networks)


def drawn(*names: str, limit: int | None = 120) -> list[str]:
    return [plain(line) for line in lines([one for name in names for one in networks(name)], limit)]


def said(found: list[Stage]) -> list[str]:
    """Stages in short: `8: CONV(256, 5x5) ×2 | POOL(max, 3x3, s=2)`."""
    texts = []
    for stage in found:
        items, pools = ([item_text(one) for one in each] for each in (stage.items, stage.pools))
        name = f"{stage.scale:g}" if stage.role == "stage" else stage.role
        texts.append(" | ".join([f"{name}: {', '.join(items)}", *pools]))
    return texts


# ---- stages


def test_stages_of_alexnet() -> None:
    assert said(stages(networks("alexnet")[0])) == [
        "input: INPUT",
        "4: CONV(96, 11x11, s=4) | POOL(max, 3x3, s=2)",
        "8: CONV(256, 5x5) | POOL(max, 3x3, s=2)",
        "16: CONV(384, 3x3) ×2, CONV(256, 3x3) | POOL(max, 3x3, s=2)",
        "head: FLATTEN, FC(4096), FC(4096), FC(1000)",
    ]


def test_stages_of_a_resnet_begin_where_the_map_shrinks() -> None:
    found = said(stages(networks("resnet:ResNet50")[0]))
    assert found[:2] == ["input: INPUT", "2: CONV(64, 7x7, s=2) | POOL(max, 3x3, s=2)"]
    assert [text.partition(":")[0] for text in found[2:]] == ["4", "8", "16", "32", "head"]
    assert found[2] == "4: Bottleneck(64) ×3"
    assert found[-1] == "head: GAP, FC(1000)"


@pytest.mark.parametrize("text", [UNET, OPEN])
def test_stages_go_down_and_up_again(text: str) -> None:
    found = stages(networks(text)[0])
    assert [stage.scale for stage in found] == [1, 1, 2, 4, 8, 4, 2, 1]
    assert said(found)[-1] == "1: { TCONV(8, 2x2, s=2) | e[0] }, Double(8), CONV(2, 1x1)"


@pytest.mark.parametrize(
    ("chain", "shown"),
    [
        ("[CONV(8, 3, p=1) → ReLU]*5", "CONV(8, 3x3) ×5"),
        ("[CONV(8, 3, p=1) → CONV(8, 1)]*3", "CONV(8, 3x3), CONV(8, 1x1), [CONV(8, 3x3) → CONV(8, 1x1)] ×2"),
        ("Unit(8) → Unit(8)", "CONV(8, 3x3) ×2"),
        ("Two(8)*2", "Two(8) ×2"),
        ("Stage(8, 3)", "Two(8) ×3"),
        ("Wide(8)", "Wide(8)"),
        ("Wide(8) → Wide(9)", "Wide(8), Wide(9)"),
        ("{ CONV(8, 1) + CONV(8, 3, p=1) }", "{ CONV(8, 1x1) + CONV(8, 3x3) }"),
        ("{ ID + ID → CONV(3, 1) }", "{ ID + CONV(3, 1x1) }"),
        ("APOOL(16) → CONV(8, 1) → BN", "CONV(8, 1x1)"),
        ("APOOL(8)", "APOOL(avg, 8x8)"),
    ],
)
def test_what_is_shown_of_a_stage(chain: str, shown: str) -> None:
    blocks = """
block Unit(c) = CONV(c, 3, p=1) → BN → ReLU
block Two(c) = Unit(c) → CONV(c, 1)
block Stage(c, n) = Two(c)*n
block Wide(c, s = 1) = { CONV(c, 3, p=1, s=s) | CONV(c, 1, s=s) }
"""
    _, stage, *_ = stages(networks(f"{blocks}INPUT(3@16x16) → {chain} → GAP → FC(2)")[0])
    assert ", ".join(map(item_text, stage.all_items)) == shown


def test_a_block_with_a_pool_is_a_stage_of_its_own() -> None:
    text = "block B(c) = CONV(c, 3, p=1) → ReLU → POOL(2)\nINPUT(3@16x16) → B(4) → B(8) → FC(2)"
    assert said(stages(networks(text)[0]))[1:3] == [
        "1: CONV(4, 3x3) | POOL(max, 2x2)",
        "2: CONV(8, 3x3) | POOL(max, 2x2)",
    ]


def test_a_further_input_comes_last() -> None:
    text = "let side = INPUT(1@8x8) → CONV(2, 3)\nINPUT(3@8x8) → CONV(4, 3) → { ID | side } → FC(2)"
    found = stages(networks(text)[0])
    assert said(found)[-1] == "chain: INPUT, CONV(2, 3x3)"
    assert found[-1].name == "side"


@pytest.mark.parametrize("name", [*api.shipped(), UNET, OPEN])
def test_the_stages_have_all_there_is(name: str) -> None:
    for network in networks(name):
        found = stages(network)
        for cost in ("params", "weights", "biases", "neurons", "macs", "layers"):
            assert sum(getattr(stage.totals, cost) for stage in found) == getattr(network.totals, cost)
        conv, fc, other = shares(network)
        assert conv.plus(fc).plus(other) == network.totals
        visible = sum(item.totals.neurons for stage in found for item in stage.all_items)
        assert visible == network.totals.neurons


@pytest.mark.parametrize(
    "text",
    [
        "INPUT(3@9x9) → [CONV(3, 3, p=1) → ReLU → CONV(3, 1)]*1_000_000 → FC(2)",
        "\n".join(
            ["block B0 = CONV(3, 3, p=1) → { ID + CONV(3, 1) }"]
            + [f"block B{n + 1} = B{n} → B{n}" for n in range(19)]
            + ["INPUT(3@9x9) → B19 → FC(2)"]
        ),
        "INPUT(3@9x9) → [POOL(1, s=2) → UPSAMPLE(2) → PAD(0:1) → CONV(3 + i % 2, 3)]*(i < 520) → FC(2)",
    ],
)
def test_long_networks_take_no_longer_than_a_moment(text: str) -> None:
    (found,) = networks(text)
    start = time.process_time()
    [*lines([found, found], 120)]
    assert time.process_time() - start < 5


# ---- what stands beside what


def paired(*names: str) -> list[tuple[float | None, ...]]:
    """The scales of the stages in each row."""
    each = [stages(network) for name in names for network in networks(name)]
    rows = [row for row in aligned_stages(each) if row.role == "stage"]
    return [tuple(cell.scale if cell else None for cell in row.cells) for row in rows]


def test_stages_of_one_scale_stand_side_by_side() -> None:
    assert paired("alexnet", "vgg:VGG16") == [(None, 1), (None, 2), (4, 4), (8, 8), (16, 16)]
    assert paired("resnet:ResNet50", "vgg:VGG16") == [(None, 1), (2, 2), (4, 4), (8, 8), (16, 16), (32, None)]
    assert paired("lenet5:Digits", "alexnet") == [(1, 4), (2, 8), (None, 16)]
    assert paired("lenet5:Digits", "alexnet", "vgg:VGG16") == [
        (None, None, 1),
        (None, None, 2),
        (1, 4, 4),
        (2, 8, 8),
        (None, 16, 16),
    ]


@pytest.mark.parametrize("names", [("googlenet", "vgg", "alexnet", "linear"), (UNET, "resnet", UNET)])
def test_each_stage_has_one_place_and_the_order_stays(names: tuple[str, ...]) -> None:
    each = [stages(network) for name in names for network in networks(name)]
    rows = aligned_stages(each)
    for number, found in enumerate(each):
        assert [row.cells[number] for row in rows if row.cells[number]] == found
    assert [row.role for row in rows] == sorted(
        (row.role for row in rows), key=["input", "stage", "head", "chain"].index
    )


# ---- the picture


def test_pictures(golden: Golden) -> None:
    golden(
        "compare_lecture.txt", "\n".join(drawn("lenet5:Digits", "alexnet") + drawn("alexnet", "vgg:VGG16"))
    )
    golden("compare_resnet.txt", "\n".join(drawn("resnet:ResNet50", "vgg:VGG16", limit=100)))
    golden("compare_three.txt", "\n".join(drawn("lenet5:Digits", "alexnet", "vgg:VGG16", limit=100)))
    golden("compare_variants.txt", "\n".join(drawn("resnet")))
    golden("compare_many.txt", "\n".join(drawn("lenet5", "alexnet", "resnet", limit=100)))
    golden("compare_unet.txt", "\n".join(drawn(UNET, OPEN)))
    golden("compare_broken.txt", "\n".join(drawn(BROKEN, "lenet5:Digits")))


@pytest.mark.parametrize(
    "names",
    [
        ("alexnet", "vgg:VGG16"),
        ("resnet:ResNet50", "vgg:VGG16"),
        ("lenet5", "alexnet"),
        ("resnet",),
        ("c3d", "m5"),
        ("googlenet", "resnet:ResNet152"),
        (UNET, UNET),
        ("vgg", "resnet"),
    ],
)
@pytest.mark.parametrize("limit", [80, 100, 120, 160])
def test_it_fits_the_window(names: tuple[str, ...], limit: int) -> None:
    found = drawn(*names, limit=limit)
    assert max(map(width, found)) <= limit


def test_where_there_is_no_room_the_table_says_how_much_it_takes() -> None:
    found = drawn("resnet", limit=80)
    assert not any("Bottleneck" in line for line in found)
    (needed,) = (line.rpartition(" columns")[0].split()[-1] for line in found if "side by side" in line)
    assert any("Bottleneck" in line for line in drawn("resnet", limit=int(needed)))
    assert not any("Bottleneck" in line for line in drawn("resnet", limit=int(needed) - 1))


def test_most_parameters_sit_in_the_first_fc() -> None:
    (first, *_) = [line for line in drawn("alexnet", "vgg:VGG16") if "FC(4096)" in line]
    assert first.split("FC(4096)")[1].split()[:3] == ["4096", "61", "%"]
    assert first.split("FC(4096)")[2].split()[:3] == ["4096", "74", "%"]


def test_networks_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "mine.cnn").write_text("net AlexNet\nINPUT(3@8x8) → FC(10)", encoding="utf-8")
    done = run("compare", "alexnet", str(tmp_path / "mine.cnn"), columns=200)
    assert "AlexNet (alexnet.cnn)" in done.out
    assert "mine.cnn)" in done.out


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.004, "×1.00"), (2.218, "×2.22"), (23.12, "×23.1"), (136.4, "×136"), (54929.3, "×54 929")],
)
def test_ratios(ratio: float, text: str) -> None:
    assert times(ratio) == text


@pytest.mark.parametrize(
    ("share", "text", "drawing"),
    [
        (None, "", ""),
        (0.0, "0 %", ""),
        (0.001, "<1 %", ""),
        (0.06, "6 %", "▌"),
        (0.5, "50 %", "████"),
        (0.9999, ">99 %", "████████"),
        (1.0, "100 %", "████████"),
    ],
)
def test_shares(share: float | None, text: str, drawing: str) -> None:
    assert (percent(share), bar(share, 8)) == (text, drawing)


# ---- the command


def test_a_variant_that_there_is_not_is_told_where_it_is_named() -> None:
    done = run("compare", "alexnet", "vgg:VGG11,VGG99")
    said = "FILE:VARIANT:1:11: error[undefined]: vgg.cnn has no variant `VGG99`\n 1 │ vgg:VGG11,VGG99\n"
    assert said in done.err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["alexnet", "vgg:VGG16"], 0),
        (["resnet"], 0),
        (["vgg:VGG11,VGG19"], 0),
        (["alexnet", "-e", "INPUT → FC"], 0),
        (["vgg", "--variant", "VGG11", "--variant", "VGG13"], 0),
        (["alexnet", "vgg:VGG11", "--input", "3@227x227"], 0),
        (["alexnet", "alexnet_slide"], 1),
        (["alexnet", "-e", BROKEN], 1),
        (["alexnet", "no_such_network"], 1),
        (["no_such_network"], 1),
        ([], 2),
        (["alexnet"], 2),
        (["alexnet", "resnet:ResNet51"], 2),
        (["alexnet", "alexnet:Small"], 2),
        (["alexnet", "vgg:VGG11", "--set", "N=2"], 2),
    ],
)
@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_the_status(words: list[str], status: int, form: str) -> None:
    assert run("compare", *words, "--format", form).status == status


def test_errors_are_told_as_by_check() -> None:
    compared, checked = run("compare", "alexnet", "-e", BROKEN), run("check", "-e", BROKEN)
    assert compared.err.strip() in checked.err
    assert "16@?x?" in compared.out


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("resnet", ("resnet", ())),
        ("resnet:ResNet18", ("resnet", ("ResNet18",))),
        ("resnet:ResNet18,ResNet50", ("resnet", ("ResNet18", "ResNet50"))),
        ("C:\\nets\\my.cnn", ("C:\\nets\\my.cnn", ())),
        ("C:\\nets\\my.cnn:Small", ("C:\\nets\\my.cnn", ("Small",))),
        ("a:b:C", ("a:b", ("C",))),
        ("resnet:", ("resnet:", ())),
    ],
)
def test_variants_behind_a_colon(name: str, parts: tuple[str, tuple[str, ...]]) -> None:
    assert split(name) == parts


def test_the_name_of_a_variant_alone_is_told_its_network() -> None:
    for command in ("compare", "check"):
        err = run(command, "resnet50", "alexnet").err
        assert "help: it is a variant: resnet --variant ResNet50, in compare resnet:ResNet50" in err


def test_a_file_with_a_colon_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a:B").write_text("INPUT(3@8x8) → FC(10)", encoding="utf-8")
    assert run("compare", "a:B", "alexnet").status == 0


def test_names_are_completed() -> None:
    found = [item.value for item in complete_network(None, None, "resnet:ResNet1")]  # type: ignore[arg-type]
    assert found == ["resnet:ResNet18", "resnet:ResNet101", "resnet:ResNet152"]
    assert "resnet" in [item.value for item in complete_network(None, None, "res")]  # type: ignore[arg-type]
    assert complete_network(None, None, "nothing:here") == []  # type: ignore[arg-type]


def test_markdown() -> None:
    out = run("compare", "alexnet", "vgg:VGG16", "--format", "markdown").out.splitlines()
    assert out[0] == "|  | AlexNet | VGG16 |"
    assert "| FC | FLATTEN → 9216 | FLATTEN → 25088 |" in out
    assert "|  | FC(4096) → 4096 (61 %) | FC(4096) → 4096 (74 %) |" in out
    assert "| parameters | 62 378 344 | 138 357 544 ×2.22 |" in out


# ---- JSON


@pytest.mark.parametrize(
    "words",
    [
        ["alexnet", "vgg:VGG16"],
        ["resnet", "googlenet", "c3d", "m5", "linear", "mlp"],
        ["alexnet", "-e", BROKEN],
        ["alexnet", "-e", "INPUT → ("],
        ["alexnet", "-e", OPEN],
        ["no_such_network"],
    ],
)
def test_json_follows_its_schema(words: list[str]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(run("compare", *words, "--format", "json").out)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_json_tells_what_corresponds() -> None:
    document = json.loads(run("compare", "alexnet", "vgg:VGG16", "--format", "json").out)
    assert document["rows"] == [[0, 0], [None, 1], [None, 2], [1, 3], [2, 4], [3, 5], [4, 6]]
    parameters = document["compared"]["parameters"]
    assert parameters["values"] == [62_378_344, 138_357_544]
    assert (parameters["least"], parameters["most"]) == (0, 1)
    assert parameters["ratios"] == [1, pytest.approx(2.218, abs=1e-3)]
    alexnet = document["networks"][0]
    assert alexnet["by_kind"]["fc"]["params"] == 58_631_144
    assert alexnet["stages"][4]["items"][1]["params"] == 37_752_832
