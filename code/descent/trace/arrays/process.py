"""A state that a step changes again and again, as loops over arrays in the target language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from descent.trace.arrays.memory import Storage
from descent.trace.arrays.nest import Nest
from descent.trace.arrays.schedule import schedule

Function = Callable[..., Mapping[str, Tensor]]


@dataclass(frozen=True)
class Slot:
    """A named tensor: its storage and its shape."""

    storage: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Count of numbers."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Process:
    r"""A traced state that a step changes, with measurements.

    $$s_0 = \text{start}(\theta), \qquad s_{k+1} = \text{step}(s_k, k; \theta), \qquad
    \text{row}_k = \text{observe}(s_k, k; \theta)$$

    Args:
        storages: The memory.
        phases: What each of the three does, as recorded.
        inputs: The parameters θ, in order.
        counter: The step number.
        outputs: What `observe` measures, in order.
        functions: The three functions themselves, which torch can run.
    """

    storages: list[Storage]
    phases: dict[str, list[Nest]]
    inputs: dict[str, Slot]
    counter: Slot
    outputs: dict[str, Slot]
    functions: dict[str, Function]

    @property
    def nests(self) -> dict[str, list[Nest]]:
        """The phases with as few passes over memory as possible."""
        kept = {n for n, s in enumerate(self.storages) if s.keep}
        return {name: schedule(nests, kept) for name, nests in self.phases.items()}

    def torch(self, steps: int, every: int = 1, **given: Tensor | float) -> dict[str, Tensor]:
        """Run the functions themselves.

        Args:
            steps: Number of steps.
            every: Distance between measurements.
            **given: The parameters.

        Returns:
            Name of a measurement to its values at steps 0, every, 2 every, …, stacked.
        """
        theta = {k: torch.as_tensor(v, dtype=torch.float64) for k, v in given.items()}
        if theta.keys() != self.inputs.keys():
            raise TypeError(f"parameters are {sorted(theta)}; they must be {sorted(self.inputs)}")
        state, rows = self.functions["start"](**theta), []
        for k in range(steps + 1):
            step = torch.tensor(float(k), dtype=torch.float64)
            if k % every == 0:
                rows.append(self.functions["observe"](**state, **theta, step=step))
            if k < steps:
                state = self.functions["step"](**state, **theta, step=step)
        return {k: torch.stack([row[k].double() for row in rows]).detach() for k in self.outputs}

    def javascript(self, name: str = "process") -> str:
        """Write `function name()`, which allocates memory once and returns the three phases.

        Args:
            name: Name of the function.

        Returns:
            Source of a function that returns `{start(p), step(k), observe(k, out)}`: `start` reads
            the parameters from `p`, flattened in order; `observe` fills `out` likewise.
        """
        from descent.trace.arrays.languages import javascript_source

        return javascript_source(self, name)

    def python(self) -> str:
        """Write a module with `start(f, i, b, p)`, `step(f, i, b, k)`, `observe(f, i, b, k, out)`.

        Returns:
            Source for numba; `descent.trace.arrays.compiled` runs it.
        """
        from descent.trace.arrays.languages import python_source

        return python_source(self)
