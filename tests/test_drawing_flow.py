"""Rows of maps: that they say all that the table has, nothing else, and draw it by the scale they state."""

from __future__ import annotations

import re
from functools import cache

import pytest
from flow_help import struck, texts
from picture_help import flaws
from picture_programs import networks

from cnndsl.analysis.rows import Row, rows
from cnndsl.api import check
from cnndsl.drawing import picture
from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow.stages import Stage, stages
from cnndsl.drawing.scene import Box, Group, Polygon, Scene, Text, flat
from cnndsl.network import Network

#: Rows of maps that were once drawn wrongly, or are drawn in a way that no shipped network is.
PROGRAMS = {
    "norm behind the input": "INPUT(3@32x32) → BN → CONV(6, 5) → ReLU → POOL(2) → FC(10)",
    "dropout behind the input": "INPUT(784) → DROPOUT(0.2) → FC(10) → SOFTMAX",
    "nothing but an input": "INPUT(3@8x8) → ReLU → BN",
    "flatten": "INPUT(3@8x8) → CONV(4, 3) → FLATTEN → FC(10) → ID → LOGSOFTMAX",
    "flatten alone": "INPUT(3@8x8) → FLATTEN → DROPOUT → FC(10)",
    "many arguments": """INPUT(3@32x32) → CONV(8, 3, d=4, p=4) → LEAKY(0.2)
→ CONV(8, 3, p=1:2, pad_mode=reflect) → LRN(5, alpha=5e-4, k=2) → POOL(3, s=2, ceil=yes) → UPSAMPLE(2, linear)
→ TCONV(4, 3, s=2, output_pad=1) → GN(2) → SHUFFLE(2) → FC(8, flatten=no) → APOOL(max, 4x4) → RESHAPE(16@2x2)
→ GPOOL(max) → FC(2)""",
    "streams that mix": "INPUT(2@8x8) → CONV(4,3,p=1,g=2) → TCONV(6,2,s=2) → CONV(6,1,g=2) → FC(2)",
    "streams shuffled": "INPUT(4@8x8) → CONV(8,3,p=1,g=2) → SHUFFLE(2) → CONV(8,3,g=2) → GAP → FC(2)",
    "an unknown layer": "INPUT(3@8x8) → CONV(8, 3) → FOO(3) → CONV(8, 3) → FC(2)",
    "a kernel too large": "INPUT(3@8x8) → CONV(8, 3) → CONV(8, 99) → ReLU → POOL(2) → FC(10) → ReLU → FC(2)",
    "open sizes": """INPUT(3@HxW) → CONV(16, 3, s=2) → ReLU → POOL(3, s=2, ceil=yes) → TCONV(8, 2, s=2)
→ CONV(8, 3, p=1, s=3) → GAP → FLATTEN → FC(10)""",
    "open signal": "INPUT(1@L) → CONV(16, 80, s=4) → BN → ReLU → POOL(4) → GAP → FC(10)",
    "parts": "INPUT(4@8x8) → { SLICE(0, 2) → CONV(3, 3) | SLICE(1, 4) → CONV(5, 3) } as c → ReLU → FC(2)",
    "vectors": "INPUT(10) → FC(5)",
    "signal": "INPUT(1@8000) → CONV(32, 80, s=4) → BN → ReLU → POOL(4) → GAP → FC(10)",
    "volume": "INPUT(1@16x64x48) → CONV(8, 3, p=1) → POOL(2) → CONV(16, 3) → GAP → FC(2)",
    "many channels": "INPUT(1@64x64) → CONV(2048, 3) → POOL(32) → FC(4000) → FC(2)",
}


def _all() -> dict[str, Network]:
    found = dict(networks())
    for name, text in PROGRAMS.items():
        (found[name],) = check(text).networks
    return found


ALL = _all()


def row(name: str) -> list[Stage]:
    return stages(ALL[name], faults(ALL[name]))


@cache
def drawn(name: str, style: str, width: int = 1120) -> Scene:
    return picture(ALL[name], style=style, width=width)


def _rows() -> list[tuple[str, str]]:
    """The networks that are drawn as rows of maps, in both styles."""
    found = []
    for name in ALL:
        try:
            joined = any(stage.joined for stage in row(name))
        except ValueError:
            continue
        found += [] if joined else [(name, "lenet"), (name, "blocks")]
    return found


ROWS = _rows()


# ---- what is said

