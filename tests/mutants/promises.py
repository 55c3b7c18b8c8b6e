"""What messages promise, tried: `p=1 would fit` is written into the layer, and the layer checked.

A layer is tried alone, with what arrives at it as its input: `INPUT(8@5x5) → CONV(8, 7x7, p=1)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from math import floor

from cnndsl.analysis.rows import Row, rows
from cnndsl.api import Report, check
from cnndsl.diagnostics import Diagnostic
from cnndsl.diagnostics.diagnostic import edited
from cnndsl.layers import Conv, Pool
from mutants.arithmetic import value

#: A promise that was not kept: the message, and what came of it.
Broken = tuple[str, ...]

_WAYS = " would fit"
_EXTENTS = r"\d+(?:x\d+)*"
#: Larger maps are not counted pixel by pixel.
MOST_PIXELS = 20_000


def broken_promises(report: Report) -> Iterator[Broken]:
    """The promises of a report that do not come true."""
    for diagnostic in report.diagnostics:
        if diagnostic.span.source is report.source and diagnostic.code in _TRIED:
            for found in _TRIED[diagnostic.code](report, diagnostic):
                yield diagnostic.code, diagnostic.message, *found


# ---- a layer alone


def _rows(report: Report, diagnostic: Diagnostic) -> Iterator[Row]:
    """The rows that a diagnostic may be about, with a layer and a map that arrives at it."""
    for network in report.networks:
        for row in rows(network):
            inside = row.span.start <= diagnostic.span.start and diagnostic.span.end <= row.span.end
            own = inside and row.span.source is diagnostic.span.source and row.kind != "INPUT"
            if own and row.layer and row.input and row.input.closed:
                yield row


def _alone(row: Row, layer: str = "", extents: str = "") -> Report:
    """The check of the layer alone, perhaps with other arguments, or on another map."""
    assert row.input is not None
    arrives = f"{row.input.channels}@{extents}" if extents else str(row.input)
    return check(f"INPUT({arrives}) → {layer or row.layer}")


def _with(row: Row, argument: str) -> str:
    """The layer with an argument such as `p=1` in the place of the one of that name."""
    name = argument.partition("=")[0]
    text = re.sub(rf", {name}=[^,)]*", "", str(row.layer))
    return re.sub(rf"\({name}=[^,)]*\)", "()", text)[:-1] + f", {argument})"


def _same(row: Row, diagnostic: Diagnostic) -> Diagnostic | None:
    """The diagnostic of the layer alone, if it is the same one, and its input no slip of order."""
    report = _alone(row)
    found = [] if _there(report, "shape-order") else report.diagnostics
    return next((d for d in found if (d.code, d.message) == (diagnostic.code, diagnostic.message)), None)


def _there(report: Report, code: str) -> bool:
    return any(diagnostic.code == code for diagnostic in report.diagnostics)


def _output(report: Report) -> str:
    """The extents that leave a network: `55x55`."""
    shape = report.networks[0].output if report.networks else None
    return "x".join(map(str, shape.extents)) if shape else "nothing"


# ---- windows that do not fit


def _too_large(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    ways = {hint for hint in diagnostic.hints if hint.endswith(_WAYS)}
    same = [(row, found) for row in _rows(report, diagnostic) if (found := _same(row, diagnostic))]
    if same and not any(ways <= {*found.hints} for _, found in same):
        yield "not of this layer", *ways
    for row, found in same[:1]:
        yield from _would_fit(row, found)
    for hint in diagnostic.hints:
        least = re.fullmatch(r"the least input that works is (\S+)", hint)
        if least and len(report.networks) == 1:
            yield from _least(report, diagnostic, least[1])
        if halved := re.fullmatch(
            r"the (\d+)(st|nd|rd|th) halving of (\d+) leaves nothing: .* or start from (\d+)", hint
        ):
            yield from _halved(halved)
            yield from _enough(report, diagnostic, halved[4])
        if hint.startswith("the map shrank: "):
            yield from _shrank(report, hint)


def _would_fit(row: Row, found: Diagnostic) -> Iterator[Broken]:
    """Each way out that is named has a fix, and with it the layer can be applied."""
    told = next((hint for hint in found.hints if hint.endswith(_WAYS)), "")
    ways = re.split(r", | or ", told.removesuffix(_WAYS)) if told else []
    fixes = [one for one in found.fixes if not one.title.startswith("start from")]
    turned = any(hint.startswith("the filters come first") for hint in found.hints)
    if len(ways) + turned != len(fixes):
        yield told, f"{len(fixes)} fixes"
    for one in fixes:
        text = edited(found.span.source.text, one.edits)
        after = check(text)
        if _there(after, "kernel-too-large") or _there(after, "pool-padding"):
            yield told, text
    for pad in (int(way[2:]) for way in ways if re.fullmatch(r"p=[1-9]\d*", way)):
        less = _alone(row, _with(row, f"p={pad - 1}"))
        if "ceil=yes" not in str(row.layer) and not _there(less, "kernel-too-large"):
            yield told, "less padding would do"


def _from(report: Report, shape: str) -> Report:
    """The check of the whole text with another input."""
    return check(report.source.text, input=shape, strict=report.networks[0].strict)


def _still(report: Report, diagnostic: Diagnostic) -> bool:
    place = (diagnostic.code, diagnostic.span.start)
    return any((one.code, one.span.start) == place for one in report.diagnostics)


def _least(report: Report, diagnostic: Diagnostic, shape: str) -> Iterator[Broken]:
    """An input with which the error goes, and with less of it something does not fit."""
    after = _from(report, shape)
    if _still(after, diagnostic):
        yield "the least input", shape, "does not help"
    channels, _, extents = shape.partition("@")
    sizes = [int(size) for size in extents.split("x")]
    for axis, size in enumerate(sizes):
        if size > 1:
            less = [*sizes[:axis], size - 1, *sizes[axis + 1 :]]
            smaller = f"{channels}@{'x'.join(map(str, less))}"
            if _from(report, smaller).ok:
                yield "the least input", shape, smaller, "is less"


def _halved(found: re.Match[str]) -> Iterator[Broken]:
    times, ordinal, size, enough = int(found[1]), found[2], int(found[3]), int(found[4])
    if size >> times or not size >> (times - 1) or not enough >> times:
        yield (found[0],)
    ends = "th" if times % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(times % 10, "th")
    if ordinal != ends:
        yield (found[0],)


def _enough(report: Report, diagnostic: Diagnostic, size: str) -> Iterator[Broken]:
    """With a map of that size all halvings leave something."""
    for row in [row for network in report.networks for row in rows(network)][:1]:
        shape = f"{row.output.channels}@{'x'.join([size] * row.output.rank)}" if row.output else ""
        if _still(_from(report, shape), diagnostic):
            yield "start from", shape


def _shrank(report: Report, hint: str) -> Iterator[Broken]:
    """Each map of the trace is what the table says of its layer."""
    parts = re.findall(rf"({_EXTENTS}) \(([^)]*)\)", hint)
    shown = {
        (row.path, "x".join(map(str, row.output.extents)))
        for network in report.networks
        if network.all_totals.layers < 1_000
        for row in rows(network, expand=True)
        if row.output
    }
    for extents, path in parts:
        if path != "the paths" and shown and (path, extents) not in shown and not _is_tap(path, shown):
            yield hint, f"{path} is not {extents}"


def _is_tap(path: str, shown: set[tuple[str, str]]) -> bool:
    """Labels stand in the trace by their names, which are no rows of their own."""
    return path not in {name for name, _ in shown}


# ---- numbers that do not divide


def _groups(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    found = re.match(r"(\d+) .* not divisible by \w+ = (\d+)", diagnostic.message)
    if not found:
        return
    number, groups = int(found[1]), int(found[2])
    if number % groups == 0:
        yield ("it is divisible",)
    for hint in diagnostic.hints:
        near = re.match(r"nearest: (\d+)(?: and (\d+))?; (\d+) splits into (\d+) group", hint)
        if near:
            yield from _nearest(number, groups, near)


def _nearest(number: int, groups: int, near: re.Match[str]) -> Iterator[Broken]:
    below = number - number % groups
    legal = [one for one in (below, below + groups) if one]
    if [int(one) for one in near.groups()[:2] if one] != legal:
        yield near[0], f"they are {legal}"
    most = max(one for one in range(1, min(groups, number, 100_000) + 1) if number % one == 0)
    if groups <= 100_000 and (int(near[3]), int(near[4])) != (number, most):
        yield near[0], f"{number} splits into {most}"


def _pool_padding(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    found = re.fullmatch(r"p=(\d+) is more than half of the (\d+(?:x\d+)*) window", diagnostic.message)
    if not found:
        yield (diagnostic.message,)
        return
    window = [int(size) for size in found[2].split("x")]
    if all(int(found[1]) <= size // 2 for size in window):
        yield (diagnostic.message,)
    most = [int(size) for size in re.findall(r"p=([\dx]+)", diagnostic.hints[0])[-1].split("x")]
    if most * (len(window) // len(most)) != [size // 2 for size in window]:
        yield (diagnostic.hints[0],)


# ---- claims


def _claim(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    worked = next((h for h in diagnostic.hints if h.startswith("its size is ")), "")
    each = worked.removeprefix("its size is ").split(", ")
    for hint in diagnostic.hints:
        wide = re.search(r"(?:^|; )(\d+)(?: pixels)?(?:, or [^ ]+,)? (?:gives|would give) (\d+)$", hint)
        if wide and not any(_gives(one, wide[1]) == int(wide[2]) for one in each):
            yield hint, worked
        left = re.match(r"(\(.*\)/(\d+)) leaves (\d+) pixels? unread", hint)
        if left and value(left[1]) % 1 * int(left[2]) != int(left[3]):
            yield (hint,)
        up = re.match(r".* [=≈] ([\d.]+): floor gives (\d+), ceil=yes gives (\d+)", hint)
        if up and [int(up[2]), int(up[3]) - 1] != [floor(Fraction(up[1]))] * 2:
            yield (hint,)


def _gives(worked: str, extent: str) -> int:
    """What an output's size comes to when another extent arrives: the first number is the extent."""
    formula = re.sub(r"\d+", extent, worked.partition(" = ")[0], count=1)
    if "⌊" not in formula and "⌈" not in formula:  # it was exact, and need not be any longer
        formula = f"⌊{formula}⌋"
    return int(value(formula))


