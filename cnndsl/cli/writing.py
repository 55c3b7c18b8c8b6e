"""The options that say how a file is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from cnndsl.cli.options import not_blank
from cnndsl.emit.options import Options, Style

Command = Callable[..., None]

_OPTIONS = (
    click.option(
        "--style",
        type=click.Choice(["modules", "flat"]),
        default="modules",
        help="Classes for blocks and loops for repeats, or every layer written out.",
    ),
    click.option("--class-name", metavar="NAME", help="What the network's class is called."),
    click.option(
        "--init",
        default="",
        metavar="METHOD",
        callback=not_blank,
        help="How weights start: he, say (cnndsl explain init).",
    ),
    click.option("--no-comments", is_flag=True, help="Leave out the comments behind #, such as sizes."),
)


def writing_options(command: Command) -> Command:
    """Adds the options; the command gets them together, as `how`."""

    @wraps(command)  # with the options that click has noted on it
    def with_options(
        *arguments: Any, style: Style, class_name: str | None, init: str, no_comments: bool, **others: Any
    ) -> None:
        command(*arguments, how=Options(class_name, style, not no_comments, init), **others)

    for option in reversed(_OPTIONS):
        option(with_options)
    return with_options
