"""The one idea of the package: a sweep is a batch on the left.

An objective maps points (*batch, dim) to losses (*batch,). An optimizer maps gradients to steps.
`run` owns the only training loop; `sweep` turns hyper-parameters into batch axes and calls `run`
once. Thousands of runs then advance in one array program, and each equals the same run made alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch
from torch import Tensor

from descent import validate
from descent.optimizers import State, hyperparameters
from descent.oracles import Oracle, gradient

Probe = Callable[["Objective", Tensor], Tensor]
Keep = Literal["all", "last"] | int


class Objective(Protocol):
    """A scalar function of a point, evaluated on a batch of points at once."""

    def __call__(self, x: Tensor) -> Tensor:
        """Map points (*batch, *event) to losses (*batch,)."""


class Optimizer(Protocol):
    """A rule that turns gradients into steps; a frozen dataclass of hyper-parameters."""

    @property
    def min_ndim(self) -> int:
        """How many axes a point, or a parameter of a network, must have at least."""

    def init(self, x: Tensor) -> State:
        """Return the state at the start."""

    def update(self, grad: Tensor, state: State, x: Tensor) -> tuple[Tensor, State]:
        """Return the step dx and the next state."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What a run leaves behind.

    A run has **diverged** when its loss or iterate stops being finite. From then on its iterate
    stays at the last finite point and its loss reads +inf; the other runs of the batch go on.

    Args:
        x: Iterates at the kept steps, (kept, *batch, *event); all steps + 1 of them by default.
        loss: Losses at the kept steps, (kept, *batch).
        step: Which steps were kept, (kept,), int64, from 0 to `steps`.
        diverged: Which runs diverged, (*batch,), bool.
        hit: First step with loss <= target, (*batch,), int64; -1 where it was not reached.
            None when no target was given.
        probes: Name to measurements at the kept steps, (kept, *batch, ...).
        state: The optimizer's state after the last step; empty after a compiled sweep.
    """

    x: Tensor
    loss: Tensor
    step: Tensor
    diverged: Tensor
    hit: Tensor | None = None
    probes: dict[str, Tensor] = field(default_factory=dict)
    state: State = field(default_factory=dict)

    @property
    def final_x(self) -> Tensor:
        """Last iterate, (*batch, *event)."""
        return self.x[-1]

    @property
    def final_loss(self) -> Tensor:
        """Last loss, (*batch,)."""
        return self.loss[-1]

    def __repr__(self) -> str:
        """Summarize shapes instead of printing arrays."""
        batch = tuple(self.diverged.shape)
        return (
            f"Trajectory(steps={int(self.step[-1])}, batch={batch}, "
            f"event={tuple(self.x.shape[1 + len(batch) :])}, kept={len(self.step)}, "
            f"diverged={int(self.diverged.sum())}, probes={list(self.probes)})"
        )


def run(
    objective: Objective,
    optimizer: Optimizer,
    x0: Tensor,
    steps: int,
    *,
    oracle: Oracle = gradient,
    probes: Mapping[str, Probe] | None = None,
    keep: Keep = "all",
    target: float | None = None,
    watch: bool = True,
) -> Trajectory:
    r"""Run an optimizer from one start, or from a batch of starts together.

    $$x_{k+1} = x_k + \Delta(g_k, \text{state}_k, x_k), \qquad g_k = \text{oracle}(f, x_k, k)$$

    Args:
        objective: Maps (*batch, *event) to (*batch,).
        optimizer: The rule. Its fields are numbers or tensors that broadcast against `batch`.
        x0: Start, shape (*batch, *event), floating point. Dtype and device of the run are its own.
        steps: Number of updates, at least 1.
        oracle: What the optimizer is told, `(objective, x, step) -> gradient`.
        probes: Measurements `(objective, x) -> (*batch, ...)`, taken at the kept steps. They cannot
            touch the run.
        keep: "all" keeps every step; an integer k keeps every k-th and the last; "last" keeps the
            last alone, so that memory does not grow with `steps`.
        target: Loss whose first crossing is recorded in `hit`, at every step whatever `keep` is.
        watch: Evaluate the loss at every step, so that divergence is seen there and then. With
            False it is evaluated where it is needed alone, and between those steps only the
            iterate is watched: right for mini-batches, where the full loss costs an epoch.

    Returns:
        The trajectory. Divergence is recorded in it, never raised.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument has the wrong shape or value, or the loss is NaN at the start.

    >>> from descent import SGD
    >>> f = lambda x: 0.5 * (x**2).sum(-1)
    >>> run(f, SGD(lr=0.5), torch.tensor([8.0]), steps=3).x[:, 0]
    tensor([8., 4., 2., 1.])
    """
    x = validate.point("x0", x0)
    steps = validate.count("steps", steps)
    stride = _stride(keep, steps)
    probes = dict(probes or {})
    loss = _first_loss(objective, optimizer, x)
    state = optimizer.init(x)
    kept = _Recorder(objective, probes)
    diverged = torch.isinf(loss)
    hit = None if target is None else torch.where(loss <= target, 0, -1)
    for k in range(steps):
        if k % stride == 0 and keep != "last":
            kept.add(k, x, loss)
        dx, state = optimizer.update(oracle(objective, x, k), state, x)
        due = watch or target is not None or (k + 1) % stride == 0 or k + 1 == steps
        x, loss, diverged = _advance(objective if due else None, x, x + dx, diverged)
        if hit is not None and target is not None:
            hit = torch.where((hit < 0) & (loss <= target), k + 1, hit)
    kept.add(steps, x, loss)
    return kept.trajectory(diverged, hit, state)


class _Recorder:
    """Collects the kept steps of a run."""

    def __init__(self, objective: Objective, probes: dict[str, Probe]) -> None:
        self.objective, self.probes = objective, probes
        self.rows: dict[str, list] = {"x": [], "loss": [], "step": []}
        self.measured: dict[str, list[Tensor]] = {name: [] for name in probes}

    def add(self, step: int, x: Tensor, loss: Tensor) -> None:
        """Keep one step and take its measurements."""
        for name, value in (("x", x), ("loss", loss), ("step", step)):
            self.rows[name].append(value)
        for name, probe in self.probes.items():
            self.measured[name].append(probe(self.objective, x))

    def trajectory(self, diverged: Tensor, hit: Tensor | None, state: State) -> Trajectory:
        """Stack what was kept."""
        return Trajectory(
            x=torch.stack(self.rows["x"]),
            loss=torch.stack(self.rows["loss"]),
            step=torch.tensor(self.rows["step"]),
            diverged=diverged,
            hit=hit,
            probes={name: torch.stack(rows) for name, rows in self.measured.items()},
            state=state,
        )


def _advance(
    objective: Objective | None, old: Tensor, new: Tensor, diverged: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Accept a step where it is finite; hold the run still and mark it where it is not."""
    with torch.no_grad():
        loss = torch.zeros_like(new.sum()) if objective is None else objective(new)
    # A sum is finite only if its terms are, and is cheaper than a test of each.
    diverged = diverged | ~torch.isfinite(loss + 0 * _event_sum(new, diverged.ndim))
    if not bool(diverged.any()):
        return new, loss, diverged
    mask = diverged.reshape(diverged.shape + (1,) * (new.ndim - diverged.ndim))
    held = torch.where(mask, old, new)
    return held, torch.where(diverged, torch.inf, loss), diverged


