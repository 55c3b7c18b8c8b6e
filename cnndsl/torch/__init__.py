"""Networks as live modules: the one place that imports torch, and only when it is asked to.

>>> net = cnndsl.torch.module("alexnet.cnn")
>>> net(torch.randn(8, 3, 227, 227)).shape
torch.Size([8, 1000])
"""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_args

from cnndsl.api import SpecError, single
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.options import Options, Style
from cnndsl.emit.torch import emit_torch
from cnndsl.source import Source

if TYPE_CHECKING:
    from os import PathLike

    from torch import nn


def module(
    file: str | PathLike[str] | Source,
    *,
    style: Style = "modules",
    class_name: str | None = None,
    comments: bool = True,
    **options: Any,
) -> nn.Module:
    """The network of a file, or of a shipped network's name, as an nn.Module on the CPU.

    `style`, `class_name` and `comments` are those of `cnndsl build`, the other options those of
    `cnndsl.load`: `variant`, `settings`, `input`, `strict`. Raises SpecError where the file has errors.
    The module is that of the generated source, which can be read: `inspect.getsource(type(net))`.
    """
    if style not in get_args(Style):
        raise ValueError(f"style is {' or '.join(get_args(Style))}, not {style!r}")
    report = single(file, **options)
    try:
        emitted = emit_torch(report, Options(class_name, style, comments))
    except Located as error:
        raise SpecError([error.diagnostic]) from None
    try:
        import torch  # noqa: F401 - asked for here, so that a missing one is told plainly
    except ImportError:
        raise ImportError("cnndsl.torch needs PyTorch: pip install 'cnndsl[torch]'") from None
    built: nn.Module = eval(emitted.calls[report.networks[0].name], loaded(emitted.text).__dict__)
    return built


def loaded(text: str) -> ModuleType:
    """The generated source as a module of its own, so that pickle and inspect find its classes."""
    name = f"cnndsl._generated_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if name not in sys.modules:
        made = ModuleType(name)
        made.__file__ = f"<{name}>"
        linecache.cache[made.__file__] = (len(text), None, text.splitlines(keepends=True), made.__file__)
        exec(compile(text, made.__file__, "exec"), made.__dict__)  # the generator's own output
        sys.modules[name] = made
    return sys.modules[name]
