"""Progress that never ends and progress that ends too soon: plateaus and shrinking steps."""

import torch
from torch import Tensor

from descent import validate


def exponential_bounds(steps: Tensor, lr: float) -> tuple[Tensor, Tensor]:
    r"""Bounds on gradient descent on $e^{-x}$ from 0, for rates up to 1.

    $$\log(1+\eta k) \;\le\; x_k \;\le\; \log\bigl(1+\eta k+\eta^2+\eta\log(1+\eta k)\bigr)$$

    With $y=e^x$ a step is $y\mapsto y\,e^{\eta/y}$, which adds at least $\eta$ to y, and at most
    $\eta+\eta^2/y$.

    Args:
        steps: Numbers k, any shape.
        lr: Learning rate in (0, 1].

    Returns:
        Lower and upper bounds, the shape of `steps`.

    Raises:
        ValueError: If `lr` is not in (0, 1].
    """
    validate.positive("lr", lr)
    if lr > 1:
        raise ValueError(f"lr is {lr}; it must be at most 1")
    low = torch.log1p(lr * steps)
    return low, torch.log(1 + lr * steps + lr**2 + lr * low)


def shrinking_rates(first: float, power: float, steps: int) -> Tensor:
    r"""Learning rates $\varepsilon_k = \varepsilon_1 k^{-p}$ for k = 1, ..., steps, float64."""
    k = torch.arange(1, validate.count("steps", steps) + 1, dtype=torch.float64)
    return first * k**-power


def part_left(rates: Tensor) -> Tensor:
    r"""Part of the distance that gradient descent on $\tfrac12x^2$ leaves, step by step.

    $$\frac{x_k}{x_0} = \prod_{j\le k}(1-\varepsilon_j)$$

    It tends to zero exactly when the rates, each below 1, have an infinite sum.

    Args:
        rates: Learning rates, (..., steps).

    Returns:
        Parts, (..., steps).
    """
    return torch.cumprod(1 - rates, -1)
