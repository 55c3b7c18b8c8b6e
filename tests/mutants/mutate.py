"""Accidents that happen to a text, and some that never would."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

#: Comments, arrows and words as the language has them, then single signs: joined, they are the text.
_TOKENS = re.compile(r'#[^\n]*|"[^"\n]*"|->|\.\.|[<>=!]=|//|[^\W\d]\w*|\d+(?:\.\d+)?|\s+|.', re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_OPERATORS = (
    "→", "->", "|", "+", "-", "*", "/", "//", "%", "^", "=", "==", "!=", "<", "<=", ">", ">=", "@", "x", "×",
    ":", ",", "?", ".", "..", "⊙", ".*", "(", ")", "[", "]", "{", "}", "_", "#", '"', "\n",
)  # fmt: skip
_WORDS = (
    "INPUT", "CONV", "POOL", "FC", "TCONV", "BN", "GN", "LN", "GAP", "GPOOL", "APOOL", "FLATTEN", "RESHAPE",
    "ID", "ReLU", "SOFTMAX", "PAD", "CROP", "SLICE", "SHUFFLE", "UPSAMPLE", "PIXELSHUFFLE", "PERMUTE",
    "DROPOUT", "SIGMOID", "TANH", "LRN", "INORM", "k", "s", "p", "d", "g", "from", "bias", "ceil", "same",
    "max", "avg", "yes", "no", "pad", "kernel", "in.C", "in.H", "sum", "log2", "H", "W", "N", "width", "rf",
    "params", "conv1", "net", "variant", "default", "init", "he", "block", "let", "output", "use", "expect",
    "as", "in", "else", "not",
)  # fmt: skip
_NUMBERS = (
    "0", "1", "2", "3", "4", "5", "7", "8", "11", "16", "32", "99", "1.5", "0.5", "2.0", "-1", "-3", "1e400",
    "1e9", "1_000", "007", "0.1e-30", "4294967296", "9223372036854775807", "1" + "0" * 40, "9" * 4_301,
)  # fmt: skip
#: Signs that editors, other languages and hostile people put into texts; no surrogates.
_SIGNS = (
    *map(chr, range(0x20)),
    *"\x7f\x85\xa0\xad\u0301\u200b\u200d\u200e\u200f\u2028\u2029\u202e\u2066\u3000\ufeff\ufffd\ufffe\U0010ffff",
    *"\u2217\uff08\uff09\uff0c\u2018\u2019१५²½−–—·×⋅“”⟶⇒≤≥ßıⅧ漢字ё\\`'$&~;!%🧠😀",
)

Accident = Callable[[list[str], Random], None]


def mutant(text: str, dice: Random) -> str:
    """The text after one accident, or two or three."""
    for _ in range(dice.choice((1, 1, 1, 1, 1, 2, 2, 3))):
        words = _TOKENS.findall(text) or [""]
        dice.choice(_ACCIDENTS)(words, dice)
        text = "".join(words)
    return text


def tokens(text: str) -> list[str]:
    """The parts of a text that accidents happen to."""
    return _TOKENS.findall(text)


def _place(words: list[str], dice: Random) -> int:
    """Where a word stands that is no white space and no comment, if there is one."""
    told = [at for at, word in enumerate(words) if word.strip() and not word.startswith("#")]
    return dice.choice(told or range(len(words)))


def _drop(words: list[str], dice: Random) -> None:
    del words[_place(words, dice)]


def _double(words: list[str], dice: Random) -> None:
    at = _place(words, dice)
    words.insert(at, words[at] + dice.choice(("", " ")))


def _number(words: list[str], dice: Random) -> None:
    places = [at for at, word in enumerate(words) if _NUMBER.fullmatch(word)]
    if places:
        at = dice.choice(places)
        words[at] = dice.choice((_near, _far))(words[at], dice)


def _near(word: str, dice: Random) -> str:
    value = int(float(word)) if len(word) < 9 else 0
    return str(dice.choice((value + 1, value - 1, 2 * value, value // 2, value + dice.randrange(20), -value)))


def _far(_: str, dice: Random) -> str:
    return dice.choice(_NUMBERS)


def _swap(words: list[str], dice: Random) -> None:
    one = _place(words, dice)
    other = dice.choice((_place(words, dice), min(one + 1, len(words) - 1), min(one + 2, len(words) - 1)))
    words[one], words[other] = words[other], words[one]


def _cut(words: list[str], dice: Random) -> None:
    """The end is lost, the start, or something in between."""
    text = "".join(words)
    first, last = sorted(dice.randrange(len(text) + 1) for _ in range(2))
    words[:] = [dice.choice((text[:first], text[last:], text[:first] + text[last:]))]


def _insert(words: list[str], dice: Random) -> None:
    text = "".join(words)
    at = dice.randrange(len(text) + 1)
    anything = chr(dice.choice((dice.randrange(0xD800), dice.randrange(0xE000, 0x110000))))
    words[:] = [text[:at], dice.choice((dice.choice(_SIGNS), dice.choice(_SIGNS), anything)), text[at:]]


def _replace(words: list[str], dice: Random) -> None:
    at = _place(words, dice)
    kind = _WORDS if words[at][:1].isalpha() else _NUMBERS if words[at][:1].isdigit() else _OPERATORS
    words[at] = dice.choice(kind if dice.random() < 0.8 else (*_WORDS, *_OPERATORS))


def _put(words: list[str], dice: Random) -> None:
    at = _place(words, dice)
    words.insert(at, dice.choice((*_WORDS, *_OPERATORS, *_NUMBERS[:16])) + dice.choice(("", " ")))


def _borrow(words: list[str], dice: Random) -> None:
    """A word of the text stands where another stood."""
    words[_place(words, dice)] = words[_place(words, dice)]


def _misspell(words: list[str], dice: Random) -> None:
    places = [at for at, word in enumerate(words) if len(word) > 1 and word[0].isalpha()]
    if places:
        at = dice.choice(places)
        word, cut = words[at], dice.randrange(len(words[at]))
        words[at] = dice.choice((word[:cut] + word[cut + 1 :], word[: cut + 1] + word[cut:], word.swapcase()))


def _line(words: list[str], dice: Random) -> None:
    """A line is lost, comes twice, or changes places with another."""
    lines = "".join(words).splitlines(keepends=True) or [""]
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    way = dice.randrange(3)
    if way == 0:
        del lines[one]
    elif way == 1:
        lines.insert(one, lines[one])
    else:
        lines[one], lines[other] = lines[other], lines[one]
    words[:] = lines


def _bracket(words: list[str], dice: Random) -> None:
    """A bracket is lost, turned, made another, or its end comes too early."""
    places = [at for at, word in enumerate(words) if word in "()[]{}"]
    if places:
        at = dice.choice(places)
        words[at] = dice.choice(("", *"()[]{}"))


def _argument(words: list[str], dice: Random) -> None:
    """A further argument, as one tries them out."""
    places = [at for at, word in enumerate(words) if word == ")"]
    if places:
        name = dice.choice(
            ("s", "p", "d", "g", "k", "from", "ceil", "bias", "output_pad", "count_pad", "pad")
        )
        value = dice.choice(("1", "2", "3", "4", "5", "6", "9", "33", "yes", "no", "same", "1:2", "2x1", "?"))
        words[dice.choice(places)] = f", {name}={value})"


def _claim(words: list[str], dice: Random) -> None:
    """A claim about a size, behind a layer."""
    places = [at for at, word in enumerate(words) if word == ")"]
    if places:
        sizes = [str(dice.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 16, 27, 28, 32, 55))) for _ in range(3)]
        shape = dice.choice(("{0}@{1}x{2}", "{0}@{1}x{1}", "{0}", "{1}x{2}x{0}", "_@{1}x{2}", "{0}@{1}"))
        words[dice.choice(places)] = ") : " + shape.format(*sizes)


#: Half of them keep to the grammar, so that there is something to compute.
_ACCIDENTS: tuple[Accident, ...] = (
    *(_drop, _double, _swap, _cut, _insert, _replace, _put, _borrow, _misspell, _line, _bracket),
    *(_number, _number, _number, _number, _number, _argument, _argument, _argument, _claim, _claim, _claim),
)
