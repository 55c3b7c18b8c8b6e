"""The source text of a layer's hyperparameters, for the rows that spell it."""

from __future__ import annotations

import ast as py
from typing import TYPE_CHECKING, Any

from cnndsl.diagnostics import Problem
from cnndsl.emit.printer import source
from cnndsl.emit.python import compute, names_in, simplified, whole_division
from cnndsl.emit.scope import Occ, State, one
from cnndsl.emit.torch_rows import Texts
from cnndsl.layers import Crop, Hyper, Layer, Pad
from cnndsl.syntax import ast
from cnndsl.values import Axes, Pair

if TYPE_CHECKING:
    from cnndsl.emit.planner import Planner


class Written:
    """A layer's hyperparameters that are expressions in the class's names: `min(2, i + 1)`.

    All others are the same wherever the class is used, or else the class cannot be written so.
    """

    def __init__(self, planner: Planner, occs: list[Occ], state: State) -> None:
        self._occs = occs
        self.channels = source(state.channels)
        self.expressions: dict[str, py.expr] = {}
        node = occs[0].node
        defaults = planner.classes.from_net.defaults(node)
        sources = defaults | node.sources
        for name, spec in node.layer.hypers().items():
            written = sources.get(name)
            of_net = name in defaults
            expr = planner.of_net(written, state) if of_net else planner.translated(written, state)
            if expr is None:
                continue
            if form := _right_form(expr, sources[name], occs, spec):
                self.expressions[spec.field] = form
            else:
                planner.freeze(expr)
        self._texts = {field: source(expr) for field, expr in self.expressions.items()}

    def texts(self, layer: Layer) -> Texts:
        """The texts for one of the layers."""
        return Texts(layer, self.channels, self._texts)

    def expression(self, field: str) -> py.expr:
        """A number as a syntax tree; raises Varies where it differs and no expression tells it."""
        if field in self.expressions:
            return self.expressions[field]
        return py.Constant(one(getattr(occ.node.layer, field) for occ in self._occs))


def _right_form(expr: py.expr, written: ast.Expr, occs: list[Occ], spec: Hyper) -> py.expr | None:
    """The expression, if it has names in it and says everywhere what it should."""
    if not names_in(expr):
        return None
    if isinstance(written, ast.PairExpr):
        return _pair_form(expr, occs, spec)
    axes = isinstance(written, ast.AxesExpr)
    if any(_ends(getattr(occ.node.layer, spec.field)) and not _for_all_ends(expr, occ) for occ in occs):
        return None  # padding per axis has an order of its own in each module
    for form in (expr, whole_division(expr)):
        if all(_means(form, occ, spec, axes) for occ in occs):
            return form
    return None


def _pair_form(expr: py.expr, occs: list[Occ], spec: Hyper) -> py.expr | None:
    """Padding before and after, for all axes as PyTorch's modules for borders have it: `(d, 0, d, 0)`."""
    layer: Layer = occs[0].node.layer
    alike = all(occ.node.layer.rank == layer.rank for occ in occs)
    if not (isinstance(expr, py.Tuple) and alike and all(_means_pair(expr, occ, spec) for occ in occs)):
        return None
    ends = [simplified(py.UnaryOp(py.USub(), end)) if isinstance(layer, Crop) else end for end in expr.elts]
    return py.Tuple(ends * layer.rank, py.Load())


def _means_pair(expr: py.expr, occ: Occ, spec: Hyper) -> bool:
    """Whether two ends are the layer's, and differ: one number for both is written otherwise."""
    value, layer = compute(expr, occ.env), occ.node.layer
    differ = isinstance(value, tuple) and value[0] != value[1]
    return differ and bool(spec.value(Pair(*value), layer.rank) == getattr(layer, spec.field))


def _ends(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, Pair) for item in value)


def _for_all_ends(expr: py.expr, occ: Occ) -> bool:
    """Whether a padding is one number for both ends: of all axes, or of each where modules take it so."""
    value = compute(expr, occ.env)
    if isinstance(occ.node.layer, Pad | Crop) or isinstance(value, Pair):
        return isinstance(value, int)
    return not isinstance(value, tuple) or all(isinstance(item, int) for item in value)


def _means(expr: py.expr, occ: Occ, spec: Hyper, axes: bool) -> bool:
    """Whether an expression, read as the hyperparameter is read, gives what the layer has."""
    value = compute(expr, occ.env)
    if value is None or isinstance(value, str):
        return False
    layer: Layer = occ.node.layer
    try:
        return bool(spec.value(Axes(value) if axes else value, layer.rank) == getattr(layer, spec.field))
    except (Problem, TypeError):
        return False
