"""A process as machine code."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from descent.trace.arrays.languages import Layout, python_source
from descent.trace.arrays.process import Process
from descent.trace.machine import load
from descent.trace.scalars import BOOL, FLOAT, INT

_TYPES = {FLOAT: np.float64, INT: np.int32, BOOL: np.uint8}


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
    layout, module = Layout(process), load(python_source(process))
    arrays = [np.zeros(max(n, 1), _TYPES[kind]) for kind, n in layout.sizes.items()]
    named = dict(zip(layout.sizes, arrays, strict=True))
    for n, data in layout.constants.items():
        array = named[process.storages[n].kind]
        array[layout.bases[n] : layout.bases[n] + len(data)] = data
    for name, slot in process.inputs.items():
        at = layout.bases[slot.storage]
        named[FLOAT][at : at + slot.size] = _numbers(given[name])
    module.start(*arrays)
    rows: list[dict[str, Tensor]] = []
    for k in range(steps + 1):
        if k % every == 0:
            module.observe(*arrays, float(k))
            rows.append({name: _read(process, layout, named, name) for name in process.outputs})
        if k < steps:
            module.step(*arrays, float(k))
    return {name: torch.stack([row[name] for row in rows]) for name in process.outputs}


def _numbers(value: Tensor | float) -> np.ndarray:
    return torch.as_tensor(value, dtype=torch.float64).flatten().numpy()


def _read(process: Process, layout: Layout, named: dict[str, np.ndarray], name: str) -> Tensor:
    slot = process.outputs[name]
    at = layout.bases[slot.storage]
    values = named[process.storages[slot.storage].kind][at : at + slot.size]
    return torch.from_numpy(values.astype(np.float64)).reshape(slot.shape)
