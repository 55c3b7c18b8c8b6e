"""Every construct of the language, as a small program with what must come of it.

Parameters are written as the sums that a reader would do by hand: `3*4*9 + 4` is a 3×3 convolution
from 3 channels to 4, weights and biases.
"""

from __future__ import annotations

import pytest
from programs import only, program

from cnndsl.api import check

# ---- the examples of "At a glance", completed to whole programs

ALEXNET = """
# ImageNet classification with deep convolutional neural networks, Krizhevsky et al. 2012
net AlexNet(classes = 1000)

INPUT(3@227x227)
→ CONV(96, 11x11, s=4) : 96@55x55 → ReLU → POOL(max, 3x3, s=2)
→ CONV(256, 5x5, p=2)             → ReLU → POOL(max, 3x3, s=2)
→ [CONV(384, 3x3, p=1) → ReLU]*2
→ CONV(256, 3x3, p=1)             → ReLU → POOL(max, 3x3, s=2)
→ [FC(4096) → ReLU → DROPOUT(0.5)]*2
→ FC(classes)

expect params == 62_378_344
"""

VGG16 = """
net VGG16(classes = 1000)                    # the lecture's pattern itself, with N running over a list
INPUT(3@224x224)
→ [[CONV(c, 3x3, p=1) → ReLU]*n → POOL(2)]*((c, n) in (64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
→ [FC(4096) → ReLU → DROPOUT(0.5)]*2 → FC(classes)
"""

INCEPTION = """
block Inception(c1, r3, c3, r5, c5, pp) =    # four parallel paths, joined on the channel axis
  { CONV(c1, 1) → ReLU
  | CONV(r3, 1) → ReLU → CONV(c3, 3, p=1) → ReLU
  | CONV(r5, 1) → ReLU → CONV(c5, 5, p=2) → ReLU
  | POOL(max, 3, s=1, p=1) → CONV(pp, 1) → ReLU }

INPUT(192@28x28) → Inception(64, 96, 128, 16, 32, 32)
"""

UNET = """
net UNet(depth = 4, w = 64, classes = 2)     # long skips by name
block Double(c) = [CONV(c, 3, p=1) → BN → ReLU]*2
INPUT(1@256x256)
→ [Double(w*2^i) as e[i] → POOL(2)]*(i < depth) → Double(w*2^depth)
→ [{ TCONV(in.C // 2, 2, s=2) | e[depth-1-i] } → Double(in.C // 2)]*(i < depth)
→ CONV(classes, 1)
"""

SE = """
block SE(sq, c = in.C) = { ID ⊙ GAP → CONV(sq, 1) → ReLU → CONV(c, 1) → SIGMOID }     # a gate
INPUT(64@8x8) → SE(4)
"""

INVERTED = """
default CONV(bias = no)
block Body(e, c, k, s, h = e*in.C) =
  CONV(h, 1) → BN → RELU6 → CONV(h, k, s=s, p=k//2, g=h) → BN → RELU6 → CONV(c, 1) → BN
block Inverted(e, c, k, s) =                 # MobileNet: a skip only where shapes allow it
  { Body(e, c, k, s) + ID }?(s == 1 and in.C == c) else Body(e, c, k, s)
INPUT(16@8x8) → Inverted(6, 24, 3, 2) → Inverted(6, 24, 3, 1)
"""

#: The figures of UNET, INVERTED and INCEPTION: the same layers written in PyTorch 2.13.0 by hand.
AT_A_GLANCE = {
    "AlexNet": (ALEXNET, "1000", 62_378_344),
    "VGG16": (VGG16, "1000", 138_357_544),
    "Inception": (INCEPTION, "256@28x28", 163_696),
    "UNet": (UNET, "2@256x256", 31_042_434),
    "SE": (SE, "64@8x8", 64 * 4 + 4 + 4 * 64 + 64),
    "Inverted": (INVERTED, "24@4x4", 13_968),
}


@pytest.mark.parametrize("name", AT_A_GLANCE)
def test_at_a_glance(name: str) -> None:
    text, output, params = AT_A_GLANCE[name]
    network = only(check(text))
    assert (str(network.output), network.totals.params) == (output, params)


