"""What the tests of the language share."""

from __future__ import annotations

from cnndsl.api import Report
from cnndsl.network import Network

IMAGE = "INPUT(3@8x8) → "


def program(text: str) -> str:
    """A program of the tables: one without INPUT goes on from IMAGE."""
    return text if "INPUT" in text else IMAGE + text


def only(report: Report) -> Network:
    assert [(found.code, found.message) for found in report.diagnostics] == []
    (network,) = report.networks
    return network
