"""The members of a family as a table, for people.

N  pool1  M  K  last map  output  parameters      MACs  neurons  receptive field
────────────────────────────────────────────────────────────────────────────────
1  yes    2  1  64@8x8    10       1 090 122  …
2  yes    6  1  kernel-too-large: POOL: the 2x2 window does not fit: …
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cnndsl.render.markdown import table_head, table_row
from cnndsl.render.summary import family_title
from cnndsl.render.text import Line, aligned, counted, cut, field_size, grouped, shown, width

if TYPE_CHECKING:
    from cnndsl.analysis.family import Choice, Family, Member, Selection

#: What is told of each member, beside its values; all but the first two are numbers.
COSTS = ("last map", "output", "parameters", "MACs", "neurons", "receptive field")
#: What a narrow window goes without, the first first.
SPARED = ("neurons", "output", "last map")
#: So much of a reason is shown at least, however narrow the window.
LEAST = 30


class Columns:
    """The columns of a family's table: the values of its members, then what these cost.

    `fixed` are shown as well where a format is for programs.
    """

    def __init__(self, family: Family, *, fixed: bool = False) -> None:
        self.variants = any(family.variants)
        self.choices = [choice.name for choice in family.choices if fixed or not choice.fixed]

    @property
    def heads(self) -> list[str]:
        return [*["variant"] * self.variants, *self.choices]

    def values(self, member: Member) -> list[str]:
        known = [shown(member.values[name]) if name in member.values else "" for name in self.choices]
        return [*[member.name] * self.variants, *known]


def title(family: Family) -> Iterator[Line]:
    """What the family leaves open, and how many members that makes."""
    number = family.number
    many = "networks" if number is None else counted(number, "network")
    yield [(family_title(family.program), "title"), (f": a family of {many}", "")]
    rows = [("", f"{choice.name} = {domain(choice)}", choice.assumed) for choice in family.choices]
    if rows:
        yield from aligned(rows, styles=("", "", "faint"))
    elif any(family.variants):
        yield [("  its variants", "")]
    else:
        yield [(f"  it leaves nothing open{_open_by(family)}", "faint")]
    yield []


def _open_by(family: Family) -> str:
    """How one might make a family of a file that is none."""
    params = family.program.params
    return f": --set {params[-1].name}=… tries values of a parameter" if params else ""


def assumptions(family: Family) -> list[str]:
    """What was taken for the range of counts that have none."""
    return [f"{one.name} = {domain(one)} is {one.assumed}" for one in family.choices if one.assumed]


def domain(choice: Choice) -> str:
    """The values of a choice, as they are written: `0..3`, `yes, no`."""
    if choice.values is None:
        return _as_written(choice)
    return ", ".join(
        f"{piece.start}..{piece.stop - 1}" if isinstance(piece, range) else ", ".join(map(shown, piece))
        for piece in choice.values
    )


def _as_written(choice: Choice) -> str:
    param = choice.param
    assert param is not None
    if param.low is not None and param.high is not None:
        return f"{param.low.span.text}..{param.high.span.text}"
    return ", ".join(one.span.text for one in param.choices or ())


def table(family: Family, members: Sequence[Member], limit: int | None) -> Iterator[Line]:
    """The members, one a line; `limit` is the width of the window."""
    columns = Columns(family)
    first = len(columns.heads)
    rows = [[*columns.heads, *COSTS], *([*columns.values(member), *costs(member)] for member in members)]
    kept = _fitting(rows, limit)
    numbers = {number for number, head in enumerate(columns.heads) if _numeric(members, head)}
    numbers |= {first + number for number in range(2, len(COSTS))}
    right = {place for place, number in enumerate(kept) if number in numbers}
    lines = aligned([[row[number] for number in kept] for row in rows], right=right, head=True)
    yield from lines[:2]
    for line, member in zip(lines[2:], members, strict=True):
        yield line if member.ok else _refused(line[:first], member, limit)
    if len(kept) < len(rows[0]):
        lost = [name for number, name in enumerate(rows[0]) if number not in kept]
        yield [(f"left out, since the window is narrow: {', '.join(lost)}", "faint")]


def _fitting(rows: Sequence[Sequence[str]], limit: int | None) -> list[int]:
    """The columns that a window has room for."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    kept, heads = [*range(len(widths))], [*rows[0]]
    for name in SPARED:
        if limit is not None and sum(widths[number] + 2 for number in kept) - 2 > limit:
            kept.remove(len(heads) - 1 - heads[::-1].index(name))
    return kept


