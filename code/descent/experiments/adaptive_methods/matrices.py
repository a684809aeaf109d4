"""Completion of a matrix by a product of matrices: gradient descent beside Adam."""

from collections.abc import Callable

import numpy as np
import torch

from descent.core import Optimizer, run
from descent.experiments import experiment, watched
from descent.objectives import Completion
from descent.optimizers import SGD, Adam
from descent.oracles import gradient

# Depth of the product and size of its start.
DEEP = ((2, 1e-3), (3, 1e-5))
RULES: dict[str, tuple[Callable[..., Optimizer], tuple[float, ...]]] = {
    "gradient descent": (SGD, (0.1, 0.2, 0.4)),
    "Adam": (Adam, (3e-4, 1e-3, 3e-3)),
}


@experiment
def completion(
    rule: str,
    depth: int,
    scale: float,
    steps: int = 4000,
    size: int = 30,
    rank: int = 3,
    count: int = 360,
    seeds: int = 4,
) -> dict[str, np.ndarray]:
    """Complete matrices at every rate of a rule.

    Args:
        rule: A name in `RULES`.
        depth: Number of factors.
        scale: Size of the product at the start.
        steps: Number of updates.
        size: Rows and columns of a matrix.
        rank: Its rank.
        count: How many entries are seen.
        seeds: How many matrices.

    Returns:
        `step` (kept,), `error` (kept, rates, seeds, 2), the relative errors on the seen and the
        unseen entries, and `rank` (kept, rates, seeds), the effective rank of the product.
    """
    problem = Completion.draw(size, rank, count, seeds)
    make, rates = RULES[rule]
    start = problem.start(depth, scale).expand(len(rates), seeds, depth, size, size)
    path = run(
        problem,
        make(lr=torch.tensor(rates, dtype=torch.float64)[:, None]),
        start.clone(),
        steps,
        oracle=watched(gradient, steps, f"{rule}, depth {depth}"),
        probes={
            "error": lambda _, x: problem.errors(x),
            "rank": lambda _, x: problem.effective_rank(x),
        },
        keep=steps // 100,
        watch=False,
    )
    return {"step": path.step.numpy()} | {k: v.numpy() for k, v in path.probes.items()}
