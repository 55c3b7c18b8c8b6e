"""The shipped networks as they are emitted: free counts bound as their reports show them."""

from __future__ import annotations

import re

from emit_examples import EXAMPLES

from cnndsl.api import Report, check, read_source, shipped
from cnndsl.source import Source

#: The slip of the lecture's slide: meant to fail.
SLIDE = "alexnet_slide"

NAMES = sorted([*(shipped().keys() - {SLIDE}), *EXAMPLES])


def report_of(name: str) -> Report:
    """A shipped network or example, checked."""
    source = Source(f"{name}.cnn", EXAMPLES[name]) if name in EXAMPLES else read_source(name)
    report = check(source, settings=free_counts(source))
    assert report.ok, [f"{found.code}: {found.message}" for found in report.diagnostics]
    return report


def free_counts(source: Source) -> str:
    """Settings for what a pattern leaves free."""
    free = [free for network in check(source).networks for free in network.free]
    return ", ".join(f"{one.name}={'yes' if one.value is True else one.value}" for one in free)


def free_of_variants(name: str) -> Source:
    """A file without its variants and expectations, which hold for its own numbers alone."""
    text = EXAMPLES[name] if name in EXAMPLES else read_source(name).text
    statement = r"^(variant|expect) .*$(\n[ )].*$)*"  # with the lines of its own that follow
    return Source(f"{name}.cnn", re.sub(statement, "", text, flags=re.MULTILINE))