def _event_sum(x: Tensor, batch_ndim: int) -> Tensor:
    """Sum each run's coordinates, (*batch, *event) -> (*batch,)."""
    flat = x.flatten(batch_ndim) if x.ndim > batch_ndim else x[..., None]
    # A reduction over a handful of numbers is far slower than adding them.
    return flat.sum(-1) if flat.shape[-1] > 8 else sum(flat.unbind(-1))  # type: ignore[return-value]


def _first_loss(objective: Objective, optimizer: Optimizer, x: Tensor) -> Tensor:
    """Evaluate the start, and check that objective, optimizer and x0 fit together."""
    dim = getattr(objective, "dim", x.shape[-1])
    if x.shape[-1] != dim:
        name = type(objective).__name__
        raise ValueError(f"x0 has shape {tuple(x.shape)}; {name} needs (*batch, {dim})")
    with torch.no_grad():
        loss = objective(x)
    if not isinstance(loss, Tensor) or loss.shape != x.shape[: loss.ndim] or loss.ndim > x.ndim:
        got = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
        raise ValueError(
            f"objective maps x0 of shape {tuple(x.shape)} to {got}; it must return (*batch,), the "
            "leading axes of x0"
        )
    need = getattr(optimizer, "min_ndim", 0)
    if x.ndim - loss.ndim < need:
        raise ValueError(
            f"x0 has {x.ndim - loss.ndim} axes per point; {type(optimizer).__name__} needs {need}"
        )
    for name, value in hyperparameters(optimizer).items():
        if isinstance(value, Tensor) and not _fits_left(value.shape, loss.shape):
            raise ValueError(
                f"{name} has shape {tuple(value.shape)}; it must broadcast from the left against "
                f"the batch axes {tuple(loss.shape)}"
            )
    if torch.isnan(loss).any():
        raise ValueError("objective returns NaN at x0; it must be finite or +inf there")
    return loss


def _fits_left(shape: torch.Size, batch: torch.Size) -> bool:
    """Whether the axes of a field line up with the leading batch axes."""
    pairs = zip(shape, batch, strict=False)
    return len(shape) <= len(batch) and all(a in (1, b) for a, b in pairs)


def _stride(keep: Keep, steps: int) -> int:
    """Translate `keep` into the distance between kept steps."""
    if keep == "all":
        return 1
    if keep == "last":
        return steps
    if isinstance(keep, str):
        raise ValueError(f"keep is {keep!r}; it must be 'all', 'last' or an integer >= 1")
    return validate.count("keep", keep)
