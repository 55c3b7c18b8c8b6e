"""Networks, and the inputs that they work for: for the main output, with all outputs, with their weights."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple


class Case(NamedTuple):
    """`all` and `fixed` where they are not as `main`; None where the inputs cannot be told."""

    text: str
    main: str | None
    all: str | None = ""
    fixed: str | None = ""


CASES = [
    # windows and strides
    Case("INPUT(3@32x32) → CONV(4, 5) → POOL(2) → CONV(4, 3, s=2)", "from 10x10"),
    Case("INPUT(3@32x20) → CONV(4, 5x3) → POOL(2x3)", "H from 6, W from 5"),
    Case("INPUT(3@50) → CONV(4, 5, s=3) → POOL(4)", "L from 14"),
    Case("INPUT(1@9x9x9) → CONV(2, 3) → POOL(2)", "from 4x4x4"),
    Case("INPUT(3@7x7) → [POOL(3, s=2, ceil=yes)]*2", "from 4x4"),
    Case("INPUT(3@7x7) → POOL(2, s=3, p=1, ceil=yes) → POOL(2)", "from 3x3"),
    Case("INPUT(3@32x32) → [CONV(2, 3, s=2, p=1)]*4 → GAP → FC(4)", "from 1x1"),
    # long skips
    Case(
        "INPUT(1@16x16) → [CONV(2*2^i, 3, p=1) as e[i] → POOL(2)]*(i < 3) → CONV(16, 3, p=1)\n"
        "→ [{ TCONV(in.C // 2, 2, s=2) | e[2-i] } → CONV(in.C // 2, 3, p=1)]*(i < 3)",
        "H and W: multiples of 8",
    ),
    Case(
        "INPUT(1@8) → [ReLU as e[i] → POOL(2)]*(i < 2) → [{ UPSAMPLE(2) | e[1-i] }]*(i < 2)",
        "L: multiples of 4",
    ),
    Case(
        "INPUT(2@9x9) → ReLU as e → POOL(3) → UPSAMPLE(3) → POOL(2) → { ID + e2 }\nlet e2 = e → POOL(2)",
        "H and W = 0, 1 or 3 modulo 6 from 3",
    ),
    Case(
        "INPUT(2@8x6) → { ID | POOL(2) → UPSAMPLE(2) | POOL(4x3) → UPSAMPLE(4x3) }",
        "H: multiples of 4, W: multiples of 6",
    ),
    # what looks at the size of the map itself
    Case("INPUT(3@9x9) → CONV(4, 3, s=2) → INORM", "H from 5, W from 3; or H from 3, W from 5"),
    Case("INPUT(3@9) → POOL(3) → INORM", "L from 6"),
    Case("INPUT(3@8x8) → PAD(3, mode=reflect) → CONV(4, 3)", "from 4x4"),
    Case("INPUT(3@8x8) → CONV(4, 3, p=3, pad_mode=circular)", "from 3x3"),
    Case(
        "INPUT(3@8x8) → CONV(4, 5, s=3, p=same, pad_mode=reflect)",
        "from 3x3",
        fixed="H and W = 2 modulo 3 from 5",
    ),
    Case(
        "INPUT(3@8x8) → CONV(4, 2, s=3, p=same, pad_mode=reflect)",
        "from 2x2",
        fixed="H and W = 0 or 2 modulo 3 from 2",
    ),
    Case("INPUT(1@8x8x8) → POOL(avg, 3, s=2, p=1)", "from 3x3x3"),
    # gates
    Case("INPUT(4@6x6) → { ID ⊙ GAP → CONV(4, 1) → SIGMOID } → CONV(2, 3)", "from 3x3"),
    Case("INPUT(3@2x2) → { CONV(3, 1, s=3) ⊙ ID }", "H and W = 1 to 3"),
    Case("INPUT(3@2x2) → { CONV(3, 2, s=2, p=1) ⊙ CONV(3, 5, s=3, p=3) }", "H and W = 1 to 3 and 5"),
    Case("INPUT(3@4x4) → { CONV(3, 1, s=2) ⊙ POOL(4, p=1) → UPSAMPLE(2) }", None),
    Case("INPUT(3@8x8) → { ID ⊙ POOL(2) → UPSAMPLE(2) }", "H and W: even numbers"),
    # further outputs
    Case(
        "INPUT(3@32x32) → CONV(4, 3, s=2) as a → CONV(4, 3, s=2) → GAP\n"
        "output side = a → POOL(avg, 5, s=3) → GAP",
        "from 7x7",
        "from 11x11",
        "from 11x11",
    ),
    Case("INPUT(3@8x8) → { half | POOL(2) }\nlet half = INPUT(1@4x4) → ReLU", "H and W = 8 to 9"),
    # values moved around
    Case("INPUT(4@6) → RESHAPE(8@_)", "L: even numbers", fixed="L = 6"),
    Case("INPUT(4@6) → RESHAPE(4@_) → RESHAPE(_)", "L from 1"),
    Case("INPUT(1@17) → FLATTEN → BN(affine=no)", "L from 1", fixed="L = 17"),
    Case("INPUT(3@9x9) → CROP(1:2x2) → CONV(2, 3)", "H from 6, W from 7"),
    Case(
        "INPUT(3@8x8) → RESHAPE(12@4x4)",
        "H = 1, W = 64; or H = 2, W = 32; or H = 4, W = 16; and 4 sets more",
        fixed="8x8; or H = 4, W = 16; or H = 16, W = 4; and 4 sets more",
    ),
    Case("INPUT(2@5x7) → PERMUTE(CWH) → POOL(3x2) → PERMUTE(CWH)", "H from 2, W from 3"),
    Case(
        "INPUT(3@9x9) → SHUFFLE(3) → PERMUTE(HWC) → GN(3)",
        "H: multiples of 3, W from 1",
        fixed="H = 9, W from 1",
    ),
    Case(
        "INPUT(2@8x8) → PERMUTE(HWC) → CONV(4, 1, g=2)", "H: even numbers, W from 1", fixed="H = 8, W from 1"
    ),
    Case("INPUT(3@8x8) → { ID | PERMUTE(CWH) }", "H = W from 1"),
    Case("INPUT(3@8x8) → FLATTEN → RESHAPE(6@_x4)", None),
    Case("INPUT(2@9x9) → PERMUTE(HWC) → SLICE(0, 5)", None),
    # weights
    Case(
        "INPUT(1@12x12) → POOL(4) → FC(3)",
        "from 4x4",
        fixed="H and W = 12 to 15; or H = 4 to 7, W = 36 to 39; or H = 36 to 39, W = 4 to 7",
    ),
    Case("INPUT(2@6) → FC(4, flatten=no) → POOL(2)", "L from 1", fixed="L = 6"),
    Case("INPUT(3@9x9) → APOOL(avg, 4) → FC(2)", "from 1x1"),
    Case(
        "INPUT(3@20x20) → CONV(8, 3, s=2, p=same) → CONV(8, 3, s=2)",
        "from 5x5",
        fixed="H and W: even numbers from 6",
    ),
    # what depends on the input's size
    Case("INPUT(3@8x8) → [POOL(2)]?(in.H > 4)", None),
    Case("INPUT(3@8x8) → CONV(in.W, 3)", None),
    Case("INPUT(3@8x8) → [POOL(2)]*(in.H // 4)", None),
    Case("INPUT(3@8x8) → FLATTEN → FC(in.C)", None),
]


def around(own: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    """Inputs with all extents alike, and with one of them changed."""
    for extent in range(1, most + 1):
        yield (extent,) * len(own)
        for axis in range(len(own)):
            yield (*own[:axis], extent, *own[axis + 1 :])
    yield from product((1, 2, 3, 4, 5, 64), repeat=len(own))
