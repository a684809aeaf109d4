"""RMSProp and its momentum forms, as their papers write them."""

import numpy as np

from descent.references.base import Array, Gradient


def rmsprop_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    rho: float,
    eps: float,
    centered: bool = False,
    inside: bool = True,
) -> Array:
    r"""RMSProp, Goodfellow et al. (2016), algorithm 8.5.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\epsilon$ of the book.
        rho: Decay rate $\rho$.
        eps: Small constant $\delta$ of the book.
        centered: Subtract the squared mean gradient, Graves (2013), section 4.2.
        inside: Write $\sqrt{\delta + r}$ as the book does; False for $\delta + \sqrt r$.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    r, mean = np.zeros_like(theta), np.zeros_like(theta)
    path = [theta]
    for _ in range(steps):
        g = grad(theta)
        r = rho * r + (1 - rho) * g * g
        mean = rho * mean + (1 - rho) * g
        s = np.maximum(r - mean**2, 0) if centered else r
        theta = theta - lr / (np.sqrt(eps + s) if inside else eps + np.sqrt(s)) * g
        path.append(theta)
    return np.array(path)


def rmsprop_momentum_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    rho: float,
    eps: float,
    beta: float,
    centered: bool = True,
    inside: bool = True,
) -> Array:
    r"""RMSProp with momentum, Graves (2013), section 4.2.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate, 0.0001 in the paper.
        rho: Decay rate, 0.95 in the paper.
        eps: Small constant, 0.0001 in the paper.
        beta: Momentum, 0.9 in the paper.
        centered: Subtract the squared mean gradient, as the paper does.
        inside: Add the constant inside the root, as the paper does.

    Returns:
        Iterates, (steps + 1, dim).
    """
    w = np.array(x0, dtype=np.float64)
    n, g, delta = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    path = [w]
    for _ in range(steps):
        e = grad(w)
        n = rho * n + (1 - rho) * e**2
        g = rho * g + (1 - rho) * e
        s = np.maximum(n - g**2, 0) if centered else n
        delta = beta * delta - lr * e / (np.sqrt(s + eps) if inside else np.sqrt(s) + eps)
        w = w + delta
        path.append(w)
    return np.array(path)


def rmsprop_nesterov_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    rho: float,
    eps: float,
    beta: float,
    centered: bool = False,
    inside: bool = False,
) -> Array:
    r"""RMSProp with Nesterov momentum, Goodfellow et al. (2016), algorithm 8.6.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\epsilon$ of the book.
        rho: Decay rate $\rho$.
        eps: Small constant; the book has none, and divides by zero where every gradient was 0.
        beta: Momentum $\alpha$ of the book.
        centered: Subtract the squared mean gradient.
        inside: Add the constant inside the root.

    Returns:
        The look-ahead points $\theta_k + \alpha v_k$ where gradients are taken, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    v, r, mean = np.zeros_like(theta), np.zeros_like(theta), np.zeros_like(theta)
    path = [theta + beta * v]
    for _ in range(steps):
        look_ahead = theta + beta * v
        g = grad(look_ahead)
        r = rho * r + (1 - rho) * g * g
        mean = rho * mean + (1 - rho) * g
        s = np.maximum(r - mean**2, 0) if centered else r
        v = beta * v - lr / (np.sqrt(s + eps) if inside else np.sqrt(s) + eps) * g
        theta = theta + v
        path.append(theta + beta * v)
    return np.array(path)
