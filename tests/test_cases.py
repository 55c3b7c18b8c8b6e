"""Programs in `cases/` with what is to be said of them beside the line at fault.

    → CONV(8, 3, padding=1)    # error: unknown-argument "padding"

A comment names the code and, in quotes, a part of the message; programs without such comments are
good ones. Exactly these diagnostics must come, at these lines: one cause, one message. `# run:` in
the first line gives options of the command line; what is wrong with them is expected on that line.
Of a file that a case takes up by `use`, the expectations hold as well.
"""

from __future__ import annotations

import random
import re
import shlex
from pathlib import Path

import pytest

from cnndsl.analysis.rows import rows
from cnndsl.api import Report, check, read_source, shipped
from cnndsl.diagnostics import CATALOGUE, Diagnostic
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.source import Source

CASES = Path(__file__).parent / "cases"
PROGRAMS = {path.stem: path for path in sorted(CASES.glob("*.cnn"))}

_EXPECTED = re.compile(r'# (error|warning|note): ([a-z-]+)(?: "([^"]*)")?')
_USED = re.compile(r'^use "(used/[^"]+)"', re.MULTILINE)

#: Codes that no text alone can trigger.
ELSEWHERE = {
    "pattern": "said by match: test_match.py",
    "unbound": "said by `build` alone",
    "not-expressible": "said by `build` alone",
}

#: (file, line, severity, code)
Place = tuple[str, int, str, str]


def expected(path: Path) -> list[tuple[Place, str]]:
    """What the comments of a case, and of the files that it uses, announce: place and message part."""
    found = []
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        for severity, code, part in _EXPECTED.findall(line):
            found.append(((path.name, number, severity, code), part))
    for used in _USED.findall(text):
        if (CASES / used).is_file() and CASES / used != path:
            found += expected(CASES / used)
    return found


def options(source: Source) -> dict[str, object]:
    """The options of the first line `# run: --set N=2 --strict`, as `check` takes them."""
    first = source.line(1).split("# error:")[0].split("# warning:")[0]
    words = shlex.split(first.removeprefix("# run:")) if first.startswith("# run:") else []
    chosen: dict[str, object] = {}
    while words:
        match words.pop(0):
            case "--strict":
                chosen["strict"] = True
            case "--pedantic":
                chosen["pedantic"] = True
            case "--ignore":
                chosen["ignore"] = [words.pop(0)]
            case "--set":
                chosen["settings"] = words.pop(0)
            case "--input":
                chosen["input"] = words.pop(0)
            case "--variant":
                chosen["variants"] = [words.pop(0)]
            case word:
                raise ValueError(word)
    return chosen


def run(path: Path) -> Report:
    source = read_source(str(path))
    return check(source, **options(source))  # type: ignore[arg-type]


def place(found: Diagnostic, path: Path) -> Place:
    """Where a diagnostic stands; one about an option stands on the first line."""
    source = found.span.source
    number = source.position(found.span.start)[0]
    name = path.name if source.name.startswith("--") else Path(source.name).name
    return name, number, found.severity, found.code


@pytest.mark.parametrize("name", PROGRAMS)
def test_says_what_its_comments_announce_and_nothing_else(name: str) -> None:
    path = PROGRAMS[name]
    announced = expected(path)
    found = run(path).diagnostics
    assert sorted(place(one, path) for one in found) == sorted(where for where, _ in announced)
    for where, part in announced:
        texts = [one.message for one in found if place(one, path) == where]
        assert any(part in text for text in texts), texts


@pytest.mark.parametrize("name", [name for name in PROGRAMS if not expected(PROGRAMS[name])])
def test_good_programs_are_known_throughout(name: str) -> None:
    assert all(network.known for network in run(PROGRAMS[name]).networks)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_table_can_be_made_of_what_is_known(name: str) -> None:
    for network in run(PROGRAMS[name]).networks:
        for row in rows(network):
            assert row.path


@pytest.mark.parametrize("name", PROGRAMS)
def test_messages_are_short_and_in_the_text(name: str) -> None:
    for found in run(PROGRAMS[name]).diagnostics:
        assert 0 <= found.span.start <= found.span.end <= len(found.span.source.text) + 1
        for text in (found.message, *found.hints):
            assert text == text.strip()
            assert 0 < len(text) <= 140
            assert not text.endswith("."), "messages are no sentences"


