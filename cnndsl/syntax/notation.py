"""Notations of other languages, and of the slides, that can be put right: `+ x`, `def Res(c) =`, `3@32*32`.

Each rule looks at the text on both sides of the token at fault; None where it knows nothing of it.
"""

from __future__ import annotations

import re
from fractions import Fraction

from cnndsl.diagnostics import Edit, Fix, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.source import Source, Span

#: So much of the text before a fault is looked at.
_REACH = 400


class _Fault:
    """The token at fault, and the text before it (on its line) and from it on."""

    def __init__(self, source: Source, span: Span) -> None:
        self.source, self.span = source, span
        start = max(source.text.rfind("\n", 0, span.start) + 1, span.start - _REACH)
        self.before = source.text[start : span.start]
        self.text = source.text[span.start : span.start + _REACH]

    def place(self, before: int, after: int) -> Span:
        """From so many characters before the fault to so many behind its start."""
        return Span(self.source, self.span.start - before, self.span.start + after)


def slip(source: Source, span: Span) -> Located | None:
    """The diagnostic for a notation of elsewhere that breaks off at `span`."""
    fault = _Fault(source, span)
    rules = (
        _skip,
        _arriving,
        _definition,
        _suffix,
        _compared,
        _starred,
        _channels_last,
        _bare_arguments,
        _separator,
    )
    return next((found for rule in (_arriving, *rules) if (found := rule(fault))), None)


def _short(text: str, limit: int = 30) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _mended(place: Span, message: str, text: str, *hints: str, safe: bool = True) -> Located:
    title = f"write {text.strip()}" if len(text) < 60 else "write it so"
    fix = Fix(title, (Edit(place, text),), safe=safe)
    return located("syntax", message, place, *hints, fixes=(fix,))


#: The last step of a path, with its arguments and its label.
_STEP = re.compile(r"(?:^|→|->|⟶|[\[{|+])\s*([^\W\d_]\w*(?:\([^()]*\))?(?:\s*\*\s*\d+)?(?:\s+as\s+\w+)?)\s*$")
_TAKEN_UP = re.compile(r"\+\s*([^\W\d_]\w*(?:\([^()]*\))?)")
_EMPTY_PATH = re.compile(r"(→|->|⟶)\s*\{\s*$")
_CLOSED = re.compile(r"\s*\}")


def _skip(fault: _Fault) -> Located | None:
    """`CONV(64, 3) + x`, and `→ { + x }`: the sum of a path and of what x stands for."""
    taken, empty = _TAKEN_UP.match(fault.text), _EMPTY_PATH.search(fault.before)
    above = fault.source.text[: fault.span.start]
    if taken is None or (above.count("{") > above.count("}") and not empty):
        return None
    step = _STEP.search(fault.before[: empty.start()] if empty else fault.before)
    closed = _CLOSED.match(fault.text, taken.end()) if empty else taken
    sum_ = f"{{ {step[1] if step else '…'} + {taken[1]} }}"
    shown = sum_ if len(sum_) < 80 else "{ … + x }"
    hint = f"both paths of a sum stand in braces: {shown}"
    message = "a path is missing before `+`" if empty else "`+` joins paths in braces"
    fixes: tuple[Fix, ...] = ()
    if step and closed:
        place = fault.place(len(fault.before) - step.start(1), closed.end())
        fixes = (Fix(f"write {sum_}" if len(sum_) < 60 else "put both in braces", (Edit(place, sum_),)),)
    return located("syntax", message, fault.span, hint, fixes=fixes)


_IN = re.compile(r"(?:^|\W)(\w+)\((?:[^()]*,)?\s*(in)\s*$", re.IGNORECASE)
_CLAIMING = ("CONV", "TCONV", "FC")


def _arriving(fault: _Fault) -> Located | None:
    """`CONV(in=16, …)`: what arrives is found, and claimed by `from`."""
    inside = _IN.search(fault.before) if fault.span.text == "=" else None
    if inside is None:
        return None
    place = fault.place(len(fault.before) - inside.start(2), 0)
    message = "`in` is a word of the language, and no argument"
    if inside[1].upper() not in _CLAIMING:
        return located("syntax", message, place, "what arrives is found: leave it out")
    return _mended(place, message, "from", "what arrives is found; `from` claims it")


_HEAD = re.compile(
    r"^\s*(?:(def|define|function|func|fun|module|class|macro|layer)\s+)?(\w+)(\([^()]*\))?\s*$"
)


