"""What only a look at the whole network can tell of an error: how the map shrank, which input would do.

The network is elaborated once more with names for its input's extents, and what its layers require of
these is solved. That costs as much as a check, and is done for networks with errors alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

from cnndsl.analysis import axes, padding, way
from cnndsl.analysis.inputs import Inputs, boxes
from cnndsl.analysis.nearest import distortion, nearest, when
from cnndsl.analysis.periodic import NotWorkedOut
from cnndsl.analysis.way import Step
from cnndsl.diagnostics import Diagnostic, Edit, Fix, Label, Problem
from cnndsl.elaborate import elaborate
from cnndsl.layers import FC, Input, Pool
from cnndsl.network import LayerNode, Network, Node, ParallelNode, TapNode
from cnndsl.shape import AXIS_LETTERS, OpenSize, Shape
from cnndsl.shape.size import Domain, Relation, Requirement
from cnndsl.source import Span
from cnndsl.syntax import ast

#: Networks of more layers are not elaborated a second time for the sake of advice.
MAX_LAYERS = 500
#: An input of other proportions than these is not what was meant.
MAX_DISTORTION = 0.2


def advise(network: Network, *, overridden: bool = False) -> None:
    """Add to a network's errors what the whole of it tells. `overridden`: the input is the caller's."""
    adviser = _Adviser(network, overridden)
    if not overridden:
        axes.tell(network, adviser.start)
    slip = any(found.code == "shape-order" for found in network.diagnostics)
    for diagnostic in network.diagnostics:
        if diagnostic.code in _RULES and slip:
            diagnostic.hints, diagnostic.fixes = ("see to the order of the input's shape first",), ()
        elif diagnostic.code in _RULES:
            _RULES[diagnostic.code](adviser, diagnostic)


class _Adviser:
    def __init__(self, network: Network, overridden: bool) -> None:
        self._network, self._overridden = network, overridden

    # ---- the rules, one a code

    def too_large(self, found: Diagnostic) -> None:
        """How the map shrank, and the least input for which nothing does not fit."""
        at = self._refused(found)
        if at is None or (found.hints[:1] and found.hints[0].startswith("the filters come first")):
            return
        node, passed = at
        inputs = self._valid if self._valid and self._valid.boxes else None
        least = self._shape(inputs.least) if inputs else None
        said = _halvings(node, passed, least) or (f"the least input that works is {least}" if least else "")
        if "halving" in said:
            found.hints = tuple(hint for hint in found.hints if not hint.startswith("nothing is left"))
        others = self._input_fix(self._shape(nearest(inputs, self._extents))) if inputs else ()
        padding.tell(found, passed, node, others)
        shrunk = way.trace(passed)
        found.hints = (
            *([f"the map shrank: {shrunk}"] if shrunk else []),
            *found.hints,
            *([said] if said else []),
        )

    def features(self, found: Diagnostic) -> None:
        """The input that gives a claimed flatten, or the layer that made the channels."""
        at = self._refused(found)
        if at is None:
            return
        if at[0].kind is not FC:
            self.channels(found)
        elif self._valid and self._valid.boxes:
            claim, wanted = getattr(at[0].layer, "from_", None), nearest(self._valid, self._extents)
            if distortion(wanted, self._extents) > MAX_DISTORTION:
                return
            shape = self._shape(wanted)
            others = tuple(hint for hint in found.hints if not hint.startswith("leave `from` out"))
            left = "" if others else "; or leave `from` out: the size is found"
            found.hints = (f"INPUT({shape}) gives {claim}{left}", *others)
            found.fixes += self._input_fix(shape)

    def channels(self, found: Diagnostic) -> None:
        """The layer that made the channels that arrive."""
        at = self._refused(found)
        made = way.maker(at[1]) if at and "arriv" in found.message else None
        shape = made.node.output if made else None
        if made and shape:
            found.labels += (
                Label(
                    made.node.span, f"{made.name} gives {shape.channels} channel{'s' * (shape.channels != 1)}"
                ),
            )
            found.fixes += tuple(_other_filters(made.node, at[0])) if at and found.code == "groups" else ()

    def claim(self, found: Diagnostic) -> None:
        """The input for which a claim holds."""
        step = next((s for s in self._claims() if s.claim.span == found.span), None)
        if step is None:
            return
        said = _numbers(step.claim) or self._in_slides_order(step)
        if said is None:
            return
        body: ast.Step = step.body
        while isinstance(body, ast.Labelled | ast.Claimed):
            body = body.body
        if not self._other_layer(found, body, said):
            self._other_input(found, step, body, said)

    def _in_slides_order(self, step: ast.Claimed) -> tuple[int | None, ...] | None:
        """The extents of a claim `55x55x96`: what is beside the channels of the shape that it is about."""
        shape = self._network.claimed.get(step.claim)
        items = step.claim.items if isinstance(step.claim, ast.AxesExpr) else ()
        numbers = [item.value for item in items if isinstance(item, ast.Number) and type(item.value) is int]
        if shape is None or len(numbers) < len(items) or len(numbers) != shape.rank + 1:
            return None
        *first, last = map(int, numbers)
        return tuple(first) if last == shape.channels else tuple(map(int, numbers[1:]))

    def _other_layer(self, found: Diagnostic, body: ast.Step, said: tuple[int | None, ...]) -> bool:
        """Tell whether a layer before is at fault: with its remedy all else holds, so it comes first."""
        if self._network.main.totals.layers > MAX_LAYERS:
            return False
        from cnndsl.analysis.earlier import earlier

        remedy = earlier(self._network, body, said)
        if remedy is None:
            return False
        found.hints = (remedy.hint, *(hint for hint in found.hints if "would give" not in hint))
        found.fixes = (remedy.fix, *(fix for fix in found.fixes if fix.title.startswith("claim ")))
        return True

    def _other_input(
        self, found: Diagnostic, step: ast.Claimed, body: ast.Step, said: tuple[int | None, ...]
    ) -> None:
        opened = self._opened
        if opened is None or self._valid is None:
            return
        shapes = [node.output for node in way.nodes(opened) if node.syntax is body and node.output]
        for shape in shapes:
            inputs = self._solved(shape, said) if _same_channels(step.claim, shape) else None
            if inputs and inputs.boxes:
                wanted = self._shape(nearest(inputs, self._extents))
                found.fixes = (*found.fixes[:-1], *self._input_fix(wanted), *found.fixes[-1:])
                first = any(n.syntax is body and n.input == self._given for n in way.nodes(self._network))
                found.hints += () if first else (f"INPUT({wanted}) gives {step.claim.span.brief}",)
                return

    def mismatch(self, found: Diagnostic) -> None:
        """The input for which paths agree, and where a path that starts from a label comes from."""
        step = self._joined(found)
        for branch in step.branches if step else ():
            first = next(way.steps(branch), None)
            if first and isinstance(first.node, TapNode):
                found.labels += self._tapped(first.node)
        inputs = self._valid
        if not inputs or not inputs.boxes or not self._given.rank:
            return
        wanted = self._shape(nearest(inputs, self._extents))
        if wanted != self._given and 1 not in wanted.extents:
            change = f"{_extents(self._given)} → {_extents(wanted)}"
            found.hints += (f"the sizes agree {when(inputs)}: {change}",)
            found.fixes += self._input_fix(wanted)

    def rank(self, found: Diagnostic) -> None:
        """Where the vector comes from, in the place of a map."""
        at = self._refused(found)
        if at:
            from cnndsl.analysis.ranks import tell

            tell(self._network, found, *at)

    # ---- what they look at

    def _refused(self, found: Diagnostic) -> tuple[LayerNode, list[Step]] | None:
        """The layer that is at fault, and the way to it."""

        def wanted(node: Node) -> bool:
            if not isinstance(node, LayerNode) or not node.layer or not node.input:
                return False
            try:
                node.layer.output(node.input)
            except Problem as problem:
                return (problem.code, problem.message) == (found.code, found.message)
            except OpenSize:
                pass
            return False

        at = way.way_to(self._network, wanted)
        return (at[0], at[1]) if at and isinstance(at[0], LayerNode) else None

    def _joined(self, found: Diagnostic) -> ParallelNode | None:
        return next(
            (
                node
                for node in way.nodes(self._network)
                if isinstance(node, ParallelNode)
                and any(branch.span == found.span for branch in node.branches)
            ),
            None,
        )

    def _claims(self) -> Iterator[ast.Claimed]:
        for chain in self._network.chains:
            for step in ast.walk(chain.node.syntax):
                if isinstance(step, ast.Claimed):
                    yield step

    def _tapped(self, tap: TapNode) -> tuple[Label, ...]:
        """The label that a path starts from, with what it stands for."""
        stem = tap.name.partition("[")[0]
        for chain in self._network.chains:
            for step in ast.walk(chain.node.syntax):
                if isinstance(step, ast.Labelled) and step.name == stem and tap.output:
                    return (Label(step.name_span, f"{tap.name} is {tap.output}"),)
        return ()

    @cached_property
    def start(self) -> LayerNode | None:
        at = way.way_to(self._network, lambda node: isinstance(node, LayerNode))
        return at[0] if at and isinstance(at[0], LayerNode) and at[0].kind is Input else None

    @cached_property
    def _given(self) -> Shape:
        shape = self.start.output if self.start else None
        return shape if shape and shape.closed else Shape(0)

    @property
    def _extents(self) -> dict[str, int]:
        return dict(zip(AXIS_LETTERS[self._given.rank], self._given.extents, strict=True))

    def _shape(self, extents: dict[str, int]) -> Shape:
        """The input's shape with other extents."""
        return Shape(
            self._given.channels, tuple(extents[letter] for letter in AXIS_LETTERS[self._given.rank])
        )

    @cached_property
    def _opened(self) -> Network | None:
        """The network with names for its input's extents; None where it has errors then as well."""
        network = self._network
        if not self._given.rank or network.main.totals.layers > MAX_LAYERS:
            return None
        domain = Domain()
        named: Any = tuple(domain.extent(letter) for letter in self._extents)
        shape = Shape(self._given.channels, named)
        found = elaborate(
            network.program,
            network.variant,
            network.settings,
            strict=network.strict,
            input=shape,
            adapting=True,
        )
        return found if found.ok and found.domain else None

    @cached_property
    def _valid(self) -> Inputs | None:
        """The inputs for which the main output can be computed; None where that cannot be told.

        Where another output has an error, those for which all can.
        """
        domain = self._opened.domain if self._opened else None
        if domain is None:
            return None
        names = tuple(self._extents)
        further = any(not chain.node.known for chain in self._network.chains if not chain.counted)
        try:
            needed = [*domain.requirements.values()][: None if further else domain.main]
            return Inputs(names, boxes(needed, names))
        except NotWorkedOut:
            return None

    def _solved(self, shape: Shape, said: tuple[int | None, ...]) -> Inputs | None:
        """The inputs for which a shape has these extents."""
        pairs: list[tuple[Any, int | None]] = [*zip(shape.extents, said, strict=False)]
        if len(said) != shape.rank or self._valid is None:
            return None
        if any(type(size) is int and number not in (None, size) for size, number in pairs):
            return None
        open_ = [(size, number) for size, number in pairs if number is not None and type(size) is not int]
        wanted = [Requirement((Relation(size - number, "="),), None) for size, number in open_]
        try:
            return Inputs(self._valid.names, boxes(wanted, self._valid.names, self._valid.boxes))
        except NotWorkedOut:
            return None

    def _input_fix(self, shape: Shape) -> tuple[Fix, ...]:
        """Another shape in the text of the INPUT, where it stands there in numbers."""
        step = self.start.syntax if self.start else None
        if self._overridden or not isinstance(step, ast.LayerStep) or shape == self._given:
            return ()
        if step.arguments is None:
            end = step.name_span.end
            return (_write(Span(step.span.source, end, end), f"({shape})", shape),)
        value = step.arguments.items[0].value
        numbers = not any(isinstance(node, ast.Name | ast.Call) for node in ast.walk(value))
        return (_write(value.span, str(shape), shape),) if numbers else ()


