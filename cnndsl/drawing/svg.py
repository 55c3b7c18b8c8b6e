"""Scenes as SVG: a file that needs no other, whose text can be searched, in light or dark mode.

>>> svg(picture(load("lenet5", variant="Digits")))
'<svg xmlns="http://www.w3.org/2000/svg" class="cnndsl" …'

Colours are custom properties, `--conv` say, so that a page can set its own. A layer's group has its path in
`data-path`, or several of them, separated by spaces, those inside a path being no-break spaces:
`[data-path~="conv1"]` finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from cnndsl.drawing.look import FILLS, INKS, STROKES, Stroke
from cnndsl.drawing.scene import Box, Group, Item, Line, Point, Polygon, Scene, Text, shortened
from cnndsl.render.text import hook

Theme = Literal["auto", "light", "dark"]

FONTS = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"


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
    """The rules of all styles."""
    rules = [
        *_RULES.items(),
        *((f".{name}", _drawn(name)) for name in FILLS if name not in STROKES),
        *((f".{name}", _drawn(name)) for name in STROKES),
    ]
    lines = [f".cnndsl {name}{{{_painted(rule, dark=theme == 'dark')}}}" for name, rule in rules]
    lines += [*_following_the_reader(rules)] if theme == "auto" else []
    return "\n".join(lines) + "\n"


def _following_the_reader(rules: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The colours as custom properties. Programs that don't know `@supports` must not see them."""
    yield from _variables()
    yield "@supports (fill:var(--ink)){"
    for name, rule in rules:
        parts = [part.replace("@", "var(--") + ")" for part in rule.split(";") if "@" in part]
        if parts:
            yield f".cnndsl {name}{{{';'.join(parts)}}}"
    yield "}"


def _variables() -> Iterator[str]:
    yield f":where(.cnndsl){{{';'.join(f'--{name}:{look.light}' for name, look in _LOOKS.items())}}}"
    dark = ";".join(f"--{name}:{look.dark}" for name, look in _LOOKS.items())
    yield f"@media (prefers-color-scheme:dark){{:where(.cnndsl){{{dark}}}}}"


_LOOKS = {**FILLS, **INKS}
#: Rules of text and of arrows' heads; @ink is the colour of that name.
_RULES = {
    "text": "fill:@ink",
    ".muted": "fill:@muted",
    ".alarm": "fill:@alarm",
    ".halo": "stroke:@paper;paint-order:stroke;stroke-width:3;stroke-linejoin:round",
    ".head": "fill:@edge",
    ".skip-head": "fill:@skip",
}


def _drawn(name: str) -> str:
    """The rule of a style."""
    stroke = STROKES.get(name, Stroke())
    fill = stroke.fill or (name if name in FILLS else "none")
    parts = [f"fill:{fill}" if fill.startswith(("#", "none")) else f"fill:@{fill}"]
    parts += [f"fill-opacity:{stroke.fill_opacity}"] if stroke.fill_opacity != 1 else []
    parts += [f"stroke:@{stroke.ink}"] if stroke.ink else []
    parts += [f"stroke-width:{stroke.width}"] if stroke.width != 1 else []
    parts += [f"stroke-dasharray:{' '.join(map(str, stroke.dash))}"] if stroke.dash else []
    parts += [f"stroke-opacity:{stroke.opacity}"] if stroke.opacity != 1 else []
    return ";".join(parts)


def _painted(rule: str, *, dark: bool) -> str:
    """A rule with its colours."""
    found: list[str] = []
    for part in rule.split(";"):
        head, at, name = part.partition("@")
        look = _LOOKS[name] if at else None
        found.append(head + (look.dark if dark else look.light) if look else head)
    return ";".join(found)


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


def _group(group: Group) -> Iterator[str]:
    paths = " ".join(map(hook, group.paths))
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
