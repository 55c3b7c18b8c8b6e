"""A reference run with random values in place of its weights: what a layer gets then tells which it is.

Real weights may hide a difference: norms that have not been trained are equal, a residual branch may
start at zero, a layer scale at 1e-6. Random ones of a moderate size hide nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cnndsl.torch.watch import Call, State, Use, Watch, fingerprint, tensors_in

#: How many random numbers there are; they are taken in turn, over and over. A prime: no two rows are equal.
POOL = 1_000_003


class Probe(Watch):
    """Runs a reference on random weights; `uses` are the places where it uses them, in order."""

    def __init__(self, state: State, device: torch.device) -> None:
        super().__init__(state, self.probed, device)
        self.uses: list[Use] = []
        #: Those of tensors that have not been used before.
        self.first: list[Use] = []
        self.used: set[str] = set()
        #: What has been an argument: less than `used`, as long as a layer has not used all that it owns.
        self._met: set[str] = set()
        self._scales: dict[str, float] = {}
        self._pool = torch.rand(POOL, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        self._pool = self._pool.to(device)
        #: Where in the pool the values of a tensor begin.
        self._starts = {name: number * 7919 % POOL for number, name in enumerate(state.real)}

    def probed(self, name: str) -> Tensor:
        """Random weights around zero; of vectors (biases, scales, variances) around one."""
        shape = self.state.tensors[name].shape
        size, start = shape.numel(), self._starts[name]
        times, end = divmod(start + size, POOL)
        parts = [self._pool[start:], *[self._pool] * (times - 1), self._pool[:end]]
        drawn = (torch.cat(parts) if times else self._pool[start:end]).reshape(shape)
        if size == max(shape, default=1):
            return drawn + 0.5
        return (drawn - 0.5).mul_(self._scales.get(name, 1.0))

    def meet(self, call: Call, names: list[str], data: list[Tensor]) -> Any:
        new = [name for name in names if name not in self.used]
        again = self._met.issuperset(names)
        self._met.update(names)
        if not new and not again:
            return super().meet(call, names, data)
        use = self.opened(new or names, data)
        self.uses.append(use)
        self.first += [use] if new else []
        self.used.update(use.names)
        result = self._scaled(call, new) if new else call(self.resolved)
        use.outputs["function"] = fingerprint(tensors_in(result))
        return result

    def _scaled(self, call: Call, new: list[str]) -> Any:
        """Call a function with its new weights so scaled that what comes out has a deviation of one."""
        if call.in_place:
            return call(self.resolved)
        result = call(self.resolved)
        spread = float(result.std()) if isinstance(result, Tensor) and result.numel() > 1 else 0.0
        if not 0.0 < spread < float("inf"):
            return result
        self._scales |= {name: self._scales.get(name, 1.0) / spread for name in new}
        return call(self.resolved)
