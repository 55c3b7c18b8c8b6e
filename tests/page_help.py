"""Reads the pages that `cnndsl report` writes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: Elements that end where they start.
VOID = {"meta", "br"}


class Page(HTMLParser):
    """A page whose elements must be nested rightly: its layers, and those that it explains."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.paths: list[str] = []
        self.explained: list[str] = []
        self.feed(text)
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.paths += filter(None, (values.get("data-path") or "").split(" "))
        self.explained += filter(None, [values.get("data-for")])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def section(text: str, name: str) -> str:
    """The part of a page with that name, as text without its elements; "" if it has none."""
    found = re.search(rf'<section id="{name}">.*?</section>', text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""