def test_unet_of_another_size() -> None:
    network = only(check(UNET, settings="depth=3, w=16, classes=5"))
    assert (str(network.output), network.totals.params) == ("5@256x256", 483_221)


# ---- what comes out: program → output, parameters

CONV4 = 3 * 4 * 9 + 4  # CONV(4, 3) on 3 channels
MORE4 = 4 * 4 * 9 + 4  # CONV(4, 3) on 4 channels

ALGEBRA = [
    ("CONV(4, 3) → ReLU", "4@6x6", CONV4),
    ("CONV(4, 3) -> ReLU", "4@6x6", CONV4),
    ("CONV(4, 3) ⟶ ReLU", "4@6x6", CONV4),
    ("[CONV(4, 3) → ReLU]", "4@6x6", CONV4),
    ("[[[CONV(4, 3)] → [ReLU]]]", "4@6x6", CONV4),
    # repetition
    ("CONV(4, 3)*1", "4@6x6", CONV4),
    ("CONV(4, 3)*3", "4@2x2", CONV4 + 2 * MORE4),
    ("[CONV(4, 3) → ReLU]*3", "4@2x2", CONV4 + 2 * MORE4),
    ("[CONV(4, 3)]*0", "3@8x8", 0),
    ("CONV(4, 3)*0 → CONV(4, 9)*0 → GAP", "3@1x1", 0),
    ("CONV(4, 3, p=1)*2*3", "4@8x8", CONV4 + 5 * MORE4),
    ("[CONV(4, 3, p=1)*2 → BN]*2", "4@8x8", CONV4 + 3 * MORE4 + 2 * 8),
    ("CONV(4, 3)*(5 - 4)", "4@6x6", CONV4),
    ("CONV(4, 3)*(1)", "4@6x6", CONV4),
    ("net Deep(n = 2) INPUT(3@8x8) → CONV(4, 3)*n", "4@4x4", CONV4 + MORE4),
    ("net Deep(n = (2, 0)) INPUT(3@8x8) → CONV(4, 3)*n[0] → FC(9)*n[1]", "4@4x4", CONV4 + MORE4),
    ("net Deep(n = 3) INPUT(3@8x8) → CONV(4, 3)*(n - 1)", "4@4x4", CONV4 + MORE4),
    ("[CONV(2*in.C, 1)]*2", "12@8x8", (3 * 6 + 6) + (6 * 12 + 12)),
    # with an index
    ("CONV(i + 1, 1)*(i < 3)", "3@8x8", (3 * 1 + 1) + (1 * 2 + 2) + (2 * 3 + 3)),
    ("CONV(9, 1)*(i < 0)", "3@8x8", 0),
    ("[[CONV(2*i + j + 1, 1)]*(j < 2)]*(i < 2)", "4@8x8", 3 + 1 + 2 + 2 + 6 + 3 + 12 + 4),
    ("[[CONV(1, 1)]*(j < i)]*(i < 3)", "1@8x8", (3 + 1) + 2 + 2),
    ("net Deep(n = (1, 2)) INPUT(3@8x8) → [CONV(4, 3)*n[i]]*(i < len(n))", "4@2x2", CONV4 + 2 * MORE4),
    # over a list
    ("CONV(c, 1)*(c in 2, 5)", "5@8x8", (3 * 2 + 2) + (2 * 5 + 5)),
    ("CONV(c, 1)*(c in 2, 5,)", "5@8x8", (3 * 2 + 2) + (2 * 5 + 5)),
    ("CONV(c, 1)*(c in 2,)", "2@8x8", 3 * 2 + 2),
    ("CONV(c, 1)*(c in (2, 5))", "5@8x8", (3 * 2 + 2) + (2 * 5 + 5)),
    ("CONV(c, 1)*(c in ())", "3@8x8", 0),
    ("CONV(c, k)*((c, k) in (2, 1), (5, 3))", "5@6x6", (3 * 2 + 2) + (2 * 5 * 9 + 5)),
    ("net R(t = ((2, 1), (5, 3))) INPUT(3@8x8) → CONV(c, k)*((c, k) in t)", "5@6x6", 8 + 95),
    ("[CONV(c, 1)*n]*((c, n) in (2, 2), (5, 0))", "2@8x8", (3 * 2 + 2) + (2 * 2 + 2)),
    # optional and guarded parts
    ("CONV(4, 3)?", "4@6x6", CONV4),
    ("CONV(4, 3)?(yes)", "4@6x6", CONV4),
    ("CONV(4, 3)?(no)", "3@8x8", 0),
    ("CONV(4, 3)?(in.C == 4) else FC(2)", "2", 192 * 2 + 2),
    ("CONV(4, 3)?(in.C == 3) else FC(2)", "4@6x6", CONV4),
    ("CONV(4, 3)?(no) else [FC(2) → ReLU]", "2", 192 * 2 + 2),
    ("CONV(4, 3)?(no) else {ID | ID}", "6@8x8", 0),
    ("{CONV(3, 3, p=1) + ID if (in.C == 3)}", "3@8x8", 3 * 3 * 9 + 3),
    ("{CONV(4, 3) | ID if (no)}", "4@6x6", CONV4),
    ("{ID | CONV(4, 3) if (no) | ID}", "6@8x8", 0),
    ("CONV(4, 3) as a → {ReLU if (no) | a} → FLATTEN", "144", CONV4),
    ("CONV(4, 3)*2?(in.C == 3)", "4@4x4", CONV4 + MORE4),
    ("CONV(4, 3)?(in.C == 3)*2", "4@6x6", CONV4),
    ("[POOL(2)?(in.H > 2)]*5", "3@2x2", 0),
    ("[CONV(4, 3)?(i % 2 == 1)]*(i < 4)", "4@4x4", CONV4 + MORE4),
    ("CONV(4, 3)?(no)?(yes)", "3@8x8", 0),
    # parallel paths
    ("{CONV(4, 1) | CONV(5, 1)}", "9@8x8", 16 + 20),
    ("{CONV(4, 1) | CONV(5, 1) | ID}", "12@8x8", 16 + 20),
    ("{CONV(4, 1) + CONV(4, 1)}", "4@8x8", 16 + 16),
    ("{ID + ID + ID}", "3@8x8", 0),
    ("{ID ⊙ CONV(3, 1)}", "3@8x8", 12),
    ("{ID .* CONV(3, 1)}", "3@8x8", 12),
    ("{ID ⊙ GAP}", "3@8x8", 0),
    ("{GAP ⊙ ID ⊙ GPOOL(max)}", "3@8x8", 0),
    ("{FC(4) | FC(5)}", "9", 193 * 9),
    ("{FC(4) + FC(4)}", "4", 193 * 8),
    ("{CONV(4, 1) → ReLU | {ID + ID} → BN}", "7@8x8", 16 + 6),
    ("{CONV(4, 1)*2 | ID}*2", "11@8x8", (16 + 20) + (7 * 4 + 4 + 20)),
    # claims
    ("CONV(4, 3) : 4@6x6", "4@6x6", CONV4),
    ("CONV(4, 3) : 4@_x_", "4@6x6", CONV4),
    ("CONV(4, 3) : _@6x_", "4@6x6", CONV4),
    ("CONV(4, 3) : 6x6x4", "4@6x6", CONV4),
    ("CONV(4, 3) : 4x6x6", "4@6x6", CONV4),
    ("CONV(4, 3) : (3 + 1)@(2*3)x6", "4@6x6", CONV4),
    ("[CONV(4, 3) : 4@6x6 → ReLU] : 4@6x6", "4@6x6", CONV4),
    ("FLATTEN : 192 → FC(2) : 2", "2", 193 * 2),
    ("{CONV(3, 1) : 3@8x8 + ID} : 3@8x8", "3@8x8", 12),
    ("{CONV(3, 1) : 3@8x8 | ID : 3@8x8}", "6@8x8", 12),
    ("net Claims(c = 4, h = 6) INPUT(3@8x8) → CONV(c, 3) : c@hxh → ReLU : c@h x h", "4@6x6", CONV4),
    ("CONV(4, 3) as a : 4@6x6", "4@6x6", CONV4),
    ("CONV(4, 3) : 4@6x6 as a", "4@6x6", CONV4),
]

