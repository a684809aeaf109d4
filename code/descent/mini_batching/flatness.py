r"""A measure of sharpness that depends on coordinates: the rise within a small box."""

import torch
from torch import Tensor

from descent import validate
from descent.core import Objective
from descent.oracles import gradient


def box_sharpness(objective: Objective, x: Tensor, size: float = 1e-3, steps: int = 10) -> Tensor:
    r"""Rise of the loss within a small box, in percent, found by ascent along signs.

    $$100\,\max_{\abs{z_i}\le\epsilon(\abs{x_i}+1)} \frac{f(x+z)-f(x)}{1+f(x)}$$

    Every step moves each coordinate a quarter of its range and stays in the box; the best point
    met counts, so the result is a lower bound.

    Args:
        objective: Maps (*batch, P) to (*batch,).
        x: Points, (*batch, P).
        size: $\epsilon$, at most a few thousandths.
        steps: Steps of the ascent.

    Returns:
        The measure, (*batch,).

    Reference: Keskar et al. (2017), arXiv:1609.04836, metric 2.1, there with L-BFGS-B.
    """
    validate.positive("size", size)
    box = size * (x.abs() + 1)
    with torch.no_grad():
        base = objective(x)
    z, best = torch.zeros_like(x), base.clone()
    for _ in range(validate.count("steps", steps)):
        z = torch.clamp(z + 0.25 * box * gradient(objective, x + z).sign(), -box, box)
        with torch.no_grad():
            best = torch.maximum(best, objective(x + z))
    return 100 * (best - base) / (1 + base)
