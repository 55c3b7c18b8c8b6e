"""Those members of a family that are asked for, in the order that is asked for."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Literal

from cnndsl.analysis.family.members import Candidate, Family, Member
from cnndsl.analysis.family.questions import Question
from cnndsl.record import Record, fresh

#: Of members in an order of their own, so many are kept unless the caller says otherwise.
KEPT = 1_000


class Tally(Record):
    """How many members there were so far. `codes` counts those that are none, by what is wrong."""

    seen: int = 0
    valid: int = 0
    passed: int = 0
    codes: dict[str, int] = fresh(factory=dict)


class Selection:
    """Members that pass, as they come, or sorted by a number once all have been looked at.

    >>> selection = Selection(family, where=Question(expr, family), limit=20)
    >>> [member.values for member in selection.members()], selection.tally.passed

    Where members are sorted, as many as `limit` says are kept at a time; equals stay in the order of the
    family, and those that have no such number come last. Otherwise `limit` members end it.
    """

    def __init__(
        self,
        family: Family,
        *,
        where: Question | None = None,
        sort: Question | None = None,
        limit: int | None = None,
        only: Literal["valid", "invalid"] | None = None,
    ) -> None:
        self.family, self.where, self.sort, self.limit, self.only = family, where, sort, limit, only
        self.tally = Tally()
        #: Set to have it end with what it has found so far.
        self.stopped = False
        #: Whether it ended before all members were looked at.
        self.ended_early = False
        #: An example of what is wrong with members that are none.
        self.first_error: Member | None = None
        #: Called with the tally for each member that is looked at.
        self.look: Callable[[Tally], None] = lambda tally: None
        #: How many members it has given.
        self.given = 0

    @property
    def kept(self) -> int | None:
        """How many members it gives at most."""
        return self.limit or (KEPT if self.sort else None)

    def members(self) -> Iterator[Member]:
        """The members, those of an order of their own once all have been looked at.

        Raises Located once all have been looked at and none can answer what is asked.
        """
        for member in self._sorted(self.sort, self.kept or KEPT) if self.sort else self._in_turn():
            self.given += 1
            yield member

    def _in_turn(self) -> Iterator[Member]:
        for candidate in self._passing():
            yield self._member(candidate)
            if self.tally.passed == self.limit:
                self.ended_early = True
                break

    def _member(self, candidate: Candidate) -> Member:
        return candidate.member(self.family.name(candidate.variant))

    def _passing(self) -> Iterator[Candidate]:
        tally = self.tally
        for candidate in self.family.candidates():
            if self.stopped:
                self.ended_early = True
                return
            tally.seen += 1
            self.look(tally)
            if candidate.error is None:
                tally.valid += 1
            else:
                code = candidate.error.code
                tally.codes[code] = tally.codes.get(code, 0) + 1
                self.first_error = self.first_error or self._member(candidate)
            if self._passes(candidate):
                tally.passed += 1
                yield candidate
        if self.where:
            self.where.need_answers()

    def _passes(self, candidate: Candidate) -> bool:
        if self.only and (candidate.error is None) != (self.only == "valid"):
            return False
        return self.where is None or self.where.truth(candidate)

    def _sorted(self, by: Question, kept: int) -> Iterator[Member]:
        """The members with the least numbers: a heap keeps as many, the worst of them on top."""
        heap: list[tuple[float, int, Member]] = []
        without: list[Member] = []
        for place, candidate in enumerate(self._passing()):
            number = by.number(candidate)
            if number is None:
                if len(without) < kept:
                    without.append(self._member(candidate))
            elif len(heap) < kept:
                heapq.heappush(heap, (-number, -place, self._member(candidate)))
            elif -number > heap[0][0]:
                heapq.heapreplace(heap, (-number, -place, self._member(candidate)))
        if not self.stopped:
            by.need_answers()
        best = [member for _, _, member in sorted(heap, key=lambda one: (-one[0], -one[1]))]
        yield from best
        yield from without[: kept - len(best)]