ARRIVES = [
    ("CONV(in.C, 1)", "3@8x8", 12),
    ("CONV(in.H + in.W, 1)", "16@8x8", 64),
    ("INPUT(3@10) → CONV(in.L, 1)", "10@10", 40),
    ("INPUT(2@3x4x5) → CONV(in.D, 1) → CONV(in.H, 1) → CONV(in.W, 1)", "5@3x4x5", 9 + 16 + 25),
    ("FC(5) → FC(in.C)", "5", 193 * 5 + 6 * 5),
    ("CONV(in.c, 1)", "3@8x8", 12),
    ("CONV(5, 1) → {CONV(in.C, 1) | CONV(2, 1) → CONV(in.C, 1)}", "7@8x8", 20 + 30 + 12 + 6),
    ("CONV(5, 1)*(in.C)", "5@8x8", 20 + 30 + 30),
    ("block B(c = in.C) = CONV(7, 1) → CONV(c, 1) INPUT(3@8x8) → B", "3@8x8", 28 + 24),
    ("block B(c = in.C) = CONV(7, 1) → CONV(c, 1) INPUT(3@8x8) → B(2)", "2@8x8", 28 + 16),
    ("block B(c, d = 2*c) = CONV(d, 1) INPUT(3@8x8) → B(2)", "4@8x8", 16),
    ("block B(c) = CONV(c, 1) INPUT(3@8x8) → CONV(5, 1) → B(in.C)", "5@8x8", 20 + 30),
    ("block B = CONV(in.C, 1) INPUT(3@8x8) → [B → CONV(5, 1)]*2", "5@8x8", 12 + 20 + 30 + 30),
]

