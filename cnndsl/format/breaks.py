"""Where the lines of a statement end: where its author ended them, and where they would be too long.

Every break that is made is one that would be kept: formatting what is formatted changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cnndsl.format.pieces import Group, Piece
from cnndsl.format.tokens import Comment
from cnndsl.record import Record

#: Lines of more columns are broken; their comment does not count.
LIMIT = 110

#: What is broken first, of what is equally deep in brackets.
_RANKS = {"body": 0, "sign": 1, "arrow": 2, "and": 3, "item": 3, "post": 4, "hang": 5}


class Span(Record):
    """The pieces of a line, where it starts, and where it ends."""

    pieces: list[Piece]
    indent: int
    width: int


def settle(pieces: list[Piece]) -> list[Comment]:
    """Set which pieces start a line; gives back the comments that come behind the statement."""
    behind = _move_comments(pieces)
    for piece in pieces[1:]:
        piece.broken = bool(piece.kind and (piece.gap.newline or piece.gap.comments))
    _keep_hanging(pieces)
    _close_over(pieces)
    while [line for line in lines_of(pieces) if line.width > LIMIT and _shorten(line)]:
        _close_over(pieces)
    return behind


# ---- what the author has


def _move_comments(pieces: list[Piece]) -> list[Comment]:
    """Put each comment where a line may end: behind what it follows, not inside its brackets."""
    waiting: list[Comment] = []
    depth = 0
    for before, piece in pairwise(pieces):
        gap = piece.gap
        if waiting and piece.kind and piece.group.depth <= depth:
            gap.comments, waiting = [*waiting, *gap.comments], []
        elif not waiting and not piece.kind and before.kind in ("arrow", "sign"):
            before.gap = gap.after(before.gap)  # at the end of a line: it will start the next one
        elif waiting or not piece.kind:  # further ones wait as well: they keep their order
            depth = depth if waiting else piece.group.depth
            waiting += [Comment(comment.text) for comment in gap.comments]
            gap.newline &= not gap.comments
            gap.comments = []
    return waiting


def _keep_hanging(pieces: Sequence[Piece]) -> None:
    """In parentheses, breaks stay where the first thing in them stands on a line of its own."""
    for piece in pieces:
        if piece.group.kind == "(" and piece.kind and (piece.kind == "hang" or piece.gap.comments):
            piece.group.hanging |= piece.broken
    for piece in pieces:
        if piece.group.kind == "(":
            piece.broken &= piece.group.hanging


# ---- what one break brings with it


def _close_over(pieces: Sequence[Piece]) -> None:
    """Break what belongs together: paths in braces each start a line, so does a body of several."""
    due = [*pieces]
    while due:
        several = _of_several_lines(pieces)
        due = [piece for piece in pieces if not piece.broken and _is_due(piece, several)]
        due += [group.lead for group in several if group.lead and not group.lead.broken]
        last = max((number for number, piece in enumerate(pieces) if piece.broken), default=0)
        due += [piece for piece in pieces[:last] if piece.kind == "body" and not piece.broken]
        for piece in due:
            piece.broken = True


def _of_several_lines(pieces: Sequence[Piece]) -> set[Group]:
    found: set[Group] = set()
    for piece in pieces:
        group: Group | None = piece.group if piece.broken else None
        while group and group not in found:
            found.add(group)
            group = group.parent
    return found


def _is_due(piece: Piece, several: set[Group]) -> bool:
    if piece.kind in ("hang", "close"):
        return piece.group.hanging
    return piece.kind == "sign" and piece.group in several


# ---- lines that are too long


def lines_of(pieces: Sequence[Piece]) -> list[Span]:
    """The lines as they stand; sets where pieces and brackets are."""
    found: list[Span] = []
    base = 2 if any(piece.kind == "body" and piece.broken for piece in pieces) else 0
    for piece in pieces:
        if piece.broken or not found:
            indent = _indent(piece, base) if piece.broken else 0
            found.append(Span([], indent, indent))
            starts: dict[Group, int] = {}
        else:
            found[-1].width += piece.space
        line = found[-1]
        line.pieces.append(piece)
        piece.column = line.width
        line.width += len(piece.text)
        if piece.kind not in ("arrow", "sign"):
            starts.setdefault(piece.group, piece.column)
        if piece.opens:
            piece.opens.column = piece.column
            piece.opens.margin = starts.get(_outside(piece.group), line.indent)
    return found


def _outside(group: Group) -> Group:
    """The chain or statement that a list in parentheses belongs to."""
    while group.kind == "(" and group.parent:
        group = group.parent
    return group


def _indent(piece: Piece, base: int) -> int:
    """The column of a piece that starts a line."""
    group = piece.group
    match piece.kind:
        case "arrow" if group.kind == "branch" and group.parent:
            return group.parent.column + 2
        case "arrow":
            return group.column + 1 if group.kind == "[" else base
        case "sign":
            return group.column
        case "post" if piece.step:
            return piece.step.column
        case "close":
            return group.margin
        case "and" if group.kind == "statement":
            return len("expect ")
        case "hang" | "item" | "and":
            return group.margin + 2
    return base


def _shorten(line: Span) -> bool:
    """Break a line that is too long, outside brackets before inside them; whether that was possible."""
    open_to: dict[tuple[int, int], list[Piece]] = {}
    for piece in line.pieces[1:]:
        if piece.kind in _RANKS and (piece.kind == "hang" or piece.group.kind != "(" or piece.group.hanging):
            open_to.setdefault((piece.group.depth, _RANKS[piece.kind]), []).append(piece)
    places = sorted(open_to)
    return any(_break(open_to[place], line) for place in places) or any(
        _break(open_to[place], line, anywhere=True) for place in places
    )


def _break(pieces: list[Piece], line: Span, *, anywhere: bool = False) -> bool:
    """Break at some of the pieces; not at those behind the limit, unless `anywhere`: it helps little."""
    near = [piece for piece in pieces if anywhere or piece.column <= LIMIT]
    chosen = pieces
    match pieces[0].kind:
        case "arrow":
            stages = [piece for piece in pieces if piece.stage]
            chosen = stages or _filled(pieces, line, near)
        case "and" | "item":
            chosen = _filled(pieces, line, near)
        case "post":
            chosen = near[-1:]
        case "hang":
            chosen = [max(pieces, key=lambda piece: _extent(piece, line))]
            chosen[0].group.hanging = True
    for piece in chosen:
        piece.broken = True
    return bool(chosen)


def _filled(pieces: list[Piece], line: Span, near: list[Piece]) -> list[Piece]:
    """The pieces to break at, so that each line takes as many as it can hold."""
    chosen: list[Piece] = []
    if not near:
        return chosen
    shift = 0
    ends = [piece.column - piece.space for piece in pieces[1:]] + [line.width]
    for piece, end in zip(pieces, ends, strict=True):
        if end - shift > LIMIT:
            chosen.append(piece)
            shift = piece.column - _indent(piece, line.indent)
    return chosen


def _extent(hang: Piece, line: Span) -> int:
    """How many columns stand in the parentheses that `hang` is the first piece of."""
    return max(piece.column for piece in line.pieces if piece.group is hang.group) - hang.column
