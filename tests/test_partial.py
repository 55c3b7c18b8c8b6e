"""With errors, the table still shows all that is known up to the fault and beyond it, and ? for the rest."""

from __future__ import annotations

import json

import pytest
from goldens import Golden

from cnndsl import api
from cnndsl.render.json import text as as_json
from cnndsl.render.report import report
from cnndsl.render.text import plain

BROKEN = {
    "kernel": "INPUT(3@32x32) → CONV(8, 99) → POOL(2) → CONV(64, 3) → BN → ReLU → GAP → FC(10)",
    "layer": "INPUT(3@32x32) → CONVV(8, 3) → POOL(2) → CONV(64, 3) → CONV(8, 1) → GAP → FC(10)",
    "argument": "INPUT(3@32x32) → CONV(8, 3, padding_=1) → ReLU → CONV(16, 3) → CONV(4, 1) → FC(10)",
    "branches": "INPUT(3@32x32) → { CONV(8, 3) | CONV(9, 5) } → CONV(4, 3) → FC(10)",
    "sum": "INPUT(3@32x32) → { CONV(8, 3, p=1) + ID } → ReLU → CONV(4, 3) → FC(10)",
    "block": "block B(c) = CONV(c, 3) → CONV(c, 99)\nINPUT(3@32x32) → B(8) → B(16) → GAP → FC(10)",
    "repeat": "INPUT(3@32x32) → [CONV(8, 3) → POOL(2)]*6 → CONV(4, 1) → FC(10)",
    "claimed": "INPUT(3@32x32) → CONV(8, 3) → FC(20, from=9) → ReLU → FC(10)",
    "groups": "INPUT(3@32x32) → CONV(8, 3, g=2) → CONV(4, 3) → GAP → FC(10)",
    "hole": "INPUT(3@32x32) → CONV(8, ?) : 8@40x40 → CONV(4, 3) → GAP → FC(10)",
    "input": "INPUT(3@0x32) → CONV(8, 3) → CONV(4, 3) → FC(10)",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_known_is_shown(name: str, golden: Golden) -> None:
    found = api.check(BROKEN[name])
    assert not found.ok
    lines = [plain(line) for line in report(found, expand=False, each=True, limit=120)]
    messages = [f"{one.code}: {one.message}" for one in found.diagnostics]
    golden(f"partial/{name}.txt", "\n".join([BROKEN[name], *lines, *messages, ""]))


@pytest.mark.parametrize("name", BROKEN)
def test_one_cause_has_one_message(name: str) -> None:
    assert len(api.check(BROKEN[name]).diagnostics) == 1


def test_json_has_null_for_what_is_unknown() -> None:
    document = json.loads(as_json([api.check(BROKEN["kernel"])], expand=False))
    shapes = [layer["output"] for layer in document["layers"]]
    assert shapes == [
        *([3, 32, 32], [8, None, None], [8, None, None], [64, None, None]),
        *([64, None, None], [64, None, None], [64, 1, 1], [64], [10]),
    ]
    assert [layer["weights"] for layer in document["layers"]] == [0, None, 0, 4608, 64, 0, 0, 0, 640]
    assert document["totals"]["params"] is None