TAPS = [
    ("CONV(4, 1) as a → CONV(5, 1) → {ID | a}", "9@8x8", 16 + 25),
    ("CONV(4, 1) as a → {a | a | a}", "12@8x8", 16),
    ("INPUT(3@8x8) as a → CONV(3, 1) → {ID + a}", "3@8x8", 12),
    ("[CONV(4, 1) → BN] as a → ReLU → {ID + a}", "4@8x8", 16 + 8),
    ("{CONV(4, 1) | ID} as a → {ID + a}", "7@8x8", 16),
    ("{CONV(4, 1) as a | ID} → {ID | a}", "11@8x8", 16),
    ("CONV(4, 1) as a → {a → CONV(1, 1) | ID}", "5@8x8", 16 + 5),
    ("CONV(4, 1)*2 as a → {ID + a}", "4@8x8", 16 + 20),
    ("CONV(4, 1)?(yes) as a → {ID + a}", "4@8x8", 16),
    ("[CONV(4, 1) as e[i]]*(i < 2) → {e[0] | e[1]}", "8@8x8", 16 + 20),
    ("[CONV(i + 1, 1) as e[i]]*(i < 3) → {e[0] | e[1] | e[2]}", "6@8x8", 4 + 4 + 9),
    ("[[CONV(4, 1) as e[2*i + j]]*(j < 2)]*(i < 2) → {e[0] | e[3]}", "8@8x8", 16 + 3 * 20),
    ("[CONV(4, 1) as e[i]]*(i < 2) → [{ID | e[1 - i]}]*(i < 2)", "12@8x8", 16 + 20),
    ("[CONV(4, 1) as a → {ID | a}]*2", "8@8x8", 16 + (8 * 4 + 4)),
    ("block B = CONV(4, 1) as a → {ID | a} INPUT(3@8x8) → B → B", "8@8x8", 16 + 36),
    ("block B = CONV(4, 1) as a → {ID | a} INPUT(3@8x8) → CONV(2, 1) as a → B → {ID | a}", "10@8x8", 8 + 12),
    # lets
    ("INPUT(3@8x8) → CONV(4, 1) as a → {ID | b} let b = a → CONV(2, 1)", "6@8x8", 16 + 10),
    ("let b = INPUT(1@8x8) → CONV(2, 1) INPUT(3@8x8) → {ID | b}", "5@8x8", 4),
    ("let b = INPUT(1@8x8) let c = b → CONV(2, 1) INPUT(3@8x8) → {ID | c | b}", "6@8x8", 4),
]

