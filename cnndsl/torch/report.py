"""What loading weights has to say: the pairs, or why it refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Sizes = tuple[int, ...]


class StateError(ValueError):
    """The weights were not loaded; the model is as it was before."""


class Pair(NamedTuple):
    """A tensor of the model's state, and the one of the reference that was copied into it."""

    ours: str
    theirs: str
    shape: Sizes
    their_shape: Sizes


class Loaded(NamedTuple):
    """What was copied: from a module in the order in which the layers run.

    >>> print(load_state(model, reference, sample))
    ours        theirs  shapes
    features.0  conv1   weight 64x3x7x7
    features.1  bn1     weight 64, bias 64, running_mean 64, …
    …

    `unused` are the tensors of the reference that nothing was copied from: what never runs in
    evaluation, for example an auxiliary classifier that the model does not have. `outputs` tells for
    each output of the model which one of the reference's it equals, and `error` by how much they
    differ at most, relative to the largest value; None where there was nothing to run.
    """

    pairs: tuple[Pair, ...]
    unused: tuple[str, ...] = ()
    outputs: tuple[int, ...] = ()
    error: float | None = None

    def __repr__(self) -> str:
        """`<Loaded: 62 tensors of 21 layers; the outputs differ by 2.1e-16>`."""
        layers = len({split(pair.ours)[0] for pair in self.pairs})
        return (
            f"<Loaded: {counted(len(self.pairs), 'tensor')} of {counted(layers, 'layer')}{self._agreement()}>"
        )

    def __str__(self) -> str:
        lines = table([("ours", "theirs", "shapes"), *self._rows()])
        swapped = self.outputs != tuple(range(len(self.outputs)))
        order = [f"outputs, in the reference's order: {', '.join(map(str, self.outputs))}"] if swapped else []
        unused = [f"not used: {listed(self.unused)}"] if self.unused else []
        return "\n".join([*lines, "", repr(self)[1:-1], *order, *unused])

    def _agreement(self) -> str:
        if self.error is None:
            return ""
        return f"; the outputs differ by {self.error:.1e}" if self.error else "; the outputs are equal"

    def _rows(self) -> list[tuple[str, str, str]]:
        """A line for each layer: its names, and its tensors with their shapes."""
        layers: dict[tuple[str, str], list[str]] = {}
        for pair in self.pairs:
            (ours, leaf), (theirs, their_leaf) = split(pair.ours), split(pair.theirs)
            name = leaf if leaf == their_leaf else f"{leaf} ← {their_leaf}"
            layers.setdefault((ours, theirs), []).append(
                f"{name} {reshaped(pair.shape, pair.their_shape)}".strip()
            )
        return [
            (ours or "(itself)", theirs or "(itself)", ", ".join(told))
            for (ours, theirs), told in layers.items()
        ]


def split(name: str) -> tuple[str, str]:
    """The layer that a tensor belongs to, and the tensor's own name: `conv1`, `weight`."""
    layer, _, leaf = name.rpartition(".")
    return layer, leaf


def sizes(shape: Sizes) -> str:
    """`64x3x7x7`; a scalar has none."""
    return "x".join(map(str, shape))


def reshaped(ours: Sizes, theirs: Sizes) -> str:
    return sizes(ours) if ours == theirs else f"{sizes(ours)} ← {sizes(theirs)}"


def entries(shapes: Mapping[str, Sizes]) -> str:
    """`weight 64x3x7x7, bias 64`."""
    return ", ".join(f"{split(name)[1]} {sizes(shape)}".strip() for name, shape in shapes.items())


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names with commas, the first few of many."""
    rest = len(names) - most
    return ", ".join([*names[:most], *([f"and {rest} more"] if rest > 0 else [])])
