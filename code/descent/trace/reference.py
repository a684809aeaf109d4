"""A traced loop evaluated in torch, step by step: slow, batched, and easy to check by eye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from descent.trace.loop import Loop


def run_loop(
    loop: Loop, steps: int, parameters: Mapping[str, Tensor | float]
) -> tuple[dict[str, Tensor], Tensor]:
    """Run `loop` as its docstring says; see `Loop.__call__`."""
    given = {k: torch.as_tensor(v, dtype=torch.float64) for k, v in parameters.items()}
    if given.keys() != loop.inputs.keys():
        raise TypeError(f"parameters are {sorted(given)}; they must be {sorted(loop.inputs)}")
    shapes = loop.program.input_shapes
    batch = torch.broadcast_shapes(*(v.shape[: v.ndim - len(shapes[k])] for k, v in given.items()))
    state = {k: v.expand(batch + shapes[k]) for k, v in given.items()}
    counter = {} if loop.counter is None else {loop.counter: torch.tensor(0.0)}
    blank = {k: torch.zeros(batch + shapes[k], dtype=torch.float64) for k in loop.start}
    first = loop.program(**state, **blank, **counter)
    state |= {k: first[v].expand_as(blank[k]) for k, v in loop.start.items()}
    rows: list[dict[str, Tensor]] = []
    bad = torch.full(batch, -1)
    for k in range(steps + 1):
        if counter:
            state[loop.counter or ""] = torch.tensor(float(k))
        out = loop.program(**state)
        seen = {n: (state if n in loop.carry.values() else out)[n] for n in loop.record}
        watched = [state[n] for n in loop.iterate] + [out[n] for n in loop.loss]
        finite = [torch.isfinite(w).reshape((*batch, -1)).all(-1) for w in watched]
        bad = torch.where((bad < 0) & ~torch.stack(finite).all(0), k, bad)
        rows.append(
            {
                n: _hold(v, rows[-1][n] if rows else v, bad >= 0, n in loop.loss)
                for n, v in seen.items()
            }
        )
        state |= {name: out[result] for result, name in loop.carry.items()}
    return {n: torch.stack([row[n] for row in rows]) for n in loop.record}, bad


def _hold(value: Tensor, last: Tensor, diverged: Tensor, is_loss: bool) -> Tensor:
    mask = diverged.reshape(diverged.shape + (1,) * (value.ndim - diverged.ndim))
    return torch.where(mask, torch.inf if is_loss else last, value)
