"""A learning rate without a search: estimate how far the solution is, and step accordingly."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from descent import validate


@dataclass(frozen=True, eq=False)
class Distances:
    """What `distance_estimates` returns.

    Args:
        x: Iterates, (steps + 1, dim).
        average: Average of the iterates, weighted by the estimates, (dim,).
        distance: Estimates d of the distance from the start to the solution, (steps + 1,).
    """

    x: Tensor
    average: Tensor
    distance: Tensor


def distance_estimates(
    subgradient: Callable[[Tensor], Tensor], x0: Tensor, steps: int, first: float = 1e-6
) -> Distances:
    r"""Dual averaging whose learning rate is a growing lower bound on the distance to go.

    $$s_{k+1} = s_k + d_k g_k, \qquad \gamma_{k+1} = \Bigl(\sum_{i\le k}|g_i|^2\Bigr)^{-1/2}, \qquad
    x_{k+1} = x_0 - \gamma_{k+1}s_{k+1},$$
    $$d_{k+1} = \max\Bigl(d_k,\;
    \frac{\gamma_{k+1}|s_{k+1}|^2 - \sum_{i\le k}\gamma_i d_i^2|g_i|^2}{2|s_{k+1}|}\Bigr),
    \qquad \gamma_0 = |g_0|^{-1}$$

    On a convex function the estimate never exceeds $D = |x_0 - x_\star|$.

    Args:
        subgradient: A subgradient of a convex function, (dim,) to (dim,).
        x0: Start, (dim,), where the subgradient is not 0.
        steps: Number of steps.
        first: First estimate $d_0$, positive and below the true distance.

    Returns:
        Iterates, their average and the estimates.

    Raises:
        ValueError: If `steps` < 1, `first` is not positive, or the start is a minimum.

    Reference: Defazio, Mishchenko (2023), algorithm 1.
    """
    validate.count("steps", steps)
    validate.positive("first", first)
    x, s, d = x0, torch.zeros_like(x0), torch.as_tensor(first, dtype=x0.dtype)
    squares, spent = torch.zeros_like(d), torch.zeros_like(d)
    points, distances, weighted = [x0], [d], torch.zeros_like(x0)
    for _ in range(steps):
        g = subgradient(x)
        size = (g * g).sum()
        if not squares and not size:
            raise ValueError("x0 is a minimum; the subgradient there must not be 0")
        gamma = (squares if squares else size).rsqrt()
        spent = spent + gamma * d**2 * size
        weighted, s, squares = weighted + d * x, s + d * g, squares + size
        gamma, length = squares.rsqrt(), s.norm()
        d = torch.maximum(d, (gamma * length**2 - spent) / (2 * length))
        x = x0 - gamma * s
        points.append(x)
        distances.append(d)
    total = torch.stack(distances[:-1]).sum()
    return Distances(torch.stack(points), weighted / total, torch.stack(distances))
