"""What the caller says of names: `names={"stage1": "layer1", "fc1": "classifier.1"}`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cnndsl.diagnostics.suggest import did_you_mean
from cnndsl.torch.report import StateError


class Names:
    """Pairs of names, ours and theirs, of tensors or of what stands before their dots.

    A tensor under a name of ours is one under that name of theirs, and the other way round; where
    several names fit the longest one counts.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)

    def check(self, ours: Iterable[str], theirs: Iterable[str]) -> None:
        """Refuse names that there are none of."""
        for whose, known, given in (
            ("model", list(ours), self._names.keys()),
            ("reference", list(theirs), self._names.values()),
        ):
            for name in given:
                if not any(_under(one, name) for one in known):
                    near = [f"`{one}`" for one in did_you_mean(name, _stems(known))]
                    meant = f"; did you mean {' or '.join(near)}?" if near else ""
                    raise StateError(
                        f"`names` says `{name}`, but the {whose} has no such tensor or layer{meant}"
                    )

    def ours(self, name: str) -> str:
        """The longest of our given names that a tensor is under; "" if none."""
        return max((one for one in self._names if _under(name, one)), key=len, default="")

    def theirs(self, name: str) -> str:
        """The same for a tensor of theirs."""
        return max((one for one in self._names.values() if _under(name, one)), key=len, default="")

    def named(self, ours: str) -> str:
        """Their name for one of ours; "" for none."""
        return self._names.get(ours, "")

    def allow(self, ours: str, theirs: str) -> bool:
        """Whether a tensor of ours may be one of theirs."""
        return self.named(self.ours(ours)) == self.theirs(theirs)

    def share(self, ours: str, other: str) -> bool:
        """Whether two of ours may be one of theirs: if it has been said of both by a name each."""
        given = {self.ours(ours), self.ours(other)}
        return len(given) == 2 and len({self._names.get(one) for one in given}) == 1


def _under(name: str, stem: str) -> bool:
    return name == stem or name.startswith(f"{stem}.")


def _stems(names: Collection[str]) -> list[str]:
    """The names, and what stands before each of their dots."""
    return list(dict.fromkeys(name[:end] for name in names for end in _ends(name)))


def _ends(name: str) -> list[int]:
    return [*(place for place, sign in enumerate(name) if sign == "."), len(name)]
