"""A report as JSON; `cnndsl/schema/check.schema.json` tells what each property means."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnndsl.analysis.inputs import valid_inputs
from cnndsl.analysis.rows import receptive_field, rows
from cnndsl.render.summary import doc, worded
from cnndsl.shape import Shape, Symbolic
from cnndsl.values import Partial

if TYPE_CHECKING:
    from cnndsl.analysis.fields import Sights
    from cnndsl.analysis.inputs import Inputs
    from cnndsl.analysis.periodic import Sizes
    from cnndsl.analysis.rows import Row
    from cnndsl.api import Report
    from cnndsl.diagnostics import Diagnostic
    from cnndsl.layers import Layer, Reach
    from cnndsl.network import Network, Totals
    from cnndsl.source import Span

#: Changes whenever a property changes its meaning or goes.
SCHEMA = 1
TOTALS = ("params", "weights", "biases", "neurons", "macs", "flops", "layers")
COSTS = TOTALS[:5]

#: Characters that JSON allows in strings, but that act on a terminal or fit no encoding.
_UNSAFE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")


def text(reports: Sequence[Report], *, expand: bool) -> str:
    """The document: one object for one network, `{"networks": […]}` for several."""
    objects = [one for report in reports for one in _objects(report, expand)]
    document = objects[0] if len(objects) == 1 else {"schema": SCHEMA, "networks": objects}
    return dumped(document)


def dumped(document: Any) -> str:
    """A document as text that is safe to print."""
    return _safe(json.dumps(document, ensure_ascii=False, indent=2))


def line(document: Any) -> str:
    """A document in one line."""
    return _safe(json.dumps(document, ensure_ascii=False))


def _safe(written: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)


def _objects(report: Report, expand: bool) -> list[dict[str, Any]]:
    """The report's networks; a file of which nothing is understood counts as one without layers."""
    if not report.networks:
        return [_nothing(report)]
    single = len(report.networks) == 1
    return [
        _network(report, network, report.diagnostics if single else network.diagnostics, expand)
        for network in report.networks
    ]


def _nothing(report: Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "network": report.program.name if report.program else None,
        "variant": None,
        "file": report.source.name,
        "doc": "",
        "arguments": {},
        "output": None,
        "receptive_field": None,
        "totals": dict.fromkeys(TOTALS),
        "totals_all": dict.fromkeys(TOTALS),
        "outputs": [],
        "layers": [],
        "assumptions": [],
        "free": [],
        "init": None,
        "valid_inputs": None,
        "unchecked": None,
        "diagnostics": [diagnostic(one) for one in report.diagnostics],
    }


def _network(
    report: Report, network: Network, diagnostics: Sequence[Diagnostic], expand: bool
) -> dict[str, Any]:
    return _nothing(report) | {
        "network": network.name,
        "variant": network.variant,
        "doc": "\n".join(doc(network.program)),
        "arguments": {name: plain(value) for name, value in network.arguments.items()},
        "output": shape(network.output),
        "receptive_field": fields(receptive_field(network)) if network.known else None,
        "totals": _totals(network.totals, network.known),
        "totals_all": _totals(network.all_totals, network.known),
        "outputs": [
            {
                "name": chain.name,
                "kind": chain.kind,
                "counted": chain.counted,
                "output": shape(chain.node.output),
            }
            for chain in network.chains
        ],
        "layers": [_layer(row) for row in rows(network, expand=expand)],
        "assumptions": [one._asdict() | {"span": span(one.span)} for one in network.assumptions],
        "free": [
            {
                "name": one.name,
                "value": plain(one.value),
                "range": one.range,
                "bound": one.name in network.bound,
                "span": span(one.span),
            }
            for one in network.free
        ],
        "init": _init(network),
        "valid_inputs": _valid_inputs(network),
        "unchecked": report.unchecked or None,
        "diagnostics": [diagnostic(one) for one in diagnostics],
    }


def _init(network: Network) -> dict[str, Any] | None:
    """How the weights start, by kind of layer."""
    if network.init is None:
        return None
    kinds = {
        kind: {"method": recipe.method, "fan": recipe.fan, "arguments": recipe.values}
        for kind, recipe in network.init.recipes.items()
    }
    return {"text": network.init.text, "kinds": kinds}


