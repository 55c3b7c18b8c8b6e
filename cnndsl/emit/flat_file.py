"""A file in the flat style: a class for each network, with every layer written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.diagnostics import located
from cnndsl.emit.file import Emitted, put_together, spec_class, summary
from cnndsl.emit.flat import FlatNet
from cnndsl.emit.layout import docstring, indented
from cnndsl.emit.names import Namespace
from cnndsl.emit.options import Options, class_name, need_one_class
from cnndsl.emit.script import VARIABLES, Model, script
from cnndsl.emit.torch_helpers import HELPERS, OWN_NAMES, helpers_used
from cnndsl.emit.torch_init import init_lines

if TYPE_CHECKING:
    from cnndsl.api import Report
    from cnndsl.network import Network

#: More layers than this nobody reads one by one.
MAX_LAYERS = 100_000


def emit_flat(report: Report, options: Options) -> Emitted:
    """The Python source for a file's networks, layer by layer."""
    for network in report.networks:
        _need_length(network)
    names = _class_names(report, options)
    nets = [FlatNet(network) for network in report.networks]
    doc = report.program.net.doc if report.program and report.program.net else ""
    docs = [doc] if len(nets) == 1 else [summary(network) for network in report.networks]
    starts = [init_lines([network], options, "module") for network in report.networks]
    classes = [_class(*of) for of in zip(names, docs, nets, starts, strict=True)]
    keys = Namespace()
    models = [
        Model(keys.fresh(network.name.lower()), f"{name}()", tuple(net.shapes))
        for network, name, net in zip(report.networks, names, nets, strict=True)
    ]
    helpers = helpers_used(expression for net in nets for expression in net.expressions)
    tail = script(models, names[0] if len(names) == 1 else "nn.Module", 1 + len(nets[0].outputs))
    used = {*helpers, *(["Callable"] if len(models) > 1 else [])}
    parts = [*(HELPERS[name].splitlines() for name in helpers), *classes, tail]
    calls = {network.name: model.call for network, model in zip(report.networks, models, strict=True)}
    return Emitted(put_together(report, used, parts, options), calls)


def _need_length(network: Network) -> None:
    if network.all_totals.layers > MAX_LAYERS:
        message = f"{network.all_totals.layers} layers are too many to be written one by one"
        hint = "the style `modules` has loops for repeats"
        raise located("not-expressible", message, network.main.span, hint)


def _class_names(report: Report, options: Options) -> list[str]:
    """What the networks' classes are called: after the net, or after its variants."""
    assert report.program is not None, "only checked files are emitted"
    names = Namespace(OWN_NAMES, beside=VARIABLES)
    need_one_class(options.class_name, len(report.networks))
    if options.class_name is not None:
        return [class_name(options.class_name, names, {})]
    return [names.fresh(spec_class(report.program, network.name)) for network in report.networks]


def _class(name: str, doc: str, net: FlatNet, start: list[str]) -> list[str]:
    arguments = ", ".join(f"{argument}: Tensor" for argument in net.inputs.values())
    tensors = ", ".join(["Tensor"] * (1 + len(net.outputs)))
    result = f"tuple[{tensors}]" if net.outputs else "Tensor"
    about = docstring(f"The main output, then {', '.join(net.outputs)}.") if net.outputs else []
    body = [
        *([*docstring(doc), ""] if doc else []),
        "def __init__(self) -> None:",
        *indented(["super().__init__()", *net.init, *start]),
        "",
        f"def forward(self, {arguments}) -> {result}:",
        *indented([*about, *net.forward]),
    ]
    return [f"class {name}(nn.Module):", *indented(body)]
