"""Which copies of a repeat are drawn as one, and what is written on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.analysis.rows import Part, Place
from cnndsl.drawing import labels
from cnndsl.network import BlockNode, Node, RepeatNode, bare
from cnndsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnndsl.drawing.graph.folding import Folding
    from cnndsl.network import Network


def together(node: RepeatNode, folding: Folding) -> list[range]:
    """The runs of a repeat, those together that look the same.

    The first copy of a convolution, say, works on other channels than those behind it, which no box tells.
    """
    found: list[range] = []
    for number in range(len(node.runs)):
        if found and _alike(node.runs[found[-1].start].body, node.runs[number].body, folding):
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found


def _alike(one: Node, other: Node, folding: Folding) -> bool:
    if not (folding.is_sound(one) and folding.is_sound(other)):
        return False
    if folding.structure(one) != folding.structure(other):
        return False
    first, second = bare(one), bare(other)
    if isinstance(first, BlockNode) and isinstance(second, BlockNode) and folding.aside(first) is not None:
        return not first.name.endswith("]") and _same_use(first, second)
    return labels.looks(one) == labels.looks(other)


def _same_use(one: BlockNode, other: BlockNode) -> bool:
    """Whether two uses of a block drawn aside can be one box.

    Their sizes may differ where their numbers do not, and their numbers where no size depends on them.
    """
    sized = one.output == other.output and one.totals == other.totals
    return labels.agree([one, other]) or (sized and labels.differ_in_numbers(one, other))


def free_name(node: RepeatNode, network: Network) -> str:
    """The name of a count that the network's family leaves free; "" of any other."""
    count = node.syntax.count if isinstance(node.syntax, ast.Repeat) else None
    count = count.inner if isinstance(count, ast.Paren) else count
    free = {one.name for one in network.free}
    return count.name if isinstance(count, ast.Name) and count.name in free else ""


def shown(name: str, places: Iterable[Place]) -> str:
    """The name as the table has it, with the numbers of the copies, `conv1[0..2]`, or without."""
    parts = sorted({place.parts(name)[-1] for place in places})
    if len(parts) == 1:
        return str(parts[0])
    *outer, (first, _) = parts[0].copies or ((0, 0),)
    end = first
    for part in parts:
        if part.copies[:-1] != tuple(outer) or part.copies[-1:] != ((end, part.copies[-1][1]),):
            return name
        end += part.copies[-1][1]
    return str(Part(name, (*outer, (first, end - first))))