def _definition(fault: _Fault) -> Located | None:
    """`def Res(c) = …`, or without any word: a block is meant."""
    head = _HEAD.match(fault.before) if fault.span.text in ("=", ":", "{") else None
    if head is None or not (head[1] or head[3]) or fault.text.startswith("=>"):
        return None
    written = f"block {head[2]}{head[3] or ''}"
    message = f"`{head[1]}` is no word of this language" if head[1] else "a definition starts with its word"
    place = fault.place(len(fault.before.lstrip()), 0)
    return _mended(place, message, f"{written} ", f"a block is written {_short(written, 80)} = …")


#: What a letter behind a number stands for.
_THOUSANDS = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000, "b": 1_000_000_000}
_NUMBER = re.compile(r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)\Z")


def _suffix(fault: _Fault) -> Located | None:
    """`82k` is 82_000."""
    return suffixed(fault.span)


def suffixed(span: Span) -> Located | None:
    """The diagnostic where the name at `span` is a letter behind a number: `82k`."""
    number = _NUMBER.search(span.source.text, max(0, span.start - 20), span.start)
    factor = _THOUSANDS.get(span.text.lower())
    if number is None or factor is None:
        return None
    exact = Fraction(number[1].replace("_", "")) * factor
    if exact.denominator > 1:
        return None
    place, value = Span(span.source, number.start(), span.end), f"{exact.numerator:_}"
    return _mended(place, f"`{place.text}` is written {value} here", value, safe=False)


_EXPECTED = re.compile(r"^\s*expect\s+(.*?)(?:\.(?:out|output|shape|size))?\s*==\s*(\d+)\s*$")
_EXTENTS = re.compile(r"@\s*(\d+(?:\s*[xX×]\s*\d+){0,2})")
_LETTERS = {1: "L", 2: "HW", 3: "DHW"}


def _compared(fault: _Fault) -> Located | None:
    """`expect conv1.out == 8@32x32`: numbers are compared, a shape is claimed."""
    said, extents = _EXPECTED.match(fault.before), _EXTENTS.match(fault.text)
    if said is None or extents is None:
        return None
    sizes = re.findall(r"\d+", extents[1])
    path = said[1].strip()
    pairs = [("C", said[2]), *zip(_LETTERS[len(sizes)], sizes, strict=True)]
    text = " and ".join(f"{path}.{letter} == {size}" for letter, size in pairs)
    shape = f"{said[2]}@{'x'.join(sizes)}"
    *most, last = (f"{_short(path, 12)}.{letter}" for letter, _ in pairs)
    hint = f"compare {', '.join(most)} and {last}, or claim it behind the step: … : {_short(shape)}"
    place = fault.place(len(fault.before) - said.start(1), extents.end())
    return _mended(place, f"a shape such as {_short(shape)} cannot be compared", text, hint, safe=False)


_SHAPE_START = re.compile(r"\w+\s*@\s*(?:\w+\s*[xX×]\s*)*\w+\s*$")
_STARRED = re.compile(r"(?:\s*\*\s*\w+)+")


def _starred(fault: _Fault) -> Located | None:
    """`3@32*32`: extents are joined by an x."""
    start = _SHAPE_START.search(fault.before)
    more = _STARRED.match(fault.text) if start else None
    if start is None or more is None:
        return None
    place = fault.place(len(fault.before) - start.start(), more.end())
    return _mended(place, "extents are joined by an x, not by `*`", re.sub(r"\s*\*\s*", "x", place.text))


_MAP = re.compile(r"(?<![\w.])(\d+(?:\s*[xX×]\s*\d+)+)\s*$")
_CHANNELS = re.compile(r"@\s*(\d+)(?!\s*[\w×])")


def _channels_last(fault: _Fault) -> Located | None:
    """`224x224@3`: the channels stand in front."""
    map_, channels = _MAP.search(fault.before), _CHANNELS.match(fault.text)
    if map_ is None or channels is None:
        return None
    order = {2: "C@HxW", 3: "C@DxHxW"}.get(len(re.findall(r"\d+", map_[1])), "C@…")
    text = f"{channels[1]}@{'x'.join(re.findall(r'[0-9]+', map_[1]))}"
    place = fault.place(len(fault.before) - map_.start(), channels.end())
    return _mended(place, f"the channels stand in front: {order}", text)


