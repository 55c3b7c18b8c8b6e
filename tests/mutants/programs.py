"""Valid programs, for accidents to happen to."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from oracle.strategies import drawn

from cnndsl import check

_ROOT = Path(__file__).parent.parent.parent
#: What the language can say beside what its networks do.
_SMALL = (
    "INPUT(3@32x32) → CONV(8, 3) → ReLU → POOL(2) → CONV(16, 3) → ReLU → POOL(2) → FC(10)",
    """INPUT(3@227x227)
→ CONV(96, 11x11, s=4) : 96@55x55 → ReLU → POOL(max, 3, s=2) : 96@27x27
→ FC(10, from=69984)""",
    """INPUT(64@56x56)
→ { CONV(64, 3, p=1) → BN → ReLU → CONV(64, 3, p=1) → BN
  + ID } → ReLU → GAP → FC(10)""",
    """INPUT(1@96x160)
→ [CONV(8*2^i, 3, p=1) → ReLU as e[i] → POOL(2)]*(i < 3)
→ [{ TCONV(in.C // 2, 2, s=2) | e[2-i] } → CONV(in.C // 2, 3, p=1) → ReLU]*(i < 3)
→ CONV(2, 1)""",
    "INPUT(16@24x24) → CONV(32, 3, p=1, g=4) → GN(8) → SHUFFLE(4) → POOL(3, s=2, p=1) → GAP → FC(10)",
    """INPUT(64@112x112)
→ POOL(max, 3, s=2, ceil=yes) : 64@56x56
→ TCONV(3, 3, s=2, p=1, output_pad=1) : 3@112x112""",
    """block Stage(c, k) = [CONV(c, k) → BN → ReLU]*2 → POOL(2)
INPUT(3@64x64) → Stage(16, 5) → Stage(32, 5) → GAP → FC(10)""",
    """INPUT(3@HxW) → CONV(8, 3, s=2, p=1) → ReLU → CONV(8, 3) → ReLU → GAP → FC(10)
expect params == 898""",
    "INPUT(3@64x64) → CONV(16, k=?, s=?, p=?) : 16@32x32 → ReLU → GAP → FC(10)",
    "INPUT(3@?x40) → CONV(8, 3, s=2) → ReLU → POOL(3, s=2) : 8@_x9 → CONV(?, 3) : 16@7x7 → GAP → FC(10)",
    "INPUT(1@L) → CONV(8, 5, s=2) → ReLU → POOL(2, ceil=yes) → CONV(8, 3, p=same) → ReLU → GAP → FC(2)",
    "INPUT(3@Hx64) → { POOL(2) → TCONV(3, 2, s=2) | ID } → CONV(8, 3) → ReLU → GPOOL(max) → FC(2)",
    """default POOL(k=?)
INPUT(8@24x24) → POOL : 8@12x12 → TCONV(4, ?, s=2, p=1) : 4@24x24 → GAP → FC(?) : 6""",
    "INPUT(1@100) → CONV(8, 5, s=3, p=1) → ReLU → CONV(8, 3, p=2:0) → ReLU → POOL(2) → FC(10)",
    "INPUT(2@8x9x10) → CONV(4, 3, p=1) → ReLU → POOL(avg, 2) → CONV(4, 1x2x3) → FC(10)",
    """INPUT(784) → [FC(100) → SIGMOID]*2 → FC(10)
expect params == 99_710 and neurons == 210""",
    """INPUT(3@40x41) → CONV(8, 3, d=2, s=2) → ReLU → PAD(2, reflect) → CROP(1) → PIXELSHUFFLE(2)
→ GAP → FC(4)""",
)


@cache
def written() -> tuple[str, ...]:
    """The shipped networks and the good ones among the cases, as people write them."""
    files = [*sorted((_ROOT / "specs").glob("*.cnn")), *sorted((_ROOT / "tests/cases").glob("*.cnn"))]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return (*_SMALL, *(text for text in texts if "# run:" not in text and check(text).ok))


def random_one(dice: Random) -> str:
    """A program of the oracle's generator, one that is valid."""
    while True:
        text = drawn(dice).text()
        if check(text).ok:
            return text


def original(dice: Random, made: list[str]) -> str:
    """A program to start from; `made` holds generated ones, since each serves several times."""
    if dice.random() < 0.45:
        texts = written()
        text = dice.choice(texts)
        # long ones take long: half of the times one of these is drawn, it is drawn again
        return text if len(text) < 800 or dice.random() < 0.5 else dice.choice(texts)
    if not made or dice.random() < 0.1:
        made.append(random_one(dice))
    return dice.choice(made[-50:])
