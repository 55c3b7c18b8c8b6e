"""The pictures of the README: `python docs/pictures.py` writes them, `--check` says which ones are stale."""

from __future__ import annotations

import sys
from pathlib import Path

from cnndsl import draw, load

FOLDER = Path(__file__).parent / "pictures"

#: Each picture's network, variant and style.
PICTURES = {
    "lenet5": ("lenet5", "Digits", "lenet"),
    "alexnet_groups": ("alexnet_groups", None, "blocks"),
    "unet": ("unet", "UNetValid", "blocks"),
    "pattern": ("pattern", None, "graph"),
    "resnet34": ("resnet", "ResNet34", "graph"),
}


def main() -> int:
    drawn = {
        FOLDER / f"{name}.svg": draw(load(spec, variant=variant), style=style)
        for name, (spec, variant, style) in PICTURES.items()
    }
    stale = [path for path, text in drawn.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        sys.stderr.writelines(f"{path.name} is stale: run docs/pictures.py\n" for path in stale)
        return 1 if stale else 0
    for path in stale:
        path.write_text(drawn[path], encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