def _mismatch(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    for hint in diagnostic.hints:
        found = re.fullmatch(
            r"the sizes agree (?:when the input is a multiple of (\d+)|for .*): (\S+) → (\S+)", hint
        )
        if found:
            yield from _agree(report, diagnostic, found)


def _agree(report: Report, diagnostic: Diagnostic, found: re.Match[str]) -> Iterator[Broken]:
    start = next(row.output for network in report.networks for row in rows(network) if row.output)
    if "×".join(map(str, start.extents)) != found[2]:
        yield found[0], f"the input is {start}"
    shapes = [found[3].split("×")]
    if found[1]:
        shapes += [[str(int(found[1]) * times)] * start.rank for times in (7, 8, 9)]
    for extents in shapes:
        after = _from(report, f"{start.channels}@{'x'.join(extents)}")
        if _still(after, diagnostic):
            yield found[0], f"not with {extents}"


def _input_claim(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    for hint in diagnostic.hints:
        found = re.fullmatch(r"INPUT\((\S+)\) gives (\d+)", hint)
        if found and _still(_from(report, found[1]), diagnostic):
            yield hint, "it does not"


# ---- pixels that nobody reads


def _unread(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    for row in _rows(report, diagnostic):
        if _same(row, diagnostic):
            yield from _nothing_lost(row, diagnostic)
            yield from _counted_ends(row, diagnostic)
            return


def _nothing_lost(row: Row, diagnostic: Diagnostic) -> Iterator[Broken]:
    for hint in diagnostic.hints:
        for extents, gives in re.findall(rf"(?:if|or) ({_EXTENTS}) \(gives ({_EXTENTS})\)", hint):
            after = _alone(row, extents=extents)
            if _there(after, diagnostic.code) or _output(after) != gives:
                yield hint, extents, _output(after)
        for argument, gives in re.findall(rf"(p=\d+|ceil=yes)(?: \(gives| gives) ({_EXTENTS})", hint):
            after = _alone(row, _with(row, argument))
            if _there(after, diagnostic.code) or _output(after) != gives:
                yield hint, argument, _output(after)


def _counted_ends(row: Row, diagnostic: Diagnostic) -> Iterator[Broken]:
    """The pixels behind the last window, counted: what a dilated one steps over lies within it."""
    spanned = _read(row, gaps=True)
    if spanned is None or row.input is None:
        return
    kernel, *_ = _window(row)
    axes = zip(row.input.extents, spanned, kernel, strict=True)  # a single tap is meant to step over pixels
    lost = [size - 1 - max(each, default=-1) if taps > 1 else 0 for size, each, taps in axes]
    told = re.search(r"the last (.*) (?:of the map )?(?:is|are) ", diagnostic.message)
    numbers = [int(one) for one in re.findall(r"\d+", told[1])] if told else []
    some = [one for one in lost if one]
    if numbers != (some if len({*some}) > 1 else [one for one in some[:1] if one > 1]):
        yield f"behind the last window are {lost}", diagnostic.message


def _window(row: Row) -> tuple[tuple[int, ...], ...]:
    """The kernel or window of a layer, its strides and dilations."""
    layer = row.layer
    if isinstance(layer, Conv):
        return layer.kernel, layer.stride, layer.dilation
    return (layer.window, layer.strides, layer.dilation) if isinstance(layer, Pool) else ((), (), ())


def _read(row: Row, *, gaps: bool = False) -> list[set[int]] | None:
    """The pixels of the map that some window reads, axis by axis; with `gaps` also those between taps."""
    layer, x, y = row.layer, row.input, row.output
    if not isinstance(layer, Conv | Pool) or isinstance(layer.pad, str) or x is None or y is None:
        return None
    kernel, strides, dilations = _window(row)
    if max(*x.extents, max(kernel) * max(y.extents)) > MOST_PIXELS:
        return None
    axes = zip(x.extents, y.extents, kernel, strides, layer.pad, dilations, strict=True)
    return [
        {o * s + t - p[0] for o, t in product(range(out), range(0, d * (k - 1) + 1, 1 if gaps else d))}
        & {*range(size)}
        for size, out, k, s, p, d in axes
    ]


def _skipped(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    told = re.search(r": (\d+) of (\d+) ", diagnostic.message)
    for row in _rows(report, diagnostic):
        same, read = _same(row, diagnostic), _read(row)
        if same and read and told and row.input:
            total = covered = 1
            for size, each in zip(row.input.extents, read, strict=True):
                total, covered = total * size, covered * len(each)
            if total != int(told[2]) or not 0 < int(told[1]) <= total - covered:
                yield f"{total - covered} of {total}", diagnostic.message
            return


def _wide(report: Report, diagnostic: Diagnostic) -> Iterator[Broken]:
    for row in _rows(report, diagnostic):
        if _same(row, diagnostic):
            for hint in diagnostic.hints:
                if keeps := re.fullmatch(rf"(p=\d+) keeps ({_EXTENTS})", hint):
                    after = _alone(row, _with(row, keeps[1]))
                    if _output(after) != keeps[2] or _there(after, diagnostic.code):
                        yield hint, _output(after)
            return


_TRIED: dict[str, Callable[[Report, Diagnostic], Iterator[Broken]]] = {
    "kernel-too-large": _too_large,
    "empty-output": _too_large,
    "groups": _groups,
    "pool-padding": _pool_padding,
    "claim": _claim,
    "branch-mismatch": _mismatch,
    "input-claim": _input_claim,
    "unread-pixels": _unread,
    "pool-remainder": _unread,
    "stride-skips": _skipped,
    "wide-padding": _wide,
}
