"""What tests of rows of maps look for in a picture."""

from __future__ import annotations

from itertools import pairwise

from cnndsl.drawing.scene import Bounds, Line, Point, Scene, Text, flat


def texts(scene: Scene) -> list[str]:
    return [item.text for item in flat(scene.items) if isinstance(item, Text)]


def struck(scene: Scene) -> list[Text]:
    """The texts that a line passes through, dashed ones among them."""
    items = [*flat(scene.items)]
    ways = [way for item in items if isinstance(item, Line) for way in pairwise(item.points)]
    said = [item for item in items if isinstance(item, Text)]
    return [text for text in said if any(_passes(way, text.bounds) for way in ways)]


def _passes(way: tuple[Point, Point], box: Bounds) -> bool:
    """Whether a line has a point in a box, by looking at many of its points."""
    (x0, y0), (x1, y1) = way
    if max(x0, x1) < box.left or min(x0, x1) > box.right or max(y0, y1) < box.top or min(y0, y1) > box.bottom:
        return False
    steps = 2 * int(max(abs(x1 - x0), abs(y1 - y0))) + 1
    points = ((x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps) for n in range(steps + 1))
    return any(box.left < x < box.right and box.top < y < box.bottom for x, y in points)
