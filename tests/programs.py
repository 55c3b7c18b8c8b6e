"""What the tests of the language share."""

from __future__ import annotations

from cnndsl.analysis.lints import LINTS
from cnndsl.api import Report
from cnndsl.network import Network

IMAGE = "INPUT(3@8x8) → "


def program(text: str) -> str:
    """A program of the tables: one without INPUT goes on from IMAGE."""
    return text if "INPUT" in text else IMAGE + text


def only(report: Report) -> Network:
    """The network of a report that finds nothing wrong; small as they are, lints do not count.

    Nor does it that some define more than they use.
    """
    found = [one for one in report.diagnostics if one.code not in {*LINTS, "unused"}]
    assert [(one.code, one.message) for one in found] == []
    (network,) = report.networks
    return network