STATEMENTS = [
    ("net N INPUT(3@8x8) → FC(2)", "2", 386),
    ("net N() INPUT(3@8x8) → FC(2)", "2", 386),
    ("net N(c = 2,) INPUT(3@8x8) → FC(c)", "2", 386),
    ("net N(c = 2 in 0..3) INPUT(3@8x8) → FC(c)", "2", 386),
    ("net N(c = 2 in {2, 4}) INPUT(3@8x8) → FC(c)", "2", 386),
    ("net N(c in 2..3) INPUT(3@8x8) → FC(c)", "2", 386),
    ("net N(c = 1, d = c + 1) INPUT(3@8x8) → FC(d)", "2", 386),
    ("net N(Act = HSWISH) INPUT(3@8x8) → Act → FC(2)", "2", 386),
    ("net N(Act = PRELU) INPUT(3@8x8) → Act(per_channel=yes) → FC(2)", "2", 3 + 386),
    ("net N(B = X) block X(c = 4) = CONV(c, 1) INPUT(3@8x8) → B → B(2)", "2@8x8", 16 + 10),
    ("net N(a = 3@8x8, k = 3x1, p = 1:0, w = avg) INPUT(a) → CONV(4, k, p=p) → POOL(w, 2)", "4@3x4", 40),
    ("block B(x) = x INPUT(3@8x8) → B(ReLU) → B(GAP)", "3@1x1", 0),
    ("block B(Act = ReLU) = CONV(4, 1) → Act INPUT(3@8x8) → B → B(Act = TANH)", "4@8x8", 16 + 20),
    ("block A = B → B block B = CONV(4, 1) INPUT(3@8x8) → A", "4@8x8", 16 + 20),
    ("default CONV(bias = no) INPUT(3@8x8) → CONV(4, 1) → CONV(4, 1, bias=yes)", "4@8x8", 12 + 20),
    ("default CONV(p = 1) default CONV(bias = no) INPUT(3@8x8) → CONV(4, 3)", "4@8x8", 108),
    ("default conv(stride = 2) INPUT(3@8x8) → CONV(4, 1) → CONV(4, 1, s=1)", "4@4x4", 16 + 20),
    ("default CONV(5, 1) INPUT(3@8x8) → CONV() → CONV(4)", "4@8x8", 20 + 24),
    ("net N(b = no) default FC(bias = b) INPUT(3@8x8) → FC(2)", "2", 384),
    ("INPUT(3@8x8) → CONV(4, 1) as a → FC(2) output o = a → GAP → FC(9)", "2", 16 + 514),
    ("INPUT(3@8x8) → FC(2) expect params == 386 expect macs == 384", "2", 386),
]

