"""Programs that are hard to emit: each must become a module that agrees with its table."""

from __future__ import annotations

PROGRAMS = {
    # ---- blocks and their parameters
    "ranks": """
net R
block B(c) = CONV(c, 3, p=1) → BN → ReLU
let a = INPUT(3@32) → B(8) → GPOOL(max) → FLATTEN
let b = INPUT(2@8x8x8) → B(8) → GAP → FLATTEN
INPUT(3@32x32) → B(8) → B(16) → GAP → FLATTEN → { ID | a | b } → FC(10)""",
    "ranks_of_residuals": """
net W(w = 4)
block R(c) = { CONV(c, 3, p=1) → BN + CONV(c, 1) } → ReLU
let b = INPUT(2@64) → R(w) → R(w) → GAP
let c = INPUT(2@8x8x8) → R(w) → GAP
INPUT(2@8x8) → R(w) → GAP → FLATTEN → { ID | [b → FLATTEN] | [c → FLATTEN] } → FC(10)""",
    "kinds_as_values": """
net K(Act = HSWISH, classes = 10)
block U(c, Act, Norm = BN) = CONV(c, 3, p=1) → Norm → Act
INPUT(3@16x16) → U(8, RELU) → U(8, Act) → U(8, HSWISH, INORM) → U(8, ID) → Act → GAP → FC(classes)""",
    "kinds_with_arguments_of_their_own": """
net K(classes = 10)
default LEAKY(0.2)
block U(c, Act) = CONV(c, 3, p=1) → Act
INPUT(3@16x16) → U(8, LEAKY) → U(8, RELU) → U(4, PRELU) → GAP → FC(classes)""",
    "kind_of_the_net": """
net W(act = RELU)
variant A = (RELU)
variant B = (LEAKY)
default LEAKY(0.3)
INPUT(3@32x32) → CONV(4, 3) → act → FC(10)""",
    "kind_in_a_condition": """
net W(act = RELU)
variant A = (RELU)
variant B = (HSWISH)
INPUT(3@32x32) → CONV(4, 3) → [act]?(act == RELU) → FC(10)""",
    "blocks_or_kinds": """
net M
block A = CONV(4, 3, p=1) → ReLU
block U(F) = F → BN
INPUT(3@8x8) → CONV(4, 1) → U(RELU) → U(A) → U(HSWISH) → FC(10)""",
    "windows_as_values": """
net T
block B(k, p) = CONV(8, k, p=p) → ReLU → POOL(k, s=1, p=p) → TCONV(8, k, p=p)
INPUT(3@64x64) → B(3x1, 1x0) → B(1x3, 0x1) → B(3, 1) → B(3x3, 1) → GAP → FC(10)""",
    "windows_from_rows": """
net T(rows = ((16, 3, 1), (32, 3, 2), (64, 5, 2)), k = 3x1)
block B(c, k, s) = CONV(c, k, s=s, p=k//2) → ReLU
INPUT(3@64x64) → CONV(8, k, p=1x0) → [B(c, kk, s)]*((c, kk, s) in rows)
  → B(rows[0][0], rows[1][1], 1) → GAP → FC(10)""",
    "paddings_as_values": """
net T
block B(p) = PAD(p) → CONV(8, 3)
INPUT(3@16x16) → B(1) → B(1x1) → B(1x2) → B(0:1x1:2) → B(2:2) → GAP → FC(10)""",
    "crops_as_values": """
net T
block B(p) = CROP(p) → CONV(8, 3, p=1)
INPUT(3@32x32) → B(1) → B(1x1) → B(1x2) → B(0:1x1:2) → GAP → FC(10)""",
    "words_as_values": """
net W(op = avg, mode = zeros)
block P(op) = POOL(op, 2) → CONV(4, 3, p=1, pad_mode=reflect)
INPUT(3@32x32) → P(max) → P(op) → P(min) → CONV(3, 3, p=1, pad_mode=mode) → FC(10)""",
    "flags_as_values": """
net W(b = yes)
variant A = (yes)
variant B = (no)
block P(bias) = CONV(4, 3, p=1, bias=bias) → BN(affine=bias)
INPUT(3@32x32) → P(b) → P(no) → P(yes) → CONV(4, 1, bias=not b) → FC(10)""",
    "defaults_from_what_arrives": """
net D
block SE(r, c = in.C, m = c // r) = { ID ⊙ GAP → CONV(m, 1) → ReLU → CONV(c, 1) → SIGMOID }
INPUT(3@32x32) → CONV(16, 3) → SE(4) → CONV(32, 3) → SE(4) → SE(2, m = 5) → SE(8, 32) → GAP → FC(10)""",
    "defaults_from_defaults": """
net W
block S(a, b = a * 2, c = b + in.C, d = (a, b, c)) = CONV(d[2], 1) → CONV(b, 1) → CONV(a, 1)
INPUT(3@8x8) → S(4) → S(4, 5) → S(a=2, c=7) → S(1, d=(1, 2, 9)) → FC(10)""",
    "blocks_within_blocks": """
net W
block A(c) = CONV(c, 3, p=1)
block B(c) = [A(c*(i+1)) → ReLU]*(i < 2)
block C(c) = { B(c) | A(c) } → B(2)
INPUT(3@16x16) → [C(2*(i+1))]*(i < 3) → GAP → FC(10)""",
    "blocks_as_values": """
net N
block A(c) = CONV(c, 1) → ReLU
block B(c, F = A) = { F(c) | F(2*c) } → F(c)
block C(c, F) = B(c, F) → B(c)
block A2(c) = CONV(c, 3, p=1) → BN
INPUT(3@16x16) → C(4, A) → C(8, A2) → GAP → FC(10)""",
    "variants_of_one_block_or_another": """
net P(Block)
variant X = (A)
variant Y = (B)
block A(c, s = 1) = CONV(c, 3, s=s, p=1) → ReLU
block B(c, s = 1, e = 4) = CONV(c, 1) → CONV(e*c, 3, s=s, p=1) → BN
INPUT(3@32x32) → [Block(8*(i+1), s=i+1)]*(i < 3) → GAP → FC(10)""",
    "blocks_with_other_signatures": """
net P(Block)
variant X = (A)
variant Y = (B)
block A(c) = CONV(c, 3, p=1) → ReLU
block B(c, s = 1) = CONV(c, 1) → CONV(2*c, 3, s=s, p=1) → BN
INPUT(3@32x32) → [Block(8*(i+1))]*(i < 3) → GAP → FC(10)""",
    "fc_in_blocks": """
net F
block H(n) = FC(n) → ReLU → DROPOUT(0.5)
INPUT(3@8x8) → CONV(4, 3) → H(32) → H(16) → FC(10)""",
    "fc_in_blocks_on_maps_and_vectors": """
net F
block H(n) = FC(n) → ReLU
let a = INPUT(2@4x4) → H(8)
INPUT(3@8x8) → CONV(4, 3) → H(32) → { ID | a } → H(16) → FC(10)""",
    "reshape_in_blocks": """
net R
block G(s) = FC(s) → RESHAPE(_@2x2) → TCONV(8, 2, s=2)
INPUT(100) → G(64) → FLATTEN → G(32) → FC(10)""",
    "same_padding_in_blocks": """
net M
block U(c, s) = CONV(c, 3, s=s, p=same) → ReLU
INPUT(3@33x17) → U(4, 2) → U(8, 2) → U(8, 1) → POOL(3, s=2, p=same) → FC(10)""",
    "groups": """
net S(g = 4)
block D(c, g = in.C) = CONV(c, 3, p=1, g=g) → GN(g)
INPUT(8@8x8) → D(8) → D(16, 4) → D(16, g) → D(16, 1) → FC(10)""",
    "gates": """
net G
block Gate(r) = { ID ⊙ GAP → CONV(in.C // r, 1) → ReLU → CONV(8, 1) → SIGMOID ⊙ GAP
  → CONV(in.C, 1) → SIGMOID }
INPUT(8@16x16) → Gate(2) → CONV(8, 3) → Gate(4) → FC(10)""",
    "splits": """
net S(w = 8)
block Split(c) = { SLICE(0, c) → CONV(c, 3, p=1) | SLICE(c, in.C) } → SHUFFLE(2)
INPUT(3@8x8) → CONV(w, 1) → Split(w // 2) → Split(2) → FC(10)""",
    "upsampling": """
net U(f = 2)
block Up(c, f) = UPSAMPLE(f, linear) → CONV(c, 3, p=1)
INPUT(3@8x8) → Up(4, f) → Up(8, 2x1) → PIXELSHUFFLE(2) → SHUFFLE(2) → SLICE(0, 1) → FC(10)""",
    # ---- variants and guards
    "variants": """
net V(n, w = 8, deep = no)
variant A = (2)
variant B = (3, 16)
variant C = (4, deep = yes)
variant D = (0)
block S(c) = [CONV(c, 3, p=1) → ReLU]
INPUT(3@32x32) → [S(w*2^i) → POOL(2)]*(i < n) → [S(99)]?(deep) → GAP → FC(10)""",
    "zero_copies_in_some": """
net Z(n, m = 2)
variant A = ((0, 1, 2))
variant B = ((1, 0, 0))
variant C = ((0, 0, 0))
INPUT(3@32x32) → [[CONV(8*(i+1), 3, p=1) → ReLU]*n[i] → POOL(2)]*(i < 3) → GAP → FC(10)""",
    "zero_hidden_layers": """
net Z(k)
variant A = (0)
variant B = (2)
INPUT(3@32x32) → [FC(16) → ReLU]*k → FC(10)""",
    "lists_of_other_lengths": """
net S(hidden = (32, 16))
variant A = ((32, 16))
variant B = ((8,))
variant C = ((64, 32, 16))
INPUT(1@8x8) → [FC(h) → ReLU]*(h in hidden) → FC(10)""",
    "variants_by_default": """
net W(n = 3)
variant A = ()
variant B = (n = 5)
INPUT(3@8x8) → [CONV(4*(i+1), 1)]*(i < n) → FC(10)""",
    "guards_on_extents": """
net G(size = 32)
variant A = (16)
variant B = (32)
variant C = (64)
block D(c) = CONV(c, 3, p=1) → POOL(2)?(in.H > 8)
INPUT(3@size x size) → D(8) → D(16) → D(32) → FC(10)""",
    "guards_within_guards": """
net G(a = yes, b = 2)
variant P = (yes, 1)
variant Q = (no, 2)
variant R = (no, 3)
INPUT(3@16x16) → [[CONV(8, 3)]?(b > 1) else [CONV(4, 1)]]?(a) else [[CONV(5, 1)
  → POOL(2)]?(b == 2)] → FC(10)""",
    "guards_on_flags": """
net W(b = yes)
variant A = (yes)
variant B = (no)
INPUT(3@32x32) → [CONV(4, 3)]?(b == yes) → [CONV(5, 3)]?(b != yes) → FC(10)""",
    "guards_around_taps": """
net S(aux = yes)
variant A = (yes)
variant B = (no)
INPUT(3@8x8) → CONV(4, 3, p=1) as c → [ReLU → { ID | c }]?(aux) → FC(10)""",
    "labels_in_guards": """
net S(n = 2)
variant A = (2)
variant B = (3)
INPUT(3@8x8) → CONV(4, 3, p=1) as c → [{ CONV(4, 1) + c } as d
  → { d | c }]?(n > 2) else { ID | c } → FC(10)""",
    # ---- repeats
    "channels_through_guards": """
net C(n = 4)
INPUT(3@32x32) → [[CONV(in.C + 4, 3, p=1)]?(i % 2 == 0) else [CONV(2*in.C, 1) → ReLU]
  → { ID | CONV(i + 1, 1) }]*(i < n) → GAP → FC(10)""",
    "channels_through_branches": """
net C(n = 3)
INPUT(3@32x32) → [{ CONV(in.C, 1) | [CONV(5, 1)]?(i > 0) }]*(i < n) → GAP → FC(10)""",
    "channels_through_both": """
net W(n = 6)
INPUT(3@32x32) → [[CONV(8, 3, p=1)]?(i == 0) else [[CONV(in.C, 3, p=1, g=in.C)
  → CONV(in.C + 2, 1)]?(i % 2 == 1) else [{ ID | CONV(2, 1) }]] → ReLU]*(i < n) → GAP → FC(10)""",
    "growing": """
net M
INPUT(3@32x32) → [CONV(in.C + 1, 3, p=1) → ReLU]*200 → GAP → FC(10)""",
    "growing_blocks": """
net M
block G(k) = { ID | CONV(k, 3, p=1) }
INPUT(3@8x8) → [G(i % 3 + 1)]*(i < 100) → GAP → FC(10)""",
    "shrinking_maps": """
net M
INPUT(3@128x128) → [CONV(8, 3) → ReLU]*30 → FC(10)""",
    "residual_loops": """
net S(n = 3)
INPUT(3@16x16) → CONV(8, 3, p=1) → [{ CONV(8, 3, p=1) → BN + ID } → ReLU]*n → GAP → FC(10)""",
    "residual_loops_that_grow": """
net S(n = 3)
INPUT(3@16x16) → CONV(8, 3, p=1) → [{ CONV(8*(i+1), 3, p=1) → BN + CONV(8*(i+1), 1) }
  → ReLU]*(i < n) → GAP → FC(10)""",
    "loops_in_loops_in_loops": """
net S(n = (2, 3), w = (4, 8))
INPUT(3@16x16) → [[[{ CONV(w[i], 3, p=1) + CONV(w[i], 1) }]*(j + 1)]*(j < n[i])
  → POOL(2)]*(i < 2) → GAP → FC(10)""",
    "counts_from_indices": """
net W(n = 2)
INPUT(3@32x32) → [CONV(8, 3, p=1) → [CONV(8, 1)]*i]*(i < n + 1) → [CONV(4, 1)]*(n - 2) → FC(10)""",
    "counts_from_what_arrives": """
net S
INPUT(5@9x9) → [CONV(in.C//2, 3, p=1) → [CONV(7, 1)]*(i < in.C)]*2
  → [CONV(in.C + 1, 1)]*(in.C - 4) → [{ID | CONV(1,1)}]*(in.C % 3) → FC(10)""",
    "lists_from_what_arrives": """
net S
INPUT(5@2x2) → [CONV(c, 1)]*(c in in.C, in.C + 1, 2*in.C)
  → [CONV(c + d + in.C, 1)]*((c, d) in (in.C, 1), (2, in.C)) → FC(10)""",
    "fc_in_loops": """
net F(k = 3)
INPUT(3@8x8) → CONV(4, 3) → [FC(16*(i+1)) → ReLU]*(i < k) → FC(10)""",
    "fc_counts_from_what_arrives": """
net S
INPUT(5@2x2) → [FC(in.C + 1)]*(i < in.C - 3) → FC(3) → [FC(in.C - 1)]*(in.C - 1) → FC(10)""",
    # ---- labels, lets, inputs
    "labels_in_loops": """
net L(n = 3)
INPUT(3@32x32) → [CONV(8, 3, p=1) as c[i] → ReLU as r[i]]*(i < n) → { c[0] | r[n-1] | c[1] }
  → GAP → FC(10)""",
    "labels_inside_copies": """
net L(n = 3)
INPUT(3@32x32) → [CONV(8, 3, p=1) as a → ReLU → { ID + a }]*n → GAP → FC(10)""",
    "labels_in_blocks": """
net W
block D(n, k) = [{ ID | CONV(k, 3, p=1) → ReLU }]*n
block E(n) = [CONV(4, 3, p=1) as a[i]]*(i < n) → { a[0] + a[n-1] }
INPUT(3@16x16) → D(3, 2) → D(2, 4) → E(2) → E(3) → GAP → FC(10)""",
    "labels_of_groups": """
net W
INPUT(3@8x8) → [CONV(4, 3, p=1) → ReLU] as stem → POOL(2) → { [CONV(4, 1) as q
  → ReLU] as r | ID } → FC(10)
output z = stem → FC(2)
output y = q → FC(2)""",
    "outputs_that_share_labels": """
net L
let g = mid → GAP → FLATTEN
INPUT(3@32x32) → CONV(8, 3) as first → CONV(8, 3) as mid → POOL(2) → FLATTEN → { ID | g } → FC(10)
output o1 = g → FC(3)
output o2 = first → GAP → FC(4)
output o3 = mid → CONV(2, 1)""",
    "three_more_inputs": """
net L
let z = INPUT(4@10) → CONV(3, 3) → FLATTEN
let a = INPUT(7)
let d = INPUT(2@4x4x4) → CONV(3, 3) → FLATTEN
INPUT(3@32x32) → CONV(8, 3) → GAP → FLATTEN → { d | a | ID | z } → FC(10)
output q = z → FC(3)""",
    "a_let_taken_up_twice": """
net W
let a = INPUT(3@8x8) → CONV(4, 3, p=1)
INPUT(3@8x8) → CONV(4, 3, p=1) → [{ ID + a } → ReLU]*2 → { a | ID } → FC(10)""",
    "a_let_first_taken_up_in_a_loop": """
net W
let a = b → CONV(4, 1)
let b = INPUT(3@8x8) → CONV(4, 3, p=1)
INPUT(3@8x8) → CONV(4, 3, p=1) → [{ CONV(4, 1) + a } → ReLU]*2 → FC(10)""",
    "input_alone": """
net O
INPUT(3@8x8)""",
    "identity_alone": """
net O
INPUT(3@8x8) → ID
output o = INPUT(5) → FC(3)""",
    # ---- expressions and layers
    "sums": """
net S(n = (1, 2, 3))
INPUT(3@8x8) → [CONV(sum(n[j], j < i) + 1, 1)]*(i < 3) → CONV(sum(n), 1) → CONV(len(n), 1)
  → CONV(round_to(sum(n)*1.3, 8), 1) → CONV(ceil(7/2) + floor(7/2) + round(2.5), 1) → FC(10)""",
    "item_by_item": """
net V(w = 1.5, d = 2, n = (1, 2, 3), c = round_to(w*(8, 16, 20), 8))
INPUT(3@8x8) → [CONV(c[i], 1)*n[i]]*(i < 3) → [FC(o)]*(o in d*n) → FC(sum(ceil(w*n)) + len(2*n)) → FC(10)""",
    "ends_that_differ": """
net E(a = 1, b = 3)
block Past(d) = CONV(4, 3, d=d, p=(2*d):0) → CROP(0:(d - 1)) → PAD(d:0) → POOL(2, s=1, p=0:1)
INPUT(3@16x16) → CROP(a:b) → [Past(i + 2)]*(i < 3) → PAD(a:b) → CROP(b:a) → CROP(1:2) → FC(10)""",
    "one_or_the_other": """
net C(first = 2, wide = no)
block B(w, s) = CONV(w if s == 1 else 2*w, 3, s=s, p=1) → BN → ReLU
INPUT(3@16x16) → [B(4, first if i == 0 else 1)]*(i < 3) → CONV(8 if wide else in.C, 1) → FC(10)""",
    "paths_on_conditions": """
net P(t = 2)
block Inverted(t, c, s = 1) =
  { [CONV(t*in.C, 1) → BN → ReLU]?(t != 1) → CONV(c, 3, s=s, p=1) → BN + ID if (s == 1 and in.C == c) }
block Gated(r) = { ID ⊙ GAP → CONV(in.C, 1) → SIGMOID if (r > 1) }
block Wide(more) = { CONV(4, 1) | CONV(2, 3, p=1) if (more) | ID } → ReLU
block Three(c) = { ID if (in.C == c) + CONV(c, 1) + CONV(c, 3, p=1) → ReLU }
INPUT(3@16x16) → Inverted(1, 8, 2) → Inverted(t, 8) → Inverted(3, 8, 2) → Gated(1) → Gated(2)
  → Wide(yes) → Wide(no) → Three(6) → Three(6) → FC(10)""",
    "rows_of_a_table": """
net T(rows = ((3, 8, yes, ReLU), (5, 4, no, SIGMOID)), scales = ((1, 0.5), (2, 1.5)), flags = ((1, yes),))
block B(k, c, norm, Act) = CONV(c, k, p=k//2) → BN?(norm) → Act
INPUT(3@8x8) → B(k, c, norm, Act)*((k, c, norm, Act) in rows)
  → [CONV(round(4*s*n), 1) → ReLU]*((n, s) in scales) → [CONV(n, 1) → BN?(norm)]*((n, norm) in flags)
  → FC(10)""",
    "sums_over_odd_names": """
net S(n = (1, 2, 3), list_ = 2)
INPUT(3@8x8) → [CONV(sum(n[list] + list_ + i, list < i) + 1, 1)]*(i < 3)
  → CONV(sum(n[lambda], lambda < 2), 1) → FC(10)""",
    "indices_with_odd_names": """
net S(n = (1, 2, 3), list_ = 2)
INPUT(3@8x8) → [CONV(node + 1, 1)]*(node < 3) → [CONV(node + 1, 1)]*(node in n) → FC(10)""",
    "fractions": """
net S(w = 1.25, r = 0.5)
block M(c, p = 0.1) = CONV(round_to(c*2, 8), 1) → DROPOUT(p) → LEAKY(p)
  → BN(eps = 1e-3, momentum = p)
INPUT(3@8x8) → CONV(round_to(32*w, 8), 3) → M(4) → M(8, 0.2) → DROPOUT(r) → FC(10)""",
    "rounding": """
net W(e = 0.5, k = 3)
block M(t) = CONV(round(in.C*t), 1) → CONV(round_to(in.C*t*3, 4), k=3, p=1) → BN
INPUT(16@16x16) → M(1.5) → M(2) → M(e) → FC(10)""",
    "divisions": """
net W(e = 6)
block M(t) = CONV(in.C*t, 1) → CONV(in.C/t, 1)
INPUT(4@8x8) → M(e) → M(e/2) → M(2) → FC(10)""",
    "powers": """
net W
INPUT(3@64x64) → [CONV(2^(i+3), 3, p=1) → POOL(2)]*(i < 4) → FC(round(2^(-1)*20))""",
    "remainders": """
net W(n = -3)
INPUT(3@64x64) → CONV(n % 5, 3) → CONV(-n // 2, 1) → CONV(7 - -n, 1) → FC(-(n))""",
    "fc_on_the_last_axis": """
net F
INPUT(3@8x8) → FC(16, flatten=no) → ReLU → FC(10)""",
    "reshape": """
net R
INPUT(784) → RESHAPE(1@28x28) → CONV(4, 3) → RESHAPE(_@26) → CONV(3, 3) → FLATTEN → RESHAPE(_@8)
  → PERMUTE(LC) → FC(10)""",
    "permute": """
net W
INPUT(3@4x6) → PERMUTE(HWC) → CONV(5, 1) → PERMUTE(WHC) → FLATTEN → FC(10)""",
    "paddings_of_all_kinds": """
net W
INPUT(3@4x6) → CONV(4, 3, p=0:1x1:2, pad_mode=replicate) → POOL(avg, 2, p=0:1)
  → POOL(min, 2, p=same) → CONV(2, 2, p=same, s=2) → FC(10)""",
    "init": """
net W
init he(fan_out), FC = normal(0.01), BN = normal(0.02, mean=1), LN = uniform(0.1)
INPUT(3@16x16) → CONV(4, 3, bias=no) → BN → ReLU → CONV(4, 3) → BN(affine=no) → LN → FC(10)""",
    "init_of_transposed": """
net W
init orthogonal(gain=2), CONV = torch
INPUT(3@16) → CONV(4, 3) → TCONV(4, 3, s=2) → FC(10)""",
}
