"""From what would mend a layer to edits of its text: `{"pad": "1"}` becomes `, p=1` where none is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cnndsl.diagnostics import Change, Edit, Fix
from cnndsl.layers import Layer
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


def put_first(arguments: ast.Arguments | None, item: ast.Argument) -> tuple[Fix, ...]:
    """The fix for an argument by position that stands after one by name."""
    named = [one for one in arguments.items if one.name] if arguments else []
    off = taken_off(arguments, item) if named else ()
    if not off:
        return ()
    start = named[0].span.start
    edit = Edit(Span(item.span.source, start, start), f"{item.span.text}, ")
    return (Fix("put it first", (edit, *off[0].edits), safe=True),)
