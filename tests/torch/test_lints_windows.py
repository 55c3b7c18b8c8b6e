"""Lints of windows against PyTorch: pixels said to be unread have no gradient, all others have one."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnndsl.analysis.rows import receptive_field
from cnndsl.api import check
from cnndsl.layers.windows import spanned
from cnndsl.source import Source
from cnndsl.torch import module


def positive(text: str) -> torch.nn.Module:
    """The network of a text, all weights positive, so that no gradient cancels."""
    model: torch.nn.Module = module(Source("net.cnn", text)).double()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.fill_(0.0 if "bias" in name else 1.0)
    return model


def seen(text: str, *shape: int) -> torch.Tensor:
    """Which values of the input the network's output depends on, one channel's map of them."""
    x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    positive(text)(x).sum().backward()
    assert x.grad is not None
    return x.grad[0].ne(0).any(dim=0)


def message(text: str, code: str) -> str:
    found = [
        one
        for one in check(text).diagnostics
        if one.code in {"unread-pixels", "pool-remainder", "stride-skips"}
    ]
    assert [one.code for one in found] == ([code] if code else [])
    return found[0].message if found else ""


def lost(text: str) -> dict[str, int]:
    """`the last row and 2 columns are …` as numbers."""
    if not text:
        return {}
    words = re.findall(r"(?:(\d+) )?(row|column)s?", text.split("the last ")[1])
    shared = next((int(count) for count, _ in words if count), 1)
    both = "and" in text and len([count for count, _ in words if count]) < 2
    return {line: shared if both else int(count or 1) for count, line in words}


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        ("CONV(2, 5x7, s=4x3)", "unread-pixels"),
        ("CONV(2, 3, s=3)", "unread-pixels"),
        ("CONV(2, 3, s=2, p=1)", ""),
        ("CONV(2, 4, s=3, p=0:1)", "unread-pixels"),
        ("CONV(2, 3, s=2, p=same)", ""),
        ("POOL(avg, 2)", "pool-remainder"),
        ("POOL(avg, 3x2, s=2)", "pool-remainder"),
        ("POOL(avg, 2, ceil=yes)", ""),
        ("POOL(avg, 4, s=3)", "pool-remainder"),
    ],
)
def test_dropped_rows_and_columns_have_no_gradient(layer: str, code: str) -> None:
    for height, width in ((29, 30), (30, 31), (31, 29)):
        text = f"INPUT(1@{height}x{width}) → {layer}"
        found = [one for one in check(text).diagnostics if one.code == code]
        gone = lost(found[0].message) if found else {}
        used = seen(text, 1, height, width)
        rows, columns = height - gone.get("row", 0), width - gone.get("column", 0)
        assert used[:rows, :columns].all()
        assert not used[rows:].any()
        assert not used[:, columns:].any()


windows = st.tuples(*(st.integers(1, most) for most in (4, 5, 3)), st.integers(0, 2), st.integers(0, 2))


@settings(max_examples=150, deadline=None)
@given(windows, st.integers(8, 26))
def test_the_number_of_unread_values_is_pytorchs(window: tuple[int, ...], extent: int) -> None:
    kernel, stride, dilation, before, after = window
    assume(kernel > 1 and spanned(kernel, dilation) <= extent)
    text = f"INPUT(1@{extent}) → CONV(1, {kernel}, s={stride}, d={dilation}, p={before}:{after})"
    used = seen(text, 1, extent)
    unread = extent - int(used.sum())
    found = {one.code: one.message for one in check(text).diagnostics}
    if "stride-skips" in found:
        assert f": {unread} of {extent} values are never read" in found["stride-skips"]
        return
    said = re.search(r"the last (\d+ )?value", found.get("unread-pixels", ""))
    dropped = int(said[1] or 1) if said else 0
    assert not used[extent - dropped :].any()
    assert dropped == unread or dilation > 1  # dilated windows read few pixels next to the border


@pytest.mark.parametrize(
    "layer",
    [
        "CONV(2, 2, s=3)",
        "CONV(2, 3x2, s=4x3)",
        "CONV(2, 3, s=2, d=2)",
        "POOL(avg, 2, s=5)",
        "CONV(2, 2x1, s=3)",
    ],
)
def test_the_pixels_that_a_stride_steps_over_are_counted(layer: str) -> None:
    text = f"INPUT(1@31x32) → {layer}"
    unread = 31 * 32 - int(seen(text, 1, 31, 32).sum())
    pixels = message(text, "stride-skips")
    assert f": {unread} of 992 pixels" in pixels or layer == "CONV(2, 2x1, s=3)"  # 1-pixel taps may stride


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(0, 5), st.integers(1, 2), st.integers(1, 3))
def test_a_corner_reads_as_many_pixels_as_said(kernel: int, pad: int, dilation: int, stride: int) -> None:
    text = f"INPUT(1@12x12) → CONV(1, {kernel}, p={pad}, d={dilation}, s={stride})"
    y = positive(text)(torch.ones(1, 1, 12, 12, dtype=torch.float64))[0, 0]
    own = int(min(y[0, 0], y[-1, -1]))  # each pixel of the map adds one
    found = {one.code: one.message for one in check(text).diagnostics}
    if "wide-padding" in found:
        reads = f"{own} pixel" if own else "padding alone"
        assert f"reads {reads}" in found["wide-padding"]
    else:
        assert 2 * own**0.5 > kernel or max(stride, dilation) > 1


def test_the_field_is_what_a_unit_depends_on() -> None:
    text = "INPUT(1@40x40) → CONV(2, 3) → ReLU → CONV(2, 5, d=2) → POOL(avg, 2)"
    (found,) = (one for one in check(text, pedantic=True).diagnostics if one.code == "small-receptive-field")
    sights = receptive_field(check(text).networks[0])
    assert sights is not None
    x = torch.ones(1, 1, 40, 40, dtype=torch.float64, requires_grad=True)
    positive(text)(x)[0, 0, 3, 3].backward()
    assert x.grad is not None
    rows, columns = x.grad[0, 0].ne(0).nonzero().T
    high, wide = int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1
    assert f"sees {high}x{wide} of 40x40 pixels" in found.message
