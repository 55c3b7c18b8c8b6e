"""Hatchling's build hook: writes `cnndsl/syntax/_parser.py` from `grammars/cnn.lark`.

The stand-alone parser has its tables built ahead and doesn't import lark; `cnndsl/syntax/grammar.py`
tells what it spares. It runs for wheels and for editable installs: `pip install -e .` after an edit
of the grammar. Only a wheel needs the grammar, the shipped networks and the codes' pages inside the
package; an editable install finds them beside it.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from lark.tools.standalone import gen_standalone

PARSER = "cnndsl/syntax/_parser.py"
#: What the parser imports for what cnndsl never asks of it (logging, saving its tables), and what
#: stands for it: these modules would take as long to load as a network takes to check.
SPARED = {
    "import logging\n": "",
    'logger: logging.Logger = logging.getLogger("lark")\n': "logger: Any\n",
    "logger.addHandler(logging.StreamHandler())\n": "",
    "logger.setLevel(logging.CRITICAL)\n": "",
    "import pickle, zlib, base64\n": "",
}
#: Folders of the checkout, and where a wheel has them.
FOLDERS = {"grammars": "cnndsl/grammars", "specs": "cnndsl/specs", "docs/codes": "cnndsl/pages"}


class ParserHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before each build of a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        (root / PARSER).write_text(standalone_parser(root), encoding="utf-8")
        build_data["artifacts"].append(f"/{PARSER}")  # git ignores it, the wheel must not
        if version == "standard":
            build_data["force_include"].update(FOLDERS)


def standalone_parser(root: Path) -> str:
    """The parser's source, as lark writes it, and the text of the grammar that it is for."""
    sys.path.insert(0, str(root))
    from cnndsl.syntax import grammar

    out = io.StringIO()
    gen_standalone(grammar._from_grammar(None)[0], out=out)  # type: ignore[no-untyped-call]
    text = out.getvalue()
    for spared, instead in SPARED.items():
        if text.count(spared) != 1:
            raise RuntimeError(f"lark's stand-alone parser has changed: {spared!r} is not in it once")
        text = text.replace(spared, instead)
    return f"{text}\nGRAMMAR = {grammar.grammar_text()!r}\n"
