"""Networks beside the shipped ones: the language's examples, and architectures built from them."""

from __future__ import annotations

UNET = """
net UNet(depth = 4, w = 64, classes = 2)     # long skips by name
block Double(c) = [CONV(c, 3, p=1) → BN → ReLU]*2
INPUT(3@256x256)
→ [Double(w*2^i) as e[i] → POOL(2)]*(i < depth) → Double(w*2^depth)
→ [{ TCONV(in.C // 2, 2, s=2) | e[depth-1-i] } → Double(in.C // 2)]*(i < depth)
→ CONV(classes, 1)
"""

VGG16 = """
net VGG16(classes = 1000)                    # the lecture's pattern itself, with N running over a list
INPUT(3@224x224)
→ [[CONV(c, 3x3, p=1) → ReLU]*n → POOL(2)]*((c, n) in (64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
→ [FC(4096) → ReLU → DROPOUT(0.5)]*2 → FC(classes)
"""

SENET = """
net SENet(classes = 10)

# A gate: each channel times a number between 0 and 1.
block SE(sq, c = in.C) = { ID ⊙ GAP → CONV(sq, 1) → ReLU → CONV(c, 1) → SIGMOID }

INPUT(3@32x32) → CONV(32, 3, p=1) → ReLU → SE(8) → CONV(64, 3, p=1) → SE(16) → GAP → FC(classes)
"""

MOBILENET_V2 = """
net MobileNetV2(classes = 1000)
default CONV(bias = no)
block Body(e, c, k, s) =
  [CONV(e, 1) → BN → ReLU6]?(e != in.C) → CONV(e, k, s=s, p=k//2, g=in.C) → BN → ReLU6 → CONV(c, 1) → BN
block Inverted(e, c, k, s) =                 # a skip only where shapes allow it
  { Body(e, c, k, s) + ID }?(s == 1 and in.C == c) else Body(e, c, k, s)
INPUT(3@224x224)
→ CONV(32, 3, s=2, p=1) → BN → ReLU6 → Inverted(32, 16, 3, 1)
→ [Inverted(6*in.C, c, 3, s) → Inverted(6*in.C, c, 3, 1)*(n-1)]
  *((c, n, s) in (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
→ CONV(1280, 1) → BN → ReLU6 → GAP → DROPOUT(0.2) → FC(classes)
"""

MOBILENET_V3 = """
net MobileNetV3(classes = 1000)
default CONV(bias = no)
block SE(sq, c = in.C) = { ID ⊙ GAP → CONV(sq, 1, bias=yes) → ReLU → CONV(c, 1, bias=yes) → HSIGMOID }
block Body(e, c, k, s, se, Act) =
  [CONV(e, 1) → BN → Act]?(e != in.C) → CONV(e, k, s=s, p=k//2, g=in.C) → BN → Act
  → SE(round_to(e/4, 8))?(se) → CONV(c, 1) → BN
block Inverted(e, c, k, s, se = no, Act = ReLU) =
  { Body(e, c, k, s, se, Act) + ID }?(s == 1 and in.C == c) else Body(e, c, k, s, se, Act)
INPUT(3@224x224)
→ CONV(16, 3, s=2, p=1) → BN → HSWISH
→ Inverted(16, 16, 3, 1) → Inverted(64, 24, 3, 2) → Inverted(72, 24, 3, 1)
→ Inverted(72, 40, 5, 2, yes) → Inverted(120, 40, 5, 1, yes)*2
→ Inverted(240, 80, 3, 2, Act=HSWISH) → Inverted(200, 80, 3, 1, Act=HSWISH)
→ Inverted(184, 80, 3, 1, Act=HSWISH)*2
→ Inverted(480, 112, 3, 1, yes, HSWISH) → Inverted(672, 112, 3, 1, yes, HSWISH)
→ Inverted(672, 160, 5, 2, yes, HSWISH) → Inverted(960, 160, 5, 1, yes, HSWISH)*2
→ CONV(960, 1) → BN → HSWISH → GAP → FC(1280) → HSWISH → DROPOUT(0.2) → FC(classes)
"""


TWO_INPUTS = """
# A picture and its depth map; aux classifies from half-way.
net RGBD(classes = 5)
let depth = INPUT(1@32x32) → CONV(8, 3, p=1) → ReLU
INPUT(3@32x32) → CONV(8, 3, p=1) → ReLU → { ID | depth } → CONV(16, 3) as mid → POOL(2) → FC(classes)
output aux = mid → GAP → FC(classes)
"""

EXAMPLES = {
    "unet_any_depth": UNET,
    "vgg16": VGG16,
    "senet": SENET,
    "mobilenet_v2": MOBILENET_V2,
    "mobilenet_v3": MOBILENET_V3,
    "rgbd": TWO_INPUTS,
}
