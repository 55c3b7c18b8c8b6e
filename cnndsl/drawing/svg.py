"""Scenes as SVG: a file that needs no other, whose text can be searched, in light or dark mode.

>>> svg(picture(load("lenet5", variant="Digits")))
'<svg xmlns="http://www.w3.org/2000/svg" class="cnndsl" …'

Colours are custom properties, `--conv` say, so that a page can set its own. A layer's group has its path in
`data-path`, or several of them, separated by spaces: `[data-path~="conv1"]` finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from cnndsl.drawing.look import FILLS, INKS
from cnndsl.drawing.scene import Box, Group, Item, Line, Point, Polygon, Scene, Text

Theme = Literal["auto", "light", "dark"]

FONTS = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"
#: Half the width and the length of an arrow's head.
HEAD = (3.0, 6.5)


def svg(scene: Scene, *, theme: Theme = "auto") -> str:
    """A scene as SVG. `auto` follows the reader's light or dark mode; the others name their colours."""
    width, height = _number(scene.width), _number(scene.height)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cnndsl" {size} role="img" ',
            f'aria-label="{_escaped(scene.title)}" font-family="{FONTS}">\n',
            f"<title>{_escaped(scene.title)}</title>\n",
            f"<desc>{_escaped(scene.description)}</desc>\n" if scene.description else "",
            f"<style>\n{stylesheet(theme)}</style>\n",
            f'<rect class="paper" width="{width}" height="{height}"/>\n',
            *_items(scene.items),
            "</svg>\n",
        )
    )


# ---- colours


def stylesheet(theme: Theme) -> str:
    """The rules of all styles. Programs that do not know custom properties get the light colours."""
    lines = [*_variables()] if theme == "auto" else []
    for name, look in {**FILLS, **INKS}.items():
        colour = look.dark if theme == "dark" else look.light
        rules = _RULES.get(name, (f".{name}{{fill:@;stroke:var(--edge)}}",))
        lines += [_scoped(_coloured(rule, name, colour, theme)) for rule in rules]
    return "\n".join([*lines, *map(_scoped, _SHAPES)]) + "\n"


def _variables() -> Iterator[str]:
    looks = {**FILLS, **INKS}
    yield f":where(.cnndsl){{{';'.join(f'--{name}:{look.light}' for name, look in looks.items())}}}"
    dark = ";".join(f"--{name}:{look.dark}" for name, look in looks.items())
    yield f"@media (prefers-color-scheme:dark){{:where(.cnndsl){{{dark}}}}}"


#: Rules of styles that are more than a filled box; @ is the colour.
_RULES = {
    "paper": (".paper{fill:@}", ".halo{stroke:@}"),
    "ink": ("text{fill:@}", ".dot{fill:@}"),
    "muted": (".muted{fill:@}",),
    "edge": (
        ".wire,.frame,.inset,.copied,.window,.projection,.dashed,.weight{fill:none;stroke:@}",
        ".head{fill:@}",
    ),
    "skip": (".skip{fill:none;stroke:@}", ".skip-head{fill:@}"),
    "alarm": (".alarm{fill:@}", ".fault{stroke:@}"),
}
_SHAPES = (
    ".frame{stroke-dasharray:5 3}",
    ".unknown{stroke-dasharray:2 2}",
    ".block{stroke-width:2}",
    ".fault{stroke-width:2}",
    ".wire,.skip{stroke-width:1.2}",
    ".projection,.dashed{stroke-width:.8}",
    ".dashed{stroke-dasharray:3 2}",
    ".copied{stroke-dasharray:3 2}",
    ".halo{paint-order:stroke;stroke-width:3;stroke-linejoin:round}",
    ".shade{fill:#000;fill-opacity:.14}",
    ".light{fill:#fff;fill-opacity:.35}",
    ".weight{stroke-width:.4;stroke-opacity:.6}",
)


def _scoped(rule: str) -> str:
    """A rule that touches nothing but pictures where it stands in a page."""
    selectors, brace, body = rule.partition("{")
    return ",".join(f".cnndsl {selector}" for selector in selectors.split(",")) + brace + body


def _coloured(rule: str, name: str, colour: str, theme: Theme) -> str:
    """A rule with its colours: as they are, and for those who know them as properties."""
    edge = INKS["edge"].dark if theme == "dark" else INKS["edge"].light
    plain = rule.replace("@", colour).replace("var(--edge)", edge)
    if theme != "auto":
        return plain
    head, _, body = plain.partition("{")
    named = rule.partition("{")[2].replace("@", f"var(--{name})")
    return f"{head}{{{body[:-1]};{named}"


# ---- shapes


def _items(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        match item:
            case Box():
                yield _box(item)
            case Text():
                yield _text(item)
            case Line():
                yield from _line(item)
            case Group():
                yield from _group(item)
            case Polygon():
                yield f'<polygon class="{item.style}" points="{_points(item.points)}"/>\n'


def _box(box: Box) -> str:
    place = f'x="{_number(box.x)}" y="{_number(box.y)}"'
    size = f'width="{_number(box.width)}" height="{_number(box.height)}"'
    radius = f' rx="{_number(box.radius)}"' if box.radius else ""
    return f'<rect class="{box.style}" {place} {size}{radius}/>\n'


def _text(text: Text) -> str:
    style = f' class="{text.style}"' if text.style else ""
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    bold = ' font-weight="bold"' if text.bold else ""
    length = f' textLength="{_number(text.width)}" lengthAdjust="spacingAndGlyphs"' if text.text else ""
    place = f'x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}"'
    return f"<text{style} {place}{anchor}{bold}{length}>{_escaped(text.text)}</text>\n"


def _line(line: Line) -> Iterator[str]:
    points = line.points
    if line.arrow:
        tip = points[-1]
        points, head = shortened(points)
        style = "skip-head" if line.style == "skip" else "head"
        yield f'<polygon class="{style}" points="{_points((tip, *head))}"/>\n'
    yield f'<polyline class="{line.style}" points="{_points(points)}"/>\n'


def shortened(points: tuple[Point, ...]) -> tuple[tuple[Point, ...], tuple[Point, Point]]:
    """A line that ends where its arrow's head begins, and the other two corners of the head."""
    (x0, y0), (x, y) = points[-2:]
    length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 or 1
    half, long = HEAD
    dx, dy = (x - x0) / length, (y - y0) / length
    foot = (x - dx * long, y - dy * long)
    corners = (foot[0] - dy * half, foot[1] + dx * half), (foot[0] + dy * half, foot[1] - dx * half)
    return (*points[:-1], foot), corners


def _group(group: Group) -> Iterator[str]:
    paths = " ".join(path.replace(" ", "\u00a0") for path in group.paths)
    yield f'<g data-path="{_escaped(paths)}">\n' if paths else "<g>\n"
    if group.title:
        yield f"<title>{_escaped(group.title)}</title>\n"
    yield from _items(group.items)
    yield "</g>\n"


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    """A length in pixels, to a tenth."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def _escaped(text: str) -> str:
    """Text that XML can hold: marks escaped, and what it does not allow replaced."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() or sign == "\u00a0" else "\ufffd" for sign in text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
