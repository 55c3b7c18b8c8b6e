"""Rows of maps: that they say all that the table has, nothing else, and draw it by the scale they state."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import pytest
from picture_help import flaws, paths
from picture_programs import networks

import cnndsl
from cnndsl.analysis.rows import Row, rows
from cnndsl.api import check
from cnndsl.drawing import picture
from cnndsl.drawing.faults import faults
from cnndsl.drawing.flow.stages import Stage, stages
from cnndsl.drawing.flow.streams import keeps_apart
from cnndsl.drawing.scene import Bounds, Box, Group, Line, Point, Polygon, Scene, Text, flat
from cnndsl.network import Network
from cnndsl.source import Source

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


def texts(scene: Scene) -> list[str]:
    return [item.text for item in flat(scene.items) if isinstance(item, Text)]


# ---- what is said

#: How layers are called that have other words than their kind.
CALLED = {
    "INPUT": "INPUT|input1",
    "CONV": "Convolutions|(?<!-)conv",
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
    for one in rows(ALL[name], expand=True):
        if one.node is not None and one.kind != "?":  # a step without a kind is named by its text
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
    items = [*flat(scene.items)]
    ways = [way for item in items if isinstance(item, Line) for way in pairwise(item.points)]
    for text in (item for item in items if isinstance(item, Text)):
        assert not any(_passes(way, text.bounds) for way in ways), text


def _passes(way: tuple[Point, Point], box: Bounds) -> bool:
    """Whether a line has a point in a box, by looking at many of its points."""
    (x0, y0), (x1, y1) = way
    if max(x0, x1) < box.left or min(x0, x1) > box.right or max(y0, y1) < box.top or min(y0, y1) > box.bottom:
        return False
    steps = 2 * int(max(abs(x1 - x0), abs(y1 - y0))) + 1
    points = ((x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps) for n in range(steps + 1))
    return any(box.left < x < box.right and box.top < y < box.bottom for x, y in points)


#: Whether each half of the channels that leave a layer is made of one half of those that arrive.
APART = {
    "CONV(8, 3)": False,
    "CONV(8, 3, g=2)": True,
    "CONV(8, 3, g=4)": True,
    "CONV(6, 1, g=3)": False,
    "CONV(8, 1, g=2) → BN → ReLU → PAD(1)": True,
    "CONV(8, 1, g=2) → LN → PAD(1)": False,
    "CONV(8, 1, g=2) → GN(1) → PAD(1)": False,
    "CONV(8, 1, g=2) → GN(4) → PAD(1)": True,
    "CONV(8, 1, g=2) → SOFTMAX → PAD(1)": False,
    "TCONV(6, 2, s=2)": False,
    "TCONV(6, 2, s=2, g=2)": True,
    "POOL(2)": True,
    "GAP": True,
    "APOOL(avg, 3x3)": True,
    "UPSAMPLE(2)": True,
    "PAD(1)": True,
    "CROP(1)": True,
    "PIXELSHUFFLE(2)": True,
    "SHUFFLE(2)": False,
    "FLATTEN": True,
    "RESHAPE(12@8x16)": True,
    "PERMUTE(HCW)": False,
    "FC(4)": False,
    "FC(4, flatten=no)": True,
}


@pytest.mark.parametrize(("layers", "apart"), APART.items())
def test_streams_stay_apart_where_the_numbers_do(layers: str, apart: bool) -> None:
    """By PyTorch: whether the first half of the output changes with the second half of the input."""
    import torch

    text = f"INPUT(24@8x8) → {layers}"
    (network,) = check(text).networks
    assert network.ok
    torch.manual_seed(0)
    module = cnndsl.torch.module(Source("streams", text)).eval()
    x = torch.randn(1, 24, 8, 8)
    other = torch.cat([x[:, :12], torch.randn(1, 12, 8, 8)], 1)
    y, changed = module(x), module(other)
    half = y.shape[1] // 2
    assert torch.equal(y[:, :half], changed[:, :half]) == apart
    assert all(keeps_apart(*pair) for pair in pairwise(stages(network, faults(network)))) == apart


@pytest.mark.parametrize("name", sorted({name for name, _ in ROWS}))
def test_no_two_figures_have_one_name(name: str) -> None:
    names = [stage.name for stage in row(name)]
    assert len(set(names)) == len(names)


# ---- encoders with decoders

DOWN = "INPUT(1@64x64) → CONV(8,3,p=1) as a → POOL(2) → CONV(16,3,p=1) → "
#: What is drawn as a U, and words that the picture must have.
DECODERS = {
    DOWN + "{ TCONV(8,2,s=2) | a } → CONV(2,1)": ["copy", "each 3x3 with p=1"],
    DOWN + "{ TCONV(8,2,s=2) + a } → ReLU → CONV(2,1) → SOFTMAX": ["add, ReLU", "1x1", "SOFTMAX"],
    DOWN + "{ TCONV(8,2,s=2) → BN → ReLU | a } → CONV(2,1)": ["up-conv 2x2, s=2, BN, ReLU"],
    DOWN + "TCONV(8,2,s=2) → { ID | a } → CONV(2,1)": ["copy", "up-conv 2x2, s=2"],
    DOWN + "UPSAMPLE(2) → CONV(8,3,p=1) → { ID | a } → CONV(2,1)": ["copy", "upsample 2x2"],
    DOWN + "{ UPSAMPLE(2) → CONV(8,3,p=1) → CONV(8,1) + a } → GAP → FC(10)": ["add", "global avg", "dense"],
    """INPUT(3@128x96) → BN → CONV(8,3,p=1) → ReLU as a → CONV(8,3,p=1) → ReLU → POOL(2)
