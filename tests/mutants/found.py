"""What mutants have found, cut down: programs of which something wrong was said, or nothing."""

from __future__ import annotations

FOUND = {
    "a refused layer has no sizes": "INPUT(44@9) → ID → RESHAPE(324) → RESHAPE(3)",
    "an empty file has no first character": "",
    "a label stands in the paths of a trace": "INPUT(2@8x11) → { [APOOL(2) → CONV(3, 4)]? as e1 + ID }",
    "an extent is missing beside the x": "INPUT(3@x224) → GAP → FC(2)",
    "so is one of a claim": "INPUT(3@8x8) → POOL(2) : 3@x4 → FC(10)",
    "no input gives other channels": "INPUT(3@8x8) → POOL(2) → CONV(4, 3) : 5@2x2 → FC(10)",
    "nor another size to a path of fixed size": (
        "INPUT(5@8x8) → { APOOL(28x27) → CONV(in.C, 1) ⊙ POOL(3, p=1, d=2) } : 2@1x27"
    ),
    "three axes lose different counts": "INPUT(1@11x9x8) → CONV(2, 4, s=3) → ReLU → FC(2)",
    "an arrow does not join what other statements part": "INPUT → FC\nexpect params == 7\nSIGMOID",
    "a gate's channels are those of its last layer": (
        "INPUT(3@32x32) → CONV(17, 3) → { ID ⊙ GAP → FC(16) → SOFTMAX → RESHAPE(16@1x1) } → FC(2)"
    ),
    "an average over voxels cannot be padded": "INPUT(2@6x7x8) → POOL(avg, 32) → FC(2)",
    "a large claim is rounded": "INPUT(1@32000) → POOL(4, s=16) : 1@2000 → FC(2)",
    "with the quotient in full": "INPUT(1@7997) → POOL(4) : 1@2000 → FC(2)",
    "what is too large may be in a further output": (
        "INPUT(1@7x7) → CONV(5, 4) → UPSAMPLE(2) as e → CONV(8, 5, s=2)\n"
        "output aux = e → POOL(7, ceil=yes) → CONV(2, 6, p=1:0)"
    ),
    "no map is smaller than nothing": "INPUT(2@13) → CONV(4, 2, s=1_000, p=2, pad_mode=reflect) → FC(2)",
    "a filter count may be that of the input": (
        "INPUT(1@100) → CONV(8, 3) → CONV(8, 3, p=2) → ReLU → CONV(8, 2, g=9) → FC(2)"
    ),
    "the sizes of three axes are long": "INPUT(8@6x6x6) → CONV(8, 2x2x2, s=3x6x6, d=2) → FC(2)",
    "so are those of nothing": "INPUT(1@1x2x3) → TCONV(3, 1, s=1, d=2, p=2) → FC(2)",
    "a bracket in a string closes nothing": 'CONV("64, 3, p=1) → ReLU → FC(10)   # shape-order ""',
    "a parameter is not a list": "INPUT(3@8x8) → [CONV(8, 1)]*(c in () != ()) → FC(2)",
    "a number is no Stage": "block Stage2(c) = CONV(c, 1)\nINPUT(3@8x8) → Stage1(2) → FC(2)",
    "a path's FLATTEN is not that of all": "INPUT(64@6) → { FC(5) | FLATTEN } → CONV(3, 1) → FC(9)",
    "a name is no size": "INPUT(7, from=2) → FC(2)",
    "a slip of order in a network that holds": "INPUT(6@6x6x4) → CONV(6, 1, g=3) → GAP → FC(2)",
    "an exact pool that rounds up": "INPUT(3@60) → POOL(2, ceil=yes, d=4) → POOL(9) → POOL(9) → FC(2)",
    "a kernel too large where the other extent is open": "INPUT(3@227x?) → CONV(96, 1000) : 96@_x5 → FC(2)",
    "an extent beyond all numbers": "INPUT(1e400x11x2) → FC(2)",
    "a comment with a tab": "INPUT → FC # cnndsl: ignore[un\tread-pixels]",
    "three axes are too many for a message": "INPUT(2@1005x6x11) → CONV(1, 1001, p=2, d=2) → FC(2)",
    "so they are for a lint": "INPUT(2@8x4x20) → POOL(max, 3) → FC(2)",
    "a smaller window may have too much padding": "INPUT(5@6x6x6) → POOL(max, 2, d=20, p=1) → FC(2)",
    "a label has no arguments": "INPUT → CONV as a → a() → FC",
    "five axes have no order": "INPUT(5@4x5x4x5x4) → FC(2)",
    "a claim may go over two lines": "INPUT(64) : 4x\n55",
}
