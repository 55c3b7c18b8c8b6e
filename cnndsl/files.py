"""Files and shipped networks as sources.

By os.path: pathlib takes about as long to import as a network to check.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterable

from cnndsl.diagnostics import did_you_mean, located
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.resources import folder
from cnndsl.source import Source, Span

#: Nothing longer describes a network; what is cut off here is refused for its length.
MAX_BYTES = 20_000_000


def shipped() -> dict[str, str]:
    """The files of the shipped networks by name."""
    specs = folder("specs")
    names = sorted(name for name in os.listdir(specs) if name.endswith(".cnn"))
    return {name.removesuffix(".cnn"): os.path.join(specs, name) for name in names}


def read_source(name: str) -> Source:
    """The text of a file; where there is none of that name, of the shipped network so called.

    Raises Located (unreadable) with what is in the way.
    """
    known = shipped()
    bare = name.lower().removesuffix(".cnn")
    if os.path.exists(name) and not (os.path.isdir(name) and bare in known):
        return _read(name, name)
    if bare not in known:
        shown = name if len(name) < 100 else f"{name[:99]}…"
        message = f"there is no file `{shown}`, nor a shipped network of that name"
        raise _unreadable(name, message, _alike(bare, known))
    return _read(known[bare], os.path.basename(known[bare]))


def find_used(name: str, user: Source) -> Source | None:
    """The file that `use "name"` means: beside the file that says so, else a shipped one."""
    beside = os.path.join(os.path.dirname(user.path), name) if user.path else name
    path = beside if os.path.isfile(beside) else shipped().get(name.removesuffix(".cnn"))
    shown = os.path.join(os.path.dirname(user.name), name) if path == beside else name
    return _read(path, shown) if path else None


def _alike(name: str, known: Iterable[str]) -> str:
    if "→" in name or "->" in name:
        return "this is a network, not a file: `cnndsl check -e` and cnndsl.check take the text itself"
    if family := _family_of(name):
        network, _, variant = family.partition(":")
        return f"it is a variant: {network} --variant {variant}, in compare {family}"
    near = did_you_mean(name, known)
    return f"did you mean {' or '.join(near)}?" if near else "`cnndsl specs` lists the shipped networks"


def _family_of(name: str) -> str:
    """The shipped variant of that name behind its network, in any case: `resnet:ResNet50`; "" if none."""
    import re

    wanted = re.compile(rf"^variant\s+({re.escape(name)})\s*=", re.IGNORECASE | re.MULTILINE)
    for network, path in shipped().items():
        if found := wanted.search(_read(path, network).text):
            return f"{network}:{found[1]}"
    return ""


def _read(path: str, name: str) -> Source:
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES).decode("utf-8-sig")
    except IsADirectoryError:
        raise _unreadable(name, f"`{name}` is a directory", "name a .cnn file in it") from None
    except PermissionError:
        raise _unreadable(name, f"`{name}` may not be read", "its permissions forbid it") from None
    except UnicodeDecodeError as error:
        message = f"`{name}` is not UTF-8 text: byte {error.start + 1} is invalid"
        raise _unreadable(name, message, "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise _unreadable(name, f"`{name}` cannot be read: {error}") from None
    return Source(name, normal(text), os.path.realpath(path))


def normal(text: str) -> str:
    """The text with its lines ended as Unix ends them, however they were."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(name: str, message: str, *hints: str) -> Located:
    return located("unreadable", message, Span(Source(name, ""), 0, 0), *hints)
