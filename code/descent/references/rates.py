"""Delta-bar-delta, AdaGrad and AdaDelta, as their papers write them."""

import numpy as np

from descent.references.base import Array, Gradient


def delta_bar_delta_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    increase: float,
    decrease: float,
    theta: float,
) -> Array:
    r"""Delta-bar-delta, Jacobs (1988).

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: First rate of every weight.
        increase: $\kappa$ of the paper.
        decrease: $\phi$ of the paper.
        theta: $\theta$ of the paper.

    Returns:
        Iterates, (steps + 1, dim).
    """
    w = np.array(x0, dtype=np.float64)
    rate = np.full_like(w, lr)
    delta_bar = np.zeros_like(w)
    path = [w]
    for _ in range(steps):
        delta = grad(w)
        for i in range(len(w)):
            if delta_bar[i] * delta[i] > 0:
                rate[i] += increase
            elif delta_bar[i] * delta[i] < 0:
                rate[i] -= decrease * rate[i]
        w = w - rate * delta
        delta_bar = (1 - theta) * delta + theta * delta_bar
        path.append(w)
    return np.array(path)


def adagrad_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    eps: float,
    start: float = 0.0,
    inside: bool = False,
    lr_decay: float = 0.0,
) -> Array:
    r"""AdaGrad, Goodfellow et al. (2016), algorithm 8.4; Duchi et al. (2011).

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\epsilon$ of the book.
        eps: Small constant $\delta$ of the book.
        start: First value of r; 0 in the book.
        inside: Write $\sqrt{\delta + r}$ where the book has $\delta + \sqrt r$.
        lr_decay: Divide the learning rate of step k = 0, 1, ... by 1 + k lr_decay, as PyTorch does.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    r = np.full_like(theta, start)
    path = [theta]
    for k in range(steps):
        g = grad(theta)
        r = r + g * g
        denominator = np.sqrt(eps + r) if inside else eps + np.sqrt(r)
        theta = theta - lr / (1 + k * lr_decay) / denominator * g
        path.append(theta)
    return np.array(path)


def adadelta_reference(
    grad: Gradient, x0: Array, steps: int, *, rho: float, eps: float, lr: float = 1.0
) -> Array:
    r"""AdaDelta, Zeiler (2012), algorithm 1.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        rho: Decay rate $\rho$.
        eps: Constant $\epsilon$.
        lr: Factor on the step; 1 in the paper.

    Returns:
        Iterates, (steps + 1, dim).
    """
    x = np.array(x0, dtype=np.float64)
    mean_square_g = np.zeros_like(x)
    mean_square_dx = np.zeros_like(x)
    path = [x]
    for _ in range(steps):
        g = grad(x)
        mean_square_g = rho * mean_square_g + (1 - rho) * g**2
        rms_dx, rms_g = np.sqrt(mean_square_dx + eps), np.sqrt(mean_square_g + eps)
        dx = -rms_dx / rms_g * g
        mean_square_dx = rho * mean_square_dx + (1 - rho) * dx**2
        x = x + lr * dx
        path.append(x)
    return np.array(path)