def _other_filters(made: Node, at: LayerNode) -> Iterator[Fix]:
    """For channels that do not split into groups: as many filters before as do."""
    filters = made.sources.get("filters") if isinstance(made, LayerNode) else None
    groups: int = getattr(at.layer, "groups", 0)
    if isinstance(made, LayerNode) and isinstance(filters, ast.Number) and groups and made.output:
        more = -made.output.channels % groups
        wanted = made.output.channels + (more if more <= groups // 2 else more - groups) or groups
        yield Fix(f"make {made.name} {wanted} filters", (Edit(filters.span, str(wanted)),))


def _write(span: Span, text: str, shape: Shape) -> Fix:
    return Fix(f"start from INPUT({shape})", (Edit(span, text),))


def _numbers(claim: ast.Expr) -> tuple[int | None, ...] | None:
    """The extents of a claim `96@55x55`, where they stand there in numbers."""
    items = claim.extents if isinstance(claim, ast.ShapeExpr) else ()
    found: list[int | None] = []
    for item in items:
        if not isinstance(item, ast.Number | ast.Open) or (
            isinstance(item, ast.Number) and type(item.value) is not int
        ):
            return None
        found.append(int(item.value) if isinstance(item, ast.Number) else None)
    return tuple(found) or None


def _same_channels(claim: ast.Expr, shape: Shape) -> bool:
    """Whether a claim is about other extents alone, as another input may have them."""
    channels = claim.channels if isinstance(claim, ast.ShapeExpr) else None
    return not isinstance(channels, ast.Number) or channels.value == shape.channels


def _halvings(node: LayerNode, passed: list[Step], least: Shape | None) -> str:
    """`the 5th halving of 16 leaves nothing: drop a POOL or start from 32`; "" if it is no halving."""
    layer = node.layer
    if not isinstance(layer, Pool) or {*layer.window, *layer.strides} != {2} or {*layer.dilation} != {1}:
        return ""
    maps = [shape.extents for _, shape in way.sizes(passed)]
    halved = all(b == tuple(size // 2 for size in a) for a, b in pairwise(maps))
    if not maps or not halved:
        return ""
    number = len(maps)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number if number < 20 else number % 10, "th")
    start = f"the {number}{ending} halving of {min(maps[0])} leaves nothing"
    if least is None:
        return f"{start}: have fewer POOLs"
    side = max(least.extents)
    return f"{start}: {'drop a POOL' if side == 2**number else 'have fewer POOLs'} or start from {side}"


def _extents(shape: Shape) -> str:
    return "×".join(map(str, shape.extents))


_RULES: dict[str, Callable[[_Adviser, Diagnostic], None]] = {
    "kernel-too-large": _Adviser.too_large,
    "empty-output": _Adviser.too_large,
    "input-claim": _Adviser.features,
    "groups": _Adviser.channels,
    "claim": _Adviser.claim,
    "branch-mismatch": _Adviser.mismatch,
    "rank": _Adviser.rank,
}
