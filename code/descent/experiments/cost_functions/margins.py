"""What logistic regression goes on learning after its last training error."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from descent.cost_functions import MarginObjective, hard_margin, normalized_margin
from descent.experiments import experiment, progress

Arrays = dict[str, np.ndarray]


@experiment
def growing_margins(
    seeds: Sequence[int] = tuple(range(10)),
    examples: int = 60,
    dim: int = 20,
    steps: int = 30_000,
    lr: float = 1.0,
    kept: int = 60,
    fresh: int = 5000,
) -> Arrays:
    r"""Descend the logistic loss on separable examples, far beyond the last training error.

    The label is the sign of the first of d Gaussian inputs.

    Args:
        seeds: One data set for each.
        examples: Number of training examples.
        dim: Number of inputs d.
        steps: Budget of full-batch gradient descent from 0.
        lr: Learning rate $\eta$.
        kept: Number of recorded steps, evenly spaced in the logarithm.
        fresh: Fresh examples on which the error rate is measured.

    Returns:
        `step` (kept,), and at each of them (kept, seeds): `loss`, `error` on the training
        examples, `test_error`, `margin` as a part of the largest possible one, `angle` in degrees
        to the direction of the largest margin, and `test_loss`.
    """
    rows = torch.stack([_signed(examples, dim, seed) for seed in seeds])
    test = MarginObjective(torch.stack([_signed(fresh, dim, 1000 + seed) for seed in seeds]))
    solved = [hard_margin(one) for one in rows]
    best = torch.stack([direction for direction, _ in solved])
    widest = torch.tensor([margin for _, margin in solved], dtype=rows.dtype)
    objective = MarginObjective(rows)
    wanted = np.unique(np.geomspace(1, steps, kept).round().astype(int))
    recorded = set(wanted.tolist())
    x, found = torch.zeros(len(seeds), dim, dtype=rows.dtype), []
    for k in progress(range(1, steps + 1), "growing margins"):
        x = x - lr * objective.grad(x)
        if k in recorded:
            part = normalized_margin(rows, x) / widest
            row = [objective(x), objective.errors(x), test(x), test.errors(x), part]
            found.append(torch.stack([*row, _degrees(x, best)]))
    names = ("loss", "error", "test_loss", "test_error", "margin", "angle")
    values = torch.stack(found, 1).numpy()
    return {"step": wanted, **dict(zip(names, values, strict=True))}


def _signed(n: int, dim: int, seed: int) -> Tensor:
    """Draw inputs times their labels, (n, d)."""
    u = torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return u * torch.sign(u[:, :1])


def _degrees(x: Tensor, direction: Tensor) -> Tensor:
    """Return the angle between vectors and unit vectors."""
    cosine = (x * direction).sum(-1) / x.norm(dim=-1)
    return torch.rad2deg(torch.arccos(cosine.clamp(-1, 1)))
