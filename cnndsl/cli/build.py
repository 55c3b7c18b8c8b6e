"""`cnndsl build`: networks as source files for a target."""

from __future__ import annotations

import hashlib
import keyword
import os
import sys
from pathlib import Path

import click

from cnndsl import api
from cnndsl.analysis.unused import idle_init
from cnndsl.cli.options import Request, network_options, reports, status
from cnndsl.cli.output import colour_option, tell, tell_diagnostics
from cnndsl.cli.writing import writing_options
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit import emit
from cnndsl.emit.file import MARK
from cnndsl.emit.layout import printable
from cnndsl.emit.names import identifier
from cnndsl.emit.options import Options
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.parse import parse, parse_initials

HELP = """Write networks as Python source for PyTorch: one file each, with a function for each variant.

\b
Examples:
  cnndsl build alexnet.cnn              writes alexnet.py
  cnndsl build                          all .cnn files of this folder
  cnndsl build resnet vgg -o models     models/resnet.py and models/vgg.py
  cnndsl build resnet --variant ResNet50
  cnndsl build pattern --set N=2,M=3,K=1,pool1=yes
  cnndsl build alexnet -o - | less      to standard output
  cnndsl build alexnet --class-name Net --no-comments
  cnndsl build vgg --init 'he, FC = normal(0.01)'
  cnndsl build resnet --style flat      a class for each ResNet, every layer written out

\b
A file is written as a whole or, where its network has errors, not at all; the others are
written in any case. What cnndsl has not written itself, from the same source, is never
replaced without --force.
Exit status: 0 all is written, 1 something is not, 2 wrong usage.
"""


@click.command("build", help=HELP, short_help="Write networks as Python source.")
@click.option("--emit", "target", type=click.Choice(["torch"]), default="torch", help="What to write for.")
@click.option("-o", "folder", default=".", metavar="DIR", help="Where to write, - for standard output.")
@click.option("--force", is_flag=True, help="Replace files that cnndsl has not written from this source.")
@colour_option
@writing_options
@network_options
def command(request: Request, how: Options, target: str, folder: str, *, force: bool, color: str) -> None:
    if folder.endswith(".py"):
        raise click.UsageError(
            f"-o takes a folder, not {folder}: the file in it is named after the network's"
        )
    if not request.files and request.expression is None:
        request = request._replace(files=_all_here())
    if how.class_name is not None and len(request.files) > 1:
        many = len(request.files)
        raise click.UsageError(
            f"--class-name names one network's class, and there are {many}: build them apart"
        )
    built, worst = [], 0
    for report in reports(request):
        text = _emitted(report, target, how)
        tell_diagnostics(report, color)
        worst = max(worst, status(report))
        if text is not None:
            built.append((_file_name(report), _told_from(text, report, folder)))
    _refuse_clashes(built, folder)
    for name, text in built:
        worst = max(worst, _put(Path(folder), name, text, force=force, colour=color))
    sys.exit(worst)


def _all_here() -> tuple[str, ...]:
    """The files of this folder that hold a network; some have blocks alone, for others to `use`."""
    files = tuple(str(path) for path in sorted(Path().glob("*.cnn")) if not _is_library(str(path)))
    if not files:
        raise click.UsageError("no .cnn file of this folder has a network; name a FILE, or a shipped network")
    return files


def _is_library(name: str) -> bool:
    try:
        statements = parse(api.read_source(name)).statements
    except Located:
        return False  # it is for the report to say what is wrong
    kinds = {type(statement) for statement in statements}
    return ast.Block in kinds and ast.Chain not in kinds


def _emitted(report: api.Report, target: str, how: Options) -> str | None:
    """The source for a report without errors; where there is none, the report says why."""
    if not report.ok:
        return None
    try:
        text = emit(report, target, how)
    except Located as error:
        report.diagnostics.append(error.diagnostic)
        return None
    if how.init:
        report.diagnostics += idle_init(parse_initials(Source("--init", how.init)), report.networks)
    return text


def _file_name(report: api.Report) -> str:
    """`alexnet.py` for `alexnet.cnn`; what comes from no file is named after its net."""
    path = Path(report.source.name)
    assert report.program is not None, "only networks are written"
    stem = path.stem if report.source.path else report.program.name.lower()
    name = identifier(stem)
    if keyword.iskeyword(name) or name in sys.stdlib_module_names | {"torch", "numpy"}:
        name += "_net"  # `torch.py` would hide torch from all files beside it
    return f"{name}.py"


def _told_from(text: str, report: api.Report, folder: str) -> str:
    """The text with its origin in the first line, as seen from where it is written.

    By this a later build knows whose module it would replace: that of this source, or of another one of
    the same name.
    """
    path, where = report.source.path, folder if folder != "-" else "."
    if not path:
        return text
    name = os.path.basename(path)
    origin = f"the shipped {name}" if path in map(os.path.realpath, api.shipped().values()) else name
    if origin == name and Path(path).drive == Path(os.path.realpath(where)).drive:
        origin = Path(os.path.relpath(path, os.path.realpath(where))).as_posix()
    return f"{MARK} from {printable(origin)}.\n{text.partition(chr(10))[2]}"


def _refuse_clashes(built: list[tuple[str, str]], folder: str) -> None:
    names = [name for name, _ in built]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise click.UsageError(
            f"two networks would be written to {twice[0]}: build them into folders of their own"
        )
    if folder == "-" and len(built) > 1:
        raise click.UsageError("-o - takes one network at a time")


def _put(folder: Path, name: str, text: str, *, force: bool, colour: str) -> int:
    """Write a file, and say so or why not; 1 if it is not written."""
    if str(folder) == "-":
        sys.stdout.write(text)
        return 0
    path = folder / name
    try:
        if not force and (reason := _in_the_way(path, text)):
            tell([[("error: ", "error"), (f"{path} {reason}; --force replaces it", "")]], colour)
            return 1
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, _signed(text))
    except OSError as error:
        tell([[("error: ", "error"), (f"{path} cannot be written: {error.strerror}", "")]], colour)
        return 1
    tell([[(f"wrote {path}", "")]], colour)
    return 0


def _signed(text: str) -> str:
    """The text with its checksum in the first line, by which a later build tells it from an edited one."""
    first, _, rest = text.partition("\n")
    return f"{first} Checksum: {_checksum(rest)}\n{rest}"


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _in_the_way(path: Path, text: str) -> str:
    """Why a file must not be replaced; "" if cnndsl wrote it from this source, and nobody has edited it."""
    try:
        there = path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    first, _, rest = there.partition("\n")
    if not first.startswith(MARK):
        return "is not written by cnndsl"
    head, _, checksum = first.partition(" Checksum: ")
    if checksum != _checksum(rest):
        return "was edited since cnndsl wrote it"
    origin, wanted = (
        one.removeprefix(f"{MARK} from ").rstrip(".") for one in (head, text.partition("\n")[0])
    )
    return "" if origin == wanted else f"is the module of {origin}, and this is {wanted}"


def _write(path: Path, text: str) -> None:
    """Put a file in its place as a whole: whoever looks sees the old one or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
