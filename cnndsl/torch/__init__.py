"""Networks as live modules: the one place that imports torch, and only when it is asked to.

>>> model = cnndsl.torch.module("alexnet.cnn")
>>> model(torch.randn(8, 3, 227, 227)).shape
torch.Size([8, 1000])
"""

from __future__ import annotations

import hashlib
import linecache
import os.path
import re
import sys
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, get_args

from cnndsl.api import Report, SpecError, single
from cnndsl.diagnostics.diagnostic import Located
from cnndsl.emit.options import Options, Style
from cnndsl.emit.torch import emit_torch
from cnndsl.files import normal
from cnndsl.network import Network
from cnndsl.source import Source
from cnndsl.torch.report import Loaded, StateError

if TYPE_CHECKING:
    from os import PathLike

    from torch import Tensor, nn

__all__ = ["Loaded", "StateError", "load_state", "loaded", "module"]

_NO_NAMES: Mapping[str, str] = MappingProxyType({})


def module(
    network: str | PathLike[str] | Source | Network | Report,
    *,
    style: Style = "modules",
    class_name: str | None = None,
    comments: bool = True,
    init: str = "",
    **options: Any,
) -> nn.Module:
    """A network as an nn.Module on the CPU.

    >>> cnndsl.torch.module("resnet", variant="ResNet50")                      # a file, or a shipped network
    >>> cnndsl.torch.module("INPUT(3@32x32) → CONV(64, 3) → ReLU → FC(10)")    # the text itself
    >>> cnndsl.torch.module(cnndsl.load("alexnet"))                            # what load or `%%cnn net` gave

    `style`, `class_name`, `comments` and `init` are those of `cnndsl build`, the other options those
    of `cnndsl.load`: `variant`, `settings`, `input`, `strict`. Raises SpecError where the network has errors.
    The module is that of the generated source, which can be read: `inspect.getsource(type(model))`.
    """
    if style not in get_args(Style):
        raise ValueError(f"style is {' or '.join(get_args(Style))}, not {style!r}")
    report = _report(network, options)
    try:
        emitted = emit_torch(report, Options(class_name, style, comments, init))
    except Located as error:
        error.diagnostic.hints = tuple(map(_in_python, error.diagnostic.hints))
        raise SpecError([error.diagnostic]) from None
    _need_torch()
    built: nn.Module = eval(emitted.calls[report.networks[0].name], loaded(emitted.text).__dict__)
    return built


def _report(network: Any, options: dict[str, Any]) -> Report:
    """The report on the one network that is meant; raises SpecError, ValueError, TypeError."""
    if isinstance(network, str | os.PathLike | Source):
        return single(_source(network), **options)
    if isinstance(network, Network):
        report = Report(network.program.source, network.program, [network], network.diagnostics)
    elif isinstance(network, Report):
        report = network
    else:  # a dict is what `%%cnn nets` keeps of variants
        hint = f": pass one of {', '.join(map(str, network))}" if isinstance(network, Mapping) else ""
        kind = type(network).__name__
        raise TypeError(f"a network is a file, a text, a Network or a Report, not a {kind}{hint}")
    if options:
        raise TypeError(f"{', '.join(options)}: for a file or a text; for a network, where it is made")
    if not report.ok:
        raise SpecError(report.diagnostics)
    if len(report.networks) > 1:
        names = ", ".join(one.name for one in report.networks)
        raise ValueError(f"the report is on several networks, pass one of its `networks`: {names}")
    return report


def _in_python(hint: str) -> str:
    """What a hint says of an option of the command line, for a call: `settings="N=1"`."""
    return re.sub(r"--input (\S+)", r'input="\1"', re.sub(r"--set (\S+)", r'settings="\1"', hint))


def _source(network: str | PathLike[str] | Source) -> str | PathLike[str] | Source:
    """A text, which has an arrow unlike the name of a file, as a source."""
    text = network if isinstance(network, str) and not os.path.exists(network) else ""
    return Source("<text>", normal(text)) if re.search("→|⟶|->|\n", text) else network


def load_state(
    model: nn.Module,
    reference: nn.Module | Mapping[str, Tensor],
    sample: Tensor | tuple[Any, ...] | None = None,
    *,
    names: Mapping[str, str] = _NO_NAMES,
    in_order: bool = False,
) -> Loaded:
    """Copy the weights of another PyTorch module into a model, whatever its layers are called.

    >>> model = cnndsl.torch.module("resnet", variant="ResNet18")
    >>> reference = torchvision.models.resnet18(weights="DEFAULT")
    >>> print(cnndsl.torch.load_state(model, reference, torch.randn(1, 3, 224, 224)))
    ours                  theirs                 shapes
    features.0            conv1                  weight 64x3x7x7
    features.1            bn1                    weight 64, bias 64, running_mean 64, …
    …

    Both run on the sample (a tuple, where there are several inputs; a small image will do, if both take
    it), first with random weights: a layer of the model is the layer of the reference that gets the same
    values and gives out the same ones. Where that holds for several, the order in which they run is tried
    first. Weights may differ in shape by axes of extent 1, or be a Linear for a convolution over the
    whole map. Parameters and buffers are copied and converted to the model's dtype and device once the
    outputs agree, with these weights, in evaluation and in double precision, to 1e-5 of the largest
    value. Otherwise `StateError` tells the first place where the two are not the same, and the model is
    as it was.

    What acts in training alone is not compared: dropout, the momentum of running statistics.

    The reference can also be a bare `state_dict`. Then nothing is run, no sample is needed, and a
    pairing is taken only if it is the only one that is possible: where all tensors of both have the same
    names it goes by these; else layers are pairs if their tensors have the same names and shapes (but for
    axes of extent 1; one tensor alone may have another name), and if two pairings fit, that is an error that
    lists the layers that can be swapped. Pass the module instead, or say which is which.

    >>> cnndsl.torch.load_state(model, state, names={"fc1": "classifier.1", "features": "backbone"})

    `names` are of tensors, of layers or of what holds them; a tensor under a name of ours is one under
    that name of theirs, in a module as well as in a `state_dict`.

    With `in_order` layers that could be swapped are taken in the order in which they were made, if all layers
    of both have the same shapes in that order. It need not be the order in which they run: compare outputs.
    """
    _need_torch()
    from cnndsl.torch.state import load

    return load(model, reference, sample, names, in_order=in_order)


def _need_torch() -> None:
    """A missing PyTorch is told plainly."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise ImportError("cnndsl.torch needs PyTorch: pip install 'cnndsl[torch]'") from None


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
