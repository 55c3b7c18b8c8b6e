"""Networks held against patterns, for the tests of both."""

from __future__ import annotations

from cnndsl import api
from cnndsl.analysis.pattern import LECTURE, Match, match, read_pattern
from cnndsl.source import Source

IMAGE = "INPUT(8@16x16)"


def matched(text: str, pattern: str = LECTURE) -> Match:
    """How a network (a text, a shipped network's name, or `name:Variant`) follows a pattern."""
    name, _, variant = text.partition(":")
    source = Source("net.cnn", text) if "→" in text else api.read_source(name)
    (network,) = api.check(source, variants=[variant] if variant and "→" not in text else []).networks
    return match(network, read_pattern(Source("--pattern", pattern)))
