"""From what would mend a layer to edits of its text: `{"pad": "1"}` becomes `, p=1` where none is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cnndsl.diagnostics import Change, Edit, Fix
from cnndsl.layers import Layer
from cnndsl.layers.elsewhere import meant
from cnndsl.record import Record
from cnndsl.source import Span
from cnndsl.syntax import ast


class Call(Record):
    """A layer as it is written, or a `default`: its name, its arguments, their places by name.

    `words` are the bare words of the language, which are no names of parameters.
    """

    kind: type[Layer] | None
    name: Span
    arguments: ast.Arguments | None
    places: Mapping[str, Span]
    words: frozenset[str]

    def item(self, name: str) -> ast.Argument | None:
        """The argument of that name, or place (`#0`), if it is written here."""
        span = self.places.get(name)
        items = self.arguments.items if self.arguments else ()
        return next((item for item in items if span in (item.span, item.value.span)), None)


def fixes(changes: Iterable[Change], call: Call, at: Span) -> tuple[Fix, ...]:
    """The fixes that changes come to; none for a change of what is not written as such, `k=in.C // 2` say."""
    found = []
    for change in changes:
        edits = _edits(change, call, at)
        if edits:
            found.append(Fix(change.title, tuple(edits), safe=change.safe))
    return tuple(found)


def _edits(change: Change, call: Call, at: Span) -> list[Edit] | None:
    edits = [Edit(at, change.text)] if change.text else []
    if change.before and call.name.source is at.source:
        edits.append(Edit(Span(at.source, call.name.start, call.name.start), change.before))
    if change.after:
        edits += _followed(call, change.after)
    added: list[str] = []
    dropped: list[ast.Argument] = []
    for name, text in change.values.items():
        item = call.item(name)
        if text is None and item:
            dropped.append(item)
        elif text is None or (item and not _literal(item.value, call.words)):
            return None
        elif item:
            edits.append(Edit(item.value.span, text))
        else:
            added.append(f"{_spelled(name, call)}={text}")
    edits += [edit for name, new in change.names.items() for edit in _renamed(call.item(name), new)]
    off = list(_without(dropped, call))
    if (added and not _takes_more(call)) or any("#" in edit.span.text for edit in off):
        return None  # a comment would be lost
    return [*edits, *off, *_with(added, call, at)]


#: What can stand behind a step that another is to follow without brackets around the two.
_ENDS = re.compile(r"\s*(?:→|->|⟶|[|+⊙}\]#]|$)")


def _followed(call: Call, layer: str) -> Iterator[Edit]:
    """Another layer behind it; a count or a claim is then about both."""
    source, end = call.name.source, call.arguments.span.end if call.arguments else call.name.end
    alone = _ENDS.match(source.text, end)
    if not alone:
        yield Edit(Span(source, call.name.start, call.name.start), "[")
    yield Edit(Span(source, end, end), f" → {layer}{'' if alone else ']'}")


def _takes_more(call: Call) -> bool:
    """Whether an argument can be written into it: parentheses would undo what is assumed without them."""
    return call.arguments is not None or bool(call.kind and call.kind.assumed == {})


def _literal(expr: ast.Expr, words: frozenset[str]) -> bool:
    """Whether an expression is its own value, rather than computed from others."""
    for node in ast.walk(expr):
        if isinstance(node, ast.Arriving | ast.Call | ast.Subscript | ast.Attribute):
            return False
        if isinstance(node, ast.Name) and node.name.lower() not in words:
            return False
    return True


def _spelled(name: str, call: Call) -> str:
    """An argument's letter, or its full name where the others here are written out."""
    specs = call.kind.hypers() if call.kind else {}
    if name not in specs:
        return name
    items = call.arguments.items if call.arguments else ()
    long = any(item.name in specs and specs[item.name].letter for item in items if item.name)
    return name if long else specs[name].short


def _renamed(item: ast.Argument | None, new: str) -> Iterator[Edit]:
    if item is None:
        return
    source, start = item.span.source, item.span.start
    if item.name is None:
        yield Edit(Span(source, start, start), f"{new}=")
    else:
        yield Edit(Span(source, start, start + len(item.name)), new)