→ CONV(16,3,p=1) → BN → ReLU as b → POOL(2) → CONV(32,3,p=1) → ReLU → { TCONV(16,2,s=2) + b }
→ CONV(16,3,p=1) → { TCONV(8,2,s=2) + a } → CONV(2,1)""": ["add", "BN, 3x3", "p=1, BN, ReLU"],
    """INPUT(3@64x64) as a → CONV(8,3,p=1,s=2) as b → CONV(16,3,p=1,s=2) → TCONV(8,2,s=2)
→ { ID + b } → TCONV(3,2,s=2) → { ID + a } → ReLU""": ["add", "add, ReLU"],
    """INPUT(1@512) → CONV(8,15,p=same) as a → POOL(2) → CONV(16,15,p=same)
→ UPSAMPLE(2, linear) → { ID | a }""": ["each 15 with p=same", "512"],
    "INPUT(1@8x32x32) → CONV(8,3,p=1) as a → POOL(2) → CONV(16,3,p=1) → UPSAMPLE(2) → { ID | a } → FC(10)": [
        "dense"
    ],
    "INPUT(3@HxW) → CONV(8,3,p=1) as a → POOL(2) → CONV(16,3,p=1) → UPSAMPLE(2) → { ID | a } → CONV(2,1)": [
        "HxW"
    ],
}


@pytest.mark.parametrize("text", DECODERS)
def test_decoders_are_drawn_as_a_u(text: str) -> None:
    (network,) = check(text).networks
    scene = picture(network)
    assert flaws(scene) == []
    assert {one.path for one in rows(network)} <= set(paths(scene.items))
    said = texts(scene)
    assert [word for word in DECODERS[text] if word not in said] == []
    items = [*flat(scene.items)]
    ways = [way for item in items if isinstance(item, Line) for way in pairwise(item.points)]
    assert not [item for item in items if isinstance(item, Text) for way in ways if _passes(way, item.bounds)]
    assert len([item for item in items if isinstance(item, Line) and item.style == "skip"]) == text.count(
        "as "
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (DOWN + "TCONV(8,2,s=2) as t → { ID | a } → CONV(2,1) → { ID | t }", "a copy would cross other maps"),
        ("INPUT(3@8x8) → CONV(3,1) as a → CONV(3,1) → { ID + a }", "a copy would cross other maps"),
    ],
)
def test_what_is_no_u_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cnndsl.draw(check(text).networks[0], style="blocks")


def test_a_u_fits_a_page_of_text() -> None:
    assert drawn("UNetValid", "blocks").width < 1000