SHAPES = [
    ("INPUT(784)", "784", 0),
    ("INPUT(3@10)", "3@10", 0),
    ("INPUT(3@4x5)", "3@4x5", 0),
    ("INPUT(3@4×5)", "3@4x5", 0),
    ("INPUT( 3 @ 4 x 5 )", "3@4x5", 0),
    ("INPUT(3@4x5x6)", "3@4x5x6", 0),
    ("INPUT(224x224x3)", "3@224x224", 0),
    ("INPUT(3x224x224)", "3@224x224", 0),
    ("INPUT(1x32000)", "1@32000", 0),
    ("INPUT(32000x1)", "1@32000", 0),
    ("INPUT(16x112x112x3)", "3@16x112x112", 0),
    ("INPUT((1 + 2)@(2^3)x8)", "3@8x8", 0),
    ("net N(c = 3, s = 8) INPUT(c@sxs)", "3@8x8", 0),
    ("net N(c = 3, s = 8) INPUT(c@s x s)", "3@8x8", 0),
    ("net N(H = 8, W = 9) INPUT(3@H×W)", "3@8x9", 0),
    # windows and padding
    ("CONV(4, 3x5)", "4@6x4", 3 * 4 * 15 + 4),
    ("CONV(4, 3 x 5)", "4@6x4", 3 * 4 * 15 + 4),
    ("CONV(4, 3X5)", "4@6x4", 3 * 4 * 15 + 4),
    ("net N(k = 3) INPUT(3@8x8) → CONV(4, kx1) → CONV(4, 1xk) → CONV(4, k x k)", "4@4x4", 40 + 52 + 148),
    ("net N(k = 3) INPUT(3@8x8) → CONV(4, (k-2)x(k+2))", "4@8x4", 3 * 4 * 5 + 4),
    ("CONV(4, 3, s=2)", "4@3x3", CONV4),
    ("CONV(4, 3, s=2x1)", "4@3x6", CONV4),
    ("CONV(4, 3, p=1)", "4@8x8", CONV4),
    ("CONV(4, 3, p=1x2)", "4@8x10", CONV4),
    ("CONV(4, 3, p=1:2)", "4@9x9", CONV4),
    ("CONV(4, 3, p=0:1x1:2)", "4@7x9", CONV4),
    ("CONV(4, 3, p=0x1:2)", "4@6x9", CONV4),
    ("CONV(4, 3, p=same)", "4@8x8", CONV4),
    ("CONV(4, 3, p=same, s=3)", "4@3x3", CONV4),
    ("CONV(4, 4, p=same)", "4@8x8", 3 * 4 * 16 + 4),
    ("CONV(4, 3, d=3)", "4@2x2", CONV4),
    ("POOL(3, s=2, ceil=yes)", "3@4x4", 0),
    ("POOL(3, s=2)", "3@3x3", 0),
]

KINDS = [
    ("CONV(4, 3)", "4@6x6", CONV4),
    ("CONV(4, 3, bias=no)", "4@6x6", CONV4 - 4),
    ("CONV(6, 3, g=3)", "6@6x6", 6 * 9 + 6),
    ("CONV(6, 3, g=in.C)", "6@6x6", 6 * 9 + 6),
    ("CONV(4, 3, p=1, pad_mode=reflect)", "4@8x8", CONV4),
    ("CONV(kernel=3, filters=4)", "4@6x6", CONV4),
    ("conv(4, kernel=3, Stride=2, PAD=1)", "4@4x4", CONV4),
    ("INPUT(3@9) → CONV(4, 3)", "4@7", 3 * 4 * 3 + 4),
    ("INPUT(3@5x6x7) → CONV(4, 3)", "4@3x4x5", 3 * 4 * 27 + 4),
    ("TCONV(4, 2, s=2)", "4@16x16", 3 * 4 * 4 + 4),
    ("TCONV(4, 3, s=2, p=1, output_pad=1)", "4@16x16", CONV4),
    ("POOL(2)", "3@4x4", 0),
    ("POOL(max, 2)", "3@4x4", 0),
    ("POOL(avg, 3x2, s=1)", "3@6x7", 0),
    ("POOL(min, 2)", "3@4x4", 0),
    ("GPOOL(max)", "3@1x1", 0),
    ("GAP", "3@1x1", 0),
    ("INPUT(3@5x6x7) → GAP", "3@1x1x1", 0),
    ("APOOL(3)", "3@3x3", 0),
    ("APOOL(max, 3x5)", "3@3x5", 0),
    ("FC(2)", "2", 386),
    ("FC(2, bias=no)", "2", 384),
    ("FC(2, flatten=no)", "3@8x2", 8 * 2 + 2),
    ("FC(2, from=192)", "2", 386),
    ("ReLU → LEAKY(0.01) → LEAKY → ELU → SELU → CELU → GELU → SILU → MISH → RELU6", "3@8x8", 0),
    ("HSWISH → HSIGMOID → SIGMOID → TANH → SOFTPLUS → SOFTMAX → LOGSOFTMAX", "3@8x8", 0),
    ("PRELU", "3@8x8", 1),
    ("PRELU(per_channel=yes)", "3@8x8", 3),
    ("BN", "3@8x8", 6),
    ("BN(affine=no, eps=1e-3, momentum=0.01)", "3@8x8", 0),
    ("GN(3)", "3@8x8", 6),
    ("LN", "3@8x8", 6),
    ("INORM", "3@8x8", 0),
    ("INORM(affine=yes)", "3@8x8", 6),
    ("LRN(5, alpha=1e-4, beta=0.75, k=2)", "3@8x8", 0),
    ("DROPOUT → DROPOUT(0.2) → DROP2D(0.1) → DROPPATH(0.1)", "3@8x8", 0),
    ("FLATTEN", "192", 0),
    ("RESHAPE(12@4x4)", "12@4x4", 0),
    ("RESHAPE(_@4x4)", "12@4x4", 0),
    ("RESHAPE(192)", "192", 0),
    ("INPUT(784) → RESHAPE(1@28x28)", "1@28x28", 0),
    ('INPUT(3@4x5) → PERMUTE("HWC")', "4@5x3", 0),
    ("SHUFFLE(3)", "3@8x8", 0),
    ("INPUT(12@4x4) → PIXELSHUFFLE(2)", "3@8x8", 0),
    ("UPSAMPLE(2)", "3@16x16", 0),
    ("UPSAMPLE(2x3, linear)", "3@16x24", 0),
    ("PAD(1)", "3@10x10", 0),
    ("PAD(0:1x2, mode=replicate)", "3@9x12", 0),
    ("CROP(1)", "3@6x6", 0),
    ("CROP(0:1x2)", "3@7x4", 0),
    ("SLICE(1, 3)", "2@8x8", 0),
    ("ID → identity", "3@8x8", 0),
    ("SCALE(init=1e-6)", "3@8x8", 3),
]

