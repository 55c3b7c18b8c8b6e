"""Rows of maps and encoders with decoders that nobody has thought of."""

from __future__ import annotations

from random import Random

import pytest
from flow_help import struck
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_help import flaws, paths, shared

from cnndsl.analysis.rows import rows
from cnndsl.api import check
from cnndsl.drawing import picture
from cnndsl.network import Network

LAYERS = (
    *(
        "CONV(8,3,p=1)",
        "CONV(16,5)",
        "CONV(4,1,g=2)",
        "CONV(8,3,s=2,p=1,g=4)",
        "CONV(6,1,g=3)",
        "CONV(300,1)",
    ),
    *("CONV(2000,3,p=1)", "CONV(8,99)", "TCONV(8,2,s=2)", "TCONV(6,3,s=2,p=1,output_pad=1,g=2)", "FOO(3)"),
    *("POOL(2)", "POOL(avg,3,s=2,ceil=yes)", "GAP", "APOOL(avg,4x4)", "UPSAMPLE(2)", "PAD(1)", "CROP(1)"),
    *("BN", "ReLU", "LEAKY(0.2)", "DROPOUT(0.3)", "LRN(5,alpha=5e-4,k=2)", "GN(2)", "ID"),
    *("SHUFFLE(2)", "PIXELSHUFFLE(2)"),
)
HEAD = ["FC(10)", "FC(1000)", "FC(4096)", "FC(3)", "DROPOUT", "FLATTEN", "ReLU", "SOFTMAX"]
INPUTS = ["3@32x32", "1@HxW", "3@224x224", "2@64x16", "1@28x28", "64@7x7"]
TILES = ["1@64x64", "3@128x96", "1@16x32x32", "1@256", "3@576x576"]
BEHIND = ("", " → ReLU", " → BN → ReLU", " → DROPOUT(0.5)")


def a_row(draw: Random) -> str:
    body = [draw.choice(LAYERS) for _ in range(draw.randint(0, 9))]
    head = [draw.choice(HEAD) for _ in range(draw.randint(0, 4))]
    return " → ".join([f"INPUT({draw.choice(INPUTS)})", *body, *head])


def convs(draw: Random, filters: int, most: int) -> str:
    each = (f" → CONV({filters},{draw.choice((1, 3, 3))},p=same)" for _ in range(draw.randint(0, most)))
    return "".join(one + draw.choice(BEHIND) for one in each)


def a_decoder(draw: Random) -> str:
    depth, wide = draw.randint(1, 4), draw.choice((4, 16, 64))
    text = f"INPUT({draw.choice(TILES)})"
    for level in range(depth):
        filters = wide * 2**level
        text += convs(draw, filters, 2) + f" → CONV({filters},3,p=same)" + draw.choice(BEHIND)
        text += f" as e{level}" + draw.choice(BEHIND) + convs(draw, filters, 1)
        text += draw.choice((" → POOL(2)", f" → CONV({filters},2,s=2)"))
    text += convs(draw, wide * 2**depth, draw.choice((0, 2)))
    for level in reversed(range(depth)):
        filters, sign = wide * 2**level, draw.choice("|+")
        ups = (f"TCONV({filters},2,s=2)", f"UPSAMPLE(2) → CONV({filters},3,p=1) → ReLU")
        up, skip = draw.choice(ups), f"e{level}" + draw.choice(("", "", f" → CONV({filters},1) → BN"))
        joints = (f"{{ {up} {sign} {skip} }}", f"{{ {skip} {sign} {up} }}", f"{up} → {{ ID {sign} {skip} }}")
        text += f" → {draw.choice(joints)}" + draw.choice(BEHIND) + convs(draw, filters, 2)
    return text + draw.choice(("", " → CONV(2,1)", " → GAP → FC(10)", " → FC(5) → SOFTMAX"))


def judge(network: Network, style: str, width: int) -> None:
    scene = picture(network, style=style, width=width)
    assert flaws(scene) == []
    assert shared(scene) == []
    assert {row.path for row in rows(network)} <= set(paths(scene.items))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.randoms(), st.sampled_from(("lenet", "blocks")), st.sampled_from((320, 672, 1120)))
def test_rows(draw: Random, style: str, width: int) -> None:
    (network,) = check(a_row(draw)).networks
    judge(network, style, width)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.randoms())
def test_decoders(draw: Random) -> None:
    (network,) = check(a_decoder(draw)).networks
    assert network.ok
    judge(network, "", 1120)
    assert struck(picture(network)) == []


@pytest.mark.long
@settings(max_examples=3000, deadline=None)
@given(st.randoms())
def test_many_decoders(draw: Random) -> None:
    (network,) = check(a_decoder(draw)).networks
    judge(network, "blocks", 1120)
