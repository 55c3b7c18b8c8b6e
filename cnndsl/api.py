"""What `import cnndsl` offers: load, check, and what they return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from cnndsl.analysis.expects import check_expectation, variants_named
from cnndsl.analysis.lints import lint
from cnndsl.analysis.rows import rows
from cnndsl.analysis.unused import idle_init, unused
from cnndsl.diagnostics import Diagnostic, Problem, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.elaborate import elaborate
from cnndsl.elaborate.evaluate import Scope
from cnndsl.elaborate.leaves import make_input
from cnndsl.elaborate.program import Collector, Program
from cnndsl.elaborate.shapes import Extents, read_input
from cnndsl.files import find_used, normal, read_source, shipped
from cnndsl.network import Network
from cnndsl.record import Record, fresh
from cnndsl.shape import Shape
from cnndsl.source import Source, Span
from cnndsl.syntax.parse import parse, parse_arguments

if TYPE_CHECKING:
    from os import PathLike

    from cnndsl.analysis.filled import Filled
    from cnndsl.analysis.solve import Bounds, Solved

__all__ = ["Report", "SpecError", "check", "load", "read_source", "rows", "shipped"]


class SpecError(Exception):
    """A file has errors; `diagnostics` holds them as values."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        lines = [[str(one), *(f"    help: {hint}" for hint in one.hints)] for one in self.diagnostics]
        super().__init__("\n".join(line for said in lines for line in said))


class Report(Record):
    """What checking a file gave: its networks, one per variant, and all there is to say."""

    source: Source
    program: Program | None = None
    networks: list[Network] = fresh(factory=list)
    diagnostics: list[Diagnostic] = fresh(factory=list)
    #: What the search for the values of holes has found, where there are holes.
    solved: Solved | None = None
    #: Why expectations were not looked at; "" if they were.
    unchecked: str = ""

    @property
    def ok(self) -> bool:
        return not any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def __repr__(self) -> str:
        """`<Report on alexnet.cnn: AlexNet, 0 diagnostics>`."""
        names, number = ", ".join(network.name for network in self.networks), len(self.diagnostics)
        said = f"{number} diagnostic{'s' * (number != 1)}"
        return f"<Report on {self.source.name}: {names or 'no network'}, {said}>"


def check(
    text: str | Source,
    *,
    settings: str = "",
    input: str = "",
    variants: Iterable[str] = (),
    strict: bool = False,
    pedantic: bool = False,
    ignore: Iterable[str] = (),
    bounds: Bounds | None = None,
) -> Report:
    """Check a network given as text.

    >>> check("INPUT(3@32x32) → CONV(8, 3) → ReLU → FC(10)").networks[0].totals.params
    72234
    >>> (found,) = check("INPUT(3@32x32) CONV(8, 3)").diagnostics
    >>> found.code, found.span.text, found.fixes[0].title
    ('missing-arrow', 'CONV(8, 3)', 'insert an arrow')

    `settings` binds parameters and free counts (`"N=2, M=3"`), `input` replaces the input's shape
    (`"3@128x128"`), `variants` narrows the file's variants to those named, `strict` makes a
    division with a remainder an error. `pedantic` looks for what well-known networks do as well,
    `ignore` names codes of warnings that are not to be reported, `bounds` how far holes `?` are
    solved for. Never raises on account of the
    text: what is wrong with it is in the report's diagnostics.
    """
    source = text if isinstance(text, Source) else Source("<text>", normal(text))
    how = _How(settings, input, tuple(variants), strict, pedantic, tuple(ignore), bounds)
    report = _checked(source, how)
    if any(not fix.safe for found in report.diagnostics for fix in found.fixes):
        _offer(report, how)
    return report


class _How(NamedTuple):
    """The options of a check. `advise`: look for what is beside errors, for lints and for advice."""

    settings: str
    input: str
    variants: tuple[str, ...]
    strict: bool
    pedantic: bool
    ignore: tuple[str, ...]
    bounds: Bounds | None
    advise: bool = True


