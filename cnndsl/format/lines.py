"""From pieces to lines of text: rows that look alike in columns, comments behind and between them."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.format.align import Slot, aligned
from cnndsl.format.breaks import Span, lines_of, settle
from cnndsl.format.pieces import Layout, Piece
from cnndsl.format.tokens import Comment, Gap
from cnndsl.record import NamedRecord, fresh

#: Comments behind lines stand in this column (from 0), unless code is there.
COMMENTS_AT = 45
#: Behind a line that ends right of this column, a comment does not wait for the others.
FAR = 76

#: Statements that are aligned with others of their kind, where each has a line.
_ROWS = ("variant", "let", "output", "expect")
_CHAIN_CELLS, _ROW_CELLS = ("step", "as", ":"), ("=", "op", "and")


class Line(NamedRecord):
    """A line of code in slots, or a comment alone; `row` is what it is aligned with, "" nothing."""

    indent: int = 0
    slots: list[Slot] = fresh(factory=list)
    row: str = ""
    text: str = ""
    comment: str = ""
    blank: bool = False


def render(layouts: list[Layout], end: Gap) -> str:
    """The text of a file; `end` is what stands behind the last statement."""
    lines: list[Line] = []
    behind: list[Comment] = []
    for layout in layouts:
        gap = layout.pieces[0].gap
        blank = _between(lines, [*behind, *gap.comments], gap.blank)
        behind = settle(layout.pieces)
        _code(lines, layout, blank)
    _between(lines, [*behind, *end.comments])
    _align(lines)
    _align_comments(lines)
    text = "\n".join("\n" * (line.blank and number > 0) + _shown(line) for number, line in enumerate(lines))
    return text + "\n" if text else ""


def _shown(line: Line) -> str:
    return f"{' ' * line.indent}{line.text}{line.comment}"


# ---- making lines


def _between(lines: list[Line], comments: list[Comment], blank: bool = False) -> bool:
    """Write the comments between two statements; whether the next one has a blank line before it.

    One stands behind comments that were moved out of a statement: nobody shall take them for the
    next one's doc text.
    """
    moved = max((number for number, one in enumerate(comments) if not one.own_line), default=0)
    if moved:
        rest = comments[moved + 1 :]
        _comments(lines, comments[: moved + 1], 0, blanks=True)
        if not rest:
            return True
        comments = [Comment(rest[0].text, True, True), *rest[1:]]
    _comments(lines, comments, 0, blanks=True)
    return blank


def _comments(lines: list[Line], comments: list[Comment], indent: int, *, blanks: bool) -> None:
    """Write comments, the first behind the last line if it stood there."""
    rest = comments
    if comments and lines and not comments[0].own_line:
        lines[-1].comment = comments[0].text
        rest = comments[1:]
    lines += [Line(indent=indent, text=one.text, blank=blanks and one.blank) for one in rest]


def _code(lines: list[Line], layout: Layout, blank: bool) -> None:
    spans = lines_of(layout.pieces)
    for number, span in enumerate(spans):
        first = span.pieces[0]
        if number:
            top = _starts_row(span)
            inside = span.indent + 2 * (first.kind == "close")
            _comments(lines, first.gap.comments, inside, blanks=top)
            blank = top and first.gap.blank
        row = _row(layout, spans, number)
        lines.append(Line(indent=span.indent, slots=_slots(span, row), row=row, blank=blank))


def _starts_row(span: Span) -> bool:
    """Whether a line starts with an arrow of the statement's own chain."""
    first = span.pieces[0]
    return first.kind == "arrow" and first.group.kind == "statement"


def _row(layout: Layout, spans: list[Span], number: int) -> str:
    """What a line is aligned with: whole lines of a chain, or statements of a line each."""
    if _starts_row(spans[number]):
        return "→" if number + 1 == len(spans) or _starts_row(spans[number + 1]) else ""
    return layout.word if len(spans) == 1 and layout.word in _ROWS else ""


def _slots(span: Span, row: str) -> list[Slot]:
    """A line's text, parted where columns may start; a step has a slot for its label and its claim."""
    cells = _CHAIN_CELLS if row == "→" else _ROW_CELLS if row else ()
    slots: list[Slot] = [Slot(span.pieces[0].key, "")]
    if row == "→":
        slots += [Slot("as", ""), Slot(":", "")]
    at = 0
    for number, piece in enumerate(span.pieces):
        if number and piece.cell in cells:
            at = _next(slots, piece)
        space = " " if number and piece.space and slots[at].text else ""
        slots[at].text += space + piece.text
    while not slots[-1].text:
        slots.pop()
    return slots


def _next(slots: list[Slot], piece: Piece) -> int:
    """The slot that a piece starts."""
    if piece.cell in ("as", ":"):
        return len(slots) + (-2 if piece.cell == "as" else -1)
    slots.append(Slot(piece.key, ""))
    if piece.cell != "step":
        return len(slots) - 1
    slots.extend([Slot("as", ""), Slot(":", "")])
    return len(slots) - 3


# ---- columns


def _align(lines: list[Line]) -> None:
    for run in _runs(lines):
        texts = aligned([line.slots for line in run], run[0].row, run[0].indent)
        for line, text in zip(run, texts, strict=True):
            line.text = text


def _runs(lines: list[Line]) -> Iterator[list[Line]]:
    """Lines of code that follow each other and may be aligned."""
    run: list[Line] = []
    for line in lines:
        if run and (line.blank or not line.row or line.row != run[-1].row or line.indent != run[-1].indent):
            yield run
            run = []
        if line.slots:
            run.append(line)
    if run:
        yield run


def _align_comments(lines: list[Line]) -> None:
    """Put comments behind lines that follow each other in one column."""
    run: list[Line] = []
    for line in [*lines, Line()]:
        if run and (line.blank or not line.comment):
            _place(run)
            run = []
        if line.comment:
            run.append(line)


def _place(run: list[Line]) -> None:
    ends = [line.indent + len(line.text) for line in run]
    column = max([COMMENTS_AT, *(end + 2 for end in ends if end <= FAR)])
    for line, end in zip(run, ends, strict=True):
        line.comment = " " * max(2, column - end) + line.comment