TRAPS = [
    ("{ CONV(3, 1) : 3@8x8 + ID }", "3@8x8", 12),
    ("{ CONV(3, 1) : 3@_x_ | ID }", "6@8x8", 12),
    ("CONV(4, 11x11, p=5) : 4@_x_", "4@8x8", 3 * 4 * 121 + 4),
    ("net N(k = 3) INPUT(3@8x8) → CONV(4, 3xk) → CONV(4, kx3)", "4@4x4", CONV4 + MORE4),
    ("net N(x = 3) INPUT(3@8x8) → CONV(4, x x x) → CONV(4, 3 x x)", "4@4x4", CONV4 + MORE4),
    ("net N(n = 5) INPUT(3@8x8) → FC(2) expect n == 5 default FC(bias = yes)", "2", 386),
    (
        "INPUT(3@8x8) → [CONV(4, 3)]*2 expect params == 112 + 148 let a = INPUT → [CONV]*2 output b = a",
        "4@4x4",
        CONV4 + MORE4,
    ),
    ("CONV(4, 3)\n\n\n→\n\nReLU", "4@6x6", CONV4),
    ("CONV(\n4\n,\n3\n)\n*\n2", "4@4x4", CONV4 + MORE4),
    ("CONV(4,3)→[ReLU]→{ID|ID}", "8@6x6", CONV4),
    ("net N(a = 1) INPUT(3@8x8) → FC(2) expect 1 + a == 2 expect - a == 0 - 1", "2", 386),
    ("net N(xx = 2, ax = 3) INPUT(3@8x8) → FC(xx) → FC(ax)", "3", 386 + 9),
]

TABLES = {
    "algebra": ALGEBRA,
    "what arrives": ARRIVES,
    "taps": TAPS,
    "statements": STATEMENTS,
    "shapes": SHAPES,
    "kinds": KINDS,
    "traps": TRAPS,
}
GOOD = [(text, output, params) for table in TABLES.values() for text, output, params in table]


@pytest.mark.parametrize(("text", "output", "params"), GOOD)
def test_good(text: str, output: str, params: int) -> None:
    found = check(program(text))
    assert [one for one in found.diagnostics if one.severity == "error"] == []
    (network,) = found.networks
    assert (str(network.output), network.totals.params) == (output, params)