def _offer(report: Report, how: _How) -> None:
    """Leave of the fixes that are not safe only those that hold."""
    if report.program is None or report.program.holes:
        return
    from cnndsl.analysis.offers import only_those_that_hold

    def errors(source: Source) -> list[Diagnostic] | None:
        tried = _checked(source, how._replace(advise=False))
        return [one for one in tried.diagnostics if one.severity == "error"] if tried.program else None

    only_those_that_hold(report.diagnostics, report.source, errors)


def _checked(source: Source, how: _How) -> Report:
    report = Report(source)
    if source.path is None and source.text.endswith(".cnn") and not source.text.count("\n"):
        hint = "cnndsl.load and cnndsl.torch.module read files"
        message = "this is the name of a file, not a network"
        span = Span(source, 0, len(source.text))
        report.diagnostics.append(Diagnostic("no-network", message, span, hints=(hint,)))
        return report
    try:
        arguments = parse_arguments(Source("--set", f"({how.settings})")) if how.settings else None
        shape = input_shape(how.input) if how.input else None
        program = Collector(parse, find_used).network(source)
        report.program = program
        _elaborate(report, program, how, arguments, shape)
        if how.advise:
            _advise(report, program, how, overridden=shape is not None)
    except Located as error:
        report.diagnostics.append(error.diagnostic)
        return report
    except Problem as problem:  # in the arguments of --input
        span = Span(Source("--input", how.input), 0, len(how.input))
        report.diagnostics.append(Diagnostic(problem.code, problem.message, span, hints=problem.hints))
        return report
    _check_expectations(report, _overridden(arguments, shape))
    _ignore(report.networks, program, how.ignore)
    report.diagnostics += _distinct(d for network in report.networks for d in network.diagnostics)
    return report


def _elaborate(report: Report, program: Program, how: _How, arguments: Any, shape: Shape | None) -> None:
    """The networks of a program, with values for its holes."""
    names = chosen(program, how.variants)
    filled = _filled(program, names, arguments, how.bounds) if program.holes else None
    values = filled.values if filled else None
    report.solved = filled.found if filled else None
    for name in names:
        network = elaborate(program, name, arguments, strict=how.strict, input=shape, holes=values)
        report.networks.append(network)
    report.networks[0].diagnostics += filled.told(report.networks) if filled else []


def _advise(report: Report, program: Program, how: _How, *, overridden: bool) -> None:
    """What the whole network tells of its errors; where there are none, the lints."""
    broken = [network for network in report.networks if not network.ok]
    if broken:
        from cnndsl.analysis.advice import advise

        for network in broken:
            advise(network, overridden=overridden)
        return  # behind an error, sizes are not those meant
    for network in report.networks:
        network.diagnostics += lint(network, pedantic=how.pedantic)
    report.networks[0].diagnostics += unused(program)
    if program.init and not how.variants:  # a kind may be another variant's
        report.networks[0].diagnostics += idle_init(program.init, report.networks)


def load(file: str | PathLike[str] | Source, **options: Any) -> Network:
    """The network of a file, or of a shipped network's name; raises SpecError where it has errors.

    >>> load("alexnet").totals.params
    62378344

    A file with variants needs one of them: `load("resnet", variant="ResNet50")`. The other options
    are those of `check`.
    """
    return single(file, **options).networks[0]


def single(file: str | PathLike[str] | Source, *, variant: str | None = None, **options: Any) -> Report:
    """The report on one network of a file; raises SpecError (errors), ValueError (several variants)."""
    try:
        source = file if isinstance(file, Source) else read_source(str(file))
    except Located as error:
        raise SpecError([error.diagnostic]) from None
    report = check(source, variants=[variant] if variant else (), **options)
    if not report.ok:
        raise SpecError(report.diagnostics)
    if len(report.networks) > 1:
        names = ", ".join(network.name for network in report.networks)
        raise ValueError(f"{source.name} has several variants, name one by variant=: {names}")
    return report


