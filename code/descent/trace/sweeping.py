"""Large sweeps as machine code."""

from __future__ import annotations

import importlib.util
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from descent.core import Objective, Optimizer, _first_loss
from descent.optimizers import hyperparameters, with_hyperparameters
from descent.trace.compiled import CompiledLoop
from descent.trace.refusal import UnsupportedOperation
from descent.trace.runs import adjustable, trace_run

# Every scalar of a run is a name in the generated code; more than this wants array code instead.
MAX_DIM = 64

Result = tuple[Tensor, Tensor, Tensor, Tensor | None]


def fast_sweep(
    objective: Objective,
    optimizer: Optimizer,
    x0: Tensor,
    steps: int,
    grid: Mapping[str, Tensor],
    target: float | None = None,
) -> Result | None:
    """Run every combination of hyper-parameters in compiled code, keeping the last step alone.

    Args:
        objective: Maps (*batch, dim) to (*batch,).
        optimizer: A rule whose fields are numbers, or tensors that broadcast from the left.
        x0: Start, (*batch, dim).
        steps: Number of updates.
        grid: Field name to values, each a vector.
        target: Loss whose first crossing is wanted.

    Returns:
        Final iterates (*sizes, *batch, dim), final losses, which runs diverged, and the steps of
        first crossing (None without a target): what `descent.sweep` would find. None where this
        machine or this problem has no compiled form: numba is missing, the data are not float64 on
        the CPU, a point is not a vector of at most 64 numbers, or a step cannot be traced.
    """
    sizes = tuple(len(v) for v in grid.values())
    axes = {
        name: v.reshape((1,) * i + (-1,) + (1,) * (len(sizes) - 1 - i))
        for i, (name, v) in enumerate(grid.items())
    }
    swept = with_hyperparameters(optimizer, axes)
    points = x0.expand(*sizes, *x0.shape)
    batch = _first_loss(objective, swept, points).shape
    if not _fits(x0, batch, len(sizes)):
        return None
    loop = _compiled(objective, _one(swept), x0.shape[-1])
    if loop is None:
        return None
    found = loop(steps, _parameters(loop, points, swept, batch), target)
    shaped = [torch.from_numpy(a).reshape(batch) for a in (found.loss, found.diverged, found.hit)]
    x = torch.from_numpy(found.x).reshape(*batch, -1)
    return x, shaped[0], shaped[1], None if target is None else shaped[2]


def _fits(x0: Tensor, batch: torch.Size, axes: int) -> bool:
    vector = x0.ndim == len(batch) - axes + 1 and x0.shape[-1] <= MAX_DIM
    plain = x0.dtype == torch.float64 and x0.device.type == "cpu"
    return vector and plain and importlib.util.find_spec("numba") is not None


def _one(optimizer: Optimizer) -> Optimizer:
    """The rule with the first value of every field that is a tensor."""
    tensors = {k: v for k, v in hyperparameters(optimizer).items() if isinstance(v, Tensor)}
    first = {k: float(v.flatten()[0]) for k, v in tensors.items()}
    return with_hyperparameters(optimizer, first)


def _parameters(loop: CompiledLoop, x: Tensor, swept: Optimizer, batch: torch.Size) -> np.ndarray:
    """One column of loop inputs for every run."""
    rows = list(x.reshape(-1, x.shape[-1]).T)
    given = hyperparameters(swept)
    for name in list(loop.loop.inputs)[1:]:
        value = torch.as_tensor(given[name], dtype=torch.float64)
        full = value.reshape(value.shape + (1,) * (len(batch) - value.ndim)).expand(batch)
        rows.append(full.reshape(-1))
    return torch.stack(rows).numpy()


_LOOPS: dict[Hashable, CompiledLoop | None] = {}


def _compiled(objective: Objective, optimizer: Optimizer, dim: int) -> CompiledLoop | None:
    """The compiled loop of a run, or None; remembered where equal keys mean equal functions."""
    key = (_key(objective), type(optimizer), *_constants(optimizer), dim)
    if key[0] is not None and key in _LOOPS:
        return _LOOPS[key]
    try:
        loop = trace_run(objective, optimizer, dim).numba()
    except UnsupportedOperation:
        loop = None
    if key[0] is not None:
        _LOOPS[key] = loop
    return loop


def _constants(optimizer: Optimizer) -> list[Any]:
    """The fields that are built into a loop instead of being its inputs."""
    inputs = adjustable(optimizer)
    return [(k, repr(v)) for k, v in hyperparameters(optimizer).items() if k not in inputs]


def _key(objective: Any) -> Hashable | None:
    """The type of a dataclass and the values of its fields, or None if that says too little.

    A function may see a variable that changes, so its identity does not tell what it computes.
    """
    if not is_dataclass(objective):
        return None
    parts: list[Any] = [type(objective)]
    for f in fields(objective):
        value = getattr(objective, f.name)
        if isinstance(value, Tensor):
            value = (tuple(value.shape), *value.detach().flatten().tolist())
        elif not isinstance(value, (int, float, str, type(None))):
            return None
        parts.append((f.name, value))
    return tuple(parts)
