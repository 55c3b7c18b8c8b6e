"""The lints that come with --pedantic: advice that well-known networks do not follow."""

from __future__ import annotations

from cnndsl.analysis.lints import Look
from cnndsl.analysis.lints.bias import bias_before_norm
from cnndsl.analysis.lints.costs import channel_alignment, heavy_layer
from cnndsl.analysis.lints.sight import small_receptive_field

PEDANTIC: dict[str, Look] = {
    "bias-before-norm": bias_before_norm,
    "heavy-layer": heavy_layer,
    "small-receptive-field": small_receptive_field,
    "channel-alignment": channel_alignment,
}