def test_every_code_has_a_case() -> None:
    covered = {code for path in CASES.rglob("*.cnn") for (_, _, _, code), _ in expected(path)}
    assert covered | ELSEWHERE.keys() == CATALOGUE.keys()
    assert not covered & ELSEWHERE.keys()


def test_announced_codes_exist() -> None:
    for path in CASES.rglob("*.cnn"):
        for (_, number, severity, code), _ in expected(path):
            assert CATALOGUE[code].severity == severity, f"{path.name}:{number}"


def test_the_text_of_an_announcement_is_read() -> None:
    """This test fails if `expected` overlooks what a case announces."""
    assert expected(PROGRAMS["claim"]) == [(("claim.cnn", 2, "error", "claim"), "96@55x55")]
    assert expected(PROGRAMS["good_pattern"]) == []


# ---- what cannot be written into a file of its own

UNREADABLE = {
    "a directory": "a directory",
    "nowhere.cnn": "no file",
    "latin.cnn": "byte 3",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a directory").mkdir()
    (tmp_path / "latin.cnn").write_bytes(b"# \xe9t\xe9\nINPUT \xe2\x86\x92 FC\n")
    return tmp_path


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(name: str, folder: Path) -> None:
    with pytest.raises(Located, match=UNREADABLE[name]) as caught:
        read_source(str(folder / name))
    assert caught.value.diagnostic.code == "unreadable"


def test_a_file_without_read_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.cnn"
    path.write_text("INPUT → FC", encoding="utf-8")
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        with pytest.raises(Located, match="may not be read"):
            read_source(str(path))
    else:
        pytest.skip("this user may read everything")


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "windows.cnn"
    path.write_bytes("\ufeffINPUT(3@8x8)\r\n→ FC(2)\r\n".encode())
    (network,) = check(read_source(str(path))).networks
    assert network.totals.params == 386


#: Texts that are hard to survive: one diagnostic, quickly.
HOSTILE = {
    "empty": ("", "no-network"),
    "blank": ("\n \t\n", "no-network"),
    "a comment": ("# nothing", "no-network"),
    "brackets": ("[" * 100_000, "unclosed-bracket"),
    "balanced brackets": ("INPUT → " + "[" * 100_000 + "ID" + "]" * 100_000, "nesting"),
    "parentheses": ("INPUT → FC(" + "(" * 100_000 + "1" + ")" * 100_000 + ")", "nesting"),
    "minus signs": ("INPUT → FC(" + "-" * 100_000 + "1)", "nesting"),
    "powers": ("INPUT → FC(" + "9^" * 1_000 + "9)", "nesting"),
    "repeats of repeats": ("INPUT → ID" + "*1" * 100_000, "nesting"),
    "noise": ("".join(chr(33 + i * i % 877) for i in range(1_000_000)), "syntax"),
    "null bytes": ("\0" * 1_000_000, "syntax"),
    "digits": ("INPUT → FC(" + "9" * 1_000_000 + ")", "number-limit"),
    "too long": ("#" * 5_000_000, "number-limit"),
    "long sum": ("INPUT → FC(sum(1, j < 10^9))", "number-limit"),
    "nested sums": ("INPUT → FC(sum(sum(1, k < 10_000), j < 10_000))", "number-limit"),
    "blocks within blocks": (
        "".join(f"block B{i + 1} = B{i}\n" for i in range(200)) + "block B0 = ID\nINPUT → B200 → FC",
        "nesting",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    text, code = HOSTILE[name]
    (found,) = check(text).diagnostics
    assert found.code == code
    assert len(found.message) <= 140


_WORDS = re.compile(r"#[^\n]*|\w+|\s+|[^\w\s]")


def mutilated(text: str, dice: random.Random) -> str:
    """The text with one word lost, doubled or exchanged for another of its words."""
    words = _WORDS.findall(text)
    place = dice.randrange(len(words))
    words[place : place + 1] = dice.choice([[], [words[place]] * 2, [dice.choice(words)]])
    return "".join(words)


@pytest.mark.parametrize("name", shipped())
def test_mutilated_specs_are_survived(name: str) -> None:
    text, dice = read_source(name).text, random.Random(name)
    for _ in range(40):
        broken = mutilated(text, dice)
        report = check(broken)
        assert all(found.message for found in report.diagnostics)
        for network in report.networks:
            assert network.known or not report.ok, broken
            assert all(row.path for row in rows(network)), broken
