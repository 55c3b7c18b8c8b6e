"""Families for the tests, and what `check` says of their members one by one."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cnndsl.analysis.family import Member
from cnndsl.analysis.rows import receptive_field, walked
from cnndsl.elaborate import elaborate
from cnndsl.elaborate.program import Program
from cnndsl.render.text import shown
from cnndsl.source import Source
from cnndsl.syntax.parse import parse_arguments

#: Families by what they try out.
FAMILIES = {
    "pattern": "INPUT(3@16x16) → [[CONV(4, 3, p=1) → ReLU]*N → POOL(2)?]*M → [FC(8) → ReLU]*K → FC(3)",
    "bare": "INPUT → [CONV → ReLU → POOL?]*M → FC",
    "groups": "net G(g = 1 in {1, 2, 3, 4}, c = 6 in 4..8)\nINPUT(4@9x9) → CONV(c, 3, g=g) → GAP → FC(2)",
    "dependent": "net D(n = 2 in 0..3, k = 1 in 0..n)\nINPUT(1@9x9) → [CONV(2, 3)]*n → [POOL(2)]*k → FC(1)",
    "computed": (
        "net W(w = 1.0 in {0.5, 1.0, 2}, size = 8 in {4, 8, 16}, c = round_to(w*6, 4))\n"
        "INPUT(3@(size)x(size)) → CONV(c, 3, s=2) → BN → ReLU → CONV(c*2, 3) → GAP → FC(4)"
    ),
    "division": "net Z(k = 1 in 0..2)\nINPUT(1@8x8) → CONV(4 // k, 3) → FC(2)",
    "variants": (
        "net V(n, w = 2 in 1..3, p = 1 in 0..1)\n"
        "variant A = ((1, 2))\nvariant B = ((2, 2), 3)\nvariant C = (3)\n"
        "INPUT(1@12x12) → [[CONV(w, 3, p=p) → ReLU]*m → POOL(2)]*(m in n) → FC(2)"
    ),
    "kinds": (
        "net K(Act = RELU in {RELU, TANH, PRELU}, B = One in {One, Two})\n"
        "block One(c) = CONV(c, 3) → BN?\nblock Two(c) = [One(c) → RELU?]*2\n"
        "INPUT(2@7x7) → B(3) → Act → CONV(4, 3)? → Act → GAP → FC(2)"
    ),
    "defaults": (
        "net D(bias = yes in {yes, no}, p = 0 in 0..2)\ndefault CONV(bias = bias, p = p)\n"
        "block Pair(c) = CONV(c, 3) → ReLU → CONV(c, 3)\n"
        "INPUT(1@6x6) → Pair(2) → POOL(2, p=1)? → Pair(3) → FC(2)"
    ),
    "skips": (
        "net S(d = 1 in 1..3, w = 4 in {3, 4})\n"
        "INPUT(1@16x16) → [CONV(w*2^i, 3, p=1) as e[i] → POOL(2)]*(i < d) → CONV(8, 3, p=1) as mid\n"
        "→ [{ UPSAMPLE(2) | e[d-1-i] } → CONV(4, 3, p=1)]*(i < d) → CONV(2, 1)\n"
        "output side = mid → GAP → FC(3)"
    ),
    "residual": (
        "net R(n = 1 in 0..2, s = 1 in 1..2, w = 4 in {4, 6})\n"
        "block Skip(c, s) = { CONV(c, 3, s=s, p=1) → BN + [CONV(c, 1, s=s)]?(s != 1 or in.C != c) } → ReLU\n"
        "block Gate(c = in.C) = { ID ⊙ GAP → CONV(max(1, c // 4), 1) → CONV(c, 1) → SIGMOID }\n"
        "INPUT(4@8x8) → Skip(w, s) → [Skip(in.C + 2, 1) → Gate]*n\n"
        "→ { CONV(w, 3) | CONV(2, 3, p=1) }?(n == 2) → GAP → FC(2)"
    ),
    "values": "net T(k = (3, 1) in {(3, 1), (1, 3), (5, 5)})\nINPUT(1@9x4) → CONV(2, (k[0])x(k[1])) → FC(2)",
    "typed": "net Y(x = 1 in {1, 1.0, yes})\nINPUT(1@5x5) → CONV(x, 3) → FC(2)",
    "vectors": "INPUT(12) → [FC(6) → ReLU]*K → FC(2)",
    "signals": "net L(s = 1 in 1..4, d = 1 in 1..4)\nINPUT(1@20) → [CONV(2, 3, s=s, d=d)]*2 → GAP → FC(2)",
    "growing": (
        "net G(s = 2 in 1..3, k = 2 in 1..3)\n"
        "INPUT(2@4x4) → TCONV(3, k, s=s) → CONV(2, 3)? → TCONV(1, 2, s=2)"
    ),
    "limits": "net M(n = 1 in {1, 1000000, 100000000})\nINPUT(1@4x4) → [CONV(1, 1)]*n",
}

_STEPS = (
    "CONV(w, k)", "CONV(4, 3, p=1)", "CONV(w, k, s=2, p=p)", "[CONV(w, 3) → ReLU]*n",
    "[CONV(w, k, p=p)]*n", "POOL(2)?", "POOL(2)", "Cell(w)", "Cell(n + 1)", "[Cell(in.C)]*n",
    "[Cell(w*2^i)]*(i < n)", "[ReLU → BN]?",
    "{ CONV(w, 1) | CONV(2, k, p=p) }", "{ ID + CONV(w, 3, p=1) }", "{ ID + CONV(in.C, 3, p=p) }?(n > 1)",
    "CONV(c, 3, p=1)*((c, z) in (w, 1), (2, 2))", "Act", "CONV(w, 3, g=n)", "TCONV(w, 2, s=2)", "UPSAMPLE(n)",
    "{ CONV(w, 3, p=1) + ID if (in.C == w) }", "CONV(w if n > 1 else 2, 1)",
    "CONV(3, 3) as mark", "{ CONV(2, 1) as inner → ReLU | ID }",
)  # fmt: skip

_HEAD = """net F(
  w = 3 in {1, 3, 4}, k = 1 in {1, 3}, n = 1 in 0..2, p = 0 in 0..1, Act = ReLU in {ReLU, SCALE})
