"""The commands by name, each loaded when it is called for."""

from __future__ import annotations

from importlib import import_module

import click

import cnndsl
from cnndsl.diagnostics import did_you_mean

HELP = """Sizes, parameters and PyTorch code for convolutional networks, from the notation of your lecture.

\b
Examples:
  cnndsl specs                      the shipped networks
  cnndsl check alexnet              all layers of one of them
  cnndsl check my.cnn               … of a file of your own
  cnndsl check resnet --variant ResNet50
  cnndsl check -e 'INPUT(3@32x32) → [CONV → ReLU → POOL]*2 → FC(10)'
  cnndsl build my.cnn               write my.py, a PyTorch module
  cnndsl check --help               more examples

\b
Completion of names by the Tab key, for bash (zsh and fish alike):
  eval "$(_CNNDSL_COMPLETE=bash_source cnndsl)"
"""

#: Command: what it does, for the list of commands.
COMMANDS = {
    "check": "Show the layers of networks with their sizes and costs, and what is wrong with them.",
    "build": "Write networks as Python source for PyTorch.",
    "draw": "Draw networks as pictures with computed sizes.",
    "explain": "Explain a diagnostic's code, a layer or a network, with the numbers worked.",
    "compare": "Show networks side by side.",
    "match": "Tell whether networks follow a pattern, and with which counts.",
    "fmt": "Write files in the one canonical layout.",
    "report": "Write a page about a network, to be opened in a browser.",
    "solve": "Find values for the holes `?` of networks, so that their claims hold.",
    "family": "List the members of a family, with what they cost; filter and sort them.",
    "specs": "List the shipped networks.",
}


class Commands(click.Group):
    """Knows the names; the module of a command is loaded when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"cnndsl.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of that name; one who names a network at once is told of `check`."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        near = did_you_mean(name, COMMANDS)
        meant = near[0] if near else f"check {name}"
        raise click.UsageError(f"there is no command `{name}`, did you mean `cnndsl {meant}`?")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])


app = Commands(
    "cnndsl", help=HELP, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True
)
app = click.version_option(cnndsl.__version__, prog_name="cnndsl", message="%(prog)s %(version)s")(app)