_NAMED = re.compile(r"(?:^|→|->|⟶|[\[{|+=]|else)\s*([^\W\d_]\w*)([ \t]+)$")
_VALUE = r"\d[\w@×.:]*"
_WORD = r"[^\W\d_]\w*=[\w@×.:]+"
_UNIT = r"(?:filter|channel|kernel|window|output|unit|neuron|class|pixel)(?:s|es)?"
_ARGUMENTS = re.compile(rf"{_VALUE}(?:[ \t]*,[ \t]*[\w@×.:=]+|[ \t]+(?:{_VALUE}|{_WORD}|{_UNIT}\b))*")
_STEP_ENDS = re.compile(r"\s*(?:→|->|⟶|[-–—|+⊙}\]#*:?]|as\b|$)|[ \t]*\n")
_AFTER = re.compile(rf"[ \t]+{_UNIT}(?![\w=])")
_GAP = re.compile(r"[ \t]*,[ \t]*|[ \t]+")


def _bare_arguments(fault: _Fault) -> Located | None:
    """`INPUT 3@32x32` and `CONV 16 3x3`: arguments stand in parentheses."""
    name, arguments = _NAMED.search(fault.before), _ARGUMENTS.match(fault.text)
    if (
        name is None
        or arguments is None
        or name[1] in ("expect", "init", "use", "let", "output", "block", "net")
    ):
        return None
    text = f"{name[1]}({_GAP.sub(', ', _AFTER.sub('', arguments[0]))})"
    place = fault.place(len(fault.before) - name.start(1), arguments.end())
    message = f"the arguments of {_short(name[1])} stand in parentheses"
    if not _STEP_ENDS.match(fault.text, arguments.end()):
        return located("syntax", message, place, "they are parted by commas: CONV(64, 3x3)")
    return _mended(place, message, text)


_ENDED = re.compile(r"\s*(?:→|->|⟶)\s*\Z")
_ALONE = re.compile(r"(?:\([^()]*\))?(?=\s*(?:\Z|#|\n))")


def ended(span: Span) -> Located | None:
    """`… → output`, as pictures end; None where the word stands elsewhere."""
    text, alone = span.source.text, _ALONE.match(span.source.text, span.end)
    arrow = _ENDED.search(text, max(0, span.start - 20), span.start)
    if span.text != "output" or arrow is None or alone is None:
        return None
    fix = Fix("leave it out", (Edit(Span(span.source, arrow.start(), alone.end()), ""),), safe=True)
    hint = "leave it out: the last layer's output is the network's"
    return located("name-clash", "`output` is a word of the language", span, hint, fixes=(fix,))


_INSIDE = re.compile(r"\w\(\s*(?:[^()]*,)?\s*([^(),=]*=)?\s*([^\s(),=]+)([ \t]+)$")
_WORDS = ("max", "avg", "min", "same")
#: What a number is of, where its place says so already; and arguments that have no place of their own.
_UNITS = re.compile(
    r"(?:filter|channel|kernel|window|output|unit|neuron|class|feature|pixel)(?:s|es)?", re.IGNORECASE
)
_BY_NAME = re.compile(r"stride|pad|padding|dilation|groups", re.IGNORECASE)
_VALUED = re.compile(r"[ \t]*=|[ \t]+\d")


def _separator(fault: _Fault) -> Located | None:
    """`CONV(64 3)` lacks a comma, `CONV(64, 3, stride 2)` an equals sign."""
    inside = _INSIDE.search(fault.before)
    word = re.match(r"[\w@×.]+", fault.text)
    if inside is None or word is None:
        return None
    last, gap = inside[2], inside[3]
    if not inside[1] and (said := _worded(fault, last, gap, word[0])):
        return said
    named = last[0].isalpha() and not inside[1] and last.lower() not in _WORDS and word[0][0].isdigit()
    one, other = _short(last), _short(word[0])
    title = f"write {one}={other}" if named else "insert a comma"
    message = f"{'an equals sign' if named else 'a comma'} is missing between `{one}` and `{other}`"
    edit = Edit(fault.place(len(gap), 0), "=" if named else ", ")
    clear = word[0][0].isdigit() or word[0].lower() in _WORDS or _VALUED.match(fault.text, word.end())
    return located("syntax", message, fault.span, fixes=(Fix(title, (edit,), safe=bool(clear)),))


def _worded(fault: _Fault, number: str, gap: str, word: str) -> Located | None:
    """`CONV(64 filters, 3x3 kernel, 2 stride)`: numbers with the words for them."""
    if not number[0].isdigit() or not re.match(r"[ \t]*[,)]", fault.text[len(word) :]):
        return None
    place = fault.place(len(gap) + len(number), len(word))
    if _BY_NAME.fullmatch(word):
        return _mended(place, f"an argument by name is written {word}={number}", f"{word}={number}")
    if _UNITS.fullmatch(word):
        return _mended(place, f"`{word}` is not written behind the number", number)
    return None
