"""Lion, Sophia and the schedule-free rules, as their papers write them."""

from collections.abc import Callable

import numpy as np

from descent.references.base import Array, Gradient


def lion_reference(
    grad: Gradient, x0: Array, steps: int, *, lr: float, beta1: float, beta2: float
) -> Array:
    r"""Lion, Chen et al. (2023), algorithm 2, without weight decay.

    Args:
        grad: Gradient of the objective.
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\eta$.
        beta1: $\beta_1$.
        beta2: $\beta_2$.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    m = np.zeros_like(theta)
    path = [theta]
    for _ in range(steps):
        g = grad(theta)
        c = beta1 * m + (1 - beta1) * g
        theta = theta - lr * np.sign(c)
        m = beta2 * m + (1 - beta2) * g
        path.append(theta)
    return np.array(path)


def sophia_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    curvature: Callable[[Array, int], Array],
    lr: float,
    beta1: float,
    beta2: float,
    gamma: float,
    eps: float,
) -> Array:
    r"""Sophia, Liu et al. (2023), algorithm 3, with k = 1 and without weight decay.

    Args:
        grad: Gradient of the objective.
        x0: Start, (dim,).
        steps: Number of updates.
        curvature: Estimate of the Hessian's diagonal at a point and step.
        lr: Learning rate $\eta$.
        beta1: $\beta_1$.
        beta2: $\beta_2$.
        gamma: $\gamma$.
        eps: $\epsilon$.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    m, h = np.zeros_like(theta), np.zeros_like(theta)
    path = [theta]
    for t in range(steps):
        m = beta1 * m + (1 - beta1) * grad(theta)
        h = beta2 * h + (1 - beta2) * curvature(theta, t)
        theta = theta - lr * np.clip(m / np.maximum(gamma * h, eps), -1, 1)
        path.append(theta)
    return np.array(path)


def schedule_free_sgd_reference(
    grad: Gradient, x0: Array, steps: int, *, lr: float, beta: float
) -> Array:
    r"""Schedule-free SGD, Defazio et al. (2024), eqs. 3-5.

    Args:
        grad: Gradient of the objective.
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Step size $\gamma$, constant, so that $c_{t+1} = 1/(t+1)$.
        beta: $\beta$.

    Returns:
        The points y where gradients are taken, (steps + 1, dim).
    """
    z = x = np.array(x0, dtype=np.float64)
    path = [z]
    for t in range(steps):
        y = (1 - beta) * z + beta * x
        z = z - lr * grad(y)
        c = 1 / (t + 1)
        x = (1 - c) * x + c * z
        path.append((1 - beta) * z + beta * x)
    return np.array(path)


def schedule_free_adamw_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> Array:
    r"""Schedule-free AdamW, Defazio et al. (2024), algorithm 1, without warm-up.

    Args:
        grad: Gradient of the objective.
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\gamma$.
        beta1: $\beta_1$.
        beta2: $\beta_2$.
        eps: $\epsilon$.
        weight_decay: $\lambda$.

    Returns:
        The points y where gradients are taken, (steps + 1, dim).
    """
    z = x = np.array(x0, dtype=np.float64)
    v = np.zeros_like(z)
    path = [z]
    for t in range(1, steps + 1):
        y = (1 - beta1) * z + beta1 * x
        g = grad(y)
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        z = z - lr * g / (np.sqrt(v_hat) + eps) - lr * weight_decay * y
        c = 1 / t
        x = (1 - c) * x + c * z
        path.append((1 - beta1) * z + beta1 * x)
    return np.array(path)