def _valid_inputs(network: Network) -> dict[str, Any] | None:
    found = valid_inputs(network)
    if found is None:
        return None
    return {
        "text": worded(found.all),
        "ties": [list(tie) for tie in found.all.ties],
        "main": _boxes(found.main),
        "all": _boxes(found.all),
        "same_module": _boxes(found.fixed) if found.fixed else None,
    }


def _boxes(inputs: Inputs) -> list[dict[str, Any]]:
    return [{name: _extents(sizes) for name, sizes in box.items()} for box in inputs.boxes]


def _extents(sizes: Sizes) -> dict[str, Any]:
    return {
        "numbers": sorted(sizes.head),
        "from": sizes.start if sizes.residues else None,
        "period": sizes.period,
        "residues": sorted(sizes.residues),
    }


def _totals(totals: Totals, known: bool) -> dict[str, int | str | None]:
    return amounts(totals, TOTALS) if known else dict.fromkeys(TOTALS)


def amounts(totals: Totals, names: Sequence[str]) -> dict[str, int | str | None]:
    """Totals by name; what an error has left unknown is null."""
    return {name: _number(getattr(totals, name)) for name in names}


def _number(value: Any) -> int | str | None:
    """A number; a closed form in the input's extents is a text, what is unknown null."""
    if isinstance(value, Symbolic):
        return None if value.unknown else str(value)
    number: int | None = value
    return number


def _layer(row: Row) -> dict[str, Any]:
    costs = {name: _number(getattr(row.totals, name)) for name in (*COSTS, "flops")}
    return {
        "path": row.path,
        "kind": row.kind,
        "layer": str(row.layer) if row.layer else None,
        "arguments": _arguments(row.layer) if row.layer else {},
        "implied": row.node is None,
        "chain": row.chain.name,
        "count": row.count,
        "input": shape(row.input),
        "output": shape(row.output),
        "sizes": _sizes(row),
        **costs,
        "receptive_field": _field(row),
        "gated": row.gated,
        "span": span(row.span),
    }


def _sizes(row: Row) -> str:
    known = row.known and row.output and not row.output.unknown
    return row.layer.sizes(row.input) if known and row.layer and row.input else ""


def _arguments(layer: Layer) -> dict[str, Any]:
    return {name: plain(getattr(layer, spec.field)) for name, spec in layer.hypers().items()}


def _field(row: Row) -> Any:
    """A list with an object per axis; "all" for the whole input, null where it is unknown."""
    if row.output is None or row.kind == "FLATTEN":
        return None
    return fields(row.sights)


def fields(sights: Sights) -> Any:
    return "all" if sights is None else None if not sights else [_sight(sight) for sight in sights]


def _sight(sight: Reach) -> dict[str, int | float]:
    each = {"size": sight.size, "jump": sight.jump, "start": sight.start}
    return {name: int(value) if value == value // 1 else float(value) for name, value in each.items()}


def shape(found: Shape | None) -> list[int | str | None] | None:
    """Channels first: `[96, 55, 55]`; closed forms as texts, unknown sizes as null."""
    return [_number(size) for size in (found.channels, *found.extents)] if found else None


def plain(value: Any) -> Any:
    """A value of the language as JSON has it; blocks and layer kinds by their names."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (Shape, Partial)):
        return [_number(size) for size in (value.channels, *value.extents)]
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return getattr(value, "kind", None) or value.name


def diagnostic(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "span": span(found.span),
        "labels": [{"message": label.text, "span": span(label.span)} for label in found.labels],
        "hints": list(found.hints),
        "fixes": [
            {
                "title": fix.title,
                "safe": fix.safe,
                "edits": [{"span": span(edit.span), "text": edit.text} for edit in fix.edits],
            }
            for fix in found.fixes
        ],
    }


def span(found: Span) -> dict[str, Any]:
    """Lines and columns from 1, in code points; `end_column` is the first one behind."""
    line, column = found.source.position(found.start)
    end_line, end_column = found.source.position(found.end)
    return {
        "file": found.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "start": found.start,
        "end": found.end,
    }