#: How layers are called that have other words than their kind.
CALLED = {
    "INPUT": "INPUT|input1",
    "CONV": "Convolutions|(?<!-)conv|CONV",
    "TCONV": "Transposed|up-conv",
    "POOL": "(?:Max|Average|Min|max|avg|min) pool(?:ing)?",
    "GAP": "Global average|global avg",
    "FC": "Full connection|dense",
    "FLATTEN": "Flatten|flatten",
    "UPSAMPLE": "Upsampling|upsample",
}


@pytest.mark.parametrize(("name", "style"), ROWS)
def test_every_layer_is_named(name: str, style: str) -> None:
    said = " ".join(texts(drawn(name, style)))
    counts: dict[str, int] = {}
    parted = {path for stage in row(name) if stage.partly for path in stage.paths}
    assert said.count("partly connected") == sum(stage.partly for stage in row(name))
    for one in rows(ALL[name], expand=True):
        if one.node is not None and one.kind != "?" and one.path not in parted:  # ? is named by its text
            counts[one.kind] = counts.get(one.kind, 0) + 1
    for kind, count in counts.items():
        found = re.findall(rf"(?<![\w-])(?:{CALLED.get(kind, kind)})(?!\w)", said)
        assert len(found) >= count, (kind, said)


def _groups(scene: Scene) -> list[Group]:
    return [item for item in scene.items if isinstance(item, Group) and item.paths]


@pytest.mark.parametrize(("name", "style"), ROWS)
def test_every_number_at_a_figure_is_one_of_the_table(name: str, style: str) -> None:
    table = {one.path: one for one in rows(ALL[name])}
    for group in _groups(drawn(name, style)):
        known = {str(size) for path in group.paths for size in _sizes(table.get(path))}
        for said in (item.text for item in flat(group.items) if isinstance(item, Text)):
            if re.fullmatch(r"[\d ]+|\?", said):
                assert said.replace(" ", "") in known or said == "?" == "".join(known or "?"), (
                    group.paths,
                    said,
                )
            elif re.fullmatch(r"[\d?]+@[\d?x]+", said):
                assert set(re.findall(r"\d+|\?", said)) <= known, (group.paths, said)


