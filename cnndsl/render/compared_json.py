"""A comparison as JSON; `cnndsl/schema/compare.schema.json` tells what each property means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnndsl.analysis.alignment import aligned_stages
from cnndsl.analysis.rows import receptive_field
from cnndsl.analysis.stages import Item, Stage, shares, stages
from cnndsl.render.compared import input_of, measures, names_of
from cnndsl.render.items import item_text
from cnndsl.render.json import COSTS, TOTALS, amounts, diagnostic, dumped, fields, plain, shape, span
from cnndsl.render.summary import learnt

if TYPE_CHECKING:
    from cnndsl.api import Report
    from cnndsl.network import Network

SCHEMA = 1


def text(reports: Sequence[Report]) -> str:
    """The document: the networks, how their stages are aligned, what they come to beside each other."""
    networks = [network for report in reports for network in report.networks]
    each = [stages(network) for network in networks]
    by_network = dict(zip(networks, each, strict=True))
    names = dict(zip(networks, names_of(networks), strict=True))
    found = [
        _network(report, network, names[network], by_network[network])
        for report in reports
        for network in report.networks
    ]
    return dumped(
        {
            "schema": SCHEMA,
            "networks": found,
            "rows": _rows(each),
            "compared": _compared(networks),
            "diagnostics": [diagnostic(one) for report in reports for one in report.diagnostics],
        }
    )


def _network(report: Report, network: Network, name: str, found: Sequence[Stage]) -> dict[str, Any]:
    parts = shares(network)
    return {
        "name": name,
        "network": network.name,
        "variant": network.variant,
        "file": report.source.name,
        "arguments": {key: plain(value) for key, value in network.arguments.items()},
        "ok": network.ok,
        "input": shape(input_of(network)),
        "output": shape(network.output),
        "receptive_field": fields(receptive_field(network)) if network.known else None,
        "learnt_layers": learnt(network),
        "totals": amounts(network.totals, TOTALS),
        "by_kind": {kind: amounts(getattr(parts, kind), COSTS) for kind in parts._fields},
        "stages": [_stage(stage) for stage in found],
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "role": stage.role,
        "name": stage.name,
        "scale": stage.scale if stage.role == "stage" else None,
        "output": shape(stage.output),
        **amounts(stage.totals, COSTS),
        "items": [_item(item, pool=False) for item in stage.items]
        + [_item(item, pool=True) for item in stage.pools],
    }


def _item(item: Item, *, pool: bool) -> dict[str, Any]:
    return {
        "text": item_text(item, counted=False),
        "count": item.count,
        "closing_pool": pool,
        "output": shape(item.output),
        **amounts(item.totals, COSTS),
        "span": span(item.node.span),
    }


def _rows(each: Sequence[Sequence[Stage]]) -> list[list[int | None]]:
    """For each row the number of the stage, network by network."""
    numbers = {stage: number for found in each for number, stage in enumerate(found)}
    return [[numbers[cell] if cell else None for cell in row.cells] for row in aligned_stages(each)]


def _compared(networks: Sequence[Network]) -> dict[str, Any]:
    """Numbers of all networks in order, with how many times the least each is."""
    found = {}
    for measure in measures(networks):
        if any(number is not None for number in measure.numbers):
            known = [number for number in measure.numbers if number is not None]
            found[measure.name.replace(" ", "_").lower()] = {
                "values": measure.numbers,
                "least": measure.numbers.index(min(known)),
                "most": measure.numbers.index(max(known)),
                "ratios": measure.ratios,
            }
    return found
