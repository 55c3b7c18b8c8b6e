"""Networks that are hard to draw, and those that the tests of pictures go through."""

from __future__ import annotations

from cnndsl.api import check, read_source, shipped
from cnndsl.network import Network

#: Networks that are hard to lay out: taps across branches and levels, repeats in branches, errors.
AWKWARD = {
    "unet": """net UNet(depth = 4, w = 64, classes = 2)
block Double(c) = [CONV(c, 3, p=1) → BN → ReLU]*2
INPUT(1@256x256)
→ [Double(w*2^i) as e[i] → POOL(2)]*(i < depth) → Double(w*2^depth)
→ [{ TCONV(in.C // 2, 2, s=2) | e[depth-1-i] } → Double(in.C // 2)]*(i < depth)
→ CONV(classes, 1)""",
    "tap from one branch into the next": """INPUT(8@16x16)
→ { CONV(8, 1) as a → ReLU | a → CONV(4, 1) → { ID + BN } as q | ID } → { q | CONV(2, 1) } → GAP → FC(10)""",
    "tap out of a branch, past a repeat": """INPUT(8@16x16)
→ { CONV(8, 1) as a → BN + [CONV(8, 3, p=1) → ReLU]*3 } → [CONV(8, 1)]*2 → { a + ID } → { a | a } → FC(10)""",
    "an output from inside branches": """INPUT(8@16x16)
→ { CONV(8, 1) as a → BN as b + ID } → GAP → FC(10)
output first = b → GAP → FC(2)
output second = a → CONV(3, 3) → { b → CONV(3, 3) | ID } → GAP → FC(2)""",
    "two inputs": """let depth = INPUT(1@32x32) → CONV(8, 3, p=1)
INPUT(3@32x32) → CONV(8, 3, p=1) → { ID | depth } → GAP → FC(10)""",
    "gate in a residual block": """
block Gate(r, c = in.C) = { ID ⊙ GAP → CONV(c // r, 1) → ReLU → CONV(c, 1) → SIGMOID }
block Residual(c, s = 1) = { CONV(c, 3, s=s, p=1) → BN → ReLU → CONV(c, 3, p=1) → BN → Gate(16)
  + [CONV(c, 1, s=s) → BN]?(s != 1 or in.C != c) } → ReLU
INPUT(3@32x32) → Residual(64) → Residual(128, s=2) → Residual(128) → GAP → FC(10)""",
    "nothing but a skip": "INPUT(3@8x8) → { ID + ID } → { ID | ID | CONV(3, 1) } → FC(2)",
    "open sizes": "INPUT(3@HxW) → [CONV(64, 3, s=2, p=1) → ReLU]*3 → { CONV(3, 1) | ID } → GAP → FC(10)",
    "a kernel too large": """INPUT(3@32x32) → [CONV(8, 3, p=1) → ReLU]*3
→ CONV(8, 99) → ReLU → { CONV(3, 1) | ID } → FC(10)""",
    "copies of unknown size": """INPUT(3@16x16) → CONV(8, 3, p=1) as a → POOL(2) → CONV(8, 99)
→ UPSAMPLE(2) → { ID | a } → CONV(4, 1)""",
    "a wide joint": """INPUT(4@8x8)
→ { { CONV(4, 1) as t1 + CONV(4, 1) } + CONV(4, 1) as t2 → { { ID + t1 } | BN } → CONV(4, 1) } → FC(3)""",
    "taps under each other": """INPUT(3@32x32) → CONV(8, 3, p=1) as a → CONV(8, 3, p=1) as b
→ { a → CONV(8, 1) + b → CONV(8, 3, p=1) + a } as c → { c | b | a } → FC(3)""",
    "taps of what leaves": """INPUT(3@32x32) → CONV(8, 1) as a → CONV(8, 1) as b → CONV(8, 1) as c
→ { b | a } → CONV(4, 1) as d → { c | a | b } → CONV(4, 1)
→ { d → CONV(4, 1) | a → CONV(4, 1) | b } → FC(3)""",
    "a tap in the middle": "INPUT(3@8x8) → CONV(4, 1) as a → BN → { CONV(4, 1) | a | CONV(4, 1) } → FC(3)",
    "paths that do not meet": "INPUT(3@32x32) → { CONV(64, 3) → BN + ID } → ReLU → FC(10)",
    "a claim on a group": "INPUT(3@32x32) → [CONV(64, 3) → ReLU]*2 : 64@32x32 → FC(10)",
    "a claim on a block": """block B(c) = { CONV(c, 1) → ReLU → CONV(c, 1) → BN + CONV(c, 1) }
INPUT(3@32x32) → B(4) → B(8) : 9@32x32 → B(8) → FC(10)""",
    "an unknown layer": 'INPUT(3@32x32) → CONV(64, 3) → FROBNICATE(3, "a <b> & c") → ReLU → FC(10)',
    "an expectation": "INPUT(3@32x32) → FC(10)\nexpect params == 3",
    "a small block": """block Unit(c) = CONV(c, 3, p=1) → BN → ReLU
INPUT(3@32x32) → Unit(8) → Unit(16) → GAP → FC(10)""",
    "a long repeat": "INPUT(3@32x32) → [CONV(64, 3, p=1) → ReLU]*1_000_000 → FC(10)",
}


def networks() -> dict[str, Network]:
    """All shipped networks with their variants, and the awkward ones, by name."""
    found = {network.name: network for name in shipped() for network in check(read_source(name)).networks}
    for name, text in AWKWARD.items():
        (found[name],) = check(text).networks
    return found