def _without(dropped: list[ast.Argument], call: Call) -> Iterator[Edit]:
    """Take arguments off, each with the comma that parts it from the next, or from the one before."""
    if not dropped or call.arguments is None:
        return
    kept = [item for item in call.arguments.items if item not in dropped]
    if not kept:
        yield Edit(call.arguments.span, "")
        return
    first = kept[0].span.start
    for item, after in zip(call.arguments.items, (*call.arguments.items[1:], None), strict=True):
        if item in dropped and after and item.span.start < first:
            yield Edit(Span(item.span.source, item.span.start, after.span.start), "")
    for before, item in zip(call.arguments.items, call.arguments.items[1:], strict=False):
        if item in dropped and item.span.start > first:
            yield Edit(Span(item.span.source, before.span.end, item.span.end), "")


def _with(added: list[str], call: Call, at: Span) -> Iterator[Edit]:
    """Write further arguments behind the others."""
    text = ", ".join(added)
    if not added:
        return
    if call.arguments is None:
        yield Edit(Span(at.source, call.name.end, call.name.end), f"({text})")
        return
    items, source = call.arguments.items, call.arguments.span.source
    end = items[-1].span.end if items else call.arguments.span.start + 1
    yield Edit(Span(source, end, end), f", {text}" if items else text)


def taken_off(arguments: ast.Arguments | None, item: ast.Argument) -> tuple[Fix, ...]:
    """The fix for an argument that is given once more: safe where both say the same."""
    if arguments is None:
        return ()
    call = Call(None, arguments.span, arguments, {"again": item.span}, frozenset())
    first = next(one for one in arguments.items if one.name == item.name)
    same = first.value.span.text == item.value.span.text
    return fixes([Change("leave the second one out", {"again": None}, safe=same)], call, item.span)


def moved(
    arguments: ast.Arguments | None, item: ast.Argument, kind: type[Layer] | None
) -> tuple[str, tuple[Fix, ...]]:
    """What to say of an argument by position that stands after one by name, and the fixes.

    `p=1, 2` is a padding of 1x2, where no place by position is left for the 2.
    """
    items = arguments.items if arguments else ()
    found = (*_pair(items, item, kind), *_first(arguments, item, kind))
    if not found:
        return "give it a name as well", ()
    title = found[0].title
    return (
        f"did you mean {title.removeprefix('write ')}?" if "=" in title else "put it first, or name it",
        found,
    )


def _pair(items: tuple[ast.Argument, ...], item: ast.Argument, kind: type[Layer] | None) -> tuple[Fix, ...]:
    place = items.index(item)
    before, last = items[place - 1], all(one.name for one in items[place + 1 :])
    spec = kind.spellings().get(before.name.lower()) if kind and before.name else None
    names = [spec.name] if spec else meant(before.name, kind)[:1] if kind and before.name else []
    if not names or names[0] not in _PER_AXIS or _room(items, item, kind) or not last:
        return ()
    if not isinstance(before.value, ast.Number) or not isinstance(item.value, ast.Number):
        return ()
    text = f"{before.name}={before.value.span.text}x{item.value.span.text}"
    span = Span(item.span.source, before.span.start, item.span.end)
    return (Fix(f"write {text}", (Edit(span, text),)),)


#: Arguments that can be given for each axis.
_PER_AXIS = {"pad", "stride", "kernel", "window", "dilation", "output_pad"}


def _room(items: tuple[ast.Argument, ...], item: ast.Argument, kind: type[Layer] | None) -> bool:
    """Whether one more argument by position can be given."""
    if kind is None:
        return True
    specs = [spec for spec in kind.hypers().values() if spec.positional and not spec.leading]
    named = {
        kind.spellings()[one.name.lower()].name
        for one in items
        if one.name and one.name.lower() in kind.spellings()
    }
    number = sum(one.name is None for one in items[: items.index(item)])
    return number < sum(spec.name not in named for spec in specs)


def _first(arguments: ast.Arguments | None, item: ast.Argument, kind: type[Layer] | None) -> tuple[Fix, ...]:
    named = [one for one in arguments.items if one.name] if arguments else []
    off = taken_off(arguments, item) if named else ()
    if not arguments or not off or not _room(arguments.items, item, kind):
        return ()
    start = named[0].span.start
    edit = Edit(Span(item.span.source, start, start), f"{item.span.text}, ")
    return (Fix("put it first", (edit, *off[0].edits), safe=True),)


def zero_padding(item: ast.Argument) -> tuple[Fix, ...]:
    """The fix for the word `valid`, PyTorch's for a padding of 0."""
    text = "0" if item.name else "p=0"
    return (Fix(f"write {text}", (Edit(item.value.span, text),), safe=True),)
