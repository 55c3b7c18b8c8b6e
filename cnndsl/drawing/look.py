"""What pictures look like: a style for each family of layers, and its colours by day and by night.

In black and white the fills differ in brightness, and every one of them carries its layer's kind as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnndsl.layers import Layer


class Look(NamedTuple):
    """A style's fill and stroke in light and in dark mode, and the words for it in a legend."""

    light: str
    dark: str
    words: str = ""


#: Fills of boxes, by style; the order is that of a legend.
FILLS = {
    "input": Look("#e3e3e3", "#3a4048", "input"),
    "conv": Look("#a9cfe8", "#1f5276", "convolution"),
    "pool": Look("#f2a77e", "#81421f", "pooling"),
    "dense": Look("#78b979", "#2b6a34", "fully connected"),
    "act": Look("#fff6c2", "#57511f", "activation"),
    "norm": Look("#ded0ef", "#4b3a69", "normalisation"),
    "drop": Look("#f1f1ec", "#2f3136", "dropout"),
    "move": Look("#f9dcea", "#5d3149", "reshaping, resizing"),
    "other": Look("#d7ece9", "#2c4f4b", "other layers"),
    "block": Look("#ffffff", "#1b212a", "block, drawn aside"),
    "join": Look("#ffffff", "#1b212a"),
    "tap": Look("#eef3ff", "#223052", "taken up again"),
    "unknown": Look("#efefef", "#25292f", "unknown, or behind an error"),
    "fault": Look("#ffe1de", "#5c1a1a", "error"),
}

#: Everything else that has a colour.
INKS = {
    "paper": Look("#ffffff", "#0d1117"),
    "ink": Look("#1a1a1a", "#e6edf3"),
    "muted": Look("#41464f", "#a6afba"),
    "edge": Look("#4b5059", "#8b949e"),
    "skip": Look("#2255a4", "#79b0ff"),
    "alarm": Look("#b3150c", "#ff9d94"),
}


class Stroke(NamedTuple):
    """How a style is drawn: its line in one of INKS, "" for none; a fill where it is not in FILLS.

    Such a fill is one of INKS, or a colour that is the same by day and by night.
    """

    ink: str = "edge"
    width: float = 1
    dash: tuple[float, ...] = ()
    opacity: float = 1
    fill: str = ""
    fill_opacity: float = 1


#: Styles that are more than a fill with a plain edge.
STROKES = {
    "paper": Stroke("", fill="paper"),
    "dot": Stroke("", fill="ink"),
    "shade": Stroke("", fill="#000000", fill_opacity=0.14),
    "light": Stroke("", fill="#ffffff", fill_opacity=0.35),
    "wire": Stroke(width=1.2),
    "turn": Stroke(width=1.2),
    "skip": Stroke("skip", 1.2),
    "frame": Stroke(dash=(5, 3)),
    "inset": Stroke(),
    "window": Stroke(),
    "copied": Stroke(dash=(3, 2)),
    "projection": Stroke(width=0.8),
    "dashed": Stroke(width=0.8, dash=(3, 2)),
    "weight": Stroke(width=0.4, opacity=0.6),
    "block": Stroke(width=2),
    "unknown": Stroke(dash=(2, 2)),
    "fault": Stroke("alarm", 2),
}


#: The style of a layer's family, by the module that defines its kind.
_FAMILIES = {
    "conv": "conv",
    "pool": "pool",
    "dense": "dense",
    "activation": "act",
    "norm": "norm",
    "noise": "drop",
    "rearrange": "move",
    "resize": "move",
}


def style_of(kind: type[Layer]) -> str:
    """The style of a layer's boxes, that of its family."""
    if kind.kind == "INPUT":
        return "input"
    return _FAMILIES.get(kind.__module__.rpartition(".")[2], "other")
