"""The end of a generated file: what it does as a script."""

from __future__ import annotations

from typing import NamedTuple

from cnndsl.emit.layout import docstring, indented

Shapes = tuple[tuple[int, ...], ...]

#: The names that the script defines, and `self`: no class may be called so.
VARIABLES = frozenset(
    ["self", "main", "parser", "args", "model", "build", "shape", "shapes", "inputs", "x", "y", "ys", "p"]
)

_DOC = "Build the network, run one batch, print what comes out."


class Model(NamedTuple):
    """A network that the script can build: its name, the call that builds it, its inputs' shapes."""

    name: str
    call: str
    shapes: Shapes


def script(models: list[Model], result: str, outputs: int) -> list[str]:
    """The lines of `main`: builds a network, runs one batch, prints shape and parameter count.

    `result` is the class of the models. Of several models the command line names one.
    """
    same = len({model.shapes for model in models}) == 1
    table = _table(models, result, same) if len(models) > 1 else []
    return [
        *table,
        "def main() -> None:",
        *indented([*docstring(_DOC), *_arguments(models)]),
        "",
        *indented(_build(models, same)),
        *indented(_run(models[0].shapes if same else None, len(models[0].shapes), outputs)),
        *("", "", 'if __name__ == "__main__":', *indented(["main()"])),
    ]


def _table(models: list[Model], result: str, same: bool) -> list[str]:
    builders = [model.call.removesuffix("()") for model in models]
    entries = [
        builder if same else f"({builder}, {_shapes(model.shapes)})"
        for builder, model in zip(builders, models, strict=True)
    ]
    rows = [f'"{model.name}": {entry},' for model, entry in zip(models, entries, strict=True)]
    kind = f"Callable[[], {result}]"
    if not same:
        shapes = "tuple[int, ...]" if len(models[0].shapes) == 1 else "tuple[tuple[int, ...], ...]"
        kind = f"tuple[{kind}, {shapes}]"
    return [f"MODELS: dict[str, {kind}] = {{", *indented(rows), "}", "", ""]


def _shapes(shapes: Shapes) -> str:
    """One shape, or a tuple of several."""
    return str(shapes[0]) if len(shapes) == 1 else str(shapes)


def _arguments(models: list[Model]) -> list[str]:
    lines = ["parser = argparse.ArgumentParser(description=main.__doc__)"]
    if len(models) > 1:
        first = f'"{models[0].name}"'
        lines.append(f'parser.add_argument("model", nargs="?", default={first}, choices=MODELS)')
    return [
        *lines,
        'parser.add_argument("--device", default="cpu")',
        'parser.add_argument("--batch", type=int, default=1)',
        "args = parser.parse_args()",
    ]


def _build(models: list[Model], same: bool) -> list[str]:
    if len(models) == 1:
        return [f"model = {models[0].call}.to(args.device).eval()"]
    if same:
        return ["model = MODELS[args.model]().to(args.device).eval()"]
    what = "shape" if len(models[0].shapes) == 1 else "shapes"
    return [f"build, {what} = MODELS[args.model]", "model = build().to(args.device).eval()"]


def _run(shapes: Shapes | None, inputs: int, outputs: int) -> list[str]:
    """One batch through the model; `shapes` is None where they depend on the model chosen."""
    if inputs == 1:
        sizes = ", ".join(map(str, shapes[0])) if shapes else "*shape"
        make = [f"x = torch.randn(args.batch, {sizes}, device=args.device)"]
    else:
        over = str(shapes) if shapes else "shapes"
        make = [f"inputs = [torch.randn(args.batch, *shape, device=args.device) for shape in {over}]"]
    run = "model(x)" if inputs == 1 else "model(*inputs)"
    show = ['print("output:", "x".join(map(str, y.shape)))']
    show = [f"    y = {run}", *show] if outputs == 1 else [f"    ys = {run}", "for y in ys:", *indented(show)]
    count = 'print("parameters:", sum(p.numel() for p in model.parameters()))'
    return [*make, "with torch.inference_mode():", *show, count]
