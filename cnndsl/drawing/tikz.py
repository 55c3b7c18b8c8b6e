"""Scenes as TikZ: a LaTeX file that pdflatex compiles as it stands, or `\\input` with the package standalone.

>>> print(tikz(picture(load("alexnet"))))
\\documentclass{standalone}
…

A pixel of the scene is 0.75 bp, as on a screen. Helvetica has the widths that layouts reckon with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.drawing.look import FILLS, INKS, STROKES, Stroke
from cnndsl.drawing.scene import Box, Group, Item, Line, Point, Polygon, Scene, Text

BP = 0.75

_PREAMBLE = r"""\documentclass{standalone}
\usepackage[T1]{fontenc}
\usepackage{helvet}
\usepackage{tikz}
\usetikzlibrary{arrows.meta}"""

#: Styles of text.
_TEXTS = {
    "muted": "text=cnn-muted",
    "alarm": "text=cnn-alarm",
    "halo": "fill=cnn-paper, fill opacity=0.8, text opacity=1, inner sep=1bp",
}

_SIGNS = {
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    '"': "''",
    "×": r"$\times$",
    "−": "$-$",
    "·": r"$\cdot$",
    "…": r"\ldots{}",
    "→": r"$\rightarrow$",
    "⊙": r"$\odot$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "≠": r"$\neq$",
    "≈": r"$\approx$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "′": "$'$",
    "–": "--",
    "✗": r"$\times$",
    "√": r"$\surd$",
    "\u00a0": "~",
    **{chr(0x2080 + digit): f"$_{digit}$" for digit in range(10)},
}
#: Up to here the font encoding has the letters of European languages.
_LATIN = "\u017f"


def tikz(scene: Scene) -> str:
    """A scene as a LaTeX document of its own, of the size of the picture.

    A sign for which pdflatex has no letter, a Chinese one say, is written as ?.
    """
    box = f"(0,0) rectangle ({_number(scene.width)},{_number(scene.height)})"
    lines = [
        f"% {_comment(scene.title)}",
        *([f"% {_comment(scene.description)}"] if scene.description else []),
        _PREAMBLE,
        *_colours(),
        r"\begin{document}\sffamily",
        r"\begin{tikzpicture}[",
        f"  x={BP}bp, y=-{BP}bp, line width={BP}bp, line join=round, text=cnn-ink, inner sep=0pt,",
        f"  >={{Triangle[length={6.5 * BP:.2f}bp, width={6 * BP:.2f}bp]}},",
        *(f"  cnn {name}/.style={{{style}}}," for name, style in _styles()),
        "]",
        rf"\useasboundingbox {box};",
        *_items(scene.items),
        r"\end{tikzpicture}",
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _colours() -> Iterator[str]:
    for name, look in {**FILLS, **INKS}.items():
        yield rf"\definecolor{{cnn-{name}}}{{HTML}}{{{look.light.removeprefix('#').upper()}}}"


def _styles() -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys((*FILLS, *STROKES)):
        yield name, ", ".join(_drawn(name, STROKES.get(name, Stroke())))
    yield from _TEXTS.items()


def _drawn(name: str, stroke: Stroke) -> Iterator[str]:
    """The options of a style."""
    fill = stroke.fill or (name if name in FILLS else "")
    if fill:
        yield f"fill={_PLAIN.get(fill, f'cnn-{fill}')}"
    if stroke.fill_opacity != 1:
        yield f"fill opacity={stroke.fill_opacity}"
    if stroke.ink:
        yield f"draw=cnn-{stroke.ink}"
    if stroke.width != 1:
        yield f"line width={_number(stroke.width * BP)}bp"
    if stroke.dash:
        on, off = (_number(length * BP) for length in stroke.dash)
        yield f"dash pattern=on {on}bp off {off}bp"
    if stroke.opacity != 1:
        yield f"draw opacity={stroke.opacity}"


_PLAIN = {"#000000": "black", "#ffffff": "white"}


def _items(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        match item:
            case Box():
                corners = f", rounded corners={_number(item.radius * BP)}bp" if item.radius else ""
                left, top, right, bottom = map(_number, item.bounds)
                yield rf"\path[cnn {item.style}{corners}] ({left},{top}) rectangle ({right},{bottom});"
            case Text():
                yield _text(item)
            case Line():
                way = " -- ".join(f"({_pair(point)})" for point in item.points)
                yield rf"\path[cnn {item.style}{', ->' * item.arrow}] {way};"
            case Polygon():
                way = " -- ".join(f"({_pair(point)})" for point in item.points)
                yield rf"\path[cnn {item.style}] {way} -- cycle;"
            case Group():
                if item.paths:
                    yield f"% {_comment(' '.join(item.paths))}"
                yield from _items(item.items)


def _text(text: Text) -> str:
    anchor = {"start": "base west", "middle": "base", "end": "base east"}[text.anchor]
    style = f"cnn {text.style}, " if text.style else ""
    size = _number(text.size * BP)
    font = rf"\fontsize{{{size}bp}}{{{size}bp}}\selectfont" + r"\bfseries" * text.bold
    return (
        rf"\node[{style}anchor={anchor}, font={font}] at ({_pair((text.x, text.y))}) {{{_latex(text.text)}}};"
    )


def _latex(text: str) -> str:
    return "".join(
        _SIGNS.get(sign) or (sign if sign <= _LATIN and sign.isprintable() else "?") for sign in text
    )


def _comment(text: str) -> str:
    return " ".join(text.split())


def _pair(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