def _sizes(one: Row | None) -> list[object]:
    """All sizes of a row, halves of its channels for two streams, and ? where it has none."""
    if one is None or one.output is None:
        return ["?"] if one else []
    channels = one.output.channels
    return [channels, *one.output.extents, *([channels // 2] if type(channels) is int else [])]


def test_what_is_known_behind_an_error_is_said() -> None:
    found = texts(drawn("an unknown layer", "blocks"))
    assert "8@?x?" in found
    assert found.count("1") == 0


@pytest.mark.parametrize(("name", "style"), [(name, style) for name, style in ROWS if "open" in name])
def test_no_formula_is_cut(name: str, style: str) -> None:
    assert [text for text in texts(drawn(name, style)) if "…" in text] == []


def test_arguments_are_said_that_the_sizes_do_not_tell() -> None:
    for style in ("lenet", "blocks"):
        said = " ".join(texts(drawn("many arguments", style)))
        for argument in (
            "p=4, d=4",
            "p=1:2",
            "pad_mode=reflect",
            "ceil=yes",
            "output_pad=1",
            "LEAKY(0.2)",
            "flatten=no",
        ):
            assert argument in said


def test_what_follows_an_error_is_grey() -> None:
    boxes = [item for item in flat(drawn("a kernel too large", "blocks").items) if isinstance(item, Box)]
    assert [box.style for box in boxes if box.radius == 0] == ["input", "conv", "fault", *["unknown"] * 3]


# ---- scale


THINGS = "planes|columns|height|(?:length|width), to the back|thickness|bars"
LAW = re.compile(rf"({THINGS}): ([\d.e-]+) px per (√?)\w+( \(at least 3 px\))?")


def _laws(scene: Scene) -> dict[str, tuple[float, bool, bool]]:
    said = " ".join(text for text in texts(scene))
    found = LAW.findall(said[said.index("Scale:") :] if "Scale:" in said else "")
    return {what: (float(factor), bool(root), bool(least)) for what, factor, root, least in found}


def _keeps(law: tuple[float, bool, bool], size: int, pixels: float) -> bool:
    """Whether a length is what the picture says, which it does in three digits."""
    factor, root, least = law
    true = factor * (size**0.5 if root else size)
    if least and true < 3:
        true = 3
    return abs(pixels - true) <= 0.006 * true + 0.01


@pytest.mark.parametrize(("name", "style"), ROWS)
def test_everything_is_drawn_by_the_scale_that_is_stated(name: str, style: str) -> None:
    scene = drawn(name, style)
    laws, used = _laws(scene), set()
    figures = {path: group for group in reversed(_groups(scene)) for path in group.paths}
    for stage in row(name):
        if stage.output is None or not stage.output.closed:
            continue
        for what, size, pixels in _lengths(stage, [*flat(figures[stage.paths[0]].items)], style):
            used.add(what)
            assert _keeps(laws[what], size, pixels), (stage.name, what, size, pixels)
    if all(stage.output and stage.output.closed for stage in row(name)):
        assert set(laws) == used


def _lengths(stage: Stage, items: list, style: str) -> list[tuple[str, int, float]]:  # type: ignore[type-arg]
    """What is drawn of a stage: by which law, for which size, in how many pixels."""
    assert stage.output
    channels, extents = stage.output.channels, stage.output.extents
    solids = [item for item in items if isinstance(item, Box | Polygon) and item.style != "window"]
    if isinstance(solids[0], Box) and solids[0].radius:  # neurons
        return []
    first = solids[0]
    if stage.is_vector:
        tall = _height(first)
        halves = 2 if len(solids) == 2 else 1
        return [("columns" if style == "lenet" else "bars", channels // halves, tall)]
    assert isinstance(first, Box)
    if style == "lenet":
        down = [("planes", extents[-2], first.height)] if len(extents) > 1 else []
        return [*down, ("planes", extents[-1], first.width)]
    halves = sum(isinstance(one, Box) for one in solids)
    right = solids[3]
    assert isinstance(right, Polygon)
    (x0, y0), (x1, y1) = right.points[:2]
    back = float((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    down = [("height", extents[-2], first.height)] if len(extents) > 1 else []
    side = "length, to the back" if len(extents) == 1 else "width, to the back"
    return [*down, (side, extents[-1], back), ("thickness", channels // halves, first.width)]


def _height(item: Box | Polygon) -> float:
    if isinstance(item, Box):
        return item.height
    ys = [y for _, y in item.points]
    return max(ys) - min(ys)


# ---- lines


@pytest.mark.parametrize("width", [1120, 672, 320])
@pytest.mark.parametrize(("name", "style"), ROWS)
def test_no_line_passes_through_a_text(name: str, style: str, width: int) -> None:
    scene = drawn(name, style, width)
    assert flaws(scene) == []
    assert struck(scene) == []


@pytest.mark.parametrize("name", sorted({name for name, _ in ROWS}))
def test_no_two_figures_have_one_name(name: str) -> None:
    names = [stage.name for stage in row(name)]
    assert len(set(names)) == len(names)


def test_lenet_of_1998_is_drawn_as_in_its_figure() -> None:
    found = texts(picture(ALL["LeNet1998"]))
    captions = ["INPUT", "C1: feature maps", "S2: feature maps", "C3: feature maps", "S4: feature maps"]
    captions += ["C5: layer", "F6: layer", "OUTPUT"]
    assert [text for text in found if text in captions] == captions
    assert {"6@28x28", "6@14x14", "16@10x10", "16@5x5", "5x5, partly connected", "Full connection"} <= set(
        found
    )


@pytest.mark.parametrize(
    "paths_in_parallel",
    [
        "{ CONV(3, 3) | CONV(3, 3) }",
        "{ SLICE(0, 2) → CONV(3, 3) | SLICE(0, 2) → CONV(3, 3, p=1:0) → CROP(0) }",
        "{ SLICE(0, 2) → CONV(3, 3) + SLICE(1, 3) → CONV(3, 3) }",
        "{ SLICE(0, 2) → CONV(3, 3) → ReLU | SLICE(1, 3) → CONV(3, 3) }",
        "{ ID | ID } → CONV(3, 3)",
        "{ ID | ID } → ReLU",
        "{ ID | ID }",
    ],
)
def test_other_paths_are_no_partly_connected_layer(paths_in_parallel: str) -> None:
    (network,) = check(f"INPUT(4@8x8) → {paths_in_parallel}").networks
    with pytest.raises(ValueError, match="it has paths in parallel"):
        picture(network, style="lenet")


@pytest.mark.parametrize("style", ["lenet", "blocks"])
def test_the_scale_says_that_depth_is_not_drawn(style: str) -> None:
    assert any("the first extent of three is not drawn" in said for said in texts(drawn("volume", style)))
    assert not any("of three" in said for said in texts(drawn("signal", style)))