def _filled(program: Program, names: list[str | None], arguments: Any, bounds: Bounds | None) -> Filled:
    """Values for the holes of a file."""
    from cnndsl.analysis.solve import fill

    return fill(program, names, arguments, bounds)


def input_shape(text: str) -> Shape:
    """The shape that `--input` means; raises Located, and Problem where a size is out of bounds."""
    arguments = parse_arguments(Source("--input", f"({text})"))
    if len(arguments.items) != 1 or arguments.items[0].name:
        raise located("argument-type", "--input takes one shape", arguments.span, "--input 3@128x128")
    source = Source("--input", text)
    shape = read_input(arguments.items[0].value, Scope(Program(source)), Extents())
    make_input(shape)  # raises Problem where a size is out of bounds
    return shape


def chosen(program: Program, wanted: tuple[str, ...]) -> list[str | None]:
    """The variants to look at; [None] is the network of a file without any."""
    for name in wanted:
        if name not in program.variants:
            source = Source("--variant", name)
            if not program.variants:
                raise located(
                    "undefined", f"{program.source.name} has no variants", Span(source, 0, len(name))
                )
            message = f"{program.source.name} has no variant `{name}`"
            hint = f"there are {', '.join(program.variants)}"
            raise located("undefined", message, Span(source, 0, len(name)), hint)
    return [*wanted] or [*program.variants] or [None]


def _overridden(arguments: Any, shape: Shape | None) -> str:
    """What makes this another network than the one that claims and expectations are about."""
    changed = [item.name for item in (arguments.items if arguments else ()) if item.name]
    parts = [*(["--input"] if shape else []), *(f"--set {name}" for name in changed)]
    return " and ".join(parts)


def _check_expectations(report: Report, overridden: str) -> None:
    """Add what does not hold to the networks' diagnostics. Errors come first: one cause, one message."""
    program, networks = report.program, {network.name: network for network in report.networks}
    claims = program is not None and program.claims and not report.solved  # solved for under --set
    if overridden and program is not None and (program.expects or claims):
        as_written = "claims and expectations are about the network as written"
        report.unchecked = f"{as_written}; with {overridden} it is another"
        return
    if program is None or not program.expects or overridden:
        return
    if not all(network.ok for network in report.networks):
        report.unchecked = "expectations were not checked, since there are errors"
        return
    for expect in program.expects:
        named = variants_named(expect.claim, set(program.variants))
        if not named <= networks.keys():
            continue
        about = [network for network in report.networks if not named or network.name in named]
        for network in about:
            wrong = check_expectation(expect, network, networks)
            if wrong:
                network.diagnostics.append(wrong)


def _ignore(networks: list[Network], program: Program, codes: tuple[str, ...]) -> None:
    """Take out what comments or the caller ignore, and say which of these codes there are not."""
    programs = [program, *(block.program for block in program.blocks.values())]
    if not codes and not any("cnndsl:" in one.source.text for one in programs):
        return
    from cnndsl.diagnostics.ignores import ignores, kept, refused

    comments = {one.source: ignores(one.source) for one in programs}
    given = [refused(code, Span(Source("--ignore", code), 0, len(code))) for code in codes]
    wrong = [*filter(None, given), *(found for said in comments.values() for found in said.diagnostics)]
    for network in networks:
        network.diagnostics = kept([*network.diagnostics, *wrong], comments, frozenset(codes))


def _distinct(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once, although several variants share it; in the order of the text."""
    found: dict[tuple[str, int, int], Diagnostic] = {}
    for diagnostic in diagnostics:
        key = (diagnostic.code, id(diagnostic.span.source), diagnostic.span.start)
        found.setdefault(key, diagnostic)
    return sorted(found.values(), key=lambda d: (d.span.source.name, d.span.start))
