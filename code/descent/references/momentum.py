"""Gradient descent and momentum, as their papers write them."""

import numpy as np

from descent.references.base import Array, Gradient


def sgd_reference(grad: Gradient, x0: Array, steps: int, *, lr: float) -> Array:
    r"""Gradient descent, Goodfellow et al. (2016), algorithm 8.1.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\epsilon$ of the book.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    path = [theta]
    for _ in range(steps):
        g = grad(theta)
        theta = theta - lr * g
        path.append(theta)
    return np.array(path)


def heavy_ball_reference(grad: Gradient, x0: Array, steps: int, *, lr: float, beta: float) -> Array:
    r"""Momentum, Goodfellow et al. (2016), algorithm 8.2; Polyak (1964).

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\epsilon$ of the book.
        beta: Momentum $\alpha$ of the book.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    v = np.zeros_like(theta)
    path = [theta]
    for _ in range(steps):
        g = grad(theta)
        v = beta * v - lr * g
        theta = theta + v
        path.append(theta)
    return np.array(path)


def nesterov_reference(grad: Gradient, x0: Array, steps: int, *, lr: float, beta: float) -> Array:
    r"""Nesterov momentum, Sutskever et al. (2013), eqs. 3-4.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\epsilon$ of the paper.
        beta: Momentum $\mu$ of the paper.

    Returns:
        The look-ahead points $\theta_k + \mu v_k$ where gradients are taken, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    v = np.zeros_like(theta)
    path = [theta + beta * v]
    for _ in range(steps):
        g = grad(theta + beta * v)
        v = beta * v - lr * g
        theta = theta + v
        path.append(theta + beta * v)
    return np.array(path)


def damped_momentum_reference(
    grad: Gradient, x0: Array, steps: int, *, lr: float, beta: float, dampening: float
) -> Array:
    r"""Momentum with dampening, as PyTorch documents `torch.optim.SGD`.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\gamma$ of the documentation.
        beta: Momentum $\mu$.
        dampening: $\tau$.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    b = np.zeros_like(theta)
    path = [theta]
    for t in range(steps):
        g = grad(theta)
        b = beta * b + (1 - dampening) * g if t else g
        theta = theta - lr * b
        path.append(theta)
    return np.array(path)
