"""Cells of a notebook written in the language: `%load_ext cnndsl`, then

    %%cnn net
    INPUT(3@32x32) → CONV(64, 3, p=1) → ReLU → POOL(2) → FC(10)

shows the network, with what is wrong below it, and keeps it as `net` for the cells that follow. A text
that cannot be read leaves no `net`: the one before it is not what the cell says.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import HTML, display

from cnndsl.api import Report, check
from cnndsl.begun import begun
from cnndsl.files import normal
from cnndsl.render import html
from cnndsl.source import Source
from cnndsl.webpage import shown


@magics_class
class CnnMagics(Magics):  # type: ignore[misc,unused-ignore]  # IPython's classes have no types of their own
    """The cell magic `%%cnn`."""

    @magic_arguments()
    @argument(
        "name", nargs="?", help="keep the network under this name; a dict of them where a file has variants"
    )
    @argument("--variant", action="append", default=[], help="one of the variants; may be repeated")
    @argument(
        "--set", action="append", default=[], dest="settings", metavar="N=2,M=3", help="values for parameters"
    )
    @argument("--input", default="", metavar="3@128x128", help="another shape for the input")
    @argument("--strict", action="store_true", help="divisions with a remainder are errors")
    @argument("--pedantic", action="store_true", help="warn of more")
    @cell_magic
    def cnn(self, line: str, cell: str) -> None:
        """Check the network in this cell and show it."""
        asked = parse_argstring(self.cnn, line)
        if asked.name and not _is_name(asked.name):
            raise UsageError(f"%%cnn: `{asked.name}` is no name for a variable of Python")
        report = check(
            Source("<cell>", normal(cell)),
            settings=", ".join(asked.settings),
            input=asked.input,
            variants=asked.variant,
            strict=asked.strict,
            pedantic=asked.pedantic,
        )
        display(HTML(_shown(report) + self._keep(asked.name, report)))

    def _keep(self, name: str | None, report: Report) -> str:
        """Keep the network under a name; what there is to say of it."""
        if not name or not self.shell:
            return ""
        if report.networks:
            self.shell.user_ns[name] = _kept(report)
            return ""
        self.shell.user_ns.pop(name, None)
        return html.note(f"there is no network to be kept: {name} is not defined")


def _is_name(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name)


def _shown(report: Report) -> str:
    """The networks of a report and its diagnostics as HTML."""
    networks = report.networks or [*filter(None, [begun(report)])]
    parts = [html.overview(networks) if len(networks) > 1 else "".join(map(shown, networks))]
    return "".join([*parts, html.messages(report.diagnostics), html.note(report.unchecked)])


def _kept(report: Report) -> Any:
    """The network, or where there are several, all of them by name."""
    if len(report.networks) == 1:
        return report.networks[0]
    return {network.name: network for network in report.networks}


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext cnndsl` calls."""
    shell.register_magics(CnnMagics)
