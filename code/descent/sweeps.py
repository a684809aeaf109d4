"""Hyper-parameters as batch axes: every combination runs in one array program."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from descent import validate
from descent.core import Objective, Optimizer, Trajectory, run
from descent.optimizers import hyperparameters, with_hyperparameters

# Below this many coordinate updates, compiling costs more than it saves.
WORTH_COMPILING = 2**24


def sweep(
    objective: Objective,
    optimizer: Optimizer,
    x0: Tensor,
    steps: int,
    *,
    grid: Mapping[str, Tensor],
    backend: Literal["auto", "torch", "numba"] = "auto",
    **options: Any,
) -> Trajectory:
    """Run every combination of hyper-parameters at once.

    Each name in `grid` becomes one batch axis, in the order given, to the left of the batch axes of
    `x0`. The result at `[i, j]` equals the run with the i-th and j-th values made alone.

    Args:
        objective: Maps (*batch, *event) to (*batch,).
        optimizer: A rule whose fields are numbers; those named in `grid` are replaced.
        x0: Start, shape (*batch, *event); every combination starts there.
        steps: Number of updates, at least 1.
        grid: Field name to 1-D values, e.g. `{"lr": tensor(n), "beta": tensor(m)}`.
        backend: "torch" advances all runs together in torch. "numba" compiles the traced step,
            which is faster for large sweeps that keep only the last step. "auto" takes numba when
            it applies and the sweep is large enough to repay compiling.
        **options: `oracle`, `probes`, `keep`, `target`, as for `run`.

    Returns:
        A trajectory with batch axes (*grid sizes, *batch of x0).

    Raises:
        ValueError: If the grid is empty, names something that is not a field, holds values that are
            not a non-empty vector, or `backend` is unknown or cannot do this sweep.

    >>> from descent import SGD
    >>> f = lambda x: 0.5 * (x**2).sum(-1)
    >>> sweep(f, SGD(lr=1.0), torch.tensor([8.0]), 1, grid={"lr": torch.tensor([0.5, 1.0])}).final_x
    tensor([[4.],
            [0.]])
    """
    x = validate.point("x0", x0)
    values = _grid_values(optimizer, grid, x)
    if backend not in ("auto", "torch", "numba"):
        raise ValueError(f"backend is {backend!r}; it must be 'auto', 'torch' or 'numba'")
    if backend != "torch":
        fast = _compiled(objective, optimizer, x, steps, values, options, force=backend == "numba")
        if fast is not None:
            return fast
    n = len(values)
    sizes = tuple(len(v) for v in values.values())
    axes = {
        name: v.reshape((1,) * i + (-1,) + (1,) * (n - 1 - i))
        for i, (name, v) in enumerate(values.items())
    }
    swept = with_hyperparameters(optimizer, axes)
    return run(objective, swept, _runs_innermost(x.expand(*sizes, *x.shape)), steps, **options)


def _runs_innermost(x: Tensor) -> Tensor:
    """Store few coordinates outermost in memory, so that loops stream over the runs."""
    return x.movedim(-1, 0).contiguous().movedim(0, -1) if x.shape[-1] <= 8 else x


def _grid_values(optimizer: Optimizer, grid: Mapping[str, Tensor], x: Tensor) -> dict[str, Tensor]:
    """Check a grid and bring its values to the dtype and device of x0."""
    if not grid:
        raise ValueError("grid is empty; it must name at least one hyper-parameter")
    known = hyperparameters(optimizer)
    values = {}
    for name, given in grid.items():
        if name not in known:
            raise ValueError(
                f"grid names {name!r}, which is not a field of {type(optimizer).__name__}; "
                f"its fields are {', '.join(known)}"
            )
        v = torch.as_tensor(given, dtype=x.dtype, device=x.device)
        if v.ndim != 1 or v.numel() == 0:
            raise ValueError(
                f"grid[{name!r}] has shape {tuple(v.shape)}; it must be a vector of >= 1 values"
            )
        values[name] = v
    return values


def _compiled(
    objective: Objective,
    optimizer: Optimizer,
    x: Tensor,
    steps: int,
    values: dict[str, Tensor],
    options: dict[str, Any],
    *,
    force: bool,
) -> Trajectory | None:
    """Run a summary-only sweep as compiled machine code, or return None where that does not fit."""
    work = steps * x.numel()
    for v in values.values():
        work *= len(v)
    fits = options.get("keep") == "last" and not (options.keys() - {"keep", "target"})
    if not force and not (fits and work >= WORTH_COMPILING):
        return None
    if not fits:
        raise ValueError("backend is 'numba'; it needs keep='last' and neither oracle nor probes")
    from descent.trace import fast_sweep

    done = fast_sweep(objective, optimizer, x, steps, values, options.get("target"))
    if done is None:
        if force:
            raise ValueError("backend is 'numba', but this objective or optimizer cannot be traced")
        return None
    final_x, final_loss, diverged, hit = done
    return Trajectory(
        x=final_x[None],
        loss=final_loss[None],
        step=torch.tensor([steps]),
        diverged=diverged,
        hit=hit,
    )
