"""The command `cnndsl`. Thin: what it does is in `cnndsl.api`, how it looks in `cnndsl.render`."""

from __future__ import annotations

import gc
import sys
from io import TextIOWrapper

#: How a shell is told to end a program that broke: sysexits.h, EX_SOFTWARE.
BROKEN = 70
#: How it is told that nobody reads on: 128 + SIGPIPE, as `cnndsl family pattern | head` ends other programs.
CLOSED = 141


def main() -> None:
    """Run the command line; whatever happens, there is no traceback."""
    try:
        gc.set_threshold(100_000)  # a short life: looking for garbage every 700 objects takes 5 % of it
        _use_utf8()
        from cnndsl.cli.app import app

        app(prog_name="cnndsl")
    except SystemExit as ended:
        closed = type(sys.stdout).__name__.endswith("PacifyFlushWrapper")  # put there by click
        sys.exit(CLOSED if closed else ended.code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:  # the output cannot be written: a full disk, a closed stream
        sys.exit(f"cnndsl: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - a fault of cnndsl; its user cannot read a traceback
        sys.exit(_fault(error))


def _use_utf8() -> None:
    """Arrows and brackets need it, wherever the output goes; what UTF-8 cannot hold is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fault(error: Exception) -> int:
    """Say in two lines where cnndsl broke."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "an unknown place"
    sys.stderr.write(f"cnndsl: internal error: {type(error).__name__}: {str(error)[:500]!r} at {where}\n")
    sys.stderr.write("This is a fault of cnndsl, not of your network. Please report it with your file.\n")
    return BROKEN
