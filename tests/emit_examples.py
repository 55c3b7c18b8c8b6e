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
    "rgbd": TWO_INPUTS,
}
