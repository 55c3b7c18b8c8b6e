"""How a network follows a pattern, for a terminal and as JSON.

AlexNet follows INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC
counts   N = 1, 1, 3; M = 3; K = 2
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnndsl.analysis.pattern.departure import described, diagnosed
from cnndsl.render.diagnostics import detailed
from cnndsl.render.json import diagnostic as as_json
from cnndsl.render.json import dumped, plain, span
from cnndsl.render.table import WIDEST, broken
from cnndsl.render.text import Line, aligned, shown, width

if TYPE_CHECKING:
    from cnndsl.analysis.pattern import Match
    from cnndsl.api import Report

#: A list of more values than this is cut.
MAX_LISTED = 24


def lines(matches: Sequence[Match], limit: int | None) -> Iterator[Line]:
    """One network in full, several in a line each."""
    if len(matches) == 1:
        yield from _one(matches[0], limit)
        return
    pattern = matches[0].pattern.text
    yield [(f"{matches[0].network.program.name}, beside ", "title"), (pattern, "size")]
    yield []
    rows = [(match.network.name, "yes" if match.follows else "no", verdict(match)) for match in matches]
    yield from aligned([("variant", "follows", "how"), *rows], head=True, styles=("total",))
    yield from ([], [(f"--variant {matches[-1].network.name}", "hint"), (" tells more", "")])


def verdict(match: Match) -> str:
    """`N = 1, 1, 3; M = 3; K = 2`, or where it departs: `from bottleneck1[0] on: a sum of 2 paths`."""
    departure = match.departure
    if departure is None:
        return counts(match) or "as it is"
    if departure.found is None:
        return "ends too early"
    line, _ = departure.span.source.position(departure.span.start)
    return f"departs at {departure.place.path or f'line {line}'}: {described(departure.found)}"


def counts(match: Match) -> str:
    """The counts by name; one that is the same each time stands once."""
    return "; ".join(f"{name} = {listed(values)}" for name, values in match.derived.counts.items())


def listed(values: Sequence[Any]) -> str:
    """Values in order: `1, 1, 3`; `2 each time`; a dash where there is none."""
    if not values:
        return "–"
    if len(values) > 1 and all(value == values[0] for value in values):
        return f"{shown(values[0])} each time"
    more = f", … ({len(values)} in all)" if len(values) > MAX_LISTED else ""
    return ", ".join(map(shown, values[:MAX_LISTED])) + more


def _one(match: Match, limit: int | None) -> Iterator[Line]:
    verb = "follows" if match.follows else "departs from"
    yield [(f"{match.network.name} {verb} ", "title"), (match.pattern.text, "size")]
    facts = _facts(match)
    if facts:
        yield from _aligned(facts, limit or WIDEST)
    if found := diagnosed(match):
        yield []
        yield from detailed([found], limit)


def _facts(match: Match) -> list[tuple[str, str]]:
    """What there is to say of a match, by name."""
    facts = [("member", ", ".join(f"{one.name} = {shown(one.value)}" for one in match.network.free))]
    if match.follows:
        found = match.derived
        facts.append(("counts", counts(match)))
        facts += [(name, listed(values)) for name, values in found.choices.items() if values]
        facts += [(name, listed(values)) for name, values in found.values.items()]
        facts.append(("that is", found.text))
        facts.append(("besides", _besides(match)))
    return [(name, text) for name, text in facts if text]


def _besides(match: Match) -> str:
    passed = [f"{count} {kind}" for kind, count in match.derived.passed.items()]
    further = [f"the {chain.kind} {chain.name}" for chain in match.network.chains if chain.name]
    return ", ".join([*passed, *further])


def _aligned(facts: Sequence[tuple[str, str]], room: int) -> Iterator[Line]:
    space = max(width(name) for name, _ in facts) + 2
    for name, text in facts:
        for number, line in enumerate(broken(text, " → ", room - space)):
            lead = "" if number else name
            yield [(f"{lead}{' ' * (space - width(lead))}", "total"), (line, "")]


# ---- JSON


def text(found: Sequence[tuple[Report, Sequence[Match]]], pattern: str) -> str:
    """The document; `cnndsl/schema/match.schema.json` tells what each property means."""
    networks = [one for report, matches in found for one in _objects(report, matches)]
    return dumped({"schema": 1, "pattern": pattern, "networks": networks})


def _objects(report: Report, matches: Sequence[Match]) -> list[dict[str, Any]]:
    """An object for each network; a file of which nothing is understood counts as one."""
    nothing: dict[str, Any] = dict.fromkeys(("network", "variant", "follows", "derivation", "departure"))
    nothing |= {name: {} for name in ("counts", "choices", "values", "passed")}
    nothing |= {"file": report.source.name, "diagnostics": [as_json(one) for one in report.diagnostics]}
    found = [nothing | _object(match) for match in matches]
    for one, match in zip(found, matches, strict=True) if len(matches) > 1 else ():
        one["diagnostics"] = [as_json(diagnostic) for diagnostic in match.network.diagnostics]
    return found or [nothing]


def _object(match: Match) -> dict[str, Any]:
    found = match.derived
    return {
        "network": match.network.name,
        "variant": match.network.variant,
        "follows": match.follows,
        "counts": found.counts,
        "choices": found.choices,
        "values": {name: [plain(value) for value in values] for name, values in found.values.items()},
        "passed": found.passed,
        "derivation": found.text,
        "departure": _departure(match),
    }


def _departure(match: Match) -> dict[str, Any] | None:
    departure, said = match.departure, diagnosed(match)
    if departure is None or said is None:
        return None
    return {
        "path": departure.place.path,
        "found": described(departure.found) if departure.found else None,
        "expected": departure.expected,
        "may_end": departure.ends,
        "message": said.message,
        "span": span(departure.span),
    }
