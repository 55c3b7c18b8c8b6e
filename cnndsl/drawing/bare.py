"""Pictures for papers and slides, which have titles and captions of their own."""

from __future__ import annotations

from cnndsl.drawing.scene import Group, Item, Scene, bounds, flat, moved

#: Around the network.
EDGE = 4


def bare(scene: Scene) -> Scene:
    """The network alone, without title, scale and legend; errors stay."""
    items = tuple(item for item in scene.items if not (isinstance(item, Group) and item.around))
    places = [bounds(item) for item in flat(items)]
    left, top = min(place.left for place in places) - EDGE, min(place.top for place in places) - EDGE
    width, height = max(place.right for place in places), max(place.bottom for place in places)
    shifted: tuple[Item, ...] = tuple(moved(item, -left, -top) for item in items)
    return scene._replace(width=width - left + EDGE, height=height - top + EDGE, items=shifted)