def _numeric(members: Sequence[Member], name: str) -> bool:
    """Whether a column holds numbers."""
    values = [member.values.get(name) for member in members]
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _refused(values: Line, member: Member, limit: int | None) -> Line:
    text = reason(member)
    if limit is not None:
        text = cut(text, max(LEAST, limit - sum(len(piece) for piece, _ in values)))
    return [*values, (text, "error")]


def reason(member: Member) -> str:
    """Why a member is none: the code, what is at fault, and what is wrong with it."""
    error = member.error
    assert error is not None
    at_fault = error.span.brief
    place = "" if at_fault in error.message or len(at_fault) > LEAST else f"{at_fault}: "
    return f"{error.code}: {place}{error.message}"


def costs(member: Member) -> list[str]:
    """What a member comes to, in the columns `COSTS`; nothing where it is none."""
    totals = member.totals
    if totals is None:
        return [""] * len(COSTS)
    numbers = (totals.params, totals.macs, totals.neurons)
    return [
        str(member.last.output or ""),
        str(member.output or ""),
        *map(grouped, numbers),
        field_size(member.last.sights),
    ]


# ---- what is said at the end


def summary(selection: Selection, listed: int, seconds: float) -> str:
    """How many members there are, how many are valid, how many pass, and how many of these are shown."""
    tally, family = selection.tally, selection.family
    number = family.number
    parts = [f"{counted(tally.seen, 'member')}{_out_of(selection, number)}: {_validity(selection)}"]
    if selection.where or selection.only:
        asked = " and ".join(
            [*["--where"] * bool(selection.where), *[f"--{selection.only}"] * bool(selection.only)]
        )
        parts.append(f"{grouped(tally.passed)} pass {asked}")
    if selection.sort or listed < tally.passed:
        parts.append(_listed(selection, listed))
    if seconds >= 1:
        parts.append(f"{seconds:.0f} s, {grouped(round(tally.seen / seconds))} a second")
    return "; ".join(parts)


def _out_of(selection: Selection, number: int | None) -> str:
    if not selection.ended_early or number == selection.tally.seen:
        return ""
    why = "stopped" if selection.stopped else f"--limit {selection.limit} ends it here"
    return f" of {grouped(number)} looked at, {why}" if number else f" looked at, {why}"


def _validity(selection: Selection) -> str:
    tally = selection.tally
    if tally.valid == tally.seen:
        return "valid" if tally.seen == 1 else "all valid"
    several = len(tally.codes) > 1
    why = ", ".join(code + f" {grouped(count)}" * several for code, count in tally.codes.items())
    return f"{grouped(tally.valid)} valid, {grouped(tally.seen - tally.valid)} invalid ({why})"


def _listed(selection: Selection, listed: int) -> str:
    order = f" by {selection.sort.expr.span.text}" if selection.sort else ""
    if listed == selection.tally.passed:
        return f"sorted{order}"
    more = (
        "" if selection.limit else ", --limit shows more" if selection.sort else ", --format csv writes all"
    )
    return f"the first {grouped(listed)}{order} are shown{more}"


def example(family: Family, member: Member, *words: str) -> Line:
    """How to look at one of the members: `cnndsl check pattern --set N=1,M=2` shows the first.

    `words` say which file is meant, and what else was asked for.
    """
    values = {choice.name: member.values.get(choice.name) for choice in family.open(member.variant)}
    settings = ",".join(f"{name}={shown(value)}" for name, value in values.items())
    command = ["cnndsl", "check", *words]
    variant = member.variant or next(iter(family.program.variants), None)  # one like another, with these
    command += ["--variant", variant] if variant else []
    command += ["--set", settings] if settings else []
    what = "the first of them" if member.ok else "what is wrong with the first of them"
    return [(shlex.join(command), "hint"), (f" shows {what}", "")]


# ---- Markdown


def markdown(family: Family, members: Sequence[Member]) -> Iterator[str]:
    """The table as Markdown; the last column says why a member is none."""
    columns = Columns(family)
    failing = any(not member.ok for member in members)
    heads = [*columns.heads, *COSTS, *["why not"] * failing]
    yield from table_head(heads, {len(columns.heads) + number for number in range(2, len(COSTS))})
    for member in members:
        why = ["" if member.ok else reason(member)] * failing
        yield table_row([*columns.values(member), *costs(member), *why])
