"""A process as machine code."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from descent.trace.arrays.languages import Layout, python_source
from descent.trace.arrays.process import Process, Slot
from descent.trace.machine import load
from descent.trace.scalars import BOOL, FLOAT, INT

_TYPES = {FLOAT: np.float64, INT: np.int32, BOOL: np.uint8}


class Machine:
    """A process in compiled code, ready to take steps.

    Args:
        process: What to run.
        **given: The parameters.
    """

    def __init__(self, process: Process, **given: Tensor | float) -> None:
        self.process, self.layout = process, Layout(process)
        self.module = load(python_source(process))
        self.memory = {k: np.zeros(max(n, 1), _TYPES[k]) for k, n in self.layout.sizes.items()}
        for n, data in self.layout.constants.items():
            array, at = self.memory[process.storages[n].kind], self.layout.bases[n]
            array[at : at + len(data)] = data
        for name, slot in process.inputs.items():
            at = self.layout.bases[slot.storage]
            values = torch.as_tensor(given[name], dtype=torch.float64).flatten().numpy()
            self.memory[FLOAT][at : at + slot.size] = values
        self.module.start(*self.memory.values())

    def step(self, k: int) -> None:
        """Take step k."""
        self.module.step(*self.memory.values(), float(k))

    def observe(self, k: int) -> dict[str, Tensor]:
        """Measure before step k."""
        self.module.observe(*self.memory.values(), float(k))
        return {name: self._read(slot) for name, slot in self.process.outputs.items()}

    def _read(self, slot: Slot) -> Tensor:
        at = self.layout.bases[slot.storage]
        values = self.memory[self.process.storages[slot.storage].kind][at : at + slot.size]
        return torch.from_numpy(values.astype(np.float64)).reshape(slot.shape)


def run_compiled(
    process: Process, steps: int, every: int = 1, **given: Tensor | float
) -> dict[str, Tensor]:
    """Run a process in compiled code.

    Args:
        process: What to run.
        steps: Number of steps.
        every: Distance between measurements.
        **given: The parameters.

    Returns:
        What `Process.torch` returns, to rounding.
    """
    machine, rows = Machine(process, **given), []
    for k in range(steps + 1):
        if k % every == 0:
            rows.append(machine.observe(k))
        if k < steps:
            machine.step(k)
    return {name: torch.stack([row[name] for row in rows]) for name in process.outputs}