block Cell(c, m = c) = { CONV(m, 3, p=1) → ReLU + [CONV(c, 1)]?(in.C != c) } → POOL(2)?
"""


@st.composite
def families(draw: st.DrawFn) -> str:
    """The text of a family, of whose members some are none."""
    steps = draw(st.lists(st.sampled_from(_STEPS), min_size=1, max_size=5))
    if steps.count("CONV(3, 3) as mark") > 1 or steps.count(_STEPS[-1]) > 1:
        steps = [step for step in steps if " as " not in step] or ["ReLU"]
    default = draw(st.sampled_from(["", "default CONV(bias = no)\n", "default CONV(p = p)\n"]))
    size = draw(st.sampled_from(["2@8x8", "1@11x6", "3@12"]))
    return f"{_HEAD}{default}INPUT({size}) → {' → '.join(steps)} → GAP → FC(2)"


def settings(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={shown(value)}" for name, value in values.items())


def told(member: Member) -> tuple[Any, ...]:
    """What a family tells of a member."""
    if member.error:
        error = member.error
        return error.code, error.message, error.span.start, error.span.end
    return member.totals, member.output, member.last.output, member.last.sights


def checked(program: Program, member: Member, choices: list[str]) -> tuple[Any, ...]:
    """What `check` tells of it, with the member's values set."""
    values = {name: member.values[name] for name in choices}
    given = parse_arguments(Source("--set", f"({settings(values)})"))
    network = elaborate(program, member.variant, given)
    errors = [one for one in network.diagnostics if one.severity == "error"]
    if errors:
        return errors[0].code, errors[0].message, errors[0].span.start, errors[0].span.end
    return network.totals, network.output, walked(network).outputs.get(""), receptive_field(network)
