r"""Separable examples: each geometry of the step has a margin of its own."""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

Geometry = Literal["l1", "l2", "linf"]

# The norm that measures steps and weights, and the one that measures gradients.
ORDERS: dict[str, tuple[float, float]] = {
    "l1": (1, torch.inf),
    "l2": (2, 2),
    "linf": (torch.inf, 1),
}


def steepest(grad: Tensor, geometry: Geometry) -> Tensor:
    r"""Return the step of unit length that lowers the loss most, to first order.

    $$\argmin_{|\Delta|\le1}\ g^\top\Delta = \begin{cases}
    -g/|g|_2 & \ell_2: \text{normalized gradient descent}\\
    -\sign(g) & \ell_\infty: \text{sign descent}\\
    -\sign(g_j)\,e_j,\ j=\argmax_i|g_i| & \ell_1: \text{greedy coordinate descent}
    \end{cases}$$

    Args:
        grad: Gradients, (*batch, d), none of them 0.
        geometry: The norm that measures a step.

    Returns:
        Steps, the shape of `grad`; where several coordinates tie, they share an $\ell_1$ step.

    Raises:
        ValueError: If the geometry is unknown.

    Example:
        >>> steepest(torch.tensor([3.0, -4.0]), "l1")
        tensor([-0., 1.])
    """
    _check(geometry)
    if geometry == "l2":
        return -grad / grad.norm(dim=-1, keepdim=True)
    if geometry == "linf":
        return -torch.sign(grad)
    size = grad.abs()
    largest = (size >= size.amax(-1, keepdim=True)).to(grad.dtype)
    return -torch.sign(grad) * largest / largest.sum(-1, keepdim=True)


def margin(rows: Tensor, x: Tensor, geometry: Geometry) -> Tensor:
    r"""Return $\min_i x^\top a_i / |x|$ in the norm of a geometry.

    Args:
        rows: Examples times labels, (*batch, n, d).
        x: Weights, (*batch, d).
        geometry: The norm of the weights.

    Returns:
        (*batch,); negative where an example is on the wrong side.
    """
    _check(geometry)
    least = (rows @ x.unsqueeze(-1)).squeeze(-1).amin(-1)
    return least / torch.linalg.vector_norm(x, ORDERS[geometry][0], dim=-1)


def widest(rows: Tensor, geometry: Literal["l1", "linf"]) -> tuple[Tensor, float]:
    r"""Find the weights of norm 1 with the largest margin, by a linear program.

    $$\max_{|x|\le1}\ \min_i\ x^\top a_i$$

    The Euclidean case is no linear program; `descent.cost_functions.hard_margin` solves it.

    Args:
        rows: Examples times labels, (n, d).
        geometry: "l1" or "linf".

    Returns:
        Weights (d,) and their margin.

    Raises:
        ValueError: If the geometry is another, or nothing separates the examples.
    """
    from scipy.optimize import linprog

    if geometry not in ("l1", "linf"):
        raise ValueError(f"geometry is {geometry!r}; it must be 'l1' or 'linf'")
    n, d = rows.shape
    tall = rows.double().numpy()
    # Unknowns: x = p - q with p, q >= 0, and the margin. Lower the negative margin.
    limits = np.hstack([-tall, tall, np.ones((n, 1))])
    ends, low = np.zeros(n), [(0.0, 1.0 if geometry == "linf" else None)] * (2 * d)
    if geometry == "l1":
        limits = np.vstack([limits, [1.0] * (2 * d) + [0.0]])
        ends = np.append(ends, 1.0)
    cost = np.append(np.zeros(2 * d), -1.0)
    found = linprog(cost, limits, ends, bounds=[*low, (None, None)])
    if not found.success or -found.fun <= 0:
        raise ValueError("rows cannot be separated; their widest margin must be positive")
    solution = torch.as_tensor(found.x)
    return (solution[:d] - solution[d:-1]).to(rows.dtype), float(-found.fun)


def _check(geometry: str) -> None:
    if geometry not in ORDERS:
        raise ValueError(f"geometry is {geometry!r}; it must be 'l1', 'l2' or 'linf'")
