"""Names that a typo can have meant."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, names: Iterable[str], limit: int = 2) -> list[str]:
    """The few names nearest to `word` by edit distance, nearest first; none if all are far.

    >>> did_you_mean("POOOL", ["POOL", "GPOOL", "CONV"])
    ['POOL', 'GPOOL']
    """
    lowered = word.lower()[:40]
    reach = 0 if len(lowered) < 2 else max(1, len(lowered) // 3)
    ranked = sorted((edit_distance(lowered, name.lower()), name) for name in set(names))
    return [name for distance, name in ranked if distance <= reach][:limit]


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours that turn a into b.

    The restricted Damerau–Levenshtein distance; a swapped pair is the commonest typo.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, previous, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1]
