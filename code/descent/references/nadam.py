"""NAdam, as its paper and the libraries write it."""

import numpy as np

from descent.references.base import Array, Gradient


def nadam_reference(
    grad: Gradient,
    x0: Array,
    steps: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    momentum_decay: float,
) -> Array:
    r"""NAdam, Dozat (2016), with the mean that PyTorch and Keras take.

    Args:
        grad: Gradient of the objective, (dim,) to (dim,).
        x0: Start, (dim,).
        steps: Number of updates.
        lr: Learning rate $\alpha$.
        beta1: $\mu$; the schedule is $\mu_t = \mu(1 - \frac12 0.96^{t\psi})$.
        beta2: $\nu$.
        eps: $\epsilon$.
        momentum_decay: $\psi$.

    Returns:
        Iterates, (steps + 1, dim).
    """
    theta = np.array(x0, dtype=np.float64)
    m, n = np.zeros_like(theta), np.zeros_like(theta)
    mu = [beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay)) for t in range(steps + 2)]
    path = [theta]
    for t in range(1, steps + 1):
        g = grad(theta)
        g_hat = g / (1 - np.prod(mu[1 : t + 1]))
        m = beta1 * m + (1 - beta1) * g
        m_hat = m / (1 - np.prod(mu[1 : t + 2]))
        n = beta2 * n + (1 - beta2) * g**2
        n_hat = n / (1 - beta2**t)
        m_bar = (1 - mu[t]) * g_hat + mu[t + 1] * m_hat
        theta = theta - lr * m_bar / (np.sqrt(n_hat) + eps)
        path.append(theta)
    return np.array(path)
